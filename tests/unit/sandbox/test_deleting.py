"""Deleting orders, notes, accounts and coupons: what goes, what stays, and what is answered twice."""

from typing import Any

from woocommerce import API

Json = dict[str, Any]


def test_force_deleting_an_order_leaves_its_notes_where_no_request_reaches(
    api: API, shop: Any, order: Json
) -> None:
    notes = len(shop.notes[order["id"]])
    assert notes >= 3
    assert api.delete(f"orders/{order['id']}", params={"force": "true"}).status_code == 200
    assert shop.orphaned_notes() == notes
    assert api.get(f"orders/{order['id']}/notes").status_code == 404


def test_force_deleting_an_order_takes_its_refunds(api: API, shop: Any) -> None:
    refund = next(iter(shop.refunds.values()))
    api.delete(f"orders/{refund['parent_id']}", params={"force": "true"})
    assert refund["id"] not in shop.refunds


def test_deleting_an_order_twice_is_404_after_force_and_410_in_the_trash(
    api: API, shop: Any, order: Json
) -> None:
    first = api.delete(f"orders/{order['id']}")
    assert (first.status_code, first.json()["status"]) == (200, "completed")
    assert api.delete(f"orders/{order['id']}").status_code == 410
    assert api.delete(f"orders/{order['id']}", params={"force": "true"}).status_code == 200
    assert api.delete(f"orders/{order['id']}", params={"force": "true"}).status_code == 404


def test_an_order_in_the_trash_keeps_everything_and_leaves_the_lists(
    api: API, shop: Any, order: Json
) -> None:
    email = order["billing"]["email"]
    api.delete(f"orders/{order['id']}")
    assert api.get("orders", params={"include": order["id"]}).json() == []
    (found,) = api.get("orders", params={"include": order["id"], "status": "trash"}).json()
    assert found["billing"]["email"] == email


def test_a_note_goes_one_at_a_time_and_only_with_force(api: API, shop: Any, order: Json) -> None:
    path = f"orders/{order['id']}/notes"
    first, *others = api.get(path).json()
    assert api.delete(f"{path}/{first['id']}").status_code == 501
    assert api.delete(f"{path}/{first['id']}", params={"force": "true"}).json()["id"] == first["id"]
    assert api.delete(f"{path}/{first['id']}", params={"force": "true"}).status_code == 404
    assert [row["id"] for row in api.get(path).json()] == [row["id"] for row in others]
    assert api.post(f"{path}/batch", {"delete": [others[0]["id"]]}).json()["code"] == "rest_no_route"


def test_the_notes_list_has_no_total_and_ignores_per_page(api: API, order: Json) -> None:
    answer = api.get(f"orders/{order['id']}/notes", params={"per_page": 1})
    assert len(answer.json()) >= 3
    assert "X-WP-Total" not in answer.headers


def test_deleting_an_account_leaves_its_orders_with_everything_they_hold(
    api: API, shop: Any, order: Json
) -> None:
    account, billing = order["customer_id"], dict(order["billing"])
    assert api.delete(f"customers/{account}", params={"force": "true"}).status_code == 200
    assert (order["customer_id"], order["billing"]) == (0, billing)
    assert api.delete(f"customers/{account}", params={"force": "true"}).json()["code"] == "wc_user_invalid_id"
    assert shop.deliveries == []  # nobody listens on customer.deleted


def test_a_blank_email_stays_blank_once_the_account_is_gone(api: API, order: Json) -> None:
    api.delete(f"customers/{order['customer_id']}", params={"force": "true"})
    answer = api.put(f"orders/{order['id']}", {"meta_data": [{"key": "_billing_email", "value": ""}]})
    assert answer.json()["billing"]["email"] == ""


def test_an_account_needs_force_and_an_administrator_cannot_be_deleted(api: API) -> None:
    assert api.delete("customers/2").status_code == 501
    refused = api.delete("customers/1", params={"force": "true"})
    assert (refused.status_code, refused.headers["Allow"]) == (403, "GET, POST, PUT, PATCH")


def test_an_accounts_user_name_cannot_be_changed(api: API) -> None:
    assert api.put("customers/2", {"username": "x"}).json()["message"] == "Username isn't editable."


def test_a_coupons_trace_of_use_is_a_php_fatal_and_deleting_it_is_not(api: API, shop: Any) -> None:
    coupon = next(iter(shop.coupons))
    fatal = api.put(f"coupons/{coupon}", {"meta_data": [{"key": "_used_by", "value": None}]})
    assert (fatal.status_code, fatal.json()["code"]) == (500, "internal_server_error")
    assert shop.coupons[coupon]["used_by"]
    assert api.put(f"coupons/{coupon}", {"email_restrictions": []}).json()["email_restrictions"] == []
    assert api.delete(f"coupons/{coupon}", params={"force": "true"}).status_code == 200
    assert coupon not in shop.coupons


def test_a_review_is_found_by_address_and_deleted_with_force(api: API, shop: Any) -> None:
    review = next(iter(shop.reviews.values()))
    (found,) = api.get(
        "products/reviews", params={"reviewer_email": review["reviewer_email"], "status": "all"}
    ).json()
    assert found["id"] == review["id"]
    assert api.delete(f"products/reviews/{review['id']}", params={"force": "true"}).json()["deleted"] is True
    assert review["id"] not in shop.reviews


def test_with_legacy_storage_the_notes_go_with_the_order(api: API, shop: Any, order: Json) -> None:
    shop.hpos = False
    settings = api.get("system_status", params={"_fields": "settings.HPOS_enabled"}).json()
    assert settings == {"settings": {"HPOS_enabled": False}}
    api.delete(f"orders/{order['id']}", params={"force": "true"})
    assert shop.orphaned_notes() == 0
