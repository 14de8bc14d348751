"""What an open request keeps: its own holds (schedule H9), and what is destroyed of it with time (T-61)."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from connector.calendar import add_months, to_date
from connector.ledger import schema
from connector.ledger.holds import Holds, HoldTerms, On
from connector.ledger.requests import Register, RequestRow
from connector.ledger.states import RequestState
from connector.ledger.store import Ledger
from connector.request import CONTACT_MONTHS, HELD_DAYS, REGISTER_MONTHS, Answer, RequestKind

_PERSONS = ("email", "phone")
_ENDED = (RequestState.ANSWERED, RequestState.REFUSED, RequestState.WITHDRAWN)
_BY = "Gallra"


def hold_for(register: Register, connection: Connection, row: RequestRow, *, by: str) -> int:
    """Holds all that a request names; returns how many records it is on. What is held by it already stays."""
    ledger, holds = register.ledger, Holds(register.ledger)
    terms = HoldTerms(hold=row.kind.hold, reason=f"request {row.code}", owner=by, review=row.limit)
    reached = 0
    for one in register.named(connection, row):
        on = On(digest=one.digest, key=register.key) if one.type in _PERSONS else On(record=one.record)
        if (on.digest is None and on.record is None) or _is_held(connection, row, on):
            continue
        number = holds.add(connection, terms, on)
        connection.execute(insert(schema.request_hold).values(hold=number, shop=ledger.shop, request=row.id))
        ledger.note(connection, "request_hold", number)
        reached += holds.reach(connection, number).records
    return reached


def hold_told_of(register: Register, connection: Connection, row: RequestRow, records: Sequence[int]) -> None:
    """Holds records of which somebody is still to be told, by a request that holds something already."""
    bound, kept = schema.request_hold, schema.hold_record
    mine = select(bound.c.hold).where(bound.c.request == row.id)
    holds = list(connection.scalars(mine.order_by(bound.c.hold)))
    for record in records if holds else ():
        pair = register.ledger.upsert(kept).values(hold=holds[0], record=record)
        connection.execute(pair.on_conflict_do_nothing())
    if holds and records:
        register.ledger.note(connection, "hold", holds[0])


def _is_held(connection: Connection, row: RequestRow, on: On) -> bool:
    table, bound = schema.hold, schema.request_hold
    same = table.c.record == on.record if on.digest is None else table.c.subject_digest == on.digest
    chosen = select(table.c.id).join(bound, bound.c.hold == table.c.id).where(bound.c.request == row.id, same)
    return connection.scalar(chosen) is not None


def release_of(register: Register, connection: Connection, row: RequestRow, *, by: str) -> int:
    """Ends what a request holds; returns how many holds."""
    table, bound, holds = schema.hold, schema.request_hold, Holds(register.ledger)
    chosen = select(table.c.id).join(bound, bound.c.hold == table.c.id)
    open_ones = list(connection.scalars(chosen.where(bound.c.request == row.id, table.c.released.is_(None))))
    for number in open_ones:
        holds.end(connection, number, by=by)
    return len(open_ones)


def settle_requests(ledger: Ledger, connection: Connection, *, today: date) -> None:
    """What has had its time: holds end, closed requests lose who asked, then all of themselves."""
    register = Register(ledger)
    for row in register.list(connection, every=True):
        if row.state in _ENDED:
            _close(register, connection, row, today)
        ended = _ended_on(row)
        if ended is None:
            continue
        if add_months(ended, CONTACT_MONTHS) <= today and _is_known(register, connection, row):
            _forget_contact(ledger, connection, row)
        if add_months(ended, REGISTER_MONTHS) <= today:
            _forget(register, connection, row)


def is_in_force(row: RequestRow) -> bool:
    """Whether the person was told of a restriction that nobody has lifted: no time ends it."""
    return row.kind is RequestKind.RESTRICT and row.state is RequestState.ANSWERED


def _ended_on(row: RequestRow) -> date | None:
    """The day of the answer; of one that was withdrawn, or a restriction lifted, when it came to stand so."""
    if row.is_open or is_in_force(row):
        return None
    if row.kind is RequestKind.RESTRICT and row.answer is not Answer.REFUSED:
        return to_date(row.at)
    return row.answered or to_date(row.at)


def _close(register: Register, connection: Connection, row: RequestRow, today: date) -> None:
    ended = _ended_on(row)
    longer = row.state is RequestState.ANSWERED and row.kind is not RequestKind.ACCESS
    # A person who objects to a refusal, or to what was kept, finds things as they were.
    longer = longer or row.state is RequestState.REFUSED
    held_for = timedelta(days=HELD_DAYS if longer else 0)
    if ended is not None and ended + held_for < today:
        release_of(register, connection, row, by=_BY)
        register.advance(connection, row, RequestState.CLOSED)


def _is_known(register: Register, connection: Connection, row: RequestRow) -> bool:
    return row.has_contact or bool(register.named(connection, row))


def _forget_contact(ledger: Ledger, connection: Connection, row: RequestRow) -> None:
    """Who asked, and by what they were found, can be read and recognised no more."""
    table, ids = schema.request, schema.request_identifier
    gone = {"sealed": None, "code_digest": None}
    connection.execute(update(table).where(table.c.id == row.id).values(**gone))
    for number in list(connection.scalars(select(ids.c.id).where(ids.c.request == row.id))):
        connection.execute(delete(ids).where(ids.c.id == number))
        ledger.note(connection, "request_identifier", number)
    _forget_holds(ledger, connection, row)
    ledger.event(connection, "request_forgotten", request=row.code)


def _forget_holds(ledger: Ledger, connection: Connection, row: RequestRow) -> None:
    bound, kept, table = schema.request_hold, schema.hold_record, schema.hold
    for number in list(connection.scalars(select(bound.c.hold).where(bound.c.request == row.id))):
        connection.execute(delete(bound).where(bound.c.hold == number))
        connection.execute(delete(kept).where(kept.c.hold == number))
        connection.execute(delete(table).where(table.c.id == number))
        ledger.note(connection, "request_hold", number)
        ledger.note(connection, "hold", number)


def _forget(register: Register, connection: Connection, row: RequestRow) -> None:
    table = schema.request
    _forget_contact(register.ledger, connection, row)
    connection.execute(delete(table).where(table.c.id == row.id))
    letters = schema.request_letter.c
    mine = (letters.shop == register.ledger.shop, letters.request == row.code)
    connection.execute(delete(schema.request_letter).where(*mine))
    register.ledger.note(connection, "request", row.id)


__all__ = ["hold_for", "hold_told_of", "is_in_force", "release_of", "settle_requests"]
