"""Applying: what was approved is carried out, after a pull and every guard."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from connector.basis import READS, accounts_unread, left_out
from connector.deciding import guards
from connector.deciding.allowed import Allowed
from connector.deciding.drawing import FIRST
from connector.deciding.request_scope import accounts_now, carried_out, must_still_be_asked
from connector.deciding.withdrawn import Due, withdrawn
from connector.errors import PlanError, Vetoed
from connector.ledger.head import must_remember
from connector.ledger.plans import Approval, PlanRow, Plans
from connector.ledger.plans.counts import touched_orders
from connector.ledger.plans.scopes import every_scope
from connector.ledger.states import PlanState
from connector.plan import Plan
from connector.ports import Access
from connector.records import Kind, Value, Wave
from connector.services.timekeeping import must_agree, must_not_go_back
from connector.shop import Shop, Sound
from connector.stages.apply import Carried, Means, Share, apply
from connector.stages.apply.rectify import rectify
from connector.stages.apply.restore import restore
from connector.stages.bounces import are_unread
from connector.stages.flow.approving import must_keep_limits
from connector.stages.flow.common import Tell, asking_first, counted, reading_of, silent, what_was_read
from connector.stages.flow.reading import pull_shop
from connector.stages.flow.veto import refusal
from connector.stages.pull.changes import pull_changes
from connector.stages.standing import allowed_now


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


class _Approved(NamedTuple):
    """A plan with the waves of it that persons have approved."""

    row: PlanRow
    waves: tuple[Wave, ...]
    approvals: tuple[Approval, ...]


class _Between(NamedTuple):
    """What stands beside the work: who is told how far it came, and a no to all that has not begun."""

    tell: Tell
    vetoed: Vetoed | None

    def over(self, allowed: Allowed) -> Allowed:
        """What is allowed of what the approvals allow: after a no what has begun is finished, no more."""
        if self.vetoed is None:
            return allowed
        return Allowed(begin=frozenset(), finish=allowed.finish, vetoed=self.vetoed)


def apply_plan(
    shop: Shop,
    sound: Sound,
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
    sound.must_be_of(shop.policy)
    must_remember(shop.ledger, shop.settings.reports.folder)
    must_not_go_back(shop.ledger, shop.clock())
    shop.unchanged()
    if code is None and only is None:
        finish_begun(shop, sound, tell=tell, newest=False)
    accesses = _check_and_pull(shop, tell)
    one = only(shop) if only else None
    found = _read_approved(shop, code)
    if not found.waves:
        return Applied(plan=found.row.plan)
    must_agree(shop.ledger)
    if one is None:
        guards.must_have_heard(found.row.plan, found.waves, accesses, shop.marks)
    ready = guards.ask_recipients(found.row.plan, found.waves, shop.processors)
    if shop.settings.warning.imap is not None and are_unread(shop.ledger):
        ready = ready.but_not_unwarned()
    vetoed = refusal(shop, found.row, ready.waves)
    if vetoed is not None and (found.row.state is not PlanState.BEGUN or found.row.plan.sets_values):
        raise vetoed
    done = _carry_out(shop, found, Share(found.row.id, ready.waves, one), _Between(tell, vetoed))
    return Applied(
        plan=found.row.plan,
        touched=done.touched,
        warnings=(*ready.told(), *shop.beside.told()),
        stopped=ready.stopped,
        whole=not ready.stopped and not shop.beside.faults,
        lapsed=None if done.lapsed is None else _lapsed(shop, found.row, done.lapsed),
    )


def _check_and_pull(shop: Shop, tell: Tell) -> Mapping[str, Access]:
    """Checks the platforms and pulls; what a check found of each. Raises where one may not be written."""
    accesses = shop.check_platforms()
    guards.must_be_writable({name: one for name, one in accesses.items() if name not in shop.beside.names})
    pull_shop(shop, tell=tell)
    shop.recognise(again=True)  # what came up while it was pulled would have brought its own dates
    return accesses


def _read_approved(shop: Shop, code: str | None) -> _Approved:
    """The plan and its approved waves, held to every guard; no wave where nothing is left to do."""
    plans, policy, key = Plans(shop.ledger), shop.policy, shop.key
    with shop.ledger.begin() as connection:
        row = plans.need(connection, code)
        guards.must_be_fresh(row.plan, row.state, policy_digest=policy.digest, key=key, now=shop.clock())
        guards.must_be_whole(plans, connection, row.id, row.plan)
        approvals = plans.approvals(connection, row.id)
        line = shop.line_to_approve(connection, row)
        waves = guards.approved_waves(row.plan, approvals, line=line)
        if plans.done_with(connection, row.id, waves):
            return _Approved(row, (), ())
        found = _Approved(row, waves, tuple(one for one in approvals if one.wave in waves))
        if row.state is not PlanState.BEGUN:  # what has begun is finished
            _must_be_let_begin(shop, connection, found)
    return found


def _lapsed(shop: Shop, row: PlanRow, ended: Allowed) -> PlanError:
    with shop.ledger.begin() as connection:
        return ended.error(row.plan, line=shop.line_to_approve(connection, row))


def _must_be_let_begin(shop: Shop, connection: Connection, found: _Approved) -> None:
    """Refuses to begin what no approval covers now, what nobody has answered for, what exceeds the limits."""
    (_, plan, _), waves = found.row, found.waves
    must_still_be_asked(shop.ledger, connection, plan)
    allowed = allowed_now(shop, plan, found.approvals)
    if not allowed.begin:
        raise allowed.error(plan, line=shop.line_to_approve(connection, found.row))
    before = touched_orders(connection, shop.ledger.shop)
    answered = shop.settings.accountant.has_spoken
    guards.must_be_answered(plan, waves, answered=answered, begun_before=before)
    guards.must_know_oss(plan, waves, answered=shop.settings.oss_answered, begun_before=before)
    first_run = any(one.first_run for one in found.approvals)
    must_keep_limits(shop, connection, found.row, waves=set(waves), first_run=first_run)


def _carry_out(shop: Shop, found: _Approved, share: Share, between: _Between) -> Carried:
    """Applies a share of the plan; one of which no wave is ready is closed where nothing can be open."""
    plan = found.row.plan
    tell = between.tell
    means = _means(shop, plan, lambda: between.over(allowed_now(shop, plan, found.approvals)))
    if not share.waves:
        _finish_where_none_is_open(shop, found.row)
        return Carried(0)
    _note_start(shop, share)
    total = sum(wave.steps for wave in plan.waves if wave.wave in share.waves)
    if plan.rectifies:
        return Carried(rectify(means, share, progress=counted("rectify", total, tell)))
    if plan.undoes:
        return Carried(restore(means, share, undoes=plan.undoes, progress=counted("undo", total, tell)))
    return apply(means, share, progress=counted("apply", total, tell))


def _note_start(shop: Shop, share: Share) -> None:
    word = shop.settings.accountant.word()
    rests_on = {**({"accountant": word} if word else {}), **shop.settings.archive.word()}
    started = {"waves": [str(wave) for wave in share.waves], **rests_on}
    with shop.ledger.begin() as connection:
        shop.ledger.event(connection, "apply_started", plan=share.plan, **started)


def finish_begun(
    shop: Shop, sound: Sound, *, tell: Tell = silent, newest: bool = True
) -> tuple[Applied, ...]:
    """Finishes what earlier runs left half done, oldest first; without `newest` not the current plan."""
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        current = plans.current(connection)
        begun = plans.begun(connection, scopes=every_scope(connection, plans.shop))
    codes = [one.plan.code for one in begun if newest or current is None or one.id != current.id]
    return tuple(apply_plan(shop, sound, code=code, tell=tell) for code in codes)


def _finish_where_none_is_open(shop: Shop, row: PlanRow) -> None:
    """A begun plan of which no more can begin now is finished, unless a step of it may have been written."""
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        if row.state is PlanState.BEGUN and not plans.open_places(connection, row.id):
            plans.set_state(connection, row.id, PlanState.FINISHED)


def _means(shop: Shop, plan: Plan, ask_approvals: Callable[[], Allowed]) -> Means:
    """What carries out what approvals allow; kinds whose facts are incomplete by now are left alone."""
    platforms = asking_first(shop)
    accounts = accounts_now(shop.ledger, shop.platforms, plan.request)
    with shop.ledger.begin() as connection:
        bases = what_was_read(shop, connection)
        asked = carried_out(shop.ledger, connection, plan.request, accounts)
    return Means(
        ledger=shop.ledger,
        outbox=shop.outbox,
        policy=shop.policy,
        platforms=platforms,
        recipients=shop.recipients,
        today=shop.today,
        key=shop.key,
        ended=shop.policy.ended_by_erasure() if plan.replays or plan.request else frozenset(),
        erases_again=plan.replays,
        asked=asked,
        undo_days=0 if _keeps_no_copy(plan) else shop.settings.undo.days,
        against=_against(shop, plan) if plan.objects else None,
        left_out=left_out(bases),
        accounts_unread=accounts_unread(bases),
        beside=shop.beside,
        ask_approvals=ask_approvals,
        pull_others=lambda kind: _pull_others(shop, kind),
        keyer=shop.keyer,
    )


def _against(shop: Shop, plan: Plan) -> Mapping[int, Due]:
    anew = plan.objects == "objection"
    return withdrawn(shop.ledger, shop.platforms, shop.beside, anew=anew).due


def _keeps_no_copy(plan: Plan) -> bool:
    """Whether nothing that a plan takes can be put back: persons asked for it, or it was taken before."""
    return bool(plan.replays or plan.undoes or plan.request or plan.objects)


def _pull_others(shop: Shop, kind: Kind) -> bool:
    """Reads what changed since this run's pull of the records that this kind's facts come of."""
    kinds = [one for one in FIRST if one in READS.get(kind, ())]
    return pull_changes(shop.ledger, reading_of(shop), kinds=kinds)
