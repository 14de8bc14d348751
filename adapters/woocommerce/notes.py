"""Order notes: read and deleted one by one, for WooCommerce knows no batch of them.

Force-deleting an order leaves its notes in the database for ever, out of the API's reach, so
they go first.
"""

from collections.abc import Collection, Mapping
from typing import Any

from adapters.http import HTML, PRINTED
from adapters.woocommerce.answers import ADAPTER, Row, fault, listed, row_of
from adapters.woocommerce.client import NOTE_GONE, NOTES_ORDER_GONE, Client, says_gone
from adapters.woocommerce.places import NOT_PERSONAL_TYPES
from connector.detect import types
from connector.errors import Rejected
from connector.telling import Own, in_note

_MOST = 1_000_000  # notes of one order
_SYSTEM = frozenset({"WooCommerce", "system", ""})


def may_hold_person(note: Mapping[str, Any], names: Own) -> bool:
    """Whether a note was written by or to a person, repeats the buyer's words, or holds a person by value."""
    text = str(note.get("note") or "")
    if note.get("customer_note") or str(note.get("author") or "") not in _SYSTEM:
        return True
    return in_note(text, names) or bool(types(text, key="order_note") - NOT_PERSONAL_TYPES)


class Notes:
    """The notes of orders in one shop."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def personal(self, order_id: str, names: Own) -> list[int]:
        """The ids of the notes that can hold a person; raises Rejected where the order is gone."""
        return [int(note["id"]) for note in self._read(order_id) if may_hold_person(note, names)]

    def all(self, order_id: str) -> list[int]:
        """The ids of every note of an order."""
        return [int(note["id"]) for note in self._read(order_id)]

    def _read(self, order_id: str) -> list[Row]:
        """Every note; raises RemoteError for an answer that is no list of notes, as an empty one is not."""
        operation = "read notes"
        # The list knows no pages: WooCommerce answers all the notes of an order at once.
        answer = self._client.get(f"orders/{order_id}/notes", operation=operation, fresh=True)
        page = listed(answer, operation, most=_MOST)
        if len(page.rows) < page.brought or any("note" not in row for row in page.rows):
            raise fault(operation, "answered something else than notes", "Look for a cache or a plugin.")
        return page.rows

    def delete(self, order_id: str, notes: Collection[int]) -> int:
        """Deletes these notes; one that is gone already counts. Raises what stops it."""
        unsaid: set[int] = set()
        for note in notes:
            try:
                answer = self._client.write(
                    "DELETE", f"orders/{order_id}/notes/{note}",
                    None, operation="delete note", idempotent=True, params={"force": "true"},
                )  # fmt: skip
                if (row_of(answer) or {}).get("id") != note:
                    unsaid.add(note)
            except Rejected as error:
                if error.code in (HTML, PRINTED) and error.status == 200:
                    unsaid.add(note)
                elif not says_gone(error, NOTE_GONE | NOTES_ORDER_GONE):
                    raise
        if unsaid and unsaid & set(self.all(order_id)):
            raise Rejected(
                "woocommerce: delete note: the shop kept a note that it was asked to delete. Look at the "
                "order's notes in the shop.", adapter=ADAPTER, operation="delete note", code="note_kept",
            )  # fmt: skip
        return len(notes)
