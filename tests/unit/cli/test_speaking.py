"""Which language a command speaks, and how it closes."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.cli import main
from connector.cli.speaking import ALWAYS, closed, language_of, language_typed, said, speak, word


@pytest.fixture(autouse=True)
def _by_the_shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(ALWAYS)
    yield
    speak("en")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_shop_that_names_no_language_is_swedish(tmp_path: Path) -> None:
    assert language_of(write(tmp_path / "a.toml", '[shop]\nid = "egg"\n')) == "sv"


def test_a_shop_speaks_the_language_of_the_file_it_extends(tmp_path: Path) -> None:
    write(tmp_path / "company.toml", '[shop]\nlanguage = "en"\n')
    assert language_of(write(tmp_path / "a.toml", 'extends = "company.toml"\n[shop]\nid = "egg"\n')) == "en"


def test_a_file_with_faults_still_says_its_language(tmp_path: Path) -> None:
    assert language_of(write(tmp_path / "a.toml", '[shop\nlanguage = "en"\n')) == "en"


def test_files_that_extend_each_other_end(tmp_path: Path) -> None:
    assert language_of(write(tmp_path / "a.toml", 'extends = "a.toml"\n')) == "sv"


def test_a_variable_names_the_reader_s_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALWAYS, "en")
    speak("sv")
    assert said("Nothing was done.") == "Nothing was done."


def test_a_closing_sentence_is_said_and_then_stands_in_english_last() -> None:
    speak("sv")
    assert closed("Applied: nothing.") == "Utfört: inget.\nApplied: nothing."
    speak("en")
    assert closed("Applied: nothing.") == "Applied: nothing."


def test_a_fault_of_a_swedish_shop_is_told_in_swedish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(
        tmp_path / "shop.toml",
        '[shop]\nid = "egg"\nname = "Egg"\n[platform]\nname = "woocommerce"\nurl = "egg"\n',
    )
    monkeypatch.setattr(sys, "argv", ["gallra", "check", str(file)])
    with pytest.raises(SystemExit):
        main()
    assert (
        "Fel: shop.toml:6: platform.url: är ingen webbadress. Skriv https://butiken.example."
        in capsys.readouterr().err
    )


def test_ctrl_c_is_one_sentence_wherever_it_comes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("connector.cli._command", interrupted)
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, capsys.readouterr().err) == (
        3,
        "Stopped. Nothing is lost; run the same command again.\n",
    )


def test_what_came_of_a_step_is_said_in_the_reader_s_words_and_in_english_as_its_code() -> None:
    speak("en")
    assert word("outcome", "by_hand (letter)") == "by_hand (letter)"
    speak("sv")
    assert word("outcome", "by_hand (letter)") == "ska göras för hand (letter)"
    assert word("act", "notify") == "underrätta"


def test_a_line_that_is_typed_wrong_is_answered_in_the_language_of_the_shop_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert language_typed(["status"]) == "en"
    write(tmp_path / "shop.toml", '[shop]\nid = "egg"\n')
    assert language_typed(["status"]) == "sv"
    write(tmp_path / "other.toml", '[shop]\nlanguage = "en"\n')
    assert language_typed(["status", "other.toml"]) == "en"
