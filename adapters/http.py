"""HTTP for every adapter: one kept session per service, retries, limits, status to error.

No message, log or exception of this module holds a body, a query string, an address or a
secret: it names the adapter, the operation, the status and the service's own error code.
"""

import logging
import random
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec
import requests
import tenacity
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import NewConnectionError

from connector.errors import AccessDenied, Rejected, RemoteError, RetryLater
from connector.records import Value

_log = logging.getLogger("gallra.http")
_CODE = re.compile(r"[A-Za-z0-9_.:\-]{1,60}\Z")
_REQUEST_IDS = ("x-request-id", "x-correlation-id", "klarna-correlation-id", "x-trace-id")
_PATIENCE = 120.0  # seconds; a longer Retry-After is handed to the caller
_CACHED = ("hit", "stale", "updating", "revalidated")
_DATES = 3  # of the latest answers: one that a cache gave without saying so is outvoted
_OLDEST = datetime(2020, 1, 1, tzinfo=UTC)  # a server that has lost its clock counts from 1970
CACHED = "cached"  # the code of an answer that a cache gave where a fresh one was asked for
_FROM_CACHE = re.compile(r"(?<![a-z=])(?:hit|stale|updating)\b", re.IGNORECASE)
HTML = "html"  # the code of an answer that is a web page where JSON was expected
_RETRYING = (408, 425, 429, 500, 502, 503, 504)


class Row(Value, frozen=True, kw_only=True):
    """What a status means: which error, and the sentence that says what to do next."""

    error: type[RemoteError]
    advice: str


_DENIED = Row(error=AccessDenied, advice="Check the key, its permissions and that it is for this service.")
_BUSY = Row(error=RetryLater, advice="Run again in a few minutes; what is done stays done.")
_REFUSED = Row(error=Rejected, advice="It was left as it was; look at it in the service, then run again.")
_WALL = Row(
    error=AccessDenied,
    advice="A firewall or web server in front of the service said no; let this machine through.",
)
_NOT_API = Row(
    error=Rejected,
    advice="A web page came where the API should be; check the address (and prefix) in the settings.",
)
_MOVED = Row(error=Rejected, advice="The service has moved; put its new address (https) in the settings.")
_KEPT_COPY = Row(
    error=Rejected,
    advice="A cache answered in its place; exempt the API from it (proxy, plugin, hosting), then run again.",
)
_REDIRECTS = (301, 302, 303, 307, 308)
Statuses = Mapping[int | tuple[int, str], Row]
DEFAULT_STATUSES: Statuses = {
    401: _DENIED,
    403: _DENIED,
    (401, HTML): _WALL,
    (403, HTML): _WALL,
    (404, HTML): _NOT_API,
    (413, HTML): Row(
        error=Rejected, advice="The web server has a limit on size; raise it there, or send less."
    ),
    **dict.fromkeys(_RETRYING, _BUSY),
    **dict.fromkeys(_REDIRECTS, _MOVED),
}


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
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        raise self._error(_NOT_API, self.status, HTML)

    def __repr__(self) -> str:
        return f"<Answer {self.status}>"


class _Unsigned(AuthBase):
    """No credentials; keeps requests from reading a .netrc file."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def json_error_code(response: requests.Response) -> str:
    """The `code` (or `error_code`, `error`) of a JSON error body; empty where there is none."""
    try:
        body = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    if not isinstance(body, dict):
        return ""
    found = body.get("code") or body.get("error_code") or body.get("error")
    return found if isinstance(found, str) else ""


def retry_after(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float | None:
    """Seconds of the Retry-After header (RFC 9110 §10.2.3), in either of its two forms."""
    value = headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now())
    except (TypeError, ValueError):
        return None


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """The service's clock when it answered (RFC 9110 §6.6.1); None where a cache may have answered.

    A cache says so by `Age` (RFC 9111 §5.1), by `Cache-Status` (RFC 9211) or by a header of its own.
    """
    for name, value in headers.items():
        lowered = name.lower()
        told = lowered != "cache-control" and "cache" in lowered and any(w in value.lower() for w in _CACHED)
        if lowered == "age" or told or (lowered == "x-varnish" and len(value.split()) > 1):
            return None
    try:
        found = parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    moment = found if found.tzinfo else found.replace(tzinfo=UTC)
    return moment if moment >= _OLDEST else None


def from_cache(headers: Mapping[str, str]) -> bool:
    """Whether an answer says that it is a kept copy: by an age, or a hit, of any cache on the way.

    A copy that the cache had confirmed by the service (`revalidated`) and a miss are fresh.
    """
    for name, value in headers.items():
        lowered = name.lower()
        aged = lowered == "age" and value.strip().isdigit() and int(value) > 0
        told = lowered != "cache-control" and "cache" in lowered and _FROM_CACHE.search(value)
        if aged or told or (lowered == "x-varnish" and len(value.split()) > 1):
            return True
    return False


class Http:
    """One service: a kept session, a bound on connections, retries, and its table of statuses.

    `statuses` overrides rows of the table, by status or by (status, code). `sleep` and
    `jitter` are injectable. `auth` signs each attempt anew.
    """

    def __init__(
        self,
        *,
        adapter: str,
        base: str,
        auth: AuthBase | tuple[str, str] | None = None,
        params: Mapping[str, str] = {},
        headers: Mapping[str, str] = {},
        timeout: tuple[float, float] = (10, 60),
        connections: int = 2,
        tries: int = 5,
        statuses: Statuses | None = None,
        error_code: Callable[[requests.Response], str] = json_error_code,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # its debug lines hold query strings
        self.adapter = adapter
        self.base = base.rstrip("/") + "/"
        self.connections = connections
        self._params = dict(params)
        self._timeout = timeout
        self._tries = tries
        self._statuses: Statuses = {**DEFAULT_STATUSES, **(statuses or {})}
        self._error_code = error_code
        self._sleep = sleep
        self._jitter = jitter
        self._gate = threading.BoundedSemaphore(connections)
        self._proven: set[str] = set()
        self._ahead: deque[float] = deque(maxlen=_DATES)
        self._session = _session(base, connections, auth, headers)

    def proven(self, operation: str) -> bool:
        """Whether this operation has had a good answer since the process began.

        Only then may a "not found" of the same route be read as "already gone".
        """
        return operation in self._proven

    def service_time(self) -> datetime | None:
        """The service's clock now: the median of its latest answers; None where none told a usable time.

        Counted on by the steady clock of the process, so that it depends on no setting of this machine.
        """
        found = sorted(self._ahead)
        if not found:
            return None
        return datetime.fromtimestamp(found[len(found) // 2] + time.monotonic(), UTC)

    def pause(self, seconds: float) -> None:
        """Waits, as between two attempts."""
        self._sleep(seconds)

    def close(self) -> None:
        """Closes the kept connections."""
        self._session.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        write: bool = False,
        idempotent: bool = False,
        ok: Collection[int] = (200, 201, 202, 204),
        error_code: Callable[[requests.Response], str] | None = None,
        data: bytes | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        fresh: bool = False,
    ) -> Answer:
        """The answer to one request; a write is repeated only where `idempotent` says it may be.

        `fresh` is for a read that counts as evidence: no cache may answer it, and one that says it did
        is Rejected with the code `cached`.
        Raises AccessDenied, RetryLater or Rejected as the table says; an unknown status is Rejected.
        """
        body = data if json is None else msgspec.json.encode(json)
        extra = {**({"Cache-Control": "no-cache"} if fresh else {}), **(headers or {})}
        if json is not None:
            extra.setdefault("Content-Type", "application/json; charset=utf-8")
        prepared = requests.Request(
            method, urljoin(self.base, path.lstrip("/")), params={**self._params, **(params or {})},
            data=body, headers=extra,
        )  # fmt: skip
        safe = not write or idempotent
        call = _Call(operation, write, safe, ok, error_code or self._error_code)
        call.fresh = fresh
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._tries),
            wait=self._wait,
            retry=tenacity.retry_if_exception(lambda error: _may_repeat(error, safe)),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(self._attempt, prepared, call)

    def _attempt(self, request: requests.Request, call: "_Call") -> Answer:
        for _ in range(4):
            response, failure = self._send(request)
            if response is None:
                raise self._cut(failure, call)
            onward = self._onward(response, call)
            if onward is None:
                return self._judge(response, call)
            request = requests.Request(request.method, onward, headers=request.headers)
        raise self._error(_MOVED, 302, "redirects", call.operation)

    def _send(self, request: requests.Request) -> tuple[requests.Response | None, str]:
        """The response, or None and the kind of failure; the exception, which names the URL, is dropped."""
        with self._gate:
            try:
                # Prepared here, so that every attempt is signed with a fresh nonce.
                prepared = self._session.prepare_request(request)
                sending = self._session.merge_environment_settings(prepared.url, {}, None, None, None)
                return self._session.send(
                    prepared, timeout=self._timeout, allow_redirects=False, **sending
                ), ""
            except requests.exceptions.SSLError:
                return None, "tls"
            except requests.exceptions.ConnectTimeout:
                return None, "connect_timeout"
            except requests.exceptions.Timeout:
                return None, "timeout"
            except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema):
                return None, "address"
            except requests.exceptions.RequestException as error:
                return None, "unreachable" if _never_sent(error) else "cut"

    def _onward(self, response: requests.Response, call: "_Call") -> str | None:
        """Where a read is redirected to on the same host; None where it is not redirected.

        A write is not repeated elsewhere, and credentials never go to another host.
        """
        target = response.headers.get("Location")
        if response.status_code not in _REDIRECTS or not target:
            return None
        here, there = urlsplit(response.url), urlsplit(urljoin(response.url, target))
        if call.write or (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise self._error(_MOVED, response.status_code, "redirected", call.operation)
        return there.geturl()

    def _judge(self, response: requests.Response, call: "_Call") -> Answer:
        status = response.status_code
        _log.debug("%s %s answered %d", self.adapter, call.operation, status)
        if call.fresh and from_cache(response.headers):
            raise self._error(_KEPT_COPY, status, CACHED, call.operation, response.headers)
        if not _is_page(response) and (moment := date_of(response.headers)) is not None:
            self._ahead.append(moment.timestamp() - time.monotonic())  # a refusal is dated too
        if status in call.ok:
            self._proven.add(call.operation)
            return Answer(response, lambda row, got, code: self._error(row, got, code, call.operation))
        code = HTML if _is_page(response) else call.error_code(response)
        code = code if _CODE.match(code) else ""
        row = self._statuses.get((status, code)) or self._statuses.get(status)
        if row is None:
            row = _BUSY if status >= 500 and not call.write else _REFUSED
        raise self._error(row, status, code, call.operation, response.headers)

    def _cut(self, failure: str, call: "_Call") -> RemoteError:
        unsure = "" if call.safe or failure in _NOT_SENT else " Whether it was done is not known."
        row = {"tls": _TLS, "address": _ADDRESS}.get(failure, _BUSY)
        return self._error(row, 0, failure, call.operation, unsure=unsure)

    def _error(
        self,
        row: Row,
        status: int,
        code: str,
        operation: str,
        headers: Mapping[str, str] = {},
        unsure: str = "",
    ) -> RemoteError:
        what = f"answered {status}" if status else _FAILURES.get(code, "gave no answer")
        named = f" ({code})" if status and code else ""
        message = f"{self.adapter}: {operation} {what}{named}.{unsure} {row.advice}"
        lowered = {name.lower(): value for name, value in headers.items()}
        request_id = next((lowered[name][:80] for name in _REQUEST_IDS if name in lowered), "")
        given = {"adapter": self.adapter, "operation": operation, "code": code, "request_id": request_id}
        if row.error is RetryLater:
            return RetryLater(message, status=status, after=retry_after(headers), **given)
        return row.error(message, status=status, **given)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        backoff = min(30.0, 0.5 * 2 ** (state.attempt_number - 1))
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, RetryLater) else None
        return (asked or 0.0) + self._jitter(backoff / 2, backoff)


def clock_of(http: Http, clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """The service's own clock, by which its changes are dated.

    Where it tells no time, this machine's a day ago: a change is read twice rather than never.
    """
    return lambda: http.service_time() or clock() - timedelta(days=1)


def earlier_clock(http: Http, clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """The earlier of this machine's clock and the service's: nothing is over before both say so."""
    return lambda: min(clock(), http.service_time() or clock())


class _Call:
    """What one request needs to be judged by."""

    __slots__ = ("error_code", "fresh", "ok", "operation", "safe", "write")

    def __init__(
        self, operation: str, write: bool, safe: bool, ok: Collection[int],
        error_code: Callable[[requests.Response], str],
    ) -> None:  # fmt: skip
        self.operation = operation
        self.write = write
        self.safe = safe
        self.ok = ok
        self.error_code = error_code
        self.fresh = False


_TLS = Row(error=AccessDenied, advice="Its certificate is not trusted; renew it, or correct the address.")
_ADDRESS = Row(error=AccessDenied, advice="The address in the settings cannot be used; correct it.")
_NOT_SENT = frozenset({"connect_timeout", "unreachable"})
_FAILURES = {
    "tls": "could not be reached safely",
    "timeout": "did not answer in time",
    "connect_timeout": "could not be reached in time",
    "unreachable": "could not be reached",
    "cut": "lost its connection",
}


def _session(
    base: str, connections: int, auth: AuthBase | tuple[str, str] | None, headers: Mapping[str, str]
) -> requests.Session:
    session = requests.Session()
    pool = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=0, pool_block=True)
    session.mount("https://", pool)
    session.mount("http://", pool)
    # Proxies and certificates of the environment are read once, not for every request; a .netrc is
    # never read, for it would replace the keys of the settings.
    settings = session.merge_environment_settings(base, {}, None, None, None)
    session.proxies, session.verify = settings["proxies"], settings["verify"]
    session.trust_env = False
    session.auth = auth or _Unsigned()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"User-Agent": "gallra", "Accept": "application/json", **headers})
    return session


def _is_page(response: requests.Response) -> bool:
    kind = response.headers.get("Content-Type", "").lower()
    return "html" in kind or response.content[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))


def _may_repeat(error: BaseException, safe: bool) -> bool:
    """Whether to try again: busy and cut on what may be repeated, and what never left this machine."""
    if not isinstance(error, RetryLater) or (error.after or 0) > _PATIENCE:
        return False
    return safe or error.code in _NOT_SENT


def _never_sent(error: requests.exceptions.RequestException) -> bool:
    """Whether no connection came about, so that nothing was sent."""
    wrapped = error.args[0] if error.args else None
    return isinstance(getattr(wrapped, "reason", None), NewConnectionError)
