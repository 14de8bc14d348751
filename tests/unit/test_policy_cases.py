"""Every case under tests/cases/policy: facts, policy and day in, verdicts out."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.due import due

CASES = Path(__file__).parent.parent / "cases" / "policy"


def _cases() -> list[Any]:
    paths = sorted(CASES.glob("*/*.json"))
    return [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in paths]


@pytest.mark.parametrize("path", _cases())
def test_a_case_of_the_schedule_comes_out_as_written(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    expected = case["expect"]
    document = {"fields": list(expected)} | {key: case[key] for key in ("kind", "shop", "facts")}
    answer = due(document, today=date.fromisoformat(case["today"]), overrides=case.get("overrides"))
    found = {field: {key: answer["fields"][field][key] for key in keys} for field, keys in expected.items()}
    assert found == expected, case["says"]
    if "alerts" in case:
        assert answer["alerts"] == case["alerts"], case["says"]


def test_every_rule_of_the_preset_has_a_case() -> None:
    from connector.policy.load import read_policy

    _, file = read_policy("swedish-webshop")
    folders = {path.name for path in CASES.iterdir()}
    assert {rule.id for rule in file.rule} - folders == set()
