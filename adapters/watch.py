"""An end for every exchange: the connection of one that takes too long is shut from outside.

A time-out of a socket counts from byte to byte: a service that sends one byte a second is never over it.
So each exchange has a moment by which all of it must have come, and one thread keeps those moments.
"""

import contextlib
import socket
import threading
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_mine = threading.local()


class Deadline:
    """The moment (of the steady clock) by which an exchange must be over; `cut` is whether it was not."""

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds
        self.cut = False
        self._lock = threading.Lock()
        self._lifeline: socket.socket | None = None
        self._left: list[socket.socket] = []
        self._over = False
        self._outer: Deadline | None = None

    def __enter__(self) -> "Deadline":
        self._outer = getattr(_mine, "deadline", None)
        _mine.deadline = self
        _watchman.watch(self)
        return self

    def __exit__(self, *_fault: object) -> None:
        if getattr(_mine, "deadline", None) is self:
            _mine.deadline = self._outer
        with self._lock:
            self._over, self._lifeline = True, None
            left, self._left = self._left, []
        _watchman.leave(self)
        for lifeline in left:
            lifeline.close()

    def renew(self, seconds: float) -> None:
        """Begins to count anew; `inf` while nothing is waited for."""
        self.at = time.monotonic() + seconds
        _watchman.watch(self)

    def adopt(self, lifeline: socket.socket) -> None:
        """Takes over the hold of a connection that was closed although its answer is still coming."""
        with self._lock:
            self._left.append(lifeline)

    def hold(self, lifeline: socket.socket) -> None:
        """Names the connection that the exchange goes over."""
        with self._lock:
            self._lifeline = lifeline
            late = self.cut
        if late:
            _shut(lifeline)

    def expire(self) -> None:
        """Shuts the connection, which wakes whoever reads from it; one that is over is left alone."""
        with self._lock:
            if self._over:
                return
            self.cut = True
            if self._lifeline is not None:
                _shut(self._lifeline)


class _Watchman:
    """One thread for all exchanges of the process; it sleeps until the next one is due."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._open: set[Deadline] = set()
        self._next = float("inf")
        self._thread: threading.Thread | None = None

    def watch(self, deadline: Deadline) -> None:
        with self._change:
            self._open.add(deadline)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._keep, name="gallra-deadlines", daemon=True)
                self._thread.start()
            elif deadline.at < self._next:
                self._change.notify()

    def leave(self, deadline: Deadline) -> None:
        with self._change:
            self._open.discard(deadline)

    def _keep(self) -> None:
        with self._change:
            while True:
                now = time.monotonic()
                due = [one for one in self._open if one.at <= now]
                self._open.difference_update(due)
                for one in due:
                    one.expire()
                self._next = min((one.at for one in self._open), default=float("inf"))
                self._change.wait(min(self._next - now, 3600.0))


_watchman = _Watchman()


def _shut(lifeline: socket.socket) -> None:
    with contextlib.suppress(OSError):
        lifeline.shutdown(socket.SHUT_RDWR)


def hold(lifeline: socket.socket) -> None:
    """Names the connection that this thread's exchange goes over."""
    deadline: Deadline | None = getattr(_mine, "deadline", None)
    if deadline is not None:
        deadline.hold(lifeline)


class Lifeline:
    """A connection that keeps a second hold of its socket, which TLS does not take away."""

    _lifeline: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._lifeline = made.dup()
        self._told()
        return made

    def request(self, *args: Any, **named: Any) -> Any:
        self._told()
        return super().request(*args, **named)  # type: ignore[misc]

    def close(self) -> None:
        super().close()  # type: ignore[misc]
        lifeline, self._lifeline = self._lifeline, None
        deadline: Deadline | None = getattr(_mine, "deadline", None)
        if lifeline is None:
            return
        if deadline is not None:  # an answer without a length ends with its connection, which is closed first
            deadline.adopt(lifeline)
        else:
            lifeline.close()

    def _told(self) -> None:
        if self._lifeline is not None:
            hold(self._lifeline)


class _Plain(Lifeline, HTTPConnection):
    pass


class _Secure(Lifeline, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


_POOLS = {"http": _PlainPool, "https": _SecurePool}


class Straight(requests.Session):
    """A session that does not look where an answer leads: that is judged, and followed, by whoever asked.

    requests reads the place of every redirect; one that is no address would keep its connection for ever.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None, whatever the answer says."""
        return None


class Watched(HTTPAdapter):
    """Sends over connections that a deadline can shut; `ssl_context` says whom https trusts."""

    def __init__(self, *, connections: int, ssl_context: Any = None) -> None:
        self._context = ssl_context
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=0, pool_block=True)

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        """The pools of this service."""
        super().init_poolmanager(*args, **(named | self._trust()))
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **named: Any) -> Any:
        """The pools behind a proxy."""
        manager = super().proxy_manager_for(*args, **(named | self._trust()))
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def _trust(self) -> dict[str, Any]:
        return {} if self._context is None else {"ssl_context": self._context}
