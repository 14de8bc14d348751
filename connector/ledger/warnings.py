"""Who was warned, one row a try: written before a mail leaves, and closed by what its server answered."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from connector.errors import LedgerError
from connector.ledger import learned, schema
from connector.ledger.states import WARNED, WARNING_ARROWS, WarningState, before
from connector.ledger.store import Ledger, in_chunks
from connector.records import Kind, Ref, Value

TOKEN_BYTES = 16
"""Of a message's own id: so random that nobody can make one up for another's mail."""


class WarningRow(Value, frozen=True, kw_only=True):
    """One try to warn the person behind a record, and where it stands."""

    id: int
    record: int
    ref: Ref
    code: str
    state: WarningState
    on: date
    person: str = ""
    plan: str = ""
    token: str = ""


class Whom(Value, frozen=True, kw_only=True):
    """Whose record a warning is about, and which rule's alert asks for it."""

    record: int
    ref: Ref
    code: str


class Said(Value, frozen=True, kw_only=True):
    """On which day, on whose word, and under which list."""

    on: date
    by: str
    plan: str = ""


class Warnings:
    """The warnings of one shop."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._mine = schema.warning.c.shop == ledger.shop

    def begin(self, connection: Connection, whom: Whom, said: Said) -> WarningRow:
        """A mail is about to leave: from here on it may have, until `close` says what came of it."""
        return self._add(connection, whom, said, WarningState.BEGUN, secrets.token_hex(TOKEN_BYTES))

    def add(self, connection: Connection, whom: Whom, said: Said, state: WarningState) -> WarningRow:
        """A try that no mail of ours made: an address given out, a person's word, an address that is none."""
        found = self._add(connection, whom, said, state, "")
        if state in (*WARNED, WarningState.BOUNCED):
            self._learn(connection, [found.record])
        return found

    def close(self, connection: Connection, id: int, state: WarningState, on: date) -> None:
        """What came of a try. Raises LedgerError where it stands otherwise than it may."""
        self._update(connection, id, state, on=on.isoformat())
        if state in WARNED:
            self._learn(connection, [self._row(connection, id).record])

    def newest(self, connection: Connection, records: Collection[int] | None = None) -> dict[int, WarningRow]:
        """The newest try for each record, of these or of all."""
        table, found = schema.warning, dict[int, WarningRow]()
        chosen = select(table).where(self._mine).order_by(table.c.id)
        chunks: Iterable[Any] = [None] if records is None else in_chunks(sorted(records))
        for some in chunks:
            rows = connection.execute(chosen if some is None else chosen.where(table.c.record.in_(some)))
            found.update((row.record, _read(row)) for row in rows)
        return found

    def of_tokens(self, connection: Connection, tokens: Sequence[str]) -> list[WarningRow]:
        """The tries whose messages bear these ids."""
        table, found = schema.warning, list[WarningRow]()
        for some in in_chunks([one for one in dict.fromkeys(tokens) if one]):
            rows = connection.execute(select(table).where(self._mine, table.c.token.in_(some)))
            found += map(_read, rows)
        return found

    def takes_back(self, connection: Connection, rows: Iterable[WarningRow]) -> int:
        """These came back: what was a warning is none; returns how many of them were not known to be."""
        back = [row for row in rows if row.state in before(WarningState.BOUNCED, WARNING_ARROWS)]
        for row in back:
            self._update(connection, row.id, WarningState.BOUNCED)
        self._learn(connection, [row.record for row in back])
        return len(back)

    def forget(self, connection: Connection, before: str) -> None:
        """Deletes what is older than the log of deletions may be (ISO day)."""
        table = schema.warning
        old = list(connection.scalars(select(table.c.id).where(self._mine, table.c.on < before)))
        for one in old:
            connection.execute(delete(table).where(table.c.id == one))
            self.ledger.note(connection, "warning", one)

    def _add(
        self, connection: Connection, whom: Whom, said: Said, state: WarningState, token: str
    ) -> WarningRow:
        values = {
            "shop": self.ledger.shop, "record": whom.record, "adapter": whom.ref.adapter,
            "kind": whom.ref.kind, "remote_id": whom.ref.id, "code": whom.code, "state": state,
            "on": said.on.isoformat(), "person": said.by, "plan": said.plan, "token": token,
        }  # fmt: skip
        made = connection.execute(insert(schema.warning).values(values)).inserted_primary_key
        assert made is not None
        self.ledger.note(connection, "warning", int(made[0]))
        return self._row(connection, int(made[0]))

    def _update(self, connection: Connection, id: int, state: WarningState, **values: Any) -> None:
        table = schema.warning
        may = table.c.state.in_(before(state, WARNING_ARROWS))
        here = update(table).where(self._mine, table.c.id == id, may)
        if connection.execute(here.values(state=state, **values)).rowcount != 1:
            raise LedgerError(
                f"A warning cannot become {state} from where it stands. See `gallra warn list`."
            )
        self.ledger.note(connection, "warning", id)

    def _row(self, connection: Connection, id: int) -> WarningRow:
        return _read(connection.execute(select(schema.warning).where(schema.warning.c.id == id)).one())

    def _learn(self, connection: Connection, records: Sequence[int]) -> None:
        """The day of the newest warning that counts stands with the record, or none: it is decided anew."""
        days = self._days(connection, records)
        for record in dict.fromkeys(records):
            learned.warned(connection, [record], days.get(record))

    def _days(self, connection: Connection, records: Sequence[int]) -> Mapping[int, date]:
        table, found = schema.warning, dict[int, date]()
        for some in in_chunks(sorted({*records})):
            here = (self._mine, table.c.record.in_(some), table.c.state.in_(WARNED))
            rows = connection.execute(select(table.c.record, table.c.on).where(*here).order_by(table.c.on))
            found.update((record, date.fromisoformat(day)) for record, day in rows)
        return found


def who_has(connection: Connection, ledger: Ledger, digest: bytes) -> int | None:
    """The person whom the index knows by this keyed address; None where it knows nobody."""
    table = schema.identifier
    here = (table.c.shop == ledger.shop, table.c.digest == digest)
    found = connection.scalar(select(table.c.subject).where(*here))
    return None if found is None else int(found)


def _read(row: Any) -> WarningRow:
    return WarningRow(
        id=row.id,
        record=row.record,
        ref=Ref(adapter=row.adapter, kind=Kind(row.kind), id=row.remote_id),
        code=row.code,
        state=WarningState(row.state),
        on=date.fromisoformat(row.on),
        person=row.person,
        plan=row.plan,
        token=row.token,
    )


__all__ = ["Said", "WarningRow", "Warnings", "Whom", "who_has"]
