"""Reading lists: bounds, order, totals, trimmed fields, and how a walk by page loses rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from woocommerce import API

Json = dict[str, Any]


def ids(answer: Any) -> list[int]:
    return [row["id"] for row in answer.json()]


def make_failed(shop: Any, count: int) -> list[int]:
    made = []
    for number in range(count):
        order = shop.place_order(email=f"f{number}@kund.example", status="failed")
        made.append(order["id"])
    return made


def test_a_walk_by_page_that_changes_what_it_lists_misses_half(api: API, shop: Any) -> None:
    make_failed(shop, 60)
    total = sum(order["status"] == "failed" for order in shop.orders.values())
    seen, page = 0, 1
    while rows := api.get("orders", params={"status": "failed", "per_page": 10, "page": page}).json():
        for row in rows:
            shop.edit_order(row["id"], status="cancelled")
        seen, page = seen + len(rows), page + 1
    assert seen < total * 0.6


def test_reading_the_first_page_again_and_again_misses_none(api: API, shop: Any) -> None:
    make_failed(shop, 60)
    while rows := api.get("orders", params={"status": "failed", "per_page": 10}).json():
        for row in rows:
            shop.edit_order(row["id"], status="cancelled")
    assert not any(order["status"] == "failed" for order in shop.orders.values())


def test_a_page_past_the_end_is_an_empty_200_with_a_total_of_nothing(api: API) -> None:
    answer = api.get("orders", params={"page": 9999})
    assert (answer.status_code, answer.json(), answer.headers["X-WP-Total"]) == (200, [], "0")


def test_orders_come_newest_first_and_without_the_trash(api: API, shop: Any) -> None:
    answer = api.get("orders", params={"per_page": 100, "_fields": "id,status,date_created_gmt"})
    dates = [row["date_created_gmt"] for row in answer.json()]
    kept = [order for order in shop.orders.values() if order["status"] != "trash"]
    assert dates == sorted(dates, reverse=True)
    assert int(answer.headers["X-WP-Total"]) == len(kept) < len(shop.orders)


@pytest.mark.parametrize(
    ("bound", "gmt", "found"),
    [
        ("2026-07-01T11:59:59", False, True),  # shop time, two hours before UTC in summer
        ("2026-07-01T12:00:00", False, False),  # both bounds are exclusive
        ("2026-07-01T09:59:59", True, True),
        ("2026-07-01T10:00:00", True, False),
        ("2026-07-01T09:59:59Z", False, True),
        ("2026-07-01T10:00:00Z", False, False),
        ("2026-07-01T11:59:59+02:00", False, True),
        ("2026-07-01T12:00:00+02:00", False, False),
    ],
)
def test_date_bounds_are_exclusive_and_in_shop_time_unless_told(
    api: API, shop: Any, bound: str, gmt: bool, found: bool
) -> None:
    shop.orders.clear()
    shop.place_order(email="a@kund.example", when=datetime(2026, 7, 1, 10, tzinfo=UTC))
    params = {"after": bound, **({"dates_are_gmt": "true"} if gmt else {})}
    assert bool(api.get("orders", params=params).json()) is found


def test_a_change_is_found_by_modified_after(api: API, shop: Any, order: Json) -> None:
    bound = (shop.now().astimezone(UTC) - timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S")
    shop.edit_order(order["id"], customer_note="ny")
    answer = api.get(
        "orders", params={"modified_after": bound, "dates_are_gmt": "true", "orderby": "modified"}
    )
    assert ids(answer) == [order["id"]]


def test_searching_by_email_finds_what_asking_for_the_account_misses(
    api: API, shop: Any, order: Json
) -> None:
    email = order["billing"]["email"]
    guest = shop.place_order(email=email)
    by_account = ids(api.get("orders", params={"customer": order["customer_id"], "per_page": 100}))
    by_search = ids(api.get("orders", params={"search": email, "per_page": 100}))
    assert guest["id"] not in by_account
    assert {guest["id"], order["id"]} <= set(by_search)


def test_the_list_of_accounts_ignores_date_bounds(api: API) -> None:
    everybody = api.get("customers").headers["X-WP-Total"]
    for name in ("after", "before", "modified_after", "modified_before"):
        answer = api.get("customers", params={name: "2026-01-01T00:00:00"})
        assert (answer.status_code, answer.headers["X-WP-Total"]) == (200, everybody)


def test_accounts_are_customers_unless_every_role_is_asked_for(api: API) -> None:
    assert api.get("customers").headers["X-WP-Total"] == "40"
    assert api.get("customers", params={"role": "all"}).headers["X-WP-Total"] == "41"


def test_an_account_is_found_by_its_address_alone(api: API, shop: Any) -> None:
    email = shop.customers[5]["email"]
    assert ids(api.get("customers", params={"email": email})) == [5]
    assert ids(api.get("customers", params={"search": email[:-4]})) == [5]


def test_nested_fields_are_answered_and_nothing_else(api: API) -> None:
    (row,) = api.get("orders", params={"per_page": 1, "_fields": "id,billing.email"}).json()
    assert set(row) == {"id", "billing"}
    assert set(row["billing"]) == {"email"}


def test_the_next_page_stands_in_the_link_until_the_last(api: API) -> None:
    first = api.get("orders", params={"per_page": 50})
    last = api.get("orders", params={"per_page": 50, "page": first.headers["X-WP-TotalPages"]})
    assert 'rel="next"' in first.headers["Link"]
    assert 'rel="prev"' in last.headers["Link"]
    assert 'rel="next"' not in last.headers["Link"]


def test_every_page_together_is_every_order_once(api: API, shop: Any) -> None:
    pages = [
        ids(api.get("orders", params={"per_page": 30, "page": page, "orderby": "id"})) for page in range(1, 9)
    ]
    found = [number for page in pages for number in page]
    assert sorted(found) == sorted(n for n, order in shop.orders.items() if order["status"] != "trash")


def test_guests_stand_in_the_analytics_report_only(api: API, shop: Any, box: Any) -> None:
    guest = shop.place_order(email="ny.gast@kund.example")["billing"]["email"]
    reports = API(url=box.woocommerce.url, consumer_key=box.woocommerce.key,
                  consumer_secret=box.woocommerce.secret, version="wc-analytics")  # fmt: skip
    found = reports.get("reports/customers", params={"search": guest}).json()
    assert [(row["user_id"], row["email"]) for row in found] == [(0, guest)]
    assert api.get("customers", params={"search": guest, "role": "all"}).json() == []


def test_the_periods_of_the_shops_own_retention_are_not_answered(api: API) -> None:
    names = {row["id"] for row in api.get("settings/account").json()}
    assert "woocommerce_erasure_request_removes_order_data" in names
    assert not any(name.startswith(("woocommerce_anonymize", "woocommerce_trash")) for name in names)
    single = api.get("settings/account/woocommerce_anonymize_completed_orders")
    assert (single.status_code, single.json()["code"]) == (404, "rest_setting_setting_invalid")
