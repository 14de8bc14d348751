"""What a run sends out: how many requests each service was sent, and how many of them were tries again.

Whoever opens the edge of a service takes the count that is current then, so that runs of several shops side
by side are counted apart, whichever threads send.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock


class Traffic:
    """The requests of one run, by service."""

    def __init__(self) -> None:
        self._sent: Counter[str] = Counter()
        self._again: Counter[str] = Counter()
        self._lock = Lock()

    def sent(self, service: str) -> None:
        """One more request left."""
        with self._lock:
            self._sent[service] += 1

    def again(self, service: str) -> None:
        """One more request will be tried again."""
        with self._lock:
            self._again[service] += 1

    @property
    def requests(self) -> Mapping[str, int]:
        """How many requests left, by service; tries again are counted too."""
        return dict(sorted(self._sent.items()))

    @property
    def retries(self) -> Mapping[str, int]:
        """How many of them were tries again, by service."""
        return dict(sorted(self._again.items()))


_current: ContextVar[Traffic | None] = ContextVar("traffic", default=None)


def current() -> Traffic:
    """The count that is taken now; one that nobody reads where none is."""
    return _current.get() or Traffic()


@contextmanager
def counting() -> Iterator[Traffic]:
    """Counts what services that are opened inside are sent."""
    traffic = Traffic()
    before = _current.set(traffic)
    try:
        yield traffic
    finally:
        _current.reset(before)


__all__ = ["Traffic", "counting", "current"]
