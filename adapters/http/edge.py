"""The network edge of one service: requests go out here, with retries, and come back as answers or errors."""

import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Unpack
from urllib.parse import urljoin

import requests
import tenacity
from requests.auth import AuthBase

from adapters.http.answer import Answer, is_page, json_error_code
from adapters.http.bounded import LARGEST
from adapters.http.call import Asked, Call
from adapters.http.clock import ServiceClock
from adapters.http.freshness import date_of, from_cache
from adapters.http.line import Beside, Bounds, Line, Unsigned, kept_session
from adapters.http.meaning import CACHED, KEPT_COPY, LONGEST, NOT_SENT, Statuses
from adapters.http.verdict import Outcome, Verdicts
from adapters.network import Network
from adapters.patience import Patience
from connector.errors import RetryLater
from connector.ports import slots, traffic
from connector.ports.slots import Account

_log = logging.getLogger("gallra.http")
_MOST = 1_000_000  # requests of one run to one service: a walk that never ends has an end
_NOT_AGAIN = ("slow", "endless")  # another try now would take as long again
_REDIRECTS = 4


@dataclass(kw_only=True, eq=False, repr=False)
class Http:
    """One service: a kept session, a bound on connections, retries, and its table of statuses.

    A process sends `connections` requests at once. All workers of a fleet together send `everywhere`, where
    the service has such a limit; `account` is who it knows by the key, where its address does not say that.
    `statuses` overrides rows of the table, by status or by (status, code). `sleep` and
    `jitter` are injectable. `auth` signs each attempt anew. Every exchange ends after `longest` seconds
    and `largest` bytes, and a run after `most` requests. `beside` is held for each exchange.
    """

    adapter: str
    base: str
    auth: AuthBase | tuple[str, str] | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: tuple[float, float] = (10, 60)
    longest: float = LONGEST
    largest: int = LARGEST
    most: int = _MOST
    network: Network = field(default_factory=Network)
    connections: int = 2
    account: str = ""
    everywhere: int = 0
    beside: Beside = nullcontext
    tries: int = 5
    statuses: Statuses | None = None
    error_code: Callable[[requests.Response], str] = json_error_code
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform

    def __post_init__(self) -> None:
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # its debug lines hold query strings
        self.base = self.base.rstrip("/") + "/"
        self.patience = Patience(self.network.patience, sleep=self.sleep)
        session = kept_session(self.base, self.network, connections=self.connections)
        session.auth = self.auth or Unsigned()
        session.headers.update(self.headers)
        bounds = Bounds(self.timeout, self.longest, self.largest)
        account = Account(
            f"{self.adapter} {self.base}", self.account, here=self.connections, everywhere=self.everywhere
        )
        self._line = Line(session, bounds, hold=slots.current().of(account), beside=self.beside)
        self._verdicts = Verdicts(self.adapter, self.base, self.statuses or {}, self.patience)
        self._clock = ServiceClock()
        self._proven: set[str] = set()
        self._asked = 0
        self._traffic = traffic.current()

    @property
    def printed(self) -> frozenset[str]:
        """What stood before the data of answers that were read through (see `stray`)."""
        return self._line.printed

    def proven(self, operation: str) -> bool:
        """Whether this operation has had a good answer since the process began.

        Only then may a "not found" of the same route be read as "already gone".
        """
        return operation in self._proven

    def service_time(self) -> datetime | None:
        """The service's clock now: the median of its latest answers; None where none told a usable time."""
        return self._clock.now()

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
        self._line.close()

    def request(self, method: str, path: str, **asked: Unpack[Asked]) -> Answer:
        """The answer to one request; a write is repeated only where `idempotent` says it may be.

        A fresh read that a cache says it answered is Rejected with the code `cached`.
        Raises AccessDenied, RetryLater or Rejected as the table says; an unknown status is Rejected.
        """
        call = Call(method, path, asked)
        self._count(call.operation)
        request = requests.Request(
            method, urljoin(self.base, path.lstrip("/")),
            params={**self.params, **(asked.get("params") or {})}, data=call.body, headers=call.headers,
        )  # fmt: skip
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.tries),
            wait=self._pause,
            retry=tenacity.retry_if_exception(lambda error: self._may_repeat(error, call)),
            sleep=lambda seconds: self._waits(call, seconds),
            reraise=True,
        )
        return retrying(self._attempt, request, call)

    def _count(self, operation: str) -> None:
        """Raises RetryLater where a run has asked so much that it must be going round in circles."""
        self._asked += 1
        if self._asked > self.most:
            raise RetryLater(
                f"{self.adapter}: {operation}: this run has asked {self.most} times, and no run needs so "
                "many. Run again: what is done stays done; where it stays so, `gallra check` and report it.",
                adapter=self.adapter, operation=operation, code="endless",
            )  # fmt: skip

    def _attempt(self, request: requests.Request, call: Call) -> Answer:
        for _ in range(_REDIRECTS):
            self._traffic.sent(self.adapter)
            response, failure = self._line.send(request, proven=bool(self._proven))
            if response is None:
                raise self._verdicts.cut(failure, call)
            onward = self._verdicts.onward(response, call)
            if onward is None:
                return self._judged(response, call)
            request = requests.Request(request.method, onward, headers=request.headers)
        raise self._verdicts.moved(302, "redirects", call)

    def _judged(self, response: requests.Response, call: Call) -> Answer:
        """The answer where its status is good; raises what it means where it is not."""
        status, error, operation = response.status_code, self._verdicts.error, call.operation
        _log.debug("%s %s answered %d", self.adapter, operation, status)
        if call.fresh and from_cache(response.headers):
            raise error(KEPT_COPY, operation, Outcome(status, CACHED, response.headers))
        if not is_page(response) and (moment := date_of(response.headers)) is not None:
            self._clock.note(moment)  # a refusal is dated too
        if status in call.ok:
            self._proven.add(operation)
            return Answer(response, lambda row, got, code: error(row, operation, Outcome(got, code)))
        raise self._verdicts.refused(response, call, self._code_of(response, call))

    def _code_of(self, response: requests.Response, call: Call) -> str:
        """The service's own code of a refusal; a web page has none."""
        read = call.asked.get("error_code") or self.error_code
        return "" if is_page(response) else read(response)

    def _pause(self, state: tenacity.RetryCallState) -> float:
        backoff = min(30.0, 0.5 * 2 ** (state.attempt_number - 1))
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, RetryLater) else None
        return (asked or 0.0) + self.jitter(backoff / 2, backoff)

    def _may_repeat(self, error: BaseException, call: Call) -> bool:
        """Whether to try again: busy and cut on what may be repeated, and what never left this machine."""
        if not isinstance(error, RetryLater) or not self.patience.allows(error.after or 0.0):
            return False
        if error.code in _NOT_AGAIN:
            return False
        return call.safe or error.code in NOT_SENT

    def _waits(self, call: Call, seconds: float) -> None:
        """The pause before another try, which is counted."""
        self._traffic.again(self.adapter)
        self.patience.wait(self.adapter, call.operation, seconds)
