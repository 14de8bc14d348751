"""What was destroyed is in no file of the ledger, whoever kept the vault key and the wrapped key."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from connector.ledger import Ledger, schema
from connector.ledger.schema import SECRET
from connector.ledger.sealing import EVERYTHING
from connector.ledger.shredding import at_start, shred
from connector.ports import Seen
from connector.records import Outcome
from tests.engine_support import Engine

WINDOW = 16
ORDERS = 40


def sealed(ledger: Ledger) -> dict[int, bytes]:
    """What lies sealed in the outbox, by delivery: the wrapped key, then the handle."""
    table = schema.delivery
    with ledger.begin() as connection:
        rows = connection.execute(select(table.c.id, table.c.sealed).where(table.c.sealed.is_not(None)))
        return {row.id: bytes(row.sealed) for row in rows}


def bytes_of(folder: Path) -> bytes:
    """Every byte of every file of the ledger: the file, its log, its shared memory, its copies."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def still_in(folder: Path, known: dict[int, bytes]) -> list[int]:
    """The deliveries of which any part of the wrapped key or of the handle is in a file."""
    found = bytes_of(folder)
    return [number for number, value in known.items() if any(part in found for part in parts(value))]


def parts(value: bytes) -> list[bytes]:
    """Every stretch of it, end to end."""
    return [value[at : at + WINDOW] for at in range(0, len(value) - WINDOW + 1, WINDOW)]


def begun(engine: Engine) -> dict[int, bytes]:
    """Orders that the shop is done with, each with a sealed handle; what lies sealed was kept before."""
    for number in range(ORDERS):
        engine.shop.order(str(number + 1))
    engine.pull()
    engine.plan()
    engine.apply()
    known = sealed(engine.ledger)
    assert len(known) == ORDERS
    return known


def verified(engine: Engine) -> None:
    """Pushed, and read back."""
    engine.push()
    engine.verify()


def notified(engine: Engine) -> None:
    """Told by a notice, which nobody reads back."""
    engine.recipients[0].outcome = Outcome.NOTIFIED
    engine.push()


def acknowledged(engine: Engine) -> None:
    """Refused, and closed by a named person."""
    engine.recipients[0].outcome = Outcome.REFUSED
    engine.push()
    refused = list(sealed(engine.ledger))
    with engine.ledger.begin() as connection:
        engine.outbox.answers.acknowledge(connection, refused, by="Disa Demo")


def cannot_be_known(engine: Engine) -> None:
    """Told, and no read-back can ever say what came of it."""
    engine.recipients[0].seen = Seen.CANNOT_BE_KNOWN
    verified(engine)


@pytest.mark.parametrize("how", [verified, notified, acknowledged, cannot_be_known])
def test_what_was_destroyed_is_in_no_file_of_the_ledger(
    engine: Engine, tmp_path: Path, how: Callable[[Engine], None]
) -> None:
    known = begun(engine)
    how(engine)
    assert sealed(engine.ledger) == {}
    assert shred(engine.ledger)
    assert still_in(tmp_path, known) == []


def test_it_is_gone_also_while_another_program_holds_the_ledger_open(engine: Engine, tmp_path: Path) -> None:
    known = begun(engine)
    other = sqlite3.connect(tmp_path / "ledger.sqlite")
    other.execute("SELECT count(*) FROM delivery").fetchall()
    verified(engine)
    assert shred(engine.ledger)
    assert still_in(tmp_path, known) == []
    other.close()


def test_while_another_program_reads_it_is_said_and_done_first_thing_when_the_next_run_begins(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.ledger.dialect.sqlite.SHRED_MS", 1)
    known = begun(engine)
    other = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM delivery").fetchall()
    verified(engine)
    assert not shred(engine.ledger)
    assert still_in(tmp_path, known) != []
    other.execute("COMMIT")
    assert at_start(engine.ledger)
    assert still_in(tmp_path, known) == []
    other.close()


def test_what_an_earlier_version_left_in_free_pages_is_written_over_when_a_run_begins(
    engine: Engine, tmp_path: Path
) -> None:
    known, engine.changed_by_hand = begun(engine), True
    engine.ledger.engine.dispose()
    earlier = sqlite3.connect(tmp_path / "ledger.sqlite")
    earlier.execute("PRAGMA secure_delete=OFF")
    earlier.execute("UPDATE delivery SET sealed = NULL, state = 'closed', outcome = 'notified'")
    earlier.execute("DELETE FROM step")
    earlier.commit()
    earlier.close()
    assert still_in(tmp_path, known) != []
    assert at_start(engine.ledger)
    assert still_in(tmp_path, known) == []


def test_what_is_settled_and_still_sealed_is_destroyed_when_a_run_begins(
    engine: Engine, tmp_path: Path
) -> None:
    known, engine.changed_by_hand = begun(engine), True
    with engine.ledger.begin() as connection:
        connection.exec_driver_sql("UPDATE delivery SET state = 'closed', outcome = 'notified'")
    assert at_start(engine.ledger)
    assert still_in(tmp_path, known) == []


def test_what_is_still_to_be_told_outlives_the_beginning_of_every_run(engine: Engine) -> None:
    known = begun(engine)
    assert at_start(engine.ledger)
    assert sealed(engine.ledger) == known
    engine.push()
    assert at_start(engine.ledger)
    assert sealed(engine.ledger) == known


def test_every_column_that_holds_what_is_sealed_is_known_to_the_vault_to_copies_and_to_shredding() -> None:
    sealed_tables = {one.table.name for one in EVERYTHING}
    for table in schema.metadata.tables.values():
        assert ("sealed" in table.c) == (table.name in sealed_tables)
        named = {column.name for column in table.c if "sealed" in column.name or "wrapped" in column.name}
        assert named <= SECRET
