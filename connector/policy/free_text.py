"""What people type for the ledger to keep: in words, signed with a plain name, pointing at nobody else."""

import re
from datetime import date

from connector.calendar import add_months
from connector.detect import IDENTIFYING, Type, types
from connector.errors import GallraError
from connector.placeholders import is_left_open
from connector.policy.file_format import read_period
from connector.policy.judge import end_of

LONGEST = 200
_SHAPED = re.compile(
    r"(?<!\d)(?:(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01])[-+]?\d{4}"
    r"|\d{2}(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01])[-+]\d{4})(?!\d)"
)
"""What has the shape of a personal number, whether or not its last digit is right: a slip is no excuse."""
_ABOUT = re.compile(r"([1-9][0-9]{0,3}) (day|month|year|dag|månad|år)(?:s|ar|er)?", re.IGNORECASE)
_UNITS = {"dag": "day", "månad": "month", "år": "year"}
REVIEW_MONTHS = 24
"""A hold is looked at again within two years, however long its cause may last."""

_NAMES = {
    Type.PERSONAL_NUMBER: "a personal number",
    Type.COORDINATION_NUMBER: "a coordination number",
    Type.BIRTH_DATE: "a birth date",
    Type.CARD_NUMBER: "a card number",
    Type.IBAN: "a bank account",
    Type.BANK_ACCOUNT: "a bank account",
    Type.EMAIL: "an e-mail address",
    Type.PHONE: "a phone number",
}


def said(text: str, option: str) -> str:
    """A text that must say something. Raises GallraError where it is empty or points at a person."""
    words = said_if_any(text, option)
    if not words:
        raise GallraError(f"{option} is empty. Say it in a few words. Nothing was done.")
    return words


def said_if_any(text: str, option: str) -> str:
    """A text that may be empty. Raises GallraError where it points at a person; never repeats it.

    So it does for a word that a line of Gallra's own left to be filled in: kept, it would be a false record.
    """
    words = " ".join(text.split())
    if is_left_open(words):
        raise GallraError(
            f"{option} says {words[:LONGEST]}. Put the real one in its place. Nothing was done."
        )
    if len(words) > LONGEST:
        raise GallraError(f"{option} is longer than {LONGEST} characters. Say it shorter. Nothing was done.")
    types_found = set(types(words) & IDENTIFYING)
    types_found |= {Type.PERSONAL_NUMBER} if _SHAPED.search(words) else set()
    found = sorted({_NAMES[type_] for type_ in types_found})
    if found:
        raise GallraError(
            f"{option} holds {' and '.join(found)}, and what is kept here must not. Leave it out: "
            "a plain name says who answers, an order number says what it is about. Nothing was done."
        )
    return words


def review_day(text: str, *, today: date) -> date:
    """The day of a review: a date, or a period from today. Raises GallraError for a past or far one."""
    day = _day(text, today)
    last = add_months(today, REVIEW_MONTHS)
    if not today < day <= last:
        raise GallraError(
            f"--review must come after today and no later than {last}. A hold may last longer: "
            "it never lapses by itself, it is only looked at again. Nothing was placed."
        )
    return day


def _day(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    if about := _ABOUT.fullmatch(text.strip()):
        unit = about[2].lower()
        number, unit = int(about[1]), _UNITS.get(unit, unit)
        text = f"{number * 12} months" if unit == "year" else f"{number} {unit}s"
    try:
        period = read_period(text)
    except ValueError:
        period = None
    if period is None or period.unit == "claims":
        raise GallraError(
            '--review is no day. Write YYYY-MM-DD, or a time from today such as "90 days" or "1 year", '
            'in Swedish "90 dagar" or "1 år".'
        )
    return end_of(period, today)
