"""Pulling one kind: bulk for the first read and for big ones, pages of what changed for the daily one.

Paging ends at 25,000 objects (shopify.dev/docs/api/usage/limits), so a big read is always a bulk
query, and its operations' ids stand in the cursor: a restart takes them up where they were.
A walk over all is held against what Shopify counted as it began, a read of changes against the count
of its search; a file against the objects that its operation counted.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from msgspec import ValidationError, convert

from adapters.shopify import bulk, counting, expiry
from adapters.shopify.answers import OddAnswer, connection
from adapters.shopify.client import Client
from adapters.shopify.faults import ADAPTER
from adapters.shopify.fetch import Fetcher
from adapters.shopify.files import Files
from adapters.shopify.ids import number
from adapters.shopify.nodes import Node
from adapters.shopify.reading import checked, unread
from adapters.shopify.shapes import Moment
from adapters.shopify.sources import Source
from adapters.shopify.walk import Cursor, Slice, decode, earlier, moment, scopes_of
from connector.errors import AccessDenied, Rejected
from connector.ports import SCOPE_LOST, Clock, Page, Unread
from connector.records import Kind, Record, Ref

BULK_FROM = 2_000
"""Records from which a read is done in bulk: 80 pages of orders take longer than one operation."""

AGED = (Kind.ORDER, Kind.CART)
"""Kinds of which only 60 days are shown without read_all_orders."""

_SLICE_FROM = 20_000
_PER_PAGE = 500
_SMALLEST = 5  # records a page, once a page has turned out too expensive
_AGAIN = 3  # empty pages in a row that say there are more


_JOINS_WITHIN = timedelta(hours=1)


class Joined(NamedTuple):
    """The operations of a walk over all that another kind of the same list may take up too.

    `counted` and `upto` are what Shopify said as it began, at `start`.
    """

    kind: Kind
    start: str
    counted: int | None
    upto: int
    slices: list[tuple[str, str]]


Begun = dict[str, Joined]
"""The walks begun in this process, by the operation that reads them."""


class Pull:
    """One pull of one kind, from a cursor on; yields pages with the cursor to go on from."""

    def __init__(
        self, client: Client, files: Files, source: Source, clock: Clock, fetcher: Fetcher, *,
        begun: Begun | None = None,
    ) -> None:  # fmt: skip
        self._client = client
        self._fetcher = fetcher
        self._files = files
        self._source = source
        self._clock = clock
        self._page = source.page
        self._shown: set[str] = set()  # ids of what changed
        self._passed: set[str] = set()  # ids counted that are of another kind
        self._oldest: datetime | None = None
        self._begun = {} if begun is None else begun
        self._met = expiry.Meeting(source.kind)
        self._first: counting.Start | None = None  # counted already, to see whether it may be read

    def pages(self, since: str | None) -> Iterator[Page]:
        """The pages of this pull; raises Rejected for a cursor that is not its own."""
        self._fetcher.walked.pop(self._source.kind, None)
        cursor = decode(since, self._clock())
        cursor.scopes = cursor.scopes or self._walked_under()
        if self._source.optional and not self._may_read():
            yield from self._shut(cursor)
            return
        if cursor.phase == "done":
            cursor = self._again(cursor)
        elif since is not None:
            cursor = self._taken_up(cursor)
        while cursor.phase != "done":
            if cursor.phase == "bulk":
                yield from self._bulk(cursor)
            elif cursor.phase == "all" and self._joins(cursor):
                yield self._made([], cursor)
            elif self._is_big(cursor):
                yield self._begin_bulk(cursor)
            else:
                yield from self._paged(cursor)

    def _walked_under(self) -> tuple[str, ...]:
        """The permissions of the last complete walk, which a walk that begins anew is held against."""
        known = self._fetcher.controls
        return tuple(sorted(scopes_of(known(self._source.kind).cursor))) if known is not None else ()

    def _shut(self, cursor: Cursor) -> Iterator[Page]:
        """What is said of a kind that may not be read at all: nothing where it never could be."""
        if cursor.scopes:
            ended = Cursor(phase="done", next=cursor.next, scopes=cursor.scopes, lost=True)
            yield Page(records=(), cursor=ended.encoded(), why=SCOPE_LOST)

    def _lost(self, cursor: Cursor) -> bool:
        """Whether a permission is gone that showed records of this kind when all were walked last."""
        shows = {"read_all_orders"} if self._source.kind in AGED else set()
        return not (shows & set(cursor.scopes)) <= self._client.scopes()

    def _taken_up(self, cursor: Cursor) -> Cursor:
        """A pull that was stopped, where it can go on: what only memory knew is read again."""
        if cursor.phase == "changed" and cursor.full and self._source.belongs is not None:
            return Cursor(full=True, start=moment(self._clock()), scopes=cursor.scopes)
        for part in cursor.slices if self._from_the_start(cursor) else ():
            part.over, part.done, part.lines, part.roots = False, 0, 0, 0
        return cursor

    def _may_read(self) -> bool:
        if self._source.optional not in self._client.scopes():
            return False
        try:
            self._first = counting.begin(self._client, self._source)
        except AccessDenied as error:
            if error.code != "ACCESS_DENIED":
                raise
            return False
        return True

    def _again(self, cursor: Cursor) -> Cursor:
        """The next pull: what changed since the last, or everything where no search finds changes."""
        start = moment(self._clock())
        if not self._source.changes or (cursor.lost and not self._lost(cursor)):
            # What was changed while it was out of sight is in no search that begins now.
            return Cursor(full=True, start=start, scopes=cursor.scopes)
        search = self._since(cursor.next)
        return Cursor(phase="changed", start=start, search=search, scopes=cursor.scopes)

    def _since(self, at: str) -> str:
        return f"updated_at:>='{at[:10] if self._source.days else at}'"

    def _is_big(self, cursor: Cursor) -> bool:
        """Whether to read in bulk; what is counted here is what the read is held against."""
        if cursor.phase == "all":
            begun, self._first = self._first or counting.begin(self._client, self._source), None
            cursor.counted, cursor.upto, self._oldest = begun.counted, begun.upto, begun.born
            return begun.counted is None or begun.counted > BULK_FROM
        cursor.expected, exact = counting.search(self._client, self._source, cursor.search)
        return cursor.expected > BULK_FROM or not exact

    # Pages.

    def _paged(self, cursor: Cursor) -> Iterator[Page]:
        """One walk by id, or of what changed by its change: what changes meanwhile moves to the end."""
        sort = "ID" if cursor.phase == "all" else "UPDATED_AT"
        for rows, last in self._rows(cursor.search, sort):
            yield self._made(rows, cursor, last=last)

    def _rows(self, search: str, sort: str) -> Iterator[tuple[list[Any], bool]]:
        """Every page, and whether it is the last. Raises OddAnswer where pages repeat themselves."""
        after: str | None = None
        met: set[str | None] = {None}
        empty = 0
        while True:
            rows, behind = self._read_page(search, sort, after)
            yield rows, behind is None
            if behind is None:
                return
            empty = 0 if rows else empty + 1
            if behind in met or empty >= _AGAIN:
                raise OddAnswer(self._source.operation)
            met.add(behind)
            after = behind

    def _read_page(self, search: str, sort: str, after: str | None) -> tuple[list[Any], str | None]:
        """One page; a page that costs too much is asked for in halves."""
        while True:
            variables = {"first": self._page, "after": after, "query": search or None, "sortKey": sort}
            try:
                answer = self._client.run(self._source.operation, variables)
            except Rejected as error:
                if error.code != "MAX_COST_EXCEEDED" or self._page <= _SMALLEST:
                    raise
                self._page = max(_SMALLEST, self._page // 2)
                continue
            return connection(answer, self._source.connection, self._source.operation)

    # Bulk.

    def _begin_bulk(self, cursor: Cursor) -> Page:
        """Starts the operations, several at once; an empty page keeps their ids."""
        whole = cursor.phase == "all"
        cursor.slices = [Slice(search=search) for search in self._searches(cursor)]
        for part in cursor.slices:
            part.id = self._start(part)
        cursor.phase = "bulk"
        if whole and self._source.belongs is not None:
            self._begun[self._source.operation] = Joined(
                self._source.kind, cursor.start, cursor.counted, cursor.upto,
                [(part.search, part.id) for part in cursor.slices],
            )  # fmt: skip
        return self._made([], cursor)

    def _joins(self, cursor: Cursor) -> bool:
        """Whether a walk over all takes up the operations that another kind of the same list began.

        Their file holds both kinds, and the count was taken as it began: changes since then are read after.
        Each kind joins once, so that a walk that is repeated asks anew.
        """
        other = self._begun.get(self._source.operation)
        if other is None or other.kind is self._source.kind:
            return False
        del self._begun[self._source.operation]
        if other.start < moment(self._clock() - _JOINS_WITHIN):
            return False
        cursor.start, cursor.counted, cursor.upto = other.start, other.counted, other.upto
        cursor.slices = [Slice(search=search, id=id_) for search, id_ in other.slices]
        cursor.phase = "bulk"
        return True

    def _searches(self, cursor: Cursor) -> list[str]:
        """The parts of a read: of all there is by the date of creation, of what changed only that."""
        parts = self._source.slices
        many = cursor.counted is None or cursor.counted >= _SLICE_FROM
        if cursor.search or parts < 2 or not many or self._oldest is None:
            return [cursor.search]
        step = (self._clock() - self._oldest) / parts
        marks = [_mark(self._oldest + step * part) for part in range(1, parts)]
        bounds = [("", marks[0]), *pairwise(marks), (marks[-1], "")]
        return [
            " ".join(([f"created_at:>='{low}'"] if low else []) + ([f"created_at:<'{high}'"] if high else []))
            for low, high in bounds
        ]

    def _start(self, part: Slice) -> str:
        return bulk.start_query(self._client, f"bulk_{self._source.operation}", search=part.search)

    def _bulk(self, cursor: Cursor) -> Iterator[Page]:
        for part in cursor.slices:
            if not part.over:
                yield from bulk.retrying(partial(self._slice, cursor, part))
        cursor.slices = []
        yield self._made([], cursor, last=True)

    def _slice(self, cursor: Cursor, part: Slice) -> Iterator[Page]:
        """The records of one operation, page by page; one that is gone or not whole is started anew."""
        try:
            yield from self._file(cursor, part, bulk.wait_for(self._client, part.id))
        except bulk.RunAnew:
            part.done = part.lines = part.roots = 0
            part.id = self._start(part)
            raise

    def _from_the_start(self, cursor: Cursor) -> bool:
        """Whether a file is read whole again after a stop: where each id counts once, whoever read it."""
        return bool(cursor.search) or self._source.belongs is not None

    def _file(self, cursor: Cursor, part: Slice, ended: bulk.Ended) -> Iterator[Page]:
        strays: set[str] = set()
        tally = bulk.Tally(part.lines, part.roots)
        rows: list[Node] = []
        for node, behind in self._nodes(part, ended, strays, tally):
            rows.append(self._filled(node))
            if len(rows) >= _PER_PAGE and behind >= 0:
                part.done, part.lines, part.roots = behind, tally.lines, tally.roots
                yield self._made(rows, cursor)
                rows = []
        tally.hold_against(ended)
        part.over = True
        yield self._made(rows, cursor)
        if strays:
            yield self._by_id(sorted(strays), cursor)

    def _nodes(
        self, part: Slice, ended: bulk.Ended, strays: set[str], tally: bulk.Tally
    ) -> Iterator[tuple[Node, int]]:
        if ended.url:  # none where nothing was found
            pieces = bulk.read(self._files, ended.url, start=part.done)
            yield from bulk.assemble(bulk.lines(pieces, start=part.done), strays=strays, tally=tally)

    def _filled(self, node: Node) -> Node:
        """A record of a file with the connections that were asked for, of which it has no lines."""
        features = self._client.features()
        return {**{name: [] for name in self._source.asked(features)}, **node}

    def _by_id(self, ids: list[str], cursor: Cursor) -> Page:
        """Records whose parts stood elsewhere in the file; what the file said of them is not whole."""
        refs = [Ref(adapter=ADAPTER, kind=self._source.kind, id=number(id_)) for id_ in ids]
        records: list[Record] = []
        lost: list[Unread] = []
        for ref, found in self._fetcher.reads(self._source, refs):
            if found.node is not None and self._source.holds(found.node):
                records.append(self._source.to_record(found.node))
            elif found.node is None:
                reason = found.unread or unread(self._source, None, "more_than_was_read:file", ref=ref)
                lost += [reason] if reason else []
        return Page(records=tuple(records), unread=tuple(lost), cursor=cursor.encoded(), total=cursor.counted)

    # Both.

    def _walked(self, cursor: Cursor) -> None:
        """After a walk: what changed during a long one is read too; then the pull is done.

        The next pull begins where this walk did, by the shop's own dates: its clock is not ours.
        """
        began, cursor.start = cursor.start, moment(self._clock())
        cursor.next = min(began, earlier(cursor.newest)) if cursor.newest else began
        again = cursor.phase == "bulk" and cursor.full and not cursor.passes
        cursor.passes += 1
        if cursor.search:
            cursor.missing = self._missing(cursor)
        if again and self._source.changes:
            cursor.phase, cursor.search = "changed", self._since(cursor.next)
        else:
            cursor.phase = "done"

    def _missing(self, cursor: Cursor) -> int:
        """How many the search counted and did not show; counted again, as some may have been deleted."""
        shown, self._shown = len(self._shown), set()
        if shown >= cursor.expected:
            return 0
        now, _ = counting.search(self._client, self._source, cursor.search)
        return max(0, min(now, cursor.expected) - shown)

    def _made(self, rows: list[Any], cursor: Cursor, *, last: bool = False) -> Page:
        records, lost = self._read(rows, cursor)
        if last:
            self._walked(cursor)
        done = cursor.phase == "done"
        counted = None if cursor.counted is None else cursor.counted - len(self._passed)
        self._meet(records, lost, cursor)
        complete = done and cursor.full and self.sees_all and counted is not None
        if complete:
            cursor.scopes = tuple(sorted(self._client.scopes()))
            self._fetcher.walked[self._source.kind] = self._met.ended(counted, cursor.upto)
        # The count comes with the permissions of that moment.
        stands = done and self._stands(cursor)
        standing = counting.standing(self._client, self._source) if stands else ()
        gone = done and self._lost(cursor)
        ended = Cursor(phase="done", next=cursor.next, scopes=cursor.scopes, lost=gone)
        refs = [record.ref for record in records] + [one.ref for one in lost]
        return Page(
            records=tuple(records), unread=tuple(lost), cursor=(ended if done else cursor).encoded(),
            total=cursor.counted, complete=complete, counted=counted if complete else None,
            newer=frozenset(ref for ref in refs if cursor.full and int(ref.id) > cursor.upto),
            missing=cursor.missing if done else 0,
            standing=standing, why=SCOPE_LOST if gone else "",
        )  # fmt: skip

    def _meet(self, records: list[Record], lost: list[Unread], cursor: Cursor) -> None:
        """Notes what a walk over all shows; a record that could not be read was shown all the same."""
        if cursor.full:
            self._met.met((record.ref for record in records), readable=True)
            self._met.met((one.ref for one in lost), readable=False)

    def _stands(self, cursor: Cursor) -> bool:
        """Whether what is known after a read of changes can be held against the count of the whole kind."""
        return not cursor.full and self._source.belongs is None and (self.sees_all or self._lost(cursor))

    @property
    def sees_all(self) -> bool:
        """Whether every record is visible: without read_all_orders only 60 days of orders are."""
        return self._source.kind not in AGED or "read_all_orders" in self._client.scopes()

    def _read(self, rows: list[Any], cursor: Cursor) -> tuple[list[Record], list[Unread]]:
        """The records of these nodes, and those that are there and could not be read."""
        records: list[Record] = []
        lost: list[Unread] = []
        for node in rows:
            self._see(node, cursor)
            found = checked(self._client, self._source, node)
            if isinstance(found, Unread):
                lost.append(found)
            elif found is not None and self._source.holds(found):
                self._passed.discard(found["id"])
                records.append(self._source.to_record(found))
            elif found is not None and self._counts(found, cursor):
                self._passed.add(found["id"])
        return records, lost

    def _see(self, node: Any, cursor: Cursor) -> None:
        """Notes which of what changed was shown, and the newest change."""
        if isinstance(node, dict):
            cursor.newest = max(cursor.newest, _changed(node))
            if cursor.search:
                self._shown.add(str(node.get("id")))

    def _counts(self, node: Node, cursor: Cursor) -> bool:
        """Whether a node of another kind was in the count of this walk."""
        return cursor.full and not cursor.passes and int(number(node["id"])) <= cursor.upto


def _changed(node: Node) -> str:
    """When a node was changed, in the shop's own words; empty where that is no moment."""
    try:
        convert(node.get("updatedAt"), Moment)
    except ValidationError:
        return ""
    return str(node["updatedAt"])


def _mark(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
