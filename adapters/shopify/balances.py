"""Gift cards with money on them: their customers are owed something (schedule H6), and are kept.

A card's code, balance and dates are never written.
"""

import threading
from collections.abc import Iterator

from adapters.shopify.client import Client
from adapters.shopify.gift_cards import holds_money
from adapters.shopify.ids import number
from adapters.shopify.nodes import Node

SCOPE = "read_gift_cards"
_PAGE = 250


class Balances:
    """The customers who hold a gift card with a balance; read once for each run, by id."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._owed: frozenset[str] | None = None

    def owed(self) -> frozenset[str]:
        """The numbers of these customers; none where the app may not read gift cards, which `check` says."""
        with self._lock:
            if self._owed is None:
                may = SCOPE in self._client.scopes()
                self._owed = frozenset(self._holders()) if may else frozenset()
            return self._owed

    def _holders(self) -> Iterator[str]:
        for card in self._cards():
            if holds_money(card):
                recipient = (card.get("recipientAttributes") or {}).get("recipient") or {}
                yield from filter(
                    None, (number((card.get("customer") or {}).get("id")), number(recipient.get("id")))
                )

    def _cards(self) -> Iterator[Node]:
        """Every card, by id: paging ends at 25,000."""
        last = ""
        while True:
            variables = {"first": _PAGE, "query": f"id:>{last}" if last else None}
            found = self._client.run("gift_card_balances", variables)["giftCards"]
            rows = [edge["node"] for edge in found["edges"]]
            yield from rows
            if not found["pageInfo"]["hasNextPage"] or not rows:
                return
            last = number(rows[-1]["id"])
