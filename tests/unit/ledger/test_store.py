"""Many rows in one go: tuples reach the columns that they are named for, whatever the database's order."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select, update

from connector.ledger import Ledger, schema
from connector.ledger.store import open_ledger, write_tuples

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path / "ledger.sqlite", shop="s", clock=lambda: NOON)


def test_tuples_are_put_in_the_order_that_the_statement_asks_for(ledger: Ledger) -> None:
    table = schema.subject
    with ledger.begin() as connection:
        rows = [(b"one", "s", 1, False), (b"two", "s", 2, False)]
        write_tuples(connection, insert(table), ("facts", "shop", "id", "dirty"), rows)
        found = connection.execute(
            select(table.c.id, table.c.facts, table.c.dirty).order_by(table.c.id)
        ).all()
    assert [tuple(row) for row in found] == [(1, b"one", False), (2, b"two", False)]


def test_a_value_that_stands_in_the_statement_goes_with_every_tuple(ledger: Ledger) -> None:
    table = schema.subject
    with ledger.begin() as connection:
        write_tuples(connection, insert(table), ("id", "shop", "dirty"), [(1, "s", True), (2, "s", True)])
        settled = update(table).where(table.c.id == bindparam("id_"), table.c.shop == "s").values(dirty=False)
        write_tuples(connection, settled, ("id_",), [(2,)])
        dirty = list(connection.scalars(select(table.c.dirty).order_by(table.c.id)))
    assert dirty == [True, False]


def test_no_tuples_are_no_statement(ledger: Ledger) -> None:
    with ledger.begin() as connection:
        write_tuples(connection, insert(schema.subject), ("id",), [])
        assert connection.scalar(select(schema.subject.c.id)) is None
