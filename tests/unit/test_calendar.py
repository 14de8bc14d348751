"""Calendar arithmetic: schedule §2 and its test vectors."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.calendar import (
    FinancialYears,
    add_months,
    bookkeeping_floor,
    claims_end,
    deadline,
    next_working_day,
    oss_floor,
    tax_floor,
    to_date,
)

DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))


def d(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2025-12-31T23:30Z", "2026-01-01"),
        ("2026-06-30T22:30Z", "2026-07-01"),
        ("2026-06-30T21:59:59Z", "2026-06-30"),
        ("2025-12-31T22:59:59Z", "2025-12-31"),
        ("2026-01-01T00:15:00+01:00", "2026-01-01"),
        ("2025-12-31T18:30:00-05:00", "2026-01-01"),
        ("2025-12-31T23:30:00", "2025-12-31"),
        ("2025-12-31 23:30", "2025-12-31"),
        (" 2024-02-29 ", "2024-02-29"),
        ("2026-03-29T00:59:59Z", "2026-03-29"),
        ("2026-03-29T02:30:00", "2026-03-29"),
        ("2025-10-25T21:59:59Z", "2025-10-25"),
        ("2025-10-25T22:00:00Z", "2025-10-26"),
        ("2025-10-26T23:00:00Z", "2025-10-27"),
    ],
)
def test_every_moment_becomes_its_stockholm_date(moment: str, expected: str) -> None:
    assert to_date(moment) == d(expected)


def test_dates_and_moments_are_taken_as_they_are() -> None:
    assert to_date(d("2024-02-29")) == d("2024-02-29")
    assert to_date(datetime(2025, 12, 31, 23, 30)) == d("2025-12-31")
    assert to_date(datetime(2025, 12, 31, 23, 30, tzinfo=timezone.utc)) == d("2026-01-01")  # noqa: UP017


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13-01", "0000-00-00", "2023-02-29", "9999-12-31"])
def test_what_is_no_date_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|correct"):
        to_date(text)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-11-22", 24, "2027-11-22"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2025-08-31", -6, "2025-02-28"),
    ],
)
def test_months_are_added_to_the_original_day(start: str, months: int, expected: str) -> None:
    assert add_months(d(start), months) == d(expected)


@pytest.mark.parametrize(
    ("delivered", "expected"),
    [("2024-02-29", "2027-05-13"), ("2023-08-31", "2026-11-14"), ("2024-12-30", "2028-03-14")],
)
def test_claims_end_three_years_two_months_and_a_fortnight_on(delivered: str, expected: str) -> None:
    assert claims_end(d(delivered)) == d(expected)


@pytest.mark.parametrize(
    ("ends", "event", "expected"),
    [
        ("12-31", "2019-01-01", "2026-12-31"),
        ("12-31", "2018-12-31", "2025-12-31"),
        ("06-30", "2024-03-15", "2031-12-31"),
        ("06-30", "2024-07-01", "2032-12-31"),
        ("08-31", "2024-08-31", "2031-12-31"),
        ("08-31", "2024-09-01", "2032-12-31"),
        ("06-30", "2023-06-30", "2030-12-31"),
        ("02-29", "2023-02-28", "2030-12-31"),
        ("02-29", "2023-03-01", "2031-12-31"),
    ],
)
def test_the_bookkeeping_floor_counts_from_the_year_in_which_the_financial_year_ended(
    ends: str, event: str, expected: str
) -> None:
    years = FinancialYears.ending(ends, 2015, 2030)
    assert bookkeeping_floor([d(event)], years) == d(expected)


def test_the_latest_of_several_events_decides_the_floor() -> None:
    years = FinancialYears.ending("12-31", 2015, 2030)
    assert bookkeeping_floor([d("2026-01-03"), d("2025-12-30")], years) == d("2033-12-31")


def test_the_floor_is_unknown_without_events_or_outside_the_listed_years() -> None:
    years = FinancialYears(years=((d("2024-01-01"), d("2024-12-31")), (d("2025-02-01"), d("2026-06-30"))))
    assert bookkeeping_floor([], years) is None
    for outside in ("2023-12-31", "2025-01-15", "2026-07-01"):
        assert bookkeeping_floor([d("2024-05-01"), d(outside)], years) is None
    assert bookkeeping_floor([d("2025-02-01")], years) == d("2033-12-31")


def test_oss_evidence_stays_ten_years_and_tax_evidence_seven() -> None:
    assert oss_floor(d("2024-03-15")) == d("2034-12-31")
    assert oss_floor(d("2025-12-31")) == d("2035-12-31")
    assert tax_floor(d("2024-03-15")) == d("2031-12-31")


def test_financial_years_that_overlap_or_run_backwards_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        FinancialYears(years=((d("2024-01-01"), d("2024-12-31")), (d("2024-12-31"), d("2025-12-31"))))
    with pytest.raises(ValueError, match="swap"):
        FinancialYears(years=((d("2024-12-31"), d("2024-01-01")),))


@pytest.mark.parametrize(("ends", "meant"), [("06-15", "06-30"), ("12-30", "12-31"), ("02-27", "02-29")])
def test_an_end_within_a_month_is_refused_with_the_months_last_day(ends: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f'BFL 3:1.*write "{meant}"'):
        FinancialYears.ending(ends, 2020, 2021)


def test_a_financial_year_of_eighteen_months_is_the_longest() -> None:
    long = (d("2025-01-01"), d("2026-06-30"))
    assert FinancialYears(years=(long,)).year_of(d("2026-06-30")) == long
    with pytest.raises(ValueError, match=r"from 2025-01-01 to 2026-07-01 is longer than 18 months"):
        FinancialYears(years=((d("2025-01-01"), d("2026-07-01")),))


@pytest.mark.parametrize("ends", ["13-01", "06-31", "june", "06", "02-30", "", "6-30", "06-30-01", "٠٦-٣٠"])
def test_an_end_that_is_no_day_of_the_year_is_refused(ends: str) -> None:
    with pytest.raises(ValueError, match="no day of the year"):
        FinancialYears.ending(ends, 2020, 2021)


@pytest.mark.parametrize(
    ("received", "first", "outer"),
    [
        ("2026-01-31", "2026-02-28", "2026-03-02"),
        ("2024-01-31", "2024-02-29", "2024-02-29"),
        ("2026-11-25", "2026-12-25", "2026-12-28"),
        ("2026-03-03", "2026-04-03", "2026-04-07"),
        ("2026-05-06", "2026-06-06", "2026-06-08"),
        ("2025-12-01", "2026-01-01", "2026-01-02"),
        ("2026-05-19", "2026-06-19", "2026-06-19"),  # Midsummer Eve counts as a working day
        ("2026-11-24", "2026-12-24", "2026-12-24"),  # Christmas Eve too
    ],
)
def test_a_request_is_answered_in_a_month_moved_past_days_off(received: str, first: str, outer: str) -> None:
    found = deadline(d(received))
    assert (found.deadline, found.outer_limit) == (d(first), d(outer))
    assert found.extended == add_months(d(received), 3)


@given(DAYS)
def test_a_working_day_is_never_before_the_day_itself(day: date) -> None:
    found = next_working_day(day)
    assert day <= found <= day + timedelta(days=6)
    assert found.weekday() < 5


@given(DAYS, st.integers(0, 240))
def test_adding_months_lands_in_the_month_meant(day: date, months: int) -> None:
    found = add_months(day, months)
    assert found.year * 12 + found.month == day.year * 12 + day.month + months
    assert found.day <= day.day


@given(DAYS, DAYS)
def test_a_later_delivery_never_ends_claims_earlier(one: date, other: date) -> None:
    first, second = sorted((one, other))
    assert claims_end(first) <= claims_end(second)


@given(DAYS, st.sampled_from(["12-31", "06-30", "08-31", "02-29", "04-30"]))
def test_the_bookkeeping_floor_is_never_less_than_seven_years_after_the_event(day: date, ends: str) -> None:
    years = FinancialYears.ending(ends, 1949, 2152)
    floor = bookkeeping_floor([day], years)
    assert floor is not None
    assert (floor.month, floor.day) == (12, 31)
    assert 7 <= floor.year - day.year <= 8
