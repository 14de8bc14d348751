"""Holds that people place: by order or by person, with reason, owner and review date."""

from datetime import date

import msgspec
from sqlalchemy import Connection, insert, select, update

from connector.errors import LedgerError
from connector.ledger import schema
from connector.ledger.index import Row
from connector.ledger.store import Ledger
from connector.records import HoldId, Record, Value


class HoldRow(Value, frozen=True, kw_only=True):
    """One hold as the ledger keeps it; the person is known by a keyed identifier only."""

    id: int
    hold: HoldId
    reason: str
    owner: str
    review: date
    created: str
    by: str  # "order" or "person"
    released: str | None = None


class OpenHolds:
    """The holds in force, ready to be put on records while planning."""

    def __init__(self, of_record: dict[int, tuple[HoldId, ...]], of_subject: dict[int, tuple[HoldId, ...]]):
        self._of_record = of_record
        self._of_subject = of_subject

    def on(self, row: Row) -> Record:
        """The record with the holds on it and on its person."""
        holds = self._of_record.get(row.id, ())
        if row.subject is not None:
            holds += self._of_subject.get(row.subject, ())
        if not holds:
            return row.record
        facts = msgspec.structs.replace(row.record.facts, holds=tuple(sorted(set(holds))))
        return msgspec.structs.replace(row.record, facts=facts)


class Holds:
    """The manual holds of one shop."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def add(
        self,
        connection: Connection,
        *,
        hold: HoldId,
        reason: str,
        owner: str,
        review: date,
        record: int | None = None,
        digest: bytes | None = None,
        key: str = "",
    ) -> int:
        """Places a hold on one record or on one person; their records are decided anew."""
        result = connection.execute(
            insert(schema.hold).values(
                shop=self.ledger.shop,
                hold=hold,
                record=record,
                subject_digest=digest,
                key=key,
                reason=reason,
                owner=owner,
                review=review.isoformat(),
                created=self.ledger.now(),
            )
        )
        assert result.inserted_primary_key is not None
        row_id = int(result.inserted_primary_key[0])
        self._redecide(connection, record, digest)
        self.ledger.event(connection, "hold", id=row_id, hold=str(hold), owner=owner)
        return row_id

    def release(self, connection: Connection, row_id: int, *, by: str) -> None:
        """Ends a hold by a named person; raises LedgerError where there is none to end."""
        table = schema.hold
        row = connection.execute(
            select(table).where(
                table.c.id == row_id, table.c.shop == self.ledger.shop, table.c.released.is_(None)
            )
        ).first()
        if row is None:
            raise LedgerError(f"There is no open hold {row_id}. Run `gallra hold list` for those that are.")
        connection.execute(
            update(table).where(table.c.id == row_id).values(released=self.ledger.now(), released_by=by)
        )
        self._redecide(connection, row.record, row.subject_digest)
        self.ledger.event(connection, "hold_released", id=row_id, by=by)

    def _redecide(self, connection: Connection, record: int | None, digest: bytes | None) -> None:
        table = schema.record
        if record is not None:
            chosen = table.c.id == record
        else:
            ids = schema.identifier
            chosen = table.c.subject.in_(select(ids.c.subject).where(ids.c.digest == digest))
        connection.execute(update(table).where(chosen).values(next_due=""))

    def list(self, connection: Connection, *, every: bool = False) -> list[HoldRow]:
        """The open holds, or every one that ever was."""
        table = schema.hold
        chosen = select(table).where(table.c.shop == self.ledger.shop).order_by(table.c.id)
        if not every:
            chosen = chosen.where(table.c.released.is_(None))
        return [
            HoldRow(
                id=row.id,
                hold=HoldId(row.hold),
                reason=row.reason,
                owner=row.owner,
                review=date.fromisoformat(row.review),
                created=row.created,
                by="order" if row.record is not None else "person",
                released=row.released,
            )
            for row in connection.execute(chosen)
        ]

    def open(self, connection: Connection) -> OpenHolds:
        """The holds in force, by record and by subject."""
        table, ids = schema.hold, schema.identifier
        rows = connection.execute(
            select(table.c.hold, table.c.record, ids.c.subject)
            .select_from(
                table.outerjoin(ids, (ids.c.digest == table.c.subject_digest) & (ids.c.shop == table.c.shop))
            )
            .where(table.c.shop == self.ledger.shop, table.c.released.is_(None))
        ).all()
        of_record: dict[int, tuple[HoldId, ...]] = {}
        of_subject: dict[int, tuple[HoldId, ...]] = {}
        for row in rows:
            if row.record is not None:
                of_record[row.record] = (*of_record.get(row.record, ()), HoldId(row.hold))
            elif row.subject is not None:
                of_subject[row.subject] = (*of_subject.get(row.subject, ()), HoldId(row.hold))
        return OpenHolds(of_record, of_subject)
