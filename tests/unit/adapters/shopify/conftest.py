"""A shop of prepared answers, by operation, and the platform that speaks to it."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses

from adapters.shopify.client import Client, connect
from adapters.shopify.files import Files
from adapters.shopify.platform import Shopify
from connector.identity import make_keyer

URL = "https://linne-och-lin.myshopify.com"
GRAPHQL = f"{URL}/admin/api/2026-10/graphql.json"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SCOPES = (
    "read_orders", "read_all_orders", "write_orders", "write_customers", "write_customer_data_erasure",
    "write_draft_orders", "read_returns", "read_store_credit_accounts",
    "write_merchant_managed_fulfillment_orders",
)  # fmt: skip
_NAME = re.compile(r"(?:query|mutation)\s+(\w+)")
Answer = dict[str, Any]
Prepared = Answer | Callable[[dict[str, Any]], Answer]


class Prepares:
    """Answers each operation with what was prepared for it, in turn; the last one stays."""

    def __init__(self) -> None:
        self.prepared: dict[str, list[Prepared]] = {}
        self.asked: list[tuple[str, dict[str, Any], str]] = []
        self.tokens: list[str] = []
        self.headers = {"X-Shopify-API-Version": "2026-10", "X-Request-Id": "r-1"}
        self.cost: Answer | None = None
        self.known: dict[str, Answer] = {}  # what was fetched, and stands so still
        self.prepare("Check", check_answer())

    def prepare(self, name: str, *answers: Prepared) -> None:
        """The answers to an operation: the value of `data`, or a body that has `errors`."""
        self.prepared[name] = list(answers)

    def called(self, name: str) -> list[dict[str, Any]]:
        """The variables of each call of an operation."""
        return [variables for asked, variables, _ in self.asked if asked == name]

    def __call__(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        body = json.loads(request.body or b"{}")
        found = _NAME.search(body["query"])
        assert found is not None
        name, variables = found[1], body["variables"]
        self.asked.append((name, variables, body["query"]))
        self.tokens.append(str(request.headers.get("X-Shopify-Access-Token")))
        if name.startswith("Now") and name not in self.prepared:
            value: Answer = {"nodes": [_standing(self.known.get(one)) for one in variables["ids"]]}
        else:
            answers = self.prepared[name]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            value = answer(variables) if callable(answer) else answer
        for node in value.get("nodes") or ():
            if isinstance(node, dict) and isinstance(node.get("id"), str) and len(node) > 10:
                self.known[node["id"]] = node
        full = dict(value) if "errors" in value else {"data": value}
        if self.cost is not None:
            full.setdefault("extensions", {"cost": self.cost})
        return 200, self.headers, json.dumps(full)


_STANDING = (
    "id", "updatedAt", "cancelledAt", "displayFinancialStatus", "displayFulfillmentStatus", "returnStatus",
    "customer", "numberOfOrders", "canDelete", "state", "status", "enabled", "balance",
)  # fmt: skip


def _standing(node: Answer | None) -> Answer | None:
    """What the look right before a write sees of a record."""
    return node and {name: node[name] for name in _STANDING if name in node}


def check_answer(scopes: tuple[str, ...] = SCOPES, timezone: str = "Europe/Stockholm") -> Answer:
    """What a shop with these permissions says of itself."""
    return {
        "shop": {"name": "Linne", "myshopifyDomain": "linne-och-lin.myshopify.com", "ianaTimezone": timezone},
        "currentAppInstallation": {"id": "gid://shopify/AppInstallation/1",
                                   "accessScopes": [{"handle": scope} for scope in scopes]},
        "publicApiVersions": [{"handle": "2026-10", "supported": True}],
    }  # fmt: skip


@pytest.fixture
def shop() -> Iterator[Prepares]:
    """The shop of prepared answers, in place of the network."""
    prepares = Prepares()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.add_callback(responses.POST, GRAPHQL, callback=prepares)
        prepares.mocked = mocked  # type: ignore[attr-defined]
        yield prepares


@pytest.fixture
def slept() -> list[float]:
    """The seconds that were waited, noted instead."""
    return []


def settings(**more: Any) -> dict[str, Any]:
    """The settings of a shop with a static token."""
    return {"url": URL, "token": "shpat_made_up", **more}


@pytest.fixture
def client(shop: Prepares, slept: list[float]) -> Client:
    """A client whose waits are noted, not waited."""
    return connect(settings(), sleep=slept.append, monotonic=lambda: 0.0)


def platform_of(slept: list[float], **more: Any) -> Shopify:
    """A platform on the shop of prepared answers."""
    chosen = settings(**more)
    client = connect(chosen, sleep=slept.append, monotonic=lambda: 0.0)
    return Shopify(client, Files(sleep=slept.append), chosen, keyer=make_keyer(b"k" * 32), clock=lambda: NOW)


@pytest.fixture
def platform(shop: Prepares, slept: list[float]) -> Shopify:
    """The platform on that shop."""
    return platform_of(slept)
