"""The fingerprint of an order's money: equal before and after a write."""

import hashlib
from typing import Any

import msgspec

from adapters.shopify.nodes import Node

_BAGS = (
    "currentTotalPriceSet", "currentSubtotalPriceSet", "currentTotalTaxSet", "totalDiscountsSet",
    "totalShippingPriceSet", "totalPriceSet", "totalRefundedSet", "totalOutstandingSet",
)  # fmt: skip
_encoder = msgspec.json.Encoder(order="sorted")


def fingerprint(order: Node) -> str:
    """SHA-256 over totals, taxes, refunds and what is outstanding; empty where the answer lacks them."""
    if not order.get("currentTotalPriceSet"):
        return ""
    picked: dict[str, Any] = {name: order.get(name) for name in _BAGS}
    picked["taxes"] = sorted(
        ([row.get("title"), row.get("rate"), row.get("priceSet")] for row in order.get("taxLines") or ()),
        key=repr,
    )
    return hashlib.sha256(_encoder.encode(picked)).hexdigest()
