"""The web part of `gallra serve`: webhooks in, metrics and pages out; nothing below it knows HTTP."""

import asyncio
import logging
import re
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from connector.errors import SettingsError
from connector.serve.connections import Asgi, Connections, Receive, Scope, Send
from connector.serve.keys import LONGEST, Keyring
from connector.serve.receive import Answer, Receiver

LIMIT = 2 * 1024 * 1024
"""Bytes of a body; an order of hundreds of lines is well below."""

_THREADS = 4  # a message is a write of the ledger, and those take turns
_log = logging.getLogger("gallra.webhooks")
_PATH = re.compile(r"/(webhooks|keys)/([a-z0-9-]+)/([a-z]+)")
_OWN = re.compile(r"/(webhooks|keys)/.*|/metrics")
_STATUS = {
    Answer.KEPT: 200,
    Answer.KNOWN: 200,
    Answer.NOT_NEEDED: 200,
    Answer.NOT_SIGNED: 401,
    Answer.UNREADABLE: 400,
    Answer.BUSY: 503,
}
Receivers = Mapping[tuple[str, str], Receiver]
Keyrings = Mapping[tuple[str, str], Keyring]
Figures = Callable[[], str]
_METRICS = b"text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' text format (prometheus.io: Exposition formats)."""

Given = TypeVar("Given")


class Application:
    """Answers POST /webhooks/<shop id>/<platform> and /keys/<shop id>/<platform> (ASGI 3).

    And GET /metrics where it is given figures; all other paths by the pages where it is given any.
    """

    def __init__(
        self,
        receivers: Receivers,
        keyrings: Keyrings | None = None,
        figures: Figures | None = None,
        pages: Asgi | None = None,
    ) -> None:
        self._receivers = receivers
        self._keyrings = keyrings or {}
        self._figures = figures
        self._pages = pages
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhooks")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer to a message is its status alone: nothing of it is ever sent back."""
        if scope["type"] != "http":
            return
        if self._pages is not None and not _OWN.fullmatch(scope["path"]):
            await self._pages(scope, receive, send)
            return
        body, kind = b"", b"text/plain"
        try:
            if self._figures is not None and scope["path"] == "/metrics":
                kind = _METRICS
                status, body = await self._shown(self._figures, scope)
            else:
                status = await self._taken(scope, receive)
        except _GoneAway:
            return
        except Exception as fault:
            # Its text may quote what was sent; the sender tries again.
            _log.error("a webhook could not be taken in (%s)", type(fault).__name__)
            status = _STATUS[Answer.BUSY]
        headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _shown(self, figures: Figures, scope: Scope) -> tuple[int, bytes]:
        """The figures of every shop that is served; a monitor asks by GET."""
        if scope["method"] != "GET":
            return 405, b""
        try:
            return 200, (await self._in_thread(figures)).encode()
        except Exception as fault:
            _log.error("the metrics could not be read (%s)", type(fault).__name__)
            return _STATUS[Answer.BUSY], b""

    async def _taken(self, scope: Scope, receive: Receive) -> int:
        found = _PATH.fullmatch(scope["path"])
        whose = (found[2], found[3]) if found else ("", "")
        keys = bool(found and found[1] == "keys")
        receiver, keyring = self._receivers.get(whose), self._keyrings.get(whose)
        if (keyring if keys else receiver) is None:
            return 404
        if scope["method"] != "POST":
            return 405
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await read_body(headers, receive, limit=LONGEST if keys else LIMIT)
        if body is None:
            return 413
        if keys and keyring is not None:
            ring = keyring
            return _STATUS[await self._in_thread(lambda: ring.receive(body))]
        if receiver is None:
            return 404
        taker = receiver
        return _STATUS[await self._in_thread(lambda: taker.receive(headers, body))]

    async def _in_thread(self, work: Callable[[], Given]) -> Given:
        """What the ledger is asked waits for its disk, and nobody else waits for that."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


class _GoneAway(Exception):
    """Who sent it has gone away before it was whole."""


async def read_body(headers: Mapping[str, str], receive: Receive, *, limit: int) -> bytes | None:
    """The body of a message; None where it is longer than may be, before it is read where it says so."""
    if int(headers.get("content-length") or 0) > limit:
        return None
    found = bytearray()
    while True:
        part = await receive()
        if part["type"] != "http.request":
            raise _GoneAway
        found += part.get("body", b"")
        if len(found) > limit:
            return None
        if not part.get("more_body"):
            return bytes(found)


def _bound(listen: str) -> socket.socket:
    """A socket on this address. Raises SettingsError where it is taken or is none of this machine's."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family)
    except OSError:
        text = (
            f"webhooks.listen, web.listen, form.listen or metrics.listen: {listen} cannot be listened on. "
            "Choose another."
        )
        raise SettingsError([text]) from None


class Listening:
    """One server on one address, in a thread of its own, until it is stopped."""

    def __init__(
        self,
        application: Application,
        listen: str,
        *,
        addresses: int = 1,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        """Raises SettingsError where the address is taken, or the certificate cannot be used."""
        listener = _bound(listen)
        self._application = application
        try:
            self._connections = Connections(
                self._answer, listener, addresses=addresses, certificate=certificate
            )
        except OSError:  # ssl.SSLError is one
            listener.close()
            raise SettingsError(
                [
                    "web.certificate or form.certificate: it cannot be read, or its key is another's. Give "
                    "both to this user."
                ]
            ) from None
        self._thread = threading.Thread(target=self._run, name=f"webhooks {listen}", daemon=True)
        self._thread.start()

    def answer_by(self, application: Application) -> None:
        """Answers by another application from the next message on."""
        self._application = application

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope, receive, send)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._connections.port

    @property
    def is_alive(self) -> bool:
        """Whether it still answers."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._connections.serve()
        except Exception as fault:
            _log.error("the server of webhooks has ended (%s)", type(fault).__name__)

    def stop(self) -> None:
        """Takes no more, lets what is being answered end, and closes."""
        self._connections.stop()
        self._thread.join()
