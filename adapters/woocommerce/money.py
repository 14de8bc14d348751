"""The fingerprint of an order's money: totals, taxes, lines, refunds; equal before and after a write."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import msgspec

_TOTALS = (
    "currency", "prices_include_tax", "total", "total_tax", "discount_total", "discount_tax",
    "shipping_total", "shipping_tax", "cart_tax",
)  # fmt: skip
# Per kind of line what counts; ids are left out, for a recalculation may renew them.
_LINES = {
    "line_items": ("product_id", "variation_id", "quantity", "tax_class", "subtotal", "subtotal_tax", "total",
                   "total_tax"),
    "tax_lines": ("rate_code", "rate_id", "rate_percent", "compound", "tax_total", "shipping_tax_total"),
    "shipping_lines": ("method_id", "total", "total_tax"),
    "fee_lines": ("name", "total", "total_tax"),
    "coupon_lines": ("code", "discount", "discount_tax"),
    "refunds": ("id", "total"),
}  # fmt: skip
_encoder = msgspec.json.Encoder(order="sorted")


def fingerprint(order: Mapping[str, Any]) -> str:
    """SHA-256 over the money of a full order body; empty where the body lacks its lines."""
    if "line_items" not in order or "total" not in order:
        return ""
    picked: dict[str, Any] = {name: order.get(name) for name in _TOTALS}
    for kind, names in _LINES.items():
        rows = [[row.get(name) for name in names] + _taxes(row) for row in order.get(kind) or ()]
        picked[kind] = sorted(rows, key=repr)
    return hashlib.sha256(_encoded(picked)).hexdigest()


def _encoded(picked: Mapping[str, Any]) -> bytes:
    try:
        return _encoder.encode(picked)
    except UnicodeEncodeError:  # half a surrogate pair, as an importer cut it
        return json.dumps(picked, sort_keys=True).encode()


def _taxes(line: Mapping[str, Any]) -> list[Any]:
    """The tax amounts of a line, by rate."""
    return sorted(([row.get("id"), row.get("total")] for row in line.get("taxes") or ()), key=repr)
