"""What people type for the ledger: said in words, pointing at nobody."""

from datetime import date

import pytest

from connector.errors import GallraError
from connector.policy.free_text import LONGEST, review_day, said, said_if_any

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("text", ["", "   ", "\t\n"])
def test_what_must_be_said_is_never_empty(text: str) -> None:
    with pytest.raises(GallraError, match="--reason is empty"):
        said(text, "--reason")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("ask anna@kund.example", "an e-mail address"),
        ("personnr 19850312-2384", "a personal number"),
        ("850312-2384 called", "a personal number"),
        ("198503122384", "a personal number"),
        ("call 070-174 06 12", "a phone number"),
        ("card 4111 1111 1111 1111", "a card number"),
    ],
)
def test_what_points_at_a_person_is_refused_by_its_type_and_not_repeated(text: str, what: str) -> None:
    with pytest.raises(GallraError) as caught:
        said(text, "--by")
    assert what in str(caught.value)
    assert not any(word in str(caught.value) for word in text.split() if any(c.isdigit() for c in word))


@pytest.mark.parametrize(
    "text",
    [
        "Disa Demo",
        "Anna-Karin Öst, owner",
        "Complaint on order 1042 not settled",
        "Claim of 2024-03-12 in court, case T 1234-24",
        "Tvist med 556677-8899",
        "Mail of 2026-11-20, filed as 2026/114",
    ],
)
def test_plain_names_order_numbers_days_and_companies_are_let_through(text: str) -> None:
    assert said(text, "--reason") == text


def test_white_space_at_the_ends_and_line_breaks_are_not_kept() -> None:
    assert said("  Disa \n Demo ", "--by") == "Disa Demo"


def test_what_may_be_empty_still_points_at_nobody() -> None:
    assert said_if_any("", "--evidence") == ""
    with pytest.raises(GallraError, match="--evidence holds an e-mail address"):
        said_if_any("anna@kund.example", "--evidence")


def test_a_text_is_at_most_two_hundred_characters() -> None:
    assert said("a" * LONGEST, "--reason")
    with pytest.raises(GallraError, match="longer than 200"):
        said("a" * (LONGEST + 1), "--reason")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-23", date(2026, 11, 23)),
        ("2028-11-22", date(2028, 11, 22)),
        ("90 days", date(2027, 2, 20)),
        ("6 months", date(2027, 5, 22)),
        ("24 months", date(2028, 11, 22)),
        ("1 month", date(2026, 12, 22)),
        ("1 day", date(2026, 11, 23)),
        ("1 year", date(2027, 11, 22)),
        ("2 years", date(2028, 11, 22)),
    ],
)
def test_a_review_is_a_day_or_a_time_from_today_within_two_years(text: str, day: date) -> None:
    assert review_day(text, today=TODAY) == day


@pytest.mark.parametrize(
    "text", ["2020-01-31", "2026-11-22", "2028-11-23", "2099-01-31", "0 days", "25 months"]
)
def test_a_review_that_is_past_or_far_off_is_refused(text: str) -> None:
    with pytest.raises(GallraError, match="after today and no later than 2028-11-22"):
        review_day(text, today=TODAY)


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "claims", "6 months ago", "half a year"])
def test_a_review_that_is_no_day_says_how_it_is_written(text: str) -> None:
    with pytest.raises(GallraError, match="YYYY-MM-DD, or a time"):
        review_day(text, today=TODAY)


def test_a_bank_account_does_not_enter_the_ledger() -> None:
    with pytest.raises(GallraError, match="a bank account"):
        said("återbetalt till konto 5011-1234567", "--reason")


@pytest.mark.parametrize(("text", "option"), [("NAME", "--by"), ("ROLE", "--role"), ("HOW", "--how")])
def test_a_word_left_over_from_a_printed_line_is_no_name(text: str, option: str) -> None:
    with pytest.raises(GallraError, match=f"{option} says {text}"):
        said(text, option)


@pytest.mark.parametrize("pair", [("6 månader", "6 months"), ("90 dagar", "90 days"), ("1 år", "1 year")])
def test_a_time_to_the_next_look_is_read_in_swedish_too(pair: tuple[str, str]) -> None:
    swedish, english = pair
    assert review_day(swedish, today=TODAY) == review_day(english, today=TODAY)
