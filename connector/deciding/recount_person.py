"""What a person's other records say, counted once more right before an account or a subscription goes.

A verdict on these rests on orders, and an apply may have begun an hour ago: the order that its person has
placed since is read, and counts. What is left are the seconds in which one small batch is looked at and
written.
"""

from collections.abc import Callable, Sequence
from datetime import date

from msgspec.structs import replace
from sqlalchemy import Connection, select

from connector.deciding.drawing import FIRST
from connector.ledger import Ledger, schema
from connector.ledger.holds import Holds, OpenHolds
from connector.ledger.index import Row, Rows, Subjects, Undecided
from connector.ledger.index.rows import MUST_DECIDE
from connector.policy import Policy, decide
from connector.records import HoldId, Kind, Record
from connector.verdicts import Verdict

PullOthers = Callable[[Kind], bool]
"""Reads what changed of the records that this kind's facts come of; whether all of it could be read."""


def recount(
    ledger: Ledger,
    policy: Policy,
    holds: OpenHolds,
    records: Sequence[int],
    *,
    today: date,
) -> None:
    """Counts the people behind these rows anew, with the holds of what came or changed since the plan.

    An order that no plan has decided yet says of its own holds nothing; the plan still decides it.
    """
    with ledger.begin() as connection:
        _count(ledger, connection, records, lambda row: decide(holds.on(row), policy, today=today))


def recount_in(
    ledger: Ledger, connection: Connection, policy: Policy, records: Sequence[int], *, today: date
) -> None:
    """The same inside a transaction, by the holds in force in the ledger."""
    holds = Holds(ledger).open(connection)
    _count(ledger, connection, records, lambda row: decide(holds.on(row), policy, today=today))


def as_counted_now(
    ledger: Ledger, connection: Connection, policy: Policy, row: Row, *, today: date
) -> Record:
    """An account or subscription with what its person's orders say now; nothing is written.

    The next plan counts the same: a hold that has ended since the last one binds it no more, and one that was
    placed since does.
    """
    record, person = row.record, row.record.facts.subject
    if row.subject is None or person is None or record.ref.kind is Kind.ORDER:
        return record
    table, holds = schema.record, Holds(ledger).open(connection)
    mine = (table.c.shop == ledger.shop, table.c.subject == row.subject, table.c.gone.is_(False))
    orders = list(connection.scalars(select(table.c.id).where(*mine, table.c.kind == Kind.ORDER)))
    told: list[HoldId] = []
    for one in Rows(ledger).rows(connection, orders).values():
        if one.next_due == MUST_DECIDE:
            told += _holds(decide(holds.on(one), policy, today=today))
        else:
            told += [HoldId(each) for each in one.holds.split(",") if each]
    counted = replace(
        person, open_orders=told.count(HoldId.OPEN_ORDER), order_holds=tuple(sorted(set(told)))
    )
    return replace(record, facts=replace(record.facts, subject=counted))


def _count(
    ledger: Ledger, connection: Connection, records: Sequence[int], decided: Callable[[Row], Verdict]
) -> None:
    index, waiting, subjects = Rows(ledger), Undecided(ledger), Subjects(ledger)
    undecided = index.rows(connection, index.undecided_beside(connection, records, kinds=FIRST))
    for row in undecided.values():
        waiting.note_holds(connection, row.id, _holds(decided(row)))
    subjects.dirty_subjects_of_rows(connection, list(undecided))
    subjects.refresh_subjects(connection)


def _holds(verdict: Verdict) -> tuple[HoldId, ...]:
    fields = verdict.fields if verdict.record is None else (*verdict.fields, verdict.record)
    return tuple(sorted({hold for field in fields for hold in field.holds}))


__all__ = ["PullOthers", "as_counted_now", "recount", "recount_in"]
