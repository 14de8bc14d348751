"""Writing the index: what was pulled, what is gone, what a record holds after we touched it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, literal, or_, select, update

from connector.basis import Basis
from connector.ledger import schema
from connector.ledger.index.hidden_fields import Shown
from connector.ledger.index.marks import Marks
from connector.ledger.index.reading import Reading
from connector.ledger.index.rows import (
    IDENTIFYING,
    MUST_DECIDE,
    Standing,
    Stored,
    after_our_write,
    columns_of,
    kept_through,
    news,
)
from connector.ledger.index.subjects import Subjects
from connector.ledger.store import in_chunks, write_many
from connector.ledger.unsettled import not_read_back
from connector.places.numbers import taken_in
from connector.records import Facts, HoldId, Kind, Record, Ref

_PLACE = ("shop", "adapter", "kind", "remote_id")


class Met(NamedTuple):
    """The walk that met some records; `newer` came into being after it began, so no count has them."""

    walk: int
    newer: Collection[Ref] = ()


class Index(Subjects, Marks, Reading):
    """Records and subjects of one shop."""

    # Cursors ------------------------------------------------------------------------------

    def cursor(self, adapter: str, kind: Kind) -> Standing | None:
        """Where the last pull stood, when all records were last walked, and what was missing."""
        table = schema.cursor
        with self.ledger.begin() as connection:
            row = connection.execute(
                select(table.c.value, table.c.full_at, table.c.missing, table.c.why).where(
                    table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind
                )
            ).first()
        return None if row is None else Standing(*row)

    def set_cursor(self, connection: Connection, adapter: str, kind: Kind, value: str) -> None:
        """Stores the cursor together with the page it belongs to."""
        values = {"value": value, "at": self.ledger.now()}
        connection.execute(
            self.ledger.upsert(schema.cursor)
            .values(shop=self.shop, adapter=adapter, kind=kind, why="", **values)
            .on_conflict_do_update(index_elements=["shop", "adapter", "kind"], set_=values)
        )

    def pull_ended(
        self, connection: Connection, place: tuple[str, Kind], *, missing: int, why: str, full: bool
    ) -> None:
        """A pull ran to its end: what the service counted and did not show; `full` where it walked all."""
        table, now, (adapter, kind) = schema.cursor, self.ledger.now(), place
        here = (table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind)
        whole: dict[str, Any] = {"full_at": now} if full and not missing and not why else {}
        connection.execute(update(table).where(*here).values(ended_at=now, missing=missing, why=why, **whole))

    def pull_failed(self, connection: Connection, adapter: str, kind: Kind, *, why: str) -> None:
        """A pull did not run to its end: since when, and how many were missing then, stays as it was."""
        table = schema.cursor
        here = (table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind)
        connection.execute(update(table).where(*here).values(why=why))

    def bases(self, connection: Connection) -> list[Basis]:
        """What is known of each kind: complete as of when, or incomplete by how many."""
        table = schema.cursor
        rows = connection.execute(
            select(table).where(table.c.shop == self.shop).order_by(table.c.adapter, table.c.kind)
        )
        return [
            Basis(
                adapter=row.adapter,
                kind=Kind(row.kind),
                as_of=row.ended_at,
                missing=row.missing,
                why=row.why,
            )
            for row in rows
        ]

    # What was pulled ----------------------------------------------------------------------

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
        subjects = self._join(connection, list(newest.values()), key=key)
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
        self._write(connection, changed, subjects, met)
        known = {ref: stored[ref] for ref in changed if ref in stored}
        self._mark(connection, list(changed.values()), [before.id for before in known.values()])
        left = {before.subject for before in known.values()} | moved
        self._dirty(connection, left | {subjects.get(ref) for ref in changed})
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
                columns_ = (table.c.id, table.c.body, table.c.gone, table.c.subject, table.c.kept)
                chosen = select(table.c.remote_id, *columns_, table.c.present)
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

    def _write(
        self,
        connection: Connection,
        records: Mapping[Ref, Record],
        subjects: Mapping[Ref, int],
        met: Met,
    ) -> None:
        table = schema.record
        rows = [
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
                **columns_of(record, subjects.get(ref)),
            }
            for ref, record in records.items()
        ]
        if not rows:
            return
        insert = self.ledger.upsert(table)
        decided = ("state", "holds", "tallies")
        renewed = {c: insert.excluded[c] for c in rows[0] if c not in (*_PLACE, *decided)}
        takes_over = or_(table.c.version <= insert.excluded.version, table.c.gone.is_(True))
        write_many(
            connection,
            insert.on_conflict_do_update(index_elements=_PLACE, set_=renewed, where=takes_over),
            rows,
        )

    def unmet(self, connection: Connection, adapter: str, kind: Kind, walk: int) -> list[Ref]:
        """Living records of a kind that a walk over all has not met: absence says nothing yet."""
        table = schema.record
        chosen = select(table.c.remote_id).where(*self._living(adapter, kind), table.c.seen != walk)
        return [Ref(adapter=adapter, kind=kind, id=id_) for id_ in connection.scalars(chosen)]

    def met(self, connection: Connection, adapter: str, kind: Kind, walk: int) -> int:
        """How many records a walk has met of those that existed when it began."""
        table = schema.record
        chosen = select(func.count()).where(
            *self._living(adapter, kind), table.c.seen == walk, table.c.beyond.is_(False)
        )
        return int(connection.scalar(chosen) or 0)

    def by_status(
        self, connection: Connection, adapter: str, kind: Kind, *, beyond: bool = True
    ) -> dict[str, int]:
        """Living records of a kind that could be read, by status; without `beyond` those of the last walk's
        count alone."""
        table, unread = schema.record, schema.unread
        status = func.coalesce(func.json_extract(table.c.body, "$.facts.status"), "")
        lost = select(unread.c.id).where(
            unread.c.shop == table.c.shop, unread.c.adapter == table.c.adapter, unread.c.kind == table.c.kind,
            unread.c.remote_id == table.c.remote_id,
        )  # fmt: skip
        chosen = select(status, func.count()).where(*self._living(adapter, kind), ~lost.exists())
        if not beyond:
            chosen = chosen.where(table.c.beyond.is_(False))
        return {str(row[0]): int(row[1]) for row in connection.execute(chosen.group_by(status))}

    def _living(self, adapter: str, kind: Kind) -> tuple[ColumnElement[bool], ...]:
        table = schema.record
        return (
            table.c.shop == self.shop,
            table.c.adapter == adapter,
            table.c.kind == kind,
            table.c.gone.is_(False),
        )

    def mark_gone(self, connection: Connection, refs: Sequence[Ref], *, word: str = "said") -> int:
        """Marks gone what the service itself said it no longer has; returns how many were not yet."""
        table, marked = schema.record, 0
        by_place: dict[tuple[str, Kind], list[str]] = {}
        for ref in refs:
            by_place.setdefault((ref.adapter, ref.kind), []).append(ref.id)
        for (adapter, kind), ids in by_place.items():
            for some in in_chunks(ids):
                here = (*self._living(adapter, kind), table.c.remote_id.in_(some))
                self._dirty_subjects_of(connection, select(table.c.subject).where(*here))
                values = {"gone": True, "gone_word": word, "subject": None, "next_due": MUST_DECIDE}
                marked += int(connection.execute(update(table).where(*here).values(**values)).rowcount)
        return marked

    def in_doubt(self, connection: Connection, adapter: str, kind: Kind, *, limit: int) -> list[Ref]:
        """Records marked gone on a word that nobody has asked for twice: an absence ends by itself."""
        table = schema.record
        chosen = (
            select(table.c.remote_id)
            .where(
                table.c.shop == self.shop,
                table.c.adapter == adapter,
                table.c.kind == kind,
                table.c.gone.is_(True),
                table.c.gone_word.in_(["said", "unconfirmed"]),
            )
            .order_by(table.c.id)
            .limit(limit)
        )
        return [Ref(adapter=adapter, kind=kind, id=id_) for id_ in connection.scalars(chosen)]

    def called_gone(self, connection: Connection, adapter: str, kind: Kind, *, limit: int) -> list[Ref]:
        """Records marked gone on the service's word, said once or twice; the newest first."""
        table = schema.record
        chosen = select(table.c.remote_id).where(
            table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind,
            table.c.gone.is_(True), table.c.gone_word != "erased",
        )  # fmt: skip
        ids = connection.scalars(chosen.order_by(table.c.id.desc()).limit(limit))
        return [Ref(adapter=adapter, kind=kind, id=id_) for id_ in ids]

    def by_fields(self, connection: Connection, adapter: str, kind: Kind) -> list[tuple[int, bool, int]]:
        """Living records of a kind: the fields they carry, whether a step touches them, and how many."""
        table = schema.record
        touched = table.c.id.in_(select(schema.step.c.record))
        chosen = select(table.c.present, touched, func.count()).where(*self._living(adapter, kind))
        rows = connection.execute(chosen.group_by(table.c.present, touched))
        return [(int(row[0]), bool(row[1]), int(row[2])) for row in rows]

    def confirm_gone(self, connection: Connection, refs: Sequence[Ref]) -> None:
        """The service said a second time that it no longer has these."""
        table = schema.record
        for ref in refs:
            here = (table.c.adapter == ref.adapter, table.c.kind == ref.kind, table.c.remote_id == ref.id)
            connection.execute(
                update(table).where(table.c.shop == self.shop, *here).values(gone_word="confirmed")
            )

    def mark_erased(self, connection: Connection, ids: Sequence[int]) -> None:
        """These rows' records went whole, as the receipt says: nothing of them is planned or counted on.

        A row keeps its person until a read-back has seen it gone: found there, it is that person's again.
        """
        self.dirty_subjects_of_rows(connection, ids)
        values = {"gone": True, "gone_word": "erased", "next_due": MUST_DECIDE}
        for some in in_chunks(ids):
            connection.execute(
                update(schema.record)
                .where(schema.record.c.id.in_(some), schema.record.c.gone.is_(False))
                .values(**values)
            )

    def erased(self, connection: Connection, ids: Sequence[int]) -> frozenset[int]:
        """Those of these rows whose record went whole by us."""
        table, found = schema.record, set[int]()
        for some in in_chunks(ids):
            ours = select(table.c.id).where(table.c.id.in_(some), table.c.gone_word == "erased")
            found.update(connection.scalars(ours))
        return frozenset(found)

    # What was touched ---------------------------------------------------------------------

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

    def settle(self, connection: Connection, row_id: int, record: Record | None) -> None:
        """Stores what one record holds after we touched it; None where it is gone."""
        self.settle_all(connection, {row_id: record})

    def settle_all(
        self, connection: Connection, records: Mapping[int, Record | None], *, word: str = "confirmed"
    ) -> None:
        """Stores what records hold after we touched them; None where one is gone, on whose word.

        The modification date stays the shop's own: our write is no sign of life.
        """
        self.dirty_subjects_of_rows(connection, list(records))
        before = self._bodies(connection, [row_id for row_id, record in records.items() if record])
        there = {
            row_id: after_our_write(record, before[row_id].body, before[row_id].kept)
            for row_id, record in records.items()
            if record is not None and row_id in before
        }
        here = update(schema.record).where(schema.record.c.id == bindparam("id_"))
        rows = [{"id_": i, **columns_of(record, before[i].subject)} for i, record in there.items()]
        if rows:
            renewed: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "id_"}
            write_many(connection, here.values(renewed), rows)
        self._mark(connection, list(there.values()), list(there))
        write_many(
            connection,
            here.values(gone=True, gone_word=word, subject=None, present=0, next_due=MUST_DECIDE),
            [{"id_": row_id} for row_id, record in records.items() if record is None],
        )

    def _bodies(self, connection: Connection, ids: Sequence[int]) -> dict[int, Stored]:
        table = schema.record
        found: dict[int, Stored] = {}
        for some in in_chunks(ids):
            columns = (table.c.id, table.c.body, table.c.gone, table.c.subject, table.c.kept)
            rows = connection.execute(select(*columns).where(table.c.id.in_(some)))
            found.update((row.id, Stored(*row)) for row in rows)
        return found

    def wait(self, connection: Connection, chosen: ColumnElement[bool], hold: HoldId) -> None:
        """A hold has come upon these rows: they are decided anew, and their people are recounted at once.

        An account is bound by its person's orders; so it is before a plan has decided them.
        """
        table = schema.record
        known = (literal(",") + table.c.holds + ",").contains(f",{hold.value},")
        listed = case(
            (table.c.holds == "", hold.value), (known, table.c.holds), else_=table.c.holds + f",{hold}"
        )
        connection.execute(update(table).where(chosen).values(next_due=MUST_DECIDE, holds=listed))
        self._dirty_subjects_of(connection, select(table.c.subject).where(chosen))

    def note_holds(self, connection: Connection, row_id: int, holds: Sequence[HoldId]) -> None:
        """What holds a row before a plan has decided it; its person is recounted by the caller."""
        table = schema.record
        connection.execute(update(table).where(table.c.id == row_id).values(holds=",".join(holds)))

    def redecide(self, connection: Connection, chosen: ColumnElement[bool]) -> None:
        """These rows are decided anew by the next plan."""
        connection.execute(update(schema.record).where(chosen).values(next_due=MUST_DECIDE))

    def redecide_all(self, connection: Connection) -> None:
        """A new policy decides every row anew, locally."""
        table = schema.record
        connection.execute(
            update(table)
            .where(table.c.shop == self.shop, table.c.gone.is_(False))
            .values(next_due=MUST_DECIDE)
        )
