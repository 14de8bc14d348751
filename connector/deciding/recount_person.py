"""What a person's other records say, counted once more right before an account or a subscription goes.

A verdict on these rests on orders, and an apply may have begun an hour ago: the order that its person has
placed since is read, and counts. What is left are the seconds in which one small batch is looked at and
written.
"""

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import Connection

from connector.deciding.drawing import FIRST
from connector.ledger import Ledger
from connector.ledger.holds import Holds, OpenHolds
from connector.ledger.index import Row, Rows, Subjects, Undecided
from connector.policy import Policy, decide
from connector.records import HoldId, Kind
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


__all__ = ["PullOthers", "recount", "recount_in"]
