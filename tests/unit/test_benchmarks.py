"""The benchmarks start: none dies unnoticed when what it measures has moved."""

import importlib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (REPOSITORY / "benchmarks").glob("*.py") if path.stem != "__init__")


def test_there_are_benchmarks() -> None:
    assert {"pull", "apply", "plan", "decide", "shopify_apply", "__main__"} <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_can_be_imported(name: str) -> None:
    assert importlib.import_module(f"benchmarks.{name}")
