"""What a run that stopped has begun without hearing an answer, and what it has not come to yet."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from connector.ledger import schema
from connector.ledger.states import DeliveryState, PlanState, StepState
from connector.ledger.store import in_chunks
from connector.records import Value


class Unsettled(Value, frozen=True, kw_only=True):
    """Records of a run that has not ended, by kind and number; `to_begin` counts those it never came to."""

    begun: tuple[str, ...] = ()
    to_begin: int = 0

    def __bool__(self) -> bool:
        return bool(self.begun or self.to_begin)


def unsettled(connection: Connection, plan_id: int) -> Unsettled:
    """What is left of a begun plan's approved waves: nothing of a plan that is finished or given up."""
    table, plan, approval = schema.step, schema.plan, schema.approval
    begun = select(plan.c.id).where(plan.c.id == plan_id, plan.c.state == PlanState.BEGUN)
    if connection.scalar(begun) is None:
        return Unsettled()
    approved = select(approval.c.wave).where(approval.c.plan == plan_id)
    labels = _begun(connection, table.c.plan == plan_id)
    started = select(table.c.record).where(table.c.plan == plan_id, table.c.state == StepState.BEGUN)
    planned = (table.c.plan == plan_id, table.c.state == StepState.PLANNED, table.c.wave.in_(approved))
    count = select(func.count(func.distinct(table.c.record))).where(*planned, table.c.record.not_in(started))
    return Unsettled(begun=labels, to_begin=connection.scalar(count) or 0)


def begun_of_shop(connection: Connection, shop: str) -> tuple[str, ...]:
    """Every record of a shop that a run has begun and not settled, whichever the run."""
    plan = schema.plan
    own = select(plan.c.id).where(plan.c.shop == shop, plan.c.state == PlanState.BEGUN)
    return _begun(connection, schema.step.c.plan.in_(own))


def _begun(connection: Connection, which: ColumnElement[bool]) -> tuple[str, ...]:
    table = schema.step
    rows = connection.execute(
        select(table.c.kind, table.c.label)
        .where(which, table.c.state == StepState.BEGUN)
        .order_by(table.c.plan, table.c.seq)
    )
    return tuple(dict.fromkeys(f"{row.kind}:{row.label}" for row in rows))


def held_by_begun(connection: Connection, shop: str) -> dict[str, int]:
    """Deliveries that wait for a step which has begun and not been settled, by recipient.

    One that waits for a request that the platform took on is no fault, and is not counted.
    """
    table, step = schema.delivery, schema.step
    of_step = and_(step.c.plan == table.c.plan, step.c.seq == table.c.step)
    rows = connection.execute(
        select(table.c.recipient, func.count())
        .select_from(table.join(step, of_step))
        .where(table.c.shop == shop, table.c.state == DeliveryState.HELD, step.c.state == StepState.BEGUN)
        .group_by(table.c.recipient)
        .order_by(table.c.recipient)
    )
    return {str(name): int(count) for name, count in rows}


def not_read_back(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Those of these rows of which a step has begun or was carried out, and was not read back yet."""
    table = schema.step
    found: set[int] = set()
    for some in in_chunks(ids):
        chosen = select(table.c.record).where(
            table.c.record.in_(some),
            table.c.read_back == "",
            or_(table.c.state == StepState.BEGUN, (table.c.state == StepState.CLOSED) & (table.c.done != 0)),
        )
        found.update(connection.scalars(chosen))
    return sorted(found)
