"""One step ahead: the next answer is asked for while the last one is worked on."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

_Item = TypeVar("_Item")


@contextmanager
def one_ahead(steps: Generator[_Item, None, Any]) -> Iterator[Iterator[_Item]]:
    """The same steps in the same order, each asked for before the one before it is handed on.

    All run on one thread of their own. What goes wrong with a step is raised in its turn. At the end the
    one under way is waited for, and the steps are closed.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            yield _each(pool, steps)
        finally:
            pool.submit(steps.close)


def _each(pool: ThreadPoolExecutor, steps: Iterator[_Item]) -> Iterator[_Item]:
    end = object()
    coming = pool.submit(next, steps, end)
    while (step := coming.result()) is not end:
        coming = pool.submit(next, steps, end)
        yield step  # type: ignore[misc]
