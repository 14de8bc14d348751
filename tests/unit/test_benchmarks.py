"""The benchmarks: none dies unnoticed when what it measures has moved, and none measures nothing."""

import importlib
from pathlib import Path

import pytest

from benchmarks.machine import premise

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (REPOSITORY / "benchmarks").glob("*.py") if path.stem != "__init__")


def test_there_are_benchmarks() -> None:
    assert {"pull", "apply", "plan", "decide", "shopify_apply", "__main__"} <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_can_be_imported(name: str) -> None:
    assert importlib.import_module(f"benchmarks.{name}")


def test_every_module_that_measures_stands_in_the_table() -> None:
    from benchmarks.__main__ import BENCHMARKS

    measuring = {
        one for one in MODULES if "def measure(" in (REPOSITORY / f"benchmarks/{one}.py").read_text()
    }
    assert {one.measure.__module__ for one in BENCHMARKS.values()} == {f"benchmarks.{m}" for m in measuring}


def test_every_benchmark_has_a_smallest_size_or_is_one_of_another() -> None:
    from benchmarks.__main__ import BENCHMARKS

    small = {one.measure for one in BENCHMARKS.values() if one.smallest is not None}
    assert {one.measure for one in BENCHMARKS.values()} == small


def test_a_benchmark_whose_premise_fails_ends_in_an_error_that_names_it() -> None:
    with pytest.raises(SystemExit, match="measures nothing: 0 of 10 orders came"):
        premise(False, "0 of 10 orders came")
