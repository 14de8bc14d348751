"""Facts that no platform shows: a carrier's word of a delivery, a person's of a warning."""

from collections.abc import Callable, Collection, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection, select, update

from connector.ledger import schema
from connector.ledger.store import Ledger
from connector.policy.facts import stated_of
from connector.records import Facts, Kind, Record

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Record).decode


def delivered(connection: Connection, row_id: int, day: date) -> None:
    """A carrier says that a parcel arrived: its order is decided anew."""
    _learn(connection, row_id, lambda facts: msgspec.structs.replace(facts, delivered=day))


def warned(connection: Connection, row_ids: Sequence[int], day: date | None) -> None:
    """The day on which the persons behind these were warned, None for never: they are decided anew.

    Only of kinds that state it: the schedule asks nothing of a subscriber's renewal mail.
    """
    for row_id in row_ids:
        _learn(connection, row_id, lambda facts: msgspec.structs.replace(facts, warned=day), needs="warned")


def rows_of(connection: Connection, ledger: Ledger, kinds: Collection[Kind]) -> list[int]:
    """The rows of every record of these kinds that is there."""
    table = schema.record
    return list(
        connection.scalars(
            select(table.c.id)
            .where(table.c.shop == ledger.shop, table.c.kind.in_(sorted(kinds)), table.c.gone.is_(False))
            .order_by(table.c.id)
        )
    )


def _learn(connection: Connection, row_id: int, change: Callable[[Facts], Facts], *, needs: str = "") -> None:
    """Changes the facts of a row, where there is one and its kind can state the fact that it `needs`."""
    table = schema.record
    body = connection.execute(select(table.c.body).where(table.c.id == row_id)).scalar_one_or_none()
    if body is None:
        return
    record = _decode(body)
    if needs and needs not in stated_of(record.ref.kind):
        return
    changed = msgspec.structs.replace(record, facts=change(record.facts))
    connection.execute(update(table).where(table.c.id == row_id).values(body=_encode(changed), next_due=""))
