"""Reading the index: what must be decided, and what is found by number or state."""

from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Connection, func, select

from connector.ledger import schema
from connector.ledger.index.rows import MUST_DECIDE, Row, decode_record, with_subject
from connector.ledger.store import Ledger, in_chunks
from connector.places.numbers import compared, is_plain
from connector.records import Facts, HoldId, Kind, Record, Ref
from connector.text.plain_text import said

AT_ONCE = 10_000


def _among(ids: Sequence[int]) -> Iterator[ColumnElement[bool]]:
    """These rows: by the first and the last of them where all between are wanted, as in a first plan."""
    id_ = schema.record.c.id
    if ids and max(ids) - min(ids) + 1 == len(ids) == len(set(ids)):
        yield id_.between(min(ids), max(ids))
    else:
        yield from (id_.in_(some) for some in in_chunks(ids))


class Rows:
    """Rows of one shop, read and never written."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop

    def due_ids(self, connection: Connection, *, kinds: Sequence[Kind], today: date | None) -> "array[int]":
        """Rows that must be decided: new, changed, or whose next date has come; in order of id.

        Every live row of these kinds where `today` is None.
        """
        table = schema.record
        chosen = select(table.c.id).where(
            table.c.shop == self.shop, table.c.kind.in_([str(k) for k in kinds]), table.c.gone.is_(False)
        )
        if today is not None:
            chosen = chosen.where(table.c.next_due <= today.isoformat())
        ids = array("q")
        for some in connection.scalars(chosen).partitions(AT_ONCE):
            ids.extend(some)
        return array("q", sorted(ids))

    def matching(
        self,
        connection: Connection,
        *,
        kind: Kind,
        matches: Callable[[Record], bool],
        undecided: bool = False,
    ) -> "array[int]":
        """Live rows of a kind whose record is so, or (`undecided`) those that no plan has decided yet."""
        table = schema.record
        chosen = select(table.c.id, table.c.body).where(
            table.c.shop == self.shop, table.c.kind == kind, table.c.gone.is_(False)
        )
        if undecided:
            chosen = chosen.where(table.c.next_due == MUST_DECIDE)
        ids = array("q")
        for some in connection.execute(chosen, execution_options={"yield_per": AT_ONCE}).partitions():
            ids.extend(id_ for id_, body in some if matches(decode_record(body)))
        return ids

    def undecided_beside(
        self, connection: Connection, ids: Sequence[int], *, kinds: Sequence[Kind]
    ) -> list[int]:
        """Live rows of these kinds that no plan has decided yet, of the people behind these rows."""
        table = schema.record
        found: list[int] = []
        for some in in_chunks(ids):
            people = select(table.c.subject).where(table.c.id.in_(some), table.c.subject.is_not(None))
            chosen = select(table.c.id).where(
                table.c.shop == self.shop, table.c.subject.in_(people), table.c.gone.is_(False),
                table.c.kind.in_([str(kind) for kind in kinds]), table.c.next_due == MUST_DECIDE,
            )  # fmt: skip
            found += connection.scalars(chosen)
        return found

    def of_same_people(
        self, connection: Connection, ids: Sequence[int], *, adapter: str, kinds: Collection[Kind]
    ) -> dict[int, Ref]:
        """Other live rows of these kinds at one service, of the people behind these rows, by row."""
        table, found = schema.record, dict[int, Ref]()
        wanted = sorted(map(str, kinds))
        for some in in_chunks(ids):
            people = select(table.c.subject).where(table.c.id.in_(some), table.c.subject.is_not(None))
            chosen = select(table.c.id, table.c.kind, table.c.remote_id).where(
                table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind.in_(wanted),
                table.c.gone.is_(False), table.c.subject.in_(people),
            )  # fmt: skip
            for id_, kind, remote_id in connection.execute(chosen):
                found[id_] = Ref(adapter=adapter, kind=Kind(kind), id=remote_id)
        return {id_: ref for id_, ref in found.items() if id_ not in ids}

    def rows(self, connection: Connection, ids: Sequence[int]) -> dict[int, Row]:
        """These rows, with what is known of their people."""
        table, people = schema.record, schema.subject
        chosen = select(
            table.c.id, table.c.body, table.c.subject, table.c.tallies, table.c.holds, table.c.state,
            table.c.next_due, table.c.kept, people.c.facts,
        ).select_from(table.outerjoin(people, people.c.id == table.c.subject))  # fmt: skip
        found = {}
        for these in _among(ids):
            # All at once: asked for one by one, each row would be a call of its own.
            read = connection.execute(chosen.where(these)).all()
            for id_, body, subject, tallies, holds, state, next_due, kept, facts in read:
                found[id_] = Row(
                    id=id_,
                    record=with_subject(decode_record(body), facts),
                    subject=subject,
                    tallies=tallies,
                    holds=holds,
                    state=state,
                    next_due=next_due,
                    kept=kept or b"",
                )
        return found

    def living(self, connection: Connection, ids: Sequence[int]) -> list[int]:
        """Those of these rows whose record is not gone from the shop."""
        table = schema.record
        return [
            id_
            for these in _among(ids)
            for id_ in connection.scalars(select(table.c.id).where(these, table.c.gone.is_(False)))
        ]

    def facts_of(self, connection: Connection, refs: Sequence[Ref]) -> dict[Ref, Facts]:
        """What the index knows of these records; those that it does not know are left out."""
        table, found = schema.record, dict[Ref, Facts]()
        by_kind: dict[tuple[str, Kind], list[str]] = {}
        for ref in refs:
            by_kind.setdefault((ref.adapter, ref.kind), []).append(ref.id)
        for (adapter, kind), ids in by_kind.items():
            here = (table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind)
            for some in in_chunks(ids):
                rows = connection.execute(select(table.c.body).where(*here, table.c.remote_id.in_(some)))
                found |= {record.ref: record.facts for record in (decode_record(row.body) for row in rows)}
        return found

    def living_ids(self, connection: Connection, refs: Sequence[Ref]) -> dict[Ref, int]:
        """The rows of those of these records, all of one service and kind, that the index knows to live."""
        table, found = schema.record, dict[Ref, int]()
        for some in in_chunks(refs):
            chosen = select(table.c.remote_id, table.c.id).where(
                table.c.shop == self.shop, table.c.adapter == some[0].adapter, table.c.kind == some[0].kind,
                table.c.gone.is_(False), table.c.remote_id.in_([ref.id for ref in some]),
            )  # fmt: skip
            of_id = {ref.id: ref for ref in some}
            found |= {of_id[remote_id]: id_ for remote_id, id_ in connection.execute(chosen)}
        return found

    def holding(
        self, connection: Connection, adapter: str, kind: Kind, bit: int, *, limit: int
    ) -> dict[Ref, int]:
        """The newest living records that hold a field and that no step touches, with all that they hold."""
        table = schema.record
        rows = connection.execute(
            select(table.c.remote_id, table.c.present)
            .where(
                table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind,
                table.c.gone.is_(False), table.c.present.bitwise_and(bit) != 0,
                table.c.id.not_in(select(schema.step.c.record)),
            )
            .order_by(table.c.id.desc())
            .limit(limit)
        )  # fmt: skip
        return {Ref(adapter=adapter, kind=kind, id=row.remote_id): row.present for row in rows}

    def find(self, connection: Connection, *, kind: Kind, number: str, by_id: bool = False) -> list[Row]:
        """Every record that this can mean: those the merchant knows by the number first, then by the id.

        A number is the same with and without its `#`, and one that may not be kept is known by its sign;
        `by_id` leaves numbers aside.
        """
        table = schema.record
        bare = said(number).removeprefix("#")
        signed = "" if by_id or is_plain(bare) else self.ledger.sign(compared(number))
        here = select(table.c.id).where(table.c.shop == self.shop, table.c.kind == kind).order_by(table.c.id)
        text_in = self.ledger.dialect.text_in
        label = text_in(table.c.body, "label")
        ids = [] if by_id else list(connection.scalars(here.where(label.in_((bare, f"#{bare}")))))
        if signed:
            ids += connection.scalars(here.where(text_in(table.c.body, "number_sign") == signed))
        ids += connection.scalars(here.where(table.c.remote_id == number.strip()))
        rows = self.rows(connection, ids)
        return [rows[row_id] for row_id in dict.fromkeys(ids)]

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

    def undelivered(
        self, connection: Connection, *, limit: int, after: int = 0
    ) -> dict[str, list[tuple[int, Ref]]]:
        """Open orders with a parcel on its way, by adapter: their row and place.

        Those behind row `after` come first, then from the start again.
        """
        table = schema.record
        rows = connection.execute(
            select(table.c.id, table.c.body)
            .where(
                table.c.shop == self.shop,
                table.c.kind == Kind.ORDER,
                table.c.gone.is_(False),
                table.c.holds.contains(HoldId.OPEN_ORDER.value),
            )
            .order_by(table.c.id <= after, table.c.id)
        )
        found: dict[str, list[tuple[int, Ref]]] = {}
        count = 0
        for row in rows:
            record = decode_record(row.body)
            if record.facts.delivered is None and "tracking_number" in record.copies and count < limit:
                found.setdefault(record.ref.adapter, []).append((row.id, record.ref))
                count += 1
        return found

    def counts(self, connection: Connection) -> dict[tuple[Kind, str], int]:
        """Live records by kind and state of their last decision."""
        table = schema.record
        rows = connection.execute(
            select(table.c.kind, table.c.state, func.count())
            .where(table.c.shop == self.shop, table.c.gone.is_(False))
            .group_by(table.c.kind, table.c.state)
        )
        return {(Kind(kind), state): count for kind, state, count in rows}
