"""The page on the house: what it names is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.ledger.states import DELIVERY_ARROWS, MESSAGE_ARROWS, PLAN_ARROWS, STEP_ARROWS, Stated
from tests.support import REPOSITORY
from tests.unit.docs.pages import text_of

HOUSE = text_of("how/house.md")
PLACES = sorted(set(re.findall(r"`((?:connector|adapters|config|tests)(?:/[\w.-]+)*)`", HOUSE)))
NAMES = sorted(set(re.findall(r"`((?:connector|adapters)(?:/\w+)*)` · `(\w+)`", HOUSE)))


def test_a_reader_finds_at_least_what_is_asked_first() -> None:
    assert len(PLACES) > 20
    assert len(NAMES) > 20


@pytest.mark.parametrize("place", PLACES)
def test_every_place_that_the_house_names_is_there(place: str) -> None:
    assert list(files(place)) or (REPOSITORY / place).exists()


@pytest.mark.parametrize(("place", "name"), NAMES)
def test_every_name_of_the_house_is_defined_where_it_is_said_to_be(place: str, name: str) -> None:
    assert name in {one for path in files(place) for one in defined(path)}


def files(place: str) -> Iterator[Path]:
    """The Python files of a place, which is written without its suffix."""
    where = REPOSITORY / place
    yield from [where.with_suffix(".py")] if where.with_suffix(".py").is_file() else where.rglob("*.py")


def defined(path: Path) -> Iterator[str]:
    """What a file defines at its top or in a class."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


@pytest.mark.parametrize("arrows", [PLAN_ARROWS, STEP_ARROWS, DELIVERY_ARROWS, MESSAGE_ARROWS])
def test_every_state_says_what_it_means_in_words_that_a_table_can_hold(
    arrows: dict[Stated, frozenset[Stated]],
) -> None:
    assert all(one.meaning and not {"|", "\n"} & set(one.meaning) for one in arrows)
