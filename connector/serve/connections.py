"""The connections of `gallra serve`: a slow or silent one never keeps a delivery waiting.

The only file that imports waitress. Its own limit is no help: at `connection_limit` it stops accepting, so
that whoever holds that many keeps everybody else out for `channel_timeout`, which every byte begins anew.
Here everybody is let in, and room is made: whoever has been waited for the longest is let go first.
"""

import logging
import resource
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

from connector.text.plain_text import said

PATIENCE = 10.0
"""Seconds within which a message must have come whole; Shopify gives up after five."""

ROOM = 400
"""Connections held at a time: many times what honest senders need, well below what a process may open."""

BYTES = 64 * 1024 * 1024
"""Of messages that have not come whole, all together."""

HEADERS = 32 * 1024
"""Bytes of a message's headers; those of a platform and a proxy come to less than four thousand."""

_AT_ONCE = 64  # connections accepted in one round
_NO_LIMIT = 1_000_000  # waitress never stops accepting: room is made here
_EVERY = 0.5  # seconds between two looks at who is late, where nothing happens


class _Said(logging.Filter):
    """What waitress logs quotes paths and errors of what was sent: said in one line, without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Changes the record, and lets it pass."""
        record.msg, record.args = said(record.getMessage(), longest=200), ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True


logging.getLogger("waitress").addFilter(_Said())
# A message that waits for a thread for a moment is no news to an operator.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class _Channel(HTTPChannel):  # type: ignore[misc]
    """One connection, and since when something is waited for from its other end."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self.waited_since = time.monotonic()
        super().__init__(*given, **named)

    def service(self) -> None:
        """Answers one message; from then on the next is waited for."""
        super().service()
        self.waited_since = time.monotonic()

    @property
    def is_waited_for(self) -> bool:
        """Whether nothing of it is being answered, so that it can be let go."""
        return not self.requests

    @property
    def held(self) -> int:
        """Bytes of a message that has not come whole."""
        begun = self.request
        return 0 if begun is None else int(begun.header_bytes_received + begun.body_bytes_received)


class _Server(TcpWSGIServer):  # type: ignore[misc]
    """Accepts many in one round, so that a crowd at the door is through it at once."""

    channel_class = _Channel

    def handle_accept(self) -> None:
        """Accepts whoever stands at the door, up to a number."""
        for _ in range(_AT_ONCE):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                return


class Connections:
    """The connections to one address; `round` is called by one thread alone."""

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        listener: socket.socket,
        *,
        longest: int,
        addresses: int = 1,
    ) -> None:
        """`longest` is the bytes of a body that is taken; `addresses` share what the process may open."""
        self._sockets: dict[int, Any] = {}
        self._room = min(ROOM, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 // addresses)
        adjusted = Adjustments(
            sockets=[listener],
            ident="",
            max_request_body_size=longest,
            max_request_header_size=HEADERS,
            # Above the limit: no body is ever spilled to a file in the clear.
            inbuf_overflow=2 * longest,
            connection_limit=_NO_LIMIT,
            log_socket_errors=False,
        )
        address = (listener.family, listener.type, listener.proto, listener.getsockname())
        self._server = _Server(
            application, self._sockets, True, listener, adj=adjusted, bind_socket=False, sockinfo=address
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.effective_port)

    def round(self) -> None:
        """Waits for news for a moment, hears it, and makes room."""
        wasyncore.loop(timeout=_EVERY, use_poll=True, map=self._sockets, count=1)
        for channel in self._to_let_go(time.monotonic()):
            channel.handle_close()

    def _to_let_go(self, now: float) -> list[_Channel]:
        """Those that have been waited for too long; and the longest of the rest while there are too many."""
        channels: list[_Channel] = list(self._server.active_channels.values())
        held = sum(channel.held for channel in channels)
        waited_for = sorted(
            (channel for channel in channels if channel.is_waited_for), key=lambda one: one.waited_since
        )
        gone: list[_Channel] = []
        for channel in waited_for:
            late = now - channel.waited_since > PATIENCE
            if not late and len(channels) - len(gone) <= self._room and held <= BYTES:
                break
            gone.append(channel)
            held -= channel.held
        return gone

    def close(self) -> None:
        """Lets what is being answered end, and closes everything."""
        self._server.task_dispatcher.shutdown(cancel_pending=False, timeout=5)
        wasyncore.close_all(self._sockets)
