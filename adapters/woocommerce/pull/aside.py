"""The second phase: the trash and drafts from before the start, which no list shows unless they are named."""

from adapters.woocommerce.pull.asking import Asking
from adapters.woocommerce.pull.one_walk import read_unlisted
from adapters.woocommerce.pull.steps import Progress, Steps, counted, newest_versions, started, step
from adapters.woocommerce.walk import Stretch


def read_aside(asking: Asking, progress: Progress) -> Steps:
    """Reads them in one walk, forwards; goes on to what changed since the start."""
    while not progress.cursor.trash.over:
        position = progress.cursor.trash
        cursor, stretch = read_unlisted(asking, progress.cursor, position, by="date")
        progress = started(progress._replace(cursor=cursor), stretch.answer)
        if not (position.at or position.seen):
            progress = counted(progress, _total(stretch))
        progress = _without_listed(asking, progress, stretch).moved(trash=stretch.position)
        if stretch.position.over:
            progress = progress.moved(phase="changed", passes=0, shown=0, expected=0)
        shown = step(progress, newest_versions(stretch.page.rows))
        progress = shown.progress
        yield shown
    return progress


def _total(stretch: Stretch) -> int | None:
    """The shop's count of them, by the first page; a page of none needs no count."""
    page = stretch.page
    return 0 if page.total is None and not page.brought else page.total


def _without_listed(asking: Asking, progress: Progress, stretch: Stretch) -> Progress:
    """Not counted twice: asks which of these drafts the shop's list has shown already."""
    cursor = progress.cursor
    if cursor.statuses != "any":
        return progress
    return progress.moved(counted=cursor.counted - asking.count_listed(stretch.page.rows))
