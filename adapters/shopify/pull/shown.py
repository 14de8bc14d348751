"""Pages for the engine: what a walk showed, read into records, and where the pull stands behind it."""

from typing import Any

from msgspec import ValidationError, convert
from msgspec.structs import replace

from adapters.shopify import counting, expiry
from adapters.shopify.cursor import Cursor, earlier, moment
from adapters.shopify.faults import ADAPTER
from adapters.shopify.ids import number
from adapters.shopify.nodes import Node
from adapters.shopify.pull.of import Reading, Steps
from adapters.shopify.reading import checked, unread
from adapters.shopify.shapes import Moment
from connector.ports import SCOPE_LOST, Page, Unread
from connector.records import Record, Ref


class Shown:
    """Makes the pages of one pull, and remembers what it has shown."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._shop, self._source = reading
        self._changes: set[str] = set()  # ids of what changed
        self._passed: set[str] = set()  # ids counted that are of another kind
        self._met = expiry.Meeting(self._source.kind)

    def page(self, rows: list[Any], cursor: Cursor, *, last: bool = False) -> Steps:
        """The page of these nodes; with the last of a walk it asks for the counts that it is held against."""
        records, lost = self._read(rows, cursor)
        cursor = replace(cursor, newest=max(cursor.newest, *map(_changed, rows), ""))
        if last:
            cursor = self._walked(cursor)
        done = cursor.phase == "done"
        counted = None if cursor.counted is None else cursor.counted - len(self._passed)
        self._meet(records, lost, cursor)
        complete = done and cursor.full and self._reading.sees_all and counted is not None
        if complete:
            cursor = replace(cursor, scopes=tuple(sorted(self._shop.client.scopes())))
            self._shop.fetcher.walked[self._source.kind] = self._met.ended(counted, cursor.upto)
        # The count comes with the permissions of that moment.
        stands = done and self._stands(cursor)
        standing = counting.count_now(self._shop.client, self._source) if stands else ()
        gone = done and self._reading.lost(cursor)
        ended = Cursor(phase="done", next=cursor.next, scopes=cursor.scopes, lost=gone)
        refs = [record.ref for record in records] + [one.ref for one in lost]
        yield Page(
            records=tuple(records), unread=tuple(lost), cursor=(ended if done else cursor).encoded(),
            total=cursor.counted, complete=complete, counted=counted if complete else None,
            newer=frozenset(ref for ref in refs if cursor.full and int(ref.id) > cursor.upto),
            missing=cursor.missing if done else 0,
            standing=standing, why=SCOPE_LOST if gone else "",
        )  # fmt: skip
        return cursor

    def _meet(self, records: list[Record], lost: list[Unread], cursor: Cursor) -> None:
        """Notes what a walk over all shows; a record that could not be read was shown all the same."""
        if cursor.full:
            self._met.met((record.ref for record in records), readable=True)
            self._met.met((one.ref for one in lost), readable=False)

    def _stands(self, cursor: Cursor) -> bool:
        """Whether what is known after a read of changes can be held against the count of the whole kind."""
        return (
            not cursor.full
            and self._source.belongs is None
            and (self._reading.sees_all or self._reading.lost(cursor))
        )

    def _read(self, rows: list[Any], cursor: Cursor) -> tuple[list[Record], list[Unread]]:
        """The records of these nodes, and those that are there and could not be read."""
        records: list[Record] = []
        lost: list[Unread] = []
        for node in rows:
            if cursor.search and isinstance(node, dict):
                self._changes.add(str(node.get("id")))
            found = checked(self._shop.client, self._source, node)
            if isinstance(found, Unread):
                lost.append(found)
            elif found is not None and self._source.holds(found):
                self._passed.discard(found["id"])
                records.append(self._source.to_record(found))
            elif found is not None and self._counts(found, cursor):
                self._passed.add(found["id"])
        return records, lost

    def _counts(self, node: Node, cursor: Cursor) -> bool:
        """Whether a node of another kind was in the count of this walk."""
        return cursor.full and not cursor.passes and int(number(node["id"])) <= cursor.upto

    def by_id(self, ids: list[str], cursor: Cursor) -> Page:
        """Records whose parts stood elsewhere in the file; what the file said of them is not whole."""
        refs = [Ref(adapter=ADAPTER, kind=self._source.kind, id=number(id_)) for id_ in ids]
        records: list[Record] = []
        lost: list[Unread] = []
        for ref, found in self._shop.fetcher.reads(self._source, refs):
            if found.node is not None and self._source.holds(found.node):
                records.append(self._source.to_record(found.node))
            elif found.node is None:
                reason = found.unread or unread(self._source, None, "more_than_was_read:file", ref=ref)
                lost += [reason] if reason else []
        return Page(records=tuple(records), unread=tuple(lost), cursor=cursor.encoded(), total=cursor.counted)

    def _walked(self, cursor: Cursor) -> Cursor:
        """After a walk: what changed during a long one is read too; then the pull is done.

        The next pull begins where this walk did, by the shop's own dates: its clock is not ours.
        """
        behind = replace(
            cursor,
            start=moment(self._shop.clock()),
            next=min(cursor.start, earlier(cursor.newest)) if cursor.newest else cursor.start,
            passes=cursor.passes + 1,
            missing=self._missing(cursor) if cursor.search else cursor.missing,
        )
        again = cursor.phase == "bulk" and cursor.full and not cursor.passes
        if again and self._source.changes:
            return replace(behind, phase="changed", search=self._reading.since(behind.next))
        return replace(behind, phase="done")

    def _missing(self, cursor: Cursor) -> int:
        """How many the search counted and did not show; counted again, as some may have been deleted."""
        shown, self._changes = len(self._changes), set()
        if shown >= cursor.expected:
            return 0
        now, _ = counting.count_found(self._shop.client, self._source, cursor.search)
        return max(0, min(now, cursor.expected) - shown)


def _changed(node: Any) -> str:
    """When a node was changed, in the shop's own words; empty where that is no moment."""
    if not isinstance(node, dict):
        return ""
    try:
        convert(node.get("updatedAt"), Moment)
    except ValidationError:
        return ""
    return str(node["updatedAt"])
