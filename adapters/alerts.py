"""Pings, mails and webhooks of a run, and mails to customers: only the last hold anything of a person."""

from collections.abc import Mapping
from contextlib import nullcontext
from html import escape
from typing import Any
from urllib.parse import urlsplit

import requests
from msgspec import structs

from adapters.http import Http, retry_after
from adapters.http.line import Bounds, Line, kept_session
from adapters.http.public import NotPublic, PublicOnly, is_address, is_public
from adapters.network import Network
from adapters.notice.bounces import mailbox
from adapters.notice.mail import MailServer, send
from adapters.notice.post import SmtpPost
from adapters.watch import Watched
from connector.about.web import is_loopback
from connector.ports import Mailbox, Post
from connector.ports.posting import MOST_BYTES, Reply, WebRequest

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

    def post(self, request: WebRequest) -> Reply:
        """Sends a request once, follows nothing, and takes little of the answer; a failure is a reply too."""
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        anywhere = request.private or is_loopback(host)
        if not anywhere and is_address(host) and not is_public(host):  # a proxy would take it anywhere
            return Reply(failure="not_public")
        session = kept_session(
            request.url, self._network, connections=1, pools=Watched if anywhere else PublicOnly
        )
        bounds = Bounds((min(5.0, request.seconds), request.seconds), request.seconds, MOST_BYTES)
        line = Line(session, bounds, hold=nullcontext)
        headers = {"Content-Type": "application/json", **request.headers}
        try:
            sent = requests.Request("POST", request.url, data=request.body, headers=headers)
            came, failure = line.send(sent, proven=False)
        except NotPublic:
            came, failure = None, "not_public"
        finally:
            line.close()
        if came is None:
            return Reply(failure=failure)
        return Reply(
            status=came.status_code, body=came.content, headers=dict(came.headers),
            after=retry_after(came.headers),
        )  # fmt: skip

    def mail(self, to: tuple[str, ...], subject: str, text: str) -> None:
        """Sends the mail to each address; raises RemoteError where the server refuses."""
        if self._server is None:
            return
        body = f"<!doctype html><pre>{escape(text)}</pre>"
        for address in to:
            send(self._server, to=address, subject=subject, text=text, html=body, letter_id="run")

    def mailer(self) -> Post | None:
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
