"""Receiving a message: checked, sealed and on disk before it is answered; nobody is asked anything."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec.structs import replace

from connector.errors import AccessDenied, LedgerError, Rejected
from connector.ledger.inbox import Inbox
from connector.ports.heard import Heard, Reader

LONGEST_ID = 128
"""Characters of an id, the sender's own or a record's."""


class Answer(StrEnum):
    """What the sender is told."""

    KEPT = "kept"
    KNOWN = "known"  # the same message again
    NOT_NEEDED = "not_needed"  # signed, but nothing here follows from it
    NOT_SIGNED = "not_signed"
    UNREADABLE = "unreadable"
    BUSY = "busy"  # not on disk: the sender is to try again


class Receiver:
    """One shop's ear for one platform."""

    def __init__(self, inbox: Inbox, reader: Reader) -> None:
        self.inbox = inbox
        self.reader = reader

    def receive(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Checks, seals and commits one message; a repeat of it is known by the sender's own id."""
        try:
            heard = self.reader.read(headers, body)
        except AccessDenied:
            return Answer.NOT_SIGNED
        except Rejected:
            return Answer.UNREADABLE
        if heard is None:
            return Answer.NOT_NEEDED
        if not _is_plain(heard):
            return Answer.UNREADABLE
        try:
            new = self.inbox.receive(self.reader.name, _usable(heard))
        except LedgerError:
            return Answer.BUSY
        return Answer.KEPT if new else Answer.KNOWN


def _is_plain(heard: Heard) -> bool:
    """Whether every id of a message can stand in the ledger and on a terminal as it is, whoever read it."""
    ids = (heard.id, *(ref.id for ref in heard.refs))
    return all(0 < len(one) <= LONGEST_ID and one.isascii() and one.isprintable() for one in ids)


def _usable(heard: Heard) -> Heard:
    """The message without handles that hold a line's end or a control: no recipient knows anybody by them.

    They would reach a letter's header or a service's address; the rest of the message counts.
    """
    handles = {name: tuple(one for one in some if one.isprintable()) for name, some in heard.handles.items()}
    return replace(heard, handles={name: some for name, some in handles.items() if some})
