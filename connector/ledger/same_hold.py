"""Whether a hold is placed a second time on the very same order, person or query."""

from sqlalchemy import Connection, select

from connector.ledger import Ledger, schema
from connector.ledger.holds import HoldRow, On, hold_row
from connector.records import HoldId


def same_holds(ledger: Ledger, connection: Connection, hold: HoldId, on: On) -> list[HoldRow]:
    """The open holds of this kind that are on the very same order, person or query."""
    table = schema.hold
    query = None if on.query is None else on.query.text
    chosen = select(table).where(
        table.c.shop == ledger.shop,
        table.c.released.is_(None),
        table.c.hold == hold,
        table.c.record.is_(None) if on.record is None else table.c.record == on.record,
        table.c.subject_digest.is_(None) if on.digest is None else table.c.subject_digest == on.digest,
        table.c.query.is_(None) if query is None else table.c.query == query,
    )
    return [hold_row(row) for row in connection.execute(chosen.order_by(table.c.id))]
