"""One order's part of `POST orders/batch`: internal meta keys only, so that WooCommerce recalculates nothing.

`writes` sends it, a batch at a time.

A PUT with `billing` or `shipping` makes WooCommerce compute totals and VAT anew with today's tax
table. The same properties written as internal meta keys (`_billing_first_name` …) reach the same
setters and leave the money alone. That is no documented API: every answer's money is compared.
"""

from collections.abc import Collection, Mapping
from typing import Any

from adapters.woocommerce.holdings import Holding, changes
from connector.records import Field

_INTERNAL = ("_billing_", "_shipping_", "_customer_ip", "_customer_user")


def order_update(
    order_id: int, holdings: Collection[Holding], due: Collection[Field]
) -> dict[str, Any] | None:
    """One item of a batch for the due fields, None where nothing of them is left.

    Only keys that hold something are sent (each costs the shop a line in PHP's log); `status` never
    is: it would mail the customer.
    """
    properties, meta = changes(holdings, due, kind="order")
    if not properties and not meta:
        return None
    body: dict[str, Any] = {"id": order_id, **properties}
    if meta:
        body["meta_data"] = meta
    return body


def internal_keys(update: Mapping[str, Any] | None) -> int:
    """How many internal keys an update writes: each is one line of about 750 bytes in PHP's error log."""
    rows = (update or {}).get("meta_data", ())
    return sum(1 for row in rows if row["key"].startswith(_INTERNAL) and row["value"] is not None)
