"""What the ledger knows of a recipient's earlier answers: whether it ever found what it was asked about."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, select

from connector.ledger import schema
from connector.ledger.states import DeliveryState
from connector.ledger.store import in_chunks
from connector.records import Outcome

NONE_FOUND = "none_found"
"""Why a delivery waits whose whole round found nothing: whether its copy is gone cannot be known."""

_FOUND = (Outcome.DONE, Outcome.STOPPED)


def ever_found(connection: Connection, shop: str, recipient: str, handle: str) -> bool:
    """Whether this recipient has ever erased or stopped something that it was asked about by this handle."""
    table = schema.delivery
    chosen = select(table.c.id).where(
        table.c.shop == shop,
        table.c.recipient == recipient,
        table.c.handle == handle,
        table.c.outcome.in_(_FOUND),
    )
    return connection.scalar(chosen.limit(1)) is not None


def done_before(connection: Connection, shop: str, recipient: str, ids: Sequence[int]) -> set[int]:
    """The deliveries of these whose very handle this recipient was done with before: by our own act."""
    table, earlier = schema.delivery, schema.delivery.alias()
    done = (
        select(earlier.c.id)
        .where(
            earlier.c.shop == shop,
            earlier.c.recipient == recipient,
            earlier.c.handle_digest == table.c.handle_digest,
            earlier.c.id != table.c.id,
            earlier.c.outcome.in_(_FOUND),
        )
        .exists()
    )
    found: set[int] = set()
    for some in in_chunks(ids):
        found |= set(connection.scalars(select(table.c.id).where(table.c.id.in_(some), done)))
    return found


def not_found(connection: Connection, shop: str, recipient: str) -> list[int]:
    """The deliveries to a recipient of which it cannot be known whether they are gone."""
    column = schema.delivery.c
    chosen = select(column.id).where(*_unknown(shop), column.recipient == recipient)
    return list(connection.scalars(chosen.order_by(column.id)))


def none_found(connection: Connection, shop: str, *, plan: int | None = None) -> dict[str, int]:
    """How many such deliveries there are, by recipient: of all runs or of one."""
    column = schema.delivery.c
    of_run = () if plan is None else (column.plan == plan,)
    chosen = select(column.recipient, func.count()).where(*_unknown(shop), *of_run)
    rows = connection.execute(chosen.group_by(column.recipient).order_by(column.recipient))
    return {str(name): int(count) for name, count in rows}


def _unknown(shop: str) -> tuple[ColumnElement[bool], ...]:
    column = schema.delivery.c
    return column.shop == shop, column.state == DeliveryState.FAILED, column.reason == NONE_FOUND
