"""What a person's other records say, counted once more right before an account or a subscription goes.

A verdict on these rests on orders, and an apply may have begun an hour ago: the order that its person has
placed since is read, and counts. What is left are the seconds in which one small batch is looked at and
written.
"""

from collections.abc import Callable, Sequence
from datetime import date

from connector.deciding.drawing import FIRST
from connector.ledger import Ledger
from connector.ledger.holds import OpenHolds
from connector.ledger.index import Rows, Subjects, Undecided
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
    index, waiting, subjects = Rows(ledger), Undecided(ledger), Subjects(ledger)
    with ledger.begin() as connection:
        undecided = index.rows(connection, index.undecided_beside(connection, records, kinds=FIRST))
        for row in undecided.values():
            waiting.note_holds(connection, row.id, _holds(decide(holds.on(row), policy, today=today)))
        subjects.dirty_subjects_of_rows(connection, list(undecided))
        subjects.refresh_subjects(connection)


def _holds(verdict: Verdict) -> tuple[HoldId, ...]:
    fields = verdict.fields if verdict.record is None else (*verdict.fields, verdict.record)
    return tuple(sorted({hold for field in fields for hold in field.holds}))


__all__ = ["PullOthers", "recount"]
