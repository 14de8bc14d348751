"""The stages of one shop in order: what the commands call, and what cron calls unattended."""

import fcntl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from connector import guards
from connector.apply import Applier
from connector.erasure_gate import orders_may_go
from connector.errors import GallraError, LimitExceeded, NotApproved, PlanError, RetryLater
from connector.ledger.expiry import expire
from connector.ledger.inbox import Inbox
from connector.ledger.plans import RAN, Approval, Plans
from connector.lint import blockers
from connector.pending import Pending, PendingResult
from connector.plan import Plan, check_limits
from connector.planning import days_since, make_plan
from connector.ports import Access, AsksBeforeErasure
from connector.pull import Pulled, pull, track
from connector.push import PushResult, push
from connector.records import Kind, Wave
from connector.settings.promises import load_promises
from connector.shop import Shop
from connector.verify import VerifyResult, verify
from connector.webhooks.copies import Copies
from connector.webhooks.settle import settle, settle_at_once

Tell = Callable[[str, int, int | None], None]


def _silent(_what: str, _done: int, _total: int | None) -> None:
    """Says nothing."""


@contextmanager
def locked(shop: Shop) -> Iterator[None]:
    """Holds the shop's lock, so that two runs never overlap. Raises RetryLater where another runs."""
    path = Path(f"{shop.settings.ledger.path}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RetryLater(
                f"Another run of shop {shop.settings.shop.id} is under way. Try again when it has ended.",
                adapter="ledger",
                operation="lock",
            ) from None
        yield


def pull_shop(shop: Shop, *, full: bool = False, tell: Tell = _silent) -> tuple[Pulled, ...]:
    """Pulls what changed, and asks the carriers about parcels that are still on their way."""
    results = pull(
        shop.ledger,
        shop.platforms,
        key=shop.key,
        full=full,
        progress=lambda adapter, kind, done, total: tell(f"{adapter} {kind}s", done, total),
    )
    track(shop.ledger, shop.platforms, shop.trackers)
    return results


def must_be_sound(shop: Shop) -> None:
    """Refuses a policy, or promises, with an error. Raises PolicyUnsound that names codes and remedies."""
    named = shop.settings.policy.promises
    guards.must_be_sound(blockers(shop.settings, None if named is None else load_promises(named)))


def plan_shop(shop: Shop) -> Plan:
    """Decides what has come due and stores the plan. Raises PolicyUnsound where the lint finds an error."""
    must_be_sound(shop)
    return make_plan(
        shop.ledger,
        shop.policy,
        shop.capabilities,
        shop.recipients,
        limits=shop.limits,
        key=shop.key,
        today=shop.today,
        now=shop.clock(),
        also=_copies(shop).draw if shop.settings.webhooks else None,
    )


def _copies(shop: Shop) -> Copies:
    """What recipients hold of customers that the shop let go by itself."""
    return Copies(shop.ledger, Inbox(shop.ledger, shop.outbox.vault), shop.outbox)


def _told_at_once(shop: Shop) -> None:
    """What webhooks said that needs no look at the shop. Raises PlanError where the shop is no more."""
    if shop.settings.webhooks and settle_at_once(shop.ledger, Inbox(shop.ledger, shop.outbox.vault)):
        raise PlanError(
            f"The app was uninstalled from shop {shop.settings.shop.id}: everything stored of it is deleted, "
            "protocols excepted. Take the shop's file away, or install the app again and run."
        )


def _told_of_records(shop: Shop) -> None:
    """What webhooks said of orders and customers, looked up in the shop by id."""
    if shop.settings.webhooks:
        settle(shop.ledger, Inbox(shop.ledger, shop.outbox.vault), shop.platforms, shop.keyer)


def _let_go(shop: Shop) -> None:
    """What recipients have been told by now is sealed no longer."""
    if shop.settings.webhooks:
        with shop.ledger.begin() as connection:
            _copies(shop).look(connection)


def approve(
    shop: Shop,
    code: str,
    *,
    by: str,
    role: str,
    on_behalf: str = "",
    evidence: str = "",
    waves: Sequence[Wave] = (),
    first_run: bool = False,
    standing: bool = False,
) -> tuple[Wave, ...]:
    """Records who approves which waves of a plan. Raises LimitExceeded over the limits."""
    must_be_sound(shop)
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        plan_id, plan, _ = plans.need(connection, code)
        # What has begun is finished whatever its age; a wave that nobody approved has not begun.
        guards.must_be_fresh(plan, "open", policy_digest=shop.policy.digest, key=shop.key, now=shop.clock())
        guards.must_be_whole(plans, connection, plan_id, plan)
        first_allowed = plans.last_run(connection) is None
        guards.must_keep_limits(plan.limits, first_run=first_run, first_run_allowed=first_allowed)
        chosen = [w for w in plan.waves if not waves or w.wave in waves]
        if not chosen:
            raise NotApproved(
                f"Plan {plan.code} has nothing due in these waves. `gallra show` lists its waves."
            )
        for wave in chosen:
            approval = Approval(
                wave=wave.wave,
                digest=wave.digest,
                person=by,
                role=role,
                on_behalf=on_behalf,
                evidence=evidence,
                standing=standing,
                first_run=first_run,
            )
            plans.approve(connection, plan_id, approval)
        names = tuple(w.wave for w in chosen)
        shop.ledger.event(
            connection,
            "approved",
            plan=plan_id,
            code=plan.code,
            by=by,
            role=role,
            waves=[str(w) for w in names],
        )
    return names


def apply_plan(
    shop: Shop, *, code: str | None = None, only: str | None = None, tell: Tell = _silent
) -> tuple[Plan, int]:
    """Carries out a plan's approved waves after an incremental pull; returns it and the records touched."""
    must_be_sound(shop)
    accesses = {name: platform.check() for name, platform in shop.platforms.items()}
    guards.must_be_writable(accesses)
    pull_shop(shop, tell=tell)
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        plan_id, plan, state = plans.need(connection, code)
        guards.must_be_fresh(plan, state, policy_digest=shop.policy.digest, key=shop.key, now=shop.clock())
        guards.must_be_whole(plans, connection, plan_id, plan)
        approvals = plans.approvals(connection, plan_id)
        waves = guards.approved_waves(plan, approvals)
        if plans.done_with(connection, plan_id, waves):
            return plan, 0
        _limits_again(shop, plans, connection, plan, approvals, begun=state == "begun")
    listeners = [one for access in accesses.values() for one in access.listeners]
    if only is None:
        guards.must_have_heard(plan, waves, listeners, shop.marks)
    guards.must_answer(plan, waves, shop.processors)
    with shop.ledger.begin() as connection:
        shop.ledger.event(connection, "apply_started", plan=plan_id, waves=[str(w) for w in waves])
    for platform in shop.platforms.values():
        if isinstance(platform, AsksBeforeErasure):
            platform.erase_only_if(orders_may_go(shop.ledger, shop.policy, today=shop.today))
    applier = Applier(
        ledger=shop.ledger,
        outbox=shop.outbox,
        policy=shop.policy,
        platforms=shop.platforms,
        recipients=shop.recipients,
        today=shop.today,
    )
    total = sum(w.steps for w in plan.waves if w.wave in waves)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        tell("apply", done, total)

    return plan, applier.apply(plan_id, waves, only=only, progress=advance)


def _limits_again(
    shop: Shop, plans: Plans, connection: object, plan: Plan, approvals: Sequence[Approval], *, begun: bool
) -> None:
    """The limits as the settings have them now; what has begun is finished."""
    if begun:
        return
    last = plans.last_run(connection)  # type: ignore[arg-type]
    limits = check_limits(
        {Kind(k): t.delete + t.redact for k, t in plan.totals.items()},
        {Kind(k): t.records for k, t in plan.totals.items()},
        shop.limits,
        last_run=days_since(last, shop.today),
    )
    guards.must_keep_limits(
        limits, first_run=any(a.first_run for a in approvals), first_run_allowed=last is None
    )


def push_shop(shop: Shop, *, tell: Tell = _silent) -> PushResult:
    """Carries on to the recipients what the shop is done with."""
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        tell("push", done, None)

    return push(shop.ledger, shop.outbox, shop.processors, today=shop.today, progress=advance)


def verify_shop(
    shop: Shop, *, code: str | None = None, again: bool = False, tell: Tell = _silent
) -> VerifyResult:
    """Reads back what was carried out and not read yet, of every plan; `again` all of the newest run."""
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        newest, _, _ = plans.need(connection, code, states=RAN)
        chosen = [newest] if code or again else sorted({newest, *plans.unread(connection)})
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        tell("verify", done, None)

    results = [
        verify(
            shop.ledger,
            shop.outbox,
            shop.platforms,
            shop.processors,
            plan_id=plan_id,
            again=again,
            progress=advance,
        )
        for plan_id in chosen
    ]
    return VerifyResult(
        clean=sum(r.clean for r in results),
        left=sum(r.left for r in results),
        left_labels=tuple(label for r in results for label in r.left_labels),
        silent=tuple(sorted({name for r in results for name in r.silent})),
    )


def look_at_pending(shop: Shop) -> PendingResult:
    """Looks at every request that a platform took on and has not finished."""
    return Pending(
        ledger=shop.ledger,
        outbox=shop.outbox,
        policy=shop.policy,
        platforms=shop.platforms,
        today=shop.today,
    ).look()


def stand_in(shop: Shop, plan: Plan) -> tuple[Wave, ...]:
    """Approves what a standing approval covers; raises NotApproved with the reason where it does not hold."""
    standing = shop.settings.approval
    if standing is None:
        raise NotApproved(
            f"Plan {plan.code} waits for approval: `gallra approve {plan.code} --by NAME --role ROLE`."
        )
    reason = standing.suspended(today=shop.today, version=shop.settings.policy.version)
    reason = reason or _changed_since(shop, plan)
    if reason:
        raise NotApproved(
            f"The standing approval does not hold: {reason}. Renew it, or approve {plan.code} by hand."
        )
    waves = [w.wave for w in plan.waves if w.wave in standing.waves]
    covered = [w for w in waves if _whole_kinds(plan, w) <= set(standing.irreversible)]
    if not covered:
        raise NotApproved(f"The standing approval covers nothing of plan {plan.code}. Approve it by hand.")
    return approve(
        shop,
        plan.code,
        by=standing.by,
        role=standing.role,
        on_behalf=standing.on_behalf,
        evidence=standing.evidence,
        waves=covered,
        standing=True,
    )


def _whole_kinds(plan: Plan, wave: Wave) -> set[Kind]:
    """The kinds of record that go whole in a wave: a standing approval must name each."""
    planned = plan.wave(wave)
    return {Kind(k) for k in (*planned.deletes, *planned.unsubscribes)} if planned else set()


def _changed_since(shop: Shop, plan: Plan) -> str:
    """Why the policy is another than when the standing approval was first used; empty where it is not."""
    with shop.ledger.begin() as connection:
        used = [d for _, d in shop.ledger.events(connection, "standing")]
        standing = shop.settings.approval
        mine = [d for d in used if standing is not None and d["on"] == standing.on.isoformat()]
        if not mine and standing is not None:
            shop.ledger.event(connection, "standing", on=standing.on.isoformat(), policy=plan.policy_digest)
            return ""
    return "" if mine[0]["policy"] == plan.policy_digest else "the policy has changed since it was given"


class RunResult:
    """What an unattended run came to."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.accesses: Mapping[str, Access] = {}
        self.pending: PendingResult | None = None
        self.applied: int | None = None
        self.pushed: PushResult | None = None
        self.verified: VerifyResult | None = None
        self.waiting: GallraError | None = None


def run_shop(shop: Shop, *, tell: Tell = _silent) -> RunResult:
    """Everything for cron: finish what has begun, pull, plan, and apply under a standing approval."""
    result = RunResult()
    shop.settings.require_platform()
    with locked(shop):
        with shop.ledger.begin() as connection:
            expire(shop.ledger, connection, today=shop.today)
        _told_at_once(shop)
        must_be_sound(shop)
        result.accesses = shop.check()
        _finish_begun(shop, tell)
        pull_shop(shop, tell=tell)
        result.pending = look_at_pending(shop)
        _told_of_records(shop)
        result.plan = plan_shop(shop)
        try:
            if result.plan.waves:
                stand_in(shop, result.plan)
                _, result.applied = apply_plan(shop, code=result.plan.code, tell=tell)
        except (NotApproved, LimitExceeded) as waiting:
            result.waiting = waiting
        result.pushed = push_shop(shop, tell=tell)
        if result.applied is not None:
            result.verified = verify_shop(shop, tell=tell)
        _let_go(shop)
        with shop.ledger.begin() as connection:
            shop.ledger.event(
                connection,
                "run",
                code=result.plan.code,
                applied=result.applied,
                waiting=type(result.waiting).__name__ if result.waiting else "",
            )
    return result


def _finish_begun(shop: Shop, tell: Tell) -> None:
    """What an earlier run left half done is finished before anything new is planned."""
    with shop.ledger.begin() as connection:
        current = Plans(shop.ledger).current(connection)
    if current is not None and current[2] == "begun":
        apply_plan(shop, code=current[1].code, tell=tell)
        push_shop(shop, tell=tell)
        verify_shop(shop, code=current[1].code, tell=tell)
