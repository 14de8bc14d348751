"""What a record holds beyond its first page: read to the end, or the record is named as unread."""

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.shopify import operations, pull
from adapters.shopify.platform import Shopify
from adapters.shopify.whole import ASKED
from connector.ports import Live, Look, Unread
from connector.records import Action, Field, Kind, Outcome, Ref, from_bits
from sandbox import Sandbox
from sandbox.shopify.making.orders import line_item
from sandbox.shopify.service import Shopify as StandIn
from tests.unit.adapters.shopify.conftest import Prepares
from tests.unit.adapters.shopify.made import address, customer, line, order, paged, payment
from tests.unit.adapters.shopify.test_flows import platform_of, pulled, tasks

ORDER = Ref(adapter="shopify", kind=Kind.ORDER, id="1")
CUSTOMER = Ref(adapter="shopify", kind=Kind.CUSTOMER, id="9")
PLAN = {"name": "Varje månad"}
DAY = "2025-06-01T10:00:00Z"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A small shop."""
    with Sandbox(orders=60, customers=20) as box:
        yield box.shopify


def young(stand_in: StandIn, lines: int, last: dict[str, Any]) -> Ref:
    """An order of today with so many lines, and something about its last one."""
    row = stand_in.shop.place_order(email="disa@kund.example")
    number = int(row["id"].rpartition("/")[2])
    row["lineItems"] = [line_item(number * 1000 + at, "Skärbräda", 100) for at in range(lines)]
    row["lineItems"][-1] |= last
    stand_in.shop.settle()
    return Ref(adapter="shopify", kind=Kind.ORDER, id=str(number))


def look_at(platform: Shopify, ref: Ref) -> Look:
    """The record, by id."""
    (found,) = platform.fetch([ref])
    return found


@pytest.mark.parametrize("bulk", [False, True])
def test_a_selling_plan_on_line_41_holds_the_order(
    bulk: bool, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = young(stand_in, 41, {"sellingPlan": {"name": "Varje månad", "sellingPlanId": None}})
    monkeypatch.setattr(pull, "BULK_FROM", 1 if bulk else 2_000)
    platform = platform_of(stand_in)
    found, _ = pulled(platform.pull(Kind.ORDER, since=None))
    assert found[ref].facts.running_subscription
    live = look_at(platform, ref)
    assert isinstance(live, Live)
    assert live.record.facts.running_subscription


@pytest.mark.parametrize("lines", [51, 281])
def test_an_engraving_on_the_last_line_is_told(lines: int, stand_in: StandIn) -> None:
    engraved = {"customAttributes": [{"key": "Gravyr", "value": "Till Disa"}]}
    ref = young(stand_in, lines, engraved)
    live = look_at(platform_of(stand_in), ref)
    assert isinstance(live, Live)
    assert "item_meta:Gravyr" in live.record.residue


def test_addresses_past_ten_are_read_and_erased(stand_in: StandIn) -> None:
    platform = platform_of(stand_in)
    shop = stand_in.shop
    number = next(n for n in shop.customers if shop.orders_of.read(n) and shop.customers.read(n)["addresses"])
    first = shop.customers.read(number)["addresses"][0]
    more = [{**first, "id": f"gid://shopify/MailingAddress/{at}?model_name=CustomerAddress"}
            for at in range(880_001, 880_024)]  # fmt: skip
    shop.edit_customer(number, addresses=more)
    ref = Ref(adapter="shopify", kind=Kind.CUSTOMER, id=str(number))
    fields = frozenset({Field.SHIPPING_ADDRESS})
    (receipt,) = platform.apply(tasks(platform, [ref], Action.REDACT, fields))
    assert receipt.outcome is Outcome.DONE
    assert shop.customers.read(number)["addresses"] == []
    live = look_at(platform, ref)
    assert isinstance(live, Live)
    assert Field.SHIPPING_ADDRESS not in from_bits(live.record.present)


def test_an_order_with_more_payments_than_one_question_brings_is_asked_for_alone(
    shop: Prepares, platform: Shopify
) -> None:
    paid = [payment() for _ in range(ASKED)]
    refund = payment(kind="REFUND", createdAt="2025-06-01T10:00:00Z", processedAt="2025-06-01T10:00:00Z")
    short = order(transactions=paid, transactionsCount={"count": ASKED + 1})
    shop.prepare("FetchOrders", {"nodes": [short]})
    shop.prepare("OrderLists", {"order": {
        **short, "transactions": [*paid, refund], "transactionsCount": {"count": ASKED + 1}}})  # fmt: skip
    live = look_at(platform, ORDER)
    assert isinstance(live, Live)
    assert [day.year for day in live.record.facts.refunded] == [2025]


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"transactionsCount": {"count": 2}}, "transactions"),
        ({"transactions": [payment() for _ in range(ASKED)], "transactionsCount": None}, "transactions"),
        ({"fulfillmentsCount": {"count": 9}}, "fulfillments"),
        ({"refunds": [{"id": f"r{at}", "createdAt": DAY, "processedAt": DAY, "note": None}
                      for at in range(ASKED)]}, "refunds"),
    ],
)  # fmt: skip
def test_a_list_that_stays_short_of_its_count_leaves_the_order_unread_by_its_number(
    changes: dict[str, Any], part: str, shop: Prepares, platform: Shopify
) -> None:
    short = order(**changes)
    shop.prepare("FetchOrders", {"nodes": [short]})
    names = ("id", "transactions", "transactionsCount", "fulfillments", "fulfillmentsCount", "refunds")
    alone = {name: short[name] for name in names}
    if part == "refunds" or short["transactionsCount"] is None:
        alone[part] = alone[part] * 9  # filled again
    shop.prepare("OrderLists", {"order": alone})
    found = look_at(platform, ORDER)
    assert isinstance(found, Unread)
    assert (found.reason, found.label) == (f"more_than_was_read:{part}", "1001")
    assert {one.type for one in found.identifiers} == {"email", "phone", "account"}


@pytest.mark.parametrize("rest", [
    {"order": None},
    {"order": {"id": "gid://shopify/Order/2", "lineItems": paged(line(2))}},
    {"order": {"id": "gid://shopify/Order/1"}},
    {"order": {"id": "gid://shopify/Order/1", "lineItems": paged(line(2), after="c1")}},
])  # fmt: skip
def test_lines_whose_next_page_is_no_page_leave_the_order_unread(
    rest: dict[str, Any], shop: Prepares, platform: Shopify
) -> None:
    shop.prepare("FetchOrders", {"nodes": [order(lineItems=paged(line(), after="c1"))]})
    shop.prepare("RestLineItems", rest)
    found = look_at(platform, ORDER)
    assert isinstance(found, Unread)
    assert found.reason == "more_than_was_read:lineItems"


def test_a_second_page_of_addresses_of_another_form_leaves_the_customer_unread(
    shop: Prepares, platform: Shopify
) -> None:
    first = {"id": "gid://shopify/MailingAddress/5", **address()}
    shop.prepare("FetchCustomers", {"nodes": [customer(addressesV2=paged(first, after="c1"))]})
    more = paged({"id": "gid://shopify/MailingAddress/6", **address(zip=11455)})
    shop.prepare("RestAddresses", {"customer": {"id": "gid://shopify/Customer/9", "addressesV2": more}})
    found = look_at(platform, CUSTOMER)
    assert isinstance(found, Unread)
    assert found.reason == "malformed:addressesV2.zip"


def test_the_lists_without_pages_are_asked_for_as_many_as_they_are_held_against() -> None:
    text = operations.read("orders")
    for name in ("transactions", "fulfillments", "trackingInfo", "refunds"):
        assert f"{name}(first: {ASKED})" in text


def test_an_order_that_no_search_shows_is_counted_after_a_read_of_changes(stand_in: StandIn) -> None:
    platform = platform_of(stand_in)
    last = list(platform.pull(Kind.ORDER, since=None))[-1]
    (count,) = list(platform.pull(Kind.ORDER, since=last.cursor))[-1].standing
    young(stand_in, 1, {})
    (more,) = list(platform.pull(Kind.ORDER, since=last.cursor))[-1].standing
    assert more.count == count.count + 1 == len(stand_in.shop.orders)
