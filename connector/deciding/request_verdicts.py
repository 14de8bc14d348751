"""What a request to erase takes of each record, and what stays of it: by which rule, until when."""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection

from connector.calendar import to_date
from connector.deciding.recount_person import recount_in
from connector.ledger import Ledger
from connector.ledger.holds import Holds
from connector.ledger.index import Rows
from connector.ledger.request_loosened import loosened_rows
from connector.ledger.requests import RequestRow
from connector.policy import Policy, decide
from connector.records import Ref, Value
from connector.verdicts import FieldVerdict, State


class Decided(Value, frozen=True, kw_only=True):
    """What comes of one record at a request to erase: field by field, why, until when."""

    ref: Ref
    label: str
    fields: tuple[FieldVerdict, ...]


def verdicts_of(
    ledger: Ledger, connection: Connection, policy: Policy, asked: RequestRow, rows: Collection[int]
) -> Iterator[Decided]:
    """The verdicts of now on those of these records that are there, the request's own hold left aside.

    By the ledger's clock. Of a record that is gone nothing stays and nothing is due.
    """
    ended, today = policy.ended_by_erasure(), to_date(ledger.clock())
    # An account is bound by its person's orders, and one may have come, or been let go, since the plan.
    recount_in(ledger, connection, policy, sorted(rows), today=today)
    holds = Holds(ledger).open(connection, carried_out=asked.id)
    loosened, more = loosened_rows(ledger, connection, asked.code), policy.ended_by_loosening()
    index = Rows(ledger)
    for found in index.rows(connection, index.living(connection, sorted(rows))).values():
        without = more if found.id in loosened else ended
        verdict = decide(holds.on(found), policy, today=today, without=without)
        fields = verdict.fields if verdict.record is None else (*verdict.fields, verdict.record)
        yield Decided(ref=found.record.ref, label=found.record.label or found.record.ref.id, fields=fields)


def kept_of(records: Collection[Decided]) -> Iterator[tuple[Decided, FieldVerdict]]:
    """What stays: each field that is not due, with its record.

    Where the record goes whole its fields go with it, whatever their own rules say.
    """
    for one in records:
        whole = [each for each in one.fields if each.field is None and each.state is State.DUE]
        if not whole:
            yield from ((one, each) for each in one.fields if each.state is not State.DUE)


def not_done(records: Collection[Decided]) -> Iterator[tuple[Decided, FieldVerdict]]:
    """What is due and still there: refused by the service, not approved, or to be done by hand."""
    for one in records:
        whole = [each for each in one.fields if each.field is None and each.state is State.DUE]
        yield from ((one, each) for each in whole or one.fields if each.state is State.DUE)


__all__ = ["Decided", "kept_of", "not_done", "verdicts_of"]
