"""A plan, or what is approved of it, held to the limits."""

from collections.abc import Mapping, Set
from datetime import date

from sqlalchemy import Connection

from connector.ledger import Ledger
from connector.ledger.plans import LastRun, PlanRow, Plans
from connector.ledger.plans.counts import covered as covered_by
from connector.ledger.plans.counts import last_run
from connector.plan import LimitCheck, Limits, Totals, check_limits
from connector.records import Kind, Wave


def limits_of(
    totals: Mapping[str, Totals],
    limits: Limits,
    *,
    last_run: LastRun | None,
    today: date,
    covered: Mapping[Kind, int] | None = None,
) -> tuple[LimitCheck, ...]:
    """What a plan with these totals would touch, or what an approval covers of it, held to the limits."""
    all_of_it = {Kind(kind): each.delete + each.redact for kind, each in totals.items()}
    return check_limits(
        all_of_it if covered is None else covered,
        {Kind(kind): each.records for kind, each in totals.items()},
        limits,
        last_run=_days_since(last_run, today),
    )


def _days_since(last: LastRun | None, today: date) -> tuple[int, int] | None:
    """The last run's records and the days since it."""
    return None if last is None else (last.records, (today - last.at.date()).days)


def needs_first_run(
    ledger: Ledger, connection: Connection, row: PlanRow, *, waves: Set[Wave], limits: Limits
) -> bool:
    """Whether approving these waves exceeds the limits, and a first run may say that it means to.

    What was approved of the plan before counts with it; a word given then still holds.
    """
    before = Plans(ledger).approvals(connection, row.id)
    first = last_run(connection, ledger.shop, other_than=row.id) is None
    if not first or any(one.first_run for one in before):
        return False
    covered = sorted({*waves, *(one.wave for one in before)})
    touched = covered_by(connection, row.id, covered)
    held = limits_of(row.plan.totals, limits, last_run=None, today=row.plan.today, covered=touched)
    return any(one.exceeded for one in held)
