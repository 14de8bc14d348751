"""The service's own clock, by the dates of its answers; the other clocks that are held against it."""

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_DATES = 3  # of the latest answers: one that a cache gave without saying so is outvoted


class ServiceClock:
    """A service's clock, counted on by the steady clock of the process, which no setting moves."""

    def __init__(self) -> None:
        self._ahead: deque[float] = deque(maxlen=_DATES)

    def note(self, moment: datetime) -> None:
        """Takes the date of an answer that came just now."""
        self._ahead.append(moment.timestamp() - time.monotonic())

    def now(self) -> datetime | None:
        """The median of the latest answers; None where none told a usable time."""
        found = sorted(self._ahead)
        if not found:
            return None
        return datetime.fromtimestamp(found[len(found) // 2] + time.monotonic(), UTC)


class _Timed(Protocol):
    def service_time(self) -> datetime | None: ...


def clock_of(http: _Timed, clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """The service's own clock, by which its changes are dated.

    Where it tells no time, this machine's a day ago: a change is read twice rather than never.
    """
    return lambda: http.service_time() or clock() - timedelta(days=1)


def earlier_clock(http: _Timed, clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """The earlier of this machine's clock and the service's: nothing is over before both say so."""
    return lambda: min(clock(), http.service_time() or clock())
