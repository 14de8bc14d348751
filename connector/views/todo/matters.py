"""What the owner should look into, with every record that it was found on."""

from sqlalchemy import Connection

from connector.ledger.alerts import alerted, codes, count_strangers, strangers
from connector.ports import Access
from connector.records import Record
from connector.report.todo.model import MatterView, Shown
from connector.shop import Shop

MOST = 1000
"""Records of one matter that the work list names."""


def matters(shop: Shop, connection: Connection, accesses: dict[str, Access]) -> tuple[MatterView, ...]:
    """Each matter of the last plan with its records; the newest first."""
    here = shop.ledger.shop
    found = [
        (code, count, alerted(connection, here, code, limit=MOST)) for code, count in codes(connection, here)
    ]
    if unknown := count_strangers(connection, here):
        found.append(("not_in_shop", unknown, strangers(connection, here, limit=MOST)))
    return tuple(
        MatterView(code=code, count=count, records=tuple(_shown(one, accesses) for one in records))
        for code, count, records in found
    )


def _shown(record: Record, accesses: dict[str, Access]) -> Shown:
    ref = record.ref
    access = accesses.get(ref.adapter)
    link = access.link(ref.kind, ref.id) if access else ""
    return Shown(kind=ref.kind, label=record.label or ref.id, link=link)
