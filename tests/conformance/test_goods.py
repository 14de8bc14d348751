"""What a shop says of its goods by their numbers is heard by every platform with orders (schedule T-02, H4).

An adapter takes part by saying, in `READERS`, how it reads an order whose lines have these numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.shopify import orders as shopify
from adapters.shopify.places import ATTRIBUTES
from adapters.woocommerce import orders as woocommerce
from adapters.woocommerce import places as woocommerce_places
from connector.identity import make_keyer
from connector.policy.goods import Goods, read_goods
from connector.records import Facts
from tests.unit.adapters.shopify.made import line, paged
from tests.unit.adapters.shopify.made import order as shopify_order
from tests.unit.adapters.woocommerce.test_facts import order as woocommerce_order

KEYER = make_keyer(b"k" * 32)
NOW = datetime(2026, 11, 29, tzinfo=UTC)
GOODS = {"KAFFE-*": "consumable", "SOFFA-*": 120, "LAMPA-1": 60}


def _woocommerce(numbers: Sequence[str], goods: Goods) -> Facts:
    order = woocommerce_order(line_items=[{"id": place, "sku": sku} for place, sku in enumerate(numbers)])
    return woocommerce.to_record(
        order, table=woocommerce_places.ORDER_META, keyer=KEYER, refund_dates={}, goods=goods
    ).facts


def _shopify(numbers: Sequence[str], goods: Goods) -> Facts:
    order = shopify_order(lineItems=paged(*(line(place, sku=sku) for place, sku in enumerate(numbers, 1))))
    return shopify.to_record(order, table=ATTRIBUTES, keyer=KEYER, clock=lambda: NOW, goods=goods).facts


READERS: Mapping[str, Callable[[Sequence[str], Goods], Facts]] = {
    "woocommerce": _woocommerce,
    "shopify": _shopify,
}


def said(adapter: str, numbers: Sequence[str], goods: Mapping[str, Any] = GOODS) -> tuple[bool, int]:
    found = READERS[adapter](numbers, read_goods({"goods": goods}))
    return found.consumables, found.warranty_months


@pytest.mark.parametrize("adapter", READERS)
@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (["KAFFE-1"], (True, 0)),
        (["kaffe-1", "KAFFE-2"], (True, 0)),
        (["KAFFE-1", "SOFFA-9"], (False, 120)),
        (["LAMPA-1", "SOFFA-9"], (False, 120)),
        (["LAMPA-1", "KAFFE-1"], (False, 60)),
        (["LAMPA-2"], (False, 0)),
        (["KAFFE-1", ""], (False, 0)),
        ([""], (False, 0)),
        ([], (False, 0)),
    ],
)
def test_an_order_is_of_consumables_only_where_every_line_is_and_warranted_by_its_longest_line(
    adapter: str, numbers: list[str], expected: tuple[bool, int]
) -> None:
    assert said(adapter, numbers) == expected


@pytest.mark.parametrize("adapter", READERS)
def test_without_a_word_on_goods_nothing_is_of_consumables(adapter: str) -> None:
    assert said(adapter, ["KAFFE-1"], {}) == (False, 0)


def test_an_order_whose_lines_were_not_all_read_is_of_no_consumables() -> None:
    order = shopify_order(lineItems=paged(line(sku="KAFFE-1"), after="more"))
    goods = read_goods({"goods": GOODS})
    read = shopify.to_record(order, table=ATTRIBUTES, keyer=KEYER, clock=lambda: NOW, goods=goods)
    assert not read.facts.consumables
