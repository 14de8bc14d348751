"""How far each service's clock is from this machine's, as the last pull saw it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from connector.ledger import schema
from connector.ledger.store import Ledger


def store(ledger: Ledger, connection: Connection, ahead: Mapping[str, timedelta | None]) -> None:
    """Keeps how far each service's clock is ahead of this machine's, None where it tells no time.

    In place of all that was known: a service that the shop no longer has bounds nothing.
    """
    table = schema.service_clock
    connection.execute(delete(table).where(table.c.shop == ledger.shop))
    rows = [
        {"shop": ledger.shop, "adapter": adapter, "seconds": _seconds(one), "at": ledger.now()}
        for adapter, one in ahead.items()
    ]
    if rows:
        connection.execute(insert(table), rows)


def _seconds(ahead: timedelta | None) -> int | None:
    return None if ahead is None else round(ahead.total_seconds())


def ahead(ledger: Ledger, connection: Connection) -> dict[str, timedelta | None]:
    """How far each service's clock is ahead, None where it told no usable time."""
    table = schema.service_clock
    rows = connection.execute(select(table.c.adapter, table.c.seconds).where(table.c.shop == ledger.shop))
    return {adapter: None if seconds is None else timedelta(seconds=seconds) for adapter, seconds in rows}


def last_pull(ledger: Ledger, connection: Connection) -> datetime | None:
    """When the last pull ended, by this machine's clock."""
    table = schema.event
    at = connection.scalar(
        select(table.c.at)
        .where(table.c.shop == ledger.shop, table.c.type == "pulled")
        .order_by(table.c.seq.desc())
        .limit(1)
    )
    return None if at is None else datetime.fromisoformat(at)
