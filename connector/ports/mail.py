"""What carries a mail to one customer and says what became of it; and what reads the mails that came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from connector.records import Value


class Posted(StrEnum):
    """What a mail server's answers say of one mail; only the first is a mail that was sent."""

    SENT = "sent"  # 250, after the whole message
    LATER = "later"  # surely not taken: its own word, or the message was not handed over
    REFUSED = "refused"  # its own word, for good; or the address is none that a mail can go to
    UNKNOWN = "unknown"  # the message was handed over, and no answer says what became of it


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Mail:
    """One mail to one customer; never stored, never printed. `token` is its own id, which a bounce quotes."""

    to: str
    subject: str
    text: str
    token: str
    reply_to: str = ""
    unsubscribe: str = ""  # an address that takes who writes to it off a list; empty where it is about none

    def __repr__(self) -> str:
        return "<Mail>"


class Post(Protocol):
    """A mail server, for as long as one list of mails takes."""

    def deliver(self, mail: Mail) -> Posted:
        """Hands over one mail.

        Raises RetryLater or AccessDenied where the server lets nobody in, or not this sender: then nothing
        of the mail was handed over, and the next one would fare no better.
        """
        ...

    def close(self) -> bool:
        """Says good-bye; whether the server answered, which changes nothing."""
        ...


class CameBack(Value, frozen=True):
    """The ids of mails that came back for good, and how far the mailbox has been read."""

    tokens: Sequence[str]
    read: str


class Mailbox(Protocol):
    """A mailbox that mails come back to."""

    def came_back(self, after: str) -> CameBack:
        """What came back since a place that an earlier reading returned; empty for all.

        Raises RetryLater or AccessDenied where the mailbox cannot be read; a mail that is no bounce, or one
        that says that it is still being tried, says nothing.
        """
        ...
