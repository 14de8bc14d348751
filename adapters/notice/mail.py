"""A letter by e-mail to the recipient's own address; the message id is the letter's, so a repeat shows."""

import os
import smtplib
import socket
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, TypedDict, Unpack

from adapters.network import Network
from adapters.watch import Deadline, hold
from connector.errors import AccessDenied, Rejected, RetryLater
from connector.records import Value
from connector.text.plain_text import said

_HEADER = 320  # characters, an address's longest
_TIMEOUT = 60.0  # seconds
LONGEST = 120.0  # seconds of one letter, however the server's words come
_ANSWER = 65_536  # bytes of one answer; a real one has a few lines


class MailServer(Value, frozen=True, kw_only=True):
    """The mail server that letters leave through (settings, `letters.smtp`)."""

    host: str
    sender: str
    port: int = 587
    user: str = ""
    password: str = ""
    security: str = "starttls"
    network: Network = Network()

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "MailServer":
        """The server of a settings table; `from` is another name for `sender`."""
        given = {name: settings[name] for name in cls.__struct_fields__ if settings.get(name) is not None}
        return cls(**{"sender": str(settings.get("from", "")), **given})

    def __repr__(self) -> str:
        return "<MailServer>"


class Mail(TypedDict):
    """One letter as it is mailed: to whom, what it is about, its text in both forms, and its id."""

    to: str
    subject: str
    text: str
    html: str
    letter_id: str


def send(server: MailServer, **mail: Unpack[Mail]) -> None:
    """Sends one letter.

    Raises RetryLater where the server is away, Rejected where it refuses this letter, AccessDenied
    where it refuses the password; none of them names an address.
    """
    message = EmailMessage(policy=SMTP)
    # A header is one line, whatever stands in it: nobody adds another through a name or a number.
    message["From"], message["To"] = said(server.sender, longest=_HEADER), said(mail["to"], longest=_HEADER)
    message["Subject"] = said(mail["subject"], longest=_HEADER)
    domain = said(server.sender.rpartition("@")[2]).rstrip(">") or "localhost"
    letter_id = said(mail["letter_id"])
    message["Message-ID"] = f"<{letter_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail["text"])
    message.add_alternative(mail["html"], subtype="html")
    try:
        with Deadline(LONGEST), connected(server) as connection:
            connection.send_message(message)
    except (smtplib.SMTPException, OSError) as error:
        failure = _failure(error)
    else:
        return
    raise failure


class _Bounded:
    """The lines of one answer of a mail server; an answer without an end is cut off."""

    def __init__(self, file: Any) -> None:
        self.source = file
        self._read = 0

    def readline(self, size: int = -1) -> bytes:
        """The next line; raises SMTPServerDisconnected past the bytes that any real answer has."""
        line: bytes = self.source.readline(size)
        self._read += len(line)
        if self._read > _ANSWER:
            raise smtplib.SMTPServerDisconnected("the answer has no end")
        return line

    def close(self) -> None:
        """Closes what the lines are read from."""
        self.source.close()


class _Held:
    """A connection to a mail server that a deadline can shut, and whose answers end."""

    _lifeline: socket.socket | None = None

    def getreply(self) -> tuple[int, bytes]:
        self.file: Any = self._bounded()
        answer: tuple[int, bytes] = super().getreply()  # type: ignore[misc]
        return answer

    def _bounded(self) -> _Bounded:
        """The lines of the answer that comes next, counted from its first."""
        found: Any = getattr(self, "file", None)
        if isinstance(found, _Bounded):
            return _Bounded(found.source)
        return _Bounded(found if found is not None else self.sock.makefile("rb"))  # type: ignore[attr-defined]

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._lifeline = socket.socket(fileno=os.dup(made.fileno()))
        hold(self._lifeline)
        return made

    def watched(self) -> None:
        """Names this connection to the deadline of the exchange that begins."""
        if self._lifeline is not None:
            hold(self._lifeline)

    def close(self) -> None:
        super().close()  # type: ignore[misc]
        if self._lifeline is not None:
            self._lifeline.close()


class _Plain(_Held, smtplib.SMTP):
    pass


class _Secure(_Held, smtplib.SMTP_SSL):
    pass


Connection = _Plain | _Secure


def connected(server: MailServer) -> Connection:
    """A connection that is logged in, which a deadline can shut; raises what smtplib and sockets raise."""
    context = server.network.mail()
    connection: Connection
    if server.security == "tls":
        connection = _Secure(server.host, server.port, timeout=_TIMEOUT, context=context)
    else:
        connection = _Plain(server.host, server.port, timeout=_TIMEOUT)
    try:
        if server.security == "starttls":
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _failure(error: Exception) -> RetryLater | Rejected | AccessDenied:
    """What to do next; the server's own words, which name addresses, are dropped."""
    status = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError):
        return AccessDenied(
            "letters: the mail server refused the login. Check user, password and security under "
            "`letters.smtp`.", status=status, code="login_refused",
            adapter="letters", operation="send letter",
        )  # fmt: skip
    refused = isinstance(error, smtplib.SMTPRecipientsRefused)
    codes = [code for code, _ in error.recipients.values()] if refused else [status]  # type: ignore[attr-defined]
    if any(code >= 500 for code in codes):
        return Rejected(
            "letters: the mail server refused a letter. Send it by hand from the letters folder, or "
            "correct the recipient's `email`.", status=max(codes), code="mail_refused",
            adapter="letters", operation="send letter",
        )  # fmt: skip
    return RetryLater(
        "letters: the mail server could not be reached. Run again later; the letter is in the folder.",
        status=status, code="mail_not_sent",
            adapter="letters", operation="send letter",
    )  # fmt: skip
