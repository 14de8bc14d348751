"""Every case under tests/cases/policy: facts, policy and day in, verdicts out; a file of one, or of many."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.policy.calculator import due

CASES = Path(__file__).parent.parent.parent / "cases" / "policy"


def _cases() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*/*.json")):
        read = json.loads(path.read_text(encoding="utf-8"))
        rows = enumerate(read) if isinstance(read, list) else [("", read)]
        found += [pytest.param(row, id=f"{path.parent.name}-{path.stem}{number}") for number, row in rows]
    return found


@pytest.mark.parametrize("case", _cases())
def test_a_case_of_the_schedule_comes_out_as_written(case: dict[str, Any]) -> None:
    expected = case["expect"]
    document = {"fields": list(expected)} | {key: case[key] for key in ("kind", "shop", "facts")}
    answer = due(
        document,
        today=date.fromisoformat(case["today"]),
        overrides=case.get("overrides"),
        request=case.get("request", ""),
    )
    found = {field: {key: answer["fields"][field][key] for key in keys} for field, keys in expected.items()}
    assert found == expected, case["says"]
    if "alerts" in case:
        assert answer["alerts"] == case["alerts"], case["says"]


def test_every_rule_of_the_preset_has_a_case() -> None:
    from connector.policy.read_file import read_policy

    _, file = read_policy("swedish-webshop")
    folders = {path.name for path in CASES.iterdir()}
    assert {rule.id for rule in file.rule} - folders == set()
