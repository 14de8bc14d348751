"""Every record that the index joins to what a person has proven, however weakly: to look at, no answer."""

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, func, or_, select

from connector.ledger import schema
from connector.ledger.store import Ledger, in_chunks
from connector.records import Kind, Ref


def naming_rows(ledger: Ledger, connection: Connection, digests: Collection[bytes]) -> set[int]:
    """The living records in which one of these stands as a further person: joined to nobody by it."""
    record = schema.record
    found: set[int] = set()
    for digest in sorted(digests):
        written = msgspec.json.encode(digest)  # as a body holds it
        chosen = select(record.c.id).where(
            record.c.shop == ledger.shop, record.c.gone.is_(False), record.c.kind == Kind.SUPPORT_MESSAGE,
            func.instr(record.c.body, written) > 0,
        )  # fmt: skip
        found |= set(connection.scalars(chosen))
    return found


def joined_refs(
    ledger: Ledger, connection: Connection, digests: Collection[bytes], rows: Collection[int] = ()
) -> tuple[Ref, ...]:
    """The living records of every person with one of these keyed identifiers, and these rows themselves.

    Messages in which such a person stands beside another are among them.
    """
    ids, record = schema.identifier, schema.record
    people: set[int] = set()
    for some in in_chunks(sorted(digests)):
        chosen = select(ids.c.subject).where(ids.c.shop == ledger.shop, ids.c.digest.in_(some))
        people |= {one for one in connection.scalars(chosen) if one}
    beside = {*rows, *naming_rows(ledger, connection, digests)}
    which = or_(record.c.subject.in_(sorted(people)), record.c.id.in_(sorted(beside)))
    mine = select(record).where(record.c.shop == ledger.shop, record.c.gone.is_(False), which)
    found = connection.execute(mine.order_by(record.c.id))
    return tuple(Ref(adapter=one.adapter, kind=Kind(one.kind), id=one.remote_id) for one in found)


__all__ = ["joined_refs", "naming_rows"]
