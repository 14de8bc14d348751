"""The legal minima of one order, from its events and the shop's years (schedule §2.5–2.7)."""

from collections.abc import Sequence
from datetime import date

import msgspec

from connector.calendar import OSS_BEGAN, FinancialYears, bookkeeping_floor, oss_floor, tax_floor
from connector.policy import clocks
from connector.policy.context import ShopContext
from connector.records import Facts
from connector.verdicts import ClockUse

Event = tuple[date, str]
"""A date the books may carry, and what happened."""


Year = tuple[date, date]


class Finding(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A floor: its last day and the clock it was counted from, or the reason it is unknown.

    `year_ends` is the last day of a financial year that has not ended. Compared by identity,
    so that it is a cheap part of a cache key.
    """

    id: str
    through: date | None = None
    clock: ClockUse | None = None
    reason: str = ""
    year_ends: date | None = None


NO_EVENT = Finding("F1", reason="clock_unknown")
UNDATED_REFUND = Finding("F1", reason="refund_date_unknown")
YEAR_UNKNOWN = Finding("F1", reason="financial_year_unknown")


class _Years(dict[date, Year | None]):
    """The financial year of each day, looked up once."""

    def __init__(self, years: FinancialYears) -> None:
        super().__init__()
        self._years = years

    def __missing__(self, day: date) -> Year | None:
        found = self[day] = self._years.year_of(day)
        return found


class Floors:
    """Finds floors, and remembers those of each date for a run of one day."""

    def __init__(self, context: ShopContext, today: date) -> None:
        self._years = context.financial_years
        self.listed_until = max((last for _, last in context.financial_years.years), default=date.min)
        self._today = today
        self._oss = context.oss
        self._all_archived = context.archive == "elsewhere"
        self._archived = frozenset(context.archived_years)
        self._year_of = _Years(context.financial_years)
        self._bookkeeping: dict[tuple[Year | None, str], Finding] = {}
        self._tax: dict[Event, Finding] = {}
        self._supply: dict[clocks.Reading, Finding] = {}

    def bookkeeping(self, facts: Facts, events: Sequence[Event]) -> Finding:
        """F1 over every event, or F3 where the order never reached the books (zero value)."""
        if facts.undated_refunds:
            return UNDATED_REFUND
        if not events:
            return NO_EVENT
        latest = max(events)
        if facts.zero_value:
            return self._of_day(latest)
        for day, _ in events:
            if self._year_of[day] is None:
                return YEAR_UNKNOWN
        found = self._bookkeeping.get((self._year_of[latest[0]], latest[1]))
        return found or self._of_year(latest)

    def oss(self, supply: clocks.Reading) -> Finding:
        """F2 from the day of supply."""
        found = self._supply.get(supply)
        if found is None:
            day, source = supply
            found = Finding("F2", reason=source)
            if day:
                found = Finding("F2", oss_floor(day), ClockUse(name="supplied", on=day, source=source))
            self._supply[supply] = found
        return found

    def registered(self, day: date | None) -> bool:
        """Whether a supply on this day falls within a period of OSS registration."""
        return day is not None and any(
            max(first, OSS_BEGAN) <= day and (last is None or day <= last) for first, last in self._oss
        )

    def archived_elsewhere(self, events: Sequence[Event]) -> bool:
        """Whether the vouchers of every year these events touch were found complete elsewhere (mode B)."""
        if self._all_archived:
            return True
        if not self._archived or not events:
            return False
        return all(self._year_of[day] in self._archived for day, _ in events)

    def _of_year(self, latest: Event) -> Finding:
        day, source = latest
        year, through = self._year_of[day], bookkeeping_floor((day,), self._years)
        ends = year[1] if year else None
        clock = ClockUse(name="financial_year_end", on=ends, source=source)
        open_until = ends if ends and self._today <= ends else None
        found = self._bookkeeping[year, source] = Finding("F1", through, clock, year_ends=open_until)
        return found

    def _of_day(self, latest: Event) -> Finding:
        found = self._tax.get(latest)
        if found is None:
            day, source = latest
            clock = ClockUse(name="calendar_year", on=day, source=source)
            found = self._tax[latest] = Finding("F3", tax_floor(day), clock)
        return found


def book_events(facts: Facts) -> list[Event]:
    """Every event that the books may carry; an unknown delivery takes its latest fall-back (§2.5)."""
    found: list[Event] = []
    if facts.created:
        found.append((facts.created, "created"))
    if facts.paid:
        found.append((facts.paid, "paid"))
    if facts.shipped:
        found.append((facts.shipped, "shipped"))
    if facts.cancelled:
        found.append((facts.cancelled, "cancelled"))
    if facts.captured or facts.refunded or facts.credited:
        found.extend((day, "captured") for day in facts.captured)
        found.extend((day, "refunded") for day in facts.refunded)
        found.extend((day, "credited") for day in facts.credited)
    if facts.chargeback or facts.redeemed or facts.written_off:
        found.extend(_taken_back(facts))
    if facts.delivered:
        found.append((facts.delivered, "delivered"))
    elif not facts.cancelled or facts.shipped or facts.completed:
        found.extend(_delivery_fallbacks(facts))
    return found


def card_events(facts: Facts, listed_until: date) -> list[Event]:
    """Every event of a gift card that the books may carry: sold, used, ended (schedule T-24).

    Its end counts as a redemption where no day of one is known: the last was then at the latest. An end that
    is still to come, in a year that nobody has listed, is in no books yet.
    """
    dated = ((facts.created, "created"), (facts.delivered, "delivered"))
    found = [(day, source) for day, source in dated if day]
    ended, source = clocks.card_ended(facts)
    if ended and (facts.closed or ended <= listed_until):
        found.append((ended, source))
    found += [(day, "refunded") for day in facts.refunded]
    return [*found, *_taken_back(facts)]


def _taken_back(facts: Facts) -> list[Event]:
    """What the bank took back, a claim that was given up, and each time a gift card was used."""
    found = [(day, "chargeback") for day in facts.chargeback]
    found += [(day, "redeemed") for day in facts.redeemed]
    return [*found, (facts.written_off, "written_off")] if facts.written_off else found


def _delivery_fallbacks(facts: Facts) -> list[Event]:
    guesses = (
        (facts.completed, clocks.AFTER_COMPLETED),
        (facts.shipped, clocks.AFTER_SHIPPED),
        (facts.created, clocks.AFTER_ORDERED),
    )
    known = [day + after for day, after in guesses if day]
    return [(max(known), "delivery_estimate")] if known else []
