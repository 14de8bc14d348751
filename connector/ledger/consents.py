"""What the index knows of consents: objections remembered, who says no, and who says yes to mailings.

The index joins records to persons and keeps no address with a record; where a person goes by several, only a
look at the record itself says whose word is whose (`connector/deciding/withdrawn.py`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from connector.calendar import to_date
from connector.ledger import schema
from connector.ledger.index.rows import decode_record
from connector.ledger.store import Ledger, in_chunks
from connector.records import Action, Consent, Identifier, Kind, Outcome, Ref

_ASKED = (Kind.SUBSCRIBER, Kind.CUSTOMER)
"""Kinds of record whose no is a person's word, with a day."""

_ENDED = (str(Outcome.STOPPED), str(Outcome.DONE))
_APPLIED = ("applied", "applied_only")


class Saying(NamedTuple):
    """A record that says something of mailings, and whose it is."""

    row: int
    subject: int
    ref: Ref
    consents: tuple[Consent, ...]


class Consents(NamedTuple):
    """Of persons whose word is to be carried out: what they said, and the records that say yes.

    `objected` is by hash; `ours` has the day on which we last ended mailings of a row, `known` what each
    person goes by.
    """

    objected: Mapping[bytes, date]
    no: tuple[Saying, ...]
    yes: tuple[Saying, ...]
    ours: Mapping[int, date]
    known: Mapping[int, tuple[Identifier, ...]]


def consents(ledger: Ledger, connection: Connection, *, of: Collection[bytes] = ()) -> Consents:
    """What there is to carry out; with `of` only the objections of these hashes."""
    shop = ledger.shop
    objected = _objected(connection, shop, of)
    ours = ended_by_us(connection, shop)
    no = () if of else tuple(_saying(connection, shop, given=False, kinds=_ASKED))
    no = tuple(one for one in no if any(_is_a_word(said, ours.get(one.row)) for said in one.consents))
    people = _people_of(connection, shop, objected) | {one.subject for one in no}
    yes = tuple(_saying(connection, shop, given=True, people=people))
    people = {one.subject for one in yes}
    no = tuple(one for one in no if one.subject in people)
    return Consents(objected, no, yes, ours, _known(connection, people))


def _is_a_word(said: Consent, ours: date | None) -> bool:
    """Whether a no has a day, and a later one than that on which we wrote it."""
    return not said.given and said.changed is not None and (ours is None or said.changed > ours)


def words_in(saying: Saying, ours: Mapping[int, date]) -> Iterable[Consent]:
    """The channels that a record says no to by its person's own word."""
    return (one for one in saying.consents if _is_a_word(one, ours.get(saying.row)))


def _objected(connection: Connection, shop: str, of: Collection[bytes]) -> dict[bytes, date]:
    """The objections that stand, of persons whom the index knows."""
    mine, known = schema.objection, schema.identifier
    rows = connection.execute(
        select(mine.c.digest, mine.c.since)
        .join(known, (known.c.shop == mine.c.shop) & (known.c.digest == mine.c.digest))
        .where(mine.c.shop == shop)
    )
    found = {row.digest: date.fromisoformat(row.since) for row in rows}
    return {digest: since for digest, since in found.items() if not of or digest in of}


def _people_of(connection: Connection, shop: str, digests: Collection[bytes]) -> set[int]:
    known, found = schema.identifier, set[int]()
    for some in in_chunks(sorted(digests)):
        chosen = select(known.c.subject).where(known.c.shop == shop, known.c.digest.in_(some))
        found |= set(connection.scalars(chosen))
    return found


def records_of(connection: Connection, shop: str, digests: Collection[bytes]) -> list[Ref]:
    """Every live record of whoever goes by these hashes, whatever it says of mailings."""
    table, found = schema.record, list[Ref]()
    people = _people_of(connection, shop, digests)
    for some in in_chunks(sorted(people)):
        chosen = select(table.c.adapter, table.c.kind, table.c.remote_id).where(
            table.c.shop == shop, table.c.subject.in_(some), table.c.gone.is_(False)
        )
        rows = connection.execute(chosen.order_by(table.c.id))
        found += [Ref(adapter=row.adapter, kind=Kind(row.kind), id=row.remote_id) for row in rows]
    return found


def _known(connection: Connection, people: Collection[int]) -> dict[int, tuple[Identifier, ...]]:
    known, found = schema.identifier, defaultdict[int, list[Identifier]](list)
    for some in in_chunks(sorted(people)):
        chosen = select(known.c.subject, known.c.type, known.c.digest).where(known.c.subject.in_(some))
        for subject, type_, digest in connection.execute(chosen):
            found[subject].append(Identifier(type=type_, digest=digest))
    return {subject: tuple(each) for subject, each in found.items()}


def _saying(
    connection: Connection,
    shop: str,
    *,
    given: bool,
    kinds: Collection[Kind] = (),
    people: Collection[int] | None = None,
) -> list[Saying]:
    """Live records that say yes, or no, to any channel: of these kinds, or of these persons."""
    table, found = schema.record, list[Saying]()
    text = f'"given":{"true" if given else "false"}'.encode()
    chosen = select(table.c.id, table.c.subject, table.c.body).where(
        table.c.gone.is_(False), table.c.subject.is_not(None), func.instr(table.c.body, text) > 0
    )
    if kinds:
        chosen = chosen.where(table.c.kind.in_([str(one) for one in kinds]))
    # A person is of one shop: asked for the shop too, SQLite reads all of its records for every few people.
    parts = [chosen.where(table.c.shop == shop)] if people is None else [
        chosen.where(table.c.subject.in_(some)) for some in in_chunks(sorted(people))
    ]  # fmt: skip
    for part in parts:
        for row, subject, body in connection.execute(part.order_by(table.c.id)):
            record = decode_record(body)
            found.append(Saying(row, subject, record.ref, record.facts.consents))
    return found


def ended_by_us(connection: Connection, shop: str) -> dict[int, date]:
    """The records of which we ended mailings, with the day on which we last did."""
    step, event = schema.step, schema.event
    rows = connection.execute(
        select(step.c.record, func.max(event.c.at).label("at"))
        .join(event, event.c.plan == step.c.plan)
        .where(
            event.c.shop == shop, event.c.type.in_(_APPLIED), step.c.action == str(Action.UNSUBSCRIBE),
            step.c.outcome.in_(_ENDED), step.c.read_back != "left",
        )
        .group_by(step.c.record)
    )  # fmt: skip
    return {row.record: to_date(datetime.fromisoformat(row.at)) for row in rows}


__all__ = ["Consents", "Saying", "consents", "ended_by_us", "records_of", "words_in"]
