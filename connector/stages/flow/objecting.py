"""Objections to mailings (GDPR 21(2)): remembered first, ended in every channel, read back, the same day.

A no that somebody gave at one service is carried to the others in the same way. What ends mailings is a plan
like any other, beside the nightly one; a standing approval of its own kind lets it go at once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from connector.deciding.reading_back import VerifyResult
from connector.deciding.terms import Terms
from connector.deciding.withdrawn import Due, Withdrawn, withdrawn
from connector.errors import GallraError, LimitExceeded, NotApproved, PlanError, Vetoed
from connector.ledger.consents import records_of
from connector.ledger.memory import Memory
from connector.ledger.plans import Plans
from connector.ledger.plans.scopes import OBJECTION, WITHDRAWALS
from connector.ledger.states import PlanState
from connector.plan import NO_LINE, Plan
from connector.ports.consents import beyond_calls, holders
from connector.records import Kind, Value
from connector.request import Channel
from connector.shop import Shop, Sound
from connector.stages.flow.applying import Applied, apply_plan
from connector.stages.flow.approving import Word, approve
from connector.stages.flow.common import Tell, may_write, reading_of, silent, what_was_read, who_came_back
from connector.stages.flow.reading import pull_shop
from connector.stages.flow.telling import push_shop, verify_shop
from connector.stages.plan import make_objection_plan
from connector.stages.pull.by_person import read_again
from connector.stages.push import PushResult
from connector.text.addresses import of_one_person


class Objector(Value, frozen=True, kw_only=True):
    """Who objected, by an address or a number; never printed, and kept as a keyed hash alone.

    `by` took it in, and `channel` is how it came.
    """

    received: date
    by: str
    channel: Channel = Channel.EMAIL
    email: str = ""
    phone: str = ""

    def __repr__(self) -> str:
        return f"<Objector {self.received}>"


class Ended(Value, frozen=True, kw_only=True):
    """What became of one channel of one record: `outcome` as of a step, `seen` as it was read back."""

    adapter: str
    kind: Kind
    label: str
    channel: str
    outcome: str = ""
    reason: str = ""
    seen: str = ""


class Finished(NamedTuple):
    """A plan that an earlier try left half done, as it was finished and read back now."""

    plan: Plan
    applied: Applied
    verified: VerifyResult


class Carried(Value, frozen=True, kw_only=True):
    """What an objection, or the carrying of several, came to.

    `waiting` says why nothing was done yet; `own_will` counts records with a yes of a later day, `again`
    those that say yes anew without a day: neither is undone. `unread` are records that could not be looked
    at, of which it is not known whose they are. `by_hand` are recipients that mail or advertise, and that no
    call of ours reaches: a person tells them. `earlier` are plans that an earlier try left half done and that
    were finished now, `finished` what became of their channels.
    """

    plan: Plan | None = None
    earlier: tuple[Finished, ...] = ()
    finished: tuple[Ended, ...] = ()
    ended: tuple[Ended, ...] = ()
    applied: Applied | None = None
    pushed: PushResult | None = None
    verified: VerifyResult | None = None
    waiting: PlanError | None = None
    own_will: int = 0
    again: int = 0
    unread: int = 0
    by_hand: tuple[str, ...] = ()


def digests_of(shop: Shop, objector: Objector) -> frozenset[bytes]:
    """By what whoever objects is known. Raises GallraError for what is no address and no number."""
    found = [
        *([shop.keyer("email", of_one_person(objector.email) or "")] if objector.email else []),
        *([shop.keyer("phone", objector.phone)] if objector.phone else []),
    ]
    digests = frozenset(one for one in found if one is not None)
    if not digests or len(digests) < len(found):
        raise GallraError(
            "What was given is no e-mail address and no telephone number. Nothing was remembered."
        )
    return digests


def remember_objection(shop: Shop, objector: Objector, digests: frozenset[bytes]) -> None:
    """Keeps that somebody objects, and reads it back, before any service is asked.

    Raises GallraError for a day to come, LedgerError where it is not on disk afterwards.
    """
    may_write(shop)
    if objector.received > shop.today:
        raise GallraError(
            f"{objector.received} has not come yet. Give the day on which the objection came in."
        )
    memory = Memory(shop.ledger)
    with shop.ledger.begin() as connection:
        memory.object_to(connection, digests, key=shop.key, since=objector.received)
        shop.ledger.event(
            connection, "objected", count=len(digests), since=objector.received.isoformat(),
            by=objector.by, channel=str(objector.channel),
        )  # fmt: skip
    memory.must_know_of(digests)


def object_to_mailings(
    shop: Shop, sound: Sound, objector: Objector, *, tell: Tell = silent
) -> Carried:
    """Remembers an objection, and ends every channel by which its person is mailed, in every service.

    Raises GallraError as `remember_objection` does, before anything else; RemoteError where the shop does
    not answer: the objection is remembered then, and the next run carries it out.
    """
    digests = digests_of(shop, objector)
    remember_objection(shop, objector, digests)
    earlier = finish_objections(shop, sound, OBJECTION, tell=tell)
    found = read_of_person(shop, digests, tell=tell)
    waits = _rows_of_open(shop, OBJECTION)
    others = standing_against(shop, anew=True).due if waits else {}
    due = {**{row: others[row] for row in sorted(waits) if row in others}, **found.due}
    carried = carry_out(shop, sound, found, plan_objections(shop, OBJECTION, due), tell=tell)
    return with_earlier(shop, replace(carried, by_hand=told_by_hand(shop)), earlier)


def with_earlier(shop: Shop, carried: Carried, earlier: tuple[Finished, ...]) -> Carried:
    """The same, and what became of what an earlier try left half done."""
    finished = tuple(one for each in earlier for one in _ended(shop, each.plan))
    return replace(carried, earlier=earlier, finished=finished)


def carry_withdrawals(shop: Shop, sound: Sound, *, tell: Tell = silent) -> Carried:
    """Ends what stands against a word in any service, as the index has it: objections, and a no elsewhere."""
    earlier = finish_objections(shop, sound, OBJECTION, tell=tell)
    earlier += finish_objections(shop, sound, WITHDRAWALS, tell=tell)
    found = standing_against(shop)
    carried = carry_out(shop, sound, found, plan_objections(shop, WITHDRAWALS, found.due), tell=tell)
    return with_earlier(shop, carried, earlier)


def standing_against(shop: Shop, *, of: Collection[bytes] = (), anew: bool = False) -> Withdrawn:
    """What stands against a word in this shop, where its services can end it."""
    return withdrawn(shop.ledger, shop.platforms, shop.beside, of=of, anew=anew)


def read_of_person(shop: Shop, digests: Collection[bytes], *, tell: Tell) -> Withdrawn:
    """What stands against the word of whoever goes by these hashes, each record of theirs read anew by id.

    Not every service lists a change of what somebody said to mailings (WooCommerce's accounts).
    """
    pull_shop(shop, tell=tell)
    here = holders(shop.platforms)
    with shop.ledger.begin() as connection:
        theirs = records_of(connection, shop.ledger.shop, digests)
    wanted = [ref for ref in theirs if (ref.adapter, ref.kind) in here]
    unread = read_again(shop.ledger, reading_of(shop), wanted)
    found = standing_against(shop, of=digests, anew=True)
    return found._replace(unread=max(found.unread, unread))


def left_alone(carried: Carried) -> Iterator[str]:
    """What a person must know of consents that stand against a word and were not ended."""
    if carried.own_will:
        yield (
            f"{carried.own_will} records say yes to mailings on a later day than their person said no: the "
            "person's own will, or an import. They stay as they are; where it was an import, take the "
            "objection in again with `gallra unsubscribe`."
        )
    if carried.again:
        yield (
            f"{carried.again} records say yes to mailings again after they were set to no, without a day: an "
            "import, or the person. They stay as they are; ask the person, or take the objection in again "
            "with `gallra unsubscribe`."
        )
    if carried.unread:
        yield (
            f"{carried.unread} records could not be looked at, so whether they mail somebody who said no is "
            "not known. Run again later."
        )
    if carried.by_hand:
        yield (
            f"{', '.join(carried.by_hand)} mail or advertise for the shop, and no call reaches them. Take "
            "the person out there today."
        )


def told_by_hand(shop: Shop) -> tuple[str, ...]:
    """The recipients that mail or advertise for the shop and that no call of ours takes anybody out of."""
    return beyond_calls(shop.recipients, shop.platforms)


def plan_objections(shop: Shop, scope: str, due: Mapping[int, Due]) -> Plan | None:
    """The plan that ends these mailings; None where there are none, and one that waited is replaced."""
    if not due and not _rows_of_open(shop, scope):
        return None
    terms = Terms(
        policy=shop.policy, capabilities=shop.capabilities, recipients=shop.recipients, limits=shop.limits,
        key=shop.key, today=shop.today, now=shop.clock(),
    )  # fmt: skip
    plan = make_objection_plan(
        shop.ledger, terms, scope, due, rests_on=lambda connection: what_was_read(shop, connection)
    )
    return plan if plan.waves else None


def finish_objections(shop: Shop, sound: Sound, scope: str, *, tell: Tell) -> tuple[Finished, ...]:
    """What an earlier try of the same kind left half done is finished, and read back; those plans."""
    before = who_came_back(shop)
    with shop.ledger.begin() as connection:
        begun = [one.plan for one in Plans(shop.ledger).begun(connection, scopes=(scope,))]
    finished = tuple(
        Finished(
            plan, apply_plan(shop, sound, code=plan.code, tell=tell),
            verify_shop(shop, code=plan.code, tell=tell),
        )
        for plan in begun
    )  # fmt: skip
    if finished:
        _forget_who_is_ended(shop, before)
    return finished


def _forget_who_is_ended(shop: Shop, before: Sequence[str]) -> None:
    """What was so before, and is ended now, needs nobody's eye."""
    now = who_came_back(shop)
    shop.notices[:] = [one for one in shop.notices if one not in before or one in now]


def carry_out(shop: Shop, sound: Sound, found: Withdrawn, plan: Plan | None, *, tell: Tell) -> Carried:
    """Approves under the standing approval, writes, tells and reads back; what came of it, or what waits."""
    left = Carried(plan=plan, own_will=len(found.own_will), again=len(found.again), unread=found.unread)
    if plan is None:
        return left
    before = who_came_back(shop)
    try:
        approve_objections(shop, sound, plan)
        applied = apply_plan(shop, sound, code=plan.code, tell=tell)
    except (NotApproved, LimitExceeded, Vetoed) as waits:
        return replace(left, ended=_ended(shop, plan), waiting=waits)
    pushed = push_shop(shop, tell=tell)
    verified = verify_shop(shop, code=plan.code, tell=tell)
    _forget_who_is_ended(shop, before)
    return replace(
        left, ended=_ended(shop, plan), applied=applied, pushed=pushed, verified=verified,
        waiting=applied.lapsed,
    )  # fmt: skip


def approve_objections(shop: Shop, sound: Sound, plan: Plan) -> None:
    """Approves under the standing approval of objections, unless a person has approved the plan.

    Raises NotApproved, with the line that approves it, where there is none or it does not hold today;
    LimitExceeded, with the same, where it would end more at once than the shop's limits let go by themselves.
    """
    with shop.ledger.begin() as connection:
        row = Plans(shop.ledger).need(connection, plan.code)
        if Plans(shop.ledger).approvals(connection, row.id):
            return
        line = shop.line_to_approve(connection, row)
    given = shop.settings.objections
    why = "No standing approval of objections is given" if given is None else ""
    if given is not None and (ended := given.not_today(shop.today)):
        why = f"The standing approval of objections does not hold: {ended}"
    remedy = f"Approve it with `{line}`, then `gallra apply --plan {plan.code}`." if line else NO_LINE
    if why or given is None:
        raise NotApproved(
            f"{why}, so plan {plan.code} waits and mailings go on. {remedy} With [objections] in the shop's "
            "file no objection waits."
        )
    word = Word(
        by=given.by, role=given.role, on_behalf=given.on_behalf, evidence=given.evidence, standing=True
    )
    try:
        approve(shop, sound, plan.code, word)
    except LimitExceeded:
        steps = sum(one.steps for one in plan.waves)
        raise LimitExceeded(
            f"Plan {plan.code} would end {steps} mailings at once, over the limits, so it waits and they go "
            f"on. {remedy}"
        ) from None


def _rows_of_open(shop: Shop, scope: str) -> frozenset[int]:
    """The rows of the plan that waits in a scope: it is replaced, and what it says is not forgotten."""
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        row = plans.current(connection, states=(PlanState.OPEN,), scope=scope)
        return frozenset(one.record for one in plans.steps(connection, row.id)) if row else frozenset()


def _ended(shop: Shop, plan: Plan) -> tuple[Ended, ...]:
    """What became of each channel, as the ledger says it."""
    with shop.ledger.begin() as connection:
        row = Plans(shop.ledger).need(connection, plan.code)
        return tuple(
            Ended(
                adapter=one.step.ref.adapter, kind=one.step.ref.kind, label=one.step.label,
                channel=one.step.channel, outcome=one.outcome, reason=one.reason, seen=one.read_back,
            )
            for one in Plans(shop.ledger).steps(connection, row.id)
        )  # fmt: skip


__all__ = [
    "Carried",
    "Ended",
    "Finished",
    "Objector",
    "approve_objections",
    "carry_out",
    "carry_withdrawals",
    "finish_objections",
    "left_alone",
    "object_to_mailings",
    "plan_objections",
    "read_of_person",
    "remember_objection",
    "standing_against",
    "told_by_hand",
    "with_earlier",
]
