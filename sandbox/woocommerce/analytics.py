"""wc-analytics: everybody who has an account or has ordered, guests too."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.wire import Answer, Json
from sandbox.woocommerce.context import Call, href, paged, sorted_rows, with_links
from sandbox.woocommerce.params import choice, moment
from sandbox.woocommerce.values import stamp

_PAID = ("completed", "processing", "on-hold")


def customers(call: Call) -> Answer:
    """GET wc-analytics/reports/customers; last_active_after and last_active_before bound it."""
    rows = list(_people(call).values())
    if bound := moment(call.request, "last_active_after"):
        rows = [row for row in rows if (row["date_last_active_gmt"] or "") > bound]
    if bound := moment(call.request, "last_active_before"):
        rows = [row for row in rows if (row["date_last_active_gmt"] or "") < bound]
    if text := call.request.query.get("search", "").lower():
        rows = [row for row in rows if text in f"{row['name']} {row['email']}".lower()]
    key = choice(call.request, "orderby", "date_registered", ("date_registered", "date_last_active", "id"))
    descending = choice(call.request, "order", "desc", ("asc", "desc")) == "desc"
    return paged(call, sorted_rows(rows, key, descending=descending), lambda row: _shown(call, row))


def _people(call: Call) -> dict[Any, Json]:
    people: dict[Any, Json] = {}
    for account in call.shop.customers.values():
        if account["role"] == "customer":
            people[account["id"]] = _person(account["id"], account, account["username"])
            _activity(people[account["id"]], account)
    for order in call.shop.orders.values():
        email = order["billing"]["email"].lower()
        key = order["customer_id"] if order["customer_id"] in people else email
        if key == "" or order["status"] == "trash":
            continue
        _count(people.setdefault(key, _person(0, order["billing"], "")), order)
    for number, row in enumerate(people.values(), start=1):
        row["id"] = number
    return people


def _person(user_id: int, source: Json, username: str) -> Json:
    address = source.get("billing", source)
    name = f"{source['first_name']} {source['last_name']}".strip()
    return {
        "id": 0, "user_id": user_id, "username": username, "name": name, "first_name": source["first_name"],
        "last_name": source["last_name"], "email": source["email"], "country": address["country"],
        "city": address["city"], "state": address["state"], "postcode": address["postcode"],
        "date_registered": source.get("date_created"), "date_last_active": None, "date_last_order": None,
        "orders_count": 0, "total_spend": 0, "avg_order_value": 0,
        "date_registered_gmt": source.get("date_created_gmt"), "date_last_active_gmt": None,
    }  # fmt: skip


def _activity(person: Json, account: Json) -> None:
    seen = next((row["value"] for row in account["meta_data"] if row["key"] == "wc_last_active"), None)
    if seen and str(seen).isdigit():
        stamp(person, "last_active", datetime.fromtimestamp(int(seen), UTC))


def _count(person: Json, order: Json) -> None:
    when = order["date_created_gmt"]
    if (person["date_last_active_gmt"] or "") < when:
        person["date_last_active"], person["date_last_active_gmt"] = order["date_created"], when
    if order["status"] not in _PAID:
        return
    if (person["date_last_order"] or "") < order["date_created"].replace("T", " "):
        person["date_last_order"] = order["date_created"].replace("T", " ")
    spent = Decimal(str(person["total_spend"])) + Decimal(order["total"])
    person["orders_count"] += 1
    person["total_spend"] = _number(spent)
    person["avg_order_value"] = _number(spent / person["orders_count"])


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(round(value, 2))


def _shown(call: Call, row: Json) -> Json:
    """A row as it is answered; the real server has its two dates of last activity the wrong way round."""
    address = f"{call.base}/wc-analytics/customers"
    seen = {"date_last_active": row["date_last_active_gmt"], "date_last_active_gmt": row["date_last_active"]}
    return with_links(
        {**row, **seen}, {"customer": href(f"{address}/{row['id']}"), "collection": href(address)}
    )
