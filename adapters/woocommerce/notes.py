"""Order notes: read and deleted one by one, for WooCommerce knows no batch of them.

Force-deleting an order leaves its notes in the database for ever, out of the API's reach, so
they go first.
"""

from collections.abc import Collection, Mapping
from typing import Any

from adapters.woocommerce.client import GONE_CODES, Client
from adapters.woocommerce.places import NOT_PERSONAL_TYPES
from connector.detect import types
from connector.errors import Rejected
from connector.folding import mentions

_SYSTEM = frozenset({"WooCommerce", "system", ""})


def may_hold_person(note: Mapping[str, Any], names: Collection[str]) -> bool:
    """Whether a note was written by or to a person, names the buyer, or holds personal data by value."""
    text = str(note.get("note") or "")
    if note.get("customer_note") or str(note.get("author") or "") not in _SYSTEM:
        return True
    return mentions(text, names) or bool(types(text, key="order_note") - NOT_PERSONAL_TYPES)


class Notes:
    """The notes of orders in one shop."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def personal(self, order_id: str, names: Collection[str]) -> list[int]:
        """The ids of the notes that can hold a person; raises Rejected where the order is gone."""
        answer = self._client.get(f"orders/{order_id}/notes", operation="read notes")
        return [int(note["id"]) for note in answer.json() or () if may_hold_person(note, names)]

    def all(self, order_id: str) -> list[int]:
        """The ids of every note of an order."""
        answer = self._client.get(f"orders/{order_id}/notes", operation="read notes")
        return [int(note["id"]) for note in answer.json() or ()]

    def delete(self, order_id: str, notes: Collection[int]) -> int:
        """Deletes these notes; one that is gone already counts. Raises what stops it."""
        for note in notes:
            try:
                self._client.write(
                    "DELETE", f"orders/{order_id}/notes/{note}",
                    None, operation="delete note", idempotent=True, params={"force": "true"},
                )  # fmt: skip
            except Rejected as error:
                if error.code not in GONE_CODES:
                    raise
        return len(notes)
