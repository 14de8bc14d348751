"""Pulling one kind: bulk for the first read and for big ones, pages of what changed for the daily one.

Paging ends at 25,000 objects (shopify.dev/docs/api/usage/limits), so a big read is always a bulk
query, and its operations' ids stand in the cursor: a restart takes them up where they were.
A walk over all is held against what Shopify counted as it began, a read of changes against the count
of its search; a file against the objects that its operation counted.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from adapters.shopify import counting
from adapters.shopify.cursor import Cursor, decode, moment, scopes_of
from adapters.shopify.pull.in_bulk import InBulk
from adapters.shopify.pull.of import AGED as AGED
from adapters.shopify.pull.of import Begun as Begun
from adapters.shopify.pull.of import Reading, Steps
from adapters.shopify.pull.of import Shop as Shop
from adapters.shopify.pull.paged import Pages
from adapters.shopify.pull.shown import Shown
from adapters.shopify.sources import Source
from connector.errors import AccessDenied
from connector.ports import SCOPE_LOST, Page

BULK_FROM = 2_000
"""Records from which a read is done in bulk: 80 pages of orders take longer than one operation."""


class _Counted(NamedTuple):
    """A read that has been counted: whether it is done in bulk, and since when there is anything of it."""

    cursor: Cursor
    big: bool
    oldest: datetime | None = None


class Pull:
    """One pull of one kind, from a cursor on; each phase takes the cursor so far and returns its own."""

    def __init__(self, shop: Shop, source: Source) -> None:
        self._shop = shop
        self._source = source
        self._reading = Reading(shop, source)
        self._shown = Shown(self._reading)
        self._pages = Pages(shop.client, source)
        self._bulk = InBulk(self._reading, self._shown)

    def pages(self, since: str | None) -> Iterator[Page]:
        """The pages of this pull; raises Rejected for a cursor that is not its own."""
        self._shop.fetcher.walked.pop(self._source.kind, None)
        cursor = decode(since, self._shop.clock())
        cursor = replace(cursor, scopes=cursor.scopes or self._walked_under())
        begun = self._begun() if self._source.optional else None
        if self._source.optional and begun is None:
            yield from self._shut(cursor)
            return
        if cursor.phase == "done":
            cursor = self._again(cursor)
        elif since is not None:
            cursor = self._taken_up(cursor)
        while cursor.phase != "done":
            cursor = yield from self._phase(cursor, begun)

    def _phase(self, cursor: Cursor, begun: counting.Start | None) -> Steps:
        """One phase; `begun` is the count of all there is, where it was taken already."""
        if cursor.phase == "bulk":
            return (yield from self._bulk.read(cursor))
        if cursor.phase == "all" and (joined := self._bulk.joined(cursor)):
            return (yield from self._shown.page([], joined))
        counted = self._count_all(cursor, begun) if cursor.phase == "all" else self._count_found(cursor)
        if counted.big:
            return (yield from self._bulk.begin(counted.cursor, counted.oldest))
        return (yield from self._paged(counted.cursor))

    def _walked_under(self) -> tuple[str, ...]:
        """The permissions of the last complete walk, which a walk that begins anew is held against."""
        return tuple(sorted(scopes_of(self._shop.fetcher.controls(self._source.kind).cursor)))

    def _shut(self, cursor: Cursor) -> Iterator[Page]:
        """What is said of a kind that may not be read at all: nothing where it never could be."""
        if cursor.scopes:
            ended = Cursor(phase="done", next=cursor.next, scopes=cursor.scopes, lost=True)
            yield Page(records=(), cursor=ended.encoded(), why=SCOPE_LOST)

    def _taken_up(self, cursor: Cursor) -> Cursor:
        """A pull that was stopped, where it can go on: what only memory knew is read again."""
        if cursor.phase == "changed" and cursor.full and self._source.belongs is not None:
            return Cursor(full=True, start=moment(self._shop.clock()), scopes=cursor.scopes)
        if not self._bulk.from_the_start(cursor):
            return cursor
        unread = (replace(part, over=False, done=0, lines=0, roots=0) for part in cursor.slices)
        return replace(cursor, slices=tuple(unread))

    def _begun(self) -> counting.Start | None:
        """What there is of a kind that not every shop lets be read; None where it may not be."""
        if self._source.optional not in self._shop.client.scopes():
            return None
        try:
            return counting.count_all(self._shop.client, self._source)
        except AccessDenied as error:
            if error.code != "ACCESS_DENIED":
                raise
            return None

    def _again(self, cursor: Cursor) -> Cursor:
        """The next pull: what changed since the last, or everything where no search finds changes."""
        start = moment(self._shop.clock())
        if not self._source.changes or (cursor.lost and not self._reading.lost(cursor)):
            # What was changed while it was out of sight is in no search that begins now.
            return Cursor(full=True, start=start, scopes=cursor.scopes)
        search = self._reading.since(cursor.next)
        return Cursor(phase="changed", start=start, search=search, scopes=cursor.scopes)

    def _count_all(self, cursor: Cursor, begun: counting.Start | None) -> _Counted:
        """All there is, which the walk over it is held against."""
        begun = begun or counting.count_all(self._shop.client, self._source)
        big = begun.counted is None or begun.counted > BULK_FROM
        return _Counted(replace(cursor, counted=begun.counted, upto=begun.upto), big, begun.born)

    def _count_found(self, cursor: Cursor) -> _Counted:
        """What changed, which the read of it is held against."""
        expected, exact = counting.count_found(self._shop.client, self._source, cursor.search)
        return _Counted(replace(cursor, expected=expected), expected > BULK_FROM or not exact)

    def _paged(self, cursor: Cursor) -> Steps:
        """One walk by id, or of what changed by its change: what changes meanwhile moves to the end."""
        sort = "ID" if cursor.phase == "all" else "UPDATED_AT"
        for rows in self._pages.read(cursor.search, sort):
            cursor = yield from self._shown.page(rows.nodes, cursor, last=rows.behind is None)
        return cursor
