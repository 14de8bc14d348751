"""No field and no row of a proven table is changed unseen; every other one says why it is not proven."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import Column, Connection, Table, select

from connector.errors import Altered
from connector.ledger import schema
from connector.ledger.inbox import Inbox
from connector.ledger.proof.forms import RECEIPTS, STANDING
from connector.ledger.proof.gate import must_be_unchanged
from connector.ledger.proof.left_out import COLUMNS, TABLES
from connector.ledger.proof.notes import is_widened
from connector.ledger.unread import Unreads
from connector.ports.heard import Heard, Topic
from connector.records import Kind, Ref
from tests.engine_support import Engine
from tests.unit.ledger.proof.finished import by_hand, finished, found

LINKED = ("event", "chain", "receipt_sum", "hold_record")
PROVEN = tuple(
    dict.fromkeys([*LINKED, *(form.table.name for form in (*STANDING.values(), *RECEIPTS.values()))])
)
COLUMNS_PROVEN = [
    (name, column.name)
    for name in PROVEN
    for column in schema.metadata.tables[name].c
    if (name, column.name) not in COLUMNS
]


@pytest.fixture(name="done", scope="module")
def _done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One ledger for every flip: each is undone."""
    engine = finished(tmp_path_factory.mktemp("finished"))
    yield engine
    engine.ledger.engine.dispose()


def test_every_table_is_proven_or_says_why_it_is_not() -> None:
    assert {*PROVEN} | TABLES.keys() == schema.metadata.tables.keys()
    assert {*PROVEN} & TABLES.keys() == set()


def test_every_column_that_is_not_proven_is_there_and_says_why() -> None:
    there = {(name, column.name) for name in PROVEN for column in schema.metadata.tables[name].c}
    assert COLUMNS.keys() <= there
    assert all(len(reason) > 20 for reason in (*TABLES.values(), *COLUMNS.values()))


def test_a_finished_ledger_has_rows_in_every_proven_table_and_no_break(done: Engine) -> None:
    with done.ledger.begin() as connection:
        for name in PROVEN:
            assert connection.execute(select(schema.metadata.tables[name]).limit(1)).first(), name
        assert found(done, connection) == []
    must_be_unchanged(done.ledger)


def other(column: Column[Any], value: Any) -> Any:
    """Another value than this one, of a kind that the column takes."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, bytes):
        return value + b"x"
    if isinstance(value, str):
        return value + "x"
    return 1 if column.type.python_type is int else b"x" if column.type.python_type is bytes else "x"


def keys(connection: Connection, table: Table) -> list[Any]:
    return list(connection.exec_driver_sql(f'SELECT rowid FROM "{table.name}"').scalars())


@pytest.mark.parametrize(("table", "column"), COLUMNS_PROVEN)
def test_a_field_that_was_changed_by_hand_is_a_break(done: Engine, table: str, column: str) -> None:
    here = schema.metadata.tables[table]
    with by_hand(done) as connection:
        rows = keys(connection, here)
        for row in {rows[0], rows[-1], rows[len(rows) // 2]}:
            value = connection.scalar(select(here.c[column]).where(_row(row)))
            flip = here.update().where(_row(row)).values({column: other(here.c[column], value)})
            connection.execute(flip)
            assert found(done, connection), (row, value)
            connection.rollback()


@pytest.mark.parametrize("table", PROVEN)
def test_a_row_that_was_taken_away_by_hand_is_a_break(done: Engine, table: str) -> None:
    here = schema.metadata.tables[table]
    with by_hand(done) as connection:
        for row in keys(connection, here):
            connection.execute(here.delete().where(_row(row)))
            assert found(done, connection), row
            connection.rollback()


NEW = {
    "event": {"seq": 0, "id": 9999}, "chain": None, "hold_record": {"record": 9999},
    "plan": {"id": 99, "digest": "x"}, "step": {"seq": 9999}, "approval": {"id": 99, "wave": "accounts"},
    "delivery": {"id": 99, "handle": "x"}, "hold": {"id": 99}, "binding": {"adapter": "other"},
    "meta": {"name": "another key"}, "objection": {"digest": b"another"}, "receipt_sum": {"plan": 99},
    "warning": {"id": 99}, "request": {"id": 99, "code": "R-OTHERS"}, "request_hold": {"hold": 99},
    "request_identifier": {"id": 99, "type": "phone"},
    "unread": {"id": 99, "remote_id": "x"}, "inbox": {"id": 99, "key": "x"},
}  # fmt: skip


@pytest.mark.parametrize("table", PROVEN)
def test_a_row_that_was_added_by_hand_is_a_break(done: Engine, table: str) -> None:
    here, new = schema.metadata.tables[table], NEW[table]
    if new is None:  # a shop has one head, and a second row would be another shop's
        return
    with by_hand(done) as connection:
        row = dict(connection.execute(select(here).limit(1)).mappings().one())
        connection.execute(here.insert().values({**row, **new}))
        assert found(done, connection)


def _row(number: int) -> Any:
    from sqlalchemy import literal_column

    return literal_column("rowid") == number


def test_nothing_acts_on_a_ledger_of_which_a_field_was_changed(tmp_path: Path) -> None:
    engine = finished(tmp_path)
    with engine.ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE hold SET released = '2026-11-22' WHERE id = 2")
    with pytest.raises(Altered, match=r"hold \[2\]"):
        must_be_unchanged(engine.ledger)
    engine.ledger.engine.dispose()


def test_a_hold_that_was_deleted_with_all_that_tells_of_it_but_the_chain_is_a_break(done: Engine) -> None:
    with by_hand(done) as connection:
        connection.exec_driver_sql("DELETE FROM hold_record")
        connection.exec_driver_sql("DELETE FROM hold WHERE id = 2")
        assert [(one.of, one.how) for one in found(done, connection)] == [("hold", "taken")]


def test_the_first_break_says_which_row_of_what_it_is(done: Engine) -> None:
    with by_hand(done) as connection:
        connection.exec_driver_sql("UPDATE approval SET person = 'Mallory'")
        assert str(found(done, connection)[0]).startswith("approval [")


def test_the_end_of_the_chain_cannot_be_taken_away_without_the_key(done: Engine) -> None:
    with by_hand(done) as connection:
        last = connection.exec_driver_sql("SELECT seq, previous FROM event ORDER BY seq DESC").first()
        assert last is not None
        connection.exec_driver_sql("DELETE FROM event WHERE seq = ?", (last.seq,))
        connection.exec_driver_sql("UPDATE chain SET seq = ?, digest = ?", (last.seq - 1, last.previous))
        assert ("chain", "mac") in [(one.of, one.how) for one in found(done, connection)]


def test_a_record_that_nobody_settled_is_settled_by_no_hand_but_a_persons_command(done: Engine) -> None:
    """Else whoever can write to the file could have a person erased whose record nobody has looked at."""
    ref = Ref(adapter="shop", kind=Kind.ORDER, id="10")
    with by_hand(done) as connection:
        place = {"adapter": "shop", "kind": ref.kind, "remote_id": ref.id}
        row = {"shop": done.ledger.shop, **place, "reason": "unreadable", "since": "2026-11-22", "seen": 1}
        connection.execute(schema.unread.insert().values(**row))
        assert found(done, connection) == []  # what a service shows is said by the next pull again
        connection.execute(schema.unread.update().values(settled_by="Disa Demo"))
        assert [(one.of, one.how) for one in found(done, connection)] == [("unread", "added")]


def test_a_settled_record_that_is_read_after_all_and_a_message_past_its_time_are_no_break(
    tmp_path: Path,
) -> None:
    engine = finished(tmp_path)
    inbox = Inbox(engine.ledger, engine.outbox.vault)
    inbox.receive("shop", Heard(id="w-2", topic=Topic.CHANGED))  # of these the chain says nothing
    with engine.ledger.begin() as connection:
        Unreads(engine.ledger).read(connection, [Ref(adapter="shop", kind=Kind.ORDER, id="9")])
        inbox.close(connection, [1, 2], "answered", by="Disa Demo")
        assert found(engine, connection) == []
        inbox.expire(connection, today=engine.today.replace(year=engine.today.year + 6))
        assert connection.execute(select(schema.inbox)).all() == []
        assert found(engine, connection) == []
    engine.ledger.engine.dispose()


def test_the_chain_of_an_older_ledger_speaks_of_messages_from_its_next_run_on(tmp_path: Path) -> None:
    older = _without_words(tmp_path)
    must_be_unchanged(older.ledger)
    with older.ledger.begin() as connection:
        assert is_widened(connection, older.ledger.shop)
        connection.execute(schema.inbox.update().values(remote_id="78"))
        assert [(one.of, one.how) for one in found(older, connection)] == [("inbox", "changed")]
        connection.rollback()
    older.ledger.engine.dispose()


def _without_words(folder: Path) -> Engine:
    """A ledger that was written while the chain did not speak of messages."""
    with (
        mock.patch("connector.ledger.proof.notes.widen"),
        mock.patch("connector.ledger.inbox.note_messages"),
        mock.patch.object(Unreads, "_note"),
    ):
        return finished(folder)
