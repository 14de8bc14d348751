"""Plans that a person has approved and nobody has carried out: no run begins on that, `gallra apply` does."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

from connector.ledger.plans import NIGHTLY, RAN, PlanRow, Plans
from connector.ledger.plans.counts import outcomes
from connector.ledger.plans.scopes import every_scope
from connector.ledger.states import PlanState, StepState
from connector.records import Value


class Unapplied(Value, frozen=True, kw_only=True):
    """One such plan, its steps that wait, and the last day of the approval.

    What has begun is finished whenever it is run again: it has no last day. `named` is whether `apply` must
    be told the plan's code, as for one beside the nightly.
    """

    plan: str
    steps: int
    named: bool = False
    until: date | None = None


def unapplied(plans: Plans, connection: Connection) -> tuple[Unapplied, ...]:
    """The plans of every scope, the nightly one first."""
    return tuple(_unapplied(plans, connection))


def newest_run(plans: Plans, connection: Connection, code: str | None = None) -> PlanRow:
    """The plan of this code, or the newest that ran: beside the nightly one where none of those has.

    Raises PlanError where none has.
    """
    if code is None and plans.current(connection, states=RAN) is None:
        beside = (
            plans.current(connection, states=RAN, scope=scope)
            for scope in every_scope(connection, plans.shop)
        )
        found = max((one for one in beside if one is not None), key=lambda one: one.id, default=None)
        if found is not None:
            return found
    return plans.need(connection, code, states=RAN)


def _unapplied(plans: Plans, connection: Connection) -> Iterator[Unapplied]:
    for scope in every_scope(connection, plans.shop):
        row = plans.current(connection, scope=scope)
        if row is None or row.state is PlanState.FINISHED or not (steps := _steps(plans, connection, row)):
            continue
        until = row.plan.expires.date() if row.state is PlanState.OPEN else None
        yield Unapplied(plan=row.plan.code, steps=steps, named=scope != NIGHTLY, until=until)


def _steps(plans: Plans, connection: Connection, row: PlanRow) -> int:
    """How many steps wait that a person has approved; those of a standing approval the next run begins."""
    given = {one.wave for one in plans.approvals(connection, row.id) if not one.standing}
    if not given:
        return 0
    waiting = (one for one in outcomes(connection, row.id) if one.state == StepState.PLANNED)
    return sum(one.steps for one in waiting if one.wave in given)
