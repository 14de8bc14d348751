"""A shop system that makes keys on a page of its own: where it lies, and what it sends then."""

from collections.abc import Mapping
from typing import Protocol

from connector.records import Value


class Granted(Value, frozen=True, kw_only=True):
    """Keys that a shop has made, by their names in the settings, and the word that they were asked for by."""

    word: str
    values: Mapping[str, str]
    may_write: bool


class KeyPage(Protocol):
    """An adapter that knows its platform's page for keys."""

    name: str

    def address(self, *, word: str, send_to: str, write: bool) -> str:
        """Where the shop's owner agrees; the keys then come to `send_to`, with the word beside them."""
        ...

    def read(self, body: bytes) -> Granted:
        """The keys of a message. Raises Rejected where it holds none."""
        ...
