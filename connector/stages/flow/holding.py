"""Taking out: records of a plan are held by a named person, and the plan is drawn anew without them."""

from collections.abc import Sequence

from connector.errors import PlanError
from connector.ledger.holds import Holds, HoldTerms, On
from connector.ledger.plans import Plans
from connector.ledger.plans.pages import StepPages
from connector.ledger.states import PlanState
from connector.plan import Plan
from connector.records import Value
from connector.shop import Shop, Sound
from connector.stages.flow.planning import may_plan, plan_shop


class TakenOut(Value, frozen=True, kw_only=True):
    """What taking out came to: the hold, on how many records, how many of them were being erased already.

    `plan` is the one without them; None where one has begun, whose next batches leave them alone.
    """

    hold: int
    records: int
    begun: int = 0
    plan: Plan | None = None


def take_out(shop: Shop, sound: Sound, digest: str, seqs: Sequence[int], terms: HoldTerms) -> TakenOut:
    """Holds the records of these steps by one hold, and plans anew; the caller holds the shop's lock.

    Raises PlanError where the plan is of another kind than what comes due by itself, or has no such steps.
    """
    shop.unchanged()
    sound.must_be_of(shop.policy)
    plans, holds = Plans(shop.ledger), Holds(shop.ledger)
    with shop.ledger.begin() as connection:
        shop.ledger.turn(connection)
        row = plans.need(connection, digest)
        if row.plan.request or row.plan.undoes or row.plan.replays:
            raise PlanError(
                "Records are taken out of what comes due by itself. This plan was made for one purpose: "
                "approve it, or let it lapse."
            )
        if row.state not in (PlanState.OPEN, PlanState.BEGUN):
            raise PlanError("This plan has ended, and nothing can be taken out of it. Look at the newest.")
        records = StepPages(shop.ledger).records(connection, row.id, seqs)
        if not records:
            raise PlanError("Nothing is chosen. Choose records, or the rule whole. Nothing was done.")
        number = holds.add(connection, terms, On(records=records))
        reach = holds.reach(connection, number)
    made = plan_shop(shop, sound, old=lambda _last: True) if may_plan(shop) else None
    return TakenOut(hold=number, records=reach.records, begun=reach.begun, plan=made)


__all__ = ["TakenOut", "take_out"]
