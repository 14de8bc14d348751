"""Writing to an order: the recalculation, the way round it, and what a save does on the side."""

import time
from decimal import Decimal
from typing import Any

import pytest
from woocommerce import API

Json = dict[str, Any]
MONEY = ("total", "total_tax", "cart_tax", "shipping_tax", "tax_lines")


def money(order: Json) -> Json:
    return {name: order[name] for name in MONEY}


def priced(shop: Any, **options: Any) -> Json:
    """An order of 248 kr and 49 kr freight without VAT, taxed with 25 %."""
    order: Json = shop.place_order(email="pia@kund.example", net="248.00", **options)
    assert order["total"] == "371.25"
    return order


def set_rate(shop: Any, country: str, rate: str) -> None:
    for row in shop.taxes:
        if row["country"] == country and row["class"] == "standard":
            row["rate"] = rate


@pytest.mark.parametrize("kind", ["billing", "shipping"])
def test_a_write_that_names_an_address_taxes_the_order_with_todays_rate(
    api: API, shop: Any, kind: str
) -> None:
    order = priced(shop)
    set_rate(shop, "SE", "12.0000")
    answer = api.put(f"orders/{order['id']}", {kind: {"first_name": ""}}).json()
    assert (answer["total"], answer["total_tax"]) == ("332.64", "35.64")
    assert answer["tax_lines"][0]["rate_percent"] == 12


def test_with_the_rate_gone_a_named_address_takes_all_vat_off_the_order(api: API, shop: Any) -> None:
    order = priced(shop)
    shop.taxes.clear()
    answer = api.put(f"orders/{order['id']}", {"billing": {"first_name": ""}}).json()
    assert (answer["total"], answer["total_tax"], answer["tax_lines"]) == ("297.00", "0.00", [])


def test_with_the_rate_unchanged_a_named_address_leaves_the_totals(api: API, shop: Any) -> None:
    order = priced(shop)
    before = money(order)
    assert money(api.put(f"orders/{order['id']}", {"billing": {"first_name": ""}}).json()) == before


def test_a_blanked_country_moves_the_vat_to_the_shops_own(api: API, shop: Any) -> None:
    order = priced(shop, billing={"country": "DK"})
    assert order["tax_lines"][0]["rate_code"].startswith("DK")
    blank = {"country": ""}
    answer = api.put(f"orders/{order['id']}", {"billing": blank, "shipping": blank}).json()
    assert answer["tax_lines"][0]["rate_code"].startswith("SE")


def test_an_old_order_without_tax_lines_gets_vat_when_an_address_is_named(api: API, shop: Any) -> None:
    taxes, shop.taxes = shop.taxes, []
    order = shop.place_order(email="pia@kund.example", net="474.00")
    shop.taxes = taxes
    assert order["total"] == "523.00"
    assert api.put(f"orders/{order['id']}", {"billing": {"city": ""}}).json()["total"] == "653.75"


def food_in(order: Json) -> bool:
    return any(line["tax_class"] == "reduced-rate" and Decimal(line["total"]) for line in order["line_items"])


def test_food_sold_before_the_vat_cut_is_falsified_by_a_named_address(api: API, shop: Any) -> None:
    done = (row for row in shop.orders.values() if row["status"] == "completed")
    old = (row for row in done if row["date_created"] < "2026-03")
    food = next(row for row in old if row["shipping"]["country"] == "SE" and food_in(row))
    before = food["total_tax"]
    after = api.put(f"orders/{food['id']}", {"billing": {"first_name": ""}}).json()["total_tax"]
    assert Decimal(after) < Decimal(before)


def test_internal_keys_blank_the_address_and_leave_the_money(api: API, shop: Any, order: Json) -> None:
    before = money(order)
    shop.taxes.clear()
    rows = [
        {"key": f"_billing_{part}", "value": ""} for part in ("first_name", "last_name", "address_1", "phone")
    ]
    answer = api.put(f"orders/{order['id']}", {"meta_data": rows}).json()
    assert money(answer) == before
    assert [answer["billing"][part] for part in ("first_name", "last_name", "address_1", "phone")] == [""] * 4


def test_each_internal_key_costs_a_line_of_the_php_log(api: API, shop: Any, order: Json) -> None:
    rows = [{"key": "_billing_first_name", "value": ""}, {"key": "_shipping_city", "value": ""}]
    api.put(f"orders/{order['id']}", {"meta_data": [*rows, {"key": "leveransinstruktion", "value": None}]})
    assert shop.php_log_lines == 2


def test_internal_keys_are_not_shown_among_the_meta(api: API, order: Json) -> None:
    rows = [{"key": "_billing_first_name", "value": "Bo"}, {"key": "_order_stock_reduced", "value": "yes"}]
    answer = api.put(f"orders/{order['id']}", {"meta_data": rows}).json()
    assert not {"_billing_first_name", "_order_stock_reduced"} & {row["key"] for row in answer["meta_data"]}


def test_ip_and_user_agent_named_directly_are_ignored_without_a_word(api: API, order: Json) -> None:
    before = (order["customer_ip_address"], order["customer_user_agent"])
    assert all(before)
    answer = api.put(f"orders/{order['id']}", {"customer_ip_address": "", "customer_user_agent": ""})
    assert answer.status_code == 200
    assert (answer.json()["customer_ip_address"], answer.json()["customer_user_agent"]) == before


def test_ip_and_user_agent_go_through_internal_keys(api: API, order: Json) -> None:
    rows = [{"key": "_customer_ip_address", "value": ""}, {"key": "_customer_user_agent", "value": ""}]
    answer = api.put(f"orders/{order['id']}", {"meta_data": rows}).json()
    assert (answer["customer_ip_address"], answer["customer_user_agent"]) == ("", "")


def test_a_blank_email_comes_back_from_the_account(api: API, shop: Any, order: Json) -> None:
    rows = [{"key": "_billing_email", "value": ""}]
    answer = api.put(f"orders/{order['id']}", {"meta_data": rows}).json()
    assert answer["billing"]["email"] == shop.customers[order["customer_id"]]["email"]


def test_a_blank_email_stays_blank_when_the_account_is_let_go_in_the_same_call(api: API, order: Json) -> None:
    body = {"customer_id": 0, "meta_data": [{"key": "_billing_email", "value": ""}]}
    answer = api.put(f"orders/{order['id']}", body).json()
    assert (answer["customer_id"], answer["billing"]["email"]) == (0, "")


@pytest.mark.parametrize("email", ["x", "anon@example", "åsa@exempel.se"])
def test_an_invalid_email_through_the_internal_key_is_turned_down(api: API, order: Json, email: str) -> None:
    kept = order["billing"]["email"]
    answer = api.put(f"orders/{order['id']}", {"meta_data": [{"key": "_billing_email", "value": email}]})
    assert (answer.status_code, answer.json()["code"]) == (400, "order_invalid_billing_email")
    assert order["billing"]["email"] == kept


def test_an_invalid_email_named_directly_is_a_bad_parameter(api: API, order: Json) -> None:
    answer = api.put(f"orders/{order['id']}", {"billing": {"email": ""}})
    assert (answer.status_code, answer.json()["code"]) == (400, "rest_invalid_param")


def test_a_write_that_fails_leaves_nothing_half_done(api: API, order: Json) -> None:
    before = dict(order)
    rows = [{"key": "_billing_first_name", "value": ""}, {"key": "_billing_email", "value": "x"}]
    api.put(f"orders/{order['id']}", {"meta_data": rows})
    assert order == before


def test_null_removes_a_meta_row_and_is_harmless_when_there_is_none(api: API, order: Json) -> None:
    key = order["meta_data"][0]["key"]
    for _ in range(2):
        answer = api.put(f"orders/{order['id']}", {"meta_data": [{"key": key, "value": None}]})
        assert answer.status_code == 200
        assert key not in {row["key"] for row in answer.json()["meta_data"]}


def test_setting_meta_by_key_removes_its_duplicates(api: API, order: Json) -> None:
    order["meta_data"] += [
        {"id": 9_000_001, "key": "dubbel", "value": "a"},
        {"id": 9_000_002, "key": "dubbel", "value": "b"},
    ]
    answer = api.put(f"orders/{order['id']}", {"meta_data": [{"key": "dubbel", "value": ""}]}).json()
    assert [row["value"] for row in answer["meta_data"] if row["key"] == "dubbel"] == [""]


def test_an_empty_write_moves_date_modified(api: API, order: Json) -> None:
    first = api.put(f"orders/{order['id']}", {}).json()["date_modified_gmt"]
    time.sleep(1.1)
    assert api.put(f"orders/{order['id']}", {}).json()["date_modified_gmt"] > first


def test_every_save_is_sent_to_the_active_webhook_alone(api: API, shop: Any, order: Json) -> None:
    api.put(f"orders/{order['id']}", {"customer_note": ""})
    assert [(row["topic"], shop.webhooks[row["webhook"]]["name"]) for row in shop.deliveries] == [
        ("order.updated", "Fortnox")
    ]
    assert shop.deliveries[0]["payload"]["id"] == order["id"]


def test_a_change_of_status_mails_the_customer_and_the_same_status_does_not(api: API, shop: Any) -> None:
    order = priced(shop)
    api.put(f"orders/{order['id']}", {"status": "processing"})
    assert shop.mails == []
    api.put(f"orders/{order['id']}", {"status": "completed"})
    assert [row["mail"] for row in shop.mails] == ["customer_completed_order"]
    assert shop.notes[order["id"]][-1]["note"] == "Order status changed from Processing to Completed."


def test_an_unknown_customer_is_turned_down(api: API, order: Json) -> None:
    answer = api.put(f"orders/{order['id']}", {"customer_id": 88888888})
    assert (answer.status_code, answer.json()["code"]) == (400, "woocommerce_rest_invalid_customer_id")


def test_a_refunds_reason_cannot_be_changed(api: API, shop: Any) -> None:
    refund = next(iter(shop.refunds.values()))
    answer = api.put(f"orders/{refund['parent_id']}/refunds/{refund['id']}", {"reason": ""})
    assert (answer.status_code, answer.json()["code"]) == (404, "rest_no_route")
    assert api.put(f"orders/{refund['id']}", {}).json()["code"] == "woocommerce_rest_shop_order_invalid_id"


def test_a_null_email_named_directly_leaves_the_address_as_it_is(api: API, shop: Any) -> None:
    guest = priced(shop)
    answer = api.put(f"orders/{guest['id']}", {"billing": {"email": None}})
    assert (answer.status_code, answer.json()["billing"]["email"]) == (200, "pia@kund.example")


def test_dates_named_directly_are_ignored_and_through_internal_keys_change(api: API, order: Json) -> None:
    before = order["date_created"]
    assert (
        api.put(f"orders/{order['id']}", {"date_created": "2001-01-01T00:00:00"}).json()["date_created"]
        == before
    )
    rows = [{"key": "_date_created", "value": "2001-07-01T12:00:00"}]
    answer = api.put(f"orders/{order['id']}", {"meta_data": rows}).json()
    assert (answer["date_created"], answer["date_created_gmt"]) == (
        "2001-07-01T12:00:00",
        "2001-07-01T10:00:00",
    )


def test_line_meta_is_reached_only_by_a_write_that_recalculates(api: API, shop: Any, order: Json) -> None:
    line = order["shipping_lines"][0]
    line["meta_data"].append({"id": 7, "key": "pickup_recipient", "value": "Pia"})
    shop.taxes.clear()
    body = {
        "shipping_lines": [
            {"id": line["id"], "meta_data": [{"id": 7, "key": "pickup_recipient", "value": None}]}
        ]
    }
    answer = api.put(f"orders/{order['id']}", body).json()
    assert "pickup_recipient" not in {row["key"] for row in answer["shipping_lines"][0]["meta_data"]}
    assert answer["total_tax"] == "0.00"
