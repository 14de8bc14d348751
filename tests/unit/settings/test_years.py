"""Financial years and OSS periods: what is taken, what is refused, and how far they reach."""

from datetime import date, datetime
from typing import Any

import pytest

from connector.about.refusing import Fault
from connector.about.values import read_day
from connector.settings.years import FinancialPeriods, read_financial_years, read_oss


def faults(error: pytest.ExceptionInfo[ValueError]) -> tuple[Fault, ...]:
    carried: tuple[Fault, ...] = error.value.context["faults"]  # type: ignore[attr-defined]
    return carried


def year(*days: str) -> list[date]:
    return [date.fromisoformat(day) for day in days]


def test_regular_years_reach_through_the_year_asked_for() -> None:
    years = read_financial_years({"ends": "06-30", "from": 2024})
    assert years.through(2025) == (
        (date(2023, 7, 1), date(2024, 6, 30)),
        (date(2024, 7, 1), date(2025, 6, 30)),
    )


@pytest.mark.parametrize("ends", ["02-28", "02-29"])
def test_years_that_end_in_february_end_on_its_last_day(ends: str) -> None:
    years = read_financial_years({"ends": ends, "from": 2024}).through(2025)
    assert years == ((date(2023, 3, 1), date(2024, 2, 29)), (date(2024, 3, 1), date(2025, 2, 28)))


def test_odd_years_stand_before_the_regular_ones() -> None:
    before = [year("2019-05-02", "2020-08-31")]
    years = read_financial_years({"ends": "08-31", "from": 2021, "before": before})
    assert years.through(2021) == (
        (date(2019, 5, 2), date(2020, 8, 31)),
        (date(2020, 9, 1), date(2021, 8, 31)),
    )


def test_listed_years_stand_as_they_are_in_order() -> None:
    listed = [year("2021-01-01", "2021-12-31"), year("2019-07-01", "2020-12-31")]
    years = read_financial_years(listed)
    assert years.through(2030) == (
        (date(2019, 7, 1), date(2020, 12, 31)),
        (date(2021, 1, 1), date(2021, 12, 31)),
    )


def test_years_may_be_written_as_texts() -> None:
    assert read_financial_years([["2021-01-01", "2021-12-31"]]).listed == (
        (date(2021, 1, 1), date(2021, 12, 31)),
    )


@pytest.mark.parametrize(
    ("value", "where", "word"),
    [
        ([year("2021-01-01", "2022-07-01")], (0,), "longer than 18 months"),
        ([year("2021-12-31", "2021-01-01")], (0,), "ends before it starts"),
        ([year("2021-01-01", "2021-12-31"), year("2021-12-31", "2022-12-30")], (1,), "overlaps"),
        ([year("2021-01-01", "2021-12-31"), year("2022-01-02", "2022-12-31")], (1,), "gap after 2021-12-31"),
        ([year("2021-01-01")], (0,), "must be a period"),
        ([["2021-01-01", "2021-13-01"]], (0,), "no date"),
        ([[2021, 2022]], (0,), "no date"),
        ("2021", (), "must list the financial years"),
        ({"ends": "12-31", "from": "2014"}, ("from",), "Write from = 2014"),
        ({"ends": "12-30", "from": 2014}, ("ends",), "last day of a month"),
        ({"ends": "13-31", "from": 2014}, ("ends",), "last day of a month"),
        ({"from": 2014}, ("ends",), "last day of a month"),
        ({"ends": "12-31", "from": 2014, "til": 2020}, ("til",), "unknown key"),
        (
            {"ends": "12-31", "from": 2014, "before": [year("2012-01-01", "2012-12-31")]},
            ("before",),
            "leaves a gap",
        ),
        ({"ends": "12-31", "from": 2014, "before": [1]}, ("before",), "must list periods"),
    ],
)
def test_years_that_cannot_be_are_refused_with_a_remedy(
    value: Any, where: tuple[Any, ...], word: str
) -> None:
    with pytest.raises(ValueError, match="fault") as caught:
        read_financial_years(value)
    (fault,) = faults(caught)
    assert fault.where == where
    assert word in fault.text
    assert fault.text.endswith(".")


def test_a_year_of_exactly_eighteen_months_is_taken() -> None:
    assert read_financial_years([year("2020-07-01", "2021-12-31")]).listed


def test_every_fault_of_the_years_is_told_at_once() -> None:
    too_long, overlapping = year("2019-01-01", "2021-12-31"), year("2021-06-01", "2022-05-31")
    value = [too_long, overlapping, year("2023-01-01", "2023-12-31")]
    with pytest.raises(ValueError, match="3 faults") as caught:
        read_financial_years(value)
    assert [fault.where for fault in faults(caught)] == [(0,), (1,), (2,)]


def test_no_years_are_no_years() -> None:
    assert FinancialPeriods().through(2030) == ()


NO_DAYS = [2024, True, datetime(2024, 1, 1), "2024", "20240101", "2024-02-30", None, 1.5]


@pytest.mark.parametrize("value", NO_DAYS)
def test_what_is_no_day_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="fault"):
        read_day(value)


def test_a_day_of_another_age_is_refused() -> None:
    with pytest.raises(ValueError, match="fault"):
        read_day(date(202, 1, 1))


def test_oss_periods_stand_in_order_and_may_be_open() -> None:
    value = [year("2024-01-01"), year("2021-07-01", "2022-12-31")]
    assert read_oss(value) == ((date(2021, 7, 1), date(2022, 12, 31)), (date(2024, 1, 1), None))


@pytest.mark.parametrize(
    ("value", "where", "word"),
    [
        ([year("2021-06-30")], (0,), "OSS for goods began 2021-07-01"),
        ([year("2022-01-01", "2021-12-31")], (0,), "ends before it starts"),
        ([year("2022-01-01"), year("2023-01-01")], (), "End the first"),
        ([year("2022-01-01", "2023-01-01"), year("2023-01-01")], (), "End the first"),
        ([[]], (0,), "must be a period"),
        ([["soon"]], (0,), "no date"),
        (True, (), "must be a list of periods"),
    ],
)
def test_oss_periods_that_cannot_be_are_refused(value: Any, where: tuple[Any, ...], word: str) -> None:
    with pytest.raises(ValueError, match="fault") as caught:
        read_oss(value)
    (fault,) = faults(caught)
    assert fault.where == where
    assert word in fault.text
