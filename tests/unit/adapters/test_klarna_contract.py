"""The calls to Klarna and PostNord held against the services' own descriptions of them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from adapters.klarna import processor as klarna
from adapters.postnord import processor as postnord

MONEY = ("cancel", "refund", "release", "capture", "customer-details", "authorizations")


def described(shared: Path, name: str) -> dict[str, Any]:
    paths: dict[str, Any] = json.loads((shared / "specs" / name).read_text("utf-8"))["paths"]
    return paths


def calls(module: Any) -> set[tuple[str, str]]:
    """Every (method, path) that a module's source sends, with its parameters blanked."""
    source = re.sub(r"\s+", " ", Path(module.__file__).read_text("utf-8"))
    direct = re.findall(r'request\( ?"([A-Z]+)", f"([^"]+)"', source)
    read = [("GET", path) for path in re.findall(r'_get\( ?f"([^"]+)"', source)]
    read += [("GET", path) for path in re.findall(r'path = f"([^"]+)"', source)]
    return {(method, "/" + re.sub(r"\{[^}]+\}+", "{}", path)) for method, path in [*direct, *read]}


def blanked(paths: dict[str, Any]) -> dict[str, Any]:
    return {re.sub(r"\{[^}]+\}", "{}", path): operations for path, operations in paths.items()}


def test_every_call_to_klarna_is_described(shared: Path) -> None:
    known = blanked(described(shared, "klarna-order-management.openapi.json"))
    known |= blanked(described(shared, "klarna-customer-token.openapi.json"))
    made = calls(klarna)
    assert len(made) == 4
    assert not [(method, path) for method, path in made if method.lower() not in known.get(path, {})]


def test_the_one_call_to_postnord_is_described(shared: Path) -> None:
    known = blanked(described(shared, "postnord-track-trace-v7-identifier.openapi.json"))
    ((method, path),) = calls(postnord)
    assert method.lower() in known[path.removeprefix("/rest/shipment")]


@pytest.mark.parametrize("word", MONEY)
def test_no_call_to_klarna_moves_money_or_touches_the_consumer(word: str) -> None:
    assert not [path for _, path in calls(klarna) if word in path]


def test_the_only_writes_to_klarna_are_token_status_and_the_shops_own_references() -> None:
    written = {path.rpartition("/")[2] for method, path in calls(klarna) if method != "GET"}
    assert written == {"status", "merchant-references"}


def test_the_status_sent_is_the_one_klarna_knows(shared: Path) -> None:
    text = (shared / "specs" / "klarna-customer-token.openapi.json").read_text("utf-8")
    schemas = json.loads(text)["components"]["schemas"]
    assert schemas["customer_token_status_update_request"]["properties"]["status"]["enum"] == ["CANCELLED"]
    assert '"status": "CANCELLED"' in Path(klarna.__file__).read_text("utf-8")
