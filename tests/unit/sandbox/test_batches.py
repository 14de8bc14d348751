"""Batches: failures inside a 200, the limit of a hundred, and the trick that hides every error."""

from typing import Any

from woocommerce import API

from sandbox import Sandbox

Json = dict[str, Any]


def first(shop: Any, count: int) -> list[int]:
    return list(shop.orders)[:count]


def test_a_batch_answers_200_and_tells_of_failures_item_by_item(api: API, shop: Any) -> None:
    good, other = first(shop, 2)
    items = [
        {"id": good, "customer_note": "a"},
        {"id": 99999999},
        {"id": other, "billing": {"email": "not-an-email"}},
    ]
    answer = api.post("orders/batch", {"update": items})
    saved, unknown, invalid = answer.json()["update"]
    assert answer.status_code == 200
    assert saved["customer_note"] == "a"
    assert unknown == {
        "id": 99999999,
        "error": {
            "code": "woocommerce_rest_shop_order_invalid_id",
            "message": "Invalid ID.",
            "data": {"status": 400},
        },
    }
    assert invalid["error"]["code"] == "order_invalid_billing_email"
    assert shop.orders[good]["customer_note"] == "a"


def test_the_same_order_twice_in_a_batch_is_written_in_order(api: API, shop: Any) -> None:
    (number,) = first(shop, 1)
    items = [{"id": number, "customer_note": "a"}, {"id": number, "customer_note": "b"}]
    answer = api.post("orders/batch", {"update": items}).json()["update"]
    assert [row["customer_note"] for row in answer] == ["a", "b"]
    assert shop.orders[number]["customer_note"] == "b"


def test_a_batch_of_more_than_a_hundred_is_refused_whole(api: API, shop: Any) -> None:
    items = [{"id": number, "customer_note": "z"} for number in first(shop, 101)]
    answer = api.post("orders/batch", {"update": items})
    assert (answer.status_code, answer.json()["code"]) == (413, "woocommerce_rest_request_entity_too_large")
    assert all(order["customer_note"] != "z" for order in shop.orders.values())


def test_a_deletion_in_a_batch_is_permanent(api: API, shop: Any) -> None:
    gone, missing = first(shop, 1)[0], 99999999
    answer = api.post("orders/batch", {"delete": [gone, missing]}).json()["delete"]
    assert answer[0]["id"] == gone
    assert answer[1]["error"]["data"] == {"status": 404}
    assert gone not in shop.orders
    assert shop.orphaned_notes() > 0


def test_accounts_are_deleted_in_a_batch_without_force(api: API, shop: Any) -> None:
    answer = api.post("customers/batch", {"delete": [2, 1]}).json()["delete"]
    assert 2 not in shop.customers
    assert answer[1]["error"]["code"] == "woocommerce_rest_cannot_delete"
    assert 1 in shop.customers


def test_fields_on_a_batch_hide_every_error(api: API, shop: Any) -> None:
    answer = api.post("orders/batch", {"update": [{"id": 99999999}]}, params={"_fields": "update.id"})
    assert answer.json() == {"update": []}


def test_half_a_batch_fails_where_that_is_ordered(api: API, shop: Any, box: Sandbox) -> None:
    numbers = first(shop, 4)
    box.woocommerce.faults.add("half_batch", match="POST orders/batch")
    answer = api.post(
        "orders/batch", {"update": [{"id": number, "customer_note": "h"} for number in numbers]}
    )
    assert ["error" in row for row in answer.json()["update"]] == [False, True, False, True]
    assert [shop.orders[number]["customer_note"] == "h" for number in numbers] == [True, False, True, False]
