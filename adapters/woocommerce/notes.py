"""Order notes: read and deleted one by one, for WooCommerce knows no batch of them.

Force-deleting an order leaves its notes in the database for ever, out of the API's reach, so
they go first.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import unquote

from adapters.http import HTML, PRINTED
from adapters.woocommerce.answers import ADAPTER, Row, fault, listed
from adapters.woocommerce.client import NOTE_GONE, Client, says_gone
from adapters.woocommerce.places import NOT_PERSONAL_TYPES
from connector.detect import types
from connector.errors import Rejected
from connector.places.suspected import Own, in_note
from connector.ports.disclosing import Shown
from connector.records import Field

_MOST = 1_000_000  # notes of one order
_ORDER = re.compile(r"/orders/(\d+)")  # plain permalinks write the route in the query
_SYSTEM = frozenset({"WooCommerce", "system", ""})


def may_hold_person(note: Mapping[str, Any], names: Own) -> bool:
    """Whether a note was written by or to a person, repeats the buyer's words, or holds a person by value."""
    text = str(note.get("note") or "")
    if note.get("customer_note") or str(note.get("author") or "") not in _SYSTEM:
        return True
    return in_note(text, names) or bool(types(text, key="order_note") - NOT_PERSONAL_TYPES)


def note_shown(note: Mapping[str, Any]) -> Shown:
    """A note's text for the person whom it is about; who of the staff wrote it is left out."""
    day = str(note.get("date_created") or note.get("date_created_gmt") or "")[:10]
    field = Field.CUSTOMER_NOTE if note.get("customer_note") else Field.STAFF_NOTES
    return Shown(place=f"order_note[{day or note['id']}]", text=str(note.get("note") or ""), fields=(field,))


class Notes:
    """The notes of orders in one shop."""

    def __init__(self, client: Client) -> None:
        self._client = client
        # Order -> its notes as last listed, until they are deleted.
        self._listed: dict[str, frozenset[int]] = {}

    def personal(self, order_id: str, names: Own) -> list[int]:
        """The ids of the notes that can hold a person; raises Rejected where the order is gone."""
        return [int(note["id"]) for note in self.personal_rows(order_id, names)]

    def personal_rows(self, order_id: str, names: Own) -> list[Row]:
        """The notes that can hold a person, as the shop answers them; raises as `personal` does."""
        return [note for note in self._read(order_id) if may_hold_person(note, names)]

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
        if not all(_is_of(order_id, row) for row in page.rows):
            raise _rejected(operation, "answered the notes of another order", "another_order")
        self._listed[order_id] = frozenset(int(row["id"]) for row in page.rows)
        return page.rows

    def delete(self, order_id: str, notes: Collection[int]) -> int:
        """Deletes these notes and reads that they are gone. Raises what stops it."""
        stay = self._listed.pop(order_id, frozenset()) - set(notes)
        for note in notes:
            self._delete(order_id, note)
        if notes:
            self._prove(order_id, frozenset(notes), stay)
        return len(notes)

    def _delete(self, order_id: str, note: int) -> None:
        """Asks for one deletion; an answer that says nothing, or that it is gone, is left to the proof."""
        try:
            self._client.delete(f"orders/{order_id}/notes/{note}", operation="delete note")
        except Rejected as error:
            page = error.code in (HTML, PRINTED) and error.status == 200
            if not page and not says_gone(error, NOTE_GONE):
                raise

    def _prove(self, order_id: str, notes: frozenset[int], stay: frozenset[int]) -> None:
        """Raises Rejected unless the notes are gone: the list says so only where it shows one that stays.

        A list without one is no word of any note; then WooCommerce's own about one of them is asked for.
        """
        left = frozenset(self.all(order_id))
        self._listed.pop(order_id, None)
        if left & notes or (not left & stay and self._is_there(order_id, min(notes))):
            raise _rejected("delete note", "the shop kept a note that it was asked to delete", "note_kept")

    def _is_there(self, order_id: str, note: int) -> bool:
        try:
            self._client.get(f"orders/{order_id}/notes/{note}", operation="read a note", fresh=True)
        except Rejected as error:
            if not says_gone(error, NOTE_GONE):
                raise
            return False
        return True


def _is_of(order_id: str, note: Row) -> bool:
    """Whether a note's own link says that it is this order's; WooCommerce writes one on every note."""
    links = note.get("_links")
    above = links.get("up") if isinstance(links, dict) else None
    named = [str(one.get("href")) for one in above or () if isinstance(one, dict)]
    return bool(named) and all(_ORDER.findall(unquote(one))[-1:] == [order_id] for one in named)


def _rejected(operation: str, what: str, code: str) -> Rejected:
    return Rejected(
        f"{ADAPTER}: {operation}: {what}. Look at the order's notes in the shop, and for a cache or a plugin "
        "that answers in its place.", adapter=ADAPTER, operation=operation, code=code,
    )  # fmt: skip
