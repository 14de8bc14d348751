"""Numbers, dates and moments as each language writes them."""

from datetime import UTC, date, datetime

import pytest

from connector.report.words import Words


def test_swedish_parts_thousands_with_an_unbreakable_space() -> None:
    assert Words("sv").number(4436) == "4\u00a0436"


def test_english_parts_thousands_with_a_comma() -> None:
    assert Words("en").number(4436) == "4,436"


def test_a_share_keeps_one_decimal_with_the_languages_sign() -> None:
    assert (Words("sv").number(3.9), Words("en").number(3.9)) == ("3,9", "3.9")


def test_one_is_counted_in_the_singular() -> None:
    words = Words("sv")
    assert (words.count("records", 1), words.count("records", 2)) == ("1 post", "2 poster")


def test_a_moment_is_shown_in_stockholm_even_across_new_year() -> None:
    moment = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    assert Words("sv").moment(moment) == "2026-01-01 00:30 (Europe/Stockholm)"


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Words("sv").moment(datetime(2026, 1, 1))


def test_a_date_is_iso_in_both_languages() -> None:
    day = date(2026, 3, 9)
    assert Words("sv").day(day) == Words("en").day(day) == "2026-03-09"


def test_a_date_in_running_text_is_spelled_out() -> None:
    day = date(2026, 11, 29)
    assert Words("sv").long_day(day) == "29 november 2026"
    assert Words("en").long_day(day) == "29 November 2026"


def test_a_span_of_one_day_is_that_day() -> None:
    day = date(2026, 3, 9)
    assert Words("sv").span(day, day) == "2026-03-09"


def test_a_span_with_an_unknown_end_shows_the_known_one() -> None:
    assert Words("sv").span(None, date(2026, 3, 9)) == "2026-03-09"
