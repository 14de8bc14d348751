"""What Shopify lets run out by itself: its own rule, held against a walk over all of the kind.

An abandoned checkout is removed three months after it was left, in a sweep every Monday, and no new one need
come: then every one that was known answers null, and none of the same age lives beside it. Absence alone is
still no evidence. One is gone only where this process has just walked the whole kind, as many as Shopify
counted as it began; where neither that walk nor the id shows it; where its last known day lies further back
than the rule; and where none that is too young to have run out is hidden by the same walk. The permissions
and a living record of another kind, answered in the same request, are the caller's to see to.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from connector.ports import Controls
from connector.records import Kind, Ref

LIVES: Mapping[Kind, timedelta] = {Kind.CART: timedelta(days=100)}
"""How old a record has to be before its absence can be the rule's: three months, a week until the sweep."""


class Walked(NamedTuple):
    """What this process' last walk over all of a kind met: its oldest record, and of what runs out every id.

    `whole` says that it met as many as Shopify counted as it began.
    """

    oldest: tuple[Ref, ...]
    ids: frozenset[int]
    whole: bool

    def expired(self, refs: Sequence[Ref], known: Controls, today: date) -> frozenset[Ref]:
        """Those of these absent records that have run out; none where the walk hides what cannot have."""
        life = LIVES.get(refs[0].kind) if refs else None
        if life is None or not self.whole:
            return frozenset()
        days = known.last_days([*refs, *known.newest])
        young = [ref for ref in known.newest if ref in days and today - days[ref] <= life]
        if young and not any(int(ref.id) in self.ids for ref in young):
            return frozenset()
        return frozenset(
            ref for ref in refs if ref in days and today - days[ref] > life and int(ref.id) not in self.ids
        )


class Meeting:
    """Notes what a walk over all of a kind meets, page by page."""

    def __init__(self, kind: Kind) -> None:
        self._oldest: Ref | None = None
        self._ids: set[int] | None = set() if kind in LIVES else None

    def met(self, refs: Iterable[Ref], *, readable: bool) -> None:
        """These were shown; only what is `readable` can answer as a control."""
        for ref in refs:
            if self._ids is not None:
                self._ids.add(int(ref.id))
            if readable and (self._oldest is None or int(ref.id) < int(self._oldest.id)):
                self._oldest = ref

    def ended(self, counted: int | None, upto: int) -> Walked:
        """The walk, once it is over; `counted` leaves out what came into being above `upto`."""
        ids = frozenset(self._ids or ())
        whole = counted is not None and sum(id_ <= upto for id_ in ids) >= counted
        return Walked((self._oldest,) if self._oldest else (), ids, whole)
