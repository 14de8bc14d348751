"""The stages of one shop, as the commands call them: each opens what it needs of the ledger itself."""

from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import Connection

from connector.basis import READS, Basis, accounts_unread, bases_of, left_out, not_answered
from connector.deciding import guards
from connector.deciding.allowed import Allowed
from connector.deciding.copies import Copies
from connector.deciding.drawing import FIRST
from connector.deciding.erasure_gate import orders_may_go
from connector.deciding.leaving import so_far
from connector.deciding.reading_back import VerifyResult
from connector.errors import NotApproved, PlanError
from connector.ledger.inbox import Inbox
from connector.ledger.index import Index
from connector.ledger.plan_states import PlanState
from connector.ledger.plans import RAN, Approval, Plans
from connector.ledger.unread import Unreads
from connector.machine.lock import only_run
from connector.plan import Plan, WavePlan
from connector.ports import AsksBeforeErasure, KnowsUninstalled, Presence
from connector.records import HoldId, Kind, Value, Wave
from connector.services.absent import Platforms
from connector.services.timekeeping import (
    earliest_now,
    must_agree,
    must_have_pulled,
    must_not_go_back,
    pull_is_old,
    refuse_old,
)
from connector.settings.promises import load_promises
from connector.shop import Shop
from connector.stages.abandon import Abandoned, abandon
from connector.stages.apply import Applier
from connector.stages.pending import Pending, PendingResult
from connector.stages.plan import limits_of, make_plan, unfinished
from connector.stages.probe import Probed, probe
from connector.stages.pull import Pulled, pull
from connector.stages.pull.changes import pull_changes
from connector.stages.push import PushResult, push
from connector.stages.settle import settle, settle_at_once
from connector.stages.standing import allowed_now
from connector.stages.track import track
from connector.stages.verify import summed, verify
from connector.views.lint import blockers
from connector.views.lint.refusing import refuse_unsound

Tell = Callable[[str, int, int | None], None]


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Says nothing."""


@contextmanager
def locked(shop: Shop) -> Iterator[None]:
    """Holds the shop's lock, so that two runs never overlap. Raises RetryLater where another runs."""
    with only_run(Path(f"{shop.settings.ledger.path}.lock"), shop.settings.shop.id):
        yield


def pull_shop(shop: Shop, *, full: bool = False, tell: Tell = silent) -> tuple[Pulled, ...]:
    """Pulls what changed, and asks the carriers about parcels that are still on their way.

    Raises OtherShop where another shop answers than the ledger belongs to.
    """
    shop.recognise()
    results = pull(
        shop.ledger,
        shop.platforms,
        key=shop.key,
        full=full,
        beside=shop.beside,
        progress=lambda adapter, kind, done, total: tell(f"{adapter} {kind}s", done, total),
        declared={one.kind: one.at_most for one in shop.settings.declared},
    )
    shop.reach_old_holds()
    for name in track(shop.ledger, shop.platforms, shop.trackers).failed:
        shop.notices.append(f"{name} could not say which parcels have arrived; the next pull asks again.")
    shop.keep_binding()
    shop.note_clocks()
    return results


def must_be_sound(shop: Shop) -> None:
    """Refuses a policy, or promises, with an error. Raises PolicyUnsound that names codes and remedies."""
    named = shop.settings.policy.promises
    refuse_unsound(blockers(shop.settings, None if named is None else load_promises(named)))


def plan_shop(shop: Shop, *, old: Callable[[datetime], bool] = refuse_old) -> Plan:
    """Decides what has come due and stores the plan. Raises PolicyUnsound where the lint finds an error.

    `old` is asked once where the last pull is more than a day ago. Raises ClockUnsure, PlanError.
    """
    must_be_sound(shop)
    must_not_go_back(shop.ledger, shop.clock())
    must_have_pulled(shop.ledger)
    must_agree(shop.ledger)
    last = pull_is_old(shop.ledger, shop.clock())
    if last is not None and not old(last):
        raise PlanError("Nothing was planned. Run `gallra pull` first.")
    return make_plan(
        shop.ledger,
        shop.policy,
        shop.capabilities,
        shop.recipients,
        limits=shop.limits,
        key=shop.key,
        today=shop.today,
        now=shop.clock(),
        also=copies_of(shop).draw if shop.settings.webhooks else None,
        rests_on=lambda connection: what_was_read(shop, connection),
    )


def abandon_shop(shop: Shop) -> Abandoned:
    """Gives up the plan that has begun, once every begun step of it was read back and told of.

    Raises OtherShop where another shop answers: what is not there says nothing of what was done.
    """
    shop.recognise()
    result = abandon(shop.ledger, shop.outbox, shop.platforms)
    with shop.ledger.begin() as connection:
        left = Plans(shop.ledger).unread(connection)
    seen = summed([verify(shop.ledger, shop.outbox, shop.platforms, {}, plan_id=one) for one in left])
    return replace(result, left=seen.left_labels, unread=seen.unread_labels)


def what_was_read(shop: Shop, connection: Connection) -> tuple[Basis, ...]:
    """What a plan made now would rest on, kind by kind."""
    return bases_of(
        Index(shop.ledger).bases(connection),
        {name: platform.kinds for name, platform in shop.platforms.items()},
        shop.settings.declared,
        Unreads(shop.ledger).counts(connection),
    )


def copies_of(shop: Shop) -> Copies:
    """What recipients hold of customers that the shop let go by itself."""
    return Copies(shop.ledger, Inbox(shop.ledger, shop.outbox.vault), shop.outbox)


def settle_first(shop: Shop) -> None:
    """What webhooks said that goes before all else: requests, and that the shop is no more.

    Raises PlanError where the shop refuses the app as uninstalled: nothing is read or planned then.
    """
    if not shop.settings.webhooks:
        return
    inbox = Inbox(shop.ledger, shop.outbox.vault)
    settle_at_once(shop.ledger, inbox)
    found = probe(shop.ledger, inbox, lambda adapter: _presence(shop, adapter))
    if found is None:
        return
    if found.presence is Presence.UNINSTALLED:
        raise PlanError(_of_leaving(shop.settings.shop.id, found))
    if found.presence is Presence.ANSWERS:
        told = "the shop still answers, so nothing was deleted and the message is closed."
    else:
        told = f"the shop gave no answer that settles it, so nothing was deleted: {so_far(found.refused)}."
    shop.notices.append(f"A webhook said that the app was uninstalled; {told}")


def _presence(shop: Shop, adapter: str) -> tuple[Presence, datetime]:
    """What the shop says to its app now, and when."""
    platform = shop.platforms.get(adapter)
    known = isinstance(platform, KnowsUninstalled)
    presence = platform.presence() if isinstance(platform, KnowsUninstalled) else Presence.NO_ANSWER
    return presence, earliest_now(shop.ledger, platform if known else None, shop.clock)


def _of_leaving(shop_id: str, found: Probed) -> str:
    if found.forgotten:
        return (
            f"The app was uninstalled from shop {shop_id}: everything stored of it is deleted, "
            "protocols excepted. Take the shop's file away, or install the app again and run."
        )
    return (
        f"The app seems to be uninstalled from shop {shop_id}: a webhook said so, and the shop agrees "
        f"({so_far(found.refused)}). Nothing was read, planned or deleted. Install the app again where that "
        "is wrong, or let the runs go on."
    )


def settle_records(shop: Shop) -> None:
    """What webhooks said of orders and customers, looked up in the shop by id. Raises OtherShop."""
    if shop.settings.webhooks:
        shop.recognise()
        inbox = Inbox(shop.ledger, shop.outbox.vault)
        settle(shop.ledger, inbox, shop.platforms, shop.keyer, today=shop.today)


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
        guards.must_be_fresh(
            plan, PlanState.OPEN, policy_digest=shop.policy.digest, key=shop.key, now=shop.clock()
        )
        guards.must_be_whole(plans, connection, plan_id, plan)
        chosen = _chosen(plan, waves)
        before = plans.approvals(connection, plan_id)
        _must_keep_limits(
            shop,
            plans,
            connection,
            (plan_id, plan),
            waves={*(wave.wave for wave in chosen), *(one.wave for one in before)},
            first_run=first_run or any(one.first_run for one in before),
        )
        given = {"person": by, "role": role, "on_behalf": on_behalf, "evidence": evidence}
        for wave in chosen:
            word = Approval(
                wave=wave.wave, digest=wave.digest, **given, standing=standing, first_run=first_run
            )
            plans.approve(connection, plan_id, word)
        names = tuple(wave.wave for wave in chosen)
        told = {"code": plan.code, "by": by, "role": role, "waves": [str(name) for name in names]}
        if short := [f"{one.adapter}.{one.kind}" for one in plan.rests_on if not one.complete]:
            told["incomplete"] = short
        shop.ledger.event(connection, "approved", plan=plan_id, **told)
    return names


def _chosen(plan: Plan, waves: Sequence[Wave]) -> list[WavePlan]:
    """The plan's waves that were named, all where none was. Raises NotApproved where that is none."""
    chosen = [one for one in plan.waves if not waves or one.wave in waves]
    if not chosen:
        raise NotApproved(f"Plan {plan.code} has nothing due in these waves. `gallra show` lists its waves.")
    return chosen


class Applied(Value, frozen=True, kw_only=True):
    """What an apply came to: how many records, and what a person must know of the recipients.

    `stopped` are waves that were not begun; `whole` says that every service answered to the end; `lapsed`
    that an approval ended before all of it was begun.
    """

    plan: Plan
    touched: int = 0
    warnings: tuple[str, ...] = ()
    stopped: tuple[Wave, ...] = ()
    whole: bool = True
    lapsed: PlanError | None = None


def apply_plan(
    shop: Shop,
    *,
    code: str | None = None,
    only: Callable[[Shop], int] | None = None,
    tell: Tell = silent,
) -> Applied:
    """Carries out a plan's approved waves after an incremental pull.

    `only` says, once all is pulled, which one order's row is meant. A recipient that is down never stops
    it; one that refuses its credentials stops the waves that need it. A platform beside the shop's own that
    fails leaves what stands there untouched, and stops nothing else.
    """
    must_be_sound(shop)
    must_not_go_back(shop.ledger, shop.clock())
    if code is None and only is None:
        finish_begun(shop, tell=tell, newest=False)
    accesses = shop.check_platforms()
    guards.must_be_writable({name: one for name, one in accesses.items() if name not in shop.beside.names})
    pull_shop(shop, tell=tell)
    shop.recognise(again=True)  # what came up while it was pulled would have brought its own dates
    plans = Plans(shop.ledger)
    one = only(shop) if only else None
    with shop.ledger.begin() as connection:
        plan_id, plan, state = plans.need(connection, code)
        guards.must_be_fresh(plan, state, policy_digest=shop.policy.digest, key=shop.key, now=shop.clock())
        guards.must_be_whole(plans, connection, plan_id, plan)
        approvals = plans.approvals(connection, plan_id)
        waves = guards.approved_waves(plan, approvals)
        if plans.done_with(connection, plan_id, waves):
            return Applied(plan=plan)
        approvals = tuple(one for one in approvals if one.wave in waves)
        allowed = allowed_now(shop, plan, approvals)
        if state is not PlanState.BEGUN:  # what has begun is finished
            if not allowed.begin:
                raise allowed.error(plan)
            before = plans.touched_orders(connection)
            answered = shop.settings.accountant.has_spoken
            guards.must_be_answered(plan, waves, answered=answered, begun_before=before)
            guards.must_know_oss(plan, waves, answered=shop.settings.oss_answered, begun_before=before)
            first_run = any(one.first_run for one in approvals)
            _must_keep_limits(shop, plans, connection, (plan_id, plan), waves=set(waves), first_run=first_run)
    must_agree(shop.ledger)
    if only is None:
        guards.must_have_heard(plan, waves, accesses, shop.marks)
    ready = guards.recipients_ready(plan, waves, shop.processors)
    waves, touched = ready.waves, 0
    applier = _applier(shop, lambda: allowed_now(shop, plan, approvals))
    if waves:
        with shop.ledger.begin() as connection:
            word = shop.settings.accountant.word()
            rests_on = {**({"accountant": word} if word else {}), **shop.settings.archive.word()}
            started = {"waves": [str(w) for w in waves], **rests_on}
            shop.ledger.event(connection, "apply_started", plan=plan_id, **started)
        total = sum(w.steps for w in plan.waves if w.wave in waves)
        touched = applier.apply(plan_id, waves, only=one, progress=_counted("apply", total, tell))
    else:
        _nothing_begins(shop, plan_id, state)
    return Applied(
        plan=plan,
        touched=touched,
        warnings=(*ready.told(), *shop.beside.told()),
        stopped=ready.stopped,
        whole=not ready.stopped and not shop.beside.faults,
        lapsed=applier.allowed.error(plan) if applier.kept_back else None,
    )


def finish_begun(shop: Shop, *, tell: Tell = silent, newest: bool = True) -> tuple[Applied, ...]:
    """Finishes what earlier runs left half done, oldest first; without `newest` not the current plan."""
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        current = plans.current(connection)
        begun = plans.begun(connection)
    codes = [plan.code for plan_id, plan in begun if newest or current is None or plan_id != current[0]]
    return tuple(apply_plan(shop, code=code, tell=tell) for code in codes)


def may_plan(shop: Shop) -> bool:
    """Whether a new plan may be made: none has begun, but what waits at services that do not answer."""
    with shop.ledger.begin() as connection:
        silent = not_answered(what_was_read(shop, connection))
        return not unfinished(Plans(shop.ledger), connection, silent=silent)


def _nothing_begins(shop: Shop, plan_id: int, state: PlanState) -> None:
    """A begun plan of which no more can begin now is finished, unless a step of it may have been written."""
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        if state is PlanState.BEGUN and not plans.open_places(connection, plan_id):
            plans.set_state(connection, plan_id, PlanState.FINISHED)


def _orders_first(shop: Shop) -> Platforms:
    """The platforms; one that erases whole persons asks the engine of every order behind them."""
    may_go = orders_may_go(shop.ledger, shop.policy, today=shop.today)
    return Platforms(
        (name, one.asking(may_go) if isinstance(one, AsksBeforeErasure) else one)
        for name, one in shop.platforms.items()
    )


def _applier(shop: Shop, word: Callable[[], Allowed]) -> Applier:
    """What carries out what `word` allows; kinds whose facts are incomplete by now are left alone."""
    platforms = _orders_first(shop)
    with shop.ledger.begin() as connection:
        bases = what_was_read(shop, connection)
    return Applier(
        ledger=shop.ledger,
        outbox=shop.outbox,
        policy=shop.policy,
        platforms=platforms,
        recipients=shop.recipients,
        today=shop.today,
        left_out=left_out(bases),
        accounts_unread=accounts_unread(bases),
        beside=shop.beside,
        word=word,
        others_known=lambda kind: _others_known(shop, kind),
    )


def _others_known(shop: Shop, kind: Kind) -> bool:
    """Reads what changed since this run's pull of the records that this kind's facts come of."""
    return pull_changes(
        shop.ledger,
        shop.platforms,
        key=shop.key,
        kinds=[one for one in FIRST if one in READS.get(kind, ())],
        beside=shop.beside,
        declared={one.kind: one.at_most for one in shop.settings.declared},
    )


def _counted(what: str, total: int | None, tell: Tell) -> Callable[[int], None]:
    """Tells the sum of what it is given so far."""
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        tell(what, done, total)

    return advance


def _must_keep_limits(
    shop: Shop,
    plans: Plans,
    connection: Connection,
    made: tuple[int, Plan],
    *,
    waves: Set[Wave],
    first_run: bool,
) -> None:
    """Holds what is approved of a plan, and no more, to the limits as the settings have them now.

    Its own earlier waves are no earlier run: the rest of a first run passes as one.
    """
    plan_id, plan = made
    last_run = plans.last_run(connection, other_than=plan_id)
    limits = limits_of(
        plan.totals,
        shop.limits,
        last_run=last_run,
        today=shop.today,
        covered=plans.covered(connection, plan_id, sorted(waves)),
    )
    guards.must_keep_limits(limits, first_run=first_run, first_run_allowed=last_run is None)


def tightened(shop: Shop, plan: Plan) -> tuple[HoldId, ...]:
    """The holds that could be read when a plan was made and cannot be now: what they bind waits."""
    return tuple(sorted(shop.policy.context.unknown_holds - set(plan.unknown_holds)))


def push_shop(shop: Shop, *, tell: Tell = silent) -> PushResult:
    """Carries on to the recipients what the shop is done with."""
    progress = _counted("push", None, tell)
    return push(shop.ledger, shop.outbox, shop.processors, today=shop.today, progress=progress)


def verify_shop(
    shop: Shop, *, code: str | None = None, again: bool = False, tell: Tell = silent
) -> VerifyResult:
    """Reads back what was carried out and not read yet, of every plan; `again` all of the newest run.

    Raises OtherShop where another shop answers than the ledger belongs to.
    """
    shop.recognise()
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        newest, _, _ = plans.need(connection, code, states=RAN)
        chosen = [newest] if code or again else sorted({newest, *plans.unread(connection, shop.platforms)})
    progress = _counted("verify", None, tell)
    results = [
        verify(
            shop.ledger,
            shop.outbox,
            shop.platforms,
            shop.processors,
            plan_id=plan_id,
            again=again,
            beside=shop.beside,
            progress=progress,
        )
        for plan_id in chosen
    ]
    return summed(results)


def look_at_pending(shop: Shop) -> PendingResult:
    """Looks at every request that a platform took on and has not finished. Raises OtherShop."""
    shop.recognise()
    return Pending(
        ledger=shop.ledger,
        outbox=shop.outbox,
        policy=shop.policy,
        platforms=_orders_first(shop),
        today=shop.today,
        beside=shop.beside,
    ).look()
