"""The index: what each record says without its person, and which records are one person's."""

from array import array
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.sql import Select

from connector.ledger import schema
from connector.ledger.store import Ledger
from connector.records import (
    FIELD_BITS,
    Field,
    HoldId,
    Identifier,
    Kind,
    Record,
    Ref,
    SubjectFacts,
    Value,
)

MUST_DECIDE = ""
IDENTIFYING = (
    FIELD_BITS[Field.NAME]
    | FIELD_BITS[Field.EMAIL]
    | FIELD_BITS[Field.PHONE]
    | FIELD_BITS[Field.ACCOUNT]
    | FIELD_BITS[Field.PERSONAL_NUMBER]
    | FIELD_BITS[Field.BILLING_ADDRESS]
    | FIELD_BITS[Field.SHIPPING_ADDRESS]
)
_encode = msgspec.json.Encoder().encode
_decode_record = msgspec.json.Decoder(Record).decode
_decode_subject = msgspec.json.Decoder(SubjectFacts).decode


class Row(Value, frozen=True, kw_only=True):
    """One row of the index, as planning reads it."""

    id: int
    record: Record
    subject: int | None = None
    tallies: str = ""
    holds: str = ""


class Index:
    """Records and subjects of one shop."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop

    # Cursors ------------------------------------------------------------------------------

    def cursor(self, adapter: str, kind: Kind) -> tuple[str, str | None] | None:
        """Where the last pull stood, and when all records were last walked."""
        table = schema.cursor
        with self.ledger.begin() as connection:
            row = connection.execute(
                select(table.c.value, table.c.full_at).where(
                    table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind
                )
            ).first()
        return None if row is None else (row.value, row.full_at)

    def set_cursor(self, connection: Connection, adapter: str, kind: Kind, value: str, *, full: bool) -> None:
        """Stores the cursor together with the page it belongs to."""
        now = self.ledger.now()
        values = {"value": value, "at": now} | ({"full_at": now} if full else {})
        connection.execute(
            self.ledger.upsert(schema.cursor)
            .values(shop=self.shop, adapter=adapter, kind=kind, **values)
            .on_conflict_do_update(index_elements=["shop", "adapter", "kind"], set_=values)
        )

    # Records ------------------------------------------------------------------------------

    def store(self, connection: Connection, records: Sequence[Record], *, key: str, walk: int) -> int:
        """Keeps each record once, in its newest version; returns how many are new or changed."""
        newest: dict[Ref, Record] = {}
        for record in records:
            other = newest.get(record.ref)
            if other is None or record.version >= other.version:
                newest[record.ref] = record
        subjects = self._join(connection, list(newest.values()), key=key)
        stored = self._stored(connection, newest.values())
        changed = []
        for record in newest.values():
            before = stored.get(record.ref)
            news = record if before is None else _news(record, before)
            if news is not None:
                changed.append(news)
        fresh = {record.ref for record in changed}
        self._touch(connection, [s.id for ref, s in stored.items() if ref not in fresh], walk)
        for record in changed:
            self._write(connection, record, subjects.get(record.ref), walk)
        return len(changed)

    def _stored(self, connection: Connection, records: Iterable[Record]) -> dict[Ref, "_Stored"]:
        table = schema.record
        found: dict[Ref, _Stored] = {}
        by_kind: dict[tuple[str, Kind], list[str]] = {}
        for record in records:
            by_kind.setdefault((record.ref.adapter, record.ref.kind), []).append(record.ref.id)
        for (adapter, kind), ids in by_kind.items():
            for start in range(0, len(ids), 500):
                rows = connection.execute(
                    select(table.c.id, table.c.remote_id, table.c.body, table.c.gone).where(
                        table.c.shop == self.shop,
                        table.c.adapter == adapter,
                        table.c.kind == kind,
                        table.c.remote_id.in_(ids[start : start + 500]),
                    )
                )
                for row in rows:
                    found[Ref(adapter=adapter, kind=kind, id=row.remote_id)] = _Stored(
                        row.id, _decode_record(row.body), row.gone
                    )
        return found

    def _touch(self, connection: Connection, ids: Sequence[int], walk: int) -> None:
        table = schema.record
        if ids:
            connection.execute(update(table).where(table.c.id.in_(ids)).values(seen=walk))

    def _write(self, connection: Connection, record: Record, subject: int | None, walk: int) -> None:
        table = schema.record
        values = {
            "version": record.version,
            "body": _encode(_without_identifiers(record)),
            "present": record.present,
            "subject": subject if record.present & IDENTIFYING else None,
            "purchased": _purchased(record),
            "last_login": _iso(record.facts.last_login),
            "living": record.ref.kind is Kind.SUBSCRIBER and record.facts.status == "subscribed",
            "next_due": MUST_DECIDE,
            "seen": walk,
            "gone": False,
        }
        row_id = connection.scalar(
            self.ledger.upsert(table)
            .values(
                shop=self.shop,
                adapter=record.ref.adapter,
                kind=record.ref.kind,
                remote_id=record.ref.id,
                **values,
            )
            .on_conflict_do_update(
                index_elements=["shop", "adapter", "kind", "remote_id"],
                set_=values,
                where=table.c.version <= record.version,
            )
            .returning(table.c.id)
        )
        if row_id is not None:
            self._mark(connection, row_id, record)

    def _mark(self, connection: Connection, row_id: int, record: Record) -> None:
        connection.execute(delete(schema.mark).where(schema.mark.c.record == row_id))
        marks = [
            {"record": row_id, "code": s.code, "place": s.place, "count": s.count} for s in record.surprises
        ] + [{"record": row_id, "code": "residue", "place": place, "count": 1} for place in record.residue]
        if marks:
            connection.execute(insert(schema.mark), marks)

    def forget_unseen(self, connection: Connection, adapter: str, kind: Kind, walk: int) -> int:
        """Marks gone what a walk over all records did not see; returns how many."""
        table = schema.record
        here = (table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind)
        self._dirty_subjects_of(
            connection, select(table.c.subject).where(*here, table.c.seen != walk, table.c.gone.is_(False))
        )
        result = connection.execute(
            update(table)
            .where(*here, table.c.seen != walk, table.c.gone.is_(False))
            .values(gone=True, subject=None, next_due=MUST_DECIDE)
        )
        return int(result.rowcount)

    def settle(self, connection: Connection, row_id: int, record: Record | None) -> None:
        """Stores what a record holds after we touched it; None where it is gone.

        The modification date stays the shop's own: our write is no sign of life.
        """
        table = schema.record
        self._dirty_subjects_of(connection, select(table.c.subject).where(table.c.id == row_id))
        if record is None:
            values: dict[str, Any] = {"gone": True, "subject": None, "present": 0}
        else:
            before = connection.scalar(select(table.c.body).where(table.c.id == row_id))
            modified = _decode_record(before).facts.modified if before else None
            facts = msgspec.structs.replace(record.facts, modified=modified, subject=None)
            record = msgspec.structs.replace(record, facts=facts, identifiers=())
            values = {"version": record.version, "body": _encode(record), "present": record.present}
            if not record.present & IDENTIFYING:
                values["subject"] = None
            self._mark(connection, row_id, record)
        connection.execute(update(table).where(table.c.id == row_id).values(next_due=MUST_DECIDE, **values))

    # Subjects -----------------------------------------------------------------------------

    def _join(self, connection: Connection, records: Sequence[Record], *, key: str) -> dict[Ref, int]:
        """Finds or makes the subject of each record; records that share an identifier are one person's."""
        known = self._known(connection, {i.digest for r in records for i in r.identifiers})
        of_record: dict[Ref, int] = {}
        for record in records:
            if not record.identifiers:
                continue
            found = sorted({known[i.digest] for i in record.identifiers if i.digest in known})
            subject = found[0] if found else self._new_subject(connection)
            for other in found[1:]:
                self._merge(connection, keep=subject, drop=other)
                known = {digest: subject if s == other else s for digest, s in known.items()}
                of_record = {ref: subject if s == other else s for ref, s in of_record.items()}
            fresh = [i for i in record.identifiers if i.digest not in known]
            self._remember(connection, fresh, subject, key)
            known |= {i.digest: subject for i in fresh}
            of_record[record.ref] = subject
        self._dirty(connection, set(of_record.values()))
        return of_record

    def _known(self, connection: Connection, digests: set[bytes]) -> dict[bytes, int]:
        table = schema.identifier
        rows: dict[bytes, int] = {}
        ordered = sorted(digests)
        for start in range(0, len(ordered), 500):
            rows |= {
                row.digest: row.subject
                for row in connection.execute(
                    select(table.c.digest, table.c.subject).where(
                        table.c.shop == self.shop, table.c.digest.in_(ordered[start : start + 500])
                    )
                )
            }
        return rows

    def _new_subject(self, connection: Connection) -> int:
        result = connection.execute(insert(schema.subject).values(shop=self.shop, dirty=True))
        assert result.inserted_primary_key is not None
        return int(result.inserted_primary_key[0])

    def _remember(
        self, connection: Connection, identifiers: Sequence[Identifier], subject: int, key: str
    ) -> None:
        if identifiers:
            connection.execute(
                insert(schema.identifier),
                [
                    {"shop": self.shop, "digest": i.digest, "type": i.type, "key": key, "subject": subject}
                    for i in {i.digest: i for i in identifiers}.values()
                ],
            )

    def _merge(self, connection: Connection, *, keep: int, drop: int) -> None:
        for table in (schema.identifier, schema.record):
            connection.execute(update(table).where(table.c.subject == drop).values(subject=keep))
        connection.execute(delete(schema.subject).where(schema.subject.c.id == drop))

    def _dirty(self, connection: Connection, subjects: set[int]) -> None:
        table, ordered = schema.subject, sorted(subjects)
        for start in range(0, len(ordered), 500):
            connection.execute(
                update(table).where(table.c.id.in_(ordered[start : start + 500])).values(dirty=True)
            )

    def _dirty_subjects_of(self, connection: Connection, chosen: Select[Any]) -> None:
        connection.execute(update(schema.subject).where(schema.subject.c.id.in_(chosen)).values(dirty=True))

    def refresh_subjects(self, connection: Connection, *, kinds: Sequence[Kind] = tuple(Kind)) -> int:
        """Recounts what is known of each person whose records changed; those of `kinds` are re-decided."""
        table, people = schema.record, schema.subject
        dirty = select(people.c.id).where(people.c.shop == self.shop, people.c.dirty.is_(True))
        summary = connection.execute(
            select(
                people.c.id,
                people.c.facts,
                func.max(table.c.purchased).label("purchased"),
                func.max(table.c.last_login).label("login"),
                func.max(table.c.living).label("living"),
                func.max(table.c.kind == Kind.CUSTOMER).label("account"),
                func.group_concat(table.c.holds).label("holds")
                if self.ledger.engine.dialect.name == "sqlite"
                else func.string_agg(table.c.holds, ",").label("holds"),
            )
            .select_from(people.outerjoin(table, (table.c.subject == people.c.id) & table.c.gone.is_(False)))
            .where(people.c.id.in_(dirty))
            .group_by(people.c.id, people.c.facts)
        ).all()
        updates = []
        for row in summary:
            facts = _encode(_subject_facts(row))
            if facts != row.facts:
                updates.append({"id_": row.id, "facts_": facts})
        if updates:
            connection.execute(
                update(people).where(people.c.id == bindparam("id_")).values(facts=bindparam("facts_")),
                updates,
            )
            connection.execute(
                update(table)
                .where(
                    table.c.subject == bindparam("id_"),
                    table.c.gone.is_(False),
                    or_(*(table.c.kind == str(kind) for kind in kinds)),
                )
                .values(next_due=MUST_DECIDE),
                [{"id_": u["id_"]} for u in updates],
            )
        connection.execute(update(people).where(people.c.id.in_(dirty)).values(dirty=False))
        return len(updates)

    # Reading ------------------------------------------------------------------------------

    def due_ids(self, connection: Connection, *, kinds: Sequence[Kind], today: date) -> "array[int]":
        """Rows that must be decided: new, changed, or whose next date has come; in order of id."""
        table = schema.record
        ids = connection.scalars(
            select(table.c.id)
            .where(
                table.c.shop == self.shop,
                table.c.kind.in_([str(k) for k in kinds]),
                table.c.gone.is_(False),
                table.c.next_due <= today.isoformat(),
            )
            .order_by(table.c.id)
            .execution_options(yield_per=10_000)
        )
        return array("q", ids)

    def dirty_subjects_of_rows(self, connection: Connection, ids: Sequence[int]) -> None:
        """The people behind these rows are recounted before accounts are decided."""
        for start in range(0, len(ids), 500):
            self._dirty_subjects_of(
                connection,
                select(schema.record.c.subject).where(schema.record.c.id.in_(ids[start : start + 500])),
            )

    def rows(self, connection: Connection, ids: Sequence[int]) -> dict[int, Row]:
        """These rows, with what is known of their people."""
        table, people = schema.record, schema.subject
        found = {}
        for start in range(0, len(ids), 500):
            for row in connection.execute(
                select(
                    table.c.id, table.c.body, table.c.subject, table.c.tallies, table.c.holds, people.c.facts
                )
                .select_from(table.outerjoin(people, people.c.id == table.c.subject))
                .where(table.c.id.in_(ids[start : start + 500]))
            ):
                found[row.id] = Row(
                    id=row.id,
                    record=_with_subject(_decode_record(row.body), row.facts),
                    subject=row.subject,
                    tallies=row.tallies,
                    holds=row.holds,
                )
        return found

    def find(self, connection: Connection, *, kind: Kind, number: str) -> Row | None:
        """The record that the merchant knows by this number or id."""
        table = schema.record
        ids = connection.scalars(
            select(table.c.id).where(
                table.c.shop == self.shop,
                table.c.kind == kind,
                or_(table.c.remote_id == number, func.json_extract(table.c.body, "$.label") == number),
            )
        ).all()
        return next(iter(self.rows(connection, list(ids)).values()), None)

    def gone_rows(self, connection: Connection) -> list[tuple[int, str]]:
        """Rows of records that are gone and still counted: their id and tallies."""
        table = schema.record
        return [
            (row.id, row.tallies)
            for row in connection.execute(
                select(table.c.id, table.c.tallies).where(
                    table.c.shop == self.shop, table.c.gone.is_(True), table.c.next_due == MUST_DECIDE
                )
            )
        ]

    def undelivered(self, connection: Connection, *, limit: int) -> dict[str, list[tuple[int, Ref]]]:
        """Open orders with a parcel on its way, by adapter: their row and place."""
        table = schema.record
        rows = connection.execute(
            select(table.c.id, table.c.body)
            .where(
                table.c.shop == self.shop,
                table.c.kind == Kind.ORDER,
                table.c.gone.is_(False),
                table.c.holds.contains(HoldId.OPEN_ORDER.value),
            )
            .order_by(table.c.id)
        )
        found: dict[str, list[tuple[int, Ref]]] = {}
        count = 0
        for row in rows:
            record = _decode_record(row.body)
            if record.facts.delivered is None and "tracking_number" in record.copies and count < limit:
                found.setdefault(record.ref.adapter, []).append((row.id, record.ref))
                count += 1
        return found

    def redecide_all(self, connection: Connection) -> None:
        """A new policy decides every row anew, locally."""
        table = schema.record
        connection.execute(
            update(table)
            .where(table.c.shop == self.shop, table.c.gone.is_(False))
            .values(next_due=MUST_DECIDE)
        )

    def counts(self, connection: Connection) -> dict[tuple[Kind, str], int]:
        """Live records by kind and state of their last decision."""
        table = schema.record
        rows = connection.execute(
            select(table.c.kind, table.c.state, func.count())
            .where(table.c.shop == self.shop, table.c.gone.is_(False))
            .group_by(table.c.kind, table.c.state)
        )
        return {(Kind(kind), state): count for kind, state, count in rows}

    def marks(self, connection: Connection) -> list[tuple[str, str, str, int, int]]:
        """Surprises and residue of live records: code, place, kind, records, findings."""
        table, marks = schema.record, schema.mark
        rows = connection.execute(
            select(marks.c.code, marks.c.place, table.c.kind, func.count(), func.sum(marks.c.count))
            .select_from(marks.join(table, table.c.id == marks.c.record))
            .where(table.c.shop == self.shop, table.c.gone.is_(False))
            .group_by(marks.c.code, marks.c.place, table.c.kind)
            .order_by(marks.c.code, marks.c.place)
        )
        return [(r[0], r[1], r[2], int(r[3]), int(r[4])) for r in rows]

    def mark_samples(self, connection: Connection, code: str, place: str, limit: int = 5) -> list[str]:
        """The numbers of a few records with this surprise."""
        table, marks = schema.record, schema.mark
        bodies = connection.scalars(
            select(table.c.body)
            .select_from(marks.join(table, table.c.id == marks.c.record))
            .where(
                table.c.shop == self.shop,
                table.c.gone.is_(False),
                marks.c.code == code,
                marks.c.place == place,
            )
            .order_by(table.c.id.desc())
            .limit(limit)
        )
        return [r.label or r.ref.id for r in map(_decode_record, bodies)]


class _Stored(NamedTuple):
    id: int
    record: Record
    gone: bool


def _news(record: Record, stored: _Stored) -> Record | None:
    """The record as it should be stored, None where nothing but a version number is new.

    A version seen before is our own write, or another run's: its modification date is not the
    shop's doing. Fields that were read at apply (order notes) stay read until something changes.
    """
    before, now = stored.record, _without_identifiers(record)
    # A carrier told us of the delivery, a person of the warning; the shop itself never knew.
    learned = msgspec.structs.replace(
        now.facts,
        delivered=now.facts.delivered or before.facts.delivered,
        warned=now.facts.warned or before.facts.warned,
    )
    now = msgspec.structs.replace(now, facts=learned)
    if stored.gone:
        return record
    if now.version < before.version:
        return None
    if now.version == before.version:
        facts = msgspec.structs.replace(now.facts, modified=before.facts.modified)
        now = msgspec.structs.replace(now, facts=facts)
    facts = msgspec.structs.replace(now.facts, modified=before.facts.modified)
    if msgspec.structs.replace(now, version=before.version, unread=before.unread, facts=facts) == before:
        now = msgspec.structs.replace(now, unread=before.unread)
    return None if now == before else msgspec.structs.replace(now, identifiers=record.identifiers)


def _without_identifiers(record: Record) -> Record:
    return msgspec.structs.replace(record, identifiers=())


def _with_subject(record: Record, facts: bytes | None) -> Record:
    if facts is None:
        return record
    return msgspec.structs.replace(
        record, facts=msgspec.structs.replace(record.facts, subject=_decode_subject(facts))
    )


def _purchased(record: Record) -> str | None:
    """The day of a purchase that was paid, or at least not cancelled or failed."""
    facts = record.facts
    if record.ref.kind is not Kind.ORDER or facts.status in ("failed", "cancelled", "pending", "trash"):
        return _iso(facts.last_purchase) if record.ref.kind is Kind.CUSTOMER else None
    return _iso(facts.paid or facts.created)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _subject_facts(row: Any) -> SubjectFacts:
    holds = [h for h in (row.holds or "").split(",") if h]
    return SubjectFacts(
        last_purchase=_day(row.purchased),
        last_login=_day(row.login),
        open_orders=holds.count(HoldId.OPEN_ORDER.value),
        living_subscription=bool(row.living),
        has_account=bool(row.account),
        order_holds=tuple(HoldId(h) for h in sorted(set(holds))),
    )
