"""What is remembered of persons who are no longer there, as keyed hashes: objections, and who was erased.

An objection stands until the person asks for mailings anew; no time ends it. Who was erased is remembered
for a while, so that a backup or an import that brings them back is noticed.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, select

from connector.calendar import to_date
from connector.errors import LedgerError, WrongKey
from connector.ledger import schema
from connector.ledger.consents import ended_by_us
from connector.ledger.index.rows import IDENTIFYING, decode_record
from connector.ledger.store import Ledger, in_chunks
from connector.records import FIELD_BITS, Facts, Field, Identifier, Kind, Record, Ref, Value

OBJECTS = frozenset({Kind.SUBSCRIBER})
"""Kinds of record that say whether their person objected to marketing."""


class Returned(Value, frozen=True, kw_only=True):
    """A person who was erased and is in the shop again: when, and whether they are back by own will."""

    subject: int
    erased: date
    own_will: bool
    rows: tuple[int, ...]


class Memory:
    """The memory of one shop; every hash is made by the subject key."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop

    # Objections ---------------------------------------------------------------------------

    def must_be_of(self, connection: Connection, key: str) -> None:
        """Refuses a subject key that the objections were not made with. Raises WrongKey."""
        table = schema.objection
        other = select(table.c.digest).where(table.c.shop == self.shop, table.c.key != key).limit(1)
        if connection.scalar(other) is not None:
            raise WrongKey(
                "Objections to marketing are remembered under another subject key than the one at hand, and "
                "would not be known again. Restore that key; nothing is read or deleted until then."
            )

    def remember_objections(self, connection: Connection, records: Sequence[Record], *, key: str) -> None:
        """Keeps the objections that these records are the last trace of. Raises WrongKey."""
        self.must_be_of(connection, key)
        known = self.objections(connection, digests_of(records))
        for record in records:
            since = (record.facts.unsubscribed or self.ledger.clock().date()).isoformat()
            for digest in sorted(digests_of([record]) - known):
                row = {"shop": self.shop, "digest": digest, "key": key, "since": since}
                insert = self.ledger.upsert(schema.objection).values(**row)
                connection.execute(insert.on_conflict_do_nothing())
                self.ledger.note(connection, "objection", self.shop, digest)

    def object_to(
        self, connection: Connection, digests: Collection[bytes], *, key: str, since: date
    ) -> None:
        """Keeps that a person has objected to marketing; the later day where one stood. Raises WrongKey."""
        self.must_be_of(connection, key)
        for digest in sorted(digests):
            row = {"shop": self.shop, "digest": digest, "key": key, "since": since.isoformat()}
            insert = self.ledger.upsert(schema.objection).values(**row)
            latest = self.ledger.dialect.later(schema.objection.c.since, insert.excluded.since)
            connection.execute(
                insert.on_conflict_do_update(index_elements=["shop", "digest"], set_={"since": latest})
            )
            self.ledger.note(connection, "objection", self.shop, digest)

    def objections(self, connection: Connection, digests: Collection[bytes]) -> frozenset[bytes]:
        """Those of these hashes under which an objection stands."""
        table, found = schema.objection, set[bytes]()
        for some in in_chunks(sorted(digests)):
            here = (table.c.shop == self.shop, table.c.digest.in_(some))
            found |= set(connection.scalars(select(table.c.digest).where(*here)))
        return frozenset(found)

    def must_know(self, records: Sequence[Record]) -> None:
        """Reads back what was just remembered, in a transaction of its own. Raises LedgerError."""
        self.must_know_of(digests_of(records))

    def must_know_of(self, wanted: Collection[bytes]) -> None:
        """The same of hashes."""
        with self.ledger.begin() as connection:
            found = self.objections(connection, wanted)
        if frozenset(wanted) - found:
            raise LedgerError(
                "An objection to marketing was written and is not in the ledger, so its contact was not "
                "touched. Check the disk (`gallra ledger check`), then run again."
            )

    def lift_objections(self, connection: Connection) -> int:
        """Forgets the objections of persons who have asked for mailings since; returns how many.

        One that an older yes of the person still stands against is carried out first.
        """
        asked = {
            digest: since for digest, since, facts in self._objecting(connection) if asked_since(facts, since)
        }
        against = self._still_against(connection, asked)
        lifted = [digest for digest in asked if digest not in against]
        table = schema.objection
        for digest in lifted:
            connection.execute(delete(table).where(table.c.shop == self.shop, table.c.digest == digest))
            self.ledger.note(connection, "objection", self.shop, digest)
        if lifted:
            self.ledger.event(connection, "objections_lifted", count=len(lifted))
        return len(lifted)

    def _still_against(self, connection: Connection, asked: Mapping[bytes, date]) -> set[bytes]:
        """Those of these objections whose person has another record that says yes since before them."""
        known, record, found = schema.identifier, schema.record, set[bytes]()
        ours = ended_by_us(connection, self.shop) if asked else {}
        for some in in_chunks(sorted(asked)):
            rows = connection.execute(
                select(known.c.digest, record.c.id, record.c.body)
                .join(record, record.c.subject == known.c.subject)
                .where(known.c.shop == self.shop, known.c.digest.in_(some), record.c.gone.is_(False))
            )
            for digest, row, body in rows:
                since, ended = asked[digest], ours.get(row)
                given = [one.changed for one in decode_record(body).facts.consents if one.given]
                never = ended is None or ended < since  # what came back without a day is only told of
                if any(never if day is None else day <= since for day in given):
                    found.add(digest)
        return found

    def mailed_against(self, connection: Connection) -> int:
        """How many who objected stand on a list again, and have not asked for it since: an import."""
        return sum(1 for _, since, facts in self._objecting(connection) if not asked_since(facts, since))

    def _objecting(self, connection: Connection) -> list[tuple[bytes, date, Facts]]:
        """Every objection whose person is mailed now: its hash, its day, and what the contact says."""
        mine, known, record = schema.objection, schema.identifier, schema.record
        rows = connection.execute(
            select(mine.c.digest, mine.c.since, record.c.body)
            .join(known, (known.c.shop == mine.c.shop) & (known.c.digest == mine.c.digest))
            .join(record, record.c.subject == known.c.subject)
            .where(
                mine.c.shop == self.shop, record.c.gone.is_(False), record.c.living.is_(True),
                record.c.kind.in_([str(kind) for kind in OBJECTS]),
            )
        )  # fmt: skip
        return [(row.digest, date.fromisoformat(row.since), decode_record(row.body).facts) for row in rows]

    # Who was erased -----------------------------------------------------------------------

    def remember_erased(self, connection: Connection, subjects: Collection[int]) -> None:
        """Keeps the hashes of those of these persons of whom no record is left in the shop."""
        gone = sorted(set(subjects) - self._still_there(connection, subjects))
        by_subject: dict[int, list[Identifier]] = defaultdict(list)
        table, keys = schema.identifier, dict[bytes, str]()
        for some in in_chunks(gone):
            chosen = select(table.c.subject, table.c.type, table.c.digest, table.c.key)
            for subject, type_, digest, key in connection.execute(chosen.where(table.c.subject.in_(some))):
                by_subject[subject].append(Identifier(type=type_, digest=digest))
                keys[digest] = key
        rows = [
            {"shop": self.shop, "digest": one.digest, "key": keys[one.digest], "at": self.ledger.now()}
            for identifiers in by_subject.values()
            for one in known_by(identifiers)
        ]
        if rows:
            insert = self.ledger.upsert(schema.erased)
            renewed = {"at": insert.excluded.at, "key": insert.excluded.key}
            connection.execute(
                insert.on_conflict_do_update(index_elements=["shop", "digest"], set_=renewed), rows
            )

    def mailed_people(self, connection: Connection, rows: Collection[int]) -> frozenset[int]:
        """The persons of these records of the shop who stand on a list of mailings too."""
        table, found = schema.record, set[int]()
        mailed = select(table.c.subject).where(
            table.c.shop == self.shop, table.c.gone.is_(False), table.c.kind == Kind.SUBSCRIBER,
            table.c.subject.is_not(None),
        )  # fmt: skip
        for some in in_chunks(sorted(rows)):
            chosen = select(table.c.subject).where(table.c.id.in_(some), table.c.subject.in_(mailed))
            found |= set(connection.scalars(chosen.distinct()))
        return frozenset(found)

    def remember_parted(self, connection: Connection, subjects: Collection[int]) -> None:
        """Keeps, of people who are only mailed now, that the shop knew them until we erased them there.

        As a hash of their hash: they are still on the list, so nobody takes them for having come back.
        """
        table = schema.identifier
        rows = []
        for some in in_chunks(sorted(set(subjects) - self._with_address(connection, subjects))):
            chosen = select(table.c.digest, table.c.key).where(
                table.c.subject.in_(some), table.c.type == "email", table.c.shop == self.shop
            )
            rows += [
                {"shop": self.shop, "digest": _known_once(digest), "key": key, "at": self.ledger.now()}
                for digest, key in connection.execute(chosen)
            ]
        if rows:
            insert = self.ledger.upsert(schema.erased)
            renewed = {"at": insert.excluded.at, "key": insert.excluded.key}
            connection.execute(
                insert.on_conflict_do_update(index_elements=["shop", "digest"], set_=renewed), rows
            )

    def _with_address(self, connection: Connection, subjects: Collection[int]) -> set[int]:
        """Those of these persons of whom an order or account with an address is left."""
        table, found = schema.record, set[int]()
        has = table.c.present.op("&")(FIELD_BITS[Field.EMAIL]) != 0
        for some in in_chunks(sorted(subjects)):
            here = (table.c.subject.in_(some), table.c.gone.is_(False), table.c.kind != Kind.SUBSCRIBER, has)
            found |= set(connection.scalars(select(table.c.subject).where(*here).distinct()))
        return found

    def _still_there(self, connection: Connection, subjects: Collection[int]) -> set[int]:
        """Those of these persons whom a record of the shop still names; that one is held is not enough."""
        table, found = schema.record, set[int]()
        names = table.c.present.op("&")(IDENTIFYING) != 0
        for some in in_chunks(sorted(subjects)):
            here = (table.c.subject.in_(some), table.c.gone.is_(False), names)
            found |= set(connection.scalars(select(table.c.subject).where(*here).distinct()))
        return found

    def take_back(self, connection: Connection, records: Sequence[Record]) -> None:
        """These persons were restored: they are erased no longer."""
        table = schema.erased
        known = {one.digest for record in records for one in record.identifiers}
        for some in in_chunks(sorted(known | set(map(_known_once, known)))):
            connection.execute(delete(table).where(table.c.shop == self.shop, table.c.digest.in_(some)))

    def came_back(self, connection: Connection, *, since: date | None = None) -> list[Returned]:
        """Erased persons of whom the shop has records again, those erased from a day on; in order."""
        table, known, record = schema.erased, schema.identifier, schema.record
        rows = connection.execute(
            select(known.c.subject, table.c.at, record.c.id, record.c.body)
            .join(known, (known.c.shop == table.c.shop) & (known.c.digest == table.c.digest))
            .join(record, record.c.subject == known.c.subject)
            .where(table.c.shop == self.shop, record.c.gone.is_(False))
            .where(record.c.present.op("&")(IDENTIFYING) != 0)
            .order_by(known.c.subject, record.c.id)
        )
        found: dict[int, tuple[date, dict[int, Record]]] = {}
        for subject, at, row_id, body in rows:
            day = to_date(datetime.fromisoformat(at))
            before, own = found.get(subject, (day, {}))
            found[subject] = (max(before, day), {**own, row_id: decode_record(body)})
        return [
            Returned(
                subject=subject, erased=day, rows=tuple(own),
                own_will=any(of_own_will(one, day) for one in own.values()),
            )
            for subject, (day, own) in found.items()
            if since is None or day >= since
        ]  # fmt: skip

    def forget_erased(self, connection: Connection, *, days: int) -> None:
        """Lets go of whoever was erased longer ago than this."""
        limit = (self.ledger.clock() - timedelta(days=days)).isoformat(timespec="seconds")
        table = schema.erased
        connection.execute(delete(table).where(table.c.shop == self.shop, table.c.at < limit))


def erased_by_us(connection: Connection, shop: str, subjects: Collection[int]) -> frozenset[int]:
    """Those of these persons whom the shop knew until their data there was erased by our hand."""
    table, known = schema.erased, schema.identifier
    ours = frozenset(connection.scalars(select(table.c.digest).where(table.c.shop == shop)))
    found: set[int] = set()
    for some in in_chunks(sorted(subjects) if ours else ()):
        rows = connection.execute(select(known.c.subject, known.c.digest).where(known.c.subject.in_(some)))
        found |= {row.subject for row in rows if not ours.isdisjoint((row.digest, _known_once(row.digest)))}
    return frozenset(found)


def _known_once(digest: bytes) -> bytes:
    """What is remembered of a hash whose person is still mailed: no hash of anybody's own."""
    return hashlib.sha256(b"known until erased" + digest).digest()


def digests_of(records: Sequence[Record]) -> frozenset[bytes]:
    """The hashes by which the persons of these records are known again."""
    return frozenset(one.digest for record in records for one in known_by(record.identifiers))


def known_by(identifiers: Sequence[Identifier]) -> list[Identifier]:
    """By what a person is known again: addresses; without any, telephone numbers.

    Never by an account's number, which a shop that is set up anew gives to somebody else.
    """
    emails = [one for one in identifiers if one.type == "email"]
    return emails or [one for one in identifiers if one.type == "phone"]


def of_own_will(record: Record, erased: date) -> bool:
    """Whether its person came back by own will: an order or consent of the day of the erasure or later."""
    facts = record.facts
    if record.ref.kind is Kind.ORDER:
        days = (facts.created, facts.paid)
    elif record.ref.kind is Kind.CUSTOMER:
        days = (facts.last_purchase, facts.consent_changed)
    else:
        days = (facts.subscribed, facts.confirmed)
    return any(day is not None and day >= erased for day in days)


def asked_since(facts: Facts, objected: date) -> bool:
    """Whether somebody asked for mailings after they objected."""
    return any(day is not None and day > objected for day in (facts.subscribed, facts.confirmed))


def objecting(looks: Mapping[Ref, Record]) -> list[Record]:
    """Those of these records whose person has objected: the contact says unsubscribed."""
    return [
        one
        for one in looks.values()
        if one.ref.kind in OBJECTS and (one.facts.unsubscribed or one.facts.status == "unsubscribed")
    ]


__all__ = ["Memory", "Returned", "digests_of", "erased_by_us", "known_by", "objecting", "of_own_will"]
