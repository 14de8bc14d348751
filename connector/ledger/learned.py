"""Facts that no platform shows: a carrier's word of a delivery, a person's of a warning."""

from collections.abc import Callable, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection, select, update

from connector.ledger import schema
from connector.ledger.store import Ledger
from connector.records import Facts, Kind, Record

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Record).decode


def delivered(connection: Connection, row_id: int, day: date) -> None:
    """A carrier says that a parcel arrived: its order is decided anew."""
    _learn(connection, row_id, lambda facts: msgspec.structs.replace(facts, delivered=day))


def warned(connection: Connection, row_ids: Sequence[int], day: date) -> None:
    """A person says that these accounts' owners were warned: they are decided anew."""
    for row_id in row_ids:
        _learn(connection, row_id, lambda facts: msgspec.structs.replace(facts, warned=day))


def account_rows(connection: Connection, ledger: Ledger) -> list[int]:
    """The rows of every account that is there."""
    table = schema.record
    return list(
        connection.scalars(
            select(table.c.id)
            .where(table.c.shop == ledger.shop, table.c.kind == Kind.CUSTOMER, table.c.gone.is_(False))
            .order_by(table.c.id)
        )
    )


def _learn(connection: Connection, row_id: int, change: Callable[[Facts], Facts]) -> None:
    table = schema.record
    body = connection.execute(select(table.c.body).where(table.c.id == row_id)).scalar_one()
    record = _decode(body)
    changed = msgspec.structs.replace(record, facts=change(record.facts))
    connection.execute(update(table).where(table.c.id == row_id).values(body=_encode(changed), next_due=""))
