"""The first phase: all orders, by two walks towards each other on two connections, until they have met."""

from concurrent.futures import Executor, ThreadPoolExecutor
from typing import NamedTuple

from adapters.woocommerce.answers import PER_PAGE
from adapters.woocommerce.dates import shift
from adapters.woocommerce.pull.asking import Asking
from adapters.woocommerce.pull.begin import of_any_status
from adapters.woocommerce.pull.cursor import Cursor
from adapters.woocommerce.pull.steps import (
    Progress,
    Steps,
    counted,
    newest_of,
    newest_versions,
    started,
    step,
)
from adapters.woocommerce.walk import Stretch
from connector.errors import Rejected


class _Round(NamedTuple):
    """The answers of both walks; the falling one rests where one page is left between them."""

    rising: Stretch
    falling: Stretch | None

    @property
    def left(self) -> int:
        """How many orders lie between the walks now; more than a page where the shop does not tell."""
        page = self.rising.page
        below = len(self.falling.page.rows) if self.falling else 0
        return PER_PAGE + 1 if page.total is None else page.total - len(page.rows) - below


def read_all(asking: Asking, progress: Progress) -> Steps:
    """Reads all orders, a round of both walks at a time; goes on to those that no list shows."""
    progress, both = progress.moved(full=True), True
    with ThreadPoolExecutor(max_workers=2) as pool:
        while True:
            progress, answers = _ask_named(asking, progress, pool, both=both)
            progress, both = _behind(asking, progress, answers), answers.left > PER_PAGE
            met = _met(progress.cursor)
            if met:
                progress = _count(asking, progress).moved(phase="trash")
            below = answers.falling.page.rows if answers.falling else []
            shown = step(progress, newest_versions(answers.rising.page.rows, below))
            progress = shown.progress
            yield shown
            if met:
                return progress


def _ask_named(asking: Asking, progress: Progress, pool: Executor, *, both: bool) -> tuple[Progress, _Round]:
    """Asks by the statuses' names; for any, where the shop does not take a name."""
    try:
        return progress, _ask(asking, progress.cursor, pool, both=both)
    except Rejected as error:
        if error.status != 400 or progress.cursor.statuses == "any" or progress.cursor.up.at:
            raise
    progress = progress._replace(cursor=of_any_status(progress.cursor))
    return progress, _ask(asking, progress.cursor, pool, both=both)


def _ask(asking: Asking, cursor: Cursor, pool: Executor, *, both: bool) -> _Round:
    """Asks both walks at once, each bounded by where the other stands."""
    to_down = shift(cursor.down.at, 1) if cursor.down.at else ""
    to_up = shift(cursor.up.at, -1) if cursor.up.at else ""
    rising = asking.walk(cursor.statuses)
    falling = asking.walk(cursor.statuses, descending=True)
    above = pool.submit(rising.read_behind, cursor.up, to_down)
    below = pool.submit(falling.read_behind, cursor.down, to_up) if both else None
    return _Round(above.result(), below.result() if below else None)


def _behind(asking: Asking, progress: Progress, answers: _Round) -> Progress:
    """The progress behind a round; asks the totals report again where the list hides orders."""
    rising, falling = answers
    progress = started(progress, rising.answer)
    if progress.total is None:
        progress = _with_total(asking, progress, rising.page.total)
    rows = [*rising.page.rows, *(falling.page.rows if falling else [])]
    down = falling.position if falling else progress.cursor.down
    return progress.moved(newest=newest_of(progress.cursor.newest, rows), up=rising.position, down=down)


def _with_total(asking: Asking, progress: Progress, shown: int | None) -> Progress:
    """The shop's count for progress; what its report counts beyond that, its list will not show."""
    progress = progress._replace(total=shown)
    if progress.cursor.up.at or not progress.cursor.hidden:
        return progress
    return progress.moved(hidden=asking.count_hidden(progress.cursor, shown))


def _count(asking: Asking, progress: Progress) -> Progress:
    """Asks for the count of the orders from before the start, once they have been read."""
    progress = counted(progress, asking.count_before(progress.cursor))
    return progress.moved(counted=progress.cursor.counted + progress.cursor.hidden)


def _met(cursor: Cursor) -> bool:
    if cursor.up.over or cursor.down.over:
        return True
    return bool(cursor.up.at and cursor.down.at) and cursor.up.at > cursor.down.at
