"""The web part of `gallra serve`: webhooks in, metrics out; with connections.py all that knows HTTP."""

import logging
import re
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connector.errors import SettingsError
from connector.serve.connections import Connections
from connector.serve.keys import LONGEST, Keyring
from connector.serve.receive import Answer, Receiver

LIMIT = 2 * 1024 * 1024
"""Bytes of a body; an order of hundreds of lines is well below."""

_log = logging.getLogger("gallra.webhooks")
_PATH = re.compile(r"/(webhooks|keys)/([a-z0-9-]+)/([a-z]+)")
_STATUS = {
    Answer.KEPT: "200 OK",
    Answer.KNOWN: "200 OK",
    Answer.NOT_NEEDED: "200 OK",
    Answer.NOT_SIGNED: "401 Unauthorized",
    Answer.UNREADABLE: "400 Bad Request",
    Answer.BUSY: "503 Service Unavailable",
}
Receivers = Mapping[tuple[str, str], Receiver]
Keyrings = Mapping[tuple[str, str], Keyring]
Start = Callable[[str, list[tuple[str, str]]], Any]


Figures = Callable[[], str]
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' text format (prometheus.io: Exposition formats)."""


class Application:
    """Answers POST /webhooks/<shop id>/<platform> and /keys/<shop id>/<platform> (WSGI, PEP 3333).

    And GET /metrics where it is given figures.
    """

    def __init__(
        self, receivers: Receivers, keyrings: Keyrings | None = None, figures: Figures | None = None
    ) -> None:
        self._receivers = receivers
        self._keyrings = keyrings or {}
        self._figures = figures

    def __call__(self, environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        """The answer to a message is its status alone: nothing of it is ever sent back."""
        if self._figures is not None and environ.get("PATH_INFO") == "/metrics":
            return self._shown(self._figures, environ, start)
        try:
            status = self._status(environ)
        except Exception as fault:
            # Its text may quote what was sent; the sender tries again.
            _log.error("a webhook could not be taken in (%s)", type(fault).__name__)
            status = _STATUS[Answer.BUSY]
        start(status, [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return [b""]

    def _shown(self, figures: Figures, environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        """The figures of every shop that is served; a monitor asks by GET."""
        status, body = "405 Method Not Allowed", b""
        if environ["REQUEST_METHOD"] == "GET":
            try:
                status, body = "200 OK", figures().encode()
            except Exception as fault:
                _log.error("the metrics could not be read (%s)", type(fault).__name__)
                status = _STATUS[Answer.BUSY]
        start(status, [("Content-Type", _TEXT), ("Content-Length", str(len(body)))])
        return [body]

    def _status(self, environ: Mapping[str, Any]) -> str:
        found = _PATH.fullmatch(str(environ.get("PATH_INFO", "")))
        whose = (found[2], found[3]) if found else ("", "")
        keys = bool(found and found[1] == "keys")
        receiver, keyring = self._receivers.get(whose), self._keyrings.get(whose)
        if (keyring if keys else receiver) is None:
            return "404 Not Found"
        if environ["REQUEST_METHOD"] != "POST":
            return "405 Method Not Allowed"
        limit = LONGEST if keys else LIMIT
        if int(environ.get("CONTENT_LENGTH") or 0) > limit:
            return "413 Content Too Large"
        body = environ["wsgi.input"].read(limit + 1)
        if len(body) > limit:
            return "413 Content Too Large"
        if keys and keyring is not None:
            return _STATUS[keyring.receive(body)]
        return _STATUS[receiver.receive(_headers(environ), body)] if receiver else "404 Not Found"


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    return {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }


def _bound(listen: str) -> socket.socket:
    """A socket on this address. Raises SettingsError where it is taken or is none of this machine's."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family)
    except OSError:
        text = f"webhooks.listen or metrics.listen: {listen} cannot be listened on. Choose another."
        raise SettingsError([text]) from None


class Listening:
    """One server on one address, in a thread of its own, until it is stopped."""

    def __init__(self, application: Application, listen: str, *, addresses: int = 1) -> None:
        listener = _bound(listen)
        self._application = application
        self._connections = Connections(self._answer, listener, longest=LIMIT, addresses=addresses)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"webhooks {listen}", daemon=True)
        self._thread.start()

    def answer_by(self, application: Application) -> None:
        """Answers by another application from the next message on."""
        self._application = application

    def _answer(self, environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        return self._application(environ, start)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._connections.port

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._connections.round()
            except Exception as fault:
                _log.error("a round of webhooks failed (%s)", type(fault).__name__)
                self._over.wait(0.1)

    def stop(self) -> None:
        """Takes no more, lets what is being written end, and closes."""
        self._over.set()
        self._thread.join()
        self._connections.close()
