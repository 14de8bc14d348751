"""A recorded service on this machine: it answers as it once did, and with the faults that are ordered of it.

A recording is a file of JSON lines. The first holds the made-up `keys` and the `deliveries` that it is asked
for; each other line one answer: `ask` (method, path and query), `status` and `body`, and `after`, where it
is the answer once that other call has been carried out.
"""

import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from connector.errors import SettingsError
from connector.testing.between import Answer

_LOST = 4
"""Writes whose answers are lost: fewer than a call is tried."""


class Recording:
    """The lines of a recording, read."""

    def __init__(self, text: str) -> None:
        try:
            lines = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            lines = [None]
        if not all(isinstance(line, dict) for line in lines) or any("ask" not in row for row in lines[1:]):
            raise SettingsError(["The recording is not JSON, line by line. See the page on descriptions."])
        self.head: Mapping[str, Any] = lines[0] if lines else {}
        self.answers: Sequence[Mapping[str, Any]] = lines[1:]

    @classmethod
    def of(cls, path: Path) -> "Recording":
        """The recording of a file."""
        return cls(path.read_text("utf-8"))


class Recorded:
    """A recorded service, running; a context manager."""

    between: ClassVar[Answer | None] = None
    cached: ClassVar[bool] = False
    forgets: ClassVar[bool] = False
    mixes: ClassVar[bool] = False

    def __init__(
        self, recording: Recording, *, lists: Sequence[str] = (), tokens: Sequence[str] = ()
    ) -> None:
        self.recording, self._lists, self.tokens = recording, tuple(lists), tuple(tokens)
        self.asked: list[tuple[str, str]] = []
        self.misuse: list[str] = []
        self.fault, self.refuses = "", False
        self._failing: Counter[str] = Counter()
        self._lost = 0
        self._done: set[str] = set()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Recorded":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, value: str, times: int) -> None:
        """The next so many requests that name this value fail."""
        self._failing[value] = times

    def lose_answers(self) -> None:
        """The next few writes are carried out, and nothing is answered."""
        self._lost = _LOST

    def well(self) -> None:
        """No fault is left."""
        self.fault, self._lost = "", 0
        self._failing.clear()

    def answer(self, method: str, target: str, body: str) -> Answer | None:
        """What is answered; None where the connection is cut."""
        with self._lock:
            path = urlsplit(target).path
            self.asked.append((method, path))
            if type(self).between is not None:
                return type(self).between
            return self._faulty(f"{target} {body}") or self._own(method, target, path)

    def _faulty(self, said: str) -> Answer | None:
        if self.fault == "silent":
            raise ConnectionAbortedError
        if self.fault == "busy":
            return _answer(429, {}, **{"Retry-After": "1"})
        if self.fault == "down":
            return Answer(503, b"<html>503</html>", "text/html")
        if self.refuses:
            return _answer(401, {})
        for value, left in self._failing.items():
            if left and (value in said or value.replace("@", "%40") in said):
                self._failing[value] -= 1
                return _answer(500, {})
        return None

    def _own(self, method: str, target: str, path: str) -> Answer | None:
        ask = f"{method} {target}"
        found = [row for row in self.recording.answers if _same(str(row["ask"]), ask)]
        now = [row for row in found if "after" not in row or row["after"] in self._done]
        if not now:
            if method != "GET":
                self.misuse.append(ask)
            return _answer(404, None)
        if type(self).mixes and not (method == "GET" and path.endswith(self._lists)):
            return _answer(200, self._renamed(now[-1].get("body") or {}))
        if method not in ("GET", "HEAD"):
            self._done.add(str(now[-1]["ask"]))
            if self._lost and path not in self.tokens:
                self._lost -= 1
                raise ConnectionAbortedError
        elif type(self).forgets and not path.endswith(self._lists):
            return _answer(404, {"code": "NOT_FOUND", "error": {"status": "NOT_FOUND"}})
        return _answer(int(now[-1].get("status", 200)), now[-1].get("body"))

    def _renamed(self, body: object) -> object:
        """An object that says everywhere that it is another's."""
        if isinstance(body, dict):
            return {key: self._renamed(value) for key, value in body.items()}
        if isinstance(body, list):
            return [self._renamed(value) for value in body]
        known = {str(row["value"]).casefold() for row in self.recording.head.get("deliveries", ())}
        return f"other-{body}" if str(body).casefold() in known else body


def _same(recorded: str, asked: str) -> bool:
    """Whether this is the same call, in whatever order and spelling its query stands."""
    one, other = (urlsplit(text.partition(" ")[2]) for text in (recorded, asked))
    return (
        recorded.partition(" ")[0] == asked.partition(" ")[0]
        and one.path == other.path
        and sorted(parse_qsl(one.query)) == sorted(parse_qsl(other.query))
    )


def _answer(status: int, body: object, **headers: str) -> Answer:
    said = b"" if body is None else json.dumps(body).encode()
    return Answer(status, said, "application/json", headers)


def _handler_of(service: Recorded) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode("utf-8", "replace")
            try:
                answer = service.answer(self.command, self.path, body)
            except ConnectionAbortedError:
                answer = None
            if answer is None:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if type(service).cached:
                self.send_header("Age", "86400")
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    return Handler


__all__ = ["Recorded", "Recording"]
