"""A request's own plan, followed: what a named person approved is carried out, and moves the request on."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from connector.errors import PlanError
from connector.ledger.plans import PlanRow, Plans
from connector.ledger.plans.counts import outcomes, undelivered
from connector.ledger.request_outcomes import plans_that_ran
from connector.ledger.requests import Register, RequestRow
from connector.ledger.states import PlanState, RequestState, StepState
from connector.records import Outcome
from connector.shop import Shop, Sound
from connector.stages.flow.applying import Applied, apply_plan
from connector.stages.flow.common import Tell, silent

LEFT = "left"
"""What a read-back writes to a step of which something is still in the shop."""

SOON_DAYS = 7
"""How long before its day a run tells of a request that waits for its answer."""

Arrow = tuple[RequestState, RequestState, Callable[[], bool]]


def follow(shop: Shop, code: str) -> RequestRow:
    """Moves a request on as far as its plan has come: approved, done, told, read back.

    Back to `scoped`, so that it is decided anew, where its plan was given up, its approval lapsed before
    anything had begun, a record was left alone, or the read-back found something left.
    """
    shop.unchanged()
    register = Register(shop.ledger)
    with shop.ledger.begin() as connection:
        return _followed(shop, connection, register, register.get(connection, code))


def follow_all(shop: Shop) -> tuple[RequestRow, ...]:
    """Moves every request that waits on; what is told is how each stands by now."""
    shop.unchanged()
    register = Register(shop.ledger)
    with shop.ledger.begin() as connection:
        rows = [one for one in register.list(connection) if one.scope]
        return tuple(_followed(shop, connection, register, one) for one in rows)


def apply_requests(
    shop: Shop, sound: Sound, *, tell: Tell = silent
) -> tuple[tuple[Applied, ...], tuple[PlanError, ...]]:
    """Carries out every request's plan that a named person approved; what stops one stops no other.

    Raises RemoteError where the shop itself does not answer or may not be written to.
    """
    applied: list[Applied] = []
    waiting: list[PlanError] = []
    for code in [one.plan.code for one in _approved(shop)]:
        try:
            applied.append(apply_plan(shop, sound, code=code, tell=tell))
        except PlanError as why:
            waiting.append(why)
    follow_all(shop)
    return tuple(applied), tuple(waiting)


def to_answer_soon(shop: Shop) -> tuple[RequestRow, ...]:
    """The requests whose day to answer by is within a week, or has passed; what is due first, first."""
    with shop.ledger.begin() as connection:
        rows = Register(shop.ledger).list(connection)
    return tuple(one for one in rows if (one.due - shop.today).days <= SOON_DAYS)


def _approved(shop: Shop) -> list[PlanRow]:
    asked = [one for one in follow_all(shop) if one.state is RequestState.APPROVED]
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        found = [plans.current(connection, scope=one.scope) for one in asked]
    return [one for one in found if one is not None and one.state is not PlanState.FINISHED]


def _followed(shop: Shop, connection: Connection, register: Register, row: RequestRow) -> RequestRow:
    plan = Plans(shop.ledger).current(connection, scope=row.scope) if row.scope else None
    ran = plans_that_ran(connection, shop.ledger.shop, row.scope) if row.scope else []
    for start, end, has_come in _arrows(shop, connection, row, plan, ran):
        if row.state is start and has_come():
            row = register.advance(connection, row, end)
    return row


def _arrows(
    shop: Shop, connection: Connection, row: RequestRow, plan: PlanRow | None, ran: Sequence[int]
) -> tuple[Arrow, ...]:
    """What leads on, in order. What an earlier plan of the request still has to tell or read back counts."""
    state, anew = RequestState, row.kind.erases or row.kind.rectifies
    if plan is None:
        return ((state.APPROVED, state.SCOPED, lambda: True),)
    lapsed = plan.state is PlanState.OPEN and shop.clock() > plan.plan.expires
    return (
        (state.DECIDED, state.APPROVED, lambda: not lapsed and _is_approved(shop, connection, plan)),
        (state.DECIDED, state.SCOPED, lambda: lapsed),
        (state.APPROVED, state.SCOPED, lambda: lapsed),
        (state.APPROVED, state.DONE, lambda: plan.state is PlanState.FINISHED),
        (state.DONE, state.SCOPED, lambda: anew and _was_left_alone(connection, plan)),
        (state.DONE, state.TOLD, lambda: not any(undelivered(connection, one) for one in ran)),
        (state.TOLD, state.READ_BACK, lambda: not {*ran} & {*Plans(shop.ledger).unread(connection)}),
        (state.READ_BACK, state.SCOPED, lambda: _is_left(connection, plan)),
    )


def _is_approved(shop: Shop, connection: Connection, plan: PlanRow) -> bool:
    return bool(plan.plan.waves) and bool(Plans(shop.ledger).approvals(connection, plan.id))


def _was_left_alone(connection: Connection, plan: PlanRow) -> bool:
    """Whether a record was not what had been decided by the time of its step, so that nothing was written."""
    return any(one.outcome == Outcome.STALE for one in outcomes(connection, plan.id))


def _is_left(connection: Connection, plan: PlanRow) -> bool:
    """Whether anything is there that the plan takes: found by the read-back, or in a wave not approved."""
    counts = outcomes(connection, plan.id)
    return any(one.read_back == LEFT or one.state == StepState.PLANNED for one in counts)


__all__ = ["apply_requests", "follow", "follow_all", "to_answer_soon"]
