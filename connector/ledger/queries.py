"""Counts that reports and status ask the ledger for; every row stays where it is."""

from sqlalchemy import Connection, func, select

from connector.ledger import schema
from connector.ledger.index.subjects import SHARED
from connector.records import HoldId, Kind


def shared(connection: Connection, shop: str) -> int:
    """Telephone numbers that several people have given: they join nobody."""
    table = schema.identifier
    chosen = select(func.count()).where(table.c.shop == shop, table.c.subject == SHARED)
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
