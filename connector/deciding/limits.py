"""A plan, or what is approved of it, held to the limits."""

from collections.abc import Mapping, Set
from datetime import date
from enum import StrEnum
from typing import Protocol

from msgspec.structs import replace
from sqlalchemy import Connection

from connector.ledger import Ledger
from connector.ledger.plans import LastRun, PlanRow, Plans
from connector.ledger.plans.counts import covered as covered_by
from connector.ledger.plans.counts import last_run
from connector.plan import LimitCheck, Limits, Plan, Totals, check_limits
from connector.records import Kind, Wave


class Approved(Protocol):
    """What of a shop its limits are read from."""

    @property
    def ledger(self) -> Ledger:
        """The shop's ledger."""

    @property
    def limits(self) -> Limits:
        """The limits as its file has them now."""

    @property
    def today(self) -> date:
        """The shop's day."""


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


def brakes_on(plan: Plan, limits: Limits) -> Limits:
    """The limits as they hold a plan: what one person asks for is no share of the shop."""
    return replace(limits, percent=100.0) if plan.objects == "objection" else limits


def run_before(connection: Connection, shop: str, row: PlanRow) -> LastRun | None:
    """The run that a plan is held against; none for what persons asked for, however many they are today."""
    return None if row.plan.objects else last_run(connection, shop, other_than=row.id)


def _days_since(last: LastRun | None, today: date) -> tuple[int, int] | None:
    """The last run's records and the days since it."""
    return None if last is None else (last.records, (today - last.at.date()).days)


class Passes(StrEnum):
    """Whether an approval would be taken, as the limits stand."""

    AS_IT_IS = "as_it_is"
    AS_FIRST_RUN = "as_first_run"
    """Only where it says that it means to exceed the limits, which a first run may."""
    REFUSED = "refused"


def passes(shop: Approved, connection: Connection, row: PlanRow, *, waves: Set[Wave]) -> Passes:
    """How an approval of these waves, and of what was approved of the plan before, is held to the limits.

    A word given to an earlier wave of a first run still holds.
    """
    if row.plan.sets_values:
        return Passes.AS_IT_IS
    before = Plans(shop.ledger).approvals(connection, row.id)
    last = run_before(connection, shop.ledger.shop, row)
    touched = covered_by(connection, row.id, sorted({*waves, *(one.wave for one in before)}))
    limits = brakes_on(row.plan, shop.limits)
    held = limits_of(row.plan.totals, limits, last_run=last, today=shop.today, covered=touched)
    if not any(one.exceeded for one in held):
        return Passes.AS_IT_IS
    if last is not None:
        return Passes.REFUSED
    return Passes.AS_IT_IS if any(one.first_run for one in before) else Passes.AS_FIRST_RUN
