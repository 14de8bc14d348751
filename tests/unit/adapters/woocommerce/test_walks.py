"""A walk over all is held against the shop's own count, and no short page ends it."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.woocommerce.platform import WooCommerce
from connector.errors import RemoteError
from connector.ports import Page
from connector.records import Kind, Ref
from sandbox import Sandbox
from sandbox.wire import Answer
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.values import stamp
from tests.unit.adapters.woocommerce.conftest import platform_of

KINDS = (Kind.ORDER, Kind.CUSTOMER, Kind.REVIEW, Kind.COUPON)
LIST = {Kind.ORDER: "wc/v3/orders$", Kind.CUSTOMER: "wc/v3/customers$",
        Kind.REVIEW: "products/reviews$", Kind.COUPON: "coupons$"}  # fmt: skip


def rows(shop: Shop, kind: Kind) -> dict[int, Any]:
    return {Kind.ORDER: shop.orders, Kind.CUSTOMER: shop.customers, Kind.REVIEW: shop.reviews,
            Kind.COUPON: shop.coupons}[kind]  # fmt: skip


def walk(platform: WooCommerce, kind: Kind, since: str | None = None) -> list[Page]:
    return list(platform.pull(kind, since=since))


def shown(pages: list[Page]) -> set[str]:
    return {record.ref.id for page in pages for record in page.records}


def newer(pages: list[Page]) -> set[str]:
    return {ref.id for page in pages for ref in page.newer}


def aged(shop: Shop) -> None:
    """Every order was made and changed long ago."""
    old = datetime.now(UTC) - timedelta(days=30)
    for place, order in enumerate(shop.orders.values()):
        stamp(order, "created", old + timedelta(minutes=place))
        stamp(order, "modified", old + timedelta(minutes=place))


@pytest.mark.parametrize("kind", KINDS)
def test_a_walk_over_all_ends_with_the_shops_own_count(platform: WooCommerce, shop: Shop, kind: Kind) -> None:
    aged(shop)
    last = walk(platform, kind)[-1]
    assert last.complete
    assert last.counted == len(rows(shop, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_the_list_leaves_out_is_counted_and_the_others_are_read(
    box: Sandbox, shop: Shop, kind: Kind
) -> None:
    aged(shop)
    hidden = str(list(rows(shop, kind))[len(rows(shop, kind)) // 2])
    box.woocommerce.faults.add("leaves_out", LIST[kind], times=-1, row=hidden)
    pages = walk(platform_of(box), kind)
    assert shown(pages) == set(map(str, rows(shop, kind))) - {hidden}
    assert pages[-1].counted == len(rows(shop, kind))


def test_one_order_missing_from_a_page_ends_no_walk() -> None:
    with Sandbox(orders=450, customers=20) as box:
        shop = box.woocommerce.shop
        aged(shop)
        hidden = str(list(shop.orders)[60])
        box.woocommerce.faults.add("leaves_out", LIST[Kind.ORDER], times=-1, row=hidden)
        pages = walk(platform_of(box), Kind.ORDER)
        assert (len(shown(pages)), pages[-1].counted) == (449, 450)


def test_accounts_newer_than_the_newest_at_the_start_are_named() -> None:
    with Sandbox(orders=10, customers=300) as box:
        shop = box.woocommerce.shop
        pages, before = [], len(shop.customers)
        for page in platform_of(box).pull(Kind.CUSTOMER, since=None):
            if not pages:
                new = {**json.loads(json.dumps(shop.customers[max(shop.customers)])), "id": 999_000}
                shop.customers[999_000] = new
            pages.append(page)
        assert newer(pages) == {"999000"}
        assert pages[-1].counted == before


def test_orders_placed_under_way_are_named() -> None:
    with Sandbox(orders=300, customers=10) as box:
        shop = box.woocommerce.shop
        aged(shop)
        pages, placed = [], 0
        for page in platform_of(box).pull(Kind.ORDER, since=None):
            if not pages:
                placed = shop.place_order(email="ny@kund.example")["id"]
            pages.append(page)
        assert newer(pages) == {str(placed)}
        assert pages[-1].counted == 300


@pytest.mark.parametrize("fault", ["low_total", "high_total"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_lying_count_ends_no_walk_early(box: Sandbox, shop: Shop, kind: Kind, fault: str) -> None:
    box.woocommerce.faults.add(fault, LIST[kind], times=-1)
    assert shown(walk(platform_of(box), kind)) == set(map(str, rows(shop, kind)))


@pytest.mark.parametrize("kind", KINDS)
def test_without_counts_in_the_answers_the_totals_report_is_asked(
    box: Sandbox, shop: Shop, kind: Kind
) -> None:
    aged(shop)
    box.woocommerce.faults.add("no_total", LIST[kind], times=-1)
    for order in shop.orders.values():
        order["status"] = "completed" if order["status"] == "trash" else order["status"]
    last = walk(platform_of(box), kind)[-1]
    assert last.counted == reported(shop, kind)


def reported(shop: Shop, kind: Kind) -> int:
    """How many the totals report counts: rated reviews, and coupons of the types that are registered."""
    if kind is Kind.REVIEW:
        return sum(bool(review.get("rating")) for review in shop.reviews.values())
    if kind is Kind.COUPON:
        registered = ("percent", "fixed_cart", "fixed_product")
        return sum(coupon["discount_type"] in registered for coupon in shop.coupons.values())
    return len(rows(shop, kind))


def test_a_trash_that_is_not_counted_leaves_the_orders_uncounted(box: Sandbox, shop: Shop) -> None:
    aged(shop)
    box.woocommerce.faults.add("no_total", LIST[Kind.ORDER], times=-1)
    assert walk(platform_of(box), Kind.ORDER)[-1].counted is None


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_is_counted_a_walk_has_no_count(box: Sandbox, kind: Kind) -> None:
    box.woocommerce.faults.add("no_total", LIST[kind], times=-1)
    box.woocommerce.faults.add("bare_404", "reports", times=-1)
    last = walk(platform_of(box), kind)[-1]
    assert (last.complete, last.counted) == (True, None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["empty_body", "html"])
def test_an_answer_that_is_no_list_stops_the_pull(box: Sandbox, kind: Kind, fault: str) -> None:
    box.woocommerce.faults.add(fault, LIST[kind], times=-1)
    with pytest.raises(RemoteError):
        walk(platform_of(box), kind)


def test_a_dropped_query_string_stops_a_pull_with_what_to_do() -> None:
    with Sandbox(orders=250, customers=120) as box:
        box.woocommerce.faults.add("query_dropped", "GET /", times=-1)
        for kind in (Kind.ORDER, Kind.CUSTOMER):
            with pytest.raises(RemoteError, match="drops or ignores query strings") as raised:
                walk(platform_of(box), kind)
            assert raised.value.exit == 1


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.CUSTOMER])
def test_an_answer_to_another_query_stops_a_pull(kind: Kind) -> None:
    with Sandbox(orders=250, customers=250) as box:
        box.woocommerce.faults.add("cached", LIST[kind], times=-1)
        with pytest.raises(RemoteError, match="does not heed"):
            walk(platform_of(box), kind)


def test_drafts_are_read_whether_any_lists_them_or_not(box: Sandbox, shop: Shop) -> None:
    aged(shop)
    ids = list(shop.orders)
    for id_, status in zip(ids, ("checkout-draft", "auto-draft", "trash"), strict=False):
        shop.orders[id_]["status"] = status
    for lists in (True, False):
        shop.any_lists_drafts = lists
        for report in (True, False):
            box.woocommerce.faults.clear()
            if not report:
                box.woocommerce.faults.add("bare_404", "reports", times=-1)
            pages = walk(platform_of(box), Kind.ORDER)
            assert shown(pages) == set(map(str, ids))
            assert pages[-1].counted == len(ids)


def test_orders_that_the_report_counts_and_the_list_hides_are_told(box: Sandbox, shop: Shop) -> None:
    """As a plugin does that shows each seller only the seller's own orders."""
    aged(shop)
    hidden = next(id_ for id_, row in shop.orders.items() if row["status"] == "completed")
    service = box.woocommerce.server.service
    real, turn = service.answer, threading.Lock()

    def answer(request: Any, fault: Any) -> Answer:
        with turn:  # two walks ask at once
            taken = {}
            if request.path.endswith("/wc/v3/orders"):
                taken = {hidden: shop.orders.pop(hidden)}
            try:
                return real(request, fault)
            finally:
                shop.orders.update(taken)

    service.answer = answer  # type: ignore[method-assign]
    last = walk(platform_of(box), Kind.ORDER)[-1]
    assert last.counted == len(shop.orders)
    assert last.missing == 1


@pytest.mark.parametrize("times", [1, -1])
def test_a_pull_of_changes_tells_what_was_counted_and_not_shown(box: Sandbox, shop: Shop, times: int) -> None:
    """Once is a hiccup, and the pass is read again."""
    aged(shop)
    platform = platform_of(box)
    cursor = walk(platform, Kind.ORDER)[-1].cursor
    ids = list(shop.orders)[:3]
    for id_ in ids:
        shop.edit_order(id_, customer_note="Ring")
    box.woocommerce.faults.add("leaves_out", LIST[Kind.ORDER], times=times, row=str(ids[1]))
    pages = walk(platform, Kind.ORDER, cursor)
    assert pages[-1].missing == (1 if times < 0 else 0)
    assert len(shown(pages)) == (2 if times < 0 else 3)


def test_active_accounts_that_analytics_counts_and_does_not_show_are_told(box: Sandbox, shop: Shop) -> None:
    platform = platform_of(box)
    cursor = walk(platform, Kind.CUSTOMER)[-1].cursor
    shop.place_order(email="gast@kund.example")
    box.woocommerce.faults.add("leaves_out", "reports/customers$", times=-1)
    assert walk(platform, Kind.CUSTOMER, cursor)[-1].missing == 1


def test_a_walk_over_accounts_goes_on_where_it_was() -> None:
    with Sandbox(orders=10, customers=450) as box:
        platform = platform_of(box)
        first = next(iter(platform.pull(Kind.CUSTOMER, since=None)))
        box.woocommerce.requests.clear()
        rest = walk(platform_of(box), Kind.CUSTOMER, first.cursor)
        assert box.woocommerce.requests["GET", "/wc/v3/customers"] <= 5  # one about roles
        assert {record.ref for record in first.records} | {
            record.ref for page in rest for record in page.records
        } == {Ref(adapter="woocommerce", kind=Kind.CUSTOMER, id=str(id_))
              for id_ in box.woocommerce.shop.customers}  # fmt: skip
        assert rest[-1].counted == len(box.woocommerce.shop.customers)
