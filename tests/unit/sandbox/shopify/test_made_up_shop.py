"""The made-up shop: large enough at once, the same each time, and full of what must be found."""

from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from sandbox.shopify.index import entry_of_row
from sandbox.shopify.making.world import World
from sandbox.shopify.service import Shopify
from sandbox.shopify.shop import Shop
from tests.unit.sandbox.shopify.conftest import TODAY


@pytest.fixture(scope="module")
def large() -> Iterator[Shopify]:
    """A shop of the usual size."""
    with Shopify(7, 2000, 5000, TODAY) as made:
        yield made


def test_a_shop_has_the_customers_and_orders_it_was_asked_for() -> None:
    with Shopify(8, 2000, 5000, TODAY) as made:
        assert (len(made.shop.customers), len(made.shop.orders)) == (2000, 5000)


def test_the_same_seed_makes_the_same_records(large: Shopify) -> None:
    again = Shop(World(7, 2000, 5000, TODAY))
    for number in list(large.shop.orders)[::500]:
        assert again.orders.read(number) == large.shop.orders.read(number)
    for number in list(large.shop.customers)[::500]:
        assert again.customers.read(number) == large.shop.customers.read(number)


def test_search_knows_of_each_record_what_the_record_says(large: Shopify) -> None:
    shop = large.shop
    for number in list(shop.orders)[::7]:
        row = shop.orders.read(number)
        assert shop.order_index.entries[number] == entry_of_row(number, row)
    for number in list(shop.customers)[::7]:
        row = shop.customers.read(number)
        assert shop.customer_index.entries[number] == entry_of_row(number, row)


def test_every_customers_orders_carry_that_customer(large: Shopify) -> None:
    shop = large.shop
    for customer, owned in shop.orders_of.items():
        assert {shop.orders.read(number)["customer_number"] for number in owned} == {customer}


def test_nothing_lies_in_the_future(large: Shopify) -> None:
    shop = large.shop
    for number in shop.orders:
        assert shop.orders.read(number)["updatedAt"] < "2026-11-22T00:00:00Z"


@pytest.mark.parametrize(
    "trace",
    [
        lambda row: any(one["key"] == "Personnummer" for one in row["customAttributes"]),
        lambda row: any(one["key"] == "Portkod" for one in row["customAttributes"]),
        lambda row: any(line["customAttributes"] for line in row["lineItems"]),
        lambda row: any(line["sellingPlan"] for line in row["lineItems"]),
        lambda row: row["company"] is not None,
        lambda row: row["customer_number"] is None and row["email"],
        lambda row: row["sourceName"] == "pos" and row["email"] is None,
        lambda row: row["returns"] and row["returns"][0]["status"] == "OPEN",
        lambda row: row["disputes"] and row["disputes"][0]["status"] == "NEEDS_RESPONSE",
        lambda row: row["refunds"] and row["refunds"][0]["note"],
        lambda row: row["displayFinancialStatus"] == "PENDING" and row["totalOutstandingSet"],
        lambda row: row["cancelledAt"],
        lambda row: row["test"],
        lambda row: row["localizedFields"],
        lambda row: row["metafields"],
        lambda row: row["tags"],
        lambda row: row["hasTimelineComment"],
        lambda row: row["fulfillments"] and row["fulfillments"][0]["trackingInfo"],
        lambda row: (row["shippingAddress"] or {}).get("lastName") == "Presentmottagare",
        lambda row: any((one["paymentDetails"] or {}).get("name") for one in row["transactions"]),
    ],
)
def test_each_kind_of_trace_occurs(large: Shopify, trace: object) -> None:
    rows = (large.shop.orders.read(number) for number in large.shop.orders)
    assert any(trace(row) for row in rows)  # type: ignore[operator]


def test_addresses_lead_nowhere(large: Shopify) -> None:
    for number in large.shop.customers:
        email = large.shop.customers.read(number)["defaultEmail"]["emailAddress"]
        assert email.endswith((".example", ".test"))


def test_the_box_names_it_beside_the_others() -> None:
    with Sandbox(seed=7, customers=20, orders=40, today=TODAY) as running:
        told = running.credentials()["shopify"]
        assert set(told) == {"url", "token", "limited_token", "client_id", "client_secret"}
        assert told["token"].startswith("shpat_")
        assert told["url"] == running.shopify.url


@pytest.mark.parametrize(("customers", "orders"), [(0, 0), (0, 3), (1, 0), (3, 3), (12, 5)])
def test_the_smallest_shops_can_be_made(customers: int, orders: int) -> None:
    shop = Shop(World(7, customers, orders, TODAY))
    assert (len(shop.customers), len(shop.orders)) == (customers, orders)
    assert all(shop.orders.read(number) for number in shop.orders)


def test_the_other_lists_are_filled(large: Shopify) -> None:
    shop = large.shop
    others = (shop.draft_orders, shop.abandoned_checkouts, shop.gift_cards, shop.company_contacts)
    assert all(len(rows) >= 2 for rows in (*others, shop.webhooks))


def test_abandoned_checkouts_go_by_themselves_after_three_months() -> None:
    shop = Shop(World(7, 100, 10, TODAY))
    assert shop.abandoned_checkouts
    shop.turn(days=91)
    assert shop.abandoned_checkouts == {}
