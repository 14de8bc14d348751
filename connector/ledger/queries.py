"""Counts that reports and status ask the ledger for; every row stays where it is."""

from collections.abc import Sequence

from sqlalchemy import Connection, case, func, select

from connector.ledger import schema
from connector.ledger.index.subjects import SHARED
from connector.ledger.store import in_chunks
from connector.ports import Work
from connector.records import FIELD_BITS, Action, Field, HoldId, Kind, Ref


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


def work_of(connection: Connection, plan: int) -> list[Work]:
    """What a plan asks of each kind, each record once; one that goes whole is redacted no more."""
    table, bit = schema.step, FIELD_BITS[Field.STAFF_NOTES]
    per_record = (
        select(
            table.c.adapter,
            table.c.kind,
            func.max(case((table.c.action == Action.DELETE, 1), else_=0)).label("delete"),
            func.max(case((table.c.action == Action.UNSUBSCRIBE, 1), else_=0)).label("unsubscribe"),
            func.max(case((table.c.fields.bitwise_and(bit) != 0, 1), else_=0)).label("noted"),
        )
        .where(table.c.plan == plan, (table.c.fields != 0) | (table.c.action != Action.REDACT))
        .where(table.c.action != Action.NOTIFY)
        .group_by(table.c.adapter, table.c.kind, table.c.record)
        .subquery()
    )
    one = per_record.c
    parts = (one.adapter, one.kind, one.delete, one.unsubscribe, one.noted)
    rows = connection.execute(select(*parts, func.count()).group_by(*parts))
    found: dict[tuple[str, str], dict[str, int]] = {}
    for adapter, kind, delete, unsubscribe, noted, count in rows:
        none = dict.fromkeys(("delete", "unsubscribe", "redact", "noted"), 0)
        sums = found.setdefault((adapter, kind), none)
        sums["delete" if delete else "unsubscribe" if unsubscribe else "redact"] += count
        sums["noted"] += count if noted and not delete else 0
    return [Work(adapter=adapter, kind=Kind(kind), **sums) for (adapter, kind), sums in found.items()]


def noted(connection: Connection, plan: int, adapter: str, limit: int) -> dict[Ref, bool]:
    """Some orders of a plan whose notes would go, spread over all of it; True where the order goes whole."""
    table, bit = schema.step, FIELD_BITS[Field.STAFF_NOTES]
    whole = func.max(case((table.c.action == Action.DELETE, 1), else_=0))
    rows = connection.execute(
        select(table.c.remote_id, whole)
        .where(table.c.plan == plan, table.c.adapter == adapter, table.c.kind == Kind.ORDER)
        .where((table.c.action == Action.DELETE) | (table.c.fields.bitwise_and(bit) != 0))
        .group_by(table.c.remote_id)
        .order_by(table.c.remote_id)
    ).all()
    spread = rows[:: max(1, -(-len(rows) // limit))]
    return {Ref(adapter=adapter, kind=Kind.ORDER, id=id_): bool(goes) for id_, goes in spread}


def starts(connection: Connection, shop: str) -> list[tuple[str, int]]:
    """When each run began to write, in order, with its plan."""
    table = schema.event
    chosen = select(table.c.at, table.c.plan).where(table.c.shop == shop, table.c.type == "apply_started")
    return [(at, plan) for at, plan in connection.execute(chosen.order_by(table.c.id)) if plan is not None]


def held(connection: Connection, shop: str) -> tuple[int, int]:
    """Records that wait, each once; and those of them that wait for no hold, but to be read in full."""
    table = schema.record
    here = (table.c.shop == shop, table.c.gone.is_(False), table.c.state == "held")
    count = select(func.count()).where(*here)
    return connection.scalar(count) or 0, connection.scalar(count.where(table.c.holds == "")) or 0
