"""The writes of one order: the input of the mutation `orderUpdate`, and what stays beside what goes.

`write_orders` sends it.
"""

from collections.abc import Mapping
from typing import Any

from adapters.shopify import addresses
from adapters.shopify.nodes import Node, nodes
from adapters.shopify.orders import ATTRIBUTE, METAFIELD


def order_input(order: Node, changed: Mapping[str, Any]) -> dict[str, Any] | None:
    """The OrderInput of these changes; None where none of them is the order's own.

    Attributes and tags are overwritten as a whole, so what stays is sent again.
    """
    found: dict[str, Any] = {
        place: value
        for place, value in changed.items()
        if place in ("email", "phone", "poNumber", "note", "tags")
    }
    parts = {
        place.removeprefix(addresses.SHIPPING): value
        for place, value in changed.items()
        if place.startswith(addresses.SHIPPING)
    }
    if parts:
        found["shippingAddress"] = addresses.to_input(order.get("shippingAddress") or {}, parts)
    if any(place.startswith(ATTRIBUTE) for place in changed):
        found["customAttributes"] = _attributes_left(order, changed)
    found |= metafields_left(order, changed)
    return {"id": order["id"], **found} if found else None


def _attributes_left(order: Node, changed: Mapping[str, Any]) -> list[dict[str, str]]:
    """What stays, every untouched row as it was, empty ones too."""
    left = []
    for at, row in enumerate(order.get("customAttributes") or ()):
        now = str(row.get("value") or "")
        value = changed.get(f"{ATTRIBUTE}{at}", now)
        if value or (f"{ATTRIBUTE}{at}" not in changed):
            left.append({"key": row["key"], "value": str(value)})
    return left


def metafields_left(record: Node, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an input that writes what stays in metafields; those of which nothing stays are deleted."""
    left = [
        {"namespace": row["namespace"], "key": row["key"], "type": row["type"], "value": str(value)}
        for row in nodes(record, "metafields")
        if (value := changed.get(f"{METAFIELD}{row['namespace']}.{row['key']}"))
    ]
    return {"metafields": left} if left else {}
