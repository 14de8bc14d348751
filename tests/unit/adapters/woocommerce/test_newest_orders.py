"""The newest order of an account, asked of the shop's own list, one request an account."""

from typing import Any

import pytest

from adapters.woocommerce.platform import WooCommerce
from connector.ports import NewestOrder, ShowsNewestOrders, Unread
from connector.records import Kind, Ref
from sandbox import Sandbox
from sandbox.woocommerce.shop import Shop

Rows = list[dict[str, Any]]


def ref_of(id_: int) -> Ref:
    return Ref(adapter="woocommerce", kind=Kind.CUSTOMER, id=str(id_))


def of_account(shop: Shop, id_: int) -> Rows:
    return [row for row in shop.orders.values() if row["customer_id"] == id_]


@pytest.fixture(name="buyer")
def _buyer(shop: Shop) -> int:
    return max(shop.customers, key=lambda id_: len(of_account(shop, id_)))


def test_it_is_the_newest_that_the_shop_has(
    box: Sandbox, shop: Shop, platform: WooCommerce, buyer: int
) -> None:
    nobody = max(shop.customers) + 1
    assert isinstance(platform, ShowsNewestOrders)
    assert len(of_account(shop, buyer)) > 1
    before = box.woocommerce.requests.total()
    found = platform.newest_orders([ref_of(buyer), ref_of(nobody)])
    assert box.woocommerce.requests.total() - before == 2
    newest = max(of_account(shop, buyer), key=lambda row: row["date_created_gmt"])
    one = found[ref_of(buyer)]
    assert isinstance(one, NewestOrder)
    assert (one.ref.id, one.ref.kind, one.facts.status) == (str(newest["id"]), Kind.ORDER, newest["status"])
    assert found[ref_of(nobody)] is None


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param({"customer_id": 999_999}, id="another account's"),
        pytest.param({"customer_id": None}, id="nobody's"),
        pytest.param({"date_created_gmt": "yesterday"}, id="without a day"),
        pytest.param({"id": "x"}, id="without an id"),
    ],
)
def test_an_answer_that_is_none_is_unread(
    monkeypatch: pytest.MonkeyPatch, platform: WooCommerce, buyer: int, spoil: dict[str, Any]
) -> None:
    from adapters.woocommerce import answers

    decoded = answers.decoded
    monkeypatch.setattr(answers, "decoded", lambda answer: [row | spoil for row in decoded(answer)])
    assert isinstance(platform.newest_orders([ref_of(buyer)])[ref_of(buyer)], Unread)


def test_a_list_that_counts_an_order_and_shows_none_is_unread(
    monkeypatch: pytest.MonkeyPatch, platform: WooCommerce, buyer: int
) -> None:
    from adapters.woocommerce import answers

    monkeypatch.setattr(answers, "decoded", lambda _answer: [])
    assert isinstance(platform.newest_orders([ref_of(buyer)])[ref_of(buyer)], Unread)
