"""How long a run waits for a service that asks for patience: each time, and in all."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from connector.calendar import STOCKHOLM
from connector.ports.waiting import tell

PATIENCE = 120.0
"""Seconds that a run waits where a service asks for it; settings, `network.patience`."""

IN_ALL = 10
"""Times the patience that a run waits for one service in all, so that "100 seconds" for ever has an end."""

_LONGEST = 366 * 86400.0  # a service that says more means never; no date is counted beyond it
_SECONDS = re.compile(r"[0-9]{1,20}(?:\.[0-9]{0,20})?")


def retry_after(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float | None:
    """Seconds of the Retry-After header (RFC 9110 §10.2.3): seconds, decimals too, or a date; else None.

    A date is counted from the service's own `Date`, where it sent one: clocks differ. Where the header
    came several times the longest counts; a date that is over is 0, and nothing is longer than a year.
    """
    value = headers.get("Retry-After", "").strip()
    parts = [part.strip() for part in value.split(",")]
    if all(_SECONDS.fullmatch(part) for part in parts):
        return min(max(float(part) for part in parts), _LONGEST)
    asked = _moment(value)
    if asked is None:
        return None
    there = _moment(headers.get("Date", ""))
    return min(max(0.0, asked - (now() if there is None else there)), _LONGEST)


def _moment(text: str) -> float | None:
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def come_back(seconds: float, now: Callable[[], float] = time.time) -> str:
    """When to run again, as a person reads it: the Stockholm minute behind the wait."""
    minutes = (datetime.fromtimestamp(now(), STOCKHOLM) + timedelta(seconds=seconds + 59)).replace(second=0)
    return f"{minutes:%Y-%m-%d %H:%M}"


class Patience:
    """What is left of a run's patience with one service; every wait goes through it.

    Backing off between two tries counts too. Where nothing is left, `allows` is False and the caller
    gives up with the time to come back.
    """

    def __init__(self, seconds: float = PATIENCE, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.seconds = seconds
        self._sleep = sleep
        self._lock = threading.Lock()
        self._waited = 0.0

    def allows(self, seconds: float) -> bool:
        """Whether so long a wait is within what a run waits, this once and in all."""
        return seconds <= self.seconds and self._waited + seconds <= self.seconds * IN_ALL

    def wait(self, who: str, what: str, seconds: float) -> None:
        """Waits, and says so where it is long."""
        with self._lock:
            self._waited += seconds
        tell(who, what, seconds)
        self._sleep(seconds)
