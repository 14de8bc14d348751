"""Pulling orders: every record, each in its newest version, while the shop is in use.

First pull: two walks, from the oldest and from the newest order, meet in the middle; then the
trash and drafts, which no list shows unless they are named; then what changed since the start, until
nothing more comes. Later pulls begin with the last. A walk over all is held against the shop's own count
of the orders created before it began, a pull of changes against the count in its answer, and all that is
known after it against the shop's totals report.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, NamedTuple

import msgspec

from adapters.http import Answer
from adapters.woocommerce.answers import ADAPTER, PER_PAGE, Listed, Row, listed, moment
from adapters.woocommerce.client import Client
from adapters.woocommerce.dates import shift
from adapters.woocommerce.orders import PULL_FIELDS
from adapters.woocommerce.reading import Read
from adapters.woocommerce.shop_time import newest_change
from adapters.woocommerce.totals import ASIDE, standing_orders, totals
from adapters.woocommerce.walk import Position, Walk
from connector.errors import Rejected
from connector.ports import Page
from connector.records import Kind, Ref

# Clocks of web server and PHP may differ, and a save takes a moment from its date to its commit.
_START_MARGIN = timedelta(minutes=15)
_END_MARGIN = timedelta(seconds=10)

_PASSES = 3
_MOST_PAGES = 1000  # of one pass where the shop tells no totals
# A shop's PHP and the server that writes the Date header may run on clocks that differ, the worst of them
# by less than two days.
_SKEW = timedelta(minutes=15)
_WORST_SKEW = timedelta(days=2)

ToRecords = Callable[[list[Row]], Read]


class Cursor(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where a pull stands, as the ledger keeps it between pages and runs."""

    v: int = 1
    phase: Literal["first", "trash", "changed", "changed_trash", "done"] = "first"
    start: str = ""
    since: str = ""  # where the changes begin, by the clock that dates them
    full: bool = False  # a walk over all orders: its last page is complete
    statuses: str = ""  # by name, as the shop registers them; "any" where it does not tell
    aside: str = ""  # and those that no list shows unless they are named
    up: Position = msgspec.field(default_factory=Position)
    down: Position = msgspec.field(default_factory=Position)
    trash: Position = msgspec.field(default_factory=Position)
    changed: Position = msgspec.field(default_factory=Position)
    changed_trash: Position = msgspec.field(default_factory=Position)
    passes: int = 0  # over the changes of this phase
    pages: int = 0  # left of this pass
    newest: str = ""  # change seen so far, in the shop's own time
    next: str = ""  # where the changes of the next pull begin
    counted: int = 0  # orders that existed at the start, by the shop's own counts
    uncounted: bool = False  # a count is missing: the walk cannot be held against one
    newer: int = 0  # orders met that came after the start
    hidden: int = 0  # orders in the totals report that the list leaves out
    expected: int = 0  # changes that the shop counted when this pass began
    shown: int = 0  # changes that it has shown since
    missing: int = 0  # changes counted and not shown, in passes that are over
    settled: Position = msgspec.field(default_factory=Position)  # of the newest change, read long after it


class OrderPull:
    """One pull of orders, from a cursor on; yields pages with the cursor to go on from."""

    def __init__(self, client: Client, to_records: ToRecords, *, fields: str = PULL_FIELDS) -> None:
        self._fields = fields
        self._client = client
        self._to_records = to_records
        self._total: int | None = None
        self._shown: set[int] = set()
        self._walks: dict[tuple[str, str, bool], Walk] = {}
        self._quiet = False  # nothing had changed for long when the last pass began
        self._latest = Position()  # the orders that were changed last

    def pages(self, since: str | None) -> Iterator[Page]:
        """The pages of this pull; raises Rejected for a cursor that is not its own."""
        cursor = _decode(since)
        if cursor.phase == "done":
            cursor = _resume(cursor)
            self._date(cursor)
        if since is None:  # before anything is read: a change after this is dated after it
            answer, newest = newest_change(self._client)
            before = _before(answer, _START_MARGIN)
            cursor.start, cursor.since = before, min(before, newest)
            cursor.settled = Position(at=newest if newest < before else "")
        if not cursor.statuses:
            self._begin(cursor)
        while cursor.phase != "done":
            yield from self._phase(cursor)

    def _date(self, cursor: Cursor) -> None:
        """Notes the newest change there is as a pull of changes begins: the next one goes on from there.

        Its own first page shows the oldest of what changed: from there, all but a hundred of a run's own
        writes would be read again by each pull after it. A date ahead of the shop's header dates nothing.
        """
        answer, newest = newest_change(self._client)
        if newest <= _before(answer, timedelta()):
            cursor.newest = max(cursor.newest, newest)

    def _begin(self, cursor: Cursor) -> None:
        """Asks for the statuses by name: `any` leaves out drafts, and more with each version."""
        counted = totals(self._client, "orders")
        cursor.aside = ",".join(ASIDE if counted else (*ASIDE, "checkout-draft"))
        cursor.statuses = ",".join(counted.by_slug) if counted else "any"
        if cursor.phase != "first":
            cursor.uncounted |= cursor.full  # begun by a version that did not count
        elif counted and not cursor.up.at:
            cursor.start = cursor.start or _before(counted.answer, _START_MARGIN)
            cursor.hidden = counted.sum  # until the list has been counted too

    def _any(self, cursor: Cursor) -> None:
        """The list does not take the statuses that the report names: all that it shows, then."""
        cursor.statuses, cursor.aside, cursor.hidden = "any", ",".join((*ASIDE, "checkout-draft")), 0

    def _walk(self, cursor: Cursor, *, aside: bool, by: str = "date", descending: bool = False) -> Walk:
        status = cursor.aside if aside else cursor.statuses
        key = (status, by, descending)
        if key not in self._walks:
            self._walks[key] = Walk(
                self._client, status=status, fields=self._fields, by=by, descending=descending
            )
        return self._walks[key]

    def _phase(self, cursor: Cursor) -> Iterator[Page]:
        if cursor.phase == "first":
            yield from self._first(cursor)
        elif cursor.phase == "trash":
            yield from self._straight(cursor, cursor.trash, aside=True, by="date", then="changed")
        elif cursor.phase == "changed":
            yield from self._straight(
                cursor, cursor.changed, aside=False, by="modified", then="changed_trash"
            )
        else:
            yield from self._straight(cursor, cursor.changed_trash, aside=True, by="modified", then="done")

    def _first(self, cursor: Cursor) -> Iterator[Page]:
        """Two walks towards each other on two connections, until they have met."""
        cursor.full = True
        with ThreadPoolExecutor(max_workers=2) as pool:
            ahead = self._round(pool, cursor, both=True)
            while True:
                try:
                    rows, met, rest = self._gather(ahead, cursor)
                except Rejected as error:
                    if error.status != 400 or cursor.statuses == "any" or cursor.up.at:
                        raise
                    self._any(cursor)
                    ahead = self._round(pool, cursor, both=True)
                    continue
                if met:
                    self._count(cursor)
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
        rising = self._walk(cursor, aside=False)
        falling = self._walk(cursor, aside=False, descending=True)
        return _Round(
            up=up, down=down, rising=pool.submit(rising.page, up, to_down),
            falling=pool.submit(falling.page, down, to_up) if both else None,
        )  # fmt: skip

    def _gather(self, ahead: "_Round", cursor: Cursor) -> tuple[list[Row], bool, int]:
        """The rows of a round, whether the walks have met, and how many orders lie between them."""
        first, answer = ahead.rising.result()
        second = ahead.falling.result()[0].rows if ahead.falling else []
        self._note_start(cursor, answer)
        if self._total is None:
            self._note_total(cursor, first)
        self._note_newest(cursor, [*first.rows, *second])
        cursor.up, cursor.down = ahead.up, ahead.down
        rest = PER_PAGE + 1 if first.total is None else first.total - len(first.rows) - len(second)
        return _newest(first.rows, second), _met(cursor), rest

    def _note_total(self, cursor: Cursor, first: Listed) -> None:
        """The shop's count for progress; what its report counts beyond that, its list will not show."""
        self._total = first.total
        if cursor.up.at or not cursor.hidden:
            return
        if first.total is None or cursor.hidden <= first.total:
            cursor.hidden = 0
            return
        again = totals(self._client, "orders")  # one may have come or gone between the two questions
        cursor.hidden = max(0, min(cursor.hidden, again.sum if again else 0) - first.total)

    def _count(self, cursor: Cursor) -> None:
        """The shop's own count of the orders from before the start, asked once they have been read."""
        operation = "count orders"
        params = {"status": cursor.statuses, "before": cursor.start, "dates_are_gmt": "true",
                  "per_page": 1, "_fields": "id"}  # fmt: skip
        total = listed(self._client.get("orders", params, operation=operation), operation, most=1).total
        if total is None:
            report = totals(self._client, "orders")
            total = max(0, report.sum - cursor.newer) if report else None
        self._add(cursor, total)
        cursor.counted += cursor.hidden

    def _add(self, cursor: Cursor, total: int | None) -> None:
        cursor.counted += total or 0
        cursor.uncounted |= total is None

    def _straight(
        self, cursor: Cursor, position: Position, *, aside: bool, by: str,
        then: Literal["changed", "changed_trash", "done"],
    ) -> Iterator[Page]:  # fmt: skip
        """One walk, forwards, to its end; after a first pull over changes until a pass fits on one page.

        An order that changes again while its id is excluded hides from the pass: the next pull
        begins before this one's newest change and finds it.
        """
        modified = by == "modified"
        if modified and not position.at:
            position.at = cursor.since or cursor.start
        pages = 0
        while not position.over:
            fresh = not (position.at or position.seen)
            page, answer = self._ask(cursor, position, aside=aside, by=by)
            pages += 1
            self._note_start(cursor, answer)
            if modified:
                position.over |= self._caught_up(cursor, page, answer, first=pages == 1)
                self._note_shown(cursor, page)
            elif fresh:
                self._add(cursor, 0 if page.total is None and not page.brought else page.total)
            if not modified and cursor.statuses == "any":
                cursor.counted -= self._listed_twice(page.rows)
            if position.over:
                pages = self._over(cursor, position, pages, then, modified=modified)
            yield self._page(_newest(page.rows), cursor)

    def _ask(self, cursor: Cursor, position: Position, *, aside: bool, by: str) -> tuple[Listed, Answer]:
        """The next page; where a status is not known by name, without it."""
        until = cursor.start if by == "date" else ""
        try:
            return self._walk(cursor, aside=aside, by=by).page(position, until)
        except Rejected as error:
            if error.status != 400 or (cursor.aside == "trash" if aside else cursor.statuses == "any"):
                raise
        if aside:
            cursor.aside = "trash"
        else:
            self._any(cursor)
        return self._walk(cursor, aside=aside, by=by).page(position, until)

    def _over(
        self, cursor: Cursor, position: Position, pages: int,
        then: Literal["changed", "changed_trash", "done"], *, modified: bool,
    ) -> int:  # fmt: skip
        """Goes over the changes again, or on to the next phase; returns the pages of the pass."""
        again = modified and cursor.full and pages > 1 and cursor.passes < _PASSES
        short = modified and not cursor.full and cursor.shown < cursor.expected
        if again or (short and not cursor.passes):
            cursor.passes += 1
            _restart(position, at=cursor.newest if again else cursor.since or cursor.start)
            self._shown.clear()
            cursor.shown = cursor.expected = 0
            return 0
        if short:
            cursor.missing += cursor.expected - cursor.shown
        cursor.phase, cursor.passes, cursor.shown, cursor.expected = then, 0, 0, 0
        self._shown.clear()
        return pages

    def _note_shown(self, cursor: Cursor, page: Listed) -> None:
        before = len(self._shown)
        self._shown.update(row["id"] for row in page.rows)
        cursor.shown += len(self._shown) - before

    def _listed_twice(self, rows: list[Row]) -> int:
        """How many of these drafts `any` lists too, and so are counted already."""
        drafts = [str(row["id"]) for row in rows if row.get("status") == "checkout-draft"]
        if not drafts:
            return 0
        params = {"status": "any", "include": ",".join(drafts), "per_page": PER_PAGE, "_fields": "id"}
        operation = "count drafts"
        shown = listed(self._client.get("orders", params, operation=operation), operation).rows
        return sum(str(row["id"]) in drafts for row in shown)

    def _caught_up(self, cursor: Cursor, page: Listed, answer: Answer, *, first: bool) -> bool:
        """Whether a pass has read what had changed when it began; later changes are the next pass's.

        Without that end a shop that changes faster than it answers would never let a pull go.
        """
        if first:
            # Twice, for the orders of a crowded second are read again by id.
            cursor.pages = _MOST_PAGES if page.total is None else 2 * (-(-page.total // PER_PAGE) + 1)
            cursor.expected = page.total or 0
            if cursor.phase == "changed":
                self._note_newest(cursor, page.rows)
                cursor.next = _next(cursor.newest, answer)
                self._quiet = cursor.newest < _before(answer, _SKEW)
        cursor.pages -= 1
        return cursor.pages < 1

    def _note_newest(self, cursor: Cursor, rows: list[Row]) -> None:
        cursor.newest = max(cursor.newest, *(moment(row, "date_modified_gmt") for row in rows), "")

    def _note_start(self, cursor: Cursor, answer: Answer) -> None:
        if not cursor.start:
            cursor.start = _before(answer, _START_MARGIN)

    def _page(self, rows: list[Row], cursor: Cursor) -> Page:
        done = cursor.phase == "done"
        rows = self._unsettled(rows, cursor)
        read = self._to_records(rows)
        newer = _after(rows, cursor.start) if cursor.full else frozenset()
        cursor.newer += len(newer)
        complete = done and cursor.full
        return Page(
            records=read.records,
            unread=read.unread,
            cursor=msgspec.json.encode(self._finished(cursor) if done else cursor).decode(),
            total=self._total,
            complete=complete,
            counted=cursor.counted if complete and not cursor.uncounted else None,
            newer=newer,
            missing=(cursor.hidden if cursor.full else cursor.missing) if done else 0,
            standing=standing_orders(self._client) if done and not cursor.full else (),
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
    rising: "Future[tuple[Listed, Answer]]"
    falling: "Future[tuple[Listed, Answer]] | None"


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
            name = "date_modified_gmt"
            if known is None or moment(row, name) >= moment(known, name):
                found[row["id"]] = row
    return list(found.values())


def _after(rows: list[Row], start: str) -> frozenset[Ref]:
    """The orders that came into being after the start, which its count leaves out."""
    return frozenset(
        Ref(adapter=ADAPTER, kind=Kind.ORDER, id=str(row["id"]))
        for row in rows
        if moment(row, "date_created_gmt") >= start
    )


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
