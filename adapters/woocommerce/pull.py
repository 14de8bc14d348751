"""Pulling orders: every record, each in its newest version, while the shop is in use.

First pull: two walks, from the oldest and from the newest order, meet in the middle; then the
trash; then what changed since the start, until nothing more comes. Later pulls begin with the last.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, NamedTuple

import msgspec

from adapters.http import Answer
from adapters.woocommerce.client import Client
from adapters.woocommerce.dates import shift
from adapters.woocommerce.orders import PULL_FIELDS
from adapters.woocommerce.shop_time import newest_change
from adapters.woocommerce.walk import PER_PAGE, Position, Row, Walk
from connector.errors import Rejected
from connector.ports import Page
from connector.records import Record

# Clocks of web server and PHP may differ, and a save takes a moment from its date to its commit.
_START_MARGIN = timedelta(minutes=15)
_END_MARGIN = timedelta(seconds=10)

_PASSES = 3
_MOST_PAGES = 1000  # of one pass where the shop tells no totals
# A shop's PHP and the server that writes the Date header may run on clocks that differ, the worst of them
# by less than two days.
_SKEW = timedelta(minutes=15)
_WORST_SKEW = timedelta(days=2)

ToRecords = Callable[[list[Row]], tuple[Record, ...]]


class Cursor(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where a pull stands, as the ledger keeps it between pages and runs."""

    v: int = 1
    phase: Literal["first", "trash", "changed", "changed_trash", "done"] = "first"
    start: str = ""
    full: bool = False  # a walk over all orders: its last page is complete
    up: Position = msgspec.field(default_factory=Position)
    down: Position = msgspec.field(default_factory=Position)
    trash: Position = msgspec.field(default_factory=Position)
    changed: Position = msgspec.field(default_factory=Position)
    changed_trash: Position = msgspec.field(default_factory=Position)
    passes: int = 0  # over the changes of this phase
    pages: int = 0  # left of this pass
    newest: str = ""  # change seen so far, in the shop's own time
    next: str = ""  # where the changes of the next pull begin
    settled: Position = msgspec.field(default_factory=Position)  # of the newest change, read long after it


class OrderPull:
    """One pull of orders, from a cursor on; yields pages with the cursor to go on from."""

    def __init__(self, client: Client, to_records: ToRecords) -> None:
        self._client = client
        self._to_records = to_records
        self._total: int | None = None
        self._quiet = False  # nothing had changed for long when the last pass began
        self._latest = Position()  # the orders that were changed last
        self._up = Walk(client, status="any", fields=PULL_FIELDS)
        self._down = Walk(client, status="any", fields=PULL_FIELDS, descending=True)

    def pages(self, since: str | None) -> Iterator[Page]:
        """The pages of this pull; raises Rejected for a cursor that is not its own."""
        cursor = _decode(since)
        if cursor.phase == "done":
            cursor = _resume(cursor)
        if since is None:  # before anything is read: a change after this is dated after it
            answer, newest = newest_change(self._client)
            before = _before(answer, _START_MARGIN)
            cursor.start, cursor.settled = min(before, newest), Position(at=newest if newest < before else "")
        while cursor.phase != "done":
            yield from self._phase(cursor)

    def _phase(self, cursor: Cursor) -> Iterator[Page]:
        if cursor.phase == "first":
            yield from self._first(cursor)
        elif cursor.phase == "trash":
            yield from self._straight(cursor, "trash", cursor.trash, by="date", then="changed")
        elif cursor.phase == "changed":
            yield from self._straight(cursor, "any", cursor.changed, by="modified", then="changed_trash")
        else:
            yield from self._straight(cursor, "trash", cursor.changed_trash, by="modified", then="done")

    def _first(self, cursor: Cursor) -> Iterator[Page]:
        """Two walks towards each other on two connections, until they have met."""
        cursor.full = True
        with ThreadPoolExecutor(max_workers=2) as pool:
            ahead = self._round(pool, cursor, both=True)
            while True:
                rows, met, rest = self._gather(ahead, cursor)
                if met:
                    cursor.phase = "trash"
                    yield self._page(rows, cursor)
                    return
                ahead = self._round(pool, cursor, both=rest > PER_PAGE)
                yield self._page(rows, cursor)

    def _round(self, pool: ThreadPoolExecutor, cursor: Cursor, *, both: bool) -> "_Round":
        """The next requests, each bounded by where the other walk stands."""
        up, down = _copy(cursor.up), _copy(cursor.down)
        to_down = shift(down.at, 1) if down.at else ""
        to_up = shift(up.at, -1) if up.at else ""
        rising = pool.submit(self._up.page, up, to_down)
        falling = pool.submit(self._down.page, down, to_up) if both else None
        return _Round(up=up, down=down, rising=rising, falling=falling)

    def _gather(self, ahead: "_Round", cursor: Cursor) -> tuple[list[Row], bool, int]:
        """The rows of a round, whether the walks have met, and how many orders lie between them."""
        first, answer = ahead.rising.result()
        second = ahead.falling.result()[0] if ahead.falling else []
        self._note_start(cursor, answer)
        self._note_newest(cursor, [*first, *second])
        cursor.up, cursor.down = ahead.up, ahead.down
        gap = answer.headers.get("X-WP-Total", "")
        rest = int(gap) - len(first) - len(second) if gap.isdigit() else PER_PAGE + 1
        return _newest(first, second), _met(cursor), rest

    def _straight(
        self, cursor: Cursor, status: str, position: Position, *, by: str,
        then: Literal["changed", "changed_trash", "done"],
    ) -> Iterator[Page]:  # fmt: skip
        """One walk, forwards, to its end; after a first pull over changes until a pass fits on one page.

        An order that changes again while its id is excluded hides from the pass: the next pull
        begins before this one's newest change and finds it.
        """
        walk = Walk(self._client, status=status, fields=PULL_FIELDS, by=by)
        if by == "modified" and not position.at:
            position.at = cursor.start
        pages = 0
        while not position.over:
            rows, answer = walk.page(position)
            pages += 1
            self._note_start(cursor, answer)
            if by == "modified":
                position.over |= self._caught_up(cursor, rows, answer, first=pages == 1)
            if position.over and cursor.full and by == "modified" and pages > 1 and cursor.passes < _PASSES:
                cursor.passes, pages = cursor.passes + 1, 0
                _restart(position, at=cursor.newest)
            elif position.over:
                cursor.phase, cursor.passes = then, 0
            yield self._page(_newest(rows), cursor)

    def _caught_up(self, cursor: Cursor, rows: list[Row], answer: Answer, *, first: bool) -> bool:
        """Whether a pass has read what had changed when it began; later changes are the next pass's.

        Without that end a shop that changes faster than it answers would never let a pull go.
        """
        if first:
            changed = answer.headers.get("X-WP-Total", "")
            # Twice, for the orders of a crowded second are read again by id.
            cursor.pages = 2 * (-(-int(changed) // PER_PAGE) + 1) if changed.isdigit() else _MOST_PAGES
            if cursor.phase == "changed":
                self._note_newest(cursor, rows)
                cursor.next = _next(cursor.newest, answer)
                self._quiet = cursor.newest < _before(answer, _SKEW)
        cursor.pages -= 1
        return cursor.pages < 1

    def _note_newest(self, cursor: Cursor, rows: list[Row]) -> None:
        dates = (str(row.get("date_modified_gmt") or "") for row in rows)
        cursor.newest = max(cursor.newest, *dates, "")

    def _note_start(self, cursor: Cursor, answer: Answer) -> None:
        if not cursor.start:
            cursor.start = _before(answer, _START_MARGIN)
        if cursor.phase == "first" and self._total is None:
            total = answer.headers.get("X-WP-Total", "")
            self._total = int(total) if total.isdigit() else None

    def _page(self, rows: list[Row], cursor: Cursor) -> Page:
        done = cursor.phase == "done"
        rows = self._unsettled(rows, cursor)
        return Page(
            records=self._to_records(rows),
            cursor=msgspec.json.encode(self._finished(cursor) if done else cursor).decode(),
            total=self._total,
            complete=done and cursor.full,
        )

    def _unsettled(self, rows: list[Row], cursor: Cursor) -> list[Row]:
        """The rows without those that an earlier pull has read in this version."""
        for row in rows:
            if row.get("date_modified_gmt") == cursor.newest:
                self._latest.at, self._latest.seen = cursor.newest, [*self._at_newest(cursor), row["id"]]
        known = cursor.settled
        left = [r for r in rows if r["id"] not in known.seen or r.get("date_modified_gmt") != known.at]
        if cursor.full and len(known.seen) < PER_PAGE:
            known.seen += [row["id"] for row in left if row.get("date_modified_gmt") == known.at]
        return left

    def _at_newest(self, cursor: Cursor) -> list[int]:
        return self._latest.seen if self._latest.at == cursor.newest else []

    def _finished(self, cursor: Cursor) -> Cursor:
        """The cursor of a pull that is done; where nothing had changed for long, with what it read last."""
        seen = sorted(set(self._at_newest(cursor)))
        long_ago = self._quiet and len(seen) <= PER_PAGE
        settled = Position(at=cursor.newest, seen=seen) if long_ago else Position()
        following = cursor.next or cursor.start
        return Cursor(phase="done", next=following, newest=cursor.newest, settled=settled)


class _Round(NamedTuple):
    """The requests under way, and the positions they move."""

    up: Position
    down: Position
    rising: "Future[tuple[list[Row], Answer]]"
    falling: "Future[tuple[list[Row], Answer]] | None"


def _copy(position: Position) -> Position:
    return msgspec.structs.replace(position, seen=list(position.seen))


def _restart(position: Position, *, at: str) -> None:
    position.at, position.seen, position.inside, position.over = at, [], 0, False


def _met(cursor: Cursor) -> bool:
    if cursor.up.over or cursor.down.over:
        return True
    return bool(cursor.up.at and cursor.down.at) and cursor.up.at > cursor.down.at


def _newest(*pages: list[Row]) -> list[Row]:
    """Each order once, the version with the latest change."""
    found: dict[int, Row] = {}
    for rows in pages:
        for row in rows:
            known = found.get(row["id"])
            if known is None or str(row["date_modified_gmt"]) >= str(known["date_modified_gmt"]):
                found[row["id"]] = row
    return list(found.values())


def _before(answer: Answer, margin: timedelta) -> str:
    """The shop's own time when the question was asked, less a margin, as naive UTC text."""
    try:
        now = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (TypeError, ValueError):
        now = datetime.now(UTC) - timedelta(hours=1)  # a shop that tells no time: read an hour again
    asked = now - timedelta(seconds=answer.elapsed) - margin
    return asked.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def _next(newest: str, answer: Answer) -> str:
    """Where the next pull begins: just before the newest change seen when this pass began.

    Every later change is dated after it by the same clock, whatever the Date header says; behind it where
    it is older than any skew. A change that is dated ahead of the Date header moves nothing on.
    """
    long_ago = _before(answer, _WORST_SKEW)
    if newest < long_ago:
        return shift(newest, 1) if newest else long_ago
    return min(_before(answer, _END_MARGIN), shift(newest, -int(_END_MARGIN.total_seconds())))


def _resume(cursor: Cursor) -> Cursor:
    """The next pull begins where the changes of the last one ended."""
    return Cursor(phase="changed", start=cursor.next, newest=cursor.newest, settled=cursor.settled)


def _decode(since: str | None) -> Cursor:
    if since is None:
        return Cursor()
    try:
        return msgspec.json.decode(since, type=Cursor)
    except (msgspec.DecodeError, msgspec.ValidationError):
        pass
    raise Rejected(
        "woocommerce: read orders cannot go on from this cursor. Pull everything again.",
        adapter="woocommerce", operation="read orders",
    )  # fmt: skip
