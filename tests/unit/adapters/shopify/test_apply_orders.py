"""Writing orders: what is due goes, the rest stays, and money does not move."""

from typing import Any

import pytest

from adapters.shopify.holdings import NOBODY
from adapters.shopify.platform import Shopify
from connector.errors import MoneyMoved, RetryLater
from connector.ports import Live, Task, living, looked
from connector.records import Action, Field, Kind, Outcome, Ref, from_bits
from tests.unit.adapters.shopify.conftest import Prepares, platform_of
from tests.unit.adapters.shopify.made import money, order, written

ALL = frozenset({
    Field.NAME, Field.EMAIL, Field.PHONE, Field.SHIPPING_ADDRESS, Field.COMPANY, Field.CUSTOMER_NOTE,
    Field.TAGS, Field.PERSONAL_NUMBER, Field.DOOR_CODE, Field.TRACKING_NUMBER,
})  # fmt: skip


def fetched(shop: Prepares, platform: Shopify, *nodes: dict[str, Any]) -> list[Live]:
    """These orders as the platform reads them."""
    shop.prepare("FetchOrders", {"nodes": list(nodes)})
    refs = [Ref(adapter="shopify", kind=Kind.ORDER, id=node["id"].rpartition("/")[2]) for node in nodes]
    return list(living(looked(platform.fetch(refs), refs)).values())


def redact(platform: Shopify, live: Live, *fields: Field) -> Any:
    """The receipt of a redaction of these fields."""
    task = Task(live=live, action=Action.REDACT, fields=frozenset(fields))
    return next(iter(platform.apply([task])))


def echoes(shop: Prepares, before: dict[str, Any], **changes: Any) -> None:
    """Prepares a shop that writes what it is given."""

    def update(variables: dict[str, Any]) -> dict[str, Any]:
        return {"a0": {"order": {**written(before, variables["input_0"]), **changes}, "userErrors": []}}

    def tracking(variables: dict[str, Any]) -> dict[str, Any]:
        fulfillment = {"id": variables["fulfillmentId_0"], "trackingInfo": []}
        return {"a0": {"fulfillment": fulfillment, "userErrors": []}}

    shop.prepare("Many", tracking, update)


def test_an_order_is_blanked_in_every_place_that_the_api_reaches(shop: Prepares, platform: Shopify) -> None:
    (live,) = fetched(shop, platform, order())
    echoes(shop, order())
    receipt = redact(platform, live, *ALL)
    assert (receipt.outcome, receipt.done) == (Outcome.DONE, ALL)
    tracking, update = shop.called("Many")
    assert tracking["tracking_0"] == {"numbers": [], "urls": []}
    given = update["input_0"]
    assert given["email"].endswith("@redacted.invalid")
    assert given["phone"] is None
    assert (given["note"], given["tags"]) == ("", [])
    assert given["customAttributes"] == [{"key": "Färg", "value": "blå"}]
    assert given["shippingAddress"] == {
        "firstName": None, "lastName": NOBODY, "company": None, "address1": NOBODY, "address2": None,
        "city": NOBODY, "phone": None, "zip": "114 00", "provinceCode": None, "countryCode": "SE",
    }  # fmt: skip


def test_no_mutation_tells_the_customer(shop: Prepares, platform: Shopify) -> None:
    (live,) = fetched(shop, platform, order())
    echoes(shop, order())
    redact(platform, live, *ALL)
    assert all("notifyCustomer: false" in text for _, _, text in shop.asked if "TrackingInfoUpdate" in text)


def test_a_note_loses_its_door_code_alone_where_only_that_is_due(shop: Prepares, platform: Shopify) -> None:
    (live,) = fetched(shop, platform, order())
    shop.prepare("Many", lambda v: {"a0": {"order": written(order(), v["input_0"]), "userErrors": []}})
    receipt = redact(platform, live, Field.DOOR_CODE)
    (given,) = shop.called("Many")
    assert "1234" not in given["input_0"]["note"]
    assert given["input_0"]["note"].startswith("Ring på")
    assert set(given["input_0"]) == {"id", "note"}
    assert receipt.done == {Field.DOOR_CODE}


def test_a_redacted_order_holds_only_what_no_call_changes(shop: Prepares, platform: Shopify) -> None:
    (live,) = fetched(shop, platform, order())
    given: dict[str, Any] = {}

    def update(variables: dict[str, Any]) -> dict[str, Any]:
        given.update(variables["input_0"])
        return {"a0": {"order": written(order(), given), "userErrors": []}}

    shop.prepare("Many", lambda v: {"a0": {"fulfillment": {"id": v["fulfillmentId_0"], "trackingInfo": []},
                                           "userErrors": []}}, update)  # fmt: skip
    redact(platform, live, *ALL)
    after = {**written(order(), given), "fulfillments": [], "fulfillmentsCount": {"count": 0}}
    (again,) = fetched(shop, platform, after)
    assert set(from_bits(again.record.present)) == {
        Field.BILLING_ADDRESS, Field.IP_ADDRESS, Field.USER_AGENT, Field.PAYMENT_DETAILS,
        Field.PAYMENT_REFERENCE, Field.ACCOUNT,
    }  # fmt: skip


def test_a_changed_total_stops_the_run_after_its_receipt(shop: Prepares, platform: Shopify) -> None:
    (live,) = fetched(shop, platform, order())
    shop.prepare("Many", lambda v: {"a0": {"userErrors": [], "order": {
        **written(order(), v["input_0"]), "currentTotalPriceSet": money("251.00")}}})  # fmt: skip
    receipts = platform.apply([Task(live=live, action=Action.REDACT, fields=frozenset({Field.EMAIL}))])
    assert next(receipts).outcome is Outcome.DONE
    with pytest.raises(MoneyMoved, match="compare the order with the books"):
        next(receipts)


def test_a_user_error_of_one_alias_leaves_the_others_done(shop: Prepares, platform: Shopify) -> None:
    lives = [fetched(shop, platform, order(number))[0] for number in (1, 2)]
    refused = {
        "order": None,
        "userErrors": [{"field": ["shippingAddress", "zip"], "message": "Enter a ZIP code"}],
    }
    shop.prepare("FetchOrders", {"nodes": [order(1)]})
    shop.prepare("Many", lambda v: {
        "a0": refused, "a1": {"order": written(order(2), v["input_1"]), "userErrors": []}})  # fmt: skip
    tasks = [Task(live=live, action=Action.REDACT, fields=frozenset({Field.EMAIL})) for live in lives]
    first, second = platform.apply(tasks)
    assert (first.outcome, second.outcome) == (Outcome.REFUSED, Outcome.DONE)
    assert first.refused == {Field.EMAIL: "shop_refused:shippingAddress.zip"}


def test_a_part_that_is_refused_is_left_out_and_the_others_are_written(
    shop: Prepares, platform: Shopify
) -> None:
    (live,) = fetched(shop, platform, order())

    def update(variables: dict[str, Any]) -> dict[str, Any]:
        given = variables["input_0"]
        if "shippingAddress" in given:
            error = {"field": ["input", "shippingAddress", "zip"], "message": "Enter a ZIP code"}
            return {"a0": {"order": None, "userErrors": [error]}}
        return {"a0": {"order": written(order(), given), "userErrors": []}}

    shop.prepare("Many", update)
    receipt = redact(platform, live, Field.EMAIL, Field.SHIPPING_ADDRESS)
    assert receipt.done == {Field.EMAIL}
    assert receipt.refused == {Field.SHIPPING_ADDRESS: "shop_refused:input.shippingAddress.zip"}


GONE = {"order": None, "userErrors": [{"field": ["id"], "message": "Order does not exist"}]}


def test_an_order_that_a_write_does_not_find_and_a_look_does_is_refused(
    shop: Prepares, platform: Shopify
) -> None:
    (live,) = fetched(shop, platform, order())
    shop.prepare("Many", {"a0": GONE})
    assert redact(platform, live, Field.EMAIL).outcome is Outcome.REFUSED


def test_an_order_that_a_write_does_not_find_gets_no_receipt_without_a_control(
    shop: Prepares, platform: Shopify
) -> None:
    (live,) = fetched(shop, platform, order())
    shop.prepare("Many", {"a0": GONE})
    shop.prepare("FetchOrders", {"nodes": [None]})
    with pytest.raises(RetryLater, match="Run again"):
        redact(platform, live, Field.EMAIL)


def test_an_order_that_changed_since_its_fetch_is_not_written(shop: Prepares, platform: Shopify) -> None:
    (live,) = fetched(shop, platform, order())
    now = {name: order()[name] for name in ("id", "updatedAt", "displayFinancialStatus")}
    shop.prepare("NowOrders", {"nodes": [{**now, "displayFinancialStatus": "REFUNDED"}]})
    receipt = redact(platform, live, Field.EMAIL)
    assert (receipt.outcome, receipt.reason) == (Outcome.STALE, "changed_meanwhile")
    assert shop.called("Many") == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"displayFinancialStatus": "REFUNDED"}, "other_status"),
        ({"returnStatus": "RETURN_REQUESTED"}, "other_status"),
        ({"customer": {"id": "gid://shopify/Customer/8"}}, "other_person"),
    ],
)
def test_an_answer_that_shows_another_order_than_was_fetched_is_named(
    shop: Prepares, platform: Shopify, changes: dict[str, Any], named: str
) -> None:
    (live,) = fetched(shop, platform, order())
    shop.prepare(
        "Many",
        lambda v: {"a0": {"order": {**written(order(), v["input_0"]), **changes}, "userErrors": []}},
    )
    assert redact(platform, live, Field.EMAIL).reason == f"deviates:{named}"


def test_what_the_shop_keeps_is_named_and_not_done(shop: Prepares, platform: Shopify) -> None:
    (live,) = fetched(shop, platform, order())
    shop.prepare("Many", lambda v: {"a0": {"order": {**order(), "note": ""}, "userErrors": []}})
    receipt = redact(platform, live, Field.EMAIL, Field.CUSTOMER_NOTE)
    assert receipt.done == {Field.CUSTOMER_NOTE}
    assert receipt.refused == {Field.EMAIL: "shop_kept:email"}


def test_an_order_is_not_deleted_unless_the_settings_say_so(shop: Prepares, platform: Shopify) -> None:
    (live,) = fetched(shop, platform, order())
    task = Task(live=live, action=Action.DELETE, fields=frozenset({Field.ACCOUNT}))
    (receipt,) = platform.apply([task])
    assert receipt.outcome is Outcome.REFUSED
    assert "delete_orders" in receipt.reason
    assert not platform.capabilities(Kind.ORDER).deletes
    assert shop.called("Many") == []


def test_an_order_is_deleted_where_the_settings_say_so(shop: Prepares, slept: list[float]) -> None:
    platform = platform_of(slept, delete_orders=True)
    (live,) = fetched(shop, platform, order())
    shop.prepare("Many", {"a0": {"deletedId": "gid://shopify/Order/1", "userErrors": []}})
    (receipt,) = platform.apply([Task(live=live, action=Action.DELETE, fields=frozenset({Field.ACCOUNT}))])
    assert receipt.outcome is Outcome.DONE
    assert platform.capabilities(Kind.ORDER).deletes


def test_one_request_carries_twenty_orders(shop: Prepares, platform: Shopify) -> None:
    lives = [fetched(shop, platform, order(number))[0] for number in range(1, 42)]

    def update(variables: dict[str, Any]) -> dict[str, Any]:
        return {
            f"a{at}": {"order": written(order(int(one["id"].rpartition("/")[2])), one), "userErrors": []}
            for at, one in enumerate(variables.values())
        }

    shop.prepare("Many", update)
    tasks = [Task(live=live, action=Action.REDACT, fields=frozenset({Field.EMAIL})) for live in lives]
    assert {receipt.outcome for receipt in platform.apply(tasks)} == {Outcome.DONE}
    assert [len(call) for call in shop.called("Many")] == [20, 20, 1]
