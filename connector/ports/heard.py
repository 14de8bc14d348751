"""A message from a platform, in the engine's words."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from connector.records import Kind, Ref, Value


class Topic(StrEnum):
    """What a message is about."""

    CUSTOMER_REDACT = "customer_redact"
    DATA_REQUEST = "data_request"
    SHOP_REDACT = "shop_redact"
    CHANGED = "changed"
    DELETED = "deleted"
    MERGED = "merged"


NO_ACCOUNT = 9_000_000_000_000_000_000
"""A person who is known by an address alone is written as the account of this number, plus the message's."""


class Copy(Value, frozen=True, kw_only=True):
    """What recipients may hold of a record that the shop has let go: how they find it, and whose it was.

    `fields` is the bit set of what they have not been told of yet.
    """

    ref: Ref
    handles: Mapping[str, tuple[str, ...]]
    fields: int
    subject: int | None = None

    def __repr__(self) -> str:
        return f"<Copy {self.ref.kind}>"


class Heard(Value, frozen=True, kw_only=True):
    """One message: its topic, the sender's id of it, and what it names; sealed at once, never printed.

    `refs` begins with the account or order that it is about; `handles` are that account's. One about a
    person may name no account: whom it means is found by address. A merge names who went, then who stayed.
    """

    topic: Topic
    id: str
    refs: tuple[Ref, ...] = ()
    handles: Mapping[str, tuple[str, ...]] = {}
    # Filled in once the shop was seen to have let the person go.
    copies: tuple[Copy, ...] = ()

    def __repr__(self) -> str:
        return f"<Heard {self.topic} {len(self.refs)} refs>"


def message_of(ref: Ref) -> int | None:
    """The number of the message that a stand-in for an account is of; None for a real account."""
    number = int(ref.id) - NO_ACCOUNT if ref.kind is Kind.CUSTOMER and ref.id.isdecimal() else -1
    return number if number >= 0 else None


class Reader(Protocol):
    """An adapter that knows how a platform signs and words its messages."""

    name: str

    def read(self, headers: Mapping[str, str], body: bytes) -> Heard | None:
        """The message; None where its topic concerns nothing here. Header names are in lower case.

        Raises AccessDenied where the signature is missing or wrong, Rejected where the message
        cannot be read or is another shop's.
        """
        ...
