"""Swedish calendar arithmetic: dates, financial years, floors, deadlines (schedule §2: docs/law.md)."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

from connector.records import Value

STOCKHOLM = ZoneInfo("Europe/Stockholm")
"""The zone in which every timestamp becomes a date (schedule §2.1)."""

CLAIM_MONTHS, NOTICE_MONTHS, POST_DAYS = 36, 2, 14
"""Liability (KKL 4:14), time to complain (KKL 5:2), late post and holidays (KKL 8:6, lag 1930:173)."""

BOOKKEEPING_YEARS, OSS_YEARS, TAX_YEARS = 7, 10, 7
"""BFL 7:2, ML 22:76–77 and SFF 9:1."""

LONGEST_MONTHS = 18
"""The longest financial year, BFL 3:3."""

OSS_BEGAN = date(2021, 7, 1)
"""The first day of the union scheme for goods (schedule §2.6)."""

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Dates outside these years are typing errors; the arithmetic stays far from the calendar's end."""


def to_date(value: str | datetime | date) -> date:
    """The Stockholm date of a moment; text is ISO 8601, and without an offset it is Stockholm's.

    Raises ValueError where the text is no date or the year lies outside 1900 to 2199.
    """
    moment = _parse(value) if isinstance(value, str) else value
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"a year outside {FIRST_YEAR} to {LAST_YEAR}: correct the date at its source")
    if not isinstance(moment, datetime):
        return moment
    return (moment if moment.tzinfo is None else moment.astimezone(STOCKHOLM)).date()


def _parse(text: str) -> date:
    text = text.strip()
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("not an ISO 8601 date or time: write 2026-12-31 or 2026-12-31T23:30Z") from None


def last_of_month(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def add_months(d: date, n: int) -> date:
    """The same day number n months on, or the month's last day where it is missing (schedule §2.3)."""
    year, month = divmod(d.year * 12 + d.month - 1 + n, 12)
    if d.day <= 28:
        return date(year, month + 1, d.day)
    return date(year, month + 1, min(d.day, last_of_month(year, month + 1).day))


def claims_end(delivered: date) -> date:
    """The last day on which a buyer's claim can still arrive in time (schedule §2.4)."""
    stepwise = add_months(add_months(delivered, CLAIM_MONTHS), NOTICE_MONTHS)
    at_once = add_months(delivered, CLAIM_MONTHS + NOTICE_MONTHS)
    return max(stepwise, at_once) + timedelta(days=POST_DAYS)


class FinancialYears(Value, frozen=True, kw_only=True):
    """The actual financial years, first and last day inclusive; short and long ones too (BFL 3:1, 3:3)."""

    years: tuple[tuple[date, date], ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError where years run backwards, overlap, are too long or stand out of order."""
        if any(start > end for start, end in self.years):
            raise ValueError("a financial year ends before it starts: swap its dates")
        for start, end in self.years:
            if months_begun(start, end) > LONGEST_MONTHS:
                raise ValueError(
                    f"the financial year from {start} to {end} is longer than {LONGEST_MONTHS} months "
                    "(BFL 3:3): split it into its real years"
                )
        if any(first[1] >= second[0] for first, second in pairwise(self.years)):
            raise ValueError("financial years overlap or stand out of order: list them oldest first")

    @classmethod
    def ending(cls, ends: str, from_year: int, to_year: int) -> "FinancialYears":
        """Twelve-month years that end on MM-DD of each of these years; 02-29 is February's last day.

        So is 02-28. Raises ValueError where `ends` is the last day of no month.
        """
        month = _last_month(ends)
        lasts = [last_of_month(year, month) for year in range(from_year - 1, to_year + 1)]
        return cls(years=tuple((first + timedelta(days=1), last) for first, last in pairwise(lasts)))

    def year_of(self, d: date) -> tuple[date, date] | None:
        """The listed year that holds this day, or None."""
        position = bisect_right(self.years, d, key=lambda year: year[0]) - 1
        return self.years[position] if position >= 0 and d <= self.years[position][1] else None


_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")


def _last_month(ends: str) -> int:
    """The month at whose end a financial year ends: it is made of whole months (BFL 3:1)."""
    found = _MONTH_DAY.fullmatch(ends)
    try:
        # A leap year, so that 02-29 is a day.
        day = date(2024, int(found.group(1)), int(found.group(2))) if found else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError('`ends` is no day of the year: write it as "06-30"')
    if day != last_of_month(2024, day.month) and ends != "02-28":
        raise ValueError(
            "`ends` is not the last day of a month, and a financial year ends on one (BFL 3:1): "
            f'write "{last_of_month(2024, day.month):%m-%d}" if it ends in that month'
        )
    return day.month


def months_begun(start: date, end: date) -> int:
    """Whole months begun from the first to the last day."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months + (1 if end.day >= start.day else 0)


def bookkeeping_floor(events: Iterable[date], years: FinancialYears) -> date | None:
    """F1: 31 December of the seventh year after the latest financial year touched (BFL 7:2).

    None where there is no event, or one of them lies in no listed year.
    """
    touched = [years.year_of(event) for event in events]
    if not touched or None in touched:
        return None
    return date(max(year[1] for year in touched if year).year + BOOKKEEPING_YEARS, 12, 31)


def oss_floor(supplied: date) -> date:
    """F2: 31 December of the tenth year after the supply (ML 22:76–77)."""
    return date(supplied.year + OSS_YEARS, 12, 31)


def tax_floor(d: date) -> date:
    """F3: 31 December of the seventh year after the calendar year concerned (SFF 9:1)."""
    return date(d.year + TAX_YEARS, 12, 31)


class Deadline(Value, frozen=True, kw_only=True):
    """When a person's request must be answered: the day to aim at, the last lawful day, the extended one."""

    deadline: date
    outer_limit: date
    extended: date


def deadline(received: date) -> Deadline:
    """One month from receipt, moved past weekends and holidays; three months where notice was given.

    GDPR 12(3), counted as in Reg. 1182/71 art. 3. Eves are counted as working days (schedule §2.10).
    """
    month = add_months(received, 1)
    return Deadline(deadline=month, outer_limit=next_working_day(month), extended=add_months(received, 3))


def next_working_day(d: date) -> date:
    """This day, or the first one after it that is no Saturday, Sunday or Swedish public holiday."""
    swedish = holidays.country_holidays("SE", include_sundays=False)
    while d.weekday() >= 5 or d in swedish:
        d += timedelta(days=1)
    return d
