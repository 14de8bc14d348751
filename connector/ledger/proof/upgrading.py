"""A ledger of before gets its chain: its events in their order, then the word on every proven row."""

import json
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from connector.ledger import schema
from connector.ledger.proof.commitments import parted
from connector.ledger.proof.links import CHAINED, Place, append, digest_of, set_head
from connector.ledger.proof.notes import note_all
from connector.ledger.upserts import upsert


def chain_what_is_there(connection: Connection) -> None:
    """Chains every shop's events as they are found, and says where its rows stand."""
    for shop in _shops(connection):
        count = _chain(connection, shop)
        place = Place(shop, datetime.now(UTC).astimezone().isoformat(timespec="seconds"), None)
        append(connection, place, CHAINED, {"events": count})
        note_all(connection, place)


def _shops(connection: Connection) -> list[str]:
    tables = (schema.event, schema.plan, schema.hold, schema.binding)
    return sorted({shop for table in tables for shop in connection.scalars(select(table.c.shop).distinct())})


def _chain(connection: Connection, shop: str) -> int:
    table, previous, seq = schema.event, "", 0
    rows = connection.execute(select(table).where(table.c.shop == shop).order_by(table.c.id)).all()
    for seq, row in enumerate(rows, 1):
        here = update(table).where(table.c.id == row.id)
        detail, beside = parted(json.loads(row.detail))
        connection.execute(here.values(seq=seq, previous=previous, detail=detail, beside=beside))
        linked = connection.execute(select(table).where(table.c.id == row.id)).one()
        previous = digest_of(linked)
        connection.execute(here.values(digest=previous))
    connection.execute(upsert(connection, schema.chain).values(shop=shop, seq=0, digest="", mac=""))
    set_head(connection, Place(shop, "", None), seq, previous)
    return seq
