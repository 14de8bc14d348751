"""What something between this machine and a service answers in its place: nothing of it proves anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """One whole answer over HTTP; `kind` is its content type."""

    status: int
    body: bytes
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.body!r} {dict(self.headers)}"


_JSON, _HTML, _PLAIN = "application/json", "text/html", "text/plain"

IN_BETWEEN = tuple(
    Answer(status, body, kind)
    for status, body, kind in (
        (200, b"<!doctype html><html>Logga in</html>", _HTML), (200, b"", _JSON), (200, b"{}", _JSON),
        (200, b"[]", _JSON), (202, b"", _PLAIN), (204, b"", _JSON), (404, b"<html>404</html>", _HTML),
        (404, b"", _PLAIN), (404, b'{"code":"rest_no_route"}', _JSON), (410, b"{}", _JSON),
        (200, b"null", _JSON), (200, b"true", _JSON), (200, b'"CANCELLED"', _JSON),
        (200, b'{"id":"1001","status":"CANC', _JSON),
        (200, b'{"total_items":0,"orders":[],"customers":[],"stores":[],"members":[]', _JSON),
        (202, b"{}", _JSON), (206, b"{}", _JSON), (200, b"<html>Logga in</html>", _JSON), (401, b"", _PLAIN),
    )
)  # fmt: skip
"""A login page, an empty success, a proxy's own 404, a body cut in the middle: nothing of the service's."""

_ELSEWHERE = ("https://login.portal.example/", "/login", "http://[::1", "")
"""Where a redirect leads: a captive portal, a login page of the same host, nowhere."""

REDIRECTS = tuple(
    Answer(status, b"", _HTML, {"Location": target})
    for status in (301, 302, 307)
    for target in _ELSEWHERE
)  # fmt: skip

_PATIENCE = ("soon", "-5", "1e99", "9" * 40, "5, never", "Sat, 99 Foo 2026 00:00:00", "\u00bd")
"""What no service says of its patience, said all the same."""

IMPATIENT = tuple(Answer(429, b"{}", _JSON, {"Retry-After": said}) for said in _PATIENCE)
