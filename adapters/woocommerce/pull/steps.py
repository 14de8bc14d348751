"""What a phase yields and returns: rows, and the progress behind them. Nothing here asks the shop."""

from collections.abc import Callable, Generator, Iterable
from typing import Any, NamedTuple

from msgspec.structs import replace

from adapters.http import Answer
from adapters.woocommerce.answers import ADAPTER, PER_PAGE, Row, moment
from adapters.woocommerce.pull.asking import Asking
from adapters.woocommerce.pull.cursor import Cursor
from adapters.woocommerce.pull.moments import START_MARGIN, before
from adapters.woocommerce.walk import Position
from connector.records import Kind, Ref

_MODIFIED = "date_modified_gmt"


class Progress(NamedTuple):
    """Where a pull stands, and what only this process knows of it."""

    cursor: Cursor
    total: int | None = None  # orders by the shop's first answer
    quiet: bool = False  # nothing had changed for long when the last pass began
    latest: Position = Position()  # the orders that were changed last

    def moved(self, **changes: Any) -> "Progress":
        """The same with these parts of the cursor changed."""
        return self._replace(cursor=replace(self.cursor, **changes))


class Step(NamedTuple):
    """The rows of one page that are not known yet, and the progress behind them."""

    rows: list[Row]
    newer: frozenset[Ref]
    progress: Progress


Steps = Generator[Step, None, Progress]
Phase = Callable[[Asking, Progress], Steps]


def step(progress: Progress, rows: list[Row]) -> Step:
    """The step that shows these rows of a page."""
    progress = _with_latest(progress, rows)
    cursor = progress.cursor
    left = _unsettled(cursor.settled, rows)
    if cursor.full:
        progress = progress.moved(settled=_settled_too(cursor.settled, left))
    newer = _after(left, cursor.start) if cursor.full else frozenset()
    return Step(left, newer, progress.moved(newer=cursor.newer + len(newer)))


def started(progress: Progress, answer: Answer) -> Progress:
    """With the time of the first answer as the start, where there is none yet."""
    if progress.cursor.start:
        return progress
    return progress.moved(start=before(answer, START_MARGIN))


def counted(progress: Progress, total: int | None) -> Progress:
    """With so many orders more that existed at the start; None where the shop does not tell."""
    cursor = progress.cursor
    return progress.moved(counted=cursor.counted + (total or 0), uncounted=cursor.uncounted or total is None)


def newest_of(known: str, rows: Iterable[Row]) -> str:
    """The newest change of all: the one known, or that of a row."""
    return max(known, *(moment(row, _MODIFIED) for row in rows), "")


def newest_versions(*pages: list[Row]) -> list[Row]:
    """Each order once, the version with the latest change."""
    found: dict[int, Row] = {}
    for rows in pages:
        for row in rows:
            known = found.get(row["id"])
            if known is None or moment(row, _MODIFIED) >= moment(known, _MODIFIED):
                found[row["id"]] = row
    return list(found.values())


def cursor_after(progress: Progress) -> Cursor:
    """The cursor to keep; of a pull that is done, only where the next one begins.

    Where nothing had changed for long, with what was read last: the next pull need not read that again.
    """
    cursor = progress.cursor
    if cursor.phase != "done":
        return cursor
    seen = sorted(set(_at_newest(progress)))
    long_ago = progress.quiet and len(seen) <= PER_PAGE
    settled = Position(at=cursor.newest, seen=tuple(seen)) if long_ago else Position()
    following = cursor.next or cursor.start
    return Cursor(phase="done", next=following, newest=cursor.newest, settled=settled)


def _with_latest(progress: Progress, rows: list[Row]) -> Progress:
    newest = progress.cursor.newest
    ids = [row["id"] for row in rows if row.get(_MODIFIED) == newest]
    if not ids:
        return progress
    return progress._replace(latest=Position(at=newest, seen=(*_at_newest(progress), *ids)))


def _at_newest(progress: Progress) -> tuple[int, ...]:
    return progress.latest.seen if progress.latest.at == progress.cursor.newest else ()


def _unsettled(known: Position, rows: list[Row]) -> list[Row]:
    """The rows without those that an earlier pull has read in this version."""
    return [row for row in rows if row["id"] not in known.seen or row.get(_MODIFIED) != known.at]


def _settled_too(known: Position, rows: list[Row]) -> Position:
    """With the rows of the same moment, which a walk over all need not read again."""
    if len(known.seen) >= PER_PAGE:
        return known
    return replace(known, seen=(*known.seen, *(row["id"] for row in rows if row.get(_MODIFIED) == known.at)))


def _after(rows: list[Row], start: str) -> frozenset[Ref]:
    """The orders that came into being after the start, which its count leaves out."""
    return frozenset(
        Ref(adapter=ADAPTER, kind=Kind.ORDER, id=str(row["id"]))
        for row in rows
        if moment(row, "date_created_gmt") >= start
    )
