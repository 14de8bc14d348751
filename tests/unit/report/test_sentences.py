"""The closing sentences that scripts look for."""

import pytest

from connector.plan import Totals
from connector.report.drawn import html, plan_sentence, terminal, verified_sentence
from connector.report.protocol.model import ReadBack
from connector.report.shared import LANGUAGES
from connector.report.translated import translated
from tests.unit.report.examples import DRY_RUN, EMPTY_DRY_RUN, PROTOCOL

PLAN = (
    "Plan: 31 to delete, 118 to redact, 3 on hold, 412 kept by law, "
    "4436 nothing due, of 5000 records; 2 by hand."
)
VERIFIED = "Verified: 149 read back, 149 clean, 0 with data left, 12 accepted, 31 notified, 4 by hand."


def test_the_plan_sentence_is_exact() -> None:
    totals = Totals(delete=31, redact=118, held=3, kept_by_law=412, nothing_due=4436, by_hand=2)
    assert plan_sentence(totals) == PLAN


@pytest.mark.parametrize(("rectifies", "word"), [(True, "rectified"), (False, "restored")])
def test_what_was_put_right_and_what_was_put_back_have_each_their_word(rectifies: bool, word: str) -> None:
    other = {"rectified": "restored", "restored": "rectified"}[word]
    told = verified_sentence(ReadBack(restored=2, not_restored=1, rectifies=rectifies))
    assert f"0 with data left, 2 {word}, 1 not {word}, " in told
    assert other not in told
    swedish = translated(told, "sv")
    assert word not in swedish
    assert {"rectified": "2 rättade, 1 inte rättade", "restored": "2 återställda, 1 inte"}[word] in swedish


def test_the_verified_sentence_is_exact() -> None:
    assert verified_sentence(ReadBack(clean=149, accepted=12, notified=31, by_hand=4)) == VERIFIED


def test_read_is_what_was_clean_and_what_was_left() -> None:
    assert verified_sentence(ReadBack(clean=5, left=2)).startswith("Verified: 7 read back, 5 clean, 2 with")


def test_by_hand_is_left_out_of_the_sum_of_records() -> None:
    assert Totals(redact=3, by_hand=2).records == 3


def test_totals_of_kinds_add_up_to_those_of_the_shop() -> None:
    assert DRY_RUN.totals == Totals(
        delete=31, redact=118, held=3, kept_by_law=412, nothing_due=4436, by_hand=2
    )


def test_the_last_line_is_english_in_every_language_and_at_any_width() -> None:
    for language in LANGUAGES:
        for width in (30, 80, 200):
            plan = terminal(DRY_RUN, language=language, width=width, colour=False)
            done = terminal(PROTOCOL, language=language, width=width, colour=False)
            assert plan.splitlines()[-1] == PLAN
            assert done.splitlines()[-1] == VERIFIED


def test_the_page_ends_with_the_sentence_in_english_in_both_languages() -> None:
    assert html(DRY_RUN).count(f'<p class="sentence" lang="en">{PLAN}</p>') == 2


def test_an_empty_shop_has_a_sentence_of_zeros() -> None:
    assert plan_sentence(EMPTY_DRY_RUN.totals).startswith(
        "Plan: 0 to delete, 0 to redact, 0 on hold, 0 kept by law"
    )
