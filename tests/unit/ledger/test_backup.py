"""Backups: without what is sealed, put back where there is none, and never taken for the newest."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connector.errors import Exit
from connector.ledger import open_ledger
from connector.ledger.copying import old_copies
from connector.ledger.schema import DIGEST_KEY
from connector.ledger.shredding import at_start
from tests.unit.ledger.test_migrations import at_the_third_schema, clock
from tests.unit.stages.telling import Telling


@pytest.fixture
def told(tmp_path: Path) -> Telling:
    """Two orders erased in the shop, of which the recipient is still to be told."""
    made = Telling(tmp_path / "shop")
    made.erased("1", "2")
    return made


def copied(shop: Telling) -> Path:
    """A backup of the ledger as it stands."""
    path = shop.folder / "backup.sqlite"
    said = shop.gallra("ledger", "backup", str(path))
    assert said.code == 0, said.err
    return path


def lost(shop: Telling) -> None:
    """The ledger's files are gone."""
    for path in shop.folder.glob("gallra.sqlite*"):
        path.unlink()


def restored(shop: Telling, copy: Path) -> str:
    """The copy is put back; what is said."""
    said = shop.gallra("ledger", "restore", str(copy), "--by", "Disa Demo")
    assert said.code == 0, said.err
    return said.out


def of(path: Path, sql: str) -> list[Any]:
    """What a ledger's file holds."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def hold(shop: Telling) -> None:
    """A person places a hold."""
    words = ("--order", "1", "--owner", "Disa Demo", "--reason", "a claim", "--review", "2027-06-01")
    said = shop.gallra("hold", "add", *words)
    assert said.code == 0, said.err


def test_a_backup_holds_all_of_the_ledger_but_nothing_that_is_sealed(told: Telling) -> None:
    sealed = told.sealed()
    path = copied(told)
    for table in ("record", "plan", "step", "delivery", "event", "hold", "meta"):
        left_out = f" WHERE name != '{DIGEST_KEY}'" if table == "meta" else ""
        rows = f"SELECT count(*) FROM {table}"
        assert of(path, rows) == told.rows(rows + left_out)
    found = path.read_bytes()
    assert [one for one in sealed.values() if one[:16] in found or one[-16:] in found] == []
    assert of(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_backup_is_its_owners_alone_and_never_replaces_a_file(told: Telling) -> None:
    path = copied(told)
    assert path.stat().st_mode & 0o777 == 0o600
    said = told.gallra("ledger", "backup", str(path))
    assert (said.code, "exists and was left alone" in said.err) == (Exit.ERROR, True)


def test_a_backup_into_a_folder_has_the_shops_name_and_the_moment(told: Telling, tmp_path: Path) -> None:
    assert told.gallra("ledger", "backup", str(tmp_path)).code == 0
    [path] = tmp_path.glob("*.sqlite")
    assert path.name.startswith("ledger-egg-20261122T12")


def test_a_backup_is_taken_of_one_moment_while_a_run_writes(told: Telling) -> None:
    with closing(sqlite3.connect(told.ledger, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM event")
        path = copied(told)
        writer.execute("ROLLBACK")
    assert of(path, "SELECT count(*) FROM event") == told.rows("SELECT count(*) FROM event")


def test_a_copy_made_before_a_migration_holds_nothing_that_is_sealed_and_ends_by_time(tmp_path: Path) -> None:
    at_the_third_schema(tmp_path / "a.sqlite")
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection:
        connection.execute("UPDATE delivery SET sealed = ?", (b"sealed" * 20,))
        connection.commit()
    ledger = open_ledger(tmp_path / "a.sqlite", shop="a", clock=clock)
    [copy] = tmp_path.glob("*.before-*")
    assert (copy.name, b"sealedsealed" in copy.read_bytes()) == ("a.sqlite.before-0003", False)
    assert of(copy, "SELECT count(*) FROM record") == [(1,)]
    assert list(old_copies(tmp_path / "a.sqlite", older_than=copy.stat().st_mtime)) == []
    ledger.clock = lambda: clock().replace(year=2100)
    assert at_start(ledger)
    assert list(tmp_path.glob("*.before-*")) == []
    ledger.engine.dispose()


def test_what_a_restored_ledger_cannot_tell_any_more_is_named_for_a_person(told: Telling) -> None:
    path = copied(told)
    lost(told)
    restored(told, path)
    assert "not told of orders #1, #2" in told.gallra("status").out
    assert told.gallra("push").code == Exit.PARTIAL
    assert told.gallra("ack", "1", "2", "--by", "Disa Demo").code == 0
    assert told.gallra("push").code == 0


def test_a_copy_put_in_the_ledgers_place_by_hand_names_what_it_cannot_tell_as_well(told: Telling) -> None:
    path = copied(told)
    lost(told)
    path.rename(told.ledger)
    assert told.gallra("push").code == Exit.PARTIAL
    assert "not told of orders #1, #2" in told.gallra("status").out


def test_a_restore_that_is_cut_short_leaves_no_ledger(told: Telling, monkeypatch: pytest.MonkeyPatch) -> None:
    path = copied(told)
    lost(told)
    monkeypatch.setattr("connector.ledger.backup.shred", lambda _ledger: False)
    said = told.gallra("ledger", "restore", str(path), "--by", "Disa Demo")
    assert (said.code, list(told.folder.glob("gallra.sqlite*"))) == (
        Exit.ERROR,
        [told.folder / "gallra.sqlite.lock"],
    )
    monkeypatch.undo()
    restored(told, path)


def test_what_is_sealed_and_there_is_left_as_it_is_when_a_run_begins(told: Telling) -> None:
    before = told.rows("SELECT id, state, reason, sealed FROM delivery")
    assert told.gallra("ledger", "accept", "--by", "Disa Demo").code == 0
    assert told.rows("SELECT id, state, reason, sealed FROM delivery") == before


def test_nothing_is_restored_over_a_ledger_that_is_there(told: Telling) -> None:
    path = copied(told)
    before = told.ledger.read_bytes()
    said = told.gallra("ledger", "restore", str(path), "--by", "Disa Demo")
    assert (said.code, "Move it away first" in said.err) == (Exit.ERROR, True)
    assert told.ledger.read_bytes() == before


def test_a_copy_that_is_damaged_or_none_or_another_shops_is_not_restored(told: Telling) -> None:
    path = copied(told)
    lost(told)
    whole = path.read_bytes()
    for spoilt in (whole[: len(whole) // 2], b"no ledger", b""):
        path.write_bytes(spoilt)
        said = told.gallra("ledger", "restore", str(path), "--by", "Disa Demo")
        assert (said.code, "foresee" in said.err, said.err.startswith("Error: ")) == (Exit.ERROR, False, True)
    path.write_bytes(whole)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE event SET shop = 'hen'")
        connection.commit()
    said = told.gallra("ledger", "restore", str(path), "--by", "Disa Demo")
    assert "another shop than egg" in said.err
    assert not told.ledger.exists()


def test_a_ledger_older_than_its_reports_erases_nothing_until_a_person_has_accepted_it(told: Telling) -> None:
    path = copied(told)
    hold(told)
    lost(told)
    assert "nothing is erased until then" in restored(told, path)
    refused = told.gallra("apply")
    assert (refused.code, "has forgotten holds, objections and approvals" in refused.err) == (4, True)
    assert told.gallra("ledger", "check").code == Exit.ERROR
    hold(told)  # placing it again accepts nothing
    assert "forgotten" in told.gallra("apply").err
    assert told.gallra("ledger", "accept", "--by", "Disa Demo").code == 0
    assert "forgotten" not in told.gallra("apply").err
    assert told.gallra("ledger", "check").code == 0


def test_an_older_ledger_put_back_by_hand_is_noticed_as_well(told: Telling) -> None:
    told.gallra("ledger", "check")
    before = told.ledger.read_bytes()
    hold(told)
    lost(told)
    told.ledger.write_bytes(before)
    assert "forgotten holds" in told.gallra("apply").err


def test_a_head_that_cannot_be_read_is_no_absence_and_is_not_written_over(told: Telling) -> None:
    head = told.folder / "reports" / "ledger-head-egg.json"
    hold(told)
    head.write_text("{", encoding="utf-8")
    told.gallra("pull")
    assert "cannot be read, so the ledger may be older" in told.gallra("apply").err
    assert head.read_text(encoding="utf-8") == "{"
    assert told.gallra("ledger", "accept", "--by", "Disa Demo").code == 0
    assert "forgotten" not in told.gallra("apply").err


def test_a_copy_of_the_newest_ledger_has_forgotten_nothing(told: Telling) -> None:
    hold(told)
    path = copied(told)
    lost(told)
    assert "accept" not in restored(told, path)
    assert "forgotten" not in told.gallra("apply").err


def test_a_copy_restored_where_no_report_is_left_may_have_forgotten_and_is_answered_for(
    told: Telling,
) -> None:
    hold(told)
    path = copied(told)
    lost(told)
    (told.folder / "reports" / "ledger-head-egg.json").unlink()
    assert "nothing is erased until then" in restored(told, path)
    assert "restored from a copy" in told.gallra("apply").err
    assert told.gallra("ledger", "accept", "--by", "Disa Demo").code == 0
    assert "forgotten" not in told.gallra("apply").err


def test_a_ledger_that_has_forgotten_nothing_needs_nobody(told: Telling) -> None:
    said = told.gallra("ledger", "accept", "--by", "Disa Demo")
    assert (said.code, said.out) == (0, "This ledger has forgotten nothing. Nothing was done.\n")


def test_the_head_beside_the_reports_holds_no_person_and_is_its_owners_alone(told: Telling) -> None:
    hold(told)
    path = told.folder / "reports" / "ledger-head-egg.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(path.read_text(encoding="utf-8"))) == {"shop", "event", "at", "digest"}


def test_looking_at_a_ledger_that_is_not_there_makes_none(tmp_path: Path) -> None:
    shop = Telling(tmp_path)
    for words in (("backup", str(tmp_path)), ("check",), ("accept", "--by", "D"), ("rekey", "--by", "D")):
        said = shop.gallra("ledger", *words)
        assert (said.code, "There is no ledger at" in said.err) == (Exit.ERROR, True)
    assert list(tmp_path.glob("gallra.sqlite*")) == []


def test_check_says_what_is_damaged(told: Telling) -> None:
    whole = told.ledger.read_bytes()
    at = len(whole) // 2
    told.ledger.write_bytes(whole[:at] + bytes(4096) + whole[at + 4096 :])
    said = told.gallra("ledger", "check")
    assert said.code == Exit.ERROR
    assert "foresee" not in said.err
    assert "backup" in said.out + said.err
