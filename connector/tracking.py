"""Which parcels have arrived, by their carriers' word: asked after each pull, some at a time, by turns."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from connector.errors import LedgerError
from connector.ledger import Ledger, learned
from connector.ledger.index import Index
from connector.ports import Platform, Tracker, living, looked
from connector.records import Ref, Value

AT_ONCE = 100
"""Orders that a carrier is asked about after one pull; the next ones come next time."""

SECONDS = 300.0
"""How long one carrier may take over them, so that a slow one holds up nothing else."""

Waiting = Mapping[str, Sequence[tuple[int, Ref]]]


class Tracked(Value, frozen=True, kw_only=True):
    """How many parcels arrived, and the carriers that could not say all they were asked."""

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
        numbers, last = _numbers(ledger, platforms, _stood(ledger, tracker))
        days, fault = _asked(tracker, list(numbers), clock() + SECONDS, clock)
        with ledger.begin() as connection:
            for number, day in days.items():
                learned.delivered(connection, numbers[number], day)
            if last is not None:
                ledger.event(connection, "tracked", recipient=tracker.name, after=last)
            if fault:
                ledger.event(connection, "track_failed", recipient=tracker.name, error=fault)
        arrived += len(days)
        failed += [tracker.name] if fault else []
    return Tracked(arrived=arrived, failed=tuple(failed))


def _stood(ledger: Ledger, tracker: Tracker) -> int:
    """The row of the last order that this carrier was asked about."""
    with ledger.begin() as connection:
        asked = [detail for _, detail in ledger.events(connection, "tracked")]
    mine = [one["after"] for one in asked if one.get("recipient") == tracker.name]
    return int(mine[-1]) if mine else 0


def _numbers(
    ledger: Ledger, platforms: Mapping[str, Platform], after: int
) -> tuple[dict[str, int], int | None]:
    """The tracking numbers of the next open orders, each with its row, and the last of these rows."""
    with ledger.begin() as connection:
        waiting: Waiting = Index(ledger).undelivered(connection, limit=AT_ONCE, after=after)
    numbers: dict[str, int] = {}
    last: int | None = None
    for adapter, refs in waiting.items():
        asked = [ref for _, ref in refs]
        lives = living(looked(platforms[adapter].fetch(asked), asked))
        for row_id, ref in refs:
            last = row_id
            for number in lives[ref].handles.get("tracking_number", ()) if ref in lives else ():
                numbers[number] = row_id
    return numbers, last


def _asked(
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
