"""Batches side by side: while one waits for its service, another is decided, sealed or written down.

A course is what is done to one batch. It yields each question to a service, and goes on with the answer:
the questions of several are asked at once, all else is done in turn by the thread that began the apply, so
that one thread alone writes the ledger.
"""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, TypeVar

from connector.errors import GallraError

Ask = Callable[[], Any]
"""A question to a service; it touches nothing but that service."""

Result = TypeVar("Result")
Course = Generator[Ask, Any, Result]


def alone(course: Course[Result]) -> Result:
    """Carries one course out by itself; what it came to."""
    answer: Any = None
    while True:
        try:
            ask = course.send(answer)
        except StopIteration as ended:
            return ended.value  # type: ignore[no-any-return]
        answer = ask()


class SideBySide:
    """Courses under way together: a fault of one stops them all.

    After a fault none begins, one that has written nothing yet is to end (`stopped`), and what was sent is
    heard out before the fault is raised.
    """

    def __init__(self) -> None:
        self.stopped: GallraError | None = None
        self._under_way: dict[Future[Any], Course[Any]] = {}

    def run(self, courses: Iterator[Course[Any]], *, at_once: int) -> None:
        """Carries all of them out, so many under way at once. Raises the first fault."""
        if at_once == 1:
            for one in courses:
                alone(one)
            return
        with ThreadPoolExecutor(max_workers=at_once) as pool:
            while self._begin(pool, courses, at_once):
                ready = wait(self._under_way, return_when=FIRST_COMPLETED).done
                for asked in [one for one in self._under_way if one in ready]:  # in the order they were asked
                    self._go_on(pool, self._under_way.pop(asked), asked.result)
        if self.stopped is not None:
            raise self.stopped

    def stop(self, fault: GallraError) -> None:
        """Stops them all; the first fault is the one that is told."""
        self.stopped = self.stopped or fault

    def _begin(self, pool: ThreadPoolExecutor, courses: Iterator[Course[Any]], at_once: int) -> bool:
        """Begins as many as may be under way; whether any is."""
        while self.stopped is None and len(self._under_way) < at_once:
            course = next(courses, None)
            if course is None:
                break
            self._go_on(pool, course, _nothing_yet)
        return bool(self._under_way)

    def _go_on(self, pool: ThreadPoolExecutor, course: Course[Any], answer: Ask) -> None:
        with suppress(StopIteration):
            try:
                ask = course.send(answer())
            except GallraError as fault:
                self.stop(fault)
            else:
                self._under_way[pool.submit(ask)] = course


def _nothing_yet() -> None:
    pass
