"""What a shown line leaves to be filled in is refused wherever a person's word is recorded."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from connector.about.values import Text
from connector.errors import GallraError
from connector.placeholders import LEFT_OPEN, is_left_open
from connector.policy.free_text import said, said_if_any
from connector.setup.questions import faults

ROOT = Path(__file__).parents[2]
EVERY = sorted({*LEFT_OPEN, *(word for words in LEFT_OPEN.values() for word in words)})
LINE = re.compile(r"gallra [^`\n|]*")
WORD = re.compile(r"(?<![\wåäöÅÄÖ-])[A-ZÅÄÖ]{2,}(?![\wåäöÅÄÖ-])")
NAMES = frozenset(
    {"TOML", "CSV", "HTML", "JSON", "GDPR", "KEY", "OSS", "AB", "UTF", "SQL", "API", "URL", "HTTP"}
)
"""Words in capitals that are what they are."""


def shown() -> Iterator[str]:
    """Every line of Gallra's own that is shown to be typed, wherever it is written."""
    for folder in ("connector", "adapters"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".toml"}:
                yield from LINE.findall(path.read_text(encoding="utf-8"))


def test_every_word_that_a_shown_line_leaves_open_is_in_the_list() -> None:
    found = {word for line in shown() for word in WORD.findall(re.split(r'["\'.;]( |$)', line)[0])}
    assert found - NAMES <= set(EVERY)
    assert {"NAMN", "HUR", "NAME", "HOW", "BREV"} <= found


@pytest.mark.parametrize("word", EVERY)
def test_no_such_word_is_taken_for_a_name_a_role_a_way_or_evidence(word: str) -> None:
    for text in (word, f" <{word}> ", f"{word}...", f'"{word}"'):
        with pytest.raises(GallraError, match="Put the real one in its place"):
            said(text, "--how")
        with pytest.raises(GallraError, match="Put the real one in its place"):
            said_if_any(text, "--evidence")


@pytest.mark.parametrize("word", [*EVERY, "…", "..."])
def test_no_such_word_is_taken_for_what_a_settings_file_says(word: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Text).validate_python(word)


@pytest.mark.parametrize("word", EVERY)
def test_no_such_word_answers_a_question_of_init(word: str) -> None:
    assert "by" in faults({"by": word})


@pytest.mark.parametrize(
    "text", ["ägare", "owner", "Disa Demo", "VD", "IT", "by post", "HUR-AB", "Name Namnsson"]
)
def test_a_word_of_ones_own_is_let_through(text: str) -> None:
    assert not is_left_open(text)
    assert said(text, "--role") == text


def test_every_option_that_takes_a_persons_word_is_read_by_the_same_rule() -> None:
    word = re.compile(r'"--(by|role|how|reason|owner|evidence|on-behalf)"')
    for path in sorted((ROOT / "connector" / "cli").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "typer.Option" in text and word.search(text):
            assert "free_text import" in text, path.name
    assert "said_if_any(" in inspect.getsource(said)
