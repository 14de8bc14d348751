"""The ledger's tables are made by migrations, and only by them."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from connector.errors import LedgerError
from connector.ledger import migrations, open_ledger, schema
from connector.ledger.holds import Holds
from connector.ledger.index import Pulls, Rows
from connector.ledger.index.rows import decode_facts
from connector.ledger.proof.audit import breaks
from connector.records import FIELD_BITS, Field, HoldId, Kind

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


def at_the_third_schema(path: Path) -> None:
    """A ledger as version 0003 left it: one order whose payment reference an erasure has taken."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for statement in _THIRD:
            connection.exec_driver_sql(statement)
    engine.dispose()


_BODY = (
    '{"ref":{"adapter":"shop","kind":"order","id":"1"},"version":"1","present":0,'
    '"facts":{"status":"cancelled"}}'
)
_THIRD = (
    "INSERT INTO record (id, shop, adapter, kind, remote_id, version, body, present, subject, living, state, "
    f"holds, tallies, seen, gone) VALUES (1, 'a', 'shop', 'order', '1', '1', CAST('{_BODY}' AS BLOB), 0, 7, "
    "0, 'new', '', '', 0, 0)",
    "INSERT INTO plan (id, shop, digest, code, created, expires, state, header) VALUES "
    "(1, 'a', 'd', 'd', '', '', 'finished', x'')",
    "INSERT INTO step (plan, seq, record, adapter, kind, remote_id, label, wave, action, fields, why, state, "
    'outcome, done, by_hand, "left", places, reason, token, read_back) '
    "VALUES (1, 0, 1, 'shop', 'order', '1', '', 'traces', 'redact', "
    f"{FIELD_BITS[Field.PAYMENT_REFERENCE]}, x'', 'closed', 'done', "
    f"{FIELD_BITS[Field.PAYMENT_REFERENCE]}, 0, 0, '', '', '', 'clean')",
    "INSERT INTO delivery (id, shop, plan, step, recipient, act, adapter, kind, remote_id, handle, "
    "handle_digest, fields, planned, state, outcome, reason, token, tries, next_try, seen, closed_by) "
    "VALUES (1, 'a', 1, 0, 'klarna', 'notify', 'shop', 'order', '1', 'order', x'02', 1, '2026-11-20', "
    "'closed', 'notified', '', '', 1, '2026-11-23T12:00:00', '', '')",
    "INSERT INTO identifier (shop, digest, type, key, subject) VALUES ('a', x'01', 'email', 'k', 7)",
    "INSERT INTO hold (id, shop, hold, subject_digest, key, reason, owner, review, created) VALUES "
    "(1, 'a', 'H5', x'01', 'k', 'r', 'Disa Demo', '2027-01-01', '')",
    "INSERT INTO cursor (shop, adapter, kind, value, at) VALUES ('a', 'shop', 'order', '{}', '')",
)


def test_an_order_whose_payment_reference_was_taken_before_is_known_to_have_been_paid(tmp_path: Path) -> None:
    at_the_third_schema(tmp_path / "a.sqlite")
    ledger = open_ledger(tmp_path / "a.sqlite", shop="a", clock=clock)
    with ledger.begin() as connection:
        row = Rows(ledger).rows(connection, [1])[1]
    ledger.engine.dispose()
    assert row.record.facts.has_transaction
    assert decode_facts(row.kept).has_transaction


def test_a_letter_of_before_keeps_its_day_and_is_not_said_to_have_been_sent_in_a_known_way(
    tmp_path: Path,
) -> None:
    at_the_third_schema(tmp_path / "a.sqlite")
    ledger = open_ledger(tmp_path / "a.sqlite", shop="a", clock=clock)
    with ledger.begin() as connection:
        row = connection.execute(text("SELECT not_before, sent_on, sent_how FROM delivery")).one()
    ledger.engine.dispose()
    assert tuple(row) == ("2026-11-23T12:00:00", None, "not_recorded")


def test_a_persons_hold_of_before_stays_on_the_records_it_was_on(tmp_path: Path) -> None:
    at_the_third_schema(tmp_path / "a.sqlite")
    ledger = open_ledger(tmp_path / "a.sqlite", shop="a", clock=clock)
    with ledger.begin() as connection:
        connection.execute(text("UPDATE record SET subject = NULL"))
        row = Rows(ledger).rows(connection, [1])[1]
        held = Holds(ledger).open(connection).on(row).facts.holds
    ledger.engine.dispose()
    assert held == (HoldId.LEGAL_CLAIM,)


def test_a_ledger_from_before_addresses_had_one_form_reads_everything_once_more(tmp_path: Path) -> None:
    at_the_third_schema(tmp_path / "a.sqlite")
    ledger = open_ledger(tmp_path / "a.sqlite", shop="a", clock=clock)
    assert Pulls(ledger).cursor("shop", Kind.ORDER) is None
    ledger.engine.dispose()


def test_a_ledger_that_was_migrated_has_its_plans_steps_and_foreign_keys(tmp_path: Path) -> None:
    at_the_third_schema(tmp_path / "a.sqlite")
    ledger = open_ledger(tmp_path / "a.sqlite", shop="a", clock=clock)
    with ledger.begin() as connection:
        assert connection.execute(text("SELECT scope, state FROM plan")).all() == [("nightly", "finished")]
        assert connection.execute(text("SELECT state, outcome FROM step")).all() == [("closed", "done")]
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    ledger.engine.dispose()


def test_events_holds_and_plans_of_before_are_chained_as_they_are_found_and_marked_so(tmp_path: Path) -> None:
    at_the_third_schema(tmp_path / "a.sqlite")
    engine = create_engine(f"sqlite:///{tmp_path / 'a.sqlite'}")
    with engine.begin() as connection:
        for number in range(3):
            told = f'{{"by": "Disa Demo", "count": {number}}}'
            connection.execute(
                text(
                    "INSERT INTO event (shop, at, type, detail) VALUES ('a', '2026-11-01', 'warned', :told)"
                ),
                {"told": told},
            )
    engine.dispose()
    ledger = open_ledger(tmp_path / "a.sqlite", shop="a", clock=clock)
    with ledger.begin() as connection:
        assert list(breaks(connection, "a", None)) == []
        assert [told.detail["by"] for told in ledger.events(connection, "warned")] == ["Disa Demo"] * 3
        assert "Disa" not in str(connection.execute(text("SELECT detail FROM event")).all())
        assert ledger.events(connection, "chained")[0].detail == {"events": 3}
        connection.execute(text("UPDATE hold SET released = 'x'"))
        assert [one.of for one in breaks(connection, "a", None)] == ["hold"]
    ledger.engine.dispose()
