"""The figures of one shop that a monitor watches: counts, moments and seconds, nothing of a person."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from connector.ledger.events import MEASURED
from connector.ledger.index import Rows
from connector.records import Value
from connector.shop import Shop
from connector.views.status import status_of

DUE = ("delete", "redact")
HELD = "held"
NONE: Mapping[str, int] = MappingProxyType({})


class Metrics(Value, frozen=True, kw_only=True):
    """One shop's figures; what belongs to a run is of the last one, however it ended."""

    shop: str
    last_success: datetime | None = None
    age: float | None = None  # seconds since the last success
    due: int = 0
    held: int = 0
    waiting_approval: int = 0
    overdue: int = 0
    requests: Mapping[str, int] = NONE
    retries: Mapping[str, int] = NONE
    seconds: Mapping[str, float] = NONE


def metrics_of(shop: Shop) -> Metrics:
    """The shop's figures now, from its ledger alone. Raises LedgerError where a ledger is gone."""
    status = status_of(shop)
    if not shop.has_ledger:
        return Metrics(shop=status.shop)
    with shop.ledger.begin() as connection:
        runs = shop.ledger.events(connection, "run")
        measured = shop.ledger.events(connection, MEASURED)
        counts = Rows(shop.ledger).counts(connection)
    success = datetime.fromisoformat(runs[-1].at) if runs else None
    last = measured[-1].detail if measured else {}
    return Metrics(
        shop=status.shop,
        last_success=success,
        age=None if success is None else (shop.clock() - success).total_seconds(),
        due=sum(count for (_, state), count in counts.items() if state in DUE),
        held=sum(count for (_, state), count in counts.items() if state == HELD),
        waiting_approval=status.awaiting_approval,
        overdue=status.overdue + (len(status.erasures.overdue) if status.erasures else 0),
        requests=last.get("requests", {}),
        retries=last.get("retries", {}),
        seconds=last.get("seconds", {}),
    )
