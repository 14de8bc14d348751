"""The server in front of the stand-in Shopify: takes large uploads and streams large results."""

import contextlib
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sandbox import server
from sandbox.faults import Fault
from sandbox.server import Profile, Server, Service
from sandbox.shopify.faults import ShopifyFaults
from sandbox.shopify.refusals import internal_error
from sandbox.wire import Answer, Request

_LIMIT = 120 * 1024 * 1024
_RANGE = re.compile(r"bytes=(\d+)-\Z")


@dataclass(slots=True)
class FileAnswer(Answer):
    """An answer whose body is a file, or the rest of one from `start`; `stop` cuts it short."""

    path: Path = Path()
    start: int = 0
    stop: int = -1

    def encode(self) -> bytes:
        """The head alone; the body follows in pieces."""
        size = self.path.stat().st_size
        lines = [f"HTTP/1.1 {'206 Partial Content' if self.start else '200 OK'}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.start:
            lines.append(f"Content-Range: bytes {self.start}-{size - 1}/{size}")
        lines += [f"Content-Type: {self.content_type}", f"Content-Length: {size - self.start}"]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"

    def send(self, connection: socket.socket) -> None:
        """Writes the body."""
        left = (self.stop if self.stop >= 0 else self.path.stat().st_size) - self.start
        with self.path.open("rb") as file:
            file.seek(self.start)
            while left > 0 and (piece := file.read(min(left, 1 << 18))):
                connection.sendall(piece)
                left -= len(piece)


def range_start(header: str) -> int:
    """Where a client wants to go on with a file."""
    match = _RANGE.match(header)
    return int(match[1]) if match else 0


class ShopifyServer(Server):
    """A service on a port, with bodies as large as a bulk upload."""

    def __init__(self, service: Service, profile: Profile) -> None:
        super().__init__(service, profile)
        self.faults = ShopifyFaults()
        self.body_limit = _LIMIT

    def _served(self, request: Request, fault: Fault | None) -> Answer:
        """The service's answer; what it did not foresee is Shopify's internal error, kept in `crashes`."""
        try:
            return self.service.answer(request, fault)
        except Exception as error:
            self.crashes.append(f"{request.method} {request.path}: {type(error).__name__}")
            return Answer(200, {"errors": [internal_error()], "data": None})

    def stop(self) -> None:
        """Closes the port and every connection, and lets the service drop its files."""
        super().stop()
        close = getattr(self.service, "close", None)
        if close:
            close()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            while (request := read_request(stream)) is not None:
                answer = self._handle(request)
                if answer is None or answer.cut:
                    break
                connection.sendall(answer.encode())
                if isinstance(answer, FileAnswer):
                    answer.send(connection)
                if answer.close:
                    break
        with self._lock:
            self._open.discard(connection)


def read_request(stream: BinaryIO) -> Request | None:
    """The next request of a connection, its body read whole however large."""
    start = stream.readline(65536)
    if not start.strip():
        return None
    method, target, _ = start.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := stream.readline(65536)) not in (b"\r\n", b"\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return Request.read(method, target, headers, server.read_body(stream, headers))
    size = min(int(headers.get("content-length", "0") or 0), _LIMIT + 1)
    return Request.read(method, target, headers, stream.read(size))
