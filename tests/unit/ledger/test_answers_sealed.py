"""Answers to requests: sealed in a file, opened by somebody named, destroyed when their time is over."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

import pytest

from connector.errors import LedgerError, WrongKey
from connector.ledger.answers_sealed import KEPT_DAYS, Answers
from connector.ledger.rekeying import give_up_old_key, rekey
from connector.ledger.request_letters import RequestLetters
from connector.ledger.sealing import open_vault
from connector.ledger.shredding import at_start, shred
from connector.ledger.states import LetterState
from connector.ledger.vault import KEY_BYTES, Vault
from connector.machine import files
from tests.engine_support import VAULT_KEY, Crash, Engine, Mortal, make_engine, reopen

TEXT = b"Zacharias Oxenhufvud, Storgatan 1"


def answers(engine: Engine, key: bytes = VAULT_KEY) -> Answers:
    return Answers(engine.ledger, open_vault(engine.ledger, key))


def test_a_sealed_answer_holds_no_clear_text_anywhere_and_names_who_opened_it(
    engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "answers" / "r1.sealed"
    file = answers(engine).seal("R1", "access", file, TEXT).file
    assert not [one for one in tmp_path.rglob("*") if one.is_file() and b"Oxenhufvud" in one.read_bytes()]
    assert file.stat().st_mode & 0o077 == 0
    assert answers(engine).open("R1", "access", by="Karin") == TEXT
    with engine.ledger.begin() as connection:
        (opened,) = engine.ledger.events(connection, "answer_opened")
    assert opened.detail["by"] == "Karin"
    assert opened.detail["request"] == "R1"


def test_it_is_destroyed_after_thirty_days_and_no_copy_of_the_file_opens(
    engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "r1.sealed"
    file = answers(engine).seal("R1", "access", file, TEXT).file
    copy = file.read_bytes()
    engine.clock.turn(days=KEPT_DAYS)
    assert at_start(engine.ledger)
    assert answers(engine).open("R1", "access", by="Karin") == TEXT
    engine.clock.turn(days=1)
    with pytest.raises(LedgerError, match="30"):  # before the run that destroys it, too
        answers(engine).open("R1", "access", by="Karin")
    assert at_start(engine.ledger)
    assert not file.exists()
    assert answers(engine).all() == []
    file.write_bytes(copy)
    with pytest.raises(LedgerError):
        answers(engine).open("R1", "access", by="Karin")


def test_its_key_is_in_no_file_of_the_ledger_once_it_is_destroyed(engine: Engine, tmp_path: Path) -> None:
    answers(engine).seal("R1", "access", tmp_path / "r1.sealed", TEXT)
    with engine.ledger.engine.connect() as connection:
        sealed = connection.exec_driver_sql("SELECT sealed FROM request_answer").scalar_one()
    engine.clock.turn(days=KEPT_DAYS + 1)
    assert at_start(engine.ledger)
    assert shred(engine.ledger)
    assert not [one for one in tmp_path.glob("ledger.sqlite*") if sealed[:80] in one.read_bytes()]


def test_another_request_or_a_changed_file_opens_nothing(engine: Engine, tmp_path: Path) -> None:
    one, two = tmp_path / "1.sealed", tmp_path / "2.sealed"
    one = answers(engine).seal("R1", "access", one, TEXT).file
    two = answers(engine).seal("R2", "access", two, b"other").file
    two.write_bytes(one.read_bytes())
    with pytest.raises(LedgerError, match="changed"):
        answers(engine).open("R2", "access", by="Karin")


def test_it_goes_with_the_vault_key_when_that_is_changed_and_is_given_up_with_it(
    engine: Engine, tmp_path: Path
) -> None:
    answers(engine).seal("R1", "access", tmp_path / "r1.sealed", TEXT)
    other = bytes(range(KEY_BYTES))
    rekey(engine.ledger, old=VAULT_KEY, new=other, by="Karin")
    assert answers(engine, other).open("R1", "access", by="Karin") == TEXT
    with pytest.raises(WrongKey):
        Answers(engine.ledger, Vault(VAULT_KEY)).open("R1", "access", by="Karin")
    give_up_old_key(engine.ledger, VAULT_KEY, by="Karin")
    assert answers(engine).all() == []


def test_a_letter_that_is_written_has_not_left_and_one_that_left_is_not_written_anew(
    engine: Engine, tmp_path: Path
) -> None:
    letters = RequestLetters(engine.ledger)
    with engine.ledger.begin() as connection:
        row = letters.write(connection, "R1", "receipt", tmp_path / "l.txt", engine.today)
        assert not row.left
        letters.close(connection, row, LetterState.TOLD, person="Karin", how="by post")
        assert letters.one(connection, "R1", "receipt").left
        with pytest.raises(LedgerError, match="told already"):
            letters.write(connection, "R1", "receipt", tmp_path / "l.txt", engine.today)
        with pytest.raises(LedgerError, match="cannot become"):
            letters.close(connection, row, LetterState.BEGUN)
        (told,) = engine.ledger.events(connection, "letter_told")
    assert told.detail["by"] == "Karin"


def test_an_answer_sealed_anew_never_leaves_none_that_opens_wherever_the_process_ends(
    tmp_path: Path,
) -> None:
    ends = set()
    for point in itertools.count(1):
        folder = tmp_path / str(point)
        folder.mkdir()
        engine, file = make_engine(folder), folder / "answers" / "R1-access.sealed"
        answers(engine).seal("R1", "access", file, b"the first")
        mortal = Mortal(point)
        mortal.watch(engine.ledger)
        with suppress(Crash), dying(mortal):
            answers(engine).seal("R1", "access", file, TEXT)
        again = reopen(engine, folder)
        ends.add(answers(again).open("R1", "access", by="Karin"))
        answers(again).seal("R1", "access", file, TEXT)
        assert answers(again).open("R1", "access", by="Karin") == TEXT
        (left,) = [one for one in file.parent.iterdir() if one.suffix == ".sealed"]
        assert left == answers(again).all()[0].file
        again.ledger.engine.dispose()
        if not mortal.dead:
            break
    assert ends == {b"the first", TEXT}
    assert point > 4


@contextmanager
def dying(mortal: Mortal) -> Iterator[None]:
    """The process may end before and after each file that is written or removed, too."""
    write, unlink = files.write_bytes, Path.unlink

    def written(path: Path, content: bytes) -> None:
        mortal.step("before a file")
        write(path, content)
        mortal.step("after a file")

    def unlinked(path: Path, missing_ok: bool = False) -> None:
        mortal.step("before a file goes")
        unlink(path, missing_ok=missing_ok)

    with (
        mock.patch("connector.ledger.answers_sealed.write_bytes", written),
        mock.patch.object(Path, "unlink", unlinked),
    ):
        yield


def test_a_draft_is_its_owners_alone_and_gone_once_its_letter_left_or_after_thirty_days(
    engine: Engine, tmp_path: Path
) -> None:
    letters = RequestLetters(engine.ledger)
    for name in ("receipt", "accessed"):
        with engine.ledger.begin() as connection:
            letters.write(connection, "R1", name, tmp_path / f"{name}.txt", engine.today)
        files.write_text(tmp_path / f"{name}.txt", "Your code is 12345678")
        assert (tmp_path / f"{name}.txt").stat().st_mode & 0o077 == 0
    with engine.ledger.begin() as connection:
        letters.close(connection, letters.one(connection, "R1", "receipt"), LetterState.TOLD)
    assert at_start(engine.ledger)  # the process ended before it went
    assert [one.name for one in tmp_path.glob("*.txt")] == ["accessed.txt"]
    engine.clock.turn(days=30)
    assert at_start(engine.ledger)
    assert (tmp_path / "accessed.txt").exists()
    engine.clock.turn(days=1)
    assert at_start(engine.ledger)
    assert list(tmp_path.glob("*.txt")) == []
    with engine.ledger.begin() as connection:
        assert [one.file for one in letters.of(connection)] == [None, None]


def test_no_older_text_is_left_to_be_sent_where_the_process_ends_while_a_letter_is_written_anew(
    engine: Engine, tmp_path: Path
) -> None:
    letters, file = RequestLetters(engine.ledger), tmp_path / "refusal.txt"
    for _ in range(2):
        with engine.ledger.begin() as connection:
            letters.write(connection, "R1", "refusal", file, engine.today)
        assert not file.exists()
        files.write_text(file, "the first text")
