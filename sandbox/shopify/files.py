"""Answers whose body is a file, sent in pieces."""

import re
import socket
from dataclasses import dataclass
from pathlib import Path

from sandbox.wire import Answer

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
        """Writes the head and the body."""
        connection.sendall(self.encode())
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
