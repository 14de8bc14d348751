"""Counts that reports and status ask the ledger for; every row stays where it is."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from connector.ledger import schema
from connector.ledger.index.subjects import SHARED
from connector.ledger.store import in_chunks
from connector.records import FIELD_BITS, Field, HoldId, Kind, Ref


def shared(connection: Connection, shop: str) -> int:
    """Telephone numbers that several people have given: they join nobody."""
    table = schema.identifier
    chosen = select(func.count()).where(table.c.shop == shop, table.c.subject == SHARED)
    return connection.scalar(chosen) or 0


def carrying(connection: Connection, shop: str, kind: Kind, field: Field) -> int:
    """How many records of a kind that are there still carry a field, as they were last read."""
    table = schema.record
    there = table.c.present.op("&")(FIELD_BITS[field])
    chosen = select(func.count()).where(
        table.c.shop == shop, table.c.kind == kind, table.c.gone.is_(False), there != 0
    )
    return connection.scalar(chosen) or 0


def strangers(connection: Connection, shop: str) -> int:
    """Subscribers whose person no order and no account of the shop knows."""
    table = schema.record
    known = select(table.c.subject).where(
        table.c.shop == shop,
        table.c.gone.is_(False),
        table.c.kind.in_([Kind.ORDER, Kind.CUSTOMER]),
        table.c.subject.is_not(None),
    )
    return (
        connection.scalar(
            select(func.count()).where(
                table.c.shop == shop,
                table.c.gone.is_(False),
                table.c.kind == Kind.SUBSCRIBER,
                table.c.subject.is_not(None),
                table.c.subject.not_in(known),
            )
        )
        or 0
    )


def gone(connection: Connection, ids: Sequence[int]) -> frozenset[int]:
    """Those of these rows whose record is gone."""
    table = schema.record
    found: set[int] = set()
    for some in in_chunks(ids):
        chosen = select(table.c.id).where(table.c.id.in_(some), table.c.gone.is_(True))
        found.update(connection.scalars(chosen))
    return frozenset(found)


def on_hold(connection: Connection, shop: str) -> dict[HoldId, int]:
    """Records that wait, by what they wait for; one that waits for two counts under both."""
    table = schema.record
    counts: dict[HoldId, int] = {}
    rows = connection.execute(
        select(table.c.holds, func.count())
        .where(table.c.shop == shop, table.c.state == "held", table.c.gone.is_(False))
        .group_by(table.c.holds)
    )
    for holds, count in rows:
        for hold in filter(None, holds.split(",")):
            counts[HoldId(hold)] = counts.get(HoldId(hold), 0) + count
    return counts


def row_ids(connection: Connection, shop: str, refs: Sequence[Ref]) -> list[int]:
    """The rows of these records that are in the index and not gone."""
    table = schema.record
    found: list[int] = []
    for adapter, kind in {(ref.adapter, ref.kind) for ref in refs}:
        ids = [ref.id for ref in refs if (ref.adapter, ref.kind) == (adapter, kind)]
        for some in in_chunks(ids):
            chosen = select(table.c.id).where(
                table.c.shop == shop,
                table.c.adapter == adapter,
                table.c.kind == kind,
                table.c.gone.is_(False),
                table.c.remote_id.in_(some),
            )
            found += connection.scalars(chosen)
    return found
