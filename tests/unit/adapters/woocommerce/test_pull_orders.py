"""Pulling orders: none is missed, each comes in its newest version, and no request is wasted."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import msgspec
import pytest

from adapters.woocommerce import orders
from adapters.woocommerce.answers import Listed
from adapters.woocommerce.platform import WooCommerce
from connector.errors import Rejected
from connector.records import Kind, Record
from sandbox import Sandbox
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.values import stamp
from tests.unit.adapters.woocommerce.conftest import platform_of

ROUTE = ("GET", "/wc/v3/orders")


_READ: dict[bytes, Record] = {}


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same order is read once: walks are tried here, which meet thousands of orders again and again."""
    read = orders.to_record

    def remembered(order: dict[str, Any], **means: Any) -> Record:
        if order["refunds"]:  # whose dates are asked for apart
            return read(order, **means)
        key = msgspec.msgpack.encode(order)
        return _READ.get(key) or _READ.setdefault(key, read(order, **means))

    monkeypatch.setattr(orders, "to_record", remembered)


def pulled(platform: WooCommerce, since: str | None = None) -> tuple[dict[str, Record], str, bool]:
    """What an index holds after a pull: the last version of each, the last cursor, complete."""
    found: dict[str, Record] = {}
    cursor, complete = "", False
    for page in platform.pull(Kind.ORDER, since=since):
        found |= {record.ref.id: record for record in page.records}
        cursor, complete = page.cursor, page.complete
    return found, cursor, complete


def ids(shop: Shop) -> set[str]:
    return {str(order_id) for order_id in shop.orders}


def bare(shop: Shop) -> Shop:
    """The same shop with little in each order: many are walked here, and what they hold is no part of it."""
    for order in shop.orders.values():
        order |= {"meta_data": [], "line_items": order["line_items"][:1], "customer_note": ""}
        order |= {name: dict.fromkeys(order[name], "") for name in ("billing", "shipping")}
    return shop


def same_second(shop: Shop, count: int, moment: datetime) -> None:
    """Gives that many orders one creation date."""
    for order in list(shop.orders.values())[:count]:
        stamp(order, "created", moment)
        stamp(order, "modified", moment)


def test_a_first_pull_finds_every_order(platform: WooCommerce, shop: Shop) -> None:
    found, _, complete = pulled(platform)
    assert set(found) == ids(shop)
    assert complete


@pytest.mark.parametrize("count", [1, 99, 100, 101, 200, 201, 300])
def test_a_first_pull_finds_every_order_at_the_edge_of_a_page(count: int) -> None:
    with Sandbox(orders=300, customers=20) as box:
        shop = bare(box.woocommerce.shop)
        shop.orders = dict(list(shop.orders.items())[:count])
        assert set(pulled(platform_of(box))[0]) == ids(shop)


def test_an_empty_shop_is_pulled_to_its_end(box: Sandbox, shop: Shop) -> None:
    shop.orders.clear()
    found, cursor, complete = pulled(platform_of(box))
    assert (found, complete) == ({}, True)
    assert pulled(platform_of(box), cursor)[0] == {}


def test_a_first_pull_asks_no_more_than_a_page_per_hundred_and_six(
    box: Sandbox, platform: WooCommerce
) -> None:
    count = len(box.woocommerce.shop.orders)
    pulled(platform)
    assert box.woocommerce.requests[ROUTE] <= ceil(count / 100) + 6


def test_each_order_of_a_quiet_shop_comes_once(platform: WooCommerce, shop: Shop) -> None:
    old = datetime.now(UTC) - timedelta(days=30)
    for place, order in enumerate(shop.orders.values()):
        stamp(order, "created", old + timedelta(minutes=place))
        stamp(order, "modified", old + timedelta(minutes=place))
    seen = [record.ref.id for page in platform.pull(Kind.ORDER, since=None) for record in page.records]
    assert len(seen) <= len(set(seen)) + 2  # the two walks may share the order they meet at


@pytest.mark.parametrize("crowd", [130, 280])
def test_more_than_a_page_of_orders_in_one_second_are_all_found(crowd: int) -> None:
    with Sandbox(orders=300, customers=20) as box:
        same_second(bare(box.woocommerce.shop), crowd, datetime(2025, 5, 5, 12, 0, 0, tzinfo=UTC))
        assert set(pulled(platform_of(box))[0]) == ids(box.woocommerce.shop)


def test_a_second_too_crowded_to_exclude_is_walked_by_id() -> None:
    with Sandbox(orders=1500, customers=20) as box:
        same_second(bare(box.woocommerce.shop), 1300, datetime(2025, 5, 5, 12, 0, 0, tzinfo=UTC))
        found, cursor, _ = pulled(platform_of(box))
        assert set(found) == ids(box.woocommerce.shop)
        assert pulled(platform_of(box), cursor)[0] == {}


def test_a_crowd_changed_in_one_second_is_found_by_the_next_pull() -> None:
    with Sandbox(orders=900, customers=20) as box:
        shop = bare(box.woocommerce.shop)
        old = datetime.now(UTC) - timedelta(days=9)
        for order in shop.orders.values():
            stamp(order, "modified", old)
        platform = platform_of(box)
        cursor = pulled(platform)[1]
        moment = datetime.now(UTC)
        crowd = list(shop.orders.values())[:800]
        for order in crowd:
            stamp(order, "modified", moment)
        assert set(pulled(platform, cursor)[0]) >= {str(order["id"]) for order in crowd}


@pytest.mark.parametrize("behind_a_proxy", [False, True])
@pytest.mark.parametrize("minutes", [-600, -10, 10, 600])
def test_a_shop_whose_clock_is_off_hides_no_change(
    shop: Shop, box: Sandbox, minutes: int, behind_a_proxy: bool
) -> None:
    """PHP writes the dates of changes, the web server the Date header; their clocks may differ."""
    shop.turn(minutes=minutes)
    if behind_a_proxy:
        box.woocommerce.server.clock = time.time
    for order in shop.orders.values():
        stamp(order, "modified", shop.now() - timedelta(days=9))
    platform = platform_of(box)
    first = shop.edit_order(next(iter(shop.orders)))["id"]
    _, cursor, _ = pulled(platform)
    for place in (5, 6, 7):
        changed = shop.edit_order(list(shop.orders)[place])["id"]
        found, cursor, _ = pulled(platform, cursor)
        assert str(changed) in found
    assert first


def test_a_shop_that_changes_faster_than_it_answers_lets_the_pull_end(shop: Shop, box: Sandbox) -> None:
    platform = platform_of(box)
    http = platform._client.http
    real = http.request

    def request(*given: Any, **named: Any) -> Any:
        answer = real(*given, **named)
        if (named.get("params") or {}).get("orderby") == "modified":
            for order_id in list(shop.orders)[:150]:
                shop.edit_order(order_id)
        return answer

    http.request = request  # type: ignore[method-assign]
    assert set(pulled(platform)[0]) == ids(shop)
    assert box.woocommerce.requests[ROUTE] < 40


def test_orders_in_the_trash_are_pulled_and_marked(platform: WooCommerce, shop: Shop) -> None:
    order_id = next(iter(shop.orders))
    shop.edit_order(order_id)["status"] = "trash"
    found, _, _ = pulled(platform)
    assert found[str(order_id)].facts.trashed
    assert set(found) == ids(shop)


def test_a_later_pull_brings_what_changed_and_little_else(
    platform: WooCommerce, shop: Shop, box: Sandbox
) -> None:
    old = datetime.now(UTC) - timedelta(days=30)
    for order in shop.orders.values():
        stamp(order, "modified", old)
    _, cursor, _ = pulled(platform)
    before = box.woocommerce.requests[ROUTE]
    changed = shop.edit_order(next(iter(shop.orders)), customer_note="Ring först")
    placed = shop.place_order(email="ny@kund.example")
    found, _, complete = pulled(platform, cursor)
    assert set(found) == {str(changed["id"]), str(placed["id"])}
    assert not complete
    assert box.woocommerce.requests[ROUTE] - before == 3  # the newest change, what changed, what is set aside


def test_a_pull_of_changes_that_ends_too_early_is_gone_on_with_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A count that a cache kept calls the first page the last: the newest change is known, and not read."""
    with Sandbox(orders=450, customers=20) as box:
        shop, platform = bare(box.woocommerce.shop), platform_of(box)
        now = datetime.now(UTC)
        for order in shop.orders.values():
            stamp(order, "modified", now - timedelta(days=30))
        _, cursor, _ = pulled(platform)
        written = list(shop.orders.values())[:350]
        for place, order in enumerate(written):
            stamp(order, "modified", now - timedelta(seconds=7000 - 20 * place))
        with monkeypatch.context() as patched:
            patched.setattr(Listed, "all_of_them", property(lambda _: True))
            found, cursor, _ = pulled(platform, cursor)
        assert len(found) < 150
        rest, _, _ = pulled(platform, cursor)
        assert set(found) | set(rest) == {str(order["id"]) for order in written}


def test_many_changes_are_read_by_one_pull_and_not_by_each_that_follows() -> None:
    """A run writes for an hour and pulls in the middle of it: its own writes come back once."""
    with Sandbox(orders=450, customers=20) as box:
        shop, platform = bare(box.woocommerce.shop), platform_of(box)
        now = datetime.now(UTC)
        for order in shop.orders.values():
            stamp(order, "modified", now - timedelta(days=30))
        _, cursor, _ = pulled(platform)
        written = list(shop.orders.values())[:350]
        for place, order in enumerate(written):
            stamp(order, "modified", now - timedelta(seconds=1000 - place))
        found, cursor, _ = pulled(platform, cursor)
        assert set(found) == {str(order["id"]) for order in written}
        found, _, _ = pulled(platform, cursor)
        assert len(found) < 20


def test_an_order_put_in_the_trash_is_seen_by_the_next_pull(platform: WooCommerce, shop: Shop) -> None:
    _, cursor, _ = pulled(platform)
    order_id = next(iter(shop.orders))
    with shop.lock:
        shop.orders[order_id]["status"] = "trash"
        shop.touch(shop.orders[order_id])
    assert pulled(platform, cursor)[0][str(order_id)].facts.trashed


def test_a_pull_goes_on_from_the_cursor_of_any_page() -> None:
    with Sandbox(orders=500, customers=20) as box:
        bare(box.woocommerce.shop)
        platform = platform_of(box)
        pages = list(platform.pull(Kind.ORDER, since=None))
        for place, page in enumerate(pages[:-1]):
            before = {record.ref.id for earlier in pages[: place + 1] for record in earlier.records}
            after = set(pulled(platform_of(box), page.cursor)[0])
            assert before | after == ids(box.woocommerce.shop)


def test_a_cursor_holds_ids_and_times_only(platform: WooCommerce) -> None:
    for page in platform.pull(Kind.ORDER, since=None):
        assert "@" not in page.cursor
        assert set(json.loads(page.cursor)) <= {
            "v", "phase", "start", "full", "up", "down", "trash", "changed", "changed_trash", "passes",
            "pages", "newest", "next", "statuses", "aside", "counted", "uncounted", "newer", "hidden",
            "expected", "shown", "missing", "settled", "since",
        }  # fmt: skip


def test_a_cursor_of_something_else_is_refused(platform: WooCommerce) -> None:
    with pytest.raises(Rejected, match="Pull everything again"):
        next(iter(platform.pull(Kind.ORDER, since="not a cursor")))


class Visitors(threading.Thread):
    """Places, edits, trashes and deletes orders for as long as a pull goes on."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(daemon=True)
        self.shop = shop
        self.leave = threading.Event()
        self.placed: list[int] = []

    def run(self) -> None:
        known = list(self.shop.orders)
        place = 0
        while not self.leave.is_set():
            place += 1
            self.placed.append(self.shop.place_order(email=f"gast{place}@kund.example")["id"])
            self.shop.edit_order(known[(place * 37) % len(known)], customer_note=f"Andrad {place}")
            with self.shop.lock:
                doomed = self.placed[place // 2]
                if place % 5 == 0 and doomed in self.shop.orders:
                    self.shop.forget_order(doomed)
            time.sleep(0.02)


def test_nothing_is_missed_while_orders_are_placed_edited_and_deleted() -> None:
    with Sandbox(orders=450, customers=20) as box:
        shop, platform = box.woocommerce.shop, platform_of(box)
        there_before = ids(shop)
        visitors = Visitors(shop)
        visitors.start()
        found, cursor, _ = pulled(platform)
        visitors.leave.set()
        visitors.join()
        assert there_before <= set(found)
        later, _, _ = pulled(platform, cursor)
        index = found | later
        assert ids(shop) <= set(index)
        for order_id, order in shop.orders.items():
            assert index[str(order_id)].version == order["date_modified_gmt"]


def test_a_pull_survives_a_busy_server_and_cut_connections(box: Sandbox, shop: Shop) -> None:
    for kind in ("503_html", "cut", "429", "cut_after"):
        box.woocommerce.faults.add(kind, "GET orders", after=1)
    slept: list[float] = []
    assert set(pulled(platform_of(box, slept))[0]) == ids(shop)
    assert len(slept) == 4


def test_refund_dates_come_from_the_list_of_refunds(platform: WooCommerce, shop: Shop) -> None:
    found, _, _ = pulled(platform)
    refunded = [order for order in shop.orders.values() if order["refunds"]]
    assert refunded
    for order in refunded:
        facts = found[str(order["id"])].facts
        assert facts.refunded
        assert not facts.undated_refunds
        assert "refund_reason" in found[str(order["id"])].residue


def test_a_refund_made_after_the_list_was_read_is_asked_for_by_its_order(
    platform: WooCommerce, shop: Shop
) -> None:
    _, cursor, _ = pulled(platform)
    order = next(order for order in shop.orders.values() if not order["refunds"])
    refund = {**next(iter(shop.refunds.values())), "id": shop.next_id(), "parent_id": order["id"]}
    shop.refunds[refund["id"]] = refund
    shop.edit_order(order["id"], refunds=[{"id": refund["id"], "reason": "", "total": "-1.00"}])
    facts = pulled(platform, cursor)[0][str(order["id"])].facts
    assert facts.refunded
    assert not facts.undated_refunds


def test_guests_are_joined_by_their_address_whatever_its_case(platform: WooCommerce, shop: Shop) -> None:
    first = shop.place_order(email="Åsa.Lind@Kund.example")
    second = shop.place_order(email="åsa.lind@kund.example ")
    other = shop.place_order(email="bo@kund.example")
    found, _, _ = pulled(platform)
    digests = [
        {known.digest for known in found[str(order["id"])].identifiers if known.type == "email"}
        for order in (first, second, other)
    ]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("hidden", [False, True])
def test_a_refund_that_no_list_shows_is_asked_for_by_its_number_and_else_called_undated(
    hidden: bool, box: Sandbox, shop: Shop
) -> None:
    refunded = next(order for order in shop.orders.values() if order["refunds"])
    service: Any = box.woocommerce.server.service
    answered = service.answer

    def answer(request: Any, fault: Any) -> Any:
        found = answered(request, fault)
        if request.path.endswith("/refunds"):
            found.body, found.headers["X-WP-Total"] = b"[]", "0"
        elif hidden and "/refunds/" in request.path:
            found.body = b"{}"
        return found

    service.answer = answer
    facts = pulled(platform_of(box))[0][str(refunded["id"])].facts
    assert (bool(facts.refunded), facts.undated_refunds) == (not hidden, hidden)
