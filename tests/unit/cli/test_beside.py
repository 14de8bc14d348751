"""What `init` writes beside the shop's file."""

from pathlib import Path

import pytest

from connector.cli.starting import init
from connector.setup.beside import KEPT_OUT, ignoring
from tests.unit.cli.test_policy import said


def test_a_folder_without_one_gets_a_gitignore_of_ledgers_keys_letters_and_reports() -> None:
    made = ignoring("").splitlines()
    assert made[0].startswith("#")
    assert made[1:] == list(KEPT_OUT)


@pytest.mark.parametrize("there", ["build/", "build/\n", "*.key\n", "  *.key  \nbuild/"])
def test_what_stands_in_one_stays_and_each_pattern_is_there_once(there: str) -> None:
    made = ignoring(there)
    assert made.startswith(there)
    lines = [line.strip() for line in made.splitlines()]
    assert [lines.count(pattern) for pattern in KEPT_OUT] == [1] * len(KEPT_OUT)


def test_a_gitignore_is_written_once() -> None:
    assert ignoring(ignoring("build/\n")) == ignoring("build/\n")


def test_init_of_keys_alone_writes_it_beside_them(tmp_path: Path) -> None:
    init(tmp_path, keys=True)
    keys = {"vault.key", "subject.key", "seal.key"}
    assert {path.name for path in tmp_path.iterdir()} == {".gitignore", *keys}


def test_the_schema_is_all_that_is_said_on_stdout() -> None:
    code, out, err = said("settings", "schema")
    assert (code, err) == (0, "")
    assert out.startswith("{\n")
    assert out.endswith("}\n")
