"""Faults on demand: what a service does instead of answering, or on top of it."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, TypedDict, Unpack

from sandbox.wire import Answer, Request

KINDS = frozenset(
    {
        "latency", "429", "500", "502_html", "503_html", "403_html", "cut", "cut_after",
        "half_batch", "html", "fatal_500", "clock",
        # Answers that look like answers: another query's, one to no query, and those of sandbox/spoiled.py.
        "cached", "query_dropped",
        "leaves_out", "answers_nothing", "empty_body", "short_page", "no_total", "low_total", "high_total",
        "bare_404", "malformed", "fields_missing",
    }
)  # fmt: skip

_NGINX = {
    "403_html": (403, "403 Forbidden"),
    "502_html": (502, "502 Bad Gateway"),
    "503_html": (503, "503 Service Temporarily Unavailable"),
}
_FATAL = (
    "<p>There has been a critical error on this website.</p><p>"
    '<a href="https://wordpress.org/documentation/article/faq-troubleshooting/">'
    "Learn more about troubleshooting WordPress.</a></p>"
)


@dataclass(slots=True)
class Fault:
    """One ordered fault: `after` matching requests pass first, then it strikes `times` requests."""

    kind: str
    match: str
    times: int
    after: int = 0
    seconds: float = 0.5
    row: str = ""
    asked: str = ""

    def strikes(self, request: Request) -> bool:
        """Whether this request is struck; counts down as it is asked."""
        method, _, path = self.match.rpartition(" ")
        if self.times == 0 or (method and method != request.method):
            return False
        here = request.path.endswith(path[:-1]) if path.endswith("$") else path in request.path
        if not here or (self.asked and self.asked not in request.query):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True


class Strike(TypedDict, total=False):
    """What may be said of a fault beside its kind, where it strikes and how often."""

    after: int
    seconds: float
    row: str
    asked: str


class Faults:
    """The faults ordered of one service; the first that matches a request strikes."""

    kinds: ClassVar[frozenset[str]] = KINDS
    own: ClassVar[Mapping[str, str]] = {}  # what a service calls a kind that it answers in its own way

    def __init__(self) -> None:
        self._ordered: list[Fault] = []
        self._lock = threading.Lock()
        self.struck: list[tuple[str, str]] = []

    def add(self, kind: str, match: str = "", times: int = 1, **more: Unpack[Strike]) -> None:
        """Orders a fault; `match` is part of a path, or "METHOD part"; `times` below 0 means for ever.

        A `match` that ends with "$" is the end of a path. `after` requests pass first, `seconds` is the
        length of a "latency", `row` the id of the record that an answer leaves out or shows malformed,
        `asked` a parameter without which no request is struck. Raises ValueError for a kind that is none.
        """
        if kind not in self.kinds:
            raise ValueError(f"no fault is called {kind!r}; choose one of {', '.join(sorted(self.kinds))}")
        with self._lock:
            self._ordered.append(Fault(self.own.get(kind, kind), match, times, **more))

    def clear(self) -> None:
        """Takes back every fault that has not struck yet."""
        with self._lock:
            self._ordered.clear()

    def next(self, request: Request) -> Fault | None:
        """The fault that strikes this request, if any."""
        if not self._ordered:
            return None
        with self._lock:
            struck = next((fault for fault in self._ordered if fault.strikes(request)), None)
            if struck:
                self.struck.append((struck.kind, request.path))
            return struck


def faulty_answer(kind: str) -> Answer | None:
    """The answer that a fault gives in place of the service's own, if it gives one."""
    if kind in _NGINX:
        status, title = _NGINX[kind]
        return html_answer(status, title)
    if kind == "html":
        return Answer(200, "<!DOCTYPE html><html><body>Maintenance</body></html>", content_type="text/html")
    if kind == "429":
        return Answer(429, {"code": "too_many_requests", "title": "Too Many Requests", "status": 429})
    if kind in ("500", "fatal_500"):
        return Answer(500, fatal_body())
    return None


def html_answer(status: int, title: str) -> Answer:
    """A page of the web server in front, as nginx writes it."""
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
    )
    return Answer(status, page, content_type="text/html")


def fatal_body() -> dict[str, object]:
    """What WordPress answers after a PHP fatal: JSON with HTML in its message."""
    return {
        "code": "internal_server_error",
        "message": _FATAL,
        "data": {"status": 500},
        "additional_errors": [],
    }
