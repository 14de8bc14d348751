"""Chunks of tasks on as many lanes as the shop may have connections; one record first, then the rest.

Several batches may be under way at once: they share the lanes, and a stop in one keeps the rest of all of
them from being sent.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock, Semaphore
from typing import NamedTuple

from connector.errors import GallraError
from connector.ports import Receipt, Task
from connector.records import Outcome


class Worked(NamedTuple):
    """What came of a chunk: its receipts, and the error that must stop the run, if any."""

    receipts: list[Receipt]
    stop: GallraError | None = None


Work = Callable[[Sequence[Task]], Worked]


class Lanes:
    """Runs chunks in parallel and yields receipts as they come; what is under way is always settled.

    The first chunks of a process are one record each, until one was written and its answer looked at.
    """

    def __init__(self, *, lanes: int, chunk: int) -> None:
        self._lanes = lanes
        self._chunk = chunk
        self._tried: set[str] = set()
        self._trying = Lock()
        self._free = Semaphore(lanes)
        self._batches = 0
        self._counting = Lock()
        self._stopped = False  # until the last batch that was under way then has ended

    def run(self, name: str, tasks: Sequence[Task], work: Work) -> Iterator[Receipt]:
        """The receipts of these tasks; raises what stopped the run, after the receipts of what was done.

        What another batch's stop kept from being sent has no receipt.
        """
        with self._under_way():
            rest = list(tasks)
            with self._trying:
                while rest and name not in self._tried:
                    worked = self._send(rest[:1], work)
                    yield from worked.receipts
                    if worked.stop:
                        raise worked.stop
                    if any(receipt.outcome in (Outcome.DONE, Outcome.STOPPED) for receipt in worked.receipts):
                        self._tried.add(name)
                    rest = rest[1:]
            yield from self._parallel(rest, work)

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        with self._counting:
            self._batches += 1
        try:
            yield
        finally:
            with self._counting:
                self._batches -= 1
                self._stopped = self._stopped and self._batches > 0

    def _send(self, tasks: Sequence[Task], work: Work) -> Worked:
        """What came of a chunk once a lane was free; nothing where another was stopped meanwhile."""
        with self._free:
            if self._stopped:
                return Worked([])
            worked = work(tasks)
            self._stopped = self._stopped or worked.stop is not None
            return worked

    def _parallel(self, tasks: Sequence[Task], work: Work) -> Iterator[Receipt]:
        size = max(1, min(self._chunk, -(-len(tasks) // self._lanes)))
        waiting = [tasks[start : start + size] for start in range(0, len(tasks), size)]
        running: list[Future[Worked]] = []
        stop: GallraError | None = None
        with ThreadPoolExecutor(max_workers=self._lanes) as pool:
            while running or (waiting and stop is None):
                while waiting and stop is None and len(running) < self._lanes:
                    running.append(pool.submit(self._send, waiting.pop(0), work))
                worked = running.pop(0).result()
                stop = stop or worked.stop
                yield from worked.receipts
        if stop:
            raise stop
