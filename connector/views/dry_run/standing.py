"""What became of a plan since it was drawn."""

from sqlalchemy import Connection

from connector.ledger.plans import PlanRow, Plans
from connector.ledger.plans.counts import outcomes
from connector.ledger.states import PlanState, StepState
from connector.report.dry_run.model import Stands, StepsDone
from connector.shop import Shop

_RAN = {
    PlanState.BEGUN: Stands.BEGUN,
    PlanState.FINISHED: Stands.FINISHED,
    PlanState.ABANDONED: Stands.ABANDONED,
}


def how_it_stands(shop: Shop, connection: Connection, row: PlanRow, *, policy: str) -> Stands:
    """Whether a plan waits, is approved, can be approved no more, has begun, or has ended.

    `policy` is the digest of the policy of now.
    """
    if row.state in _RAN:
        return _RAN[row.state]
    if shop.clock() > row.plan.expires:
        return Stands.EXPIRED
    if not row.plan.sets_values and policy != row.plan.policy_digest:
        return Stands.OTHER_POLICY
    digests = {one.wave: one.digest for one in Plans(shop.ledger).approvals(connection, row.id)}
    given = [one for one in row.plan.waves if digests.get(one.wave) == one.digest]
    if not given:
        return Stands.PROPOSED
    return Stands.APPROVED if len(given) == len(row.plan.waves) else Stands.IN_PART


def steps_done(connection: Connection, plan_id: int) -> StepsDone:
    """How many of a plan's steps have ended."""
    found = outcomes(connection, plan_id)
    ended = (StepState.ACCEPTED, StepState.CLOSED)
    return StepsDone(
        done=sum(one.steps for one in found if one.state in ended), of=sum(one.steps for one in found)
    )


__all__ = ["how_it_stands", "steps_done"]
