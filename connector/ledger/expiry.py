"""What the ledger itself may no longer keep: the deletion log lives five years (schedule T-62).

What the books lean on lives to the end of the floor: the numbers of deleted orders, which explain a gap in
their series, and the decisions on where the vouchers lie.
"""

import json
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, delete, not_, or_, select

from connector.calendar import OSS_YEARS, add_months
from connector.ledger import schema
from connector.ledger.proof.cut import forget
from connector.ledger.proof.forms import STEPS
from connector.ledger.proof.notes import words
from connector.ledger.proof.sums import sum_anew
from connector.ledger.states import UNTOLD, DeliveryState, PlanState, StepState
from connector.ledger.store import Ledger
from connector.ledger.warnings import Warnings
from connector.records import Action, Kind, Outcome

LOG_MONTHS = 60
# The newest of these say how the shop stands; they are kept whatever their age.
STANDING = ("policy", "checked", "standing", "found")
OF_THE_BOOKS = "apply_started"
"""The event that holds the accountant's word and the years archived elsewhere, as they stood that day."""


_GONE = (Outcome.DONE, Outcome.ALREADY_GONE)


def expire(ledger: Ledger, connection: Connection, *, today: date) -> int:
    """Deletes plans, their steps, approvals and deliveries, and events past their time; returns plans."""
    limit = add_months(today, -LOG_MONTHS).isoformat()
    # No floor is longer than the one of OSS, counted from the year of the run.
    floor = date(today.year - OSS_YEARS, 1, 1).isoformat()
    plans, events, told = schema.plan, schema.event, schema.delivery
    # What somebody is still to be told, or the platform still to carry out, never ends by time.
    untold = select(told.c.plan).where(told.c.state.in_([DeliveryState.HELD, *UNTOLD]))
    accepted = select(schema.step.c.plan).where(schema.step.c.state == StepState.ACCEPTED)
    mine = (
        plans.c.shop == ledger.shop,
        plans.c.created < limit,
        plans.c.state != PlanState.BEGUN,
        plans.c.id.not_in(untold),
        plans.c.id.not_in(accepted),
    )
    old = list(connection.scalars(select(plans.c.id).where(*mine)))
    listed = select(schema.step.c.plan).where(_number_of_an_order())
    bound = and_(plans.c.id.in_(listed), plans.c.created >= floor)
    gone = list(connection.scalars(select(plans.c.id).where(*mine, not_(bound))))
    connection.execute(delete(schema.delivery).where(schema.delivery.c.plan.in_(old)))
    connection.execute(delete(schema.step).where(schema.step.c.plan.in_(old), not_(_number_of_an_order())))
    for table in (schema.step, schema.approval):
        connection.execute(delete(table).where(table.c.plan.in_(gone)))
    connection.execute(delete(plans).where(plans.c.id.in_(gone)))
    _say_what_is_left(ledger, connection, old)
    longest = and_(events.c.type == OF_THE_BOOKS, events.c.at >= floor)
    Warnings(ledger).forget(connection, limit)
    stays = select(events.c.seq).where(
        events.c.shop == ledger.shop, events.c.at < limit, or_(events.c.type.in_(STANDING), longest)
    )
    spared = frozenset(connection.scalars(stays))
    forget(connection, ledger.place(connection), before=limit, spared=spared)
    return len(gone)


def _say_what_is_left(ledger: Ledger, connection: Connection, plans: Sequence[int]) -> None:
    """The chain's word on plans of which something went, and what vouches for the rest of them."""
    if not plans:
        return
    for plan in plans:
        ledger.note(connection, "plan", plan)
        ledger.note(connection, STEPS, plan)
    place = ledger.place(connection)
    for key, word in words(connection, ledger.shop).items():
        if key[0] == "approval" and word.committed and json.loads(key[1])[0] in plans:
            ledger.note(connection, "approval", *json.loads(key[1]))
    sum_anew(connection, place, list(plans))


def _number_of_an_order() -> ColumnElement[bool]:
    """Whether a step is the trace of an order that is gone: its number, and nothing of a person."""
    step = schema.step.c
    return and_(step.kind == Kind.ORDER, step.action == Action.DELETE, step.outcome.in_(_GONE))
