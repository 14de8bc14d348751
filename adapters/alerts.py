"""Pings and mails of a run, and mails to customers; no data travels in a ping."""

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from msgspec import structs

from adapters.http import Http
from adapters.network import Network
from adapters.notice.bounces import mailbox
from adapters.notice.mail import MailServer, send
from adapters.notice.post import SmtpPost
from connector.ports import Mailbox, Post

_PATIENCE = 5.0  # seconds: a ping is worth no wait
MOST_OF_A_PAGE = 4 * 2**20


class WebAlerts:
    """Alerts over HTTP and SMTP."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._network = Network.of(settings)
        given = settings.get("smtp")
        self._server = MailServer.of({**given, "network": self._network}) if given else None
        self._customers: Mapping[str, Any] = settings.get("warning") or {}

    def ping(self, url: str) -> None:
        """Calls the address once or twice; raises RemoteError where it does not answer."""
        parts = urlsplit(url)
        http = Http(
            adapter="ping", base=f"{parts.scheme}://{parts.netloc}", timeout=(5, 10), tries=2, longest=30,
            largest=2**20, network=Network(patience=_PATIENCE, ca_file=self._network.ca_file),
        )  # fmt: skip
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        http.request("GET", path, operation="ping")

    def page(self, url: str) -> str:
        """The text of a public page; raises RemoteError where it is silent or holds more than a few MB."""
        parts = urlsplit(url)
        http = Http(
            adapter="policy", base=f"{parts.scheme}://{parts.netloc}", timeout=(5, 20), tries=2, longest=60,
            largest=MOST_OF_A_PAGE, network=Network(patience=_PATIENCE, ca_file=self._network.ca_file),
        )  # fmt: skip
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        answer = http.request("GET", path, operation="policy_text", ok=(200,))
        return answer.content.decode("utf-8", errors="replace")

    def mail(self, to: tuple[str, ...], subject: str, text: str) -> None:
        """Sends the mail to each address; raises RemoteError where the server refuses."""
        if self._server is None:
            return
        body = f"<!doctype html><pre>{escape(text)}</pre>"
        for address in to:
            send(self._server, to=address, subject=subject, text=text, html=body, letter_id="run")

    def post(self) -> Post | None:
        """What carries mails to customers; None without a mail server."""
        if self._server is None:
            return None
        sender = str(self._customers.get("sender") or self._server.sender)
        server = structs.replace(self._server, sender=sender)
        return SmtpPost(server, envelope=str(self._customers.get("bounces") or ""))

    def mailbox(self) -> Mailbox | None:
        """What mails to customers come back to; None where the settings name none."""
        given = self._customers.get("imap")
        return mailbox({**given, "network": self._network}) if given else None


def build(settings: Mapping[str, Any]) -> WebAlerts:
    """Alerts with the mail server of the settings, where there is one."""
    return WebAlerts(settings)
