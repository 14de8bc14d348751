"""What a service answered, before anybody believes it."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import requests

from adapters.http.meaning import HTML, NOT_API, PRINTED, PRINTED_ROW, Row
from adapters.stray import NOT_JSON, printed_before
from connector.errors import Exit, RemoteError


class Answer:
    """What a service answered; `json()` decodes the body, which is never printed."""

    __slots__ = ("_error", "content", "elapsed", "headers", "status")

    def __init__(self, response: requests.Response, error: Callable[[Row, int, str], RemoteError]) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.content = response.content
        self.elapsed = response.elapsed.total_seconds()
        self._error = error

    def json(self) -> Any:
        """The decoded body, None where it is empty; raises Rejected where it is not JSON."""
        if not self.content.strip():
            return None
        try:
            return msgspec.json.decode(self.content)
        except NOT_JSON:
            pass
        printed = printed_before(self.content)
        row, code = (PRINTED_ROW, PRINTED) if printed else (NOT_API, HTML)
        error = self._error(row, self.status, code)
        error.exit = Exit.ERROR  # whoever can go on without this answer catches it; else nothing was done
        raise error

    def __repr__(self) -> str:
        return f"<Answer {self.status}>"


def json_error_code(response: requests.Response) -> str:
    """The `code` (or `error_code`, `error`) of a JSON error body; empty where there is none."""
    body = json_object(response)
    found = body.get("code") or body.get("error_code") or body.get("error")
    return found if isinstance(found, str) else ""


def json_object(response: requests.Response) -> dict[str, Any]:
    """The JSON object of a body; empty where it is none."""
    try:
        body = msgspec.json.decode(response.content)
    except NOT_JSON:
        return {}
    return body if isinstance(body, dict) else {}


def is_page(response: requests.Response) -> bool:
    """Whether a web page was answered."""
    kind = response.headers.get("Content-Type", "").lower()
    return "html" in kind or response.content[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))
