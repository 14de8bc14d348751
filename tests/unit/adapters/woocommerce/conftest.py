"""A stand-in shop per test, and the platform that speaks to it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.woocommerce.client import connect
from adapters.woocommerce.platform import WooCommerce
from connector.identity import make_keyer
from sandbox import Sandbox
from sandbox.woocommerce.shop import Shop

KEYER = make_keyer(b"k" * 32)
Platforms = Callable[..., WooCommerce]


def now() -> datetime:
    """The test's clock."""
    return datetime.now(UTC)


def settings_of(box: Sandbox, **more: Any) -> dict[str, Any]:
    """The settings that reach the stand-in shop."""
    shop = box.woocommerce
    return {"url": shop.url, "key": shop.key, "secret": shop.secret, **more}


def platform_of(box: Sandbox, slept: list[float] | None = None, **more: Any) -> WooCommerce:
    """A platform on the stand-in shop; waits are noted, not waited."""
    settings = settings_of(box, **more)
    client = connect(settings, sleep=(slept if slept is not None else []).append)
    return WooCommerce(client, settings, keyer=KEYER, clock=now)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A shop of 300 orders and 60 accounts."""
    with Sandbox(orders=300, customers=60) as running:
        yield running


@pytest.fixture
def shop(box: Sandbox) -> Shop:
    """What the shop holds, behind its API."""
    return box.woocommerce.shop


@pytest.fixture
def platform(box: Sandbox) -> WooCommerce:
    """The platform on that shop."""
    return platform_of(box)
