"""The places of a whole shop that its API does not reach, counted where the API shows how many."""

from collections.abc import Mapping
from typing import Any

from adapters.woocommerce.client import Client
from connector.errors import RemoteError
from connector.ports import Beyond

# In every shop: what stays was measured by a search of the whole database after an erasure over the API.
ALWAYS = (
    "download_log", "payment_tokens", "scheduled_actions", "sessions", "deleted_orders_notes", "logs",
)  # fmt: skip
LOOKUP = "customer_lookup"
OLD_STORAGE, NEW_STORAGE = "old_storage", "new_storage"


def beyond(client: Client, status: Mapping[str, Any] | None) -> tuple[Beyond, ...]:
    """Every such place; `status` is the system status, None where it could not be read."""
    found = [Beyond(place=place) for place in ALWAYS]
    found.append(Beyond(place=LOOKUP, count=_count_lookup_rows(client)))
    frozen = frozen_copies(status) if status is not None else (OLD_STORAGE, NEW_STORAGE)
    for place in frozen:
        found.append(Beyond(place=place, count=_frozen_orders(status) if place == OLD_STORAGE else None))
    return tuple(found)


def frozen_copies(status: Mapping[str, Any]) -> tuple[str, ...]:
    """The storage that is not in use and may hold orders as they were: none while both are kept alike."""
    settings = status.get("settings") or {}
    if settings.get("HPOS_sync_enabled"):
        return ()
    return (OLD_STORAGE,) if settings.get("HPOS_enabled") else (NEW_STORAGE,)


def _frozen_orders(status: Mapping[str, Any] | None) -> int | None:
    """How many orders stand in wp_posts; None where it is not told, or only what a clean-up left of them."""
    for row in (status or {}).get("post_type_counts") or ():
        if isinstance(row, dict) and row.get("type") == "shop_order" and str(row.get("count")).isdigit():
            return int(row["count"]) or None
    return None


def _count_lookup_rows(client: Client) -> int | None:
    """How many people WooCommerce's analytics lists, guests too; None where it does not tell."""
    params = {"per_page": 1, "_fields": "id"}
    try:
        answer = client.get_from(
            "wc-analytics/reports/customers", params, operation="count the analytics' customers"
        )
    except RemoteError:
        return None
    total = answer.headers.get("X-WP-Total", "")
    return int(total) if total.isdigit() else None
