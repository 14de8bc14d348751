"""Every record that the index joins to what a person has proven, however weakly: to look at, no answer."""

from collections.abc import Collection

from sqlalchemy import Connection, or_, select

from connector.ledger import schema
from connector.ledger.store import Ledger, in_chunks
from connector.records import Kind, Ref


def joined_refs(
    ledger: Ledger, connection: Connection, digests: Collection[bytes], rows: Collection[int] = ()
) -> tuple[Ref, ...]:
    """The living records of every person with one of these keyed identifiers, and these rows themselves."""
    ids, record = schema.identifier, schema.record
    people: set[int] = set()
    for some in in_chunks(sorted(digests)):
        chosen = select(ids.c.subject).where(ids.c.shop == ledger.shop, ids.c.digest.in_(some))
        people |= {one for one in connection.scalars(chosen) if one}
    which = or_(record.c.subject.in_(sorted(people)), record.c.id.in_(sorted(rows)))
    mine = select(record).where(record.c.shop == ledger.shop, record.c.gone.is_(False), which)
    found = connection.execute(mine.order_by(record.c.id))
    return tuple(Ref(adapter=one.adapter, kind=Kind(one.kind), id=one.remote_id) for one in found)


__all__ = ["joined_refs"]
