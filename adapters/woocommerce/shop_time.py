"""The time by which a shop dates its changes: its PHP's, whatever the Date header of its web server says.

A proxy or a cache may write that header by a clock of its own; the newest change there is bounds it.
"""

from typing import Any

from adapters.http import Answer
from adapters.woocommerce.client import Client
from adapters.woocommerce.dates import to_stockholm

NEVER = "9"
"""Sorts behind every date: a shop without an order."""


def read_newest_change(client: Client) -> tuple[Answer, str]:
    """The shop's answer, and when an order was last changed, as naive UTC text of the shop's own clock."""
    params = {"orderby": "modified", "order": "desc", "per_page": 1, "status": "any",
              "_fields": "id,date_modified_gmt"}  # fmt: skip
    answer = client.get("orders", params, operation="read orders")
    rows: Any = answer.json()
    first = rows[0] if isinstance(rows, list) and rows else None
    found = first.get("date_modified_gmt") if isinstance(first, dict) else None
    return answer, found if isinstance(found, str) and to_stockholm(found) else NEVER
