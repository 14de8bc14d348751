"""Mails to customers, one at a time: each answer of the server read for whether the mail has left or not."""

import contextlib
import re
import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate, parseaddr

from adapters.notice.mail import LONGEST, Connection, MailServer, connected
from adapters.watch import Deadline
from connector.errors import AccessDenied, RetryLater
from connector.ports import Mail, Posted
from connector.text.addresses import bare, fold_domain
from connector.text.plain_text import said

PREFIX = "gallra."
"""How the ids of these messages begin: what a bounce quotes is found by it."""
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_SPACE = 32
_LINE_DOT = re.compile(rb"^\.", re.MULTILINE)
_OK, _GO_ON, _GOING_DOWN = 250, 354, 421
_TAKEN_ON = frozenset({250, 251, 252})


class SmtpPost:
    """One connection for a list of mails, made anew where it was lost between two of them."""

    def __init__(self, server: MailServer, *, envelope: str = "") -> None:
        self._server = server
        self._from = parseaddr(said(server.sender, longest=320))
        self._envelope = mailable(envelope or self._from[1])
        self._connection: Connection | None = None

    def deliver(self, mail: Mail) -> Posted:
        """Hands over one mail; see `connector.ports.Post`."""
        to = mailable(mail.to)
        if not to:
            return Posted.REFUSED
        content = self._written(mail, to)
        with Deadline(LONGEST):
            connection = self._begun()
            found = self._handed_over(connection, to, content)
        if found is Posted.UNKNOWN:
            self._drop()
        return found

    def close(self) -> bool:
        """Says good-bye where a connection stands; whether the server answered."""
        connection, self._connection = self._connection, None
        if connection is None:
            return False
        try:
            with Deadline(LONGEST / 10):
                connection.watched()
                connection.quit()
        except (smtplib.SMTPException, OSError, ValueError):
            return False
        finally:
            connection.close()
        return True

    def _begun(self) -> Connection:
        """A connection on which the server has taken the sender; nothing of a mail is said yet."""
        if not self._envelope:
            raise _denied()
        code = self._named_sender()
        if code != _OK:  # one that went down meanwhile, or wants no more on this connection: once more
            self._drop()
            code = self._named_sender()
        if code == _OK and self._connection is not None:
            return self._connection
        self._drop()
        raise _denied() if code >= 500 else _away()

    def _named_sender(self) -> int:
        """What the server says of the sender; 0 where it says nothing. Raises AccessDenied, RetryLater."""
        try:
            if self._connection is None:
                self._connection = connected(self._server)
                self._connection.ehlo_or_helo_if_needed()
            self._connection.watched()
            return int(self._connection.mail(self._envelope)[0])
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError):
            self._drop()
            raise _denied() from None
        except (smtplib.SMTPException, OSError, ValueError):
            self._drop()
            return 0

    def _handed_over(self, connection: Connection, to: str, content: bytes) -> Posted:
        try:
            code = int(connection.rcpt(to)[0])
            if code not in _TAKEN_ON:
                return self._no(connection, code)
            code = int(connection.docmd("DATA")[0])
            if code != _GO_ON:
                return self._no(connection, code)
        except (smtplib.SMTPException, OSError, ValueError):
            self._drop()
            return Posted.LATER  # the server has not one line of the message
        try:
            connection.send(content)
            code = int(connection.getreply()[0])
        except (smtplib.SMTPException, OSError, ValueError):
            return Posted.UNKNOWN
        if code == _OK:
            return Posted.SENT
        return self._no(connection, code) if 400 <= code < 600 else Posted.UNKNOWN

    def _no(self, connection: Connection, code: int) -> Posted:
        """The server's own no: for good, or for now; the next mail begins afresh."""
        if code == _GOING_DOWN or not 400 <= code < 600:
            self._drop()
            return Posted.LATER
        try:
            connection.rset()
        except (smtplib.SMTPException, OSError, ValueError):
            self._drop()
        return Posted.REFUSED if code >= 500 else Posted.LATER

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.close()

    def _written(self, mail: Mail, to: str) -> bytes:
        """The message as it goes over the line; a header is one line, whatever stands in it."""
        name, address = self._from
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = formataddr((name, mailable(address) or address)), to
        message["Subject"] = said(mail.subject, longest=200)
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{PREFIX}{said(mail.token)}@{address.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        if reply_to := mailable(mail.reply_to):
            message["Reply-To"] = reply_to
        if unsubscribe := mailable(mail.unsubscribe):
            message["List-Unsubscribe"] = f"<mailto:{unsubscribe}?subject=unsubscribe>"
        message.set_content(mail.text, cte="quoted-printable")
        content = message.as_bytes()
        return _LINE_DOT.sub(b"..", content if content.endswith(b"\r\n") else content + b"\r\n") + b".\r\n"


def mailable(address: str) -> str:
    """The address as any mail server takes it, one alone in ASCII; empty where that cannot be."""
    if any(ord(sign) < _SPACE for sign in address.strip()):
        return ""
    local, at, domain = bare(address).rpartition("@")
    domain = fold_domain(domain)
    well = at and len(local) <= 64 and len(domain) <= 255
    return f"{local}@{domain}" if well and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) else ""


def _denied() -> AccessDenied:
    return AccessDenied(
        "warnings: the mail server refused the login or the sender. Check user, password and security under "
        "`letters.smtp`, and `warning.sender`.", code="login_refused",
        adapter="warnings", operation="warn",
    )  # fmt: skip


def _away() -> RetryLater:
    return RetryLater(
        "warnings: the mail server could not be reached, so nobody more was written to. Run "
        "`gallra warn send` again later.", code="mail_not_sent", adapter="warnings", operation="warn",
    )  # fmt: skip
