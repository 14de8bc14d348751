"""Which records are there: what a walk met, what the service called gone, and what went by us."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, select, update

from connector.ledger import schema
from connector.ledger.index.rows import MUST_DECIDE
from connector.ledger.index.subjects import Subjects
from connector.ledger.store import Ledger, in_chunks
from connector.records import Kind, Ref


class Presence:
    """Presence and absence of one shop's records; absence is never evidence."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop
        self._subjects = Subjects(ledger)

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
        said = self.ledger.dialect.text_in(table.c.body, "facts", "status")
        status = func.coalesce(said, "").label("said")
        lost = select(unread.c.id).where(
            unread.c.shop == table.c.shop, unread.c.adapter == table.c.adapter, unread.c.kind == table.c.kind,
            unread.c.remote_id == table.c.remote_id,
        )  # fmt: skip
        chosen = select(status, func.count()).where(*self._living(adapter, kind), ~lost.exists())
        if not beyond:
            chosen = chosen.where(table.c.beyond.is_(False))
        return {str(row[0]): int(row[1]) for row in connection.execute(chosen.group_by("said"))}

    def by_fields(self, connection: Connection, adapter: str, kind: Kind) -> list[tuple[int, bool, int]]:
        """Living records of a kind: the fields they carry, whether a step touches them, and how many."""
        table = schema.record
        touched = table.c.id.in_(select(schema.step.c.record))
        chosen = select(table.c.present, touched, func.count()).where(*self._living(adapter, kind))
        rows = connection.execute(chosen.group_by(table.c.present, touched))
        return [(int(row[0]), bool(row[1]), int(row[2])) for row in rows]

    def mark_gone(self, connection: Connection, refs: Sequence[Ref], *, word: str = "said") -> int:
        """Marks gone what the service itself said it no longer has; returns how many were not yet."""
        table, marked = schema.record, 0
        by_place: dict[tuple[str, Kind], list[str]] = {}
        for ref in refs:
            by_place.setdefault((ref.adapter, ref.kind), []).append(ref.id)
        for (adapter, kind), ids in by_place.items():
            for some in in_chunks(ids):
                here = (*self._living(adapter, kind), table.c.remote_id.in_(some))
                self._subjects.dirty_people_of(connection, select(table.c.subject).where(*here))
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
        self._subjects.dirty_subjects_of_rows(connection, ids)
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

    def _living(self, adapter: str, kind: Kind) -> tuple[ColumnElement[bool], ...]:
        table = schema.record
        return (
            table.c.shop == self.shop,
            table.c.adapter == adapter,
            table.c.kind == kind,
            table.c.gone.is_(False),
        )
