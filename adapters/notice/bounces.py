"""The mailbox that mails to customers come back to, read over IMAP; nothing in it is changed or kept."""

import contextlib
import email
import imaplib
import os
import re
import socket
from collections.abc import Iterator, Mapping
from email.message import Message
from typing import Any

from adapters.network import Network
from adapters.notice.post import PREFIX
from adapters.watch import Deadline, hold
from connector.errors import AccessDenied, RetryLater
from connector.ports import CameBack
from connector.records import Value

AT_ONCE = 500  # messages that are looked at in one reading; the next goes on from there
LARGEST = 2**20  # bytes of a message that is looked at; a bounce is a few KB, or quotes a mail of ours
_TIMEOUT, _LONGEST = 30.0, 180.0  # seconds
_TOKEN = re.compile(rb"<" + re.escape(PREFIX.encode()) + rb"([0-9a-f]{32})@[^<>\s]{1,255}>")
_PLACE = re.compile(r"(\d{1,20}):(\d{1,20})")
_SENDERS = ("mailer-daemon@", "postmaster@")
_FAULTS = (imaplib.IMAP4.error, OSError, ValueError, LookupError)


class MailboxTable(Value, frozen=True, kw_only=True):
    """The mailbox of a settings table (`warning.imap`)."""

    host: str
    user: str
    password: str
    port: int = 993
    folder: str = "INBOX"
    security: str = "tls"
    network: Network = Network()

    def __repr__(self) -> str:
        return "<Mailbox>"


class _Bounded:
    """An IMAP connection that reads nothing without an end."""

    def read(self, size: int) -> bytes:
        if size > LARGEST * 2:
            raise imaplib.IMAP4.abort("the answer has no end")
        return bytes(super().read(size))  # type: ignore[misc]


class _Plain(_Bounded, imaplib.IMAP4):
    pass


class _Secure(_Bounded, imaplib.IMAP4_SSL):
    pass


class ImapMailbox:
    """Reads what came back; the folder is opened for reading only."""

    def __init__(self, table: MailboxTable) -> None:
        self._table = table

    def came_back(self, after: str) -> CameBack:
        """See `connector.ports.Mailbox`; a place is the folder's own generation and the last number read."""
        lifelines: list[socket.socket] = []
        try:
            with Deadline(_LONGEST):
                return self._read(after, lifelines)
        except _FAULTS:
            raise _away() from None
        finally:
            for one in lifelines:
                one.close()

    def _read(self, after: str, lifelines: list[socket.socket]) -> CameBack:
        box = self._connected(lifelines)
        try:
            self._log_in(box)
            count, _ = box.select(_quoted(self._table.folder), readonly=True)
            if count != "OK":
                raise _denied()
            generation = int(_first(box.response("UIDVALIDITY")[1]))
            known = _PLACE.fullmatch(after)
            last = int(known[2]) if known and int(known[1]) == generation else 0
            found: list[str] = []
            for number in _numbers(box, last):
                found += _token_of(box, number)
                last = number
            return CameBack(tuple(dict.fromkeys(found)), f"{generation}:{last}")
        finally:
            with contextlib.suppress(*_FAULTS):
                box.logout()
            with contextlib.suppress(*_FAULTS):
                box.shutdown()  # a farewell that fails leaves the connection open

    def _connected(self, lifelines: list[socket.socket]) -> imaplib.IMAP4:
        table = self._table
        box: imaplib.IMAP4
        if table.security == "tls":
            box = _Secure(table.host, table.port, ssl_context=table.network.mail(), timeout=_TIMEOUT)
        else:
            box = _Plain(table.host, table.port, timeout=_TIMEOUT)
        # TLS keeps the socket to itself: the deadline shuts a second hold of it.
        lifelines.append(socket.socket(fileno=os.dup(box.socket().fileno())))
        hold(lifelines[-1])
        return box

    def _log_in(self, box: imaplib.IMAP4) -> None:
        table = self._table
        if table.security == "starttls":
            box.starttls(table.network.mail())
        try:
            box.login(table.user, table.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise _denied() from None


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _first(answer: Any) -> bytes:
    return bytes((answer or [b""])[0] or b"")


def _numbers(box: imaplib.IMAP4, last: int) -> list[int]:
    """The next messages after the last one read, oldest first."""
    _, answer = box.uid("SEARCH", f"UID {last + 1}:*")
    found = sorted({int(one) for one in _first(answer).split()})
    return [one for one in found if one > last][:AT_ONCE]


def _token_of(box: imaplib.IMAP4, number: int) -> Iterator[str]:
    """The id of the mail that this message says came back; none where it says no such thing."""
    _, answer = box.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{LARGEST}>)")
    for part in answer or ():
        if isinstance(part, tuple) and len(part) > 1:
            yield from bounced_in(bytes(part[1]))


def bounced_in(source: bytes) -> Iterator[str]:
    """The ids of our mails that a message says came back for good (RFC 3464, or a server's own words)."""
    message = email.message_from_bytes(source)
    if _says_failed(message):
        yield from (found[1].decode() for found in _TOKEN.finditer(source))


def _says_failed(message: Message) -> bool:
    reports = [part for part in message.walk() if part.get_content_type() == "message/delivery-status"]
    if reports:
        groups = (group for part in reports for group in _groups(part))
        return any(str(group.get("Action", "")).strip().lower() == "failed" for group in groups)
    if str(message.get("Auto-Submitted", "")).lower().startswith("auto-replied") or message["In-Reply-To"]:
        return False  # somebody is on holiday
    sender = str(message.get("From", "")).lower()
    return str(message.get("Return-Path", "")).strip() == "<>" or any(one in sender for one in _SENDERS)


def _groups(part: Message) -> list[Message]:
    inner = part.get_payload()
    return [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []


def mailbox(settings: Mapping[str, Any]) -> ImapMailbox:
    """The mailbox of a settings table."""
    given = {
        name: settings[name] for name in MailboxTable.__struct_fields__ if settings.get(name) is not None
    }
    return ImapMailbox(MailboxTable(**given))


def _denied() -> AccessDenied:
    return AccessDenied(
        "warnings: the mailbox refused the login or has no such folder. Check user, password and folder "
        "under `warning.imap`.", code="login_refused", adapter="warnings", operation="read bounces",
    )  # fmt: skip


def _away() -> RetryLater:
    return RetryLater(
        "warnings: the mailbox that mails come back to could not be read. Run again later; what came back "
        "waits there.", code="mailbox_unread", adapter="warnings", operation="read bounces",
    )  # fmt: skip
