"""One step ahead: the next answer is asked for while the last one is worked on."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, NamedTuple, TypeVar

_Item = TypeVar("_Item")


class _Came(NamedTuple, Generic[_Item]):
    """What came of asking for a step: it, or what went wrong; neither behind the last."""

    steps: tuple[_Item, ...] = ()
    error: BaseException | None = None


class _Ahead(Generic[_Item]):
    """Asks for the steps on one thread of their own, each when it is told to."""

    def __init__(self, steps: Generator[_Item, None, Any]) -> None:
        self._steps = steps
        self._wanted: SimpleQueue[bool] = SimpleQueue()
        self._come: SimpleQueue[_Came[_Item]] = SimpleQueue()
        # A daemon: whoever stops the run does not wait for an answer that nobody will read.
        self._thread = Thread(target=self._ask, daemon=True)
        self._thread.start()

    def each(self) -> Iterator[_Item]:
        """The steps; each is asked for before the one before it is handed on."""
        self._wanted.put(True)
        while True:
            came = self._come.get()
            if came.error is not None:
                raise came.error
            if not came.steps:
                return
            self._wanted.put(True)
            yield from came.steps

    def end(self, *, wait: bool) -> None:
        """Closes the steps once the one under way has come; returns then, or at once."""
        self._wanted.put(False)
        if wait:
            self._thread.join()

    def _ask(self) -> None:
        while self._wanted.get():
            try:
                self._come.put(_Came(steps=(next(self._steps),)))
            except StopIteration:
                self._come.put(_Came())
            except BaseException as error:
                self._come.put(_Came(error=error))
        self._steps.close()


@contextmanager
def one_ahead(steps: Generator[_Item, None, Any]) -> Iterator[Iterator[_Item]]:
    """The same steps in the same order, one of them always under way.

    What goes wrong with a step is raised in its turn. At the end the one under way is waited for, unless
    the run is being stopped.
    """
    ahead = _Ahead(steps)
    try:
        yield ahead.each()
    except (KeyboardInterrupt, SystemExit):
        ahead.end(wait=False)
        raise
    except BaseException:
        ahead.end(wait=True)
        raise
    ahead.end(wait=True)
