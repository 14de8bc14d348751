"""The web part of `gallra serve`: webhooks in, metrics out; with connections.py all that knows HTTP."""

import logging
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from connector.errors import SettingsError
from connector.ledger.inbox import Inbox
from connector.registry import build_webhooks, has_webhooks
from connector.serve.connections import Connections
from connector.serve.metrics import metrics_text
from connector.serve.receive import Answer, Receiver
from connector.settings import resolve_secrets
from connector.shop import Shop

LIMIT = 2 * 1024 * 1024
"""Bytes of a body; an order of hundreds of lines is well below."""

_log = logging.getLogger("gallra.webhooks")
_PATH = re.compile(r"/webhooks/([a-z0-9-]+)/([a-z]+)")
_STATUS = {
    Answer.KEPT: "200 OK",
    Answer.KNOWN: "200 OK",
    Answer.NOT_NEEDED: "200 OK",
    Answer.NOT_SIGNED: "401 Unauthorized",
    Answer.UNREADABLE: "400 Bad Request",
    Answer.BUSY: "503 Service Unavailable",
}
Receivers = Mapping[tuple[str, str], Receiver]
Start = Callable[[str, list[tuple[str, str]]], Any]


Figures = Callable[[], str]
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' text format (prometheus.io: Exposition formats)."""


class Application:
    """Answers POST /webhooks/<shop id>/<platform>, and GET /metrics where it is given figures (PEP 3333)."""

    def __init__(self, receivers: Receivers, figures: Figures | None = None) -> None:
        self._receivers = receivers
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
        receiver = self._receivers.get((found[1], found[2])) if found else None
        if receiver is None:
            return "404 Not Found"
        if environ["REQUEST_METHOD"] != "POST":
            return "405 Method Not Allowed"
        if int(environ.get("CONTENT_LENGTH") or 0) > LIMIT:
            return "413 Content Too Large"
        body = environ["wsgi.input"].read(LIMIT + 1)
        if len(body) > LIMIT:
            return "413 Content Too Large"
        return _STATUS[receiver.receive(_headers(environ), body)]


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
        self._connections = Connections(application, listener, longest=LIMIT, addresses=addresses)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"webhooks {listen}", daemon=True)
        self._thread.start()

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


@contextmanager
def listening(
    paths: Sequence[Path], load: Callable[[Path], Shop], say: Callable[[str], None]
) -> Iterator[list[Listening]]:
    """Receives the webhooks of every shop that has [webhooks]; shows metrics where a shop names an address.

    For as long as the block runs. Shops that name the same address share one server; the metrics are those
    of every shop that is served. Raises SettingsError where a shop's platform sends no webhooks, or an
    address is taken.
    """
    by_address: dict[str, dict[tuple[str, str], Receiver]] = {}
    shown_at: set[str] = set()
    for path in paths:
        shop = load(path)
        if shop.settings.webhooks is not None:
            name, receiver = receiver_of(shop)
            known = by_address.setdefault(shop.settings.webhooks.listen, {})
            known[shop.settings.shop.id, name] = receiver
            say(f"{path.name}: webhooks at /webhooks/{shop.settings.shop.id}/{name}.")
        if shop.settings.metrics.listen is not None:
            shown_at.add(shop.settings.metrics.listen)
            by_address.setdefault(shop.settings.metrics.listen, {})
            say(f"{path.name}: metrics at {shop.settings.metrics.listen}/metrics.")
    with ExitStack() as stack:
        servers = []
        for listen, receivers in by_address.items():
            figures = partial(metrics_text, paths, load) if listen in shown_at else None
            servers.append(Listening(Application(receivers, figures), listen, addresses=len(by_address)))
            stack.callback(servers[-1].stop)
        yield servers


def receiver_of(shop: Shop) -> tuple[str, Receiver]:
    """The shop's ear, and the platform it is for; the ledger and its keys are opened here, not later."""
    platform = shop.settings.require_platform()
    if not has_webhooks(platform.name):
        text = f"{platform.name} sends Gallra no webhooks. Take [webhooks] out of the shop's file."
        raise SettingsError([shop.settings.fault(text, "webhooks")])
    own = {"url": str(platform.url), **resolve_secrets(shop.settings, only=("webhooks",))["webhooks"]}
    return platform.name, Receiver(Inbox(shop.ledger, shop.outbox.vault), build_webhooks(platform.name, own))
