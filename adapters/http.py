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
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec
import requests
import tenacity
from requests.auth import AuthBase

from adapters.bounded import LARGEST, read_body
from adapters.freshness import date_of as date_of
from adapters.freshness import from_cache as from_cache
from adapters.meaning import (
    BUSY,
    DEFAULT_STATUSES,
    FAILURES,
    FAULTS,
    FAULTY,
    KEPT_COPY,
    LONGEST,
    MOVED,
    NOT_API,
    NOT_SENT,
    PRINTED_ROW,
    REDIRECTS,
    REFUSED,
    failure_of,
)
from adapters.meaning import CACHED as CACHED
from adapters.meaning import HTML as HTML
from adapters.meaning import PRINTED as PRINTED
from adapters.meaning import Row as Row
from adapters.meaning import Statuses as Statuses
from adapters.network import Network
from adapters.patience import Patience, come_back
from adapters.patience import retry_after as retry_after
from adapters.stray import NOT_JSON, printed_before, without_stray
from adapters.watch import Deadline, Straight, Watched
from connector.errors import Exit, RemoteError, RetryLater

_log = logging.getLogger("gallra.http")
_CODE = re.compile(r"[A-Za-z0-9_.:\-]{1,60}\Z")
_REQUEST_IDS = ("x-request-id", "x-correlation-id", "klarna-correlation-id", "x-trace-id")
_MOST = 1_000_000  # requests of one run to one service: a walk that never ends has an end
_USUAL = Network()
_NOT_AGAIN = ("slow", "endless")  # another try now would take as long again
_DATES = 3  # of the latest answers: one that a cache gave without saying so is outvoted


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


class _Unsigned(AuthBase):
    """No credentials; keeps requests from reading a .netrc file."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def json_error_code(response: requests.Response) -> str:
    """The `code` (or `error_code`, `error`) of a JSON error body; empty where there is none."""
    try:
        body = msgspec.json.decode(response.content)
    except NOT_JSON:
        return ""
    if not isinstance(body, dict):
        return ""
    found = body.get("code") or body.get("error_code") or body.get("error")
    return found if isinstance(found, str) else ""


class Http:
    """One service: a kept session, a bound on connections, retries, and its table of statuses.

    `statuses` overrides rows of the table, by status or by (status, code). `sleep` and
    `jitter` are injectable. `auth` signs each attempt anew. Every exchange ends after `longest` seconds
    and `largest` bytes, and a run after `most` requests. `printed` tells what stood before the data of
    answers that were read through (see `stray`).
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
        longest: float = LONGEST,
        largest: int = LARGEST,
        most: int = _MOST,
        network: Network = _USUAL,
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
        self._longest, self._largest, self._most = longest, largest, most
        self._asked = 0
        self.patience = Patience(network.patience, sleep=sleep)
        self.printed: frozenset[str] = frozenset()
        self._jitter = jitter
        self._gate = threading.BoundedSemaphore(connections)
        self._proven: set[str] = set()
        self._ahead: deque[float] = deque(maxlen=_DATES)
        self._session = _session(base, connections, auth, headers, network)

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

    def wait_out(self, error: RetryLater, seconds: float) -> None:
        """Waits before a caller's next attempt, as long as the service asked or else `seconds`.

        Raises the error where that is longer than the run's patience.
        """
        asked = error.after if error.after is not None else seconds
        if not self.patience.allows(asked):
            raise error
        self.patience.wait(self.adapter, error.operation, asked)

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
        self._count(operation)
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
            retry=tenacity.retry_if_exception(lambda error: self._may_repeat(error, safe)),
            sleep=lambda seconds: self.patience.wait(self.adapter, operation, seconds),
            reraise=True,
        )
        return retrying(self._attempt, prepared, call)

    def _count(self, operation: str) -> None:
        """Raises RetryLater where a run has asked so much that it must be going round in circles."""
        self._asked += 1
        if self._asked > self._most:
            raise RetryLater(
                f"{self.adapter}: {operation}: this run has asked {self._most} times, and no run needs so "
                "many. Run again: what is done stays done; where it stays so, `gallra check` and report it.",
                adapter=self.adapter, operation=operation, code="endless",
            )  # fmt: skip

    def _attempt(self, request: requests.Request, call: "_Call") -> Answer:
        for _ in range(4):
            response, failure = self._send(request)
            if response is None:
                raise self._cut(failure, call)
            onward = self._onward(response, call)
            if onward is None:
                return self._judge(response, call)
            request = requests.Request(request.method, onward, headers=request.headers)
        raise self._error(self._moved(302), 302, "redirects", call.operation)

    def _send(self, request: requests.Request) -> tuple[requests.Response | None, str]:
        """The response, read to its end, or None and the kind of failure.

        The exception, which names the URL, is dropped.
        """
        with self._gate, Deadline(self._longest) as deadline:
            try:
                response = self._exchanged(request)
                # Headers that end because the connection was shut look like headers that ended.
                return (None, "slow") if deadline.cut else (response, "")
            except FAULTS as error:
                return None, "slow" if deadline.cut else failure_of(error, proven=bool(self._proven))
            except Exception:
                if deadline.cut:  # a connection that is shut under a reader fails in many ways
                    return None, "slow"
                raise

    def _exchanged(self, request: requests.Request) -> requests.Response:
        # Prepared here, so that every attempt is signed with a fresh nonce.
        prepared = self._session.prepare_request(request)
        sending = self._session.merge_environment_settings(prepared.url, {}, True, None, None)
        response = self._session.send(prepared, timeout=self._timeout, allow_redirects=False, **sending)
        body = read_body(response, largest=self._largest)
        stripped = without_stray(body)
        if stripped.found:
            self.printed |= stripped.found
            response._content = stripped.body
            response.headers["Content-Type"] = "application/json"
        return response

    def _onward(self, response: requests.Response, call: "_Call") -> str | None:
        """Where a read is redirected to on the same host; None where it is not redirected.

        A write is not repeated elsewhere, and credentials never go to another host.
        """
        target = response.headers.get("Location")
        if response.status_code not in REDIRECTS or not target:
            return None
        try:
            here, there = urlsplit(response.url), urlsplit(urljoin(response.url, target))
        except ValueError:  # no address at all
            here, there = urlsplit(self.base), urlsplit("")
        # What is sent with a body would arrive without it, or as another method.
        sent = call.write or response.request.method not in ("GET", "HEAD")
        if sent or (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise self._error(
                self._moved(response.status_code), response.status_code, "redirected", call.operation
            )
        return there.geturl()

    def _moved(self, status: int) -> Row:
        """What a redirect means that is not followed; adapters may say more of it."""
        return self._statuses.get(status, MOVED)

    def _judge(self, response: requests.Response, call: "_Call") -> Answer:
        status = response.status_code
        _log.debug("%s %s answered %d", self.adapter, call.operation, status)
        if call.fresh and from_cache(response.headers):
            raise self._error(KEPT_COPY, status, CACHED, call.operation, response.headers)
        if not _is_page(response) and (moment := date_of(response.headers)) is not None:
            self._ahead.append(moment.timestamp() - time.monotonic())  # a refusal is dated too
        if status in call.ok:
            self._proven.add(call.operation)
            return Answer(response, lambda row, got, code: self._error(row, got, code, call.operation))
        code = HTML if _is_page(response) else call.error_code(response)
        code = code if _CODE.match(code) else ""
        row = self._statuses.get((status, code)) or self._statuses.get(status)
        if row is None:
            row = BUSY if status >= 500 and not call.write else REFUSED
        raise self._error(row, status, code, call.operation, response.headers)

    def _cut(self, failure: str, call: "_Call") -> RemoteError:
        unsure = "" if call.safe or failure in NOT_SENT else " Whether it was done is not known."
        row = FAULTY.get(failure, BUSY)
        if failure in ("address", "unknown_host"):
            row = Row(error=row.error, advice=row.advice.format(host=urlsplit(self.base).netloc))
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
        what = f"answered {status}" if status else FAILURES.get(code, "gave no answer")
        named = f" ({code})" if status and code else ""
        message = f"{self.adapter}: {operation} {what}{named}.{unsure} {row.advice}"
        lowered = {name.lower(): value for name, value in headers.items()}
        request_id = next((lowered[name][:80] for name in _REQUEST_IDS if name in lowered), "")
        given = {"adapter": self.adapter, "operation": operation, "code": code, "request_id": request_id}
        if row.error is RetryLater:
            after = retry_after(headers)
            if after is not None and not self.patience.allows(after):
                message = (
                    f"{self.adapter}: {operation} {what}{named}.{unsure} It asks to be left alone until "
                    f"{come_back(after)}: run again then; what is done stays done."
                )
            return RetryLater(message, status=status, after=after, **given)
        return row.error(message, status=status, **given)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        backoff = min(30.0, 0.5 * 2 ** (state.attempt_number - 1))
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, RetryLater) else None
        return (asked or 0.0) + self._jitter(backoff / 2, backoff)

    def _may_repeat(self, error: BaseException, safe: bool) -> bool:
        """Whether to try again: busy and cut on what may be repeated, and what never left this machine."""
        if not isinstance(error, RetryLater) or not self.patience.allows(error.after or 0.0):
            return False
        if error.code in _NOT_AGAIN:
            return False
        return safe or error.code in NOT_SENT


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


def _session(
    base: str, connections: int, auth: AuthBase | tuple[str, str] | None, headers: Mapping[str, str],
    network: Network,
) -> requests.Session:  # fmt: skip
    session = Straight()
    pool = Watched(connections=connections, ssl_context=network.https())
    session.mount("https://", pool)
    session.mount("http://", pool)
    # Proxies and certificates of the environment are read once, not for every request; a .netrc is
    # never read, for it would replace the keys of the settings.
    settings = session.merge_environment_settings(base, {}, None, None, None)
    session.proxies, session.verify = settings["proxies"], settings["verify"]
    session.trust_env = False
    session.auth = auth or _Unsigned()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"User-Agent": "gallra", "Accept": "application/json",
                            "Accept-Encoding": "gzip, deflate", **headers})  # fmt: skip
    return session


def _is_page(response: requests.Response) -> bool:
    kind = response.headers.get("Content-Type", "").lower()
    return "html" in kind or response.content[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))
