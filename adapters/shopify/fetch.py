"""Records by their ids: what a write leaves is read here, for the search lags behind.

Shopify answers an id that it has no record for with null, and an id that this token may not see just the same
(without read_all_orders: every order older than 60 days). So a null counts as gone only beside a control: in
the same request a record known to live answered, of the same kind and age, and no permission was lost since
the last complete pull. A field that this token may not see is null too: so a record known to hold a person
must still show some of it, else nothing of the answer is believed.

What Shopify itself lets run out has no living control of its age: then its own rule is held against a walk
over all of the kind (see `expiry`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from msgspec import ValidationError, convert
from msgspec.structs import replace

from adapters.http import CACHED
from adapters.shopify import counting, expiry
from adapters.shopify.client import Client, granted
from adapters.shopify.cursor import scopes_of
from adapters.shopify.faults import ADAPTER
from adapters.shopify.ids import gid
from adapters.shopify.nodes import Node
from adapters.shopify.reading import checked, unread
from adapters.shopify.shapes import Moment
from adapters.shopify.sources import Source
from connector.errors import AccessDenied, Rejected
from connector.ports import Clock, Controls, Gone, Look, Unread
from connector.records import Kind, Ref

SEEN_WITHOUT = timedelta(days=60)
"""How far back a token without read_all_orders sees orders; a control is older by a day at least."""

NO_CONTROL, SCOPES_CHANGED, NOT_ANSWERED = "no_control", "scopes_changed", "not_answered"
_AT_ONCE = 250
_FEWEST = 5
_CONTROLS = 3  # records known to live that go with each question


class Read(NamedTuple):
    """What came of one id: the node, or why it is unread, or neither where the answer was null.

    `doubt` is why an absence in this answer proves nothing; empty where it does.
    """

    node: Node | None
    unread: Unread | None
    doubt: str


class Fetcher:
    """Reads records by id, as many at once as the cost of one question allows."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._at_once: dict[str, int] = {}
        self._listed: dict[str, tuple[Ref, ...]] = {}
        self._known: Callable[[Kind], Controls] | None = None
        self.walked: dict[Kind, expiry.Walked] = {}  # the last walk over all of a kind, once it was whole

    def holding_against(self, controls: Callable[[Kind], Controls]) -> "Fetcher":
        """The same reader, with what absence is held against; what it has seen of the shop is shared."""
        other = copy(self)
        other._known = controls
        return other

    def controls(self, kind: Kind) -> Controls:
        """What absence of a kind is held against; nothing where nobody has said it."""
        return self._known(kind) if self._known is not None else Controls()

    def looks(self, source: Source, refs: Sequence[Ref], *, back: bool = False) -> Iterator[Look]:
        """One look at each of these records. A subscription that a living profile no longer shows is gone.

        `back`: after a write, when a profile that still holds a person is no end of a subscription that was
        to go with it, nor of the profile where it now counts as a mere contact: it is there, and not gone.
        """
        for ref, read in self.reads(source, refs):
            if read.unread is not None:
                yield read.unread
            elif read.node is None:
                yield absent(ref, read.doubt)
            elif source.holds(read.node) or (back and source.left(read.node)):
                yield source.to_live(read.node)
            else:
                yield Gone(ref=ref, emptied=source.emptied())

    def reads(self, source: Source, refs: Sequence[Ref]) -> Iterator[tuple[Ref, Read]]:
        """What came of each id; all are unread of a kind that a shop can do without, once it is closed."""
        left = list(dict.fromkeys(refs))
        while left:
            size = self._at_once.get(source.operation, _AT_ONCE)
            controls = self._controls(source)
            some = left[: size - len(controls)]
            try:
                answer = self._client.run(
                    f"fetch_{source.operation}",
                    {"ids": [gid(ref.kind, ref.id) for ref in (*some, *controls)]},
                )
            except AccessDenied as error:
                if not source.optional or error.code != "ACCESS_DENIED":
                    raise
                yield from ((ref, _unread(source, ref, SCOPES_CHANGED)) for ref in left)
                return
            except Rejected as error:
                if error.code == CACHED:
                    yield from ((ref, _unread(source, ref, CACHED)) for ref in some)
                    left = left[len(some) :]
                    continue
                if error.code != "MAX_COST_EXCEEDED" or size <= _FEWEST:
                    raise
                self._at_once[source.operation] = max(_FEWEST, size // 2)
                continue
            yield from self._judged(source, some, controls, answer)
            left = left[len(some) :]

    def _controls(self, source: Source) -> Sequence[Ref]:
        """Records known to live, with the oldest that this process' own walk met; else the list's oldest.

        One of the list is a control only once it answers by its id, and is as old as it must be. Of what
        runs out by itself the oldest that the index knows may all be gone: an order answers beside them.
        """
        if self._known is None:
            return ()
        known = self.controls(source.kind)
        walk = self.walked.get(source.kind)
        living = (*known.living[:_CONTROLS], *(walk.oldest if walk else ()))
        other = self.controls(Kind.ORDER).living[:1] if source.kind in expiry.LIVES else ()
        return tuple(
            dict.fromkeys((*(living or self._oldest(source)), *list(known.held)[:_CONTROLS], *other))
        )

    def _oldest(self, source: Source) -> Sequence[Ref]:
        if source.operation not in self._listed:
            id_ = counting.count_all(self._client, source).first
            found = (Ref(adapter=ADAPTER, kind=source.kind, id=str(id_)),) if id_ else ()
            self._listed[source.operation] = found
        return [replace(ref, kind=source.kind) for ref in self._listed[source.operation]]

    def _judged(
        self, source: Source, refs: Sequence[Ref], controls: Sequence[Ref], answer: Mapping[str, Any]
    ) -> Iterator[tuple[Ref, Read]]:
        nodes = answer.get("nodes")
        if not isinstance(nodes, list) or len(nodes) != len(refs) + len(controls):
            nodes = [_NOTHING] * (len(refs) + len(controls))
        if self._hides(source, controls, nodes[len(refs) :]):
            yield from ((ref, _unread(source, ref, NO_CONTROL)) for ref in refs)
            return
        lost = self._lost(source.kind, granted(answer))
        living = dict(_living(zip(controls, nodes[len(refs) :], strict=True)))
        absences = [ref for ref, node in zip(refs, nodes, strict=False) if node is None]
        expired = self._expired(source.kind, absences, living) if not lost else frozenset()
        for ref, node in zip(refs, nodes, strict=False):
            doubt = lost or ("" if ref in expired else self._unproved(ref, living))
            yield ref, self._read(source, ref, node, doubt)

    def _expired(self, kind: Kind, refs: Sequence[Ref], living: Mapping[Ref, datetime]) -> frozenset[Ref]:
        """Those of these absent records that Shopify's own rule has let run out."""
        walk = self.walked.get(kind)
        if walk is None or not any(one.kind is not kind for one in living):
            return frozenset()
        return walk.expired(refs, self.controls(kind), self._clock().date())

    def _hides(self, source: Source, controls: Sequence[Ref], nodes: Sequence[Any]) -> bool:
        """Whether no control shows a field of a person that the ledger knows it to hold.

        A token without the permission for such a field is answered null, as is an empty one.
        """
        held = self.controls(source.kind).held
        shown = [
            source.to_record(found).present & held[ref]
            for ref, node in zip(controls, nodes, strict=True)
            if ref in held and (found := self._read(source, ref, node, "").node) is not None
        ]
        return bool(shown) and not any(shown)

    def _read(self, source: Source, ref: Ref, node: Any, doubt: str) -> Read:
        if node is None:
            return Read(None, None, doubt)
        if not _is(node, ref):
            reason = "malformed:id" if isinstance(node, dict) else NOT_ANSWERED
            return Read(None, unread(source, None, reason, ref=ref), doubt)
        try:
            found = checked(self._client, source, node, fetched=True)
        except Rejected as error:
            if error.code != CACHED:
                raise
            return _unread(source, ref, CACHED)
        if found is None or isinstance(found, Unread):
            return Read(None, found or unread(source, None, "malformed:id", ref=ref), doubt)
        return Read(found, None, doubt)

    def _lost(self, kind: Kind, now: frozenset[str]) -> str:
        """Whether a permission was lost since the last complete pull, or none ever was complete."""
        then = scopes_of(self.controls(kind).cursor)
        if not then:
            return NO_CONTROL
        return "" if then <= now else SCOPES_CHANGED

    def _unproved(self, ref: Ref, living: Mapping[Ref, datetime]) -> str:
        """Whether no control of the same kind answered; of orders one of the same age. Ids grow with time."""
        limit = self._clock() - SEEN_WITHOUT - timedelta(days=1)
        for control, born in living.items():
            if control.kind is not ref.kind:
                continue
            if ref.kind is not Kind.ORDER or (born < limit and int(control.id) < int(ref.id)):
                return ""
        return NO_CONTROL


_NOTHING = "nothing"


def _unread(source: Source, ref: Ref, reason: str) -> Read:
    """What came of an id whose answer proves nothing, present or absent."""
    return Read(None, unread(source, None, reason, ref=ref), reason)


def absent(ref: Ref, doubt: str) -> Gone | Unread:
    """What an absence comes to: gone, or unread for the doubt that remains."""
    return Unread(ref=ref, reason=doubt) if doubt else Gone(ref=ref)


def _is(node: Any, ref: Ref) -> bool:
    """Whether a node is the record that was asked for, by its own id."""
    return isinstance(node, dict) and node.get("id") == gid(ref.kind, ref.id)


def _living(answers: Iterable[tuple[Ref, Any]]) -> Iterator[tuple[Ref, datetime]]:
    """The controls that answered as themselves, each with the moment it came into being."""
    for ref, node in answers:
        with suppress(ValidationError):
            if _is(node, ref):
                yield ref, convert(node.get("createdAt"), Moment)
