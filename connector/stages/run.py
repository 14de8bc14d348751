"""What cron calls unattended: the stages in order, approved by a standing approval."""

from collections.abc import Callable, Mapping, Sequence

from connector.deciding.reading_back import VerifyResult
from connector.errors import GallraError, LimitExceeded, NotApproved, PlanError, Vetoed
from connector.ledger.expiry import expire
from connector.ledger.head import must_remember
from connector.ledger.plans import RAN, Plans
from connector.ledger.plans.counts import deviated
from connector.ledger.plans.scopes import every_scope
from connector.ledger.request_holds import settle_requests
from connector.ledger.requests import RequestRow
from connector.plan import NO_LINE, Plan
from connector.ports import Access
from connector.records import Wave
from connector.services.timekeeping import must_not_go_back
from connector.shop import Shop, Sound
from connector.stages.accepted_requests import PendingResult
from connector.stages.flow import (
    Applied,
    Tell,
    Word,
    apply_plan,
    apply_requests,
    approve,
    copies_of,
    finish_begun,
    follow_all,
    locked,
    may_plan,
    plan_shop,
    pull_shop,
    push_shop,
    settle_messages,
    settle_pending,
    settle_urgent_messages,
    silent,
    to_answer_soon,
    verify_shop,
)
from connector.stages.flow.objecting import carry_withdrawals, left_alone
from connector.stages.flow.taking_in import take_in_messages
from connector.stages.measured import measured
from connector.stages.pull import Pulled
from connector.stages.push import PushResult
from connector.stages.standing import covered_by
from connector.stages.verify import summed

Lint = Callable[[Shop], Sound]
"""What says that the shop's policy and promises are sound. Raises PolicyUnsound."""


def approve_by_standing(shop: Shop, sound: Sound, plan: Plan) -> tuple[Wave, ...]:
    """Approves what a standing approval covers; raises NotApproved with the reason where it does not hold."""
    standing = shop.settings.approval
    if standing is None:
        raise NotApproved(_to_approve(shop, plan, ()))
    reason = standing.suspended(today=shop.today, version=shop.settings.policy.version)
    reason = reason or _note_use_and_compare(shop, plan)
    if reason:
        raise NotApproved(
            f"The standing approval does not hold: {reason}. Renew it. {_to_approve(shop, plan, ())}"
        )
    named = covered_by(standing, plan)
    covered = [w.wave for w in plan.waves if w.wave in named]
    if not covered:
        raise NotApproved(_to_approve(shop, plan, ()))
    word = Word(
        by=standing.by,
        role=standing.role,
        on_behalf=standing.on_behalf,
        evidence=standing.evidence,
        standing=True,
    )
    return approve(shop, sound, plan.code, word, waves=covered)


def _to_approve(shop: Shop, plan: Plan, covered: Sequence[Wave]) -> str:
    """The rounds that no standing approval covers, each with its steps, and the line that approves them."""
    with shop.ledger.begin() as connection:
        row = Plans(shop.ledger).need(connection, plan.code)
        given = Plans(shop.ledger).approvals(connection, row.id)
        persons = {one.wave: one.person for one in given if not one.standing}
        waiting = [one for one in plan.waves if one.wave not in covered and one.wave not in persons]
        line = shop.line_to_approve(connection, row, [one.wave for one in waiting])
    if not waiting:
        names = ", ".join(sorted(set(persons.values())))
        return f"Plan {plan.code} is approved by {names}, and no run begins on that: `gallra apply` does."
    named = ", ".join(f"{one.wave} ({one.steps} steps)" for one in waiting)
    which = "The standing approval does not cover" if shop.settings.approval else "No approval covers"
    if not line:
        return f"{which} {named}. {NO_LINE}"
    return (
        f"{which} {named}. Plan {plan.code} waits for approval: `{line}` after reading the report, "
        "then `gallra apply`."
    )


def _note_use_and_compare(shop: Shop, plan: Plan) -> str:
    """Notes the policy at a standing approval's first use; later why it is another now, or empty."""
    with shop.ledger.begin() as connection:
        used = [d for _, d in shop.ledger.events(connection, "standing")]
        standing = shop.settings.approval
        mine = [d for d in used if standing is not None and d["on"] == standing.on.isoformat()]
        if not mine and standing is not None:
            shop.ledger.event(connection, "standing", on=standing.on.isoformat(), policy=plan.policy_digest)
            return ""
    return "" if mine[0]["policy"] == plan.policy_digest else "the policy has changed since it was given"


class RunResult:
    """What an unattended run came to; what an earlier run left begun is counted in."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.accesses: Mapping[str, Access] = {}
        self.pulled: tuple[Pulled, ...] = ()
        self.pending: PendingResult | None = None
        self.applied: list[Applied] = []
        self.deviated = 0  # records that were refused, wholly or in part, or were another than fetched
        self.pushed: PushResult | None = None
        self.verified: VerifyResult | None = None
        self.waiting: GallraError | None = None
        self.asked: list[PlanError] = []  # why plans of requests were not carried out
        self.due: tuple[RequestRow, ...] = ()  # requests to be answered within days, or past their day
        self.aside: tuple[str, ...] = ()  # what a person reads of services that this run did without

    @property
    def stopped(self) -> tuple[str, ...]:
        """What a person reads of waves that were not begun."""
        return tuple(dict.fromkeys(line for one in self.applied if one.stopped for line in one.warnings))

    def read_back(self, seen: VerifyResult) -> None:
        """Adds what was read back."""
        self.verified = seen if self.verified is None else summed([self.verified, seen])


def run_shop(shop: Shop, lint: Lint, *, tell: Tell = silent) -> RunResult:
    """Everything for cron: finish what has begun, pull, plan, and apply under a standing approval.

    `lint` is asked once, before anything that acts. Raises PolicyUnsound where it finds an error.
    """
    result = RunResult()
    shop.settings.require_platform()
    with locked(shop), measured(shop) as seconds:
        must_not_go_back(shop.ledger, shop.clock())  # the pull below would hide it
        must_remember(shop.ledger, shop.settings.reports.folder)
        shop.unchanged()
        settle_urgent_messages(shop)
        with seconds.of("check"):
            sound = lint(shop)
            result.accesses = shop.check()
        with seconds.of("finish"):
            _finish_begun(shop, sound, result, tell)
        with seconds.of("pull"):
            result.pulled = pull_shop(shop, tell=tell)
        with shop.ledger.begin() as connection:  # by the services' clocks too, which have just told the time
            expire(shop.ledger, connection, today=shop.today)
            settle_requests(shop.ledger, connection, today=shop.today)
        result.pending = settle_pending(shop)
        settle_messages(shop)
        with seconds.of("objections"):
            objections_wait = _carry(shop, sound, result, tell)
        take_in_messages(shop)
        new = None
        with seconds.of("apply"):
            asked = _apply_requests(shop, sound, result, tell)
        if may_plan(shop):
            with seconds.of("plan"):
                result.plan = plan_shop(shop, sound)
            with seconds.of("apply"):
                new = _apply_covered(shop, sound, result, tell)
        else:  # a wave of it waits for a recipient: the rest goes on, and nothing is planned beside it
            result.plan = _current(shop)
        with seconds.of("push"):
            result.pushed = push_shop(shop, tell=tell)
        if new is not None or asked or _to_read_back(shop):
            with seconds.of("verify"):
                result.read_back(verify_shop(shop, tell=tell))
        if new is not None:
            result.deviated += _deviated(shop, result.plan)
        if result.waiting is not None and objections_wait is not None:
            shop.notices.append(str(objections_wait))
        result.waiting = result.waiting or objections_wait
        follow_all(shop)
        result.due = to_answer_soon(shop)
        result.aside = shop.beside.told()
        _wipe_what_was_told(shop)
        with shop.ledger.begin() as connection:
            shop.ledger.event(
                connection,
                "run",
                code=result.plan.code,
                applied=None if new is None else new.touched,
                waiting=type(result.waiting).__name__ if result.waiting else "",
            )
    return result


def _carry(shop: Shop, sound: Sound, result: RunResult, tell: Tell) -> GallraError | None:
    """What persons no more want at one service is ended at the others; why that waits, where it does."""
    carried = carry_withdrawals(shop, sound, tell=tell)
    for one in carried.earlier:
        result.applied.append(one.applied)
        result.read_back(one.verified)
        result.deviated += _deviated(shop, one.plan)
    if carried.applied is not None and carried.plan is not None:
        result.applied.append(carried.applied)
        result.deviated += _deviated(shop, carried.plan)
    if carried.verified is not None:
        result.read_back(carried.verified)
    shop.notices.extend(left_alone(carried))
    return carried.waiting


def _to_read_back(shop: Shop) -> bool:
    """Whether an earlier run ended before all was read back, in the shop or at a recipient."""
    plans, platforms, outbox = Plans(shop.ledger), shop.platforms, shop.outbox
    with shop.ledger.begin() as connection:
        scopes = every_scope(connection, plans.shop)
        ran = any(plans.current(connection, states=RAN, scope=one) is not None for one in scopes)
        return ran and bool(plans.unread(connection, platforms) or outbox.is_to_verify(connection))


def _apply_covered(shop: Shop, sound: Sound, result: RunResult, tell: Tell) -> Applied | None:
    """Applies the rounds that the standing approval covers; what waits, all or the rest, is kept."""
    plan = result.plan
    if plan is None or not plan.waves:
        return None
    try:
        covered = approve_by_standing(shop, sound, plan)
        applied = apply_plan(shop, sound, code=plan.code, tell=tell)
    except (NotApproved, LimitExceeded, Vetoed) as waiting:
        result.waiting = waiting
        return None
    result.applied.append(applied)
    if applied.lapsed is not None:
        result.waiting = applied.lapsed
    elif len(covered) < len(plan.waves):
        result.waiting = NotApproved(_to_approve(shop, plan, covered))
    return applied


def _apply_requests(shop: Shop, sound: Sound, result: RunResult, tell: Tell) -> bool:
    """Carries out the plans of requests that named persons approved; whether any was."""
    applied, waiting = apply_requests(shop, sound, tell=tell)
    result.applied += applied
    result.deviated += sum(_deviated(shop, one.plan) for one in applied)
    result.asked += waiting
    return bool(applied)


def _current(shop: Shop) -> Plan:
    with shop.ledger.begin() as connection:
        return Plans(shop.ledger).need(connection).plan


def _deviated(shop: Shop, plan: Plan) -> int:
    with shop.ledger.begin() as connection:
        return deviated(connection, Plans(shop.ledger).need(connection, plan.code).id)


def _wipe_what_was_told(shop: Shop) -> None:
    """What recipients have been told by now is sealed no longer."""
    if shop.settings.webhooks:
        copies = copies_of(shop)
        with shop.ledger.begin() as connection:
            copies.close_told(connection)


def _finish_begun(shop: Shop, sound: Sound, result: RunResult, tell: Tell) -> None:
    """What an earlier run left half done is finished before anything new is planned."""
    finished = finish_begun(shop, sound, tell=tell)
    result.applied += finished
    if finished:
        push_shop(shop, tell=tell)
    for one in finished:
        result.waiting = one.lapsed or result.waiting
        result.read_back(verify_shop(shop, code=one.plan.code, tell=tell))
        result.deviated += _deviated(shop, one.plan)
