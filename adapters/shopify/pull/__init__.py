"""Pulling one kind: bulk for the first read and for big ones, pages of what changed for the daily one.

Paging ends at 25,000 objects (shopify.dev/docs/api/usage/limits), so a big read is always a bulk
query, and its operations' ids stand in the cursor: a restart takes them up where they were.
A walk over all is held against what Shopify counted as it began, a read of changes against the count
of its search; a file against the objects that its operation counted.
"""

from collections.abc import Iterator
from datetime import datetime

from adapters.shopify import counting
from adapters.shopify.pull.in_bulk import InBulk
from adapters.shopify.pull.of import AGED as AGED
from adapters.shopify.pull.of import Begun as Begun
from adapters.shopify.pull.of import Reading
from adapters.shopify.pull.of import Shop as Shop
from adapters.shopify.pull.paged import Pages
from adapters.shopify.pull.shown import Shown
from adapters.shopify.sources import Source
from adapters.shopify.walk import Cursor, decode, moment, scopes_of
from connector.errors import AccessDenied
from connector.ports import SCOPE_LOST, Page

BULK_FROM = 2_000
"""Records from which a read is done in bulk: 80 pages of orders take longer than one operation."""


class Pull:
    """One pull of one kind, from a cursor on; yields pages with the cursor to go on from."""

    def __init__(self, shop: Shop, source: Source) -> None:
        self._shop = shop
        self._source = source
        self._reading = Reading(shop, source)
        self._shown = Shown(self._reading)
        self._pages = Pages(shop.client, source)
        self._bulk = InBulk(self._reading, self._shown)
        self._oldest: datetime | None = None
        self._first: counting.Start | None = None  # counted already, to see whether it may be read

    def pages(self, since: str | None) -> Iterator[Page]:
        """The pages of this pull; raises Rejected for a cursor that is not its own."""
        self._shop.fetcher.walked.pop(self._source.kind, None)
        cursor = decode(since, self._shop.clock())
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
                yield from self._bulk.read(cursor)
            elif cursor.phase == "all" and self._bulk.join(cursor):
                yield self._shown.page([], cursor)
            elif self._is_big(cursor):
                yield self._bulk.begin(cursor, self._oldest)
            else:
                yield from self._paged(cursor)

    def _walked_under(self) -> tuple[str, ...]:
        """The permissions of the last complete walk, which a walk that begins anew is held against."""
        known = self._shop.fetcher.controls
        return tuple(sorted(scopes_of(known(self._source.kind).cursor))) if known is not None else ()

    def _shut(self, cursor: Cursor) -> Iterator[Page]:
        """What is said of a kind that may not be read at all: nothing where it never could be."""
        if cursor.scopes:
            ended = Cursor(phase="done", next=cursor.next, scopes=cursor.scopes, lost=True)
            yield Page(records=(), cursor=ended.encoded(), why=SCOPE_LOST)

    def _taken_up(self, cursor: Cursor) -> Cursor:
        """A pull that was stopped, where it can go on: what only memory knew is read again."""
        if cursor.phase == "changed" and cursor.full and self._source.belongs is not None:
            return Cursor(full=True, start=moment(self._shop.clock()), scopes=cursor.scopes)
        for part in cursor.slices if self._bulk.from_the_start(cursor) else ():
            part.over, part.done, part.lines, part.roots = False, 0, 0, 0
        return cursor

    def _may_read(self) -> bool:
        if self._source.optional not in self._shop.client.scopes():
            return False
        try:
            self._first = counting.count_all(self._shop.client, self._source)
        except AccessDenied as error:
            if error.code != "ACCESS_DENIED":
                raise
            return False
        return True

    def _again(self, cursor: Cursor) -> Cursor:
        """The next pull: what changed since the last, or everything where no search finds changes."""
        start = moment(self._shop.clock())
        if not self._source.changes or (cursor.lost and not self._reading.lost(cursor)):
            # What was changed while it was out of sight is in no search that begins now.
            return Cursor(full=True, start=start, scopes=cursor.scopes)
        search = self._reading.since(cursor.next)
        return Cursor(phase="changed", start=start, search=search, scopes=cursor.scopes)

    def _is_big(self, cursor: Cursor) -> bool:
        """Whether to read in bulk; what is counted here is what the read is held against."""
        if cursor.phase == "all":
            begun, self._first = self._first or counting.count_all(self._shop.client, self._source), None
            cursor.counted, cursor.upto, self._oldest = begun.counted, begun.upto, begun.born
            return begun.counted is None or begun.counted > BULK_FROM
        cursor.expected, exact = counting.count_found(self._shop.client, self._source, cursor.search)
        return cursor.expected > BULK_FROM or not exact

    def _paged(self, cursor: Cursor) -> Iterator[Page]:
        """One walk by id, or of what changed by its change: what changes meanwhile moves to the end."""
        sort = "ID" if cursor.phase == "all" else "UPDATED_AT"
        for rows in self._pages.read(cursor.search, sort):
            yield self._shown.page(rows.nodes, cursor, last=rows.behind is None)
