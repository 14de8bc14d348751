"""Builds an order in the shape the API answers it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox.wire import Json
from sandbox.woocommerce.totals import money, recalculate
from sandbox.woocommerce.values import EMPTY_ADDRESS, stamp

Line = tuple[str, str, int, str]  # name, net price each, quantity, tax class
PAID = frozenset({"processing", "completed", "refunded"})


@dataclass(frozen=True, slots=True)
class Bought:
    """What was bought, by whom, and where it goes."""

    lines: list[Line]
    billing: Json
    shipping: Json | None = None
    freight: str = "49.00"


def build_order(order_id: int, when: datetime, bought: Bought, *, taxes: list[Json], status: str) -> Json:
    """An order with its lines, taxed by `taxes`; dates follow from its status."""
    contact = {**EMPTY_ADDRESS, "country": "SE", "email": "", "phone": "", **bought.billing}
    delivery = {name: contact[name] for name in (*EMPTY_ADDRESS, "phone")}
    order: Json = {
        "id": order_id, "parent_id": 0, "status": status, "currency": "SEK", "version": "10.5.0",
        "prices_include_tax": False, "date_created": None, "date_modified": None, "discount_total": "0.00",
        "discount_tax": "0.00", "shipping_total": "0.00", "shipping_tax": "0.00", "cart_tax": "0.00",
        "total": "0.00", "total_tax": "0.00", "customer_id": 0, "order_key": order_key(order_id),
        "billing": contact, "shipping": {**delivery, **(bought.shipping or {})},
        "payment_method": "bacs", "payment_method_title": "Banköverföring", "transaction_id": "",
        "customer_ip_address": "", "customer_user_agent": "", "created_via": "checkout", "customer_note": "",
        "date_completed": None, "date_paid": None, "cart_hash": "", "number": str(order_id), "meta_data": [],
        "line_items": [_item(order_id, place, line) for place, line in enumerate(bought.lines)],
        "shipping_lines": [_freight(order_id, bought.freight)] if bought.freight else [],
        "tax_lines": [], "fee_lines": [],
        "coupon_lines": [], "refunds": [], "payment_url": "", "is_editable": status in ("pending", "on-hold"),
        "needs_payment": status in ("pending", "failed"), "needs_processing": True,
        "date_created_gmt": None, "date_modified_gmt": None, "date_completed_gmt": None,
        "date_paid_gmt": None,
        "currency_symbol": "kr",
    }  # fmt: skip
    for name in ("created", "modified", *(["paid"] if status in PAID else [])):
        stamp(order, name, when)
    recalculate(order, taxes)
    return order


def order_key(order_id: int) -> str:
    """The key in the order's pay link."""
    return f"wc_order_{hashlib.sha256(str(order_id).encode()).hexdigest()[:13]}"


def _item(order_id: int, place: int, line: Line) -> Json:
    name, price, quantity, tax_class = line
    net = money(Decimal(price) * quantity)
    each = Decimal(price)
    return {
        "id": order_id * 10 + place, "name": name, "product_id": 0, "variation_id": 0, "quantity": quantity,
        "tax_class": tax_class, "subtotal": net, "subtotal_tax": "0.00", "total": net, "total_tax": "0.00",
        "taxes": [], "meta_data": [], "sku": "", "global_unique_id": "",
        "price": int(each) if each == each.to_integral_value() else float(each),
        "image": {"id": "", "src": ""}, "parent_name": None,
    }  # fmt: skip


def _freight(order_id: int, price: str) -> Json:
    return {
        "id": order_id * 10 + 9, "method_title": "PostNord MyPack Collect", "method_id": "flat_rate",
        "instance_id": "", "total": price, "total_tax": "0.00", "taxes": [], "tax_status": "taxable",
        "meta_data": [],
    }  # fmt: skip
