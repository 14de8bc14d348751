"""What came of a request's own plans: every step that ran, and who was told of it."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from connector.errors import LedgerError
from connector.ledger import schema
from connector.ledger.plans import RAN, Plans, StepRow
from connector.ledger.states import DeliveryState, PlanState, StepState
from connector.ledger.tasks import RECTIFY
from connector.records import Action, Outcome

_TOLD = (Outcome.DONE, Outcome.ALREADY_GONE, Outcome.STOPPED, Outcome.NOTIFIED, Outcome.ACCEPTED)


class OpenTask(NamedTuple):
    """What is still to be done by hand in the shop, of one record."""

    kind: str
    label: str
    place: str


def steps_that_ran(plans: Plans, connection: Connection, scope: str) -> Iterator[StepRow]:
    """Every step of this scope's plans that something came of, the oldest plan first."""
    for plan in plans_that_ran(connection, plans.shop, scope):
        yield from plans.steps(connection, plan, states=(StepState.ACCEPTED, StepState.CLOSED))


def steps_as_they_stand(
    plans: Plans, connection: Connection, scope: str
) -> dict[tuple[int, str], StepRow]:
    """The newest step of each record and channel of a scope, of plans that ran or wait."""
    table = schema.plan
    states = (*RAN, PlanState.OPEN)
    here = (table.c.shop == plans.shop, table.c.scope == scope, table.c.state.in_(states))
    ids = list(connection.scalars(select(table.c.id).where(*here).order_by(table.c.id)))
    steps = (one for plan in ids for one in plans.steps(connection, plan))
    return {(one.record, one.step.channel): one for one in steps}


def told_of(connection: Connection, shop: str, scope: str) -> tuple[str, ...]:
    """The recipients that were told of anything of this scope's plans, by name."""
    table = schema.delivery
    told = table.c.outcome.in_(_TOLD) & table.c.state.in_([DeliveryState.CLOSED, DeliveryState.WAITING])
    chosen = select(table.c.recipient).where(table.c.plan.in_(plans_that_ran(connection, shop, scope)), told)
    return tuple(connection.scalars(chosen.distinct().order_by(table.c.recipient)))


def open_tasks(connection: Connection, shop: str, rows: list[int]) -> list[OpenTask]:
    """What a person has still to do of these records."""
    table = schema.task
    here = (table.c.shop == shop, table.c.record.in_(rows), table.c.done_at.is_(None))
    found = connection.execute(select(table.c.kind, table.c.label, table.c.place).where(*here))
    return [OpenTask(row.kind, row.label, row.place) for row in found]


def nothing_by_hand(connection: Connection, shop: str, code: str, scope: str) -> None:
    """Nobody is told that all is put right while a part of it waits for a hand. Raises LedgerError."""
    table, plan = schema.task, schema.plan
    mine = select(plan.c.id).where(plan.c.shop == shop, plan.c.scope == scope)
    asked = table.c.place.startswith(f"{RECTIFY}:")
    here = (table.c.shop == shop, table.c.plan.in_(mine), asked, table.c.done_at.is_(None))
    left = connection.scalars(select(table.c.number).where(*here)).all() if scope else ()
    if left:
        raise LedgerError(
            f"{len(left)} tasks of request {code} are still to be done by hand in the shop: see `gallra "
            "todo`. Do them and say so with `gallra todo done`, or answer with --part and its ground."
        )


def fields_put_right(connection: Connection, shop: str, scope: str) -> int:
    """The fields that this scope's plans put right in some record and that were read back, a bit set."""
    table = schema.step
    here = (table.c.plan.in_(plans_that_ran(connection, shop, scope)), table.c.read_back == "clean")
    bits = 0
    for done in connection.scalars(select(table.c.done).where(*here, table.c.action == Action.RECTIFY)):
        bits |= done
    return bits


def plans_that_ran(connection: Connection, shop: str, scope: str) -> list[int]:
    """The plans of a scope of which something began, the oldest first, by row."""
    table = schema.plan
    here = (table.c.shop == shop, table.c.scope == scope, table.c.state.in_(RAN))
    return list(connection.scalars(select(table.c.id).where(*here).order_by(table.c.id)))


__all__ = [
    "OpenTask", "fields_put_right", "nothing_by_hand", "open_tasks", "plans_that_ran",
    "steps_as_they_stand", "steps_that_ran", "told_of",
]  # fmt: skip
