"""What a person may ask of a shop that keeps their data, and by when it must be answered (GDPR 12–22)."""

from datetime import date, timedelta
from enum import IntEnum, StrEnum
from typing import Literal

import holidays

from connector.calendar import add_months, deadline
from connector.records import HoldId, Value


class RequestKind(StrEnum):
    """What is asked for: GDPR 15, 17, 16, 21, 18, 20; what is lacking (16), and to be made anonymous."""

    ACCESS = "access"
    ERASE = "erase"
    RECTIFY = "rectify"
    OBJECT = "object"
    RESTRICT = "restrict"
    PORTABILITY = "portability"
    COMPLETE = "complete"
    ANONYMISE = "anonymise"

    @property
    def hold(self) -> HoldId:
        """What it keeps while it is open (H9): what is to be seen, or only stored, may not go."""
        every = {RequestKind.ACCESS: HoldId.ACCESS, RequestKind.RESTRICT: HoldId.RESTRICTION}
        return every.get(self, HoldId.REQUEST)

    @property
    def erases(self) -> bool:
        """Whether what is asked for is that fields go."""
        return self in (RequestKind.ERASE, RequestKind.ANONYMISE)

    @property
    def rectifies(self) -> bool:
        """Whether what is asked for is that something is put right, or what is lacking is filled in."""
        return self in (RequestKind.RECTIFY, RequestKind.COMPLETE)


class Channel(StrEnum):
    """How a request came in, and how an answer left."""

    EMAIL = "email"
    LETTER = "letter"
    PHONE = "phone"
    FORM = "form"
    IN_PERSON = "in_person"
    WEBHOOK = "webhook"


class Level(IntEnum):
    """How surely it is known who asks, in proportion to what is asked for (GDPR 12(6))."""

    ADDRESS = 0  # a code sent to the address on the order came back
    NUMBER = 1  # that, and an order's number or a login
    ELSEWHERE = 2  # a named person saw to it elsewhere: the way and the time alone are kept


class Answer(StrEnum):
    """What came of a request."""

    FULL = "full"
    PART = "part"
    REFUSED = "refused"


IdentifierType = Literal["email", "phone", "order", "customer"]
"""By what a person is found; the last two are a record's number, of one shop."""

HELD_DAYS = 30
"""How long H9 lasts after the answer (schedule H9)."""

OLDEST_YEARS = 5
"""How long ago a request may have come in that is taken in now: a day before that is a slip of the pen."""

CONTACT_MONTHS, REGISTER_MONTHS = 12, 36
"""After the answer: how long who asked may be read, and how long the rest stands (schedule T-61)."""


class Clock(Value, frozen=True, kw_only=True):
    """The days of one request.

    `due` is the day to answer by: the law's month, its extension, or the shop's own promise where shorter.
    `limit` is the last lawful day; `notice_by` the last one on which an extension may be told.
    """

    due: date
    limit: date
    notice_by: date
    promised: date | None = None


def clock(received: date, *, promise: str = "", extended: bool = False) -> Clock:
    """By when a request must be answered (GDPR 12(3); schedule §2.10; Reg. 1182/71 art. 3).

    `promise` is a period such as `2 weekdays`, `10 days` or `1 months`; raises ValueError for another.
    A promise that was not kept moves nothing that the law says, and an extension moves no promise.
    """
    law = deadline(received)
    promised = _after(received, promise) if promise else None
    if extended:
        return Clock(due=law.extended, limit=law.extended, notice_by=law.deadline, promised=promised)
    due = law.deadline if promised is None else min(law.deadline, promised)
    return Clock(due=due, limit=law.outer_limit, notice_by=law.deadline, promised=promised)


def _after(received: date, period: str) -> date:
    number, _, unit = period.partition(" ")
    if not (number.isascii() and number.isdecimal()) or unit not in ("days", "weekdays", "months", "years"):
        raise ValueError('a promised period is written "2 weekdays", "10 days", "1 months" or "1 years"')
    count = int(number)
    if unit in ("months", "years"):
        return add_months(received, count * (12 if unit == "years" else 1))
    if unit == "days":
        return received + timedelta(days=count)
    swedish = holidays.country_holidays("SE", include_sundays=False)
    day = received
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5 and day not in swedish
    return day


__all__ = [
    "CONTACT_MONTHS",
    "HELD_DAYS",
    "OLDEST_YEARS",
    "REGISTER_MONTHS",
    "Answer",
    "Channel",
    "Clock",
    "IdentifierType",
    "Level",
    "RequestKind",
    "clock",
]
