"""Records that are there and could not be read: they are kept, and so is the person they may be of."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from connector.ledger import schema
from connector.ledger.proof.forms import UNREAD
from connector.ledger.store import Ledger, in_chunks
from connector.places.numbers import shown
from connector.ports import Unread
from connector.records import Kind, Record, Ref, Value

ALONE = Kind.SUPPORT_MESSAGE
"""A kind that decides nothing else: one that could not be read bars itself, and nobody's other records."""


class Barred(NamedTuple):
    """What unread records bar: their own rows, their people, and where one names nobody, every account."""

    rows: frozenset[int] = frozenset()
    subjects: frozenset[int] = frozenset()
    nameless: bool = False

    def bars(self, row_id: int, subject: int | None, record: Record) -> bool:
        """Whether nothing may be done to this row until what could not be read is read or settled."""
        if row_id in self.rows or (subject is not None and subject in self.subjects):
            return True
        return self.nameless and record.ref.kind is Kind.CUSTOMER


class UnreadRow(Value, frozen=True, kw_only=True):
    """One unread record as it is listed: its number in the list, place, reason and since when."""

    id: int
    ref: Ref
    label: str
    reason: str
    since: str
    named: bool
    settled_by: str = ""


class Unreads:
    """The unread records of one shop."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop

    def store(
        self, connection: Connection, unread: Sequence[Unread], *, walk: int, newer: Collection[Ref] = ()
    ) -> None:
        """Keeps what a pull could not read, and whose it is as far as that could be read.

        A look that shows less than an earlier one takes nothing back: whom it named stays named.
        """
        table = schema.unread
        for one in unread:
            new = {"reason": one.reason, "seen": walk, "beyond": one.ref in newer}
            label = shown(one.label, one.ref)
            renewed = new | ({"label": label} if label else {})
            insertion = self.ledger.upsert(table).values(
                shop=self.shop, adapter=one.ref.adapter, kind=one.ref.kind, remote_id=one.ref.id,
                since=self.ledger.now(), settled_by="", label=label, **new,
            )  # fmt: skip
            connection.execute(
                insertion.on_conflict_do_update(
                    index_elements=["shop", "adapter", "kind", "remote_id"], set_=renewed
                )
            )
            if one.identifiers:
                self._name(connection, one)

    def _name(self, connection: Connection, one: Unread) -> None:
        table, people = schema.unread, schema.unread_person
        row_id = connection.scalar(select(table.c.id).where(*self._at(one.ref)))
        connection.execute(delete(people).where(people.c.unread == row_id))
        for digest in sorted({identifier.digest for identifier in one.identifiers}):
            connection.execute(insert(people).values(unread=row_id, digest=digest))

    def read(self, connection: Connection, refs: Sequence[Ref]) -> None:
        """These were read after all, or are gone by the service's own word: they bar nothing any more."""
        table, people = schema.unread, schema.unread_person
        for (adapter, kind), ids in _by_place(refs).items():
            for some in in_chunks(ids):
                here = (
                    table.c.shop == self.shop, table.c.adapter == adapter,
                    table.c.kind == kind, table.c.remote_id.in_(some),
                )  # fmt: skip
                settled = connection.scalars(select(table.c.id).where(*here, table.c.settled_by != "")).all()
                connection.execute(delete(people).where(people.c.unread.in_(select(table.c.id).where(*here))))
                connection.execute(delete(table).where(*here))
                self._note(connection, settled)

    def unmet(self, connection: Connection, adapter: str, kind: Kind, walk: int) -> list[Ref]:
        """Unread records of a kind that this walk has not met."""
        table = schema.unread
        chosen = select(table.c.remote_id).where(*self._of(adapter, kind), table.c.seen != walk)
        return [Ref(adapter=adapter, kind=kind, id=id_) for id_ in connection.scalars(chosen)]

    def shown(self, connection: Connection, adapter: str, kind: Kind, walk: int) -> list[Ref]:
        """Unread records of a kind that this walk has met."""
        table = schema.unread
        chosen = select(table.c.remote_id).where(*self._of(adapter, kind), table.c.seen == walk)
        return [Ref(adapter=adapter, kind=kind, id=id_) for id_ in connection.scalars(chosen)]

    def of(self, connection: Connection, adapter: str, kind: Kind, *, limit: int | None = None) -> list[Ref]:
        """Unread records of a kind, oldest first."""
        chosen = select(schema.unread.c.remote_id).where(*self._of(adapter, kind))
        rows = connection.scalars(chosen.order_by(schema.unread.c.id).limit(limit))
        return [Ref(adapter=adapter, kind=kind, id=id_) for id_ in rows]

    def met(self, connection: Connection, adapter: str, kind: Kind, walk: int) -> int:
        """How many unread records this walk has met of those that existed when it began."""
        table = schema.unread
        chosen = select(func.count()).where(
            *self._of(adapter, kind), table.c.seen == walk, table.c.beyond.is_(False)
        )
        return int(connection.scalar(chosen) or 0)

    def barred(self, connection: Connection) -> Barred:
        """What the unread records bar that nobody has settled; their own rows are barred whoever settled."""
        table, people, known = schema.unread, schema.unread_person, schema.identifier
        of_row = schema.record
        rows = connection.scalars(
            select(of_row.c.id).join(
                table,
                (table.c.shop == of_row.c.shop) & (table.c.adapter == of_row.c.adapter)
                & (table.c.kind == of_row.c.kind) & (table.c.remote_id == of_row.c.remote_id),
            ).where(table.c.shop == self.shop)
        ).all()  # fmt: skip
        open_ = (table.c.shop == self.shop, table.c.settled_by == "", table.c.kind != ALONE)
        subjects = connection.scalars(
            select(known.c.subject)
            .join(people, people.c.digest == known.c.digest)
            .join(table, table.c.id == people.c.unread)
            .where(known.c.shop == self.shop, *open_)
        ).all()
        nameless = connection.scalar(select(func.count()).where(*open_, ~_names_somebody()))
        own = connection.scalars(
            select(of_row.c.subject).where(
                of_row.c.id.in_(rows), of_row.c.subject.is_not(None), of_row.c.kind != ALONE
            )
        ).all()
        return Barred(frozenset(rows), frozenset({*subjects, *own} - {0}), bool(nameless))

    def counts(self, connection: Connection) -> Mapping[tuple[str, str], int]:
        """How many unread records there are, by adapter and kind."""
        table = schema.unread
        rows = connection.execute(
            select(table.c.adapter, table.c.kind, func.count())
            .where(table.c.shop == self.shop)
            .group_by(table.c.adapter, table.c.kind)
        )
        return {(adapter, kind): int(count) for adapter, kind, count in rows}

    def listed(self, connection: Connection) -> list[UnreadRow]:
        """Every unread record, oldest first."""
        table = schema.unread
        named = set(
            connection.scalars(select(table.c.id).where(table.c.shop == self.shop, _names_somebody()))
        )
        rows = connection.execute(select(table).where(table.c.shop == self.shop).order_by(table.c.id))
        return [
            UnreadRow(
                id=row.id, ref=Ref(adapter=row.adapter, kind=Kind(row.kind), id=row.remote_id),
                label=row.label, reason=row.reason, since=row.since, named=row.id in named,
                settled_by=row.settled_by,
            )
            for row in rows
        ]  # fmt: skip

    def settle(self, connection: Connection, ids: Sequence[int], *, by: str) -> int:
        """A named person has looked at these in the shop: they hold nobody else any more."""
        table = schema.unread
        result = connection.execute(
            update(table)
            .where(table.c.shop == self.shop, table.c.id.in_(ids), table.c.settled_by == "")
            .values(settled_by=by, settled_at=self.ledger.now())
        )
        self._note(connection, ids)
        return int(result.rowcount)

    def _note(self, connection: Connection, ids: Sequence[int]) -> None:
        """Says in the chain how records that a person settled stand now, or that they are read."""
        for one in ids:
            self.ledger.note(connection, UNREAD, one)

    def _of(self, adapter: str, kind: Kind) -> tuple[ColumnElement[bool], ...]:
        table = schema.unread
        return (table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind)

    def _at(self, ref: Ref) -> tuple[ColumnElement[bool], ...]:
        return (*self._of(ref.adapter, ref.kind), schema.unread.c.remote_id == ref.id)


def _names_somebody() -> ColumnElement[bool]:
    """Whether an unread record names a person itself, or is a row whose person an earlier pull read."""
    table, people, row = schema.unread, schema.unread_person, schema.record
    itself = select(people.c.unread).where(people.c.unread == table.c.id)
    before = select(row.c.id).where(
        row.c.shop == table.c.shop, row.c.adapter == table.c.adapter, row.c.kind == table.c.kind,
        row.c.remote_id == table.c.remote_id, row.c.subject.is_not(None),
    )  # fmt: skip
    return or_(itself.exists(), before.exists())


def _by_place(refs: Sequence[Ref]) -> dict[tuple[str, Kind], list[str]]:
    places: dict[tuple[str, Kind], list[str]] = {}
    for ref in refs:
        places.setdefault((ref.adapter, ref.kind), []).append(ref.id)
    return places
