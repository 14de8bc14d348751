"""Financial years and OSS periods as a settings file gives them."""

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from connector.about.refusing import Fault, refuse, refuse_all
from connector.about.values import DAY_REMEDY, read_day
from connector.calendar import LONGEST_MONTHS, OSS_BEGAN, last_of_month, months_begun

_DAY = re.compile(r"(\d\d)-(\d\d)")

Period = tuple[date, date]


class FinancialPeriods(BaseModel):
    """The financial years: listed, or regular from a year on."""

    model_config = ConfigDict(frozen=True)

    listed: tuple[Period, ...] = ()
    regular_from: int | None = None
    ends: tuple[int, int] | None = None

    def through(self, year: int) -> tuple[Period, ...]:
        """Every financial year that ends no later than this calendar year, and every listed one."""
        if self.regular_from is None or self.ends is None:
            return tuple(sorted(self.listed))
        years = range(self.regular_from, year + 1)
        return (*sorted(self.listed), *(_regular(year, self.ends) for year in years))


def read_financial_years(value: Any) -> Any:
    """[[start, end], …] or { ends = "MM-DD", from = 2014, before = [[start, end]] }; refuses bad years."""
    if isinstance(value, FinancialPeriods):
        return value
    if isinstance(value, dict):
        return _read_regular(value)
    periods = _read_periods(value)
    _check(periods)
    return FinancialPeriods(listed=periods)


_DAY_SCHEMA = {"type": "string", "format": "date"}


def _periods_schema(least: int) -> dict[str, Any]:
    """Periods as an editor checks them, each of one day or two."""
    period = {"type": "array", "items": _DAY_SCHEMA, "minItems": least, "maxItems": 2}
    return {"type": "array", "items": period}


_REGULAR_SCHEMA = {
    "type": "object",
    "properties": {
        "ends": {"type": "string", "pattern": "^[0-9]{2}-[0-9]{2}$"},
        "from": {"type": "integer", "minimum": 1990, "maximum": 2100},
        "before": _periods_schema(2),
    },
    "additionalProperties": False,
}
_YEARS_SCHEMA = WithJsonSchema({"anyOf": [_REGULAR_SCHEMA, _periods_schema(2)]})

Years = Annotated[FinancialPeriods, BeforeValidator(read_financial_years), _YEARS_SCHEMA]


def read_oss(value: Any) -> tuple[tuple[date, date | None], ...]:
    """Periods of OSS registration, [[from], [from, to]]; an empty list means never."""
    if not isinstance(value, list | tuple):
        raise refuse("must be a list of periods. Write [] for never, or [[2021-07-01]].")
    periods: list[tuple[date, date | None]] = []
    faults: list[Fault] = []
    for position, item in enumerate(value):
        try:
            periods.append(_read_oss_period(item))
        except ValueError as error:
            faults.append(Fault((position,), str(error)))
    periods.sort(key=lambda period: period[0])
    for first, second in pairwise(periods):
        if first[1] is None or first[1] >= second[0]:
            text = f"the period from {second[0]} begins before the one from {first[0]} ended. End the first."
            faults.append(Fault((), text))
    if faults:
        raise refuse_all(faults)
    return tuple(periods)


Oss = Annotated[
    tuple[tuple[date, date | None], ...], BeforeValidator(read_oss), WithJsonSchema(_periods_schema(1))
]


def _read_oss_period(item: Any) -> tuple[date, date | None]:
    days = _read_days(item, least=1)
    start, end = days[0], days[1] if len(days) > 1 else None
    if start < OSS_BEGAN:
        raise ValueError(f"OSS for goods began {OSS_BEGAN}. Write that day or a later one.")
    if end is not None and end < start:
        raise ValueError("ends before it starts. Swap the two dates.")
    return start, end


def _read_days(item: Any, *, least: int) -> list[date]:
    if not isinstance(item, list | tuple) or not least <= len(item) <= 2:
        raise ValueError("must be a period. Write [2026-01-01, 2026-12-31].")
    try:
        return [read_day(day) for day in item]
    except ValueError:
        raise ValueError(f"holds something that is no date. {DAY_REMEDY}") from None


def _read_periods(value: Any) -> tuple[Period, ...]:
    if not isinstance(value, list | tuple):
        remedy = 'Write [[2025-01-01, 2025-12-31], …] or { ends = "12-31", from = 2014 }.'
        raise refuse(f"must list the financial years. {remedy}")
    periods: list[Period] = []
    faults: list[Fault] = []
    for position, item in enumerate(value):
        try:
            start, end = _read_days(item, least=2)
        except ValueError as error:
            faults.append(Fault((position,), str(error)))
            continue
        periods.append((start, end))
    if faults:
        raise refuse_all(faults)
    return tuple(periods)


def _read_regular(value: dict[str, Any]) -> FinancialPeriods:
    faults = [
        Fault((key,), "unknown key. Known here: ends, from, before.")
        for key in value
        if key not in {"ends", "from", "before"}
    ]
    ends = _read_ends(value.get("ends"), faults)
    first = value.get("from")
    if type(first) is not int or not 1990 <= first <= 2100:
        faults.append(Fault(("from",), "must be the year in which the first one ended. Write from = 2014."))
    before: tuple[Period, ...] = ()
    try:
        before = _read_periods(value.get("before", []))
    except ValueError:
        faults.append(Fault(("before",), "must list periods. Write [[2013-05-01, 2013-12-31]]."))
    if faults or ends is None or type(first) is not int:
        raise refuse_all(faults)
    _check((*before, _regular(first, ends)), one_file_key="before")
    return FinancialPeriods(listed=before, regular_from=first, ends=ends)


def _read_ends(value: Any, faults: list[Fault]) -> tuple[int, int] | None:
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    try:
        if found:
            # 2024 is a leap year: "02-29" is taken and means the last of February.
            day = date(2024, int(found.group(1)), int(found.group(2)))
            if (day + timedelta(days=1)).day == 1 or value == "02-28":
                return day.month, day.day
    except ValueError:
        pass
    faults.append(Fault(("ends",), 'must be the last day of a month. Write ends = "12-31".'))
    return None


def _regular(year: int, ends: tuple[int, int]) -> Period:
    return last_of_month(year - 1, ends[0]) + timedelta(days=1), last_of_month(year, ends[0])


def _check(periods: tuple[Period, ...], *, one_file_key: str = "") -> None:
    """Raises where years overlap, leave a gap, run backwards or are longer than the law allows."""
    faults: list[Fault] = []

    def add(position: int, text: str) -> None:
        faults.append(Fault((one_file_key,) if one_file_key else (position,), text))

    for position, (start, end) in enumerate(periods):
        if end < start:
            add(position, "ends before it starts. Swap the two dates.")
        elif months_begun(start, end) > LONGEST_MONTHS:
            add(position, f"is longer than {LONGEST_MONTHS} months (BFL 3:3). Split it into its real years.")
    order = sorted(range(len(periods)), key=lambda position: periods[position][0])
    for first, second in pairwise(order):
        next_day = periods[first][1] + timedelta(days=1)
        if periods[second][0] < next_day:
            add(second, f"overlaps the year that ends {periods[first][1]}. Start it {next_day}.")
        elif periods[second][0] > next_day:
            add(second, f"leaves a gap after {periods[first][1]}. Start it {next_day}, or add a year.")
    if faults:
        raise refuse_all(faults)
