"""The types that settings of adapters are made of."""

import re
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, StrictStr

from connector.about.refusing import refuse
from connector.calendar import to_date
from connector.placeholders import is_left_open
from connector.places.catalogue import HARMLESS
from connector.records import Field as RecordField

DAY_REMEDY = "Write it as 2026-12-31."
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _filled_in(value: str) -> str:
    if is_left_open(value):
        raise refuse(f"still says {value[:40]}. Put the real one in its place, or take the line out.")
    return value


Text = Annotated[StrictStr, Field(min_length=1), AfterValidator(_filled_in)]


def read_day(value: Any) -> date:
    """A day, from a TOML date or a text such as "2026-12-31"."""
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        value = _as_date(value)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise refuse(f"not a date. {DAY_REMEDY}")
    try:
        return to_date(value)
    except ValueError:
        raise refuse(f"not a date. {DAY_REMEDY}") from None


def _as_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


Day = Annotated[date, BeforeValidator(read_day)]


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refuse("is no time zone. Write the shop's own, such as Europe/Stockholm.") from None
    return value


TimeZone = Annotated[StrictStr, AfterValidator(_timezone)]


def _holds(value: str) -> str:
    if value != HARMLESS and value not in set(RecordField):
        known = ", ".join(map(str, RecordField))
        raise refuse(f"is no field. Write one of {known}, or {HARMLESS}.")
    return value


Holds = Annotated[StrictStr, AfterValidator(_holds)]
"""What a key of a shop holds: a field, or the word for none."""
