"""Which parcels have arrived, by their carriers' word: asked after each pull, some at a time, by turns."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from connector.calendar import to_date
from connector.errors import LedgerError
from connector.ledger import Ledger, learned
from connector.ledger.index import Rows
from connector.ports import Platform, Tracker, living, looked
from connector.records import Ref, Value

AT_ONCE = 100
"""Orders that a carrier is asked about after one pull; the next ones come next time."""

SECONDS = 300.0
"""How long one carrier may take over them, so that a slow one holds up nothing else."""

Waiting = Mapping[str, Sequence[tuple[int, Ref]]]


class Parcels(NamedTuple):
    """All the parcels of one order, and the day it was made."""

    numbers: tuple[str, ...]
    made: date | None


class Tracked(Value, frozen=True, kw_only=True):
    """How many orders arrived whole, and the carriers that could not say all they were asked."""

    arrived: int = 0
    failed: tuple[str, ...] = ()


def track(
    ledger: Ledger, platforms: Mapping[str, Platform], trackers: Sequence[Tracker],
    *, clock: Callable[[], float] = time.monotonic,
) -> Tracked:  # fmt: skip
    """Asks carriers about parcels whose order still waits for its delivery.

    Each carrier goes on where it stood, and round: orders whose parcels are another's hold up nobody. No
    fault of a carrier, whatever it is, ends a pull; the next one asks again.
    """
    arrived, failed = 0, list[str]()
    for tracker in trackers:
        orders, last = _fetch_orders(ledger, platforms, _stood(ledger, tracker))
        numbers = list(dict.fromkeys(number for order in orders.values() for number in order.numbers))
        days, fault = _ask(tracker, numbers, clock() + SECONDS, clock)
        told = {row: day for row, order in orders.items() if (day := _arrival(order, days))}
        told = {row: day for row, day in told.items() if day <= to_date(ledger.clock())}
        with ledger.begin() as connection:
            for row, day in told.items():
                learned.delivered(connection, row, day)
            if last is not None:
                ledger.event(connection, "tracked", recipient=tracker.name, after=last)
            if fault:
                ledger.event(connection, "track_failed", recipient=tracker.name, error=fault)
        arrived += len(told)
        failed += [tracker.name] if fault else []
    return Tracked(arrived=arrived, failed=tuple(failed))


def _stood(ledger: Ledger, tracker: Tracker) -> int:
    """The row of the last order that this carrier was asked about."""
    with ledger.begin() as connection:
        asked = [detail for _, detail in ledger.events(connection, "tracked")]
    mine = [one["after"] for one in asked if one.get("recipient") == tracker.name]
    return int(mine[-1]) if mine else 0


def _arrival(order: Parcels, days: Mapping[str, date]) -> date | None:
    """The day on which an order's last parcel arrived; None while one of them has no day.

    A day before the order was made is another parcel's: carriers use their numbers again.
    """
    own = [days.get(number) for number in order.numbers]
    known = [day for day in own if day is not None and (order.made is None or day >= order.made)]
    return max(known) if known and len(known) == len(own) else None


def _fetch_orders(
    ledger: Ledger, platforms: Mapping[str, Platform], after: int
) -> tuple[dict[int, Parcels], int | None]:
    """The next open orders by row, each with its parcels, and the last of these rows."""
    with ledger.begin() as connection:
        waiting: Waiting = Rows(ledger).undelivered(connection, limit=AT_ONCE, after=after)
    orders: dict[int, Parcels] = {}
    last: int | None = None
    for adapter, refs in waiting.items():
        asked = [ref for _, ref in refs]
        lives = living(looked(platforms[adapter].fetch(asked), asked))
        for row_id, ref in refs:
            last = row_id
            if ref in lives and (numbers := lives[ref].handles.get("tracking_number")):
                orders[row_id] = Parcels(tuple(numbers), lives[ref].record.facts.created)
    return orders, last


def _ask(
    tracker: Tracker, numbers: Sequence[str], until: float, clock: Callable[[], float]
) -> tuple[dict[str, date], str]:
    """The days on which these arrived, as far as the carrier got, and the kind of what stopped it."""
    days: dict[str, date] = {}
    try:
        for number, day in tracker.delivered(numbers):
            if day is not None and number in numbers:
                days[number] = day
            if clock() > until:
                return days, "slow"
    except LedgerError:
        raise
    except Exception as fault:
        return days, type(fault).__name__
    return days, ""
