"""What the last plan found that the owner should look into, and on which records."""

from sqlalchemy import ColumnElement, Connection, and_, false, func, literal, or_, select

from connector.ledger import schema
from connector.ledger.index.rows import decode_record
from connector.ledger.memory import erased_by_us
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
    table = schema.record
    chosen = _found_on(connection, shop, code)
    bodies = select(table.c.body).where(chosen).order_by(table.c.id.desc()).limit(limit)
    return [decode_record(body) for body in connection.scalars(bodies)]


def alerted_rows(connection: Connection, shop: str, code: str) -> list[int]:
    """The rows on which a matter was found, in their order."""
    table = schema.record
    chosen = _found_on(connection, shop, code)
    return list(connection.scalars(select(table.c.id).where(chosen).order_by(table.c.id)))


def _found_on(connection: Connection, shop: str, code: str) -> ColumnElement[bool]:
    """Which records a matter was found on; none where no plan has found it."""
    table, tally = schema.record, schema.tally
    numbers = connection.scalars(
        select(tally.c.id).where(tally.c.shop == shop, tally.c.state == ALERT, tally.c.reason == code)
    ).all()
    listed = literal(",") + table.c.tallies + literal(",")
    found = or_(false(), *(listed.contains(f",{number},") for number in numbers))
    return and_(table.c.shop == shop, table.c.gone.is_(False), found)


def strangers(connection: Connection, shop: str, *, limit: int) -> list[Record]:
    """Subscribers whose person no order and no account of the shop knows, the newest first."""
    table = schema.record
    chosen = _strangers(connection, shop)[:limit]
    bodies = connection.execute(select(table.c.id, table.c.body).where(table.c.id.in_(chosen)))
    found = {row.id: row.body for row in bodies}
    return [decode_record(found[row_id]) for row_id in chosen]


def count_strangers(connection: Connection, shop: str) -> int:
    """How many subscribers no order and no account of the shop knows, those aside whom we erased there."""
    return len(_strangers(connection, shop))


def _strangers(connection: Connection, shop: str) -> list[int]:
    """The rows of unknown subscribers, the newest first; whom the shop knew until we erased them is known."""
    table = schema.record
    here = (table.c.shop == shop, table.c.gone.is_(False), table.c.subject.is_not(None))
    known = select(table.c.subject).where(*here, table.c.kind.in_([Kind.ORDER, Kind.CUSTOMER]))
    rows = connection.execute(
        select(table.c.id, table.c.subject)
        .where(*here, table.c.kind == Kind.SUBSCRIBER, table.c.subject.not_in(known))
        .order_by(table.c.id.desc())
    ).all()
    ours = erased_by_us(connection, shop, {row.subject for row in rows})
    return [row.id for row in rows if row.subject not in ours]


def named(record: Record) -> str:
    """A record as a code that the reports have words for: its kind and its number."""
    return f"{record.ref.kind}:{record.label or record.ref.id}"
