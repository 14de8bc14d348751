"""The connections of `gallra serve`: a slow or silent one never keeps a delivery waiting.

The only file that imports uvicorn. No ASGI server's own limits are any help: uvicorn times nothing but the
pause between two messages, hypercorn's `read_timeout` begins anew with every byte and it counts nobody. Here
everybody is let in, and room is made: whoever has been waited for the longest is let go first. uvicorn takes
a protocol class of one's own, so that needs nothing but its public settings.
"""

import asyncio
import logging
import resource
import socket
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from connector.text.plain_text import said

PATIENCE = 10.0
"""Seconds within which a message must have come whole; Shopify gives up after five."""

ROOM = 400
"""Connections held at a time: many times what honest senders need, well below what a process may open."""

BYTES = 64 * 1024 * 1024
"""Of messages that have not come whole, all together."""

HEADERS = 32 * 1024
"""Bytes of a message's headers; those of a platform and a proxy come to less than four thousand."""

_EVERY = 0.5  # seconds between two looks at who is late
_AT_ONCE = 1024  # connections that may stand at the door: a crowd there is through it at once

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An application by ASGI 3."""


class _Said(logging.Filter):
    """What the server logs quotes what was sent: said in one line, without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Changes the record, and lets it pass."""
        record.msg, record.args = said(record.getMessage(), longest=200), ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True


for _name in ("uvicorn.error", "asyncio"):
    logging.getLogger(_name).addFilter(_Said())
# What is no message is a stranger's knocking, and what begins and ends is told by whoever serves.
logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


class _Connection(H11Protocol):
    """One connection, and since when something is waited for from its other end."""

    def __init__(self, room: "_Room", **named: Any) -> None:
        super().__init__(**named)
        self.room = room
        self.waited_since = time.monotonic()
        self.held = 0
        """Bytes of a message that has not come whole, or is not answered yet."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.room.come(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.room.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self.held += len(data)
        super().data_received(data)

    def pause_writing(self) -> None:
        """The other end does not read: from here on it is waited for."""
        super().pause_writing()
        self.waited_since = time.monotonic()

    def on_response_complete(self) -> None:
        """From an answer on the next message is waited for."""
        self.waited_since, self.held = time.monotonic(), 0
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no message is answered with the status that says why, and with nothing else."""
        fault = sys.exc_info()[1]
        status = fault.error_status_hint if isinstance(fault, h11.RemoteProtocolError) else 400
        headers = [(b"connection", b"close"), (b"content-length", b"0")]
        try:
            answer = h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES.get(status, b""))
            self.transport.write(
                (self.conn.send(answer) or b"") + (self.conn.send(h11.EndOfMessage()) or b"")
            )
        except h11.LocalProtocolError:  # an answer to it was on its way already
            pass
        self.transport.close()

    @property
    def is_waited_for(self) -> bool:
        """Whether nothing of it is being answered, or its answer is not read, so that it can be let go."""
        answered = self.cycle is None or self.cycle.response_complete
        return answered or self.cycle.more_body or self.flow.write_paused


class _Room:
    """Who is connected to one address, and who is let go."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.connections: set[_Connection] = set()

    def come(self, one: _Connection) -> None:
        """One more; where there are too many, somebody else goes."""
        self.connections.add(one)
        if len(self.connections) > self.most:
            self.make(time.monotonic())

    def make(self, now: float) -> None:
        """Lets go of whoever is late, and of those waited for the longest while there are too many."""
        held = sum(one.held for one in self.connections if one.is_waited_for)
        waited_for = sorted(
            (one for one in self.connections if one.is_waited_for), key=lambda one: one.waited_since
        )
        for one in waited_for:
            late = now - one.waited_since > PATIENCE
            if not late and len(self.connections) <= self.most and held <= BYTES:
                break
            held -= one.held
            self.connections.discard(one)
            one.transport.abort()

    async def watch(self) -> None:
        """Looks at who is late for as long as it is not cancelled."""
        while True:
            await asyncio.sleep(min(_EVERY, PATIENCE / 4))
            self.make(time.monotonic())

    def empty(self) -> None:
        """Lets go of everybody who is not being answered."""
        for one in [one for one in self.connections if one.is_waited_for]:
            one.transport.abort()


class Connections:
    """The connections to one address; `serve` runs in one thread alone."""

    def __init__(
        self,
        application: Asgi,
        listener: socket.socket,
        *,
        addresses: int = 1,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        """`addresses` share what the process may open; a `certificate` is its file and its key's."""
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.room = _Room(min(ROOM, files // 2 // addresses))
        self._listener = listener
        self.port = int(listener.getsockname()[1])
        protocol: Any = lambda **named: _Connection(self.room, **named)  # noqa: E731  a class to uvicorn
        config = uvicorn.Config(
            application,
            http=protocol,
            interface="asgi3",
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,  # a path may name a record
            server_header=False,
            date_header=False,
            proxy_headers=False,  # whom to believe is the pages' own setting
            timeout_keep_alive=3600,  # whoever is waited for too long is let go here
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=HEADERS,
            backlog=_AT_ONCE,
            ssl_certfile=certificate[0] if certificate else None,
            ssl_keyfile=certificate[1] if certificate else None,
        )
        config.load()  # a certificate that cannot be read is a fault before anybody is served
        self._server = uvicorn.Server(config)

    def serve(self) -> None:
        """Serves until it is told to stop."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        watching = asyncio.create_task(self.room.watch())
        over = asyncio.create_task(self._empty_when_over())
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            watching.cancel()
            over.cancel()

    async def _empty_when_over(self) -> None:
        """Who only waits keeps no server from ending."""
        while not self._server.should_exit:
            await asyncio.sleep(0.05)
        while True:
            self.room.empty()
            await asyncio.sleep(0.05)

    def stop(self) -> None:
        """Takes no more, lets what is being answered end, and closes; from any thread."""
        self._server.should_exit = True
