"""Requests and answers as the stand-in services see them."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

Json = dict[str, Any]

JSON_TYPE = "application/json; charset=UTF-8"
REASONS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    410: "Gone", 413: "Request Entity Too Large", 429: "Too Many Requests", 500: "Internal Server Error",
    501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
}  # fmt: skip

encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Request:
    """One request, read whole; header names are lower case."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    query: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, method: str, target: str, headers: Mapping[str, str], body: bytes) -> "Request":
        """Splits the target into a decoded path and its parameters; the last of equal names wins."""
        path, _, query_string = target.partition("?")
        query = dict(parse_qsl(query_string, keep_blank_values=True))
        return cls(method, unquote(path), query_string, headers, body, query)

    def without_query(self) -> "Request":
        """The request as a server passes it on that drops query strings."""
        return replace(self, query_string="", query={})

    def json(self) -> Any:
        """The body as JSON. Raises msgspec.DecodeError when it is none."""
        return msgspec.json.decode(self.body)


@dataclass(slots=True)
class Answer:
    """One answer; `route` is the template it was served by, `rows` and `writes` are what it cost."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE
    route: str = ""
    rows: float = 0.0
    writes: int = 0
    cut: bool = False
    close: bool = False

    def encode(self) -> bytes:
        """The bytes on the wire, HTTP/1.1 with a content length."""
        content = self.content()
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.status != 204:
            lines.append(f"Content-Type: {self.content_type}")
        lines.append(f"Content-Length: {len(content)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content

    def send(self, connection: socket.socket) -> None:
        """Writes the answer to a client."""
        connection.sendall(self.encode())

    def content(self) -> bytes:
        """The body as bytes: text and bytes as they are, everything else as JSON."""
        if self.body is None and self.status in (202, 204):
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else encode(self.body)


class ServiceError(Exception):
    """A request that a service turns down; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer
