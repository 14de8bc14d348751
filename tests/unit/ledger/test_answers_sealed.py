"""Answers to requests: sealed in a file, opened by somebody named, destroyed when their time is over."""

from pathlib import Path

import pytest

from connector.errors import LedgerError, WrongKey
from connector.ledger.answers_sealed import KEPT_DAYS, Answers
from connector.ledger.rekeying import give_up_old_key, rekey
from connector.ledger.request_letters import RequestLetters
from connector.ledger.sealing import open_vault
from connector.ledger.shredding import at_start, shred
from connector.ledger.states import LetterState
from connector.ledger.vault import KEY_BYTES, Vault
from tests.engine_support import VAULT_KEY, Engine

TEXT = b"Zacharias Oxenhufvud, Storgatan 1"


def answers(engine: Engine, key: bytes = VAULT_KEY) -> Answers:
    return Answers(engine.ledger, open_vault(engine.ledger, key))


def test_a_sealed_answer_holds_no_clear_text_anywhere_and_names_who_opened_it(
    engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "answers" / "r1.sealed"
    answers(engine).seal("R1", "access", file, TEXT)
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
    answers(engine).seal("R1", "access", file, TEXT)
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
    answers(engine).seal("R1", "access", one, TEXT)
    answers(engine).seal("R2", "access", two, b"other")
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
