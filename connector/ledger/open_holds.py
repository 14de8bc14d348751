"""The holds in force, as they are put on records: by row, by person, by query."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection, select

from connector.ledger import schema
from connector.ledger.index import Row
from connector.ledger.store import in_chunks
from connector.policy.hold_query import HoldQuery
from connector.records import HoldId, Kind, Record

Asked = tuple[HoldId, HoldQuery]


class OpenHolds:
    """The holds in force, ready to be put on records while planning and right before each is touched."""

    def __init__(
        self,
        of_record: dict[int, tuple[HoldId, ...]],
        of_subject: dict[int, tuple[HoldId, ...]],
        by_query: Sequence[Asked] = (),
        *,
        own: HoldId | None = None,
        others: frozenset[int] = frozenset(),
    ) -> None:
        self._own = own  # the hold of the request that is being carried out, which does not bind itself
        self._others = others  # people with an order that is held for the same by somebody else
        self._of_record = of_record
        self._of_subject = of_subject
        self.by_query = tuple(by_query)
        self._by_query: dict[Kind, tuple[Asked, ...]] = {}
        for hold, query in by_query:
            self._by_query[query.kind] = (*self._by_query.get(query.kind, ()), (hold, query))
        self._any = bool(of_record or of_subject or by_query)

    def on(self, row: Row) -> Record:
        """The record with the holds on it, on its person, and of the queries true of it now."""
        record = row.record
        if not self._any and self._own is None:
            return record
        holds = self._of_record.get(row.id, ())
        if row.subject is not None:
            holds += self._of_subject.get(row.subject, ())
        if self._by_query:
            asked = self._by_query.get(record.ref.kind, ())
            holds += tuple(hold for hold, query in asked if query.matches(record))
        if self._own is not None and self._own not in holds and row.subject not in self._others:
            record = _unbound(record, self._own)
        if not holds:
            return record
        facts = msgspec.structs.replace(record.facts, holds=tuple(sorted(set(holds))))
        return msgspec.structs.replace(record, facts=facts)


def _unbound(record: Record, own: HoldId) -> Record:
    """The record as it would stand if no order of its person were held for this."""
    person = record.facts.subject
    if person is None or own not in person.order_holds:
        return record
    others = tuple(one for one in person.order_holds if one is not own)
    facts = msgspec.structs.replace(
        record.facts, subject=msgspec.structs.replace(person, order_holds=others)
    )
    return msgspec.structs.replace(record, facts=facts)


def people_of(connection: Connection, records: Collection[int]) -> frozenset[int]:
    """Whose these records are, by row."""
    table, found = schema.record, set[int]()
    for some in in_chunks(sorted(records)):
        chosen = select(table.c.subject).where(table.c.id.in_(some), table.c.subject.is_not(None))
        found |= set(connection.scalars(chosen))
    return frozenset(found)


__all__ = ["Asked", "OpenHolds", "people_of"]
