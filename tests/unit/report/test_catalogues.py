"""The catalogues of sentences: both languages say the same, and no file is read before it is needed."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import REPOSITORY

CATALOGUES = sorted((REPOSITORY / "connector" / "report" / "texts").glob("*.toml"))
IN_BOTH = [path for path in CATALOGUES if path.stem not in ("sv", "en", "errors", "says")]
READ = {"read_catalogue", "catalogue_text", "catalogue", "Words"}


def sentences(table: Any) -> Iterator[tuple[str, str]]:
    """Every sentence of a catalogue in both languages."""
    if isinstance(table, dict) and isinstance(table.get("sv"), str):  # a language may be a name too
        yield table["sv"], table["en"]
    elif isinstance(table, dict | list):
        for one in table.values() if isinstance(table, dict) else table:
            yield from sentences(one)


@pytest.mark.parametrize("path", IN_BOTH, ids=lambda path: path.stem)
def test_both_languages_of_a_sentence_fill_in_the_same_names(path: Path) -> None:
    found = list(sentences(tomllib.loads(path.read_text(encoding="utf-8"))))
    assert found
    assert all(set(re.findall(r"\{(\w+)", sv)) == set(re.findall(r"\{(\w+)", en)) for sv, en in found)


def at_import(tree: ast.AST) -> Iterator[str]:
    """The names of what a module calls while it is imported: everything outside the bodies of functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", getattr(node.func, "attr", ""))
        yield from at_import(node)


def test_no_catalogue_is_read_by_an_import() -> None:
    modules = (REPOSITORY / "connector").rglob("*.py")
    readers = [path for path in modules if READ & set(at_import(ast.parse(path.read_text(encoding="utf-8"))))]
    assert readers == []


def keys_asked_for() -> Iterator[str]:
    """The keys that the papers say; of a key that is put together, its part of the catalogue."""
    for path in (REPOSITORY / "connector" / "views" / "papers").glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("line", "lines", "table"):
                key = call.args[0]
                if isinstance(key, ast.JoinedStr):
                    key = key.values[0]
                if isinstance(key, ast.Constant):
                    yield str(key.value).rstrip(".")


def test_the_papers_say_every_line_of_their_catalogue_and_no_other() -> None:
    papers = next(path for path in CATALOGUES if path.stem == "papers")
    parts = tomllib.loads(papers.read_text(encoding="utf-8"))
    asked = set(keys_asked_for())
    known = {f"{part}.{name}" for part, lines in parts.items() if part not in asked for name in lines}
    assert known == asked - parts.keys()
