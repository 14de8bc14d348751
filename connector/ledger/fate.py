"""One record's fate: every step that was planned for it, who approved it, what came of it, who was told."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, or_, select

from connector.ledger import Ledger, schema
from connector.ledger.undone import put_back_by, undoings
from connector.records import Kind, Value, from_bits
from connector.text.plain_text import said


class Told(Value, frozen=True, kw_only=True):
    """What came of telling one recipient."""

    recipient: str
    act: str
    state: str
    outcome: str = ""
    reason: str = ""
    seen: str = ""
    sent_on: str = ""
    closed_by: str = ""


class PutBack(Value, frozen=True, kw_only=True):
    """What an undo put back of a record: its plan, when, and the fields."""

    plan: str
    at: str
    fields: tuple[str, ...]


class Fate(Value, frozen=True, kw_only=True):
    """One step of a plan: what it was to take, who approved that, what came of it, when its runs began."""

    record: str
    plan: str
    plan_state: str
    made: str
    wave: str
    action: str
    fields: tuple[str, ...]
    done: tuple[str, ...]
    state: str
    outcome: str = ""
    reason: str = ""
    read_back: str = ""
    approved_by: str = ""
    approved_at: str = ""
    runs: tuple[str, ...] = ()
    undone: tuple[PutBack, ...] = ()
    told: tuple[Told, ...] = ()


def fate_of(ledger: Ledger, connection: Connection, kind: Kind, number: str) -> tuple[Fate, ...]:
    """Every step of the record with this number or id, oldest first; also where the record is gone."""
    step, plan, approval = schema.step, schema.plan, schema.approval
    whose = (approval.c.person, approval.c.role, approval.c.at)
    columns = (
        plan.c.code,
        plan.c.digest.label("plan_digest"),
        plan.c.state.label("plan_state"),
        plan.c.created,
        *whose,
    )
    given = (approval.c.plan == step.c.plan) & (approval.c.wave == step.c.wave)
    chosen = (
        select(step, *columns)
        .join(plan, plan.c.id == step.c.plan)
        .outerjoin(approval, given)
        .where(plan.c.shop == ledger.shop, step.c.kind == str(kind), _named(number))
    )
    rows = connection.execute(chosen.order_by(step.c.plan, step.c.seq)).all()
    return tuple(_fate(ledger, connection, row) for row in rows)


def put_back_of_record(
    ledger: Ledger, connection: Connection, record: int, *, of: str = ""
) -> tuple[PutBack, ...]:
    """What undos put back of a record, of every run or the one of this digest; oldest first."""
    undos = undoings(ledger, connection, of=of)
    found = put_back_by(connection, [one.plan for one in undos], records=(record,))
    return tuple(
        PutBack(plan=one.digest[:8], at=one.at, fields=tuple(str(field) for field in from_bits(bits)))
        for one in undos
        if (bits := found.get(one.plan, {}).get(record, 0))
    )


def _named(number: str) -> ColumnElement[bool]:
    step, bare = schema.step.c, said(number).removeprefix("#")
    return or_(step.label.in_((bare, f"#{bare}")), step.remote_id == number.strip())


def _fate(ledger: Ledger, connection: Connection, row: Any) -> Fate:
    return Fate(
        record=f"{row.kind} {row.label}",
        plan=row.code,
        plan_state=row.plan_state,
        made=row.created,
        wave=row.wave,
        action=row.action,
        fields=tuple(str(field) for field in from_bits(row.fields)),
        done=tuple(str(field) for field in from_bits(row.done)),
        state=row.state,
        outcome=row.outcome,
        reason=row.reason,
        read_back=row.read_back,
        approved_by=f"{row.person} ({row.role})" if row.person else "",
        approved_at=row.at or "",
        undone=_undone(ledger, connection, row),
        runs=tuple(at for at, _ in ledger.events(connection, "apply_started", plan=row.plan)),
        told=tuple(_told(connection, row.plan, row.seq)),
    )


def _undone(ledger: Ledger, connection: Connection, row: Any) -> tuple[PutBack, ...]:
    """What was put back of what this step took; nothing of a step that took none of it."""
    all_of_it = put_back_of_record(ledger, connection, row.record, of=row.plan_digest)
    taken = {str(field) for field in from_bits(row.done)}
    return tuple(
        replace(one, fields=mine)
        for one in all_of_it
        if (mine := tuple(field for field in one.fields if field in taken))
    )


def _told(connection: Connection, plan: int, step: int) -> Sequence[Told]:
    column = schema.delivery.c
    names = ("recipient", "act", "state", "outcome", "reason", "seen", "sent_on", "closed_by")
    chosen = select(*(column[name] for name in names)).where(column.plan == plan, column.step == step)
    rows = connection.execute(chosen.order_by(column.id)).mappings()
    return [Told(**{name: value or "" for name, value in row.items()}) for row in rows]
