"""The ledger's tables are made by migrations, and only by them."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from connector.errors import LedgerError
from connector.ledger import open_ledger, schema

NOON = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("Europe/Stockholm"))


def clock() -> datetime:
    """Noon."""
    return NOON


def test_the_migrations_make_exactly_the_schema_that_the_code_uses(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "a.sqlite", shop="a", clock=clock)
    with ledger.begin() as connection:
        found = compare_metadata(MigrationContext.configure(connection), schema.metadata)
    ledger.engine.dispose()
    assert [one for one in found if one[0] != "remove_table"] == []


def test_a_ledger_opened_again_is_left_as_it_is(tmp_path: Path) -> None:
    first = open_ledger(tmp_path / "a.sqlite", shop="a", clock=clock)
    first.bind_key("vault key", "one")
    first.engine.dispose()
    again = open_ledger(tmp_path / "a.sqlite", shop="a", clock=clock)
    with again.begin() as connection:
        assert connection.scalar(text("SELECT value FROM meta WHERE name = 'vault key'")) == "one"
    again.engine.dispose()


def test_a_ledger_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "a.sqlite", shop="a", clock=clock)
    with ledger.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    ledger.engine.dispose()
    with pytest.raises(LedgerError, match="newer Gallra"):
        open_ledger(tmp_path / "a.sqlite", shop="a", clock=clock)
