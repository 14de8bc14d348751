"""How a shop stands: last run, what awaits approval, what is overdue, the next date. Offline."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, func, literal, select

from connector.basis import bases_of
from connector.calendar import deadline
from connector.deciding.missing import must_be_first
from connector.ledger import schema
from connector.ledger.found_there import none_found
from connector.ledger.holds import Holds
from connector.ledger.inbox import OF_ORDER, copies_waiting, leaving, open_requests
from connector.ledger.index import Marks, Pulls
from connector.ledger.index.marks import UNDATED_PLACE, UNDATED_REFUND
from connector.ledger.lost_handles import lost_handles
from connector.ledger.memory import Memory
from connector.ledger.naming import said_of
from connector.ledger.plans import Plans, StepRow
from connector.ledger.plans.counts import last_run
from connector.ledger.plans.scopes import OBJECTION, WITHDRAWALS
from connector.ledger.plans.unapplied import unapplied
from connector.ledger.posts import Posts
from connector.ledger.request_holds import is_in_force
from connector.ledger.requests import Register, RequestRow
from connector.ledger.restricted import RESTRICTED, is_any_restricted, is_restricted
from connector.ledger.run_ends import run_ends
from connector.ledger.states import UNTOLD, DeliveryState, PlanState, RequestState
from connector.ledger.stranded import messages_stranded, otherwise_sealed, stranded
from connector.ledger.undo import restorable_runs
from connector.ledger.unread import Unreads
from connector.ledger.unsettled import begun_of_shop
from connector.outgoing import address_of
from connector.services.returned import returned_lines
from connector.shop import Shop
from connector.views.dry_run.heads import basis_views
from connector.views.letters import unsent
from connector.views.policy_text import told as policy_text_told
from connector.views.seal import seal_alert
from connector.views.status.model import OVERDUE_DAYS, Asked, Erasures, Request, Status, Waiting
from connector.views.status.needs import needs_of, objections_need, standing_need
from connector.views.status.page import as_html, language_of
from connector.views.untold import untold as lost_untold
from connector.views.warning import waiting_for_warning

REDACT_DAYS = 30
"""Within which an app must act on customers/redact (shopify.dev: Privacy law compliance)."""


TOLD_DAYS = 30
"""How long `status` says that a shop still answered though a webhook said that it was no more."""


def status_of(shop: Shop | None, *, name: str = "", fault: str = "") -> Status:
    """The status of a shop, or of one that could not be opened. Raises LedgerError where a ledger is gone."""
    if shop is None:
        broken = Status(shop=name, fault=fault)
        return replace(broken, needs=needs_of(broken, today=date.min))
    who = _of_settings(shop)
    if not shop.has_ledger:
        must_be_first(shop.settings)
        return _with_needs(Status(shop=shop.settings.shop.id, **who), shop.today)
    today, letters, policy_text = shop.today, unsent(shop), policy_text_told(shop)
    seal, unwarned = seal_alert(shop), waiting_for_warning(shop)
    with shop.ledger.begin() as connection:
        parts = (
            _of_runs(shop, connection),
            _of_plan(shop, connection),
            _of_records(shop, connection),
            _of_recipients(shop, connection, today),
            _of_persons(shop, connection, today),
            _sealed(shop, connection),
            _remembered(shop, connection),
            _of_monitors(shop, connection),
        )
    known = {key: value for part in parts for key, value in part.items()}
    if any(known[name] for name in _SEALED):  # the key is asked for only where something waits for it
        known["vault_fault"] = shop.vault_fault()
    if not known.get("vault_fault"):
        known = {name: value for name, value in known.items() if name not in _SEALED}
    more = {"policy_text": policy_text, "seal": seal, "to_warn": unwarned, **who, **known}
    return _with_needs(Status(shop=shop.settings.shop.id, unsent=letters, **more), today)


def _with_needs(status: Status, today: date) -> Status:
    return replace(status, needs=needs_of(status, today=today))


_Part = dict[str, Any]
"""Some of a status's fields, by name."""


def _remembered(shop: Shop, connection: Connection) -> _Part:
    """Who came back and should not be there, and what of each run can be restored."""
    back = returned_lines(connection, Memory(shop.ledger))
    kept = (
        f"run {code[:8]}: {records} records are blanked, and can be restored until {until} (`gallra undo`)"
        for code, records, until in restorable_runs(connection, shop.ledger.shop)
    )
    return {"remembered": (*back, *_mailed_still(shop, connection), *kept)}


def _mailed_still(shop: Shop, connection: Connection) -> Iterator[str]:
    """The plans that end mailings and that nobody has approved: until then they go on."""
    plans = Plans(shop.ledger)
    for scope in (OBJECTION, WITHDRAWALS):
        found = plans.current(connection, states=(PlanState.OPEN,), scope=scope)
        if found is not None and found.plan.waves and not plans.approvals(connection, found.id):
            steps = sum(wave.steps for wave in found.plan.waves)
            yield (
                f"{steps} mailings go on to persons who said no: plan {found.plan.code} waits for an "
                f"approval (`gallra show {found.plan.code}`)"
            )


def _of_monitors(shop: Shop, connection: Connection) -> _Part:
    """What the shop's monitors were not told; nothing of those that took all."""
    posts, hooks = Posts(shop.ledger), shop.settings.alerts.webhook
    stands = posts.stands(connection) if hooks else {}
    lines = []
    for hook in hooks:
        one = stands.get(hook.name)
        if posts.is_disabled(connection, hook.name, address_of(hook)):
            lines.append(f"{hook.name}: answered 410 and is told nothing more; {_ANEW}")
        elif one is not None and (one.waiting or one.dead):
            lines.append(
                f"{hook.name}: {one.waiting} messages wait, {one.dead} were given up (last answer: "
                f"{one.answer or 'none yet'})"
            )
    return {"monitors": tuple(lines)}


_ANEW = "another address or name in the shop's file begins anew"
_SEALED = ("stranded", "stranded_beside", "stranded_messages")


def _sealed(shop: Shop, connection: Connection) -> _Part:
    """What would wait for the vault's key, were it not at hand."""
    return {
        "stranded": lost_untold(shop, stranded(connection, shop.ledger.shop)),
        "stranded_beside": otherwise_sealed(connection, shop.ledger.shop),
        "stranded_messages": tuple(messages_stranded(connection, shop.ledger.shop)),
    }


def _of_settings(shop: Shop) -> _Part:
    """What the shop's file says: its name and language, who runs it, and how its approval stands."""
    settings = shop.settings
    return {
        "name": settings.shop.name,
        "language": settings.shop.language,
        "file": str(shop.file.absolute()) if shop.file else "",
        "agency": settings.agency.name if settings.agency else "",
        "standing": standing_need(settings, today=shop.today),
        "objections": objections_need(settings, today=shop.today),
    }


def _of_runs(shop: Shop, connection: Connection) -> _Part:
    """When the shop last ran, erased and pulled, how it fails, and the next day on which anything is due."""
    ends = run_ends(shop.ledger, connection)
    last, good, failing = ends.last, ends.good, ends.failing
    # A ledger of before runs were kept by their end, and runs made by hand, verb by verb.
    erased = last_run(connection, shop.ledger.shop)
    applied = erased.at.isoformat() if erased else ""
    return {
        "last_run": max(applied, _last(shop, connection, "run"), last.at if last else "", key=_moment),
        "last_good": good.at if good else "",
        "last_erased": applied,
        "last_code": last.code if last else None,
        "last_error": last.said if last and failing else "",
        "failing_since": failing.at if failing else "",
        "last_pull": _last(shop, connection, "pulled"),
        "next_due": _next_due(shop, connection),
    }


def _last(shop: Shop, connection: Connection, type_: str) -> str:
    found = shop.ledger.events(connection, type_)
    return found[-1].at if found else ""


def _moment(at: str) -> float:
    """For comparing: moments of the ledger have an offset, which changes twice a year."""
    return datetime.fromisoformat(at).timestamp() if at else 0.0


def _of_plan(shop: Shop, connection: Connection) -> _Part:
    """The newest plan, and what of it awaits an approval."""
    plans = Plans(shop.ledger)
    found = plans.current(connection)
    waiting = unapplied(plans, connection)
    if found is None:
        return {"unapplied": waiting}
    approved = bool(plans.approvals(connection, found.id))
    return {
        "plan": found.plan.code,
        "plan_state": _plan_state(found.state, approved, shop.clock() > found.plan.expires),
        "awaiting_approval": 0 if approved else sum(wave.steps for wave in found.plan.waves),
        "plan_made": found.plan.created.date(),
        "over_limit": any(limit.exceeded for limit in found.plan.limits),
        "unapplied": waiting,
    }


def _of_records(shop: Shop, connection: Connection) -> _Part:
    """What a plan made now would rest on, what could not be read, what was begun, what is held."""
    unread = Unreads(shop.ledger).counts(connection)
    bases = bases_of(Pulls(shop.ledger).bases(connection), shop.kinds, shop.settings.declared, unread)
    begun = begun_of_shop(connection, shop.ledger.shop)
    undated, samples = _undated(shop, connection)
    return {
        "rests_on": basis_views(bases),
        "unread": sum(unread.values()),
        "begun": len(begun),
        "begun_labels": tuple(map(said_of, begun)),
        "undated_refunds": undated,
        "undated_samples": samples,
    }


def _of_recipients(shop: Shop, connection: Connection, today: date) -> _Part:
    """What waits to be told, what could not be, and the erasures that platforms took on."""
    waiting = _waiting(shop, connection)
    accepted = [one.row for one in Plans(shop.ledger).accepted(connection)]
    return {
        "waiting": waiting,
        "overdue": sum(
            w.count for w in waiting if (today - w.oldest).days > OVERDUE_DAYS and w.state != RESTRICTED
        ),
        "untold": lost_untold(shop, lost_handles(connection, shop.ledger.shop)),
        "none_found": tuple(none_found(connection, shop.ledger.shop).items()),
        "erasures": erasures_of(accepted, today),
    }


def _of_persons(shop: Shop, connection: Connection, today: date) -> _Part:
    """What persons asked for and are to decide: holds, requests, copies, and whether the shop is no more."""
    copies = copies_waiting(connection, shop.ledger.shop)
    since = copies[0].received if copies else None
    register = Register(shop.ledger).list(connection, every=True)
    asked = [one for one in register if one.is_open]
    in_force = [one for one in register if is_in_force(one)]
    theirs = {f"request {one.code}" for one in (*asked, *in_force)}  # a request says itself when it is due
    open_holds = Holds(shop.ledger).list(connection)
    reviews = [one.review for one in open_holds if one.review < today and one.reason not in theirs]
    requests = open_requests(connection, shop.ledger.shop)
    taken_in = {one.message for one in register}
    return {
        "holds_past_review": len(reviews),
        "review_due": min(reviews, default=None),
        "requests": tuple(_request(*one[:3]) for one in requests if one.id not in taken_in),
        "asked": tuple(of_request(shop, connection, one, today) for one in asked),
        "restrictions": tuple((one.code, one.answered or one.received) for one in in_force),
        "copies_to_erase": tuple(one.id for one in copies),
        "copies_since": since,
        "copies_by": None if since is None else since + timedelta(days=REDACT_DAYS),
        "leaving": tuple(leaving(connection, shop.ledger.shop, since=today - timedelta(days=TOLD_DAYS))),
    }


_WAITS = {
    RequestState.RECEIVED: "asked_identify", RequestState.IDENTIFIED: "asked_decide",
    RequestState.SCOPED: "asked_decide", RequestState.APPROVED: "asked_run", RequestState.DONE: "asked_told",
    RequestState.TOLD: "asked_told",
}  # fmt: skip
"""What a request waits for, by where it stands: a code of `need`; otherwise for its answer."""


def of_request(shop: Shop, connection: Connection, one: RequestRow, today: date) -> Asked:
    """A request of the register, and what it waits for: an approval too, where its plan has anything."""
    waits, code, plans = _WAITS.get(one.state, "asked"), "", Plans(shop.ledger)
    if one.state is RequestState.DECIDED and one.scope:
        plan = plans.current(connection, scope=one.scope)
        if plan is not None and plan.plan.waves:
            given = plans.approvals(connection, plan.id)
            lapsed = plan.state is PlanState.OPEN and shop.clock() > plan.plan.expires
            waits, code = "asked_run" if given else "asked_approve", plan.plan.code
            waits = "asked_decide" if lapsed else waits
    return Asked(
        code=one.code, kind=str(one.kind), state=str(one.state), received=one.received, due=one.due,
        limit=one.limit, late=one.limit < today, past=one.due < today, waits=waits, plan=code,
    )  # fmt: skip


def _undated(shop: Shop, connection: Connection) -> tuple[int, tuple[str, ...]]:
    """The orders that are held until a person mends a refund: how many, and the numbers of some."""
    marks = Marks(shop.ledger)
    counted = sum(one.records for one in marks.marks(connection) if one.code == UNDATED_REFUND)
    if not counted:
        return 0, ()
    return counted, tuple(marks.mark_samples(connection, UNDATED_REFUND, UNDATED_PLACE))


def erasures_of(accepted: Sequence[StepRow], today: date) -> Erasures | None:
    """How the accepted steps of a shop stand, each record once; None where nothing waits."""
    dated = {step.record: (date.fromisoformat(step.due), step) for step in accepted if step.due}
    if not dated:
        return None
    days = [day for day, _ in dated.values()]
    return Erasures(
        first=min(days),
        last=max(days),
        count=len(dated),
        overdue=tuple(
            f"{step.step.ref.kind} {step.step.label}" for day, step in dated.values() if day < today
        ),
        stuck=tuple(
            f"{step.step.ref.kind} {step.step.label}: {step.reason}"
            for _, step in dated.values()
            if step.reason
        ),
    )


def _next_due(shop: Shop, connection: Connection) -> str:
    """The first day after today on which a record may come due; empty where there is none."""
    table = schema.record
    found = connection.scalar(
        select(func.min(table.c.next_due)).where(
            table.c.shop == shop.ledger.shop, table.c.next_due > shop.today.isoformat()
        )
    )
    return found or ""


def _request(number: int, received: date, whose: str) -> Request:
    due = deadline(received)
    order = whose.removeprefix(OF_ORDER) if whose.startswith(OF_ORDER) else ""
    return Request(
        id=number,
        account="" if order else whose,
        received=received,
        deadline=due.deadline,
        outer_limit=due.outer_limit,
        order=order,
    )


def _plan_state(state: str, approved: bool, expired: bool) -> str:
    if state == PlanState.OPEN and expired:
        return "stale"
    return "approved" if state == PlanState.OPEN and approved else state


def _waiting(shop: Shop, connection: Connection) -> tuple[Waiting, ...]:
    table = schema.delivery
    groups: dict[tuple[str, str], list[tuple[int, date]]] = {}
    any_ = is_any_restricted(connection, shop.ledger.shop)
    waits = is_restricted(shop.ledger.shop) if any_ else literal(False)
    rows = connection.execute(
        select(table.c.id, table.c.recipient, table.c.state, table.c.planned, waits.label("restricted"))
        .where(table.c.shop == shop.ledger.shop, table.c.state.in_([DeliveryState.HELD, *UNTOLD]))
        .order_by(table.c.id)
    )
    for row in rows:
        state = RESTRICTED if row.restricted and row.state in UNTOLD else row.state
        own = groups.setdefault((row.recipient, state), [])
        own.append((row.id, date.fromisoformat(row.planned)))
    return tuple(
        Waiting(
            recipient=recipient,
            state=state,
            count=len(found),
            oldest=min(day for _, day in found),
            ids=tuple(number for number, _ in found[:50]),
        )
        for (recipient, state), found in sorted(groups.items())
    )


__all__ = ["Erasures", "Status", "as_html", "erasures_of", "language_of", "status_of"]
