"""A ledger that cannot be had: whose fault it is, and what to do next."""

import errno
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from connector.errors import Exit, GallraError, LedgerError
from connector.ledger import Ledger, open_ledger
from connector.ledger.dialect import sqlite
from connector.ledger.faults import ledger_fault
from connector.ledger.sealing import open_vault
from connector.machine.files import write_text
from connector.machine.lock import only_run
from tests.unit.stages.telling import Telling


def opened(path: Path) -> Ledger:
    return open_ledger(path, shop="egg", clock=lambda: datetime.now(UTC))


def test_a_ledger_that_another_program_holds_ends_with_75_and_says_who_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.sqlite"
    opened(path).engine.dispose()
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("begin exclusive")
    ledger = opened_soon(path, monkeypatch)
    with pytest.raises(LedgerError, match=r"a backup .* or another gallra command.*run again") as caught:
        write(ledger)
    held.close()
    ledger.engine.dispose()
    assert caught.value.exit is Exit.TRY_LATER


def opened_soon(path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """The ledger, by a connection that waits for nobody."""

    def at_once(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=1")

    monkeypatch.setattr(sqlite, "durable", at_once)
    return opened(path)


def write(ledger: Ledger) -> None:
    with ledger.begin() as connection:
        ledger.event(connection, "tested")


@pytest.mark.parametrize(("code", "said"), [
    (sqlite3.SQLITE_READONLY, "read-only"), (sqlite3.SQLITE_CANTOPEN, "cannot be opened"),
    (sqlite3.SQLITE_FULL, "disk"), (sqlite3.SQLITE_CORRUPT, "damaged"), (sqlite3.SQLITE_NOTADB, "no ledger"),
    (sqlite3.SQLITE_READONLY | 5 << 8, "read-only"), (sqlite3.SQLITE_IOERR, "its disk has room"),
])  # fmt: skip
def test_each_fault_of_the_database_has_its_sentence(code: int, said: str) -> None:
    fault = sqlite3.OperationalError("secret words")
    fault.sqlite_errorcode = code
    told = ledger_fault(OperationalError("SELECT", {}, fault))
    assert said in str(told)
    assert "secret words" not in str(told)
    assert "Error" not in str(told)  # no word of the driver's own
    assert told.exit is Exit.ERROR


def test_a_file_that_is_no_ledger_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_text("not a database, but a text of some length " * 200)
    with pytest.raises(LedgerError, match="no ledger"):
        opened(path)


def test_a_full_disk_is_a_sentence_and_what_was_written_stays(tmp_path: Path) -> None:
    ledger = opened(tmp_path / "ledger.sqlite")
    write(ledger)
    with pytest.raises(LedgerError, match="disk of the ledger is full"):
        fill(ledger)
    assert events(ledger) == ["tested"]
    ledger.engine.dispose()


def fill(ledger: Ledger) -> None:
    """Writes more than there is room for: SQLite's own answer to a full disk."""
    with ledger.begin() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        for _ in range(200):
            ledger.event(connection, "filled", by="x" * 4000)


def test_a_truncated_ledger_is_a_sentence_and_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    opened(path).engine.dispose()
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(LedgerError, match="Restore it from a backup") as caught:
        write(opened(path))
    assert caught.value.exit is Exit.ERROR
    assert len(path.read_bytes()) == 5000


def test_a_ledger_whose_write_ahead_log_is_gone_is_whole_as_of_its_last_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = opened(path)
    write(ledger)
    ledger.engine.dispose()
    kept = path.read_bytes()
    write(ledger)
    ledger.engine.dispose()
    path.write_bytes(kept)
    for beside in tmp_path.glob("ledger.sqlite-*"):
        beside.unlink()
    again = opened(path)
    assert events(again) == ["tested"]
    again.engine.dispose()


def events(ledger: Ledger) -> list[str]:
    with ledger.begin() as connection:
        return list(connection.scalars(text("select type from event where type in ('tested', 'filled')")))


def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "report.html", tmp_path / "file" / "deep" / "report.html"):
        with pytest.raises(GallraError, match=r"report\.html cannot be written .*Give the user"):
            write_text(path, "x")


def test_a_ledger_in_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GallraError, match="cannot be written"):
        opened(tmp_path / "file" / "ledger.sqlite")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_as_such_and_half_a_report_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(_handle: int) -> None:
        raise OSError(number, "no room")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GallraError, match=r"report\.html cannot be written .*Make room on that disk"):
        write_text(tmp_path / "report.html", "x")
    assert list(tmp_path.iterdir()) == []


def test_a_run_takes_its_lock_on_a_full_disk_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr("connector.machine.lock.os.getpid", full)
    with only_run(tmp_path / "ledger.lock", "egg"):
        pass


@pytest.fixture
def held(tmp_path: Path) -> Telling:
    """A ledger in which a person has placed a hold."""
    made = Telling(tmp_path / "shop")
    made.erased("1")
    words = ("--order", "1", "--owner", "Disa Demo", "--reason", "a claim", "--review", "2027-06-01")
    assert made.gallra("hold", "add", *words).code == 0
    return made


@pytest.mark.parametrize("left", [0, 100, 4096, 60_000])
def test_a_ledger_that_was_cut_off_is_named_and_never_begun_anew(held: Telling, left: int) -> None:
    cut = held.ledger.read_bytes()[:left]
    held.ledger.write_bytes(cut)
    for words in (("push",), ("hold", "list"), ("ledger", "check"), ("status",)):
        said = held.gallra(*words)
        told = said.out + said.err
        assert ("restore" in told.lower(), "foresee" in told) == (True, False), words
    assert held.ledger.read_bytes() == cut


def test_a_ledger_whose_log_was_removed_has_forgotten_and_erases_nothing(held: Telling) -> None:
    keeps = sqlite3.connect(held.ledger, isolation_level=None)  # while it is open the log is not merged
    keeps.execute("BEGIN")
    keeps.execute("SELECT count(*) FROM hold").fetchall()
    before = held.ledger.read_bytes()
    words = ("--order", "1", "--owner", "Disa Demo", "--reason", "another", "--review", "2027-06-01")
    assert held.gallra("hold", "add", *words).code == 0
    keeps.close()
    for path in held.folder.glob("gallra.sqlite*"):
        path.unlink()
    held.ledger.write_bytes(before)
    said = held.gallra("apply")
    assert (said.code, "forgotten holds" in said.err) == (Exit.BLOCKED, True)


def test_a_ledger_that_is_gone_is_not_begun_anew_where_a_report_knows_of_one(held: Telling) -> None:
    for path in held.folder.glob("gallra.sqlite*"):
        path.unlink()
    said = held.gallra("pull")
    assert (said.code, "There is no ledger at" in said.err) == (Exit.ERROR, True)
    assert "ledger-head-egg.json" in said.err
    assert list(held.folder.glob("gallra.sqlite")) == []


def test_a_key_that_is_asked_for_while_the_ledger_is_held_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.sqlite"
    opened(path).engine.dispose()
    ledger = opened_soon(path, monkeypatch)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    for ask in (lambda: ledger.bind_key("subject key", "x"), lambda: open_vault(ledger, bytes(32))):
        with pytest.raises(LedgerError, match="Another program holds the ledger"):
            ask()
    other.close()
    ledger.engine.dispose()


def test_what_the_ledger_holds_is_read_while_another_reads(tmp_path: Path) -> None:
    ledger = opened(tmp_path / "ledger.sqlite")
    with ledger.begin() as connection:
        assert connection.scalar(text("select 1")) == 1
    ledger.engine.dispose()
