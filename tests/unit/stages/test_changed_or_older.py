"""A ledger that was changed by hand, or is older than its reports: verbs that write refuse, others tell."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from connector.errors import Exit
from tests.unit.stages.opened import Opened

BY = ("--by", "Disa Demo")
TERMS = ("--reason", "a claim", "--owner", "Disa Demo", "--review", "2027-05-01")
HELD = ("hold", "add", "--order", "#1", *TERMS)


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A shop with a plan that waits, an order on hold, and a report beside the ledger."""
    found = Opened(tmp_path)
    found.memory.order("1")
    found.memory.order("2")
    for words in (("check",), ("pull",), ("plan",), HELD):
        said = found.gallra(*words)
        assert said.code == 0, (words, said.err)
    return found


def changed(opened: Opened) -> None:
    """Somebody deletes the hold in the file."""
    with closing(sqlite3.connect(opened.folder / "gallra.sqlite")) as connection, connection:
        connection.execute("DELETE FROM hold_record")
        connection.execute("DELETE FROM hold")


def older(opened: Opened) -> None:
    """The ledger of before the last hold is put back; what it knew last stands beside the reports."""
    kept = opened.folder / "kept.sqlite"
    with closing(sqlite3.connect(opened.folder / "gallra.sqlite")) as connection:
        connection.execute("VACUUM INTO ?", (str(kept),))
    assert opened.gallra("hold", "add", "--order", "#2", *TERMS).code == 0
    assert opened.gallra("run").code in (0, Exit.BLOCKED)
    for path in opened.folder.glob("gallra.sqlite*"):
        path.unlink()
    shutil.copy(kept, opened.folder / "gallra.sqlite")


@pytest.mark.parametrize(
    "words",
    [("pull",), ("plan",), ("hold", "release", "1", *BY), HELD, ("todo", "done", "1", *BY)],
    ids=lambda words: " ".join(words[:2]),
)
def test_no_verb_writes_to_a_ledger_that_was_changed_by_hand(opened: Opened, words: tuple[str, ...]) -> None:
    changed(opened)
    said = opened.gallra(*words)
    assert said.code == Exit.STALE, said.err
    assert "audit verify" in said.err


def test_status_says_that_the_ledger_was_changed_by_hand(opened: Opened) -> None:
    changed(opened)
    assert "was changed by hand" in opened.gallra("status").out


def test_an_audit_and_status_say_that_a_ledger_is_older_than_its_reports(opened: Opened) -> None:
    older(opened)
    said = opened.gallra("audit", "verify")
    assert (said.code, "does not know what happened last" in said.out + said.err) == (Exit.STALE, True)
    assert "does not know what happened last" in opened.gallra("status").out


def test_a_run_and_an_approval_wait_until_somebody_answers_for_an_older_ledger(opened: Opened) -> None:
    older(opened)
    code = str(opened.gallra("show", "--json").json["digest"])[:8]
    for words in (("run",), ("approve", code, *BY, "--role", "owner")):
        said = opened.gallra(*words)
        assert (said.code, "ledger accept" in said.out + said.err) == (Exit.BLOCKED, True), words


def test_a_signed_protocol_that_the_ledger_does_not_know_shows_that_it_is_older_without_any_head(
    tmp_path: Path,
) -> None:
    opened = Opened(tmp_path)
    opened.memory.order("1")
    opened.planned()
    kept = tmp_path / "kept.sqlite"
    with closing(sqlite3.connect(tmp_path / "gallra.sqlite")) as connection:
        connection.execute("VACUUM INTO ?", (str(kept),))
    for words in (("apply",), ("verify",), ("report",)):
        assert opened.gallra(*words).code == 0
    for path in (*tmp_path.glob("gallra.sqlite*"), *tmp_path.rglob("ledger-head-*.json")):
        path.unlink()
    shutil.copy(kept, tmp_path / "gallra.sqlite")
    said = opened.gallra("apply")
    assert (said.code, "does not know protocol" in said.err) == (Exit.BLOCKED, True), said.err
    assert opened.gallra("ledger", "accept", *BY).code == 0
    assert opened.gallra("apply").code == 0


def test_once_a_person_answers_for_what_was_taken_away_the_ledger_is_whole_again(opened: Opened) -> None:
    changed(opened)
    assert opened.gallra("ledger", "seal", *BY, "--as-it-stands").code == 0
    assert opened.gallra("audit", "verify").code == 0
    assert opened.gallra("pull").code == 0
