"""Deliveries that cannot be made, for what the recipient is asked by went with the record."""

from sqlalchemy import Connection, and_, select

from connector.ledger import schema
from connector.ledger.answers import HANDLE_GONE, NO_HANDLE
from connector.ledger.states import DeliveryState
from connector.records import Kind, Value


class LostHandle(Value, frozen=True, kw_only=True):
    """A recipient that a person must look into: of which record, by what its copy would have been found."""

    id: int
    recipient: str
    kind: Kind
    label: str
    handle: str
    reason: str = HANDLE_GONE


def lost_handles(connection: Connection, shop: str, *, plan: int | None = None) -> list[LostHandle]:
    """Every such delivery that no person has closed, of all runs or of one; in order of recipient."""
    table, step = schema.delivery, schema.step
    of_step = and_(step.c.plan == table.c.plan, step.c.seq == table.c.step)
    of_run = () if plan is None else (table.c.plan == plan,)
    open_ = (table.c.state == DeliveryState.FAILED, table.c.reason.in_(NO_HANDLE))
    chosen = (
        select(
            table.c.id,
            table.c.recipient,
            table.c.kind,
            table.c.remote_id,
            table.c.handle,
            table.c.reason,
            step.c.label,
        )
        .select_from(table.outerjoin(step, of_step))
        .where(table.c.shop == shop, *open_, *of_run)
        .order_by(table.c.recipient, table.c.handle, table.c.kind, table.c.reason, table.c.id)
    )
    return [
        LostHandle(
            id=row.id,
            recipient=row.recipient,
            kind=Kind(row.kind),
            label=row.label or f"id {row.remote_id}",
            handle=row.handle,
            reason=row.reason,
        )
        for row in connection.execute(chosen)
    ]  # fmt: skip
