"""What no rule names is said by verify, explain and the protocol alike, with its place in full."""

from datetime import date

import pytest

from connector.records import Kind, Surprise
from connector.report.explanation.document import terminal
from connector.report.explanation.model import Explanation
from connector.report.protocol.document import told_blocks
from connector.report.protocol.model import ReadBack
from connector.report.protocol.sentences import TOLD_AT_ONCE, told_lines
from connector.report.shared import Language, SurpriseView
from connector.report.words import Words

QUESTION = "Vilket telefonnummer når vi den som tar emot buketten på om ingen öppnar dörren?"
FOUND = SurpriseView(code="unknown_key:phone", place=f"meta:{QUESTION}", count=3)


def test_verify_says_it_on_a_line_of_its_own() -> None:
    first, last = told_lines(ReadBack(clean=3, told=(FOUND,)))
    assert QUESTION in first
    assert "3 of the records" in first
    assert "platform.order_meta" in last


def test_verify_says_nothing_where_every_key_is_named() -> None:
    assert list(told_lines(ReadBack(clean=3))) == []


def test_verify_counts_what_it_does_not_list() -> None:
    many = tuple(SurpriseView(code="unknown_key:name", place=f"meta:k{at}", count=1) for at in range(60))
    assert f"… and {60 - TOLD_AT_ONCE} more" in " ".join(told_lines(ReadBack(clean=1, told=many)))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_explain_says_it_of_its_record(language: Language) -> None:
    told = (Surprise(code="unknown_key:phone", place=f"meta:{QUESTION}"),)
    view = Explanation(kind=Kind.ORDER, number="7", today=date(2026, 1, 1), told=told)
    assert QUESTION in terminal(view, language=language, width=400)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_protocol_lists_it_beside_what_was_read_back(language: Language) -> None:
    blocks = told_blocks(ReadBack(clean=3, told=(FOUND,)), Words(language))
    assert QUESTION in repr(blocks)
    assert told_blocks(ReadBack(clean=3), Words(language)) == ()
