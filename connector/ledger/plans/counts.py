"""Counts over a plan's steps, and over all that ran: what was touched, refused, filled again."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, literal, or_, select

from connector.ledger import schema
from connector.ledger.plans.rows import LastRun
from connector.ledger.plans.scopes import of_the_shop
from connector.ledger.states import UNTOLD, DeliveryState
from connector.ledger.store import in_chunks
from connector.ports import DEVIATES
from connector.ports.processor import NOTICES
from connector.records import Action, Kind, Outcome, Wave

TOUCHED = (Outcome.DONE, Outcome.STOPPED, Outcome.ACCEPTED)


class OutcomeCount(NamedTuple):
    """How many steps of a wave stand so, ended so, for this reason, and were read back so."""

    wave: str
    state: str
    outcome: str
    reason: str
    read_back: str
    steps: int


def outcomes(connection: Connection, plan_id: int) -> list[OutcomeCount]:
    """Counts of a plan's steps, by how they stand."""
    table = schema.step
    columns = (table.c.wave, table.c.state, table.c.outcome, table.c.reason, table.c.read_back)
    rows = connection.execute(
        select(*columns, func.count()).where(table.c.plan == plan_id).group_by(*columns)
    )
    return [OutcomeCount._make(row) for row in rows]


def touched(connection: Connection, plan_id: int) -> int:
    """How many records a plan has touched, by however many runs."""
    table = schema.step
    found = connection.scalar(
        select(func.count(func.distinct(table.c.record))).where(
            table.c.plan == plan_id,
            or_(table.c.outcome.in_(TOUCHED), (table.c.outcome == Outcome.REFUSED) & (table.c.done != 0)),
        )
    )
    return int(found or 0)


def deviated(connection: Connection, plan_id: int) -> int:
    """How many records did not go as planned: refused wholly or in part, or another than was fetched.

    A request that was taken on while a part beside it was refused is one of them.
    """
    table = schema.step
    part = (table.c.outcome == Outcome.ACCEPTED) & (
        table.c.left.bitwise_and(table.c.by_hand.bitwise_not()) != 0
    )
    found = connection.scalar(
        select(func.count(func.distinct(table.c.record))).where(
            table.c.plan == plan_id,
            or_(
                table.c.outcome == Outcome.REFUSED,
                table.c.reason.startswith(DEVIATES),
                part,
            ),
        )
    )
    return int(found or 0)


def undelivered(connection: Connection, plan_id: int) -> int:
    """How many recipients of a plan are still to be told, or to be seen to.

    A service that took the request in is told, whatever days or weeks it takes; a letter's next line is not.
    """
    table = schema.delivery
    asked = (table.c.state == DeliveryState.WAITING) & (table.c.outcome == Outcome.ACCEPTED)
    told = asked & table.c.act.not_in([str(act) for act in NOTICES])
    here = (table.c.plan == plan_id, table.c.state.in_([DeliveryState.HELD, *UNTOLD]), ~told)
    return int(connection.scalar(select(func.count()).select_from(table).where(*here)) or 0)


def covered(connection: Connection, plan_id: int, waves: Sequence[Wave]) -> dict[Kind, int]:
    """How many records of each kind these waves would touch; one in several waves counts once."""
    table = schema.step
    rows = connection.execute(
        select(table.c.kind, func.count(func.distinct(table.c.record)))
        .where(table.c.plan == plan_id, table.c.wave.in_([str(wave) for wave in waves]))
        .where((table.c.fields != 0) | (table.c.action != Action.REDACT))
        .group_by(table.c.kind)
    )
    return {Kind(kind): int(count) for kind, count in rows}


def seqs_of(connection: Connection, plan_id: int, records: Sequence[int]) -> dict[int, int]:
    """The steps of these records in a plan, each with its record."""
    table, found = schema.step, dict[int, int]()
    for some in in_chunks(records):
        here = (table.c.plan == plan_id, table.c.record.in_(some))
        chosen = select(table.c.seq, table.c.record).where(*here)
        found.update((row.seq, row.record) for row in connection.execute(chosen))
    return found


def touched_orders(connection: Connection, shop: str) -> bool:
    """Whether any run has taken anything of an order yet; an opt-in field set to no is nothing of it."""
    steps, plans = schema.step, schema.plan
    chosen = select(steps.c.seq).join(plans, plans.c.id == steps.c.plan).where(
        plans.c.shop == shop, steps.c.kind == str(Kind.ORDER), steps.c.outcome.in_(TOUCHED),
        steps.c.action != Action.UNSUBSCRIBE,
    )  # fmt: skip
    return connection.execute(chosen.limit(1)).first() is not None


def last_run(connection: Connection, shop: str, *, other_than: int | None = None) -> LastRun | None:
    """How many records the last run that touched any touched, and when; None before the first run.

    `other_than` leaves the runs of one plan out: a further wave of it is the rest of that run. What is done
    at one person's word is no run of the shop.
    """
    table, plans = schema.event, schema.plan
    chosen = (
        select(table.c.at, table.c.detail, plans.c.scope)
        .outerjoin(plans, plans.c.id == table.c.plan)
        .where(table.c.shop == shop, table.c.type == "applied", table.c.plan.is_distinct_from(other_than))
    )
    runs = [
        (at, json.loads(detail))
        for at, detail, scope in connection.execute(chosen.order_by(table.c.seq))
        if of_the_shop(scope or "")
    ]
    if not runs:
        return None
    at, detail = next((run for run in reversed(runs) if run[1].get("records")), runs[-1])
    return LastRun(int(detail.get("records", 0)), datetime.fromisoformat(at))


def filled_again(connection: Connection, plan_id: int) -> list[str]:
    """Kind and number of records with a field that an earlier run erased and that is there again."""
    now, then = schema.step.alias("now"), schema.step.alias("then")
    return list(
        connection.scalars(
            select(now.c.kind + literal(":") + now.c.label)
            .join(then, (then.c.record == now.c.record) & (then.c.plan != now.c.plan))
            .where(
                now.c.plan == plan_id,
                then.c.outcome.in_([Outcome.DONE, Outcome.REFUSED]),
                now.c.fields.op("&")(then.c.done) != 0,
            )
            .distinct()
        )
    )
