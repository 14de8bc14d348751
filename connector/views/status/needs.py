"""What of a shop waits for whom, the longest overdue first."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from connector.ledger.restricted import RESTRICTED
from connector.plan import apply_line
from connector.report.overview.model import NeedView
from connector.settings.settings import Settings
from connector.views.status.model import OVERDUE_DAYS, Status

AHEAD_DAYS = 60
"""How long before its end a standing approval is listed: a board may meet every other month."""

_NOT_NOW = ("hold", "unknown_holds")
"""Why nobody is to be warned for the time being."""


def needs_of(status: Status, *, today: date) -> tuple[NeedView, ...]:
    """Every matter of a shop, with how late it is today."""
    found = (
        *_of_runs(status),
        *_of_plans(status, today),
        *_of_owner(status),
        *_of_shop(status),
        *_of_others(status),
    )
    found = found or tuple(_of_last_run(status))
    return tuple(sorted((_late(one, today) for one in found), key=lambda one: one.order))


def standing_need(settings: Settings, *, today: date) -> NeedView | None:
    """The standing approval that ends within two months, has ended, or is of another version."""
    standing = settings.approval
    if standing is None:
        return None
    if standing.version != settings.policy.version:
        values = {"given": standing.version, "now": settings.policy.version}
        return NeedView(whom="owner", what="standing_other", values=values, due=today)
    return _ending(standing.until, "standing", today)


def objections_need(settings: Settings, *, today: date) -> NeedView | None:
    """The standing approval of objections that ends within two months, or has ended."""
    given = settings.objections
    return None if given is None else _ending(given.until, "objections", today)


def _ending(until: date, which: str, today: date) -> NeedView | None:
    if until < today:
        return NeedView(whom="owner", what=f"{which}_ended", due=until)
    if (until - today).days <= AHEAD_DAYS:
        return NeedView(whom="owner", what=f"{which}_ends", due=until)
    return None


def _late(need: NeedView, today: date) -> NeedView:
    from msgspec.structs import replace

    late = (today - need.due).days if need.due else 0
    return replace(need, over=late) if late > 0 else need


def _of_runs(status: Status) -> Iterator[NeedView]:
    """What a technician sees to: a file, a run that fails, records that are half done."""
    if status.fault:
        yield NeedView(whom="technician", what="broken", values={"said": status.fault.splitlines()[0]})
        return
    if status.failing_since:
        values = {"code": str(status.last_code), "said": status.last_error}
        since = date.fromisoformat(status.failing_since[:10])
        yield NeedView(whom="technician", what="failing", values=values, since=since, due=since)
    elif not status.last_run:
        yield NeedView(whom="technician", what="never")
    if status.begun:
        yield NeedView(whom="technician", what="begun", values={"n": str(status.begun)})
    if status.unread:
        yield NeedView(whom="technician", what="unread", values={"n": str(status.unread)})


def _of_plans(status: Status, today: date) -> Iterator[NeedView]:
    """What is approved and not carried out, until the approval ends; after that it must be planned again."""
    for one in status.unapplied:
        line = apply_line(file=Path(status.file or "shop.toml"), code=one.plan if one.named else "")
        values = {"n": str(one.steps), "plan": one.plan, "line": line}
        what = "lapsed" if one.until is not None and one.until < today else "apply"
        yield NeedView(whom="technician", what=what, values=values, due=one.until)


def _of_last_run(status: Status) -> Iterator[NeedView]:
    """Where nothing else is needed: that the last run did not end well, and none has run since."""
    if status.last_code:
        values = {"code": str(status.last_code), "at": status.last_run[:10]}
        yield NeedView(whom="technician", what="ended", values=values)


def _of_owner(status: Status) -> Iterator[NeedView]:
    if status.awaiting_approval and status.plan_state == "open":
        what = "approve_over" if status.over_limit else "approve"
        values = {"n": str(status.awaiting_approval), "plan": status.plan}
        yield NeedView(whom="owner", what=what, values=values, since=status.plan_made)
    yield from (one for one in (status.standing, status.objections) if one is not None)
    if status.holds_past_review:
        yield NeedView(
            whom="owner", what="hold", values={"n": str(status.holds_past_review)}, due=status.review_due
        )
    if status.policy_text:
        yield NeedView(whom="owner", what="policy_text")


def _of_shop(status: Status) -> Iterator[NeedView]:
    """What somebody at the shop does by hand."""
    for one in status.requests:
        yield NeedView(whom="staff", what="request", values={"id": str(one.id)}, due=one.deadline)
    for asked in status.asked:
        yield asked.need(due=asked.due)
    for letter in status.unsent:
        values = {"letter": letter.letter, "recipient": letter.recipient}
        yield NeedView(
            whom="staff", what="letter", values=values, since=letter.oldest, due=_month(letter.oldest)
        )
    for lost in status.untold:
        values = {"recipient": lost.recipient, "n": str(len(lost.labels))}
        yield NeedView(whom="staff", what="untold", values=values)
    for name, count in status.none_found:
        yield NeedView(whom="staff", what="none_found", values={"recipient": name, "n": str(count)})
    if unwarned := sum(count for code, count in status.to_warn if code not in _NOT_NOW):
        yield NeedView(whom="staff", what="warn", values={"n": str(unwarned)})
    if status.undated_refunds:
        yield NeedView(whom="staff", what="refund", values={"n": str(status.undated_refunds)})


def _of_others(status: Status) -> Iterator[NeedView]:
    """What a recipient or the platform has not answered."""
    for one in (each for each in status.waiting if each.state != RESTRICTED):
        values = {"recipient": one.recipient, "n": str(one.count)}
        yield NeedView(
            whom="recipient", what="waiting", values=values, since=one.oldest, due=_month(one.oldest)
        )
    if status.copies_to_erase:
        values = {"n": str(len(status.copies_to_erase))}
        yield NeedView(
            whom="technician", what="copies", values=values, since=status.copies_since, due=status.copies_by
        )
    late = status.erasures
    if late is not None and late.overdue:
        values = {"n": str(len(late.overdue))}
        yield NeedView(whom="platform", what="late_erasure", values=values, due=late.first)
    if late is not None and late.stuck:
        yield NeedView(whom="platform", what="stuck", values={"n": str(len(late.stuck))}, due=late.first)


def _month(oldest: date) -> date:
    return oldest + timedelta(days=OVERDUE_DAYS)
