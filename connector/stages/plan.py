"""The plan stage: what has come due is drawn, counted, held to the limits and frozen."""

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date

from msgspec.structs import replace
from sqlalchemy import Connection

from connector import __version__
from connector.basis import Basis, Place, not_answered
from connector.deciding.drawing import Drawing
from connector.deciding.limits import limits_of
from connector.deciding.recount_person import recount_in
from connector.deciding.terms import Terms
from connector.deciding.withdrawn import Due
from connector.errors import PlanError, PlanStale
from connector.ledger import Ledger
from connector.ledger.index import Row
from connector.ledger.memory import Memory
from connector.ledger.plans import NIGHTLY, REPLAY, PlanRow, Plans
from connector.ledger.plans.counts import last_run
from connector.ledger.plans.scopes import WITHDRAWALS, request_of, scope_of_request
from connector.ledger.request_loosened import loosened_rows
from connector.ledger.requests import RequestRow
from connector.ledger.states import PlanState
from connector.machine.garbage import without_cycle_search
from connector.plan import (
    FORMAT_VERSION,
    LIFETIME,
    LimitCheck,
    Plan,
    Step,
    Totals,
    Why,
    sealed,
)
from connector.policy import Policy
from connector.records import Action, Record, Wave

RULE = "T-34"
"""The row of the schedule that an objection to mailings is carried out under (§4.3, and §2 for 21(2))."""


@without_cycle_search()
def make_plan(
    ledger: Ledger,
    terms: Terms,
    *,
    also: Callable[[Drawing], None] | None = None,
    rests_on: Callable[[Connection], Sequence[Basis]] | None = None,
) -> Plan:
    """Decides what has come due and stores the frozen plan; the caller may then approve it.

    `also` adds steps that no rule of the shop's own records calls for; `rests_on` says what was read.
    Raises PlanError while an earlier plan has begun and is not finished.
    """
    plans = Plans(ledger)
    with ledger.begin() as connection:
        bases = () if rests_on is None else tuple(rests_on(connection))
        refuse_unfinished(plans, connection, silent=not_answered(bases))
        anew = _note_if_new_policy(ledger, connection, terms.policy)
        before = _open_plan(plans, connection)
        draft = plans.begin_draft(connection)
        drawing = Drawing(ledger, connection, terms, draft)
        drawing.rest_on(bases)
        drawing.draw(anew=anew)
        if also is not None:
            also(drawing)
        drawing.tallies.flush(connection)
        totals = drawing.totals()
        last = last_run(connection, ledger.shop)
        held_to = limits_of(totals, terms.limits, last_run=last, today=terms.today)
        plan = _frozen(drawing, terms, totals, held_to)
        if before is not None and stands(before.plan, plan):
            plans.stay(connection, before, draft)
            ledger.event(connection, "plan_stands", plan=draft, code=before.plan.code)
            return before.plan
        plans.seal(connection, draft, plan)
        ledger.event(connection, "planned", plan=draft, code=plan.code, steps=drawing.seq)
    return plan


def _open_plan(plans: Plans, connection: Connection, scope: str = NIGHTLY) -> PlanRow | None:
    """The plan of a scope that nobody has begun; none where its row was altered."""
    try:
        return plans.current(connection, states=(PlanState.OPEN,), scope=scope)
    except PlanStale:
        return None


def stands(before: Plan, now: Plan) -> bool:
    """Whether an open plan still says exactly what one made now would do: it keeps its code and approvals.

    What is only counted beside the steps may differ: new records of which nothing is due, tasks for a hand,
    the moment of the last pull.
    """
    return bool(before.waves) and before.expires > now.created and _doing(before) == _doing(now)


def _doing(plan: Plan) -> tuple[object, ...]:
    """All that a person approves, and all that decided it."""
    unread = [(one.adapter, one.kind, one.complete) for one in plan.rests_on]
    exceeded = [(one.name, one.kind) for one in plan.limits if one.exceeded]
    decided = (plan.format_version, plan.shop, plan.policy_digest, plan.key, plan.tool, plan.unknown_holds)
    return (*decided, plan.waves, plan.outlook, plan.withheld, unread, exceeded)


def make_replay(
    ledger: Ledger,
    terms: Terms,
    *,
    since: date,
    rests_on: Callable[[Connection], Sequence[Basis]],
) -> Plan:
    """Plans to erase again persons erased from a day on who are back, none of them by own will.

    What the law keeps stays, and so does what a hold binds. Raises PlanError where a plan has begun.
    """
    plans, ended = Plans(ledger), terms.policy.ended_by_erasure()
    with ledger.begin() as connection:
        bases = tuple(rests_on(connection))
        refuse_unfinished(plans, connection, silent=not_answered(bases))
        draft = plans.begin_draft(connection, scope=REPLAY)
        drawing = Drawing(ledger, connection, terms, draft)
        drawing.rest_on(bases)
        back = [one for one in Memory(ledger).came_back(connection, since=since) if not one.own_will]
        again = [row for one in back for row in one.rows]
        recount_in(ledger, connection, terms.policy, again, today=terms.today)
        drawing.draw_again(again, without=ended)
        plan = replace(_frozen(drawing, terms, drawing.totals(), ()), replays=True)
        plan = sealed(plan)
        plans.seal(connection, draft, plan)
        ledger.event(
            connection, "replay_planned", plan=draft, code=plan.code, steps=drawing.seq, count=len(back)
        )
    return plan


def make_request_plan(
    ledger: Ledger,
    terms: Terms,
    asked: RequestRow,
    rows: Sequence[int],
    *,
    rests_on: Callable[[Connection], Sequence[Basis]],
) -> Plan:
    """Plans what one request to erase takes of these records, and no other; the nightly plan stays.

    What the law keeps stays, and so does what another hold binds. Raises PlanError where a plan has begun.
    """
    plans, ended = Plans(ledger), terms.policy.ended_by_erasure()
    scope = scope_of_request(asked.code)
    with ledger.begin() as connection:
        bases = tuple(rests_on(connection))
        for one in plans.begun(connection, scopes=(scope,)):
            raise PlanError(
                f"Plan {one.plan.code} of this request has begun. Run `gallra apply --plan {one.plan.code}` "
                "to finish it."
            )
        draft = plans.begin_draft(connection, scope=scope)
        drawing = Drawing(ledger, connection, terms, draft)
        drawing.rest_on(bases)
        recount_in(ledger, connection, terms.policy, rows, today=terms.today)
        loosened = loosened_rows(ledger, connection, asked.code)
        theirs = dict.fromkeys(loosened, terms.policy.ended_by_loosening())
        drawing.draw_again(rows, without=ended, carried_out=asked.id, loosened=theirs)
        plan = sealed(replace(_frozen(drawing, terms, drawing.totals(), ()), request=asked.code))
        plans.seal(connection, draft, plan)
        ledger.event(
            connection, "request_planned", plan=draft, request=asked.code, code=plan.code, steps=drawing.seq
        )
    return plan


def make_objection_plan(
    ledger: Ledger,
    terms: Terms,
    scope: str,
    due: Mapping[int, Due],
    *,
    rests_on: Callable[[Connection], Sequence[Basis]],
) -> Plan:
    """Plans to end mailings: a step for each channel of these rows, with the day of the word against it.

    No rule is asked, and the nightly plan stays. A plan that nobody has begun and that says the same stands.
    """
    plans = Plans(ledger)
    with ledger.begin() as connection:
        before = _open_plan(plans, connection, scope)
        draft = plans.begin_draft(connection, scope=scope)
        drawing = Drawing(ledger, connection, terms, draft)
        drawing.rest_on(tuple(rests_on(connection)))
        rows = drawing.rows(sorted(due))
        for row in sorted(rows.values(), key=_place):
            for channel, since in sorted(due[row.id].since.items()):
                drawing.add(row.id, _ending(row.record, channel, since))
        totals = drawing.undecided()
        brakes = terms.limits if scope == WITHDRAWALS else replace(terms.limits, percent=100.0)
        limits = limits_of(
            totals, brakes, last_run=None, today=terms.today, covered=drawing.steps_by_kind()
        )
        made = replace(
            _frozen(drawing, terms, totals, limits),
            objects="withdrawals" if scope == WITHDRAWALS else "objection",
            request=request_of(scope),
        )
        plan = sealed(made)
        if before is not None and stands(before.plan, plan):
            plans.stay(connection, before, draft)
            return before.plan
        plans.seal(connection, draft, plan)
        ledger.event(
            connection, "objections_planned", plan=draft, scope=scope, code=plan.code, steps=drawing.seq
        )
    return plan


def _place(row: Row) -> tuple[str, str, int]:
    return row.record.ref.adapter, str(row.record.ref.kind), row.id


def _ending(record: Record, channel: str, since: date) -> Step:
    """The step that ends one channel, as the person's word asks for it."""
    why = Why(field="record", rule=RULE, since=since, clock="unsubscribed", clock_date=since)
    return Step(
        ref=record.ref, label=record.label or record.ref.id, wave=Wave.NEWSLETTER, action=Action.UNSUBSCRIBE,
        fields=0, why=(why,), copies=record.copies, channel=channel,
    )  # fmt: skip


def _frozen(
    drawing: Drawing, terms: Terms, totals: Mapping[str, Totals], limits: tuple[LimitCheck, ...]
) -> Plan:
    """The plan's header over the steps that were drawn, with its digest."""
    return sealed(
        Plan(
            format_version=FORMAT_VERSION,
            shop=drawing.ledger.shop,
            policy=f"{terms.policy.name}@{terms.policy.version}",
            policy_digest=terms.policy.digest,
            unknown_holds=tuple(sorted(terms.policy.context.unknown_holds)),
            key=terms.key,
            tool=__version__,
            today=terms.today,
            created=terms.now,
            expires=terms.now + LIFETIME,
            waves=drawing.digester.waves(),
            totals=totals,
            outlook=drawing.outlook(),
            limits=limits,
            by_hand=dict(sorted(drawing.hands.items())),
            by_hand_records=drawing.hand_records,
            rests_on=drawing.bases,
            withheld={str(kind): count for kind, count in sorted(drawing.withheld.items())},
        )
    )


def refuse_unfinished(plans: Plans, connection: Connection, *, silent: Set[Place] = frozenset()) -> None:
    """What has begun is finished, or its unused handles wiped, before anything new is planned.

    What is left of it only at services that do not answer (`silent`) waits for them, beside the new plan.
    """
    for code in unfinished(plans, connection, silent=silent):
        raise PlanError(
            f"Plan {code} has begun and is not finished. Run `gallra apply` to finish it, "
            "or `gallra plan --abandon` to read back what was done of it and plan the rest anew."
        )


def unfinished(plans: Plans, connection: Connection, *, silent: Set[Place]) -> list[str]:
    """The codes of begun plans of which something is left that can be finished now."""
    return [
        one.plan.code
        for one in plans.begun(connection)
        if not silent or not plans.open_places(connection, one.id) <= silent
    ]


def _note_if_new_policy(ledger: Ledger, connection: Connection, policy: Policy) -> bool:
    """Notes what decides, where it is another than at the last plan: every row is then decided anew."""
    decided = ledger.events(connection, "policy")
    if decided and decided[-1][1].get("digest") == policy.decided_by:
        return False
    ledger.event(connection, "policy", digest=policy.decided_by, name=policy.name, version=policy.version)
    return True
