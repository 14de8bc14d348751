"""Events of the ledger that more than one module reads: their names, and those after another."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from connector.ledger import schema
from connector.ledger.proof.commitments import joined

MEASURED = "measured"
"""The event of a run's figures: seconds by stage, requests and tries again by service."""

POLICY_TEXT_SEEN = "policy_text_seen"
"""The event of one look: how many sentences, how many went and came, and the file that names them."""

VETO = "veto"
"""The event of one question before an apply: about which plan, to which host, and what was answered."""


class Numbered(NamedTuple):
    """An event with its place in the chain, and the row of its plan."""

    seq: int
    at: str
    type: str
    plan: int | None
    detail: dict[str, Any]


def numbered(connection: Connection, shop: str, types: Collection[str], *, after: int) -> list[Numbered]:
    """The events of these types after one, in their order."""
    table = schema.event
    rows = connection.execute(
        select(table)
        .where(table.c.shop == shop, table.c.type.in_(types), table.c.seq > after)
        .order_by(table.c.seq)
    )
    return [Numbered(row.seq, row.at, row.type, row.plan, joined(row.detail, row.beside)) for row in rows]
