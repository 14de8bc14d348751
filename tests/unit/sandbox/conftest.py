"""A small made-up shop, and clients of it."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import requests
from woocommerce import API

from sandbox import Sandbox

TODAY = date(2026, 11, 22)
Json = dict[str, Any]


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """Services of a shop with forty accounts."""
    with Sandbox(seed=7, customers=40, orders=160, today=TODAY) as running:
        yield running


@pytest.fixture
def shop(box: Sandbox) -> Any:
    """The state of the shop."""
    return box.woocommerce.shop


@pytest.fixture
def api(box: Sandbox) -> API:
    """A client with the read/write key, over http with OAuth."""
    service = box.woocommerce
    return API(url=service.url, consumer_key=service.key, consumer_secret=service.secret, version="wc/v3")


@pytest.fixture
def order(shop: Any) -> Json:
    """A paid order of an account, sent to Sweden."""
    for row in shop.orders.values():
        if row["customer_id"] and row["status"] == "completed" and row["shipping"]["country"] == "SE":
            found: Json = row
            return found
    raise AssertionError("the made-up shop has no such order")


@pytest.fixture
def mailchimp(box: Sandbox) -> Callable[..., requests.Response]:
    """A call to the stand-in Mailchimp: method, path below 3.0, and what requests takes."""

    def call(method: str, path: str, **options: Any) -> requests.Response:
        service = box.mailchimp
        return requests.request(
            method, f"{service.url}/3.0/{path}", auth=("any", service.key), timeout=120, **options
        )

    return call
