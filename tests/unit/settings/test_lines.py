"""The line of every key, for each way TOML has of writing one."""

import tomllib
from pathlib import Path

import pytest

from connector.settings.lines import Place, dotted, find_lines
from tests.support import REPOSITORY

TEXT = '''\
# a comment with = and [brackets]
title = "a # no comment = x"
a.b = 1
"quoted key" = 'single \\'

[table] # comment
list = [1, # one
  2,
  [3,
   4]]
inline = { x = 1, y = { z = "}" } }
long = """
key = "not a key"
[not a table]
"""
literal = \'\'\'
also = no key\'\'\'
after = 2026-01-01T10:00:00Z

[table."sub.table"]
"k\\u0065y" = true
[[many]]
n = 1
[many.inner]
deep = 1
[[many]]
n = 2
[[many.twice]]
m = 1
'''


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("title",), 2),
        (("a",), 3),
        (("a", "b"), 3),
        (("quoted key",), 4),
        (("table",), 6),
        (("table", "list"), 7),
        (("table", "list", 0), 7),
        (("table", "list", 1), 8),
        (("table", "list", 2), 9),
        (("table", "list", 2, 1), 10),
        (("table", "inline"), 11),
        (("table", "inline", "y", "z"), 11),
        (("table", "long"), 12),
        (("table", "literal"), 16),
        (("table", "after"), 18),
        (("table", "sub.table", "key"), 21),
        (("many", 0), 22),
        (("many", 0, "n"), 23),
        (("many", 0, "inner", "deep"), 25),
        (("many", 1), 26),
        (("many", 1, "n"), 27),
        (("many", 1, "twice", 0, "m"), 29),
    ],
)
def test_a_key_is_found_on_the_line_where_it_stands(where: tuple[str | int, ...], line: int) -> None:
    assert find_lines(TEXT)[where] == line


def test_a_key_inside_a_text_is_no_key() -> None:
    assert ("table", "key") not in find_lines(TEXT)
    assert ("table", "also") not in find_lines(TEXT)


def paths(value: object, where: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {where} if where else set()
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    if isinstance(value, list):
        items = list(enumerate(value))
    return found.union(*(paths(item, (*where, key)) for key, item in items))


@pytest.mark.parametrize("path", sorted((REPOSITORY / "config").rglob("*.toml")), ids=lambda path: path.name)
def test_every_path_of_a_shipped_file_has_a_line_and_no_path_is_made_up(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(find_lines(text)) == paths(tomllib.loads(text))


def test_every_path_of_a_tricky_text_has_a_line_and_no_path_is_made_up() -> None:
    assert set(find_lines(TEXT)) == paths(tomllib.loads(TEXT))


def test_an_empty_text_has_no_lines() -> None:
    assert find_lines("# nothing\n") == {}


def test_a_path_is_written_as_a_reader_writes_it() -> None:
    assert dotted(("policy", "rules", "T-03", "x")) == "policy.rules.T-03.x"
    assert dotted(("listener", 0, "odd key")) == 'listener[0]."odd key"'


def test_a_place_is_written_as_file_and_line() -> None:
    assert str(Place("shop.toml", 3)) == "shop.toml:3"
