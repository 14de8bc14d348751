"""Gift cards with money on them: their customers are owed something (schedule H6), and are kept.

A card's code, balance and dates are never written. Where not every card could be read, anybody may be owed.
"""

import threading
from collections.abc import Container
from typing import Any

from adapters.shopify.answers import connection, count_of
from adapters.shopify.client import Client
from adapters.shopify.gift_cards import holder, is_owed, recipient_of
from adapters.shopify.ids import number
from adapters.shopify.nodes import Node
from adapters.shopify.shape_of_others import BalanceOfCard
from adapters.shopify.shapes import fault_of
from connector.ports import Clock

SCOPE = "read_gift_cards"
_PAGE = 250


class Anybody(Container[str]):
    """Whom the shop may owe something where its cards were not all read."""

    def __contains__(self, customer: object) -> bool:
        return True


class Balances:
    """The customers who hold a gift card with a balance; read once for each run, by id."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._owed: Container[str] | None = None

    def owed(self) -> Container[str]:
        """The numbers of these customers; none where the app may not read gift cards, which `check` says."""
        with self._lock:
            if self._owed is None:
                self._owed = self._read() if SCOPE in self._client.scopes() else frozenset()
            return self._owed

    def _read(self) -> Container[str]:
        """Every card is held against Shopify's own count: one that is not shown may be anybody's."""
        answer = self._client.run("count_gift_cards", {"query": None})
        counted, exact = count_of(answer.get("giftCardsCount"), "count_gift_cards")
        cards = self._read_cards()
        if len(cards) < counted or not exact or any(fault_of(card, BalanceOfCard) for card in cards.values()):
            return Anybody()
        today = self._clock().date()
        return frozenset(who for card in cards.values() if is_owed(card, today) for who in _whose(card))

    def _read_cards(self) -> dict[str, Any]:
        """Every card by its number, read by id: paging ends at 25,000."""
        found: dict[str, Any] = {}
        last = ""
        while True:
            variables = {"first": _PAGE, "query": f"id:>{last}" if last else None}
            answer = self._client.run("gift_card_balances", variables)
            rows, behind = connection(answer, "giftCards", "gift_card_balances")
            page = {number(row.get("id")): row for row in rows if isinstance(row, dict)}
            if behind is None or not set(page) - set(found):
                return found | page
            found |= page
            last = max(page, key=lambda id_: (len(id_), id_))


def _whose(card: Node) -> list[str]:
    recipient = recipient_of(card).get("recipient") or {}
    return [who for who in (holder(card), number(recipient.get("id"))) if who]
