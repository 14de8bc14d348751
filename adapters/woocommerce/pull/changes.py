"""The last phases: what changed, in passes, first of the orders that the list shows, then of the others.

After a walk over all, passes until one fits on a page. An order that changes again while its id is
excluded hides from the pass: the next pull begins before this one's newest change and finds it.
"""

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from adapters.woocommerce.answers import PER_PAGE
from adapters.woocommerce.pull.asking import Asking
from adapters.woocommerce.pull.cursor import Cursor, PhaseName
from adapters.woocommerce.pull.moments import SKEW, before, just_before, next_start
from adapters.woocommerce.pull.one_walk import read_listed, read_unlisted
from adapters.woocommerce.pull.steps import Progress, Steps, newest_of, newest_versions, started, step
from adapters.woocommerce.walk import Position, Stretch

_PASSES = 3
_MOST_PAGES = 1000  # of one pass where the shop tells no totals


class Which(NamedTuple):
    """Of which orders the changes are read, and the phase that follows."""

    phase: PhaseName
    then: PhaseName
    read: Callable[[Asking, Cursor, Position], tuple[Cursor, Stretch]]
    position: Callable[[Cursor], Position]
    dates: bool  # whether the next pull begins by what they show


CHANGED = Which("changed", "changed_trash", read_listed, lambda cursor: cursor.changed, dates=True)
CHANGED_ASIDE = Which(
    "changed_trash", "done",
    lambda asking, cursor, position: read_unlisted(asking, cursor, position, by="modified"),
    lambda cursor: cursor.changed_trash, dates=False,
)  # fmt: skip


def read_changes(asking: Asking, progress: Progress, which: Which) -> Steps:
    """Reads what changed, in as many passes as it takes; goes on to the next phase."""
    cursor = progress.cursor
    if not which.position(cursor).at:
        begun = replace(which.position(cursor), at=cursor.since or cursor.start)
        progress = progress.moved(**{which.phase: begun})
    while progress.cursor.phase == which.phase:
        progress = yield from _read_pass(asking, progress, which)
    return progress


def _read_pass(asking: Asking, progress: Progress, which: Which) -> Steps:
    """Reads what had changed when the pass began; later changes are the next pass's.

    Without that end a shop that changes faster than it answers would never let a pull go.
    """
    pages, met, over = 0, set[int](), False
    while not over:
        cursor, stretch = which.read(asking, progress.cursor, which.position(progress.cursor))
        progress = started(progress._replace(cursor=cursor), stretch.answer)
        pages += 1
        if pages == 1:
            progress = _begun(progress, stretch, which)
        fresh = {row["id"] for row in stretch.page.rows} - met
        met |= fresh
        progress = _behind(progress, stretch, which, fresh=len(fresh))
        over = which.position(progress.cursor).over
        if over:
            progress = _ended(progress, which, pages)
        shown = step(progress, newest_versions(stretch.page.rows))
        progress = shown.progress
        yield shown
    return progress


def _begun(progress: Progress, stretch: Stretch, which: Which) -> Progress:
    """How much the first page says there is to read, and from where on the next pull reads."""
    page, answer = stretch.page, stretch.answer
    # Twice, for the orders of a crowded second are read again by id.
    most = _MOST_PAGES if page.total is None else 2 * (-(-page.total // PER_PAGE) + 1)
    progress = progress.moved(pages=most, expected=page.total or 0)
    if not which.dates:
        return progress
    newest = newest_of(progress.cursor.newest, page.rows)
    return progress.moved(newest=newest, next=next_start(newest, answer))._replace(
        quiet=newest < before(answer, SKEW)
    )


def _behind(progress: Progress, stretch: Stretch, which: Which, *, fresh: int) -> Progress:
    """The progress behind a page; the pass is over with its last page, or with the pages it may take."""
    left = progress.cursor.pages - 1
    position = replace(stretch.position, over=stretch.position.over or left < 1)
    shown = progress.cursor.shown + fresh
    return progress.moved(**{which.phase: position}, pages=left, shown=shown)


def _ended(progress: Progress, which: Which, pages: int) -> Progress:
    """Over the changes again, or on to the next phase."""
    cursor = progress.cursor
    again = cursor.full and pages > 1 and cursor.passes < _PASSES
    short = not cursor.full and cursor.shown < cursor.expected
    if again or (short and not cursor.passes):
        anew = Position(at=cursor.newest if again else cursor.since or cursor.start)
        return progress.moved(**{which.phase: anew}, passes=cursor.passes + 1, shown=0, expected=0)
    missing = cursor.missing + (cursor.expected - cursor.shown if short else 0)
    if which.dates:
        progress = progress.moved(next=_read_to(cursor, which.position(cursor).at))
    return progress.moved(phase=which.then, passes=0, shown=0, expected=0, missing=missing)


def _read_to(cursor: Cursor, reached: str) -> str:
    """Where the next pull begins: no further than this pass has read, whatever is known to be newer.

    A count that a cache kept, or a list that leaves rows out, ends a pass before the newest change.
    """
    return min(cursor.next, just_before(reached)) if reached < cursor.newest else cursor.next
