"""What came of each recipient's deliveries."""

from sqlalchemy import Connection

from connector.ledger.answers import unsent as lines_unsent
from connector.ledger.found_there import none_found
from connector.ledger.lost_handles import lost_handles
from connector.ledger.restricted import restricted_by_recipient
from connector.records import Outcome
from connector.report.protocol.model import (
    RecipientResult,
    UnsentView,
    UntoldView,
)
from connector.shop import Shop
from connector.views.dry_run import (
    known_as,
)
from connector.views.letters import unsent_of
from connector.views.untold import untold


def recipient_results(shop: Shop, connection: Connection, plan_id: int) -> tuple[RecipientResult, ...]:
    """What came of each recipient's deliveries."""
    counts: dict[str, dict[str, int]] = {}
    for one in shop.outbox.counts(connection, plan=plan_id):
        if column := column_of(one.state, one.outcome, one.seen):
            row = counts.setdefault(one.recipient, {})
            row[column] = row.get(column, 0) + one.number
    for name, number in none_found(connection, shop.ledger.shop, plan=plan_id).items():
        counts.setdefault(name, {})["none_found"] = number
    for name, number in restricted_by_recipient(connection, shop.ledger.shop, plan=plan_id).items():
        counts.setdefault(name, {})["restricted"] = number
    results = []
    for name, row in sorted(counts.items()):
        title, code, role = known_as(shop, name)
        results.append(RecipientResult(name=title, code=code, role=role, **row))  # type: ignore[arg-type]
    return tuple(results)


def unsent_views(shop: Shop, connection: Connection, plan_id: int) -> tuple[UnsentView, ...]:
    """The notices of a run that have not left, each with the recipient's channel."""
    lines = lines_unsent(connection, shop.ledger.shop, plan=plan_id)
    return tuple(
        UnsentView(
            name=known_as(shop, one.recipient)[0],
            letter=one.letter,
            count=one.count,
            to=tuple(place for place in (one.channel.address, one.channel.form) if place),
        )
        for one in unsent_of(shop, lines)
    )


def untold_views(shop: Shop, connection: Connection, plan_id: int) -> tuple[UntoldView, ...]:
    """Whom nobody could tell of this run's lost records, by number, with the recipient's channel."""
    return tuple(
        UntoldView(
            name=known_as(shop, one.recipient)[0],
            kind=one.kind,
            handle=one.handle,
            labels=one.labels,
            deliveries=one.ids,
            reason=one.reason,
            to=tuple(place for place in (one.channel.address, one.channel.form) if place),
        )
        for one in untold(shop, lost_handles(connection, shop.ledger.shop, plan=plan_id))
    )


def column_of(state: str, outcome: str, seen: str) -> str:
    """The protocol's column of a delivery; empty where its step never happened."""
    if state in ("held", "cancelled"):
        return ""
    if state in ("failed", "waiting"):
        return {"failed": "failed", "waiting": "accepted"}[state]
    if not outcome:
        return "instructed" if state == "ready" else ""
    if outcome in (Outcome.DONE, Outcome.ALREADY_GONE):  # one answer is no confirmation
        return "confirmed" if seen == "gone" else "instructed"
    return _COLUMNS[Outcome(outcome)]


_COLUMNS = {
    Outcome.ACCEPTED: "accepted",
    Outcome.STOPPED: "stopped",
    Outcome.NOTIFIED: "notified",
    Outcome.BY_HAND: "by_hand",
    Outcome.STALE: "kept",
    Outcome.REFUSED: "failed",
}
