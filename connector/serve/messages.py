"""What monitors are told: drawn from the ledger as it stands, so that no stage has to remember to tell it.

Counts, codes, days, digests and the names of shop and recipients: nothing of a person. A message is known by
what it tells, so that the same is never told twice.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256

from connector.ledger.events import Numbered, numbered
from connector.ledger.plans import Plans
from connector.ledger.plans.scopes import every_scope
from connector.ledger.posts import Message
from connector.ledger.restricted import RESTRICTED
from connector.ledger.run_ends import RUN_ENDED
from connector.ledger.states import PlanState
from connector.outgoing import named
from connector.plan import Plan, dry_run_stem
from connector.ports.posting import Told
from connector.shop import Shop
from connector.views.status import Status, status_of
from connector.views.status.model import OVERDUE_DAYS

AT_FIRST = timedelta(days=1)
"""How far back a webhook is told that has been told nothing yet."""

Data = Mapping[str, object]


def message(shop: Shop, type: Told, subject: str, data: Data, *, of: Numbered | None = None) -> Message:
    """A message about a subject, which names it for ever; `of` is the event that it tells of."""
    key = sha256(f"{shop.settings.shop.id}\n{type}\n{subject}".encode()).hexdigest()[:32]
    at = of.at if of else shop.ledger.now()
    body = {"type": str(type), "timestamp": at, "data": named(shop, data)}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str)
    return Message(key=f"msg_{key}", type=str(type), body=text, seq=of.seq if of else 0)


def of_now(shop: Shop) -> list[Message]:
    """What is to be told of how things stand: plans that wait, and what is overdue."""
    return [*_waiting(shop), *_overdue(shop, status_of(shop))]


def _waiting(shop: Shop) -> list[Message]:
    """Each plan that waits for a person, once."""
    plans, found = Plans(shop.ledger), list[Message]()
    with shop.ledger.begin() as connection:
        for scope in every_scope(connection, plans.shop):
            row = plans.current(connection, states=(PlanState.OPEN, PlanState.BEGUN), scope=scope)
            if row is None or (row.state is PlanState.OPEN and shop.clock() > row.plan.expires):
                continue
            given = {one.wave for one in plans.approvals(connection, row.id)}
            waves = {str(one.wave): one.steps for one in row.plan.waves if one.wave not in given}
            if waves:
                found.append(_to_approve(shop, row.plan, waves))
    return found


def _to_approve(shop: Shop, plan: Plan, waves: Mapping[str, int]) -> Message:
    page = f"{dry_run_stem(plan.created, plan.code)}.html"
    data: dict[str, object] = {
        "plan": _named(plan), "waves": waves, "steps": sum(waves.values()), "report": page,
        "over_limit": any(limit.exceeded for limit in plan.limits), "expires": plan.expires.isoformat(),
    }  # fmt: skip
    if base := shop.settings.reports.url:
        data["link"] = f"{base.rstrip('/')}/{page}"
    return message(shop, Told.PLAN_WAITING, plan.digest, data)


def _named(plan: Plan) -> dict[str, str]:
    return {"code": plan.code, "digest": plan.digest}


def of_events(shop: Shop, *, after: int) -> list[Message]:
    """What events tell of; of a webhook that was told nothing yet, those of a day."""
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        events = numbered(connection, shop.ledger.shop, (*_OF_A_PLAN, *_DEVIATES), after=after)
        if not after:
            since = shop.clock() - AT_FIRST
            events = [one for one in events if datetime.fromisoformat(one.at) >= since]
        named_ = {one.plan: _named(plans.by_id(connection, one.plan)) for one in events if one.plan}
    return [told for one in events if (told := _told(shop, one, named_)) is not None]


def _told(shop: Shop, event: Numbered, plans: Mapping[int, Data]) -> Message | None:
    """What an event is told as; None where it is none that anybody need hear of."""
    if event.type in _OF_A_PLAN:
        type, data = Told.PLAN_APPLIED, {"records": event.detail.get("records", 0)}
    else:
        type, data = Told.DEVIATION, dict(_DEVIATES[event.type](event.detail))
    if not data:
        return None
    of = {"plan": plans[event.plan]} if event.plan else {}
    return message(shop, type, f"event {event.seq}", {**of, **data}, of=event)


def _data_left(detail: Data) -> Data:
    """What a read-back found."""
    return {"kind": "data_left", "records": detail["left"]} if detail["left"] else {}


def _stopped(detail: Data) -> Data:
    """A service, or a look at the first record, stopped an apply."""
    patience = detail["error"] == "RetryLater"
    return {} if patience else {"kind": "stopped", "error": detail["error"]}


def _limit(detail: Data) -> Data:
    """A limit, or somebody's no, stopped a run."""
    kinds = {"LimitExceeded": "limit", "Vetoed": "veto"}
    kind = kinds.get(str(detail.get("waiting")))
    return {"kind": kind} if kind else {}


def _ended(detail: Data) -> Data:
    """A run that a fault ended which no later one mends by itself, and which is not told of already."""
    fault = str(detail.get("fault") or "")
    if fault == "Altered":
        return {"kind": "ledger_altered"}
    told = fault in ("", "RetryLater", "LedgerBusy", "NotApproved", "MoneyMoved")
    return {} if told else {"kind": "failed", "error": fault, "exit": detail.get("code")}


_OF_A_PLAN = ("applied", "applied_only", "undone")
_DEVIATES: Mapping[str, Callable[[Data], Data]] = {
    "verified": _data_left,
    "stopped": _stopped,
    "run": _limit,
    RUN_ENDED: _ended,
}


def _overdue(shop: Shop, status: Status) -> Iterator[Message]:
    """What a recipient was to be told, or a person to be answered, and the day has passed."""
    today = shop.today
    for one in (each for each in status.waiting if each.state != RESTRICTED):
        due = one.oldest + timedelta(days=OVERDUE_DAYS)
        if due < today:
            data = {"recipient": one.recipient, "state": one.state, "count": one.count, "due": due}
            subject = f"{one.recipient} {one.state} {due}"
            yield message(shop, Told.RECIPIENT_OVERDUE, subject, data)
    if status.erasures is not None and status.erasures.overdue:
        data = {"state": "accepted", "count": len(status.erasures.overdue), "due": status.erasures.first}
        yield message(shop, Told.RECIPIENT_OVERDUE, f"erasures {status.erasures.first}", data)
    for kind, number, due in _asked(status):
        if due < today:
            data = {"kind": kind, "request": number, "due": due}
            yield message(shop, Told.REQUEST_OVERDUE, f"{kind} {number} {due}", data)


def _asked(status: Status) -> Iterator[tuple[str, int | str, date]]:
    """What persons asked for: of what kind, its number or code, and the day to aim at."""
    yield from (("request", one.code, one.due) for one in status.asked)
    yield from (("data_request", one.id, one.deadline) for one in status.requests)
    if status.copies_by is not None:
        yield from (("customer_redact", one, status.copies_by) for one in status.copies_to_erase[:1])
