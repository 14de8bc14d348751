"""What Shopify or the engine refuses leaves people as they are, and each part that is refused is named."""

from collections.abc import Iterator

import pytest

from adapters.shopify.consent import living as channels
from adapters.shopify.platform import Shopify
from adapters.shopify.standing import Standing
from connector.ports import Task
from connector.records import Action, Field, HoldId, Kind, Outcome, Ref
from sandbox import Sandbox
from sandbox.shopify.service import Shopify as StandIn
from tests.unit.adapters.shopify.test_flows import customers_of, platform_of, tasks

PROFILE = frozenset({Field.NAME, Field.EMAIL, Field.PHONE, Field.SHIPPING_ADDRESS, Field.STAFF_NOTES})
_OWN = ("firstName", "lastName", "defaultEmail", "defaultPhone", "addresses", "note", "tags")


@pytest.fixture
def shop() -> Iterator[StandIn]:
    """A shop of 130 orders and 120 customers."""
    with Sandbox(orders=130, customers=120) as box:
        yield box.shopify


def kept_customer(platform: Shopify) -> Task:
    """A customer whom orders keep, the oldest of them first."""
    planned = tasks(platform, customers_of(platform), Action.DELETE)
    held = [task for task in planned if not task.live.raw["canDelete"] and task.live.raw["lastOrder"]]
    return min(held, key=lambda task: str(task.live.raw["lastOrder"]["processedAt"]))


def profile(shop: StandIn, task: Task) -> dict[str, object]:
    row = shop.shop.customers.read(int(task.ref.id))
    return {name: row[name] for name in _OWN}


@pytest.mark.parametrize("reason", ["orders_not_indexed", "orders_on_hold"])
def test_what_the_engine_refuses_leaves_the_profile_whole(shop: StandIn, reason: str) -> None:
    platform = platform_of(shop)
    task = kept_customer(platform)
    before = profile(shop, task)
    platform = platform.asking(lambda orders: reason)
    (receipt,) = platform.apply([task])
    assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, reason)
    assert profile(shop, task) == before
    assert not shop.shop.erasures


def test_orders_that_the_books_keep_let_the_profile_be_emptied(shop: StandIn) -> None:
    platform = platform_of(shop)
    task = kept_customer(platform)
    platform = platform.asking(lambda orders: "orders_kept")
    (receipt,) = platform.apply([task])
    assert receipt.reason == "emptied:orders_kept"
    assert profile(shop, task)["addresses"] == []


def test_a_token_that_sees_sixty_days_leaves_the_profile_whole(shop: StandIn) -> None:
    task = kept_customer(platform_of(shop))
    before = profile(shop, task)
    platform = platform_of(shop, token=shop.limited_token)
    platform = platform.asking(lambda orders: "")
    (receipt,) = platform.apply([task])
    assert receipt.outcome in (Outcome.REFUSED, Outcome.STALE)
    assert profile(shop, task) == before


def test_an_order_placed_after_the_last_look_leaves_the_profile_whole(
    shop: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = platform_of(shop)
    platform = platform.asking(lambda orders: "orders_not_indexed" if len(orders) > 1 else "")
    task = kept_customer(platform)
    monkeypatch.setattr(Standing, "settled", lambda self, tasks: (list(tasks), []))
    shop.shop.place_order(email="ny.order@kund.example", customer=int(task.ref.id))
    before = profile(shop, task)
    (receipt,) = platform.apply([task])
    assert receipt.outcome is Outcome.REFUSED
    assert profile(shop, task) == before


def test_a_customer_deleted_meanwhile_is_neither_gone_nor_done(shop: StandIn) -> None:
    platform = platform_of(shop)
    able = next(t for t in tasks(platform, customers_of(platform), Action.DELETE) if t.live.raw["canDelete"])
    shop.shop.forget_customer(int(able.ref.id))
    (receipt,) = platform.apply([able])
    assert (receipt.outcome, receipt.done) == (Outcome.REFUSED, frozenset())
    assert receipt.reason == "not_found"


def test_without_all_orders_every_hold_that_an_order_shows_is_unknown(shop: StandIn) -> None:
    access = platform_of(shop, token=shop.limited_token).check()
    assert access.unreadable_holds >= {
        HoldId.OPEN_ORDER, HoldId.RETURN, HoldId.UNPAID, HoldId.WARRANTY, HoldId.SUBSCRIPTION, HoldId.DISPUTE,
    }  # fmt: skip
    assert HoldId.OPEN_ORDER not in platform_of(shop).check().unreadable_holds


def test_an_address_that_shopify_will_not_delete_is_refused_and_the_rest_is_done(shop: StandIn) -> None:
    platform = platform_of(shop)
    planned = tasks(platform, customers_of(platform), Action.REDACT, PROFILE)
    some = [task for task in planned if len(task.live.raw["addressesV2"]["edges"]) == 1][:2]
    assert len(some) == 2
    shop.faults.add("half_batch", "customerAddressDelete")
    receipts = {receipt.ref: receipt for receipt in platform.apply(some)}
    refused = [receipt for receipt in receipts.values() if receipt.refused]
    assert [set(receipt.refused) for receipt in refused] == [{Field.SHIPPING_ADDRESS}]
    assert Field.EMAIL in refused[0].done
    assert not refused[0].by_hand


def whatsapp(shop: StandIn) -> Ref:
    """A customer who subscribes to WhatsApp alone."""
    for number in list(shop.shop.customers):
        row = shop.shop.customers.read(number)
        if row["defaultPhone"] and row["defaultEmail"]:
            mail = {**row["defaultEmail"], "marketingState": "UNSUBSCRIBED"}
            said = {"state": "SUBSCRIBED", "optInLevel": "SINGLE_OPT_IN", "updatedAt": "2025-01-02T10:00:00Z"}
            phone = {**row["defaultPhone"], "state": "NEVER_SUBSCRIBED", "whatsApp": said}
            shop.shop.edit_customer(number, defaultEmail=mail, defaultPhone=phone)
            return Ref(adapter="shopify", kind=Kind.SUBSCRIBER, id=str(number))
    raise AssertionError("nobody has both")


def test_whatsapp_is_read_and_ended_with_the_other_channels(shop: StandIn) -> None:
    platform, ref = platform_of(shop), whatsapp(shop)
    (task,) = tasks(platform, [ref], Action.UNSUBSCRIBE)
    assert channels(task.live.raw) == ("whatsapp",)
    (receipt,) = platform.apply([task])
    assert receipt.outcome is Outcome.STOPPED
    state = shop.shop.customers.read(int(ref.id))["defaultPhone"]["whatsApp"]["state"]
    assert state == "UNSUBSCRIBED"


def test_whatsapp_that_shopify_will_not_end_is_refused(shop: StandIn) -> None:
    platform, ref = platform_of(shop), whatsapp(shop)
    (task,) = tasks(platform, [ref], Action.UNSUBSCRIBE)
    phone = shop.shop.customers.read(int(ref.id))["defaultPhone"]
    row = shop.shop.customers[int(ref.id)]
    row["defaultPhone"] = None  # the number went in between, and with it the consent
    (receipt,) = platform.apply([task])
    row["defaultPhone"] = phone
    assert receipt.outcome in (Outcome.REFUSED, Outcome.STALE)


def test_shopifys_own_metafield_for_a_birth_date_is_read_and_cleared_without_a_setting(shop: StandIn) -> None:
    platform = platform_of(shop)
    number = next(iter(shop.shop.customers))
    field = {
        "__typename": "Metafield", "id": "gid://shopify/Metafield/71", "namespace": "facts",
        "key": "birth_date", "type": "date", "value": "1981-12-18",
    }  # fmt: skip
    shop.shop.edit_customer(number, metafields=[field])
    ref = Ref(adapter="shopify", kind=Kind.CUSTOMER, id=str(number))
    (task,) = tasks(platform, [ref], Action.REDACT, frozenset({Field.BIRTH_DATE}))
    (receipt,) = platform.apply([task])
    assert (receipt.outcome, receipt.done) == (Outcome.DONE, {Field.BIRTH_DATE})
    assert shop.shop.customers.read(number)["metafields"] == []
