"""The estimate of calls, held against what the services count: every platform, with its recipients."""

from collections.abc import Callable
from math import ceil
from pathlib import Path

import pytest

from adapters.mailchimp.platform import MailchimpPlatform
from adapters.shopify.platform import Shopify
from adapters.woocommerce.platform import WooCommerce
from connector.ports import CountsCalls, Work
from connector.records import Kind
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop, make_shopify_shop

SERVICES = ("woocommerce", "shopify", "mailchimp", "klarna", "payson", "postnord")
ROOMY = "\n[limits]\nrecords = 100000\npercent = 100\njump = 1000\n"


@pytest.mark.parametrize("platform", [WooCommerce, Shopify, MailchimpPlatform])
def test_every_platform_says_how_many_calls_a_plan_takes(platform: type) -> None:
    assert issubclass(platform, CountsCalls)


@pytest.mark.parametrize("make", [make_shop, make_shopify_shop])
def test_the_estimate_of_calls_is_close_to_what_the_services_count(
    make: Callable[[Sandbox, Path], SandboxShop], tmp_path: Path
) -> None:
    with Sandbox(seed=7, customers=15, orders=60) as box:
        shop = make(box, tmp_path / "shop")
        shop.file.write_text(shop.file.read_text(encoding="utf-8") + ROOMY, encoding="utf-8")
        shop.ready()
        stated = shop.gallra("show", "--json").json["cost"]["requests"]
        before = _served(box)
        for verb in ("apply", "push", "verify"):
            assert shop.gallra(verb).code == 0
        counted = _served(box) - before
    assert 0.95 * counted <= stated <= 1.1 * counted


def _served(box: Sandbox) -> int:
    return sum(sum(getattr(box, name).requests.values()) for name in SERVICES)


@pytest.mark.parametrize("size", [1, 49, 200, 5000])
def test_notes_are_counted_one_by_one_and_read_back(size: int) -> None:
    from adapters.woocommerce.call_estimate import calls
    from adapters.woocommerce.standing import FEW

    plain = Work(adapter="woocommerce", kind=Kind.ORDER, redact=size)
    noted = Work(adapter="woocommerce", kind=Kind.ORDER, redact=size, noted=size, notes=2.0)
    more = calls([noted], batch=50, lanes=2) - calls([plain], batch=50, lanes=2)
    # Read, deleted, listed again, read back; their orders are looked at again.
    assert more == 5 * size + min(size, 2 + ceil(size / FEW))
