"""A small HTTP/1.1 server on loopback that hands whole requests to a service.

The standard library's request handler parses headers through the e-mail package, which costs more
than most answers here; client and server share the processor, so the reading is done by hand.
"""

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import BinaryIO, Protocol

from sandbox.faults import Fault, Faults, fatal_body, faulty_answer, html_answer
from sandbox.spoiled import KINDS as SPOILED
from sandbox.spoiled import spoil
from sandbox.wire import Answer, Request

_LIMIT = 8 * 1024 * 1024  # as nginx's client_max_body_size of the recorded server
_CLOCK_OFF = 3600  # seconds that the "clock" fault puts a service ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How long a service takes, in seconds; the waits hold one of `slots`."""

    request: float = 0.0
    write: float = 0.0
    row: float = 0.0
    slots: int = 64

    @classmethod
    def named(cls, mode: "str | Profile") -> "Profile":
        """The profile of a mode: "fast", or "measured" on WooCommerce 10.5 with two cores."""
        if isinstance(mode, Profile):
            return mode
        return {"fast": cls(), "measured": cls(request=0.046, write=0.023, row=0.0017, slots=2)}[mode]


class Service(Protocol):
    """What answers requests."""

    def answer(self, request: Request, fault: Fault | None) -> Answer:
        """The answer to one request."""


class Server:
    """One service on a port of 127.0.0.1, a thread per connection, connections kept open."""

    def __init__(self, service: Service, profile: Profile, connection_limit: int | None = None) -> None:
        self.service = service
        self.profile = profile
        self.faults = Faults()
        self.requests: Counter[tuple[str, str]] = Counter()
        self.in_flight = 0
        self.clock: Callable[[], float] = time.time  # the service's own, which its Date header tells
        self.body_limit = _LIMIT
        self.on_stop: Callable[[], None] = lambda: None
        self.crashed: Callable[[], Answer] = lambda: Answer(500, fatal_body())  # the service's own 500
        self.crashes: list[str] = []
        self._cache: dict[tuple[str, str], Answer] = {}  # what the "cached" fault answers again
        self._limit = connection_limit
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(profile.slots)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._open: set[socket.socket] = set()
        self._closing = False

    @property
    def port(self) -> int:
        """The port the service listens on."""
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        """Begins to accept connections."""
        threading.Thread(target=self._accept, daemon=True, name=f"sandbox-{self.port}").start()

    def stop(self) -> None:
        """Closes the port and every open connection."""
        self._closing = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.on_stop()

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            while (request := read_request(stream, self.body_limit)) is not None:
                answer = self._handle(request)
                if answer is None or answer.cut:
                    break
                answer.send(connection)
                if answer.close:
                    break
        with self._lock:
            self._open.discard(connection)

    def _handle(self, request: Request) -> Answer | None:
        if len(request.body) > self.body_limit:
            too_large = html_answer(413, "413 Request Entity Too Large")
            too_large.close = True
            return too_large
        fault = self.faults.next(request)
        if fault and fault.kind == "cut":
            return None
        with self._lock:
            self.in_flight += 1
            crowded = self._limit is not None and self.in_flight > self._limit
        try:
            if fault and fault.kind == "latency" and not crowded:
                time.sleep(fault.seconds)
            return self._answer(request, fault, crowded)
        finally:
            with self._lock:
                self.in_flight -= 1

    def _answer(self, request: Request, fault: Fault | None, crowded: bool) -> Answer:
        kind = "429" if crowded else fault.kind if fault else ""
        answer = faulty_answer(kind)
        if answer is None:
            with self._slots:
                answer = self._served(request, fault)
                self._wait(answer)
            if fault is not None:
                answer = self._spoiled(request, fault, answer)
        answer.headers.setdefault(
            "Date", formatdate(self.clock() + _CLOCK_OFF * (kind == "clock"), usegmt=True)
        )
        with self._lock:
            self.requests[request.method, answer.route or request.path] += 1
        answer.cut = kind == "cut_after"
        return answer

    def _spoiled(self, request: Request, fault: Fault, answer: Answer) -> Answer:
        """The answer as a cache or a plugin on its way leaves it."""
        if fault.kind == "cached":
            with self._lock:
                return self._cache.setdefault((request.method, request.path), answer)
        return spoil(fault.kind, answer, fault.row) if fault.kind in SPOILED else answer

    def _served(self, request: Request, fault: Fault | None) -> Answer:
        """The service's answer; what it did not foresee is its 500, and remembered in `crashes`."""
        try:
            return self.service.answer(request, fault)
        except Exception as error:
            self.crashes.append(f"{request.method} {request.path}: {type(error).__name__}")
            return self.crashed()

    def _wait(self, answer: Answer) -> None:
        profile = self.profile
        seconds = profile.request + profile.row * answer.rows + profile.write * answer.writes
        if seconds:
            time.sleep(seconds)


def read_request(stream: BinaryIO, limit: int) -> Request | None:
    """The next request of a connection, or None when the client has closed it."""
    start = stream.readline(65536)
    if not start.strip():
        return None
    method, target, _ = start.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := stream.readline(65536)) not in (b"\r\n", b"\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request.read(method, target, headers, read_body(stream, headers, limit))


def read_body(stream: BinaryIO, headers: dict[str, str], limit: int) -> bytes:
    """The body of a request, sized or chunked; no more than one byte over the limit is read."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _read_chunks(stream)
    return stream.read(min(int(headers.get("content-length", "0") or 0), limit + 1))


def _read_chunks(stream: BinaryIO) -> bytes:
    content = b""
    while size := int(stream.readline(64).split(b";")[0].strip() or b"0", 16):
        content += stream.read(size)
        stream.readline(8)
    stream.readline(8)
    return content
