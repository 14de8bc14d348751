"""Files of Gallra's own: their owner's alone from the first byte, and narrowed where they are wider."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.ledger import open_ledger
from connector.machine.files import made_private, narrow, write_text
from connector.machine.lock import only_run

WIDE = 0o666


@pytest.fixture(autouse=True)
def wide_open() -> Iterator[None]:
    """A system that gives new files to everyone."""
    before = os.umask(0)
    yield
    os.umask(before)


def clock() -> datetime:
    """Noon."""
    return datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("Europe/Stockholm"))


def modes(folder: Path) -> dict[str, int]:
    """What each file lets be done with it."""
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


@contextmanager
def an_open_ledger(path: Path | str) -> Iterator[None]:
    """A ledger, open and written to, so that its log and shared memory are there."""
    ledger = open_ledger(path, shop="egg", clock=clock)
    with ledger.begin() as connection:
        ledger.event(connection, "checked")
    yield
    ledger.engine.dispose()


def test_a_ledger_its_log_and_its_shared_memory_are_their_owners_alone(tmp_path: Path) -> None:
    with an_open_ledger(tmp_path / "ledger.sqlite"):
        assert modes(tmp_path) == dict.fromkeys(
            ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"), 0o600
        )


def test_a_ledger_named_by_its_address_is_its_owners_alone(tmp_path: Path) -> None:
    with an_open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite"):
        assert set(modes(tmp_path).values()) == {0o600}


def test_a_ledger_is_never_wider_than_its_owner_not_even_while_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    connect = sqlite3.connect

    def looked(*given: object, **named: object) -> sqlite3.Connection:
        seen.extend(modes(tmp_path).values())
        return connect(*given, **named)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(sqlite3.dbapi2, "connect", looked)
    with an_open_ledger(tmp_path / "ledger.sqlite"):
        assert set(seen) == {0o600}


def test_a_wider_ledger_is_narrowed_when_it_is_opened_with_all_that_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with an_open_ledger(path):
        for each in tmp_path.iterdir():
            each.chmod(WIDE)
        with an_open_ledger(path):
            assert set(modes(tmp_path).values()) == {0o600}


def test_the_lock_is_its_owners_alone_and_narrowed_where_it_is_wider(tmp_path: Path) -> None:
    path = tmp_path / "ledger.lock"
    with only_run(path, "egg"):
        assert modes(tmp_path) == {"ledger.lock": 0o600}
    path.chmod(WIDE)
    with only_run(path, "egg"):
        assert modes(tmp_path) == {"ledger.lock": 0o600}


def test_a_report_is_its_owners_alone_whatever_a_crash_left_beside_it(tmp_path: Path) -> None:
    left = tmp_path / ".report.html.part"
    left.write_text("half a report", encoding="utf-8")
    left.chmod(WIDE)
    write_text(tmp_path / "report.html", "a report")
    assert modes(tmp_path) == {"report.html": 0o600}
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "a report"


def test_a_report_takes_the_place_of_a_wider_one(tmp_path: Path) -> None:
    (tmp_path / "report.html").touch(mode=WIDE)
    write_text(tmp_path / "report.html", "a report")
    assert modes(tmp_path) == {"report.html": 0o600}


def test_a_file_that_is_there_keeps_what_stands_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("kept", encoding="utf-8")
    made_private(path)
    assert (path.read_text(encoding="utf-8"), modes(tmp_path)) == ("kept", {"a": 0o600})


def test_a_file_of_another_owner_stays_as_it_is_and_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.touch(mode=WIDE)

    def refused(*_given: object, **_named: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refused)
    assert not narrow(path)
    monkeypatch.undo()
    assert narrow(path)
