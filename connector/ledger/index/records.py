"""Writing the index: what was pulled, and what a record holds after we touched it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, or_, select, update

from connector.ledger import schema
from connector.ledger.index.hidden_fields import Shown
from connector.ledger.index.marks import Marks
from connector.ledger.index.rows import (
    IDENTIFYING,
    MUST_DECIDE,
    Stored,
    after_our_write,
    columns_of,
    kept_through,
    news,
)
from connector.ledger.index.subjects import Subjects
from connector.ledger.store import Ledger, in_chunks, write_many
from connector.ledger.unsettled import not_read_back
from connector.places.numbers import taken_in
from connector.records import Facts, Kind, Record, Ref

_PLACE = ("shop", "adapter", "kind", "remote_id")


class Met(NamedTuple):
    """The walk that met some records; `newer` came into being after it began, so no count has them."""

    walk: int
    newer: Collection[Ref] = ()


class Records:
    """What is known of one shop's records, written as they were read."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop
        self._subjects = Subjects(ledger)
        self._marks = Marks(ledger)

    def store(
        self,
        connection: Connection,
        records: Sequence[Record],
        met: Met,
        *,
        key: str,
        shown: Shown | None = None,
    ) -> int:
        """Keeps each record once, in its newest version; returns how many are new or changed.

        `shown` is told which fields each record carries now, and carried before.
        """
        newest: dict[Ref, Record] = {}
        for record in (taken_in(one, self.ledger.sign) for one in records):
            other = newest.get(record.ref)
            if other is None or record.version >= other.version:
                newest[record.ref] = record
        subjects = self._subjects.join(connection, list(newest.values()), key=key)
        stored = self._stored(connection, newest.values())
        if shown is not None:
            # What a run of ours may have taken and nobody has read back yet is not hidden by the service.
            ours = set(not_read_back(connection, [before.id for before in stored.values()]))
            shown.note(newest, {ref: before for ref, before in stored.items() if before.id not in ours})
        changed: dict[Ref, Record] = {}
        for ref, record in newest.items():
            before = stored.get(ref)
            new = record if before is None else news(record, before)
            if new is not None:
                changed[ref] = new
        same = {ref: before for ref, before in stored.items() if ref not in changed}
        for beyond in (False, True):
            ids = [before.id for ref, before in same.items() if (ref in met.newer) is beyond]
            self._touch(connection, ids, met.walk, beyond=beyond)
        moved = self._follow(connection, same, newest, subjects)
        stay = {ref: was.subject for ref, was in stored.items() if was.subject is not None}
        held = {ref for ref, was in stored.items() if was.holds}
        self.write_rows(connection, self.rows_of(changed, {**stay, **subjects}, met, held))
        known = {ref: stored[ref] for ref in changed if ref in stored}
        self._marks.mark(connection, list(changed.values()), [before.id for before in known.values()])
        left = {before.subject for before in known.values()} | moved
        self._subjects.dirty(connection, left | {subjects.get(ref) for ref in changed})
        return len(changed)

    def _follow(
        self,
        connection: Connection,
        same: Mapping[Ref, Stored],
        newest: Mapping[Ref, Record],
        subjects: Mapping[Ref, int],
    ) -> set[int | None]:
        """Gives records that are as they were their person, where that one is keyed in another form now."""
        moved = {
            before.id: (before.subject, subjects[ref])
            for ref, before in same.items()
            if before.subject not in (None, subjects.get(ref, before.subject))
            and newest[ref].present & IDENTIFYING
            and any(identifier.type != "phone" for identifier in newest[ref].identifiers)
        }
        table = schema.record
        write_many(
            connection,
            update(table).where(table.c.id == bindparam("id_")).values(subject=bindparam("subject_")),
            [{"id_": row_id, "subject_": new} for row_id, (_, new) in moved.items()],
        )
        return {subject for pair in moved.values() for subject in pair}

    def _stored(self, connection: Connection, records: Iterable[Record]) -> dict[Ref, Stored]:
        table = schema.record
        found: dict[Ref, Stored] = {}
        by_kind: dict[tuple[str, Kind], list[str]] = {}
        for record in records:
            by_kind.setdefault((record.ref.adapter, record.ref.kind), []).append(record.ref.id)
        for (adapter, kind), ids in by_kind.items():
            for some in in_chunks(ids):
                chosen = select(table.c.remote_id, *(table.c[name] for name in Stored._fields))
                here = (table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind)
                for remote_id, *columns in connection.execute(
                    chosen.where(*here, table.c.remote_id.in_(some))
                ):
                    found[Ref(adapter=adapter, kind=kind, id=remote_id)] = Stored(*columns)
        return found

    def _touch(self, connection: Connection, ids: Sequence[int], walk: int, *, beyond: bool) -> None:
        table = schema.record
        for some in in_chunks(ids):
            connection.execute(update(table).where(table.c.id.in_(some)).values(seen=walk, beyond=beyond))

    def rows_of(
        self, records: Mapping[Ref, Record], subjects: Mapping[Ref, int], met: Met, held: Collection[Ref]
    ) -> list[dict[str, Any]]:
        """The columns of records that a walk has met, each by its name."""
        return [
            {
                "shop": self.shop,
                "adapter": ref.adapter,
                "kind": ref.kind,
                "remote_id": ref.id,
                "seen": met.walk,
                "beyond": ref in met.newer,
                "state": "new",
                "holds": "",
                "tallies": "",
                **columns_of(record, subjects.get(ref), held=ref in held),
            }
            for ref, record in records.items()
        ]

    def write_rows(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Writes rows that are new or changed; what stands in a newer version there stays."""
        if not rows:
            return
        table = schema.record
        insert = self.ledger.upsert(table)
        decided = ("state", "holds", "tallies")
        renewed = {c: insert.excluded[c] for c in rows[0] if c not in (*_PLACE, *decided)}
        takes_over = or_(table.c.version <= insert.excluded.version, table.c.gone.is_(True))
        write_many(
            connection,
            insert.on_conflict_do_update(index_elements=_PLACE, set_=renewed, where=takes_over),
            rows,
        )

    def before_our_write(self, connection: Connection, facts: Mapping[int, Facts]) -> None:
        """Keeps what these rows' records show now and an erasure may take the traces of.

        To be on disk before the shop is touched: the next read may come before any read-back.
        """
        table = schema.record
        kept: dict[int, bytes | None] = {}
        for some in in_chunks(list(facts)):
            chosen = select(table.c.id, table.c.kept).where(table.c.id.in_(some))
            kept.update((id_, stored) for id_, stored in connection.execute(chosen))
        write_many(
            connection,
            update(table).where(table.c.id == bindparam("id_")).values(kept=bindparam("kept")),
            [{"id_": id_, "kept": kept_through(facts[id_], stored)} for id_, stored in kept.items()],
        )

    def restored(self, connection: Connection, row_id: int, record: Record, *, key: str) -> None:
        """Stores what a record holds after we put something back: it is its person's again."""
        seen = connection.scalar(select(schema.record.c.seen).where(schema.record.c.id == row_id))
        self.store(connection, [record], Met(int(seen or 0)), key=key)

    def settle(self, connection: Connection, row_id: int, record: Record | None) -> frozenset[int]:
        """Stores what one record holds after we touched it, as `settle_all`; None where it is gone."""
        return self.settle_all(connection, {row_id: record})

    def settle_all(
        self, connection: Connection, records: Mapping[int, Record | None], *, word: str = "confirmed"
    ) -> frozenset[int]:
        """Stores what records hold after we touched them; None where one is gone, on whose word.

        The modification date stays the shop's own: our write is no sign of life. Returns the persons that
        these records were of and are no longer.
        """
        self._subjects.dirty_subjects_of_rows(connection, list(records))
        leaving = self._people_of(
            connection, [i for i, one in records.items() if one is None or not one.present & IDENTIFYING]
        )
        before = self._bodies(connection, [row_id for row_id, record in records.items() if record])
        there = {
            row_id: after_our_write(record, before[row_id].body, before[row_id].kept)
            for row_id, record in records.items()
            if record is not None and row_id in before
        }
        here = update(schema.record).where(schema.record.c.id == bindparam("id_"))
        rows = [
            {"id_": i, **columns_of(record, before[i].subject, held=bool(before[i].holds))}
            for i, record in there.items()
        ]
        if rows:
            renewed: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "id_"}
            write_many(connection, here.values(renewed), rows)
        self._marks.mark(connection, list(there.values()), list(there))
        write_many(
            connection,
            here.values(gone=True, gone_word=word, subject=None, present=0, next_due=MUST_DECIDE),
            [{"id_": row_id} for row_id, record in records.items() if record is None],
        )
        return leaving

    def _people_of(self, connection: Connection, ids: Sequence[int]) -> frozenset[int]:
        table, found = schema.record, set[int]()
        for some in in_chunks(ids):
            here = (table.c.id.in_(some), table.c.subject.is_not(None))
            found |= set(connection.scalars(select(table.c.subject).where(*here)))
        return frozenset(found)

    def _bodies(self, connection: Connection, ids: Sequence[int]) -> dict[int, Stored]:
        table = schema.record
        found: dict[int, Stored] = {}
        for some in in_chunks(ids):
            columns = [table.c[name] for name in Stored._fields]
            rows = connection.execute(select(*columns).where(table.c.id.in_(some)))
            found.update((row.id, Stored(*row)) for row in rows)
        return found
