"""The figures of one shop that a monitor watches: counts, moments and seconds, nothing of a person."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection

from connector.ledger import Ledger
from connector.ledger.events import MEASURED
from connector.ledger.index import Rows
from connector.ledger.plans import Plans
from connector.ledger.run_ends import run_ends
from connector.ledger.states import PlanState
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
        ended = _last_success(shop.ledger, connection)
        measured = shop.ledger.events(connection, MEASURED)
        counts = Rows(shop.ledger).counts(connection)
        waiting = _waiting(Plans(shop.ledger), connection)
    success = datetime.fromisoformat(ended) if ended else None
    last = measured[-1].detail if measured else {}
    return Metrics(
        shop=status.shop,
        last_success=success,
        age=None if success is None else (shop.clock() - success).total_seconds(),
        due=sum(count for (_, state), count in counts.items() if state in DUE),
        held=sum(count for (_, state), count in counts.items() if state == HELD),
        waiting_approval=waiting,
        overdue=status.overdue + (len(status.erasures.overdue) if status.erasures else 0),
        requests=last.get("requests", {}),
        retries=last.get("retries", {}),
        seconds=last.get("seconds", {}),
    )


def _last_success(ledger: Ledger, connection: Connection) -> str:
    """When a run last ended well: not one that failed in the end, or left data; empty where none did."""
    ends = run_ends(ledger, connection)
    if ends.last is not None:
        return ends.good.at if ends.good else ""
    runs = ledger.events(connection, "run")  # a ledger of before runs were kept by their end
    return runs[-1].at if runs else ""


def _waiting(plans: Plans, connection: Connection) -> int:
    """The steps of the newest plan in rounds that nobody has approved, whatever else of it is."""
    found = plans.current(connection, states=(PlanState.OPEN, PlanState.BEGUN))
    if found is None:
        return 0
    given = {one.wave for one in plans.approvals(connection, found.id)}
    return sum(wave.steps for wave in found.plan.waves if wave.wave not in given)
