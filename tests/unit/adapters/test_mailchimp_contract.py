"""The calls to Mailchimp held against the service's own description of them."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from adapters.mailchimp.platform import MailchimpPlatform
from adapters.mailchimp.processor import MailchimpProcessor
from adapters.mailchimp.service import Mailchimp
from connector.ports import Act, Task
from connector.records import Action, Field, Kind
from sandbox.box import Sandbox
from tests.unit.adapters.told import delivery, no_wait

# In the service and not in this trimmed description of it.
UNDESCRIBED = {"/ping", "/lists/{list_id}"}


@pytest.fixture(name="described", scope="module")
def _described(shared: Path) -> dict[str, Any]:
    specs = ("mailchimp-marketing.swagger2.json", "mailchimp-contacts-beta.HAND.openapi.json")
    paths: dict[str, Any] = {}
    for name in specs:
        paths |= json.loads((shared / "specs" / name).read_text("utf-8"))["paths"]
    return paths


@pytest.fixture(name="calls")
def _calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str, dict[str, list[str]]]]]:
    """Every call of a whole exchange: method, path below /3.0, query."""
    calls: list[tuple[str, str, dict[str, list[str]]]] = []
    send = requests.Session.send

    def noting(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        parts = urlsplit(request.url or "")
        calls.append((request.method or "", parts.path.removeprefix("/3.0"), parse_qs(parts.query)))
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", noting)
    with Sandbox(customers=40, orders=120, today=date(2026, 11, 22)) as box:
        exchange(box)
        yield calls


def exchange(box: Sandbox) -> None:
    """One of everything that the adapter does."""
    mailchimp = box.mailchimp
    settings: dict[str, Any] = {
        "key": mailchimp.key, "url": mailchimp.url, "lists": [mailchimp.list_id],
        "stores": [mailchimp.store_id], "clicks": True,
    }  # fmt: skip
    service = Mailchimp(settings, sleep=no_wait)
    platform = MailchimpPlatform(service, settings, keyer=lambda kind, value: digest(value))
    platform.check()
    pages = list(platform.pull(Kind.SUBSCRIBER, since=None))
    list(platform.pull(Kind.SUBSCRIBER, since=pages[-1].cursor))
    every = [r.ref for page in pages for r in page.records if r.facts.status == "subscribed"]
    living, still = every[:2], every[2:]
    for live, action in zip(platform.fetch(living), (Action.UNSUBSCRIBE, Action.DELETE), strict=True):
        list(platform.apply([Task(live=live, action=action, fields=frozenset({Field.EMAIL}))]))
    carts = [record.ref for page in platform.pull(Kind.CART, since=None) for record in page.records][:1]
    for live in platform.fetch(carts):
        list(platform.apply([Task(live=live, action=Action.DELETE, fields=frozenset())]))
    mailchimp.shop.contacts_api = True
    beta = MailchimpPlatform(
        service, {**settings, "contacts": True}, keyer=lambda kind, value: digest(value)
    )
    beta.check()
    for live in beta.fetch(still[:1]):
        list(beta.apply([Task(live=live, action=Action.DELETE, fields=frozenset())]))
    processor = MailchimpProcessor(service, settings)
    processor.check()
    order_id, order = next(iter(mailchimp.shop.orders.items()))
    address = order["customer"]["email_address"]
    told = [
        delivery(id=1, act=Act.ERASE, handle="order", value=order_id, order=order_id),
        delivery(id=2, act=Act.ERASE, handle="guest_email", value=address, order=order_id),
        delivery(id=3, act=Act.ERASE, kind=Kind.CUSTOMER, handle="email", value=address),
    ]
    list(processor.push(told))
    list(processor.verify(told))


def digest(value: str) -> bytes | None:
    return hashlib.blake2b(value.encode(), key=b"test", digest_size=16).digest() if value else None


def template_of(path: str, described: dict[str, Any]) -> str | None:
    for template in described:
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path):
            return template
    return None


def parameters(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in operation["parameters"] if one["in"] == "query"}


def fields_of(schema: dict[str, Any], prefix: str = "") -> set[str]:
    """Every name that `fields` may hold, with dots into what is inside."""
    found: set[str] = set()
    for name, part in schema.get("properties", {}).items():
        inner = part.get("items", part)
        found |= {f"{prefix}{name}"} | fields_of(inner, f"{prefix}{name}.")
    return found


def undescribed(path: str) -> bool:
    return any(template_of(path, {one: {}}) for one in UNDESCRIBED)


def test_every_call_is_one_that_mailchimp_describes(calls: Any, described: dict[str, Any]) -> None:
    made = {(method, path) for method, path, _ in calls if not undescribed(path)}
    assert len({method for method, _ in made}) == 4
    unknown = [
        (method, path)
        for method, path in made
        if method.lower() not in described.get(template_of(path, described) or "", {})
    ]
    assert unknown == []


def test_every_query_parameter_is_described_and_within_its_values(
    calls: Any, described: dict[str, Any]
) -> None:
    for method, path, query in calls:
        template = template_of(path, described)
        if template is None:
            continue
        known = parameters(described[template][method.lower()])
        assert set(query) <= set(known), (method, template)
        for name in query:
            allowed = {value for part in known[name].get("enum") or [] for value in _flat(part)}
            assert not allowed or set(query[name]) <= allowed, (template, name)
        assert int(query.get("count", ["0"])[0]) <= 1000


def test_every_field_asked_for_is_one_the_answer_has(calls: Any, described: dict[str, Any]) -> None:
    asked = 0
    for method, path, query in calls:
        template = template_of(path, described)
        if template is None or "fields" not in query:
            continue
        schema = described[template][method.lower()]["responses"]["200"]["schema"]
        wanted = set(query["fields"][0].split(","))
        if template.endswith("activity-feed"):
            wanted = {name for name in wanted if "." not in name}  # its rows are drawn as alternatives
        assert wanted <= fields_of(schema), template
        asked += len(wanted)
    assert asked > 0


def _flat(part: Any) -> list[str]:
    return list(part) if isinstance(part, list) else [part]
