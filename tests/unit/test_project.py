"""What lies around the code: the public CI calls what a person calls, and nothing private is taken in."""

import re
import tomllib
from fnmatch import fnmatch

import pytest

from tests.support import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOW = (REPOSITORY / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_public_ci_runs_nothing_but_targets_that_a_person_has_too() -> None:
    commands = re.findall(r"run: (.+)$", WORKFLOW, re.MULTILINE)
    assert commands
    assert [one for one in commands if one.removeprefix("make ") not in TARGETS] == []


def test_the_public_ci_tries_every_python_that_the_project_names() -> None:
    (tried,) = re.findall(r"python: \[(.+)\]", WORKFLOW)
    named = [one.rpartition(" :: ")[2] for one in PROJECT["classifiers"] if ":: 3." in one]
    assert tried.replace('"', "").split(", ") == named


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_target_that_a_page_names_is_there(page: str) -> None:
    named = re.findall(r"(?:^ {4}|`)make ([a-z]+)", (REPOSITORY / page).read_text("utf-8"), re.MULTILINE)
    assert named
    assert set(named) <= TARGETS


@pytest.mark.parametrize(
    "name", ["shop.sqlite", "shop.sqlite-wal", "vault.key", "subject.key", "keys.sh", "gallra.env"]
)
def test_a_ledger_or_a_key_is_kept_out_of_the_repository(name: str) -> None:
    patterns = (REPOSITORY / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert any(fnmatch(name, pattern) for pattern in patterns)


def test_the_licence_is_the_one_that_the_package_states() -> None:
    text = (REPOSITORY / "LICENSE").read_text(encoding="utf-8")
    assert PROJECT["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text
    assert "the Gallra authors" in text


def test_the_package_names_no_address_that_is_not_there() -> None:
    assert "urls" not in PROJECT


def test_what_the_demo_needs_comes_with_its_extra_and_the_tests_alone() -> None:
    extras = PROJECT["optional-dependencies"]
    (needed,) = extras["demo"]
    assert needed in extras["test"]
    assert needed not in PROJECT["dependencies"]
