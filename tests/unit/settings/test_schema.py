"""The JSON schema of a settings file: editors complete by it, and it refuses nothing that loads."""

import json
import tomllib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connector.cli.demo.settings import company_text, shop_text
from connector.settings.meanings import meanings
from connector.settings.schema import settings_schema
from tests.support import REPOSITORY
from tests.unit.docs.settings_keys import setting_rows

CONFIG = REPOSITORY / "config"
FILES = [path for folder in ("companies", "shops") for path in (CONFIG / folder).glob("*.toml")]
SERVICES = {
    "woocommerce": {"url": "http://127.0.0.1:1"},
    "shopify": {"url": "http://127.0.0.1:2"},
    "mailchimp": {"url": "http://127.0.0.1:3", "list_id": "a", "store_id": "s"},
    "klarna": {"url": "http://127.0.0.1:4", "user": "u"},
    "payson": {"url": "http://127.0.0.1:5", "agent": "4"},
    "postnord": {"url": "http://127.0.0.1:6"},
}


@cache
def schema() -> dict[str, Any]:
    return settings_schema()


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults(text: str) -> list[str]:
    """What an editor would mark: TOML's dates are texts to it."""
    return [one.message for one in validator().iter_errors(as_json(tomllib.loads(text)))]


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_json(one) for one in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def described(node: dict[str, Any], before: str = "") -> dict[str, str]:
    """The description at every key of the schema, by dotted key."""
    found = {}
    for name, below in node.get("properties", {}).items():
        found[f"{before}{name}"] = below.get("description", "")
        found |= described(below, f"{before}{name}.")
    if isinstance(node.get("items"), dict):
        found |= described(node["items"], f"{before.removesuffix('.')}[].")
    if isinstance(others := node.get("additionalProperties"), dict):
        found |= described(others, f"{before}{'NAME' if before == 'recipients.' else 'RULE'}.")
    return found


def test_the_schema_is_one_itself_and_refers_to_nothing() -> None:
    Draft202012Validator.check_schema(schema())
    assert "$ref" not in json.dumps(schema())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_that_comes_with_gallra_is_valid(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("platform", ["woocommerce", "shopify"])
def test_the_demos_files_are_valid(platform: str) -> None:
    assert faults(shop_text(platform, SERVICES)) == []
    assert faults(company_text(date(2026, 11, 22))) == []


def test_every_setting_stands_in_the_schema_with_its_meaning() -> None:
    there = described(schema())
    said = meanings()
    keys = [key for key, _, _ in setting_rows()]
    assert {key: there.get(key) for key in keys} == {key: said[key] for key in keys}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[shop]\nnmae = 'x'", "nmae"),
        ("[platform]\nname = 'woocomerce'", "woocomerce"),
        ("[platform]\nbatch = 101", "101"),
        ("[limits]\nrecords = '500'", "500"),
        ("[ledger]\nkey = 'plain text'", "plain text"),
        ("[ledger]\nkey = { env = 'A', file = 'b' }", "too many"),
        ("[[listener]]\nid = 'webhook:1'", "mark"),
        ("[recipients.fortnox]\ncode = 'XX'", "XX"),
        ("[policy.rules.'T-03']\nperiode = '90 days'", "periode"),
        ("[company]\nfinancial_years = { ends = '12-31', form = 2014 }", "form"),
    ],
)
def test_a_slip_is_marked_while_it_is_typed(text: str, told: str) -> None:
    assert told in " ".join(faults(text))


@pytest.mark.parametrize("years", ['{ ends = "12-31", from = 2014 }', "[[2025-01-01, 2025-12-31]]"])
def test_financial_years_are_taken_in_both_their_forms(years: str) -> None:
    oss = "[[2021-07-01], [2024-01-01, 2024-06-30]]"
    assert faults(f"[company]\nfinancial_years = {years}\noss = {oss}") == []


def test_a_file_that_another_extends_need_not_say_what_the_other_does() -> None:
    assert faults('[approval]\nby = "Disa Demo"') == []
