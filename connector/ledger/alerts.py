"""What the last plan found that the owner should look into, and on which records."""

from sqlalchemy import Connection, func, literal, or_, select

from connector.ledger import schema
from connector.ledger.index.rows import decode_record
from connector.records import Kind, Record

ALERT = "alert"


def codes(connection: Connection, shop: str) -> list[tuple[str, int]]:
    """Each matter's code, and how many records it was found on."""
    table = schema.tally
    rows = connection.execute(
        select(table.c.reason, func.sum(table.c.count))
        .where(table.c.shop == shop, table.c.state == ALERT, table.c["count"] > 0)
        .group_by(table.c.reason)
        .order_by(table.c.reason)
    )
    return [(code, int(count)) for code, count in rows]


def alerted(connection: Connection, shop: str, code: str, *, limit: int) -> list[Record]:
    """The records on which a matter was found, the newest first, no more than so many."""
    table, tally = schema.record, schema.tally
    numbers = connection.scalars(
        select(tally.c.id).where(tally.c.shop == shop, tally.c.state == ALERT, tally.c.reason == code)
    ).all()
    listed = literal(",") + table.c.tallies + literal(",")
    bodies = connection.scalars(
        select(table.c.body)
        .where(table.c.shop == shop, table.c.gone.is_(False))
        .where(or_(*(listed.contains(f",{number},") for number in numbers)))
        .order_by(table.c.id.desc())
        .limit(limit)
    )
    return [decode_record(body) for body in bodies] if numbers else []


def strangers(connection: Connection, shop: str, *, limit: int) -> list[Record]:
    """Subscribers whose person no order and no account of the shop knows, the newest first."""
    table = schema.record
    here = (table.c.shop == shop, table.c.gone.is_(False), table.c.subject.is_not(None))
    known = select(table.c.subject).where(*here, table.c.kind.in_([Kind.ORDER, Kind.CUSTOMER]))
    bodies = connection.scalars(
        select(table.c.body)
        .where(*here, table.c.kind == Kind.SUBSCRIBER, table.c.subject.not_in(known))
        .order_by(table.c.id.desc())
        .limit(limit)
    )
    return [decode_record(body) for body in bodies]


def named(record: Record) -> str:
    """A record as a code that the reports have words for: its kind and its number."""
    return f"{record.ref.kind}:{record.label or record.ref.id}"
