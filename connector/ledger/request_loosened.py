"""Orders of which the owner keeps nothing for legal claims, at a request to erase (schedule §3).

Each word is an event of the chain; the last one on an order counts.
"""

from typing import Literal

from sqlalchemy import Connection

from connector.ledger.store import Ledger
from connector.records import Value

WORD = "claims_word"
To = Literal["loosened", "kept"]


class OwnersWord(Value, frozen=True, kw_only=True):
    """Whether an order's claims are loosened or kept after all, who of the owner's says so, and why."""

    to: To
    by: str
    why: str


def say_of_claims(ledger: Ledger, connection: Connection, request: str, row: int, word: OwnersWord) -> None:
    """Notes the owner's word on the claims of one order."""
    ledger.event(connection, WORD, request=request, ids=[row], to=word.to, by=word.by, said=word.why)


def loosened_rows(ledger: Ledger, connection: Connection, request: str) -> frozenset[int]:
    """The orders of a request of which nothing is kept for claims, by row."""
    said: dict[int, To] = {}
    for one in ledger.events(connection, WORD):
        if one.detail["request"] == request:
            said |= dict.fromkeys(one.detail["ids"], one.detail["to"])
    return frozenset(row for row, to in said.items() if to == "loosened")


__all__ = ["OwnersWord", "To", "loosened_rows", "say_of_claims"]
