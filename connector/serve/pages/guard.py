"""What stands before every page: whose address was asked, where a form comes from, how much and how often."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from urllib.parse import quote

from connector.serve.connections import Asgi, Receive, Scope, Send
from connector.serve.pages.home import Home

LIMIT = 256 * 1024
"""Bytes of a form: ten thousand numbers of records, and a passkey's answer, are well below."""

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Content-Security-Policy: our own style and script and nothing else, nothing inline."""

_HEADERS = (
    (b"referrer-policy", b"same-origin"),  # `no-referrer` would make the Origin of a form `null`
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"publickey-credentials-get=(self), publickey-credentials-create=(self)"),
)
_SECURE = (b"strict-transport-security", b"max-age=31536000")

READS_A_MINUTE, FORMS_A_MINUTE, SIGN_INS_A_MINUTE = 600, 120, 20
"""Of one address; behind a proxy everybody has the proxy's."""

_REMEMBERED = 5_000  # addresses


class Limiter:
    """Buckets that fill by the minute, one for each address and kind of request; the longest unused go."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, int], tuple[float, float]] = OrderedDict()

    def may(self, address: str, a_minute: int) -> bool:
        """Whether this address may ask once more now."""
        key, now = (address, a_minute), time.monotonic()
        left, at = self._buckets.pop(key, (float(a_minute), now))
        left = min(a_minute, left + (now - at) * a_minute / 60)
        self._buckets[key] = (left - 1 if left >= 1 else left, now)
        while len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return left >= 1


class Guard:
    """An ASGI application around the pages; runs in the server's one thread alone."""

    def __init__(self, pages: Asgi, home: Home, *, policy: str = POLICY) -> None:
        self._pages = pages
        self._home = home
        self._policy = (b"content-security-policy", policy.encode())
        self._limiter = Limiter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses, redirects, or hands on with the body read whole."""
        if scope["type"] != "http":
            return
        headers = _headers(scope)
        status = self._refused(scope, headers)
        if status:
            await self._answer(send, status, self._elsewhere(scope, headers) if status == 307 else "")
            return
        body = await _whole(receive)
        if body is None:
            await self._answer(send, 413)
            return
        await self._pages(scope, _once(body, receive), self._with_headers(send))

    def _refused(self, scope: Scope, headers: dict[str, list[str]]) -> int:
        """The status of a request that goes no further; 0 where it does."""
        method, host = scope["method"], headers.get("host", [])
        address = (scope.get("client") or ("",))[0]
        if method not in ("GET", "HEAD", "POST"):
            return 405
        if not self._limiter.may(address, READS_A_MINUTE if method != "POST" else _forms(scope["path"])):
            return 429
        if host != [self._home.authority]:
            return 307 if method != "POST" and self._elsewhere(scope, headers) else 421
        if method == "POST" and not self._is_own(headers):
            return 403
        if int_of(headers.get("content-length", ["0"])) > LIMIT:
            return 413
        return 0

    def _is_own(self, headers: dict[str, list[str]]) -> bool:
        """Whether a form was on a page of ours: a browser says so itself (Fetch: Origin, Sec-Fetch-Site)."""
        if headers.get("origin", []) != [self._home.origin]:
            return False
        return headers.get("sec-fetch-site", ["same-origin"]) == ["same-origin"]

    def _elsewhere(self, scope: Scope, headers: dict[str, list[str]]) -> str:
        """The same page by the name that passkeys are of; empty where no name of this machine was asked."""
        port = self._home.listen.rpartition(":")[2]
        own = [[f"{name}:{port}"] for name in ("127.0.0.1", "[::1]", "localhost")]
        if headers.get("host", []) not in own or not self._home.origin.startswith("http://"):
            return ""
        return self._home.origin + quote(scope["path"])

    async def _answer(self, send: Send, status: int, location: str = "") -> None:
        more = [(b"location", location.encode())] if location else []
        more += [(b"retry-after", b"60")] if status == 429 else []
        headers = [*self._own_headers(), *more, (b"content-length", b"0"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _own_headers(self) -> list[tuple[bytes, bytes]]:
        return [self._policy, *_HEADERS, *([_SECURE] if self._home.secure else [])]

    def _with_headers(self, send: Send) -> Send:
        async def told(message: Scope) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *self._own_headers()]}
            await send(message)

        return told


def _forms(path: str) -> int:
    return SIGN_INS_A_MINUTE if path in ("/sign-in", "/enrol") else FORMS_A_MINUTE


def _headers(scope: Scope) -> dict[str, list[str]]:
    """Every header of a request by its name; one that comes twice has two values."""
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def int_of(values: Sequence[str]) -> int:
    """A number of a header; too much where it is none."""
    try:
        return int(values[0]) if len(values) == 1 else LIMIT + 1
    except ValueError:
        return LIMIT + 1


async def _whole(receive: Receive) -> bytes | None:
    """The body; None where it is longer than may be, or its sender has gone."""
    found = bytearray()
    while True:
        part = await receive()
        if part["type"] != "http.request":
            return None
        found += part.get("body", b"")
        if len(found) > LIMIT:
            return None
        if not part.get("more_body"):
            return bytes(found)


def _once(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read, then what the server says."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def given() -> Scope:
        return left.pop() if left else await receive()

    return given
