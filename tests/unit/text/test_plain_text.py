"""What others wrote reaches no terminal raw."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.text.plain_text import LONGEST, said


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("#1042", "#1042"),
        ("Åsa Öberg, Malmö", "Åsa Öberg, Malmö"),
        ("\x1b[31m1042\x1b[0m", "[31m1042[0m"),
        ("\x9b2J1042", "2J1042"),
        ("1042\r\nSubject: x", "1042 Subject: x"),
        ("1\u2028 2\u20293\x854", "1 2 3 4"),
        ("\u202e2401\u202c", "2401"),
        ("10\u200b42\ufeff", "1042"),
        ("10\u2066\u206942\u061c", "1042"),
        ("a\udc1bb", "ab"),
        ("\u3164\u115f", ""),
        ("", ""),
    ],
)
def test_controls_and_direction_marks_are_taken_out(raw: str, shown: str) -> None:
    assert said(raw) == shown


def test_a_number_is_said_as_it_is() -> None:
    assert said(1042) == "1042"


@pytest.mark.parametrize("length", [LONGEST + 1, 1_000_000])
def test_a_long_text_is_cut_and_shows_that_it_was(length: int) -> None:
    assert said("x" * length) == "x" * (LONGEST - 1) + "…"


def test_a_text_hidden_behind_a_million_marks_is_not_looked_for() -> None:
    assert said("\u202e" * 1_000_000 + "x") == "…"


@given(st.text(alphabet=st.characters(), max_size=300))
def test_whatever_was_written_it_is_one_short_line_that_hides_nothing(text: str) -> None:
    shown = said(text)
    assert len(shown) <= LONGEST
    assert shown.splitlines() in ([], [shown])
    assert not [one for one in shown if unicodedata.category(one)[0] == "C"]
    assert said(shown) == shown
