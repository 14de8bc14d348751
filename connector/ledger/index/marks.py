"""What stands out on a record: surprises, and places that no API reaches."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, delete, distinct, func, insert, literal, select

from connector.ledger import schema
from connector.ledger.index.rows import decode_record
from connector.ledger.store import Ledger, write_many
from connector.records import SHOWS_RECIPIENT, Record

RESIDUE = "residue"
_AT_ONCE = 500
UNDATED_REFUND, UNDATED_PLACE = "undated_refund", "refund_date"


class MarkCount(NamedTuple):
    """Living records of a kind with a finding of this code at this place, and its findings in them."""

    code: str
    place: str
    kind: str
    records: int
    findings: int


class Surprised(NamedTuple):
    """How many of some records show a surprise of this code at this place."""

    code: str
    place: str
    records: int


class Marks:
    """Types of finding and their places, by record; never a value."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop

    def marks(self, connection: Connection) -> list[MarkCount]:
        """Surprises and residue of live records."""
        marks = schema.mark
        return self._counted(connection, marks.c.code != SHOWS_RECIPIENT)

    def shown(self, connection: Connection) -> dict[str, int]:
        """By the name of a recipient, how many live records show that it is used."""
        found = self._counted(connection, schema.mark.c.code == SHOWS_RECIPIENT)
        return {one.place: one.records for one in found}

    def _counted(self, connection: Connection, which: ColumnElement[bool]) -> list[MarkCount]:
        table, marks = schema.record, schema.mark
        rows = connection.execute(
            select(marks.c.code, marks.c.place, table.c.kind, func.count(), func.sum(marks.c.count))
            .select_from(marks.join(table, table.c.id == marks.c.record))
            .where(table.c.shop == self.shop, table.c.gone.is_(False), which)
            .group_by(marks.c.code, marks.c.place, table.c.kind)
            .order_by(marks.c.code, marks.c.place)
        )
        return [MarkCount(*row) for row in rows]

    def told_of(self, connection: Connection, records: Collection[int]) -> list[Surprised]:
        """The surprises of these records as they were last read; residue apart."""
        marks, found = schema.mark, Counter[tuple[str, str]]()
        every = sorted(records)
        for at in range(0, len(every), _AT_ONCE):
            some = every[at : at + _AT_ONCE]
            chosen = select(marks.c.code, marks.c.place, func.count(distinct(marks.c.record))).where(
                marks.c.record.in_(some), marks.c.code.not_in([RESIDUE, SHOWS_RECIPIENT])
            )
            for code, place, count in connection.execute(chosen.group_by(marks.c.code, marks.c.place)):
                found[code, place] += int(count)
        return [Surprised(*key, count) for key, count in sorted(found.items())]

    def mark_samples(self, connection: Connection, code: str, place: str, limit: int = 5) -> list[str]:
        """Kind and number of a few records with this surprise."""
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
        return [f"{r.ref.kind}:{r.label or r.ref.id}" for r in map(decode_record, bodies)]

    def mark(self, connection: Connection, records: Sequence[Record], known: Sequence[int]) -> None:
        """Marks these records anew; `known` are the rows that may carry marks already."""
        table, marks = schema.record, schema.mark
        write_many(
            connection,
            delete(marks).where(marks.c.record == bindparam("record_")),
            [{"record_": row_id} for row_id in known],
        )
        chosen = select(table.c.id, bindparam("code_"), bindparam("place_"), bindparam("count_")).where(
            table.c.shop == literal(self.shop),
            table.c.adapter == bindparam("adapter_"),
            table.c.kind == bindparam("kind_"),
            table.c.remote_id == bindparam("remote_id_"),
        )
        write_many(
            connection,
            insert(marks).from_select(["record", "code", "place", "count"], chosen),
            [
                {
                    "adapter_": record.ref.adapter,
                    "kind_": record.ref.kind,
                    "remote_id_": record.ref.id,
                    "code_": code,
                    "place_": place,
                    "count_": count,
                }
                for record in records
                for code, place, count in _findings(record)
            ],
        )


def _findings(record: Record) -> list[tuple[str, str, int]]:
    undated = [(UNDATED_REFUND, UNDATED_PLACE, 1)] if record.facts.undated_refunds else []
    found = [(s.code, s.place, s.count) for s in record.surprises] + undated
    return found + [(RESIDUE, place, 1) for place in record.residue]
