"""Which shop the ledger belongs to: a service's own ids, and orders with the day they were made."""

import json
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, delete, select

from connector.ledger import schema
from connector.ledger.store import Ledger
from connector.records import Kind, Value


class Binding(Value, frozen=True, kw_only=True):
    """What one platform was bound by, and when it was last renewed."""

    ids: Mapping[str, str]
    sample: Mapping[str, date]
    at: str


def binding(ledger: Ledger, connection: Connection, adapter: str) -> Binding | None:
    """What this platform is bound by; None where the ledger knows no shop yet."""
    table = schema.binding
    row = connection.execute(
        select(table).where(table.c.shop == ledger.shop, table.c.adapter == adapter)
    ).first()
    if row is None:
        return None
    sample = {order: date.fromisoformat(day) for order, day in json.loads(row.sample).items()}
    return Binding(ids=json.loads(row.ids), sample=sample, at=row.at)


def bind(
    ledger: Ledger,
    connection: Connection,
    adapter: str,
    ids: Mapping[str, str],
    sample: Mapping[str, date],
) -> None:
    """Binds the ledger to this shop, in place of what it was bound by."""
    values = {
        "ids": json.dumps(dict(ids), sort_keys=True),
        "sample": json.dumps({order: day.isoformat() for order, day in sample.items()}),
        "at": ledger.now(),
    }
    connection.execute(
        ledger.upsert(schema.binding)
        .values(shop=ledger.shop, adapter=adapter, **values)
        .on_conflict_do_update(index_elements=["shop", "adapter"], set_=values)
    )
    ledger.note(connection, "binding", ledger.shop, adapter)


def purchased_orders(ledger: Ledger, connection: Connection, adapter: str) -> list[int]:
    """Rows of the orders that were paid for, the oldest first: those that the books keep."""
    table = schema.record
    chosen = select(table.c.id).where(
        table.c.shop == ledger.shop,
        table.c.adapter == adapter,
        table.c.kind == Kind.ORDER,
        table.c.gone.is_(False),
        table.c.purchased.is_not(None),
    )
    return list(connection.scalars(chosen.order_by(table.c.purchased, table.c.id)))


def has_records(ledger: Ledger, connection: Connection, adapter: str) -> bool:
    """Whether anything was ever pulled from this platform."""
    table = schema.record
    chosen = select(table.c.id).where(table.c.shop == ledger.shop, table.c.adapter == adapter)
    return connection.scalar(chosen.limit(1)) is not None


def known_gone(ledger: Ledger, connection: Connection, adapter: str) -> frozenset[str]:
    """The orders of this platform that the ledger knows to be gone, its own deletions among them."""
    table = schema.record
    chosen = select(table.c.remote_id).where(
        table.c.shop == ledger.shop, table.c.adapter == adapter, table.c.kind == Kind.ORDER, table.c.gone
    )
    return frozenset(connection.scalars(chosen))


def walked_since(ledger: Ledger, connection: Connection, adapter: str, moment: str) -> bool:
    """Whether all of the platform's orders were walked after a moment (ISO, the ledger's own clock)."""
    table = schema.cursor
    full = connection.scalar(
        select(table.c.full_at).where(
            table.c.shop == ledger.shop, table.c.adapter == adapter, table.c.kind == Kind.ORDER
        )
    )
    return full is not None and datetime.fromisoformat(full) >= datetime.fromisoformat(moment)


def walk_again(ledger: Ledger, connection: Connection, adapter: str) -> None:
    """The next pull reads all there is: a date of the old place may be another in the new one."""
    table = schema.cursor
    connection.execute(delete(table).where(table.c.shop == ledger.shop, table.c.adapter == adapter))
