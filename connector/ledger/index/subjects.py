"""Subjects: which records are one person's, and what those records say of the person together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql import Select

from connector.ledger import schema
from connector.ledger.index.rows import MUST_DECIDE, encode
from connector.ledger.store import Ledger, in_chunks, write_many, write_tuples
from connector.records import HoldId, Identifier, Kind, Record, Ref, SubjectFacts

AT_ONCE = 5000
SHARED = 0
"""The subject of an identifier that several people have given: shown, never guessed."""


class _New:
    """A person who has no row yet; `turn` says after how many other new ones of the page."""

    __slots__ = ("turn",)

    def __init__(self, turn: int) -> None:
        self.turn = turn


_Person = int | _New
"""A person by the number of its row, or one that is to get a row."""


def _oldest_first(person: _Person) -> tuple[bool, int]:
    """Who stays where several turn out to be one: the oldest row, else the first that is new."""
    return (True, person.turn) if isinstance(person, _New) else (False, person)


class _Joined:
    """Who is whom while a page is joined: persons with a row, and new ones."""

    def __init__(self, known: Mapping[bytes, int]) -> None:
        self._of_digest: dict[bytes, _Person] = dict(known)
        self._same: dict[_Person, _Person] = {}
        self._new: list[_New] = []
        self.fresh: list[tuple[Identifier, _Person]] = []
        self.shared: list[bytes] = []

    def join(self, record: Record) -> _Person:
        """The subject of a record; all that share an identifier with it become the same.

        A telephone is shared in homes and offices: it joins only a record that has no address,
        and nobody once two people have given it.
        """
        owners = (self._of_digest.get(i.digest, SHARED) for i in _joining(record))
        found = {self.final(owner) for owner in owners if owner != SHARED}
        kept, *others = sorted(found, key=_oldest_first) if found else (self._another(),)
        self._same |= dict.fromkeys(others, kept)
        for identifier in record.identifiers:
            owner = self._of_digest.get(identifier.digest)
            if owner is None:
                self._of_digest[identifier.digest] = kept
                self.fresh.append((identifier, kept))
            elif owner != SHARED and self.final(owner) != kept:
                self._of_digest[identifier.digest] = SHARED
                self.shared.append(identifier.digest)
        return kept

    def _another(self) -> _New:
        self._new.append(_New(len(self._new)))
        return self._new[-1]

    def final(self, person: _Person) -> _Person:
        """The person that this one has become."""
        while person in self._same:
            person = self._same[person]
        return person

    def row(self, person: _Person) -> int:
        """The row of the person that this one has become, once all have rows."""
        found = self.final(person)
        assert isinstance(found, int)
        return found

    def merged(self) -> dict[int, int]:
        """Rows of persons who turned out to be another, each with the row that stays."""
        return {drop: self.row(drop) for drop in self._same if isinstance(drop, int)}

    def left(self) -> list[_New]:
        """The new persons that did not become another."""
        return [new for new in self._new if new not in self._same]

    def settle(self, rows: Iterator[int]) -> None:
        """Gives each new person that is left its row."""
        self._same |= {new: next(rows) for new in self.left()}


def _joining(record: Record) -> list[Identifier]:
    """The identifiers that say whose a record is."""
    sure = [i for i in record.identifiers if i.type != "phone"]
    return sure if any(i.type == "email" for i in sure) else list(record.identifiers)


class Subjects:
    """The persons behind records, known by keyed identifiers alone."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop

    def join(self, connection: Connection, records: Sequence[Record], *, key: str) -> dict[Ref, int]:
        """Finds or makes the subject of each record; records that share an identifier are one person's."""
        joined = _Joined(self._known(connection, {i.digest for r in records for i in r.identifiers}))
        of_record = {record.ref: joined.join(record) for record in records if record.identifiers}
        self._merge(connection, joined.merged())
        joined.settle(self._new_subjects(connection, len(joined.left())))
        self._remember(connection, [(i, joined.row(person)) for i, person in joined.fresh], key)
        self._share(connection, joined.shared)
        return {ref: joined.row(person) for ref, person in of_record.items()}

    def become_one(self, connection: Connection, gone: int | None, kept: int | None) -> None:
        """Two persons turned out to be the same: records and identifiers of one are the other's now."""
        if gone is not None and kept is not None and gone != kept:
            self._merge(connection, {gone: kept})

    def _known(self, connection: Connection, digests: set[bytes]) -> dict[bytes, int]:
        table = schema.identifier
        rows: dict[bytes, int] = {}
        for some in in_chunks(sorted(digests)):
            chosen = select(table.c.digest, table.c.subject).where(
                table.c.shop == self.shop, table.c.digest.in_(some)
            )
            rows.update((digest, subject) for digest, subject in connection.execute(chosen))
        return rows

    def _remember(self, connection: Connection, fresh: Sequence[tuple[Identifier, int]], key: str) -> None:
        rows = [
            {"shop": self.shop, "digest": i.digest, "type": i.type, "key": key, "subject": subject}
            for i, subject in fresh
        ]
        write_many(connection, insert(schema.identifier), rows)

    def _share(self, connection: Connection, digests: Sequence[bytes]) -> None:
        table = schema.identifier
        here = update(table).where(table.c.shop == self.shop, table.c.digest == bindparam("digest_"))
        write_many(connection, here.values(subject=SHARED), [{"digest_": digest} for digest in digests])

    def _new_subjects(self, connection: Connection, count: int) -> Iterator[int]:
        if not count:
            return iter(())
        made = insert(schema.subject).returning(schema.subject.c.id)
        return iter(sorted(connection.scalars(made, [{"shop": self.shop, "dirty": True}] * count)))

    def _merge(self, connection: Connection, merged: dict[int, int]) -> None:
        rows = [{"drop_": drop, "keep_": keep} for drop, keep in merged.items()]
        for table in (schema.identifier, schema.record):
            moved = update(table).where(table.c.subject == bindparam("drop_"))
            write_many(connection, moved.values(subject=bindparam("keep_")), rows)
        people = schema.subject
        write_many(connection, delete(people).where(people.c.id == bindparam("drop_")), rows)
        self.dirty(connection, merged.values())

    def dirty(self, connection: Connection, subjects: Iterable[int | None]) -> None:
        """What is known of these people is counted anew before anything is decided."""
        table = schema.subject
        write_many(
            connection,
            update(table).where(table.c.id == bindparam("id_"), table.c.dirty.is_(False)).values(dirty=True),
            [{"id_": subject} for subject in sorted({s for s in subjects if s is not None})],
        )

    def dirty_people_of(self, connection: Connection, chosen: Select[Any]) -> None:
        connection.execute(update(schema.subject).where(schema.subject.c.id.in_(chosen)).values(dirty=True))

    def dirty_subjects_of_rows(self, connection: Connection, ids: Sequence[int]) -> None:
        """The people behind these rows are recounted before accounts are decided."""
        for some in in_chunks(ids):
            self.dirty_people_of(
                connection, select(schema.record.c.subject).where(schema.record.c.id.in_(some))
            )

    def part(self, connection: Connection, ids: Sequence[int]) -> None:
        """These records are nobody's from now on; their persons are recounted by the caller."""
        for some in in_chunks(ids):
            connection.execute(update(schema.record).where(schema.record.c.id.in_(some)).values(subject=None))

    def refresh_subjects(self, connection: Connection, *, kinds: Sequence[Kind] = tuple(Kind)) -> int:
        """Recounts what is known of each person whose records changed; those of `kinds` are re-decided."""
        changed = after = 0
        while rows := self._summaries(connection, after):
            after = rows[-1].id
            self._forget(connection, [row.id for row in rows if not row.records])
            changed += self._renew(connection, [row for row in rows if row.records], kinds)
        return changed

    def _summaries(self, connection: Connection, after: int) -> Sequence[Row[Any]]:
        """What the records of some dirty subjects say, in order of the subjects' ids."""
        table, people = schema.record, schema.subject
        dialect = self.ledger.dialect
        # An account's own holds come from its person's orders: counted here, they would never end.
        holds = case((table.c.kind == Kind.ORDER, table.c.holds), else_="")
        listed = dialect.listed(holds)
        dirty = (
            select(people.c.id, people.c.facts)
            .where(people.c.shop == self.shop, people.c.dirty.is_(True), people.c.id > after)
            .order_by(people.c.id)
            .limit(AT_ONCE)
            .subquery()
        )
        return connection.execute(
            select(
                dirty.c.id,
                dirty.c.facts,
                func.count(table.c.id).label("records"),
                func.max(table.c.purchased).label("purchased"),
                func.max(table.c.last_login).label("login"),
                dialect.any_of(table.c.living).label("living"),
                dialect.any_of(table.c.kind == Kind.CUSTOMER).label("account"),
                dialect.any_of(_is_decided()).label("decided"),
                listed.label("holds"),
            )
            .select_from(dirty.outerjoin(table, (table.c.subject == dirty.c.id) & table.c.gone.is_(False)))
            .group_by(dirty.c.id, dirty.c.facts)
            .order_by(dirty.c.id)
        ).all()

    def _forget(self, connection: Connection, subjects: Sequence[int]) -> None:
        """Nothing is left of these people: their keyed identifiers go too."""
        rows = [{"id_": subject} for subject in subjects]
        for column in (schema.identifier.c.subject, schema.subject.c.id):
            write_many(connection, delete(column.table).where(column == bindparam("id_")), rows)

    def _renew(self, connection: Connection, rows: Sequence[Row[Any]], kinds: Sequence[Kind]) -> int:
        table, people = schema.record, schema.subject
        told = [(row, _written_facts(row)) for row in rows]
        new = [row for row, facts in told if facts != row.facts]
        # Most of them have only rows that no plan has decided yet: nothing is to be said of those again.
        again = [(row.id,) for row in new if row.decided]
        write_tuples(
            connection,
            update(table)
            .where(table.c.subject == bindparam("id_"), table.c.gone.is_(False), _is_decided())
            .where(or_(*(table.c.kind == str(kind) for kind in kinds)))
            .values(next_due=MUST_DECIDE),
            ("id_",),
            again,
        )
        write_tuples(
            connection,
            update(people)
            .where(people.c.id == bindparam("id_"))
            .values(facts=bindparam("facts_"), dirty=bindparam("dirty_")),
            ("dirty_", "facts_", "id_"),
            [(False, facts, row.id) for row, facts in told],
        )
        return len(new)


def _is_decided() -> ColumnElement[bool]:
    return schema.record.c.next_due.is_distinct_from(MUST_DECIDE)


def _written_facts(row: Row[Any]) -> bytes:
    """What is known of a person, as it is stored."""
    return _encoded(row.purchased, row.login, row.living, row.account, row.holds)


# Most people differ in little: their texts are made once.
@lru_cache(maxsize=20_000)
def _encoded(
    purchased: str | None, login: str | None, living: bool, account: bool, listed: str | None
) -> bytes:
    holds = [h for h in (listed or "").split(",") if h]
    return encode(
        SubjectFacts(
            last_purchase=_day(purchased),
            last_login=_day(login),
            open_orders=holds.count(HoldId.OPEN_ORDER.value),
            living_subscription=bool(living),
            has_account=bool(account),
            order_holds=tuple(HoldId(h) for h in sorted(set(holds))),
        )
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
