"""Whether a person's orders may all be erased at once, as a platform's own erasure does."""

from collections.abc import Callable, Sequence
from datetime import date

from connector.ledger import Ledger, queries
from connector.ledger.holds import Holds
from connector.ledger.index import Rows
from connector.ledger.unread import Unreads
from connector.policy import Policy, decide
from connector.records import Ref
from connector.verdicts import Verdict

KEPT = "orders_kept"
ON_HOLD = "orders_on_hold"
NOT_INDEXED = "orders_not_indexed"


def orders_may_go(ledger: Ledger, policy: Policy, *, today: date) -> Callable[[Sequence[Ref]], str]:
    """A question for these orders: empty where all are indexed and read, past every floor and on no hold.

    Otherwise the reason, that of a hold before that of a floor: an erasure takes an order's books with its
    person (BFL 7:2). Where KEPT alone speaks against it the profile may be emptied, else nothing may be done.
    """

    def may_go(refs: Sequence[Ref]) -> str:
        with ledger.begin() as connection:
            ids = queries.row_ids(connection, ledger.shop, refs)
            rows = Rows(ledger).rows(connection, ids)
            holds = Holds(ledger).open(connection)
            unread = Unreads(ledger).barred(connection).rows
        if len(rows) < len(set(refs)) or not unread.isdisjoint(rows):
            return NOT_INDEXED
        verdicts = [decide(holds.on(row), policy, today=today) for row in rows.values()]
        reasons = {_kept(verdict, today) for verdict in verdicts}
        return next((reason for reason in (ON_HOLD, KEPT) if reason in reasons), "")

    return may_go


def _kept(verdict: Verdict, today: date) -> str:
    """Why this order must stay; empty where nothing keeps it."""
    fields = verdict.fields if verdict.record is None else (*verdict.fields, verdict.record)
    if any(field.holds for field in fields):
        return ON_HOLD
    if any(_floor_stands(field.floor, field.floor_through, field.reason, today) for field in fields):
        return KEPT
    return ""


def _floor_stands(floor: str | None, through: date | None, reason: str, today: date) -> bool:
    """Whether a legal minimum still keeps a field; one that cannot be computed keeps too."""
    if through is not None:
        return through >= today
    return floor is not None or reason in ("financial_year_unknown", "refund_date_unknown")
