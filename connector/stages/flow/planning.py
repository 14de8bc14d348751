"""Planning: what has come due is drawn and stored, or a begun plan is given up."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from connector.basis import not_answered
from connector.deciding.terms import Terms
from connector.errors import PlanError
from connector.ledger.plans import Plans
from connector.plan import Plan
from connector.records import HoldId
from connector.services.timekeeping import (
    must_agree,
    must_have_pulled,
    must_not_go_back,
    pull_is_old,
    refuse_old,
)
from connector.shop import Shop, Sound
from connector.stages.abandon import Abandoned, abandon
from connector.stages.flow.common import copies_of, tell_who_came_back, what_was_read
from connector.stages.plan import make_plan, unfinished
from connector.stages.sample import sample_notes
from connector.stages.verify import Asked, read_back_and_ask, summed


def plan_shop(shop: Shop, sound: Sound, *, old: Callable[[datetime], bool] = refuse_old) -> Plan:
    """Decides what has come due and stores the plan, under the policy that was found sound.

    `old` is asked once where the last pull is more than a day ago. Raises ClockUnsure, PlanError.
    """
    sound.must_be_of(shop.policy)
    shop.unchanged()
    must_not_go_back(shop.ledger, shop.clock())
    must_have_pulled(shop.ledger)
    must_agree(shop.ledger)
    last = pull_is_old(shop.ledger, shop.clock())
    if last is not None and not old(last):
        raise PlanError("Nothing was planned. Run `gallra pull` first.")
    now = shop.clock()
    made = make_plan(
        shop.ledger,
        Terms(
            policy=shop.policy,
            capabilities=shop.capabilities,
            recipients=shop.recipients,
            limits=shop.limits,
            key=shop.key,
            today=shop.today,
            now=now,
        ),
        also=copies_of(shop).draw if shop.settings.webhooks else None,
        rests_on=lambda connection: what_was_read(shop, connection),
    )
    sample_notes(shop)
    if made.created < now:
        shop.notices.append(_stands(shop, made))
    tell_who_came_back(shop)
    return made


def _stands(shop: Shop, plan: Plan) -> str:
    """That the plan of before stands, with what was approved of it."""
    with shop.ledger.begin() as connection:
        plans = Plans(shop.ledger)
        given = plans.approvals(connection, plans.need(connection, plan.code).id)
    names = ", ".join(sorted({one.person for one in given}))
    kept = f" So does its approval by {names}." if given else ""
    return (
        f"What is due is what plan {plan.code} of {plan.created:%Y-%m-%d %H:%M} says: it stands, until "
        f"{plan.expires:%Y-%m-%d %H:%M}.{kept}"
    )


def abandon_shop(shop: Shop) -> Abandoned:
    """Gives up the plan that has begun, once every begun step of it was read back and told of.

    Raises OtherShop where another shop answers: what is not there says nothing of what was done.
    """
    shop.unchanged()
    shop.recognise()
    result = abandon(shop.ledger, shop.outbox, shop.platforms)
    with shop.ledger.begin() as connection:
        left = Plans(shop.ledger).unread(connection)
    asked = Asked(platforms=shop.platforms)
    seen = summed([read_back_and_ask(shop.outbox, asked, one) for one in left])
    return replace(result, left=seen.left_labels, unread=seen.unread_labels)


def may_plan(shop: Shop) -> bool:
    """Whether a new plan may be made: none has begun, but what waits at services that do not answer."""
    shop.ready()
    with shop.ledger.begin() as connection:
        silent = not_answered(what_was_read(shop, connection))
        return not unfinished(Plans(shop.ledger), connection, silent=silent)


def tightened(shop: Shop, plan: Plan) -> tuple[HoldId, ...]:
    """The holds that could be read when a plan was made and cannot be now: what they bind waits."""
    return tuple(sorted(shop.policy.context.unknown_holds - set(plan.unknown_holds)))
