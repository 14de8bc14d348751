"""What a page began and does not wait for: a pull, a copy of all that a shop holds of somebody.

What came of it is kept in memory, by codes and numbers alone, until something newer takes its place: what
matters of it stands in the ledger, and a server that was ended shows the request as the ledger has it.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from connector.errors import GallraError

_log = logging.getLogger("gallra.pages")

AT_ONCE = 2
"""Pieces of work at the same time, of all shops."""

REMEMBERED = 200
"""Pieces of work whose outcome is kept."""

PATIENCE = 4.0
"""Seconds that a form waits for its work, before its page says that it is under way."""

Key = tuple[str, str]
"""The shop, and what the work is about: a request's code, or a mark of its own."""


class Outcome(NamedTuple):
    """What came of it: a value, or why nothing did; `unforeseen` where Gallra has no words for that."""

    value: object = None
    fault: str = ""
    unforeseen: bool = False


class Progress:
    """How far a piece of work has come, by what is counted; its page reads it from another thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lines: dict[str, tuple[int, int | None]] = {}

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """So many are done, of how many where that is known."""
        with self._lock:
            self._lines[what] = (done, total)

    @property
    def lines(self) -> tuple[tuple[str, int, int | None], ...]:
        """What is counted, in the order in which it began."""
        with self._lock:
            return tuple((what, done, total) for what, (done, total) in self._lines.items())


class Job(NamedTuple):
    """A piece of work: what it is, who began it, and when."""

    what: str
    by: str
    at: datetime
    future: "Future[Outcome]"
    progress: Progress

    @property
    def outcome(self) -> Outcome | None:
        """What came of it; None while it is under way."""
        return self.future.result() if self.future.done() else None


class Jobs:
    """The work of all pages; any thread may ask."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pages")
        self._patience = patience
        self._lock = Lock()
        self._known: OrderedDict[Key, Job] = OrderedDict()

    def begin(
        self,
        key: Key,
        head: tuple[str, str, datetime],
        work: Callable[[], object],
        progress: Progress | None = None,
    ) -> Job:
        """Begins work, and waits a little for it; `head` is what it is, who began it and when.

        `progress` is what the work tells how far it has come.

        Raises GallraError while other work on the same is under way.
        """
        what, by, at = head
        with self._lock:
            known = self._known.get(key)
            if known is not None and not known.future.done():
                raise GallraError("This is under way already. Look again in a while. Nothing was begun.")
            job = Job(what, by, at, self._pool.submit(_done, work), progress or Progress())
            self._known.pop(key, None)
            self._known[key] = job
            self._forget()
        wait([job.future], timeout=self._patience)
        return job

    def of(self, key: Key) -> Job | None:
        """The last work on this; None where there was none since the server began."""
        with self._lock:
            return self._known.get(key)

    def _forget(self) -> None:
        over = len(self._known) - REMEMBERED
        for key in [key for key, job in self._known.items() if job.future.done()][: max(over, 0)]:
            del self._known[key]


def _done(work: Callable[[], object]) -> Outcome:
    try:
        return Outcome(work())
    except GallraError as fault:
        return Outcome(fault=str(fault))
    except Exception as fault:
        # Its own text may quote what was sent, or what the shop holds.
        _log.error("work of a page could not be done (%s)", type(fault).__name__)
        return Outcome(unforeseen=True)


__all__ = ["PATIENCE", "Job", "Jobs", "Outcome", "Progress"]
