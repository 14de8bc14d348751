"""A whole run of every platform: its calls, held against those stated, and the index that it leaves."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from math import ceil
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.imap.platform import Mailbox
from adapters.mailchimp.platform import MailchimpPlatform
from adapters.shopify.platform import Shopify
from adapters.woocommerce.platform import WooCommerce
from connector.ports import CountsCalls, Work
from connector.records import Kind
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop, make_shopify_shop

SERVICES = ("woocommerce", "shopify", "mailchimp", "klarna", "payson", "postnord")
ROOMY = "\n[limits]\nrecords = 100000\npercent = 100\njump = 1000\n"


@pytest.mark.parametrize("platform", [WooCommerce, Shopify, MailchimpPlatform, Mailbox])
def test_every_platform_says_how_many_calls_a_plan_takes(platform: type) -> None:
    assert issubclass(platform, CountsCalls)


class Ran(NamedTuple):
    """A whole run: the calls that were stated and counted, and the index after it and after a full pull."""

    stated: int
    counted: int
    after_verify: dict[tuple[str, str, str], int]
    after_pull: dict[tuple[str, str, str], int]


@pytest.fixture(scope="module", params=[make_shop, make_shopify_shop], ids=["woocommerce", "shopify"])
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Everything that is due in a shop, erased and read back."""
    make: Callable[[Sandbox, Path], SandboxShop] = request.param
    with Sandbox(seed=7, customers=15, orders=60) as box:
        shop = make(box, tmp_path_factory.mktemp("ran") / "shop")
        shop.file.write_text(shop.file.read_text(encoding="utf-8") + ROOMY, encoding="utf-8")
        shop.ready()
        stated = shop.gallra("show", "--json").json["cost"]["requests"]
        before = _served(box)
        for verb in ("apply", "push", "verify"):
            assert shop.gallra(verb).code == 0
        counted = _served(box) - before
        after_verify = _index(shop)
        assert shop.gallra("pull", "--full").code == 0
        return Ran(stated, counted, after_verify, _index(shop))


def test_the_estimate_of_calls_is_close_to_what_the_services_count(ran: Ran) -> None:
    assert 0.95 * ran.counted <= ran.stated <= 1.1 * ran.counted


def test_the_index_after_a_run_is_what_a_full_pull_reads(ran: Ran) -> None:
    """What our writes changed beside the records that they were of is read anew too."""
    assert set(ran.after_verify.items()) ^ set(ran.after_pull.items()) == set()


def _index(shop: SandboxShop) -> dict[tuple[str, str, str], int]:
    """The fields that each living record is known to hold."""
    with closing(sqlite3.connect(shop.folder / "gallra.sqlite")) as ledger:
        chosen = "select adapter, kind, remote_id, present from record where gone = 0"
        return {(adapter, kind, id): present for adapter, kind, id, present in ledger.execute(chosen)}


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
