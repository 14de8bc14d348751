"""The undo stage: a plan that puts back what a run overwrote, as far as copies live."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from connector import __version__
from connector.deciding.terms import Terms
from connector.errors import PlanError
from connector.ledger import Ledger
from connector.ledger.plans import UNDO, PlanRow, Plans, StepRow
from connector.ledger.plans.stored import store_plan
from connector.ledger.states import PlanState, StepState
from connector.ledger.undo import Copies, Copy
from connector.plan import FORMAT_VERSION, LIFETIME, Plan, Step
from connector.records import Action, Field, Outcome, Value, from_bits

RAN = (PlanState.FINISHED, PlanState.ABANDONED)


class Undoing(Value, frozen=True, kw_only=True):
    """A plan that restores, and what it cannot: records that are gone whole, and fields without a copy."""

    plan: Plan
    records: int
    until: date
    deleted: int = 0
    without_copy: int = 0
    left_out: Mapping[Field, int] = {}


def make_undo(ledger: Ledger, copies: Copies, terms: Terms, code: str) -> Undoing:
    """Plans to restore what a run took. Raises PlanError where it has not ended, or nothing of it can be."""
    plans = Plans(ledger)
    with ledger.begin() as connection:
        run = _ended(plans, connection, code)
        kept = [one for one in copies.of_plan(connection, run.id) if one.until >= terms.today]
        steps = list(plans.steps(connection, run.id, states=(StepState.CLOSED,)))
        if not kept:
            raise PlanError(_why_none(run.plan, steps))
        draft = plans.begin_draft(connection, scope=UNDO)
        plan = store_plan(plans, connection, draft, _header(run.plan, terms), _steps(kept, steps))
        ledger.event(connection, "undo_planned", plan=draft, code=plan.code, records=len(kept))
    return _told(plan, kept, steps)


def _ended(plans: Plans, connection: Connection, code: str) -> PlanRow:
    run = plans.need(connection, code)
    if run.plan.undoes:
        raise PlanError(f"Plan {code} restored what a run took; there is nothing of its own to restore.")
    if run.plan.rectifies:
        raise PlanError(
            f"Plan {code} put right what a person said was wrong; what stood there before is not kept."
        )
    if run.state is PlanState.BEGUN:
        raise PlanError(
            f"Plan {code} has begun and is not finished. Run `gallra apply` to finish it or `gallra plan "
            "--abandon` to give it up, then undo it."
        )
    if run.state not in RAN:
        raise PlanError(f"Plan {code} has not run, so there is nothing to restore.")
    return run


def _why_none(plan: Plan, steps: list[StepRow]) -> str:
    deleted = _deleted(steps)
    gone = f" {deleted} records were deleted; no call brings them back." if deleted else ""
    return (
        f"Nothing of plan {plan.code} can be restored: no copy was kept, or its time is over.{gone} "
        "`undo.days` says for how long copies are kept."
    )


def _deleted(steps: list[StepRow]) -> int:
    return len({one.record for one in steps if one.step.action is Action.DELETE and one.written})


def _steps(kept: list[Copy], steps: list[StepRow]) -> list[tuple[int, Step]]:
    """One step a record, in the wave of the first step that took something of it."""
    first: dict[int, StepRow] = {}
    for one in steps:
        if one.written and one.step.action is Action.REDACT:
            first.setdefault(one.record, one)
    return [
        (copy.record, _step(copy, then.step)) for copy in kept if (then := first.get(copy.record)) is not None
    ]


def _step(copy: Copy, then: Step) -> Step:
    return Step(ref=copy.ref, label=then.label, wave=then.wave, action=Action.RESTORE, fields=copy.fields)


def _header(run: Plan, terms: Terms) -> Plan:
    return Plan(
        format_version=FORMAT_VERSION, shop=run.shop, policy=f"{terms.policy.name}@{terms.policy.version}",
        policy_digest=terms.policy.digest, key=terms.key, tool=__version__, today=terms.today,
        created=terms.now, expires=terms.now + LIFETIME, waves=(), totals={}, outlook=(), limits=(),
        undoes=run.digest,
    )  # fmt: skip


def _told(plan: Plan, kept: list[Copy], steps: list[StepRow]) -> Undoing:
    mine = {copy.record for copy in kept}
    took = {one.record for one in steps if one.step.action is Action.REDACT and one.outcome == Outcome.DONE}
    left_out: dict[Field, int] = {}
    done = {one.record: 0 for one in steps}
    for one in steps:
        done[one.record] |= one.done
    for copy in kept:
        for field in from_bits(copy.left_out & done.get(copy.record, 0)):
            left_out[field] = left_out.get(field, 0) + 1
    return Undoing(
        plan=plan, records=len(kept), until=min(copy.until for copy in kept), deleted=_deleted(steps),
        without_copy=len(took - mine), left_out=left_out,
    )  # fmt: skip


__all__ = ["Undoing", "make_undo"]
