"""What the ledger itself may no longer keep: the deletion log lives five years (schedule T-62)."""

from datetime import date

from sqlalchemy import Connection, delete, select

from connector.calendar import add_months
from connector.ledger import schema
from connector.ledger.plan_states import PlanState, StepState
from connector.ledger.states import UNTOLD, DeliveryState
from connector.ledger.store import Ledger

LOG_MONTHS = 60
# The newest of these say how the shop stands; they are kept whatever their age.
STANDING = ("policy", "checked", "standing")


def expire(ledger: Ledger, connection: Connection, *, today: date) -> int:
    """Deletes plans, their steps, approvals and deliveries, and events past their time; returns plans."""
    limit = add_months(today, -LOG_MONTHS).isoformat()
    plans, events, told = schema.plan, schema.event, schema.delivery
    # What somebody is still to be told, or the platform still to carry out, never ends by time.
    untold = select(told.c.plan).where(told.c.state.in_([DeliveryState.HELD, *UNTOLD]))
    accepted = select(schema.step.c.plan).where(schema.step.c.state == StepState.ACCEPTED)
    old = list(
        connection.scalars(
            select(plans.c.id).where(
                plans.c.shop == ledger.shop,
                plans.c.created < limit,
                plans.c.state != PlanState.BEGUN,
                plans.c.id.not_in(untold),
                plans.c.id.not_in(accepted),
            )
        )
    )
    for table in (schema.step, schema.approval, schema.delivery):
        connection.execute(delete(table).where(table.c.plan.in_(old)))
    connection.execute(delete(plans).where(plans.c.id.in_(old)))
    connection.execute(
        delete(events).where(
            events.c.shop == ledger.shop, events.c.at < limit, events.c.type.not_in(STANDING)
        )
    )
    return len(old)
