"""Pulling one kind: bulk for the first read and for big ones, pages of what changed for the daily one.

Paging ends at 25,000 objects (shopify.dev/docs/api/usage/limits), so a big read is always a bulk
query, and its operations' ids stand in the cursor: a restart takes them up where they were.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Any

from adapters.shopify import bulk
from adapters.shopify.client import Client
from adapters.shopify.fetch import Fetcher
from adapters.shopify.files import Files
from adapters.shopify.nodes import Node
from adapters.shopify.sources import Source
from adapters.shopify.walk import Cursor, Slice, decode, earlier, moment
from connector.errors import AccessDenied, Rejected
from connector.ports import Clock, Page
from connector.records import Record

BULK_FROM = 2_000
"""Records from which a read is done in bulk: 80 pages of orders take longer than one operation."""

_SLICE_FROM = 20_000
_PER_PAGE = 500
_SMALLEST = 5  # records a page, once a page has turned out too expensive


class Pull:
    """One pull of one kind, from a cursor on; yields pages with the cursor to go on from."""

    def __init__(self, client: Client, files: Files, source: Source, clock: Clock) -> None:
        self._client = client
        self._fetcher = Fetcher(client)
        self._files = files
        self._source = source
        self._clock = clock
        self._page = source.page
        self._total: int | None = None

    def pages(self, since: str | None) -> Iterator[Page]:
        """The pages of this pull; raises Rejected for a cursor that is not its own."""
        if self._source.optional and not self._may_read():
            return
        cursor = decode(since, self._clock())
        if cursor.phase == "done":
            cursor = self._again(cursor)
        while cursor.phase != "done":
            if cursor.phase == "bulk":
                yield from self._bulk(cursor)
            elif self._is_big(cursor):
                yield self._begin_bulk(cursor)
            else:
                yield from self._paged(cursor)

    def _may_read(self) -> bool:
        if self._source.optional not in self._client.scopes():
            return False
        try:
            self._count("")
        except AccessDenied as error:
            if error.code != "ACCESS_DENIED":
                raise
            return False
        return True

    def _again(self, cursor: Cursor) -> Cursor:
        """The next pull: what changed since the last, or everything where no search finds changes."""
        start = moment(self._clock())
        if not self._source.changes:
            return Cursor(full=True, start=start)
        return Cursor(phase="changed", start=start, search=self._since(cursor.next))

    def _since(self, at: str) -> str:
        return f"updated_at:>='{at[:10] if self._source.days else at}'"

    def _is_big(self, cursor: Cursor) -> bool:
        count = self._count(cursor.search)
        if cursor.full and self._total is None and (self._source.counted or count <= BULK_FROM):
            self._total = count
        return count > BULK_FROM

    def _count(self, search: str) -> int:
        answer = self._client.run(f"count_{self._source.operation}", {"query": search or None})
        found = next(iter(answer.values())) or {}
        if self._source.counted:
            return int(found.get("count") or 0)
        return BULK_FROM + 1 if found["pageInfo"]["hasNextPage"] else len(found["edges"])

    # Pages.

    def _paged(self, cursor: Cursor) -> Iterator[Page]:
        """One walk in the order of change; what changes meanwhile moves to its end."""
        after: str | None = None
        while True:
            found, info = self._read_page(cursor.search, after)
            after = info.get("endCursor")
            if not info.get("hasNextPage"):
                self._note(found, cursor)
                self._walked(cursor, long=False)
                yield self._made(found, cursor)
                return
            yield self._made(found, cursor)

    def _read_page(self, search: str, after: str | None) -> tuple[list[Node], dict[str, Any]]:
        """One page; a page that costs too much is asked for in halves."""
        while True:
            variables = {"first": self._page, "after": after, "query": search or None}
            try:
                found = self._client.run(self._source.operation, variables)[self._source.connection]
            except Rejected as error:
                if error.code != "MAX_COST_EXCEEDED" or self._page <= _SMALLEST:
                    raise
                self._page = max(_SMALLEST, self._page // 2)
                continue
            return [edge["node"] for edge in found["edges"]], found["pageInfo"]

    # Bulk.

    def _begin_bulk(self, cursor: Cursor) -> Page:
        """Starts the operations, several at once; an empty page keeps their ids."""
        cursor.slices = [Slice(search=search) for search in self._searches(cursor)]
        for part in cursor.slices:
            part.id = self._start(part)
        cursor.phase = "bulk"
        return self._made([], cursor)

    def _searches(self, cursor: Cursor) -> list[str]:
        """The parts of a read: of all there is by the date of creation, of what changed only that."""
        parts = self._source.slices
        if cursor.search or parts < 2 or (self._total or 0) < _SLICE_FROM:
            return [cursor.search]
        oldest = self._oldest()
        if oldest is None:
            return [cursor.search]
        step = (self._clock() - oldest) / parts
        marks = [_mark(oldest + step * part) for part in range(1, parts)]
        bounds = [("", marks[0]), *pairwise(marks), (marks[-1], "")]
        return [
            " ".join(([f"created_at:>='{low}'"] if low else []) + ([f"created_at:<'{high}'"] if high else []))
            for low, high in bounds
        ]

    def _oldest(self) -> datetime | None:
        found = self._client.run("oldest_order", {"query": None})["orders"]["edges"]
        return datetime.fromisoformat(found[0]["node"]["createdAt"]) if found else None

    def _start(self, part: Slice) -> str:
        return bulk.start_query(self._client, f"bulk_{self._source.operation}", search=part.search)

    def _bulk(self, cursor: Cursor) -> Iterator[Page]:
        for part in cursor.slices:
            if not part.over:
                yield from bulk.retrying(partial(self._slice, cursor, part))
        cursor.slices = []
        self._walked(cursor, long=True)
        yield self._made([], cursor)

    def _slice(self, cursor: Cursor, part: Slice) -> Iterator[Page]:
        """The records of one operation, page by page; one that is gone is started anew."""
        try:
            ended = bulk.wait_for(self._client, part.id)
            yield from self._file(cursor, part, ended.url)
        except bulk.Gone:
            part.done, part.id = 0, self._start(part)
            raise

    def _file(self, cursor: Cursor, part: Slice, url: str) -> Iterator[Page]:
        strays: set[str] = set()
        rows: list[Node] = []
        if url:  # none where nothing was found
            pieces = bulk.read(self._files, url, start=part.done)
            for node, behind in bulk.assemble(bulk.lines(pieces, start=part.done), strays=strays):
                rows.append(node)
                if len(rows) >= _PER_PAGE and behind >= 0:
                    part.done = behind
                    yield self._made(rows, cursor)
                    rows = []
        part.over = True
        rows += self._fetcher.nodes(self._source, sorted(strays))
        yield self._made(rows, cursor)

    # Both.

    def _walked(self, cursor: Cursor, *, long: bool) -> None:
        """After a walk: what changed during a long one is read too; then the pull is done.

        The next pull begins where this walk did, by the shop's own dates: its clock is not ours.
        """
        began, cursor.start = cursor.start, moment(self._clock())
        cursor.next = min(began, earlier(cursor.newest)) if cursor.newest else began
        again = long and cursor.phase == "bulk" and cursor.full and not cursor.passes
        cursor.passes += 1
        if again and self._source.changes:
            cursor.phase, cursor.search = "changed", self._since(cursor.next)
        else:
            cursor.phase = "done"

    def _note(self, rows: list[Node], cursor: Cursor) -> None:
        cursor.newest = max([cursor.newest, *(str(node.get("updatedAt") or "") for node in rows)])

    def _made(self, rows: list[Node], cursor: Cursor) -> Page:
        self._note(rows, cursor)
        done = cursor.phase == "done"
        return Page(
            records=tuple(self._records(rows)),
            cursor=(Cursor(phase="done", next=cursor.next) if done else cursor).encoded(),
            total=self._total,
            complete=done and cursor.full and self.sees_all,
        )

    @property
    def sees_all(self) -> bool:
        """Whether every record is visible: without read_all_orders only 60 days of orders are."""
        return self._source.operation not in ("orders", "carts") or "read_all_orders" in self._client.scopes()

    def _records(self, rows: list[Node]) -> Iterator[Record]:
        return (self._source.to_record(node) for node in rows if self._source.belongs(node))


def _mark(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
