"""How a shop stands: last run, what awaits approval, what is overdue, the next date. Offline."""

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from typing import Any

from sqlalchemy import Connection, func, select

from connector.basis import bases_of
from connector.calendar import deadline
from connector.deciding.leaving import so_far
from connector.deciding.missing import must_be_first
from connector.deciding.rounds import told as nothing_found
from connector.ledger import schema
from connector.ledger.found_there import none_found
from connector.ledger.holds import Holds
from connector.ledger.inbox import OF_ORDER, Leaving, copies_waiting, leaving, open_requests
from connector.ledger.index import Index
from connector.ledger.index.marks import UNDATED_PLACE, UNDATED_REFUND
from connector.ledger.lost_handles import lost_handles
from connector.ledger.naming import said_of
from connector.ledger.plan_states import PlanState
from connector.ledger.plans import Plans, StepRow
from connector.ledger.states import UNTOLD, DeliveryState
from connector.ledger.unread import Unreads
from connector.ledger.unsettled import begun_of_shop
from connector.records import Value
from connector.report import basis
from connector.report.shared import BasisView
from connector.report.words import Words
from connector.shop import Shop
from connector.views.dry_run.heads import basis_views
from connector.views.letters import Unsent, unsent
from connector.views.policy_text import told as policy_text_told
from connector.views.untold import Untold
from connector.views.untold import untold as lost_untold

OVERDUE_DAYS = 30
REDACT_DAYS = 30
"""Within which an app must act on customers/redact (shopify.dev: Privacy law compliance)."""


TOLD_DAYS = 30
"""How long `status` says that a shop still answered though a webhook said that it was no more."""


class Waiting(Value, frozen=True, kw_only=True):
    """Deliveries of one recipient that wait for something."""

    recipient: str
    state: str
    count: int
    oldest: date
    ids: tuple[int, ...]


class Request(Value, frozen=True, kw_only=True):
    """A person's request that a platform handed on: the day to aim at, and the last lawful one."""

    id: int
    account: str
    received: date
    deadline: date
    outer_limit: date
    order: str = ""  # the id of an order of theirs, where there is no account

    def line(self) -> str:
        """What a person reads: until when, and how it is closed (GDPR Art. 12(3))."""
        whose = f"no account, order id {self.order}" if self.order else f"account {self.account or 'unknown'}"
        return (
            f"  data request {self.id} of {self.received}, {whose}: answer by "
            f"{self.deadline}, at the latest {self.outer_limit}; then `gallra ack --request {self.id}`"
        )


class Erasures(Value, frozen=True, kw_only=True):
    """Erasures that platforms took on and have not carried out: when they are due, and what is wrong.

    `stuck` are those that should be taken back and could not be, each with the reason's code.
    """

    first: date
    last: date
    count: int
    overdue: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """What a person reads; accepted is never called erased."""
        due = f"due {self.first}" if self.first == self.last else f"due {self.first} to {self.last}"
        found = [f"  erasures accepted, not carried out: {self.count}, {due}"]
        if self.overdue:
            found.append(
                f"  overdue erasures: {len(self.overdue)} past their date, ask the platform's support "
                f"({_few(self.overdue)})"
            )
        if self.stuck:
            found.append(
                f"  erasures that could not be taken back: {len(self.stuck)}, and something is to be kept; "
                f"ask the platform's support at once ({_few(self.stuck)})"
            )
        return tuple(found)


class Status(Value, frozen=True, kw_only=True):
    """One shop's row."""

    shop: str
    fault: str = ""
    last_run: str = ""
    last_pull: str = ""
    plan: str = ""
    plan_state: str = ""
    awaiting_approval: int = 0
    over_limit: bool = False
    waiting: tuple[Waiting, ...] = ()
    unsent: tuple[Unsent, ...] = ()
    # Recipients that could not be told of a lost record, by number, until a person has looked there.
    untold: tuple[Untold, ...] = ()
    # Records that a run has begun and not settled; some of them are named.
    begun: int = 0
    begun_labels: tuple[str, ...] = ()
    # Copies of which no answer tells whether they are gone, by recipient.
    none_found: tuple[tuple[str, int], ...] = ()
    overdue: int = 0
    holds_past_review: int = 0
    next_due: str = ""
    requests: tuple[Request, ...] = ()
    # Customers that the shop let go, whose copies at recipients are still to go; since when, until when.
    copies_to_erase: tuple[int, ...] = ()
    copies_since: date | None = None
    copies_by: date | None = None
    # What webhooks said of an uninstalled app, and the shop's own word on it.
    leaving: tuple[Leaving, ...] = ()
    erasures: Erasures | None = None
    # What a plan made now would rest on: each kind, and how many of its records could not be read.
    rests_on: tuple[BasisView, ...] = ()
    unread: int = 0
    # Orders that a refund without a readable day keeps: how many, and some of them.
    undated_refunds: int = 0
    undated_samples: tuple[str, ...] = ()
    # What changed in the public policy's text.
    policy_text: str = ""

    def lines(self) -> tuple[str, ...]:
        """What a person reads, the shop's name first."""
        if self.fault:
            return (f"{self.shop}: {self.fault}",)
        head = f"{self.shop}: last run {self.last_run or 'never'}, last pull {self.last_pull or 'never'}"
        lines = [head, f"  plan {self.plan} is {self.plan_state}" if self.plan else "  no plan"]
        lines += [f"  {line}" for line in basis.each(self.rests_on, Words("en"))]
        if self.undated_refunds:
            lines.append(
                f"  kept by a refund without a readable day: {self.undated_refunds} orders "
                f"({_few(self.undated_samples)}); mend it in the shop, then `gallra pull`"
            )
        if self.awaiting_approval:
            blocked = ", over the limits" if self.over_limit else ""
            lines.append(f"  awaiting approval: {self.awaiting_approval} steps{blocked}")
        if self.begun:
            lines.append(
                f"  begun and not settled: {self.begun} records ({_few(self.begun_labels)}); "
                "run `gallra apply` again"
            )
        for one in self.waiting:
            lines.append(f"  {one.recipient}: {one.count} {one.state}, oldest {one.oldest} ({_few(one.ids)})")
        lines += [f"  {nothing_found(name, count)}" for name, count in self.none_found]
        lines += [f"  {one.line()}" for one in self.untold]
        lines += [letter.line() for letter in self.unsent]
        if self.overdue:
            lines.append(f"  overdue: {self.overdue} deliveries older than {OVERDUE_DAYS} days")
        if self.erasures is not None:
            lines += self.erasures.lines()
        if self.holds_past_review:
            lines.append(f"  holds past review: {self.holds_past_review} (`gallra hold list`)")
        lines += [request.line() for request in self.requests]
        if self.copies_to_erase:
            lines.append(
                f"  copies at recipients to erase: {len(self.copies_to_erase)} customers, oldest "
                f"{self.copies_since}, act by {self.copies_by} ({_few(self.copies_to_erase)})"
            )
        lines += [_of_leaving(one) for one in self.leaving]
        if self.policy_text:
            lines.append(f"  {self.policy_text}")
        lines.append(f"  next date: {self.next_due or 'none'}")
        return tuple(lines)


def status_of(shop: Shop | None, *, name: str = "", fault: str = "") -> Status:
    """The status of a shop, or of one that could not be opened. Raises LedgerError where a ledger is gone."""
    if shop is None:
        return Status(shop=name, fault=fault)
    if not shop.has_ledger:
        must_be_first(shop.settings)
        return Status(shop=shop.settings.shop.id)
    today, letters, policy_text = shop.today, unsent(shop), policy_text_told(shop)
    with shop.ledger.begin() as connection:
        parts = (
            _of_runs(shop, connection),
            _of_plan(shop, connection),
            _of_records(shop, connection),
            _of_recipients(shop, connection, today),
            _of_persons(shop, connection, today),
        )
    known = {key: value for part in parts for key, value in part.items()}
    return Status(shop=shop.settings.shop.id, unsent=letters, policy_text=policy_text, **known)


_Part = dict[str, Any]
"""Some of a status's fields, by name."""


def _of_runs(shop: Shop, connection: Connection) -> _Part:
    """When the shop last ran and pulled, and the next day on which something may come due."""
    runs = shop.ledger.events(connection, "applied")
    pulls = shop.ledger.events(connection, "pulled")
    return {
        "last_run": runs[-1].at if runs else "",
        "last_pull": pulls[-1].at if pulls else "",
        "next_due": _next_due(shop, connection),
    }


def _of_plan(shop: Shop, connection: Connection) -> _Part:
    """The newest plan, and what of it awaits an approval."""
    plans = Plans(shop.ledger)
    found = plans.current(connection)
    if found is None:
        return {}
    approved = bool(plans.approvals(connection, found.id))
    return {
        "plan": found.plan.code,
        "plan_state": _plan_state(found.state, approved, shop.clock() > found.plan.expires),
        "awaiting_approval": 0 if approved else sum(wave.steps for wave in found.plan.waves),
        "over_limit": any(limit.exceeded for limit in found.plan.limits),
    }


def _of_records(shop: Shop, connection: Connection) -> _Part:
    """What a plan made now would rest on, what could not be read, what was begun, what is held."""
    unread = Unreads(shop.ledger).counts(connection)
    bases = bases_of(Index(shop.ledger).bases(connection), shop.kinds, shop.settings.declared, unread)
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
        "overdue": sum(w.count for w in waiting if (today - w.oldest).days > OVERDUE_DAYS),
        "untold": lost_untold(shop, lost_handles(connection, shop.ledger.shop)),
        "none_found": tuple(none_found(connection, shop.ledger.shop).items()),
        "erasures": erasures_of(accepted, today),
    }


def _of_persons(shop: Shop, connection: Connection, today: date) -> _Part:
    """What persons asked for and are to decide: holds, requests, copies, and whether the shop is no more."""
    copies = copies_waiting(connection, shop.ledger.shop)
    since = copies[0].received if copies else None
    holds = Holds(shop.ledger).list(connection)
    requests = open_requests(connection, shop.ledger.shop)
    return {
        "holds_past_review": sum(1 for hold in holds if hold.review < today),
        "requests": tuple(_request(*one) for one in requests),
        "copies_to_erase": tuple(one.id for one in copies),
        "copies_since": since,
        "copies_by": None if since is None else since + timedelta(days=REDACT_DAYS),
        "leaving": tuple(leaving(connection, shop.ledger.shop, since=today - timedelta(days=TOLD_DAYS))),
    }


def _of_leaving(one: Leaving) -> str:
    """What a person reads of a message that the app was uninstalled."""
    told = f"  uninstalled, said a webhook of {one.on}"
    if one.closed is not None:
        return f"{told}: the shop still answers ({one.closed}), nothing was deleted"
    return f"{told}: the shop is asked by each run; {so_far(one.refused)}"


def _undated(shop: Shop, connection: Connection) -> tuple[int, tuple[str, ...]]:
    """The orders that are held until a person mends a refund: how many, and the numbers of some."""
    index = Index(shop.ledger)
    counted = sum(one.records for one in index.marks(connection) if one.code == UNDATED_REFUND)
    if not counted:
        return 0, ()
    return counted, tuple(index.mark_samples(connection, UNDATED_REFUND, UNDATED_PLACE))


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


def _few(ids: Sequence[object]) -> str:
    return ", ".join(map(str, ids[:5])) + (" …" if len(ids) > 5 else "")


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
    rows = connection.execute(
        select(table.c.id, table.c.recipient, table.c.state, table.c.planned)
        .where(table.c.shop == shop.ledger.shop, table.c.state.in_([DeliveryState.HELD, *UNTOLD]))
        .order_by(table.c.id)
    )
    for row in rows:
        own = groups.setdefault((row.recipient, row.state), [])
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


def as_html(rows: list[Status]) -> str:
    """A page of every shop: one self-contained table."""
    cells = "".join(
        "<tr>"
        + "".join(
            f"<td>{escape(str(value))}</td>"
            for value in (
                row.shop,
                row.fault or row.plan_state or "no plan",
                row.last_run or "never",
                " ".join(basis.closing(row.rests_on, {}, Words("en"))) or "nothing read",
                row.awaiting_approval,
                sum(w.count for w in row.waiting),
                row.overdue + (len(row.erasures.overdue) if row.erasures else 0),
                row.holds_past_review,
                row.next_due or "none",
            )
        )
        + "</tr>"
        for row in rows
    )
    heads = "".join(
        f"<th scope=col>{h}</th>"
        for h in (
            "Shop",
            "State",
            "Last run",
            "What was read",
            "Awaiting approval",
            "Waiting",
            "Overdue",
            "Holds past review",
            "Next date",
        )
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Gallra: status</title>"
        "<meta name=viewport content='width=device-width'><style>body{font:16px/1.5 system-ui;margin:2rem}"
        "table{border-collapse:collapse}"
        "td,th{padding:.4rem .8rem;border-bottom:1px solid #ccc;text-align:left}"
        f"</style><h1>Status</h1><table><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table></html>"
    )
