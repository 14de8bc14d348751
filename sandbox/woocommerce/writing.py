"""Writing to an order: which properties move, which keys are internal, and when totals are recalculated."""

import re
from datetime import datetime
from typing import Any

from sandbox.wire import Json
from sandbox.woocommerce.errors import invalid_param, rest_error
from sandbox.woocommerce.params import STOCKHOLM, WRITABLE, spoken
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.totals import TRIGGERS, recalculate
from sandbox.woocommerce.values import copy, stamp

_PARTS = (
    "first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country",
    "phone",
)  # fmt: skip
INTERNAL: dict[str, tuple[str, ...]] = {
    **{f"_{kind}_{part}": (kind, part) for kind in ("billing", "shipping") for part in _PARTS},
    "_billing_email": ("billing", "email"),
    **{
        f"_{name}": (name,)
        for name in (
            "customer_ip_address", "customer_user_agent", "order_key", "transaction_id", "created_via",
            "payment_method", "payment_method_title", "date_created", "date_paid", "date_completed",
        )
    },
}  # fmt: skip
HIDDEN = frozenset({
    "_customer_user", "_order_currency", "_completed_date", "_paid_date", "_edit_last", "_cart_discount",
    "_cart_discount_tax", "_order_shipping", "_order_shipping_tax", "_order_tax", "_order_total",
    "_order_version",
    "_prices_include_tax", "_payment_tokens", "_billing_address_index", "_shipping_address_index",
    "_recorded_sales", "_recorded_coupon_usage_counts", "_download_permissions_granted",
    "_order_stock_reduced",
})  # fmt: skip
_DIRECT = ("customer_note", "transaction_id", "payment_method", "payment_method_title", "currency")
_TYPES: dict[str, tuple[type, str]] = {
    "billing": (dict, "object"), "shipping": (dict, "object"), "customer_id": (int, "integer"),
    "customer_note": (str, "string"), "transaction_id": (str, "string"),
}  # fmt: skip
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")


def is_email(text: str) -> bool:
    """WordPress' own idea of an e-mail address: ASCII, and a dot in the domain."""
    return len(text) >= 6 and bool(_EMAIL.match(text))


def check_schema(body: Json) -> None:
    """The checks a single PUT passes through and the items of a batch do not."""
    for name, (kind, spelled) in _TYPES.items():
        value = body.get(name)
        if value is not None and not _fits(value, kind):
            message = f"{name} is not of type {spelled}."
            raise invalid_param(name, message, "rest_invalid_type", {"param": name})
    _check_rows(body.get("meta_data"))
    if "status" in body and body["status"] not in WRITABLE:
        message = f"status is not one of {spoken(WRITABLE)}."
        raise invalid_param("status", message, "rest_not_in_enum")
    email = (body.get("billing") or {}).get("email")
    if email is not None and not is_email(email):
        raise invalid_param("billing", "Invalid email address.", "rest_invalid_email")


def _fits(value: Any, kind: type) -> bool:
    if kind is int:
        return isinstance(value, int) or (isinstance(value, str) and value.lstrip("-").isdigit())
    return isinstance(value, kind)


def _check_rows(rows: Any) -> None:
    listed = rows if isinstance(rows, list) else [] if rows is None else [rows]
    for place, row in enumerate(listed):
        if not isinstance(row, dict):
            message = f"meta_data[{place}] is not of type object."
            raise invalid_param("meta_data", message, "rest_invalid_type", {"param": f"meta_data[{place}]"})


def write_order(shop: Shop, order_id: int, body: Json) -> Json:
    """Writes to one order, or leaves it as it was and raises what WooCommerce answers."""
    live = shop.orders.get(order_id)
    if live is None:
        raise rest_error(400, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
    order = copy(live)
    _set_customer(shop, order, body)
    _set_address(order, body)
    order.update({name: body[name] or "" for name in _DIRECT if name in body})
    for row in body.get("meta_data") or []:
        set_meta(shop, order, row)
    _set_lines(shop, order, body)
    if TRIGGERS & {name for name, value in body.items() if value is not None}:
        recalculate(order, shop.taxes)
    live.clear()
    live.update(order)
    if body.get("status"):
        shop.change_status(live, body["status"])
    shop.save_order(live)
    return live


def _set_customer(shop: Shop, order: Json, body: Json) -> None:
    if body.get("customer_id") is None:
        return
    customer_id = int(body["customer_id"])
    if customer_id and customer_id not in shop.customers:
        raise rest_error(400, "woocommerce_rest_invalid_customer_id", "Customer ID is invalid.")
    order["customer_id"] = customer_id


def _set_address(order: Json, body: Json) -> None:
    for kind in ("billing", "shipping"):
        for part, value in (body.get(kind) or {}).items():
            if part == "email" and kind == "billing":
                if value is not None:  # a null leaves the address as it is
                    _set_email(order, value)
            elif part in _PARTS:
                order[kind][part] = value or ""


def _set_email(order: Json, value: Any) -> None:
    if value and not is_email(str(value)):
        raise rest_error(400, "order_invalid_billing_email", "Invalid billing email address")
    order["billing"]["email"] = value or ""


def set_meta(shop: Shop, order: Json, row: Json) -> None:
    """Sets one meta row; an internal key reaches the property behind it, without recalculation."""
    key = row.get("key", "")
    if key in INTERNAL or key in HIDDEN:
        shop.php_log_lines += 1
        if key in INTERNAL:
            _set_internal(order, INTERNAL[key], row.get("value"))
        return
    set_free_meta(shop, order["meta_data"], row)


def _set_internal(order: Json, path: tuple[str, ...], value: Any) -> None:
    if path == ("billing", "email"):
        _set_email(order, value)
    elif len(path) == 2:
        order[path[0]][path[1]] = "" if value is None else str(value)
    elif path[0].startswith("date_"):
        _set_date(order, path[0].removeprefix("date_"), str(value or ""))
    else:
        order[path[0]] = "" if value is None else str(value)


def _set_date(order: Json, name: str, text: str) -> None:
    moment = datetime.fromisoformat(text) if text else None
    if moment and moment.tzinfo is None:
        moment = moment.replace(tzinfo=STOCKHOLM)
    stamp(order, name, moment)


def set_free_meta(shop: Shop, rows: list[Json], row: Json) -> None:
    """Sets a row of free meta: null deletes, by key the first match is set and its duplicates go."""
    key, value = row.get("key"), row.get("value")
    matching = [old for old in rows if (old["id"] == row["id"] if row.get("id") else old["key"] == key)]
    if value is None:
        rows[:] = [old for old in rows if not any(old is gone for gone in matching)]
    elif matching:
        first, duplicates = matching[0], matching[1:]
        first["value"] = value
        rows[:] = [old for old in rows if not any(old is gone for gone in duplicates)]
    elif not row.get("id"):
        rows.append({"id": shop.next_id(), "key": key, "value": value})


def _set_lines(shop: Shop, order: Json, body: Json) -> None:
    for kind in ("line_items", "shipping_lines", "fee_lines", "coupon_lines"):
        for change in body.get(kind) or []:
            line = next((old for old in order[kind] if old["id"] == change.get("id")), None)
            if line is None:
                raise rest_error(
                    400, "woocommerce_rest_invalid_item_id",
                    "Order item ID provided is not associated with order.",
                )  # fmt: skip
            for row in change.get("meta_data") or []:
                set_free_meta(shop, line["meta_data"], row)
            line.update(
                {name: change[name] for name in ("name", "quantity", "total", "subtotal") if name in change}
            )
