"""What is locked is what pyproject.toml asks for, whole, by hash; the images and CI install nothing else."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support import REPOSITORY

WHOLE = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = WHOLE["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKED: Mapping[str, list[str]] = {
    "run": PROJECT["dependencies"],
    "demo": PROJECT["dependencies"] + EXTRAS["demo"],
    "fleet": PROJECT["dependencies"] + EXTRAS["fleet"],
    "test": PROJECT["dependencies"] + EXTRAS["demo"] + EXTRAS["test"] + EXTRAS["testing"],
    "docs": PROJECT["dependencies"] + EXTRAS["docs"],
    "build": WHOLE["build-system"]["requires"],
    "audit": ["pip-audit"],
}
_ENTRY = re.compile(
    r"^(\S+)==(\S+)(?: ; (.+?))? \\$((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+)$", re.MULTILINE
)
# Where and with what Gallra may run: a marker that holds nowhere here hides nothing.
HERE = [
    {"python_version": version, "python_full_version": f"{version}.9", "sys_platform": system,
     "platform_system": name, "extra": "", "implementation_name": "cpython",
     "platform_python_implementation": "CPython", "platform_machine": "x86_64", "os_name": "posix"}
    for version in ("3.11", "3.12", "3.13", "3.14")
    for system, name in (("linux", "Linux"), ("darwin", "Darwin"))
]  # fmt: skip


@cache
def locked(name: str) -> Mapping[str, str]:
    """The version of each package of a lock file, by its name."""
    text = (REPOSITORY / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    found = {canonicalize_name(one): version for one, version, _marker, _hashes in _ENTRY.findall(text)}
    left = [line for line in _ENTRY.sub("", text).splitlines() if line and not line.startswith("#")]
    assert left == []  # every line is a comment or belongs to an entry with its hashes
    return found


def asked(texts: list[str]) -> Iterator[Requirement]:
    yield from (Requirement(text) for text in texts)


def test_every_lock_file_is_held_to_what_it_locks() -> None:
    assert {path.stem for path in (REPOSITORY / "requirements").glob("*.txt")} == LOCKED.keys()


@pytest.mark.parametrize("name", LOCKED)
def test_a_lock_file_names_every_dependency_at_a_version_that_its_range_allows(name: str) -> None:
    versions = locked(name)
    wrong = [
        str(one)
        for one in asked(LOCKED[name])
        if versions.get(canonicalize_name(one.name), "") not in one.specifier
    ]
    assert wrong == []


@pytest.mark.parametrize("name", LOCKED)
def test_a_lock_file_names_what_its_packages_need_in_turn(name: str) -> None:
    """As far as a package is installed here, at whatever version: its own needs rarely change."""
    versions = locked(name)
    missing = {
        f"{package} needs {need.name}"
        for package in versions
        for need in _needs(package)
        if canonicalize_name(need.name) not in versions
    }
    assert missing == set()


def _needs(package: str) -> Iterator[Requirement]:
    try:
        found = distribution(package)
    except PackageNotFoundError:
        return
    for one in asked(found.requires or []):
        if one.marker is None or any(one.marker.evaluate(dict(place)) for place in HERE):
            yield one


@pytest.mark.parametrize("name", ["run", "demo", "build", "docs"])
def test_one_version_of_a_package_is_locked_everywhere(name: str) -> None:
    other = {
        one: (version, locked("test")[one]) for one, version in locked(name).items() if one in locked("test")
    }
    assert {one: both for one, both in other.items() if both[0] != both[1]} == {}


def test_the_image_installs_only_by_hash_and_its_own_wheel_without_dependencies() -> None:
    text = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    installs = re.findall(r"pip.* install (.+)$", text, re.MULTILINE)
    assert len(installs) == 5
    assert all("--require-hashes" in one or "--no-deps dist/" in one for one in installs)
    assert "build --wheel --no-isolation" in text  # the builder is one of what is locked


@pytest.mark.parametrize("file", [".ci/run", ".github/workflows/ci.yml"])
def test_ci_installs_what_is_locked(file: str) -> None:
    assert re.search(r"LOCKED[:=] ?\"?1", (REPOSITORY / file).read_text(encoding="utf-8"))


def test_the_public_ci_audits_what_is_locked() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert "make audit" in (REPOSITORY / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert re.search(r"pip-audit .*--require-hashes[^\n]*\n[^\n]*-r requirements/test\.txt", makefile)


def test_every_range_has_an_upper_bound() -> None:
    every = [*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra)]
    every += WHOLE["build-system"]["requires"]
    assert [one for one in every if "<" not in str(Requirement(one).specifier)] == []
