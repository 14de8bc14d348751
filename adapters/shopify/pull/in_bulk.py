"""Reading in bulk: the operations of a read, several at once, and their files."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from msgspec.structs import replace

from adapters.shopify import bulk
from adapters.shopify.cursor import Cursor, Slice, moment
from adapters.shopify.nodes import Node
from adapters.shopify.pull.of import Joined, Reading, Steps
from adapters.shopify.pull.shown import Shown

SLICE_FROM = 20_000
"""Records from which a walk over all is cut into several operations."""

PER_PAGE = 500
"""Records of a page that is read from a file."""

_JOINS_WITHIN = timedelta(hours=1)


class InBulk:
    """Starts the operations of one kind and reads what they left; the cursor keeps their ids."""

    def __init__(self, reading: Reading, shown: Shown) -> None:
        self._shop, self._source = reading
        self._shown = shown

    def begin(self, cursor: Cursor, oldest: datetime | None) -> Steps:
        """Starts the operations, several at once; an empty page keeps their ids."""
        searches = self._searches(cursor, oldest)
        slices = tuple(Slice(search=search, id=self._start(search)) for search in searches)
        if cursor.phase == "all" and self._source.belongs is not None:
            self._shop.begun[self._source.operation] = Joined(
                self._source.kind, cursor.start, cursor.counted, cursor.upto,
                [(part.search, part.id) for part in slices],
            )  # fmt: skip
        return (yield from self._shown.page([], replace(cursor, phase="bulk", slices=slices)))

    def joined(self, cursor: Cursor) -> Cursor | None:
        """The cursor of a walk over all that takes up the operations which another kind of its list began.

        Their file holds both kinds, and the count was taken as it began: changes since then are read after.
        Each kind joins once, so that a walk that is repeated asks anew.
        """
        other = self._shop.begun.get(self._source.operation)
        if other is None or other.kind is self._source.kind:
            return None
        del self._shop.begun[self._source.operation]
        if other.start < moment(self._shop.clock() - _JOINS_WITHIN):
            return None
        slices = tuple(Slice(search=search, id=id_) for search, id_ in other.slices)
        return replace(
            cursor, phase="bulk", start=other.start, counted=other.counted, upto=other.upto, slices=slices
        )

    def _searches(self, cursor: Cursor, oldest: datetime | None) -> list[str]:
        """The parts of a read: of all there is by the date of creation, of what changed only that."""
        parts = self._source.slices
        many = cursor.counted is None or cursor.counted >= SLICE_FROM
        if cursor.search or parts < 2 or not many or oldest is None:
            return [cursor.search]
        step = (self._shop.clock() - oldest) / parts
        marks = [_mark(oldest + step * part) for part in range(1, parts)]
        bounds = [("", marks[0]), *pairwise(marks), (marks[-1], "")]
        return [
            " ".join(([f"created_at:>='{low}'"] if low else []) + ([f"created_at:<'{high}'"] if high else []))
            for low, high in bounds
        ]

    def _start(self, search: str) -> str:
        return bulk.start_query(self._shop.client, f"bulk_{self._source.operation}", search=search)

    def read(self, cursor: Cursor) -> Steps:
        """Waits for each operation and reads what it left; one that was read before is passed over."""
        for at, part in enumerate(cursor.slices):
            if not part.over:
                cursor = yield from self._slice(cursor, at)
        return (yield from self._shown.page([], replace(cursor, slices=()), last=True))

    def _slice(self, cursor: Cursor, at: int) -> Steps:
        """The records of one operation, page by page; one that is gone or not whole is started anew."""
        for _ in range(bulk.RUNS):
            try:
                return (yield from self._file(cursor, at))
            except bulk.RunAnew:
                id_ = self._start(cursor.slices[at].search)
                cursor = cursor.with_slice(at, id=id_, done=0, lines=0, roots=0)
        raise bulk.given_up("query")

    def from_the_start(self, cursor: Cursor) -> bool:
        """Whether a file is read whole again after a stop: where each id counts once, whoever read it."""
        return bool(cursor.search) or self._source.belongs is not None

    def _file(self, cursor: Cursor, at: int) -> Steps:
        part = cursor.slices[at]
        ended = bulk.wait_for(self._shop.client, part.id)
        strays: set[str] = set()
        tally = bulk.Tally(part.lines, part.roots)
        rows: list[Node] = []
        for node, behind in self._nodes(part, ended, strays, tally):
            rows.append(self._filled(node))
            if len(rows) >= PER_PAGE and behind >= 0:
                read_to = cursor.with_slice(at, done=behind, lines=tally.lines, roots=tally.roots)
                cursor = yield from self._shown.page(rows, read_to)
                rows = []
        tally.hold_against(ended)
        cursor = yield from self._shown.page(rows, cursor.with_slice(at, over=True))
        if strays:
            yield self._shown.by_id(sorted(strays), cursor)
        return cursor

    def _nodes(
        self, part: Slice, ended: bulk.Ended, strays: set[str], tally: bulk.Tally
    ) -> Iterator[tuple[Node, int]]:
        if ended.url:  # none where nothing was found
            pieces = bulk.read(self._shop.files, ended.url, start=part.done)
            yield from bulk.assemble(bulk.lines(pieces, start=part.done), strays=strays, tally=tally)

    def _filled(self, node: Node) -> Node:
        """A record of a file with the connections that were asked for, of which it has no lines."""
        features = self._shop.client.features()
        return {**{name: [] for name in self._source.asked(features)}, **node}


def _mark(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
