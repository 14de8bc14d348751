"""From what came of a call to the error that says what to do next. Nothing here asks anybody."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import requests

from adapters.http.answer import is_page
from adapters.http.call import Call
from adapters.http.meaning import (
    BUSY,
    DEFAULT_STATUSES,
    FAILURES,
    FAULTY,
    HTML,
    MOVED,
    NOT_SENT,
    REDIRECTS,
    REFUSED,
    Row,
    Statuses,
)
from adapters.patience import Patience, come_back, retry_after
from connector.errors import RemoteError, RetryLater

_CODE = re.compile(r"[A-Za-z0-9_.:\-]{1,60}\Z")
_REQUEST_IDS = ("x-request-id", "x-correlation-id", "klarna-correlation-id", "x-trace-id")


class Outcome(NamedTuple):
    """What came of a call: the status (0: no answer), the service's code or the kind of failure."""

    status: int = 0
    code: str = ""
    headers: Mapping[str, str] = {}
    unsure: bool = False  # whether it was done is not known


class Verdicts:
    """What the answers of one service mean."""

    def __init__(self, adapter: str, base: str, statuses: Statuses, patience: Patience) -> None:
        self._adapter = adapter
        self._base = base
        self._statuses: Statuses = {**DEFAULT_STATUSES, **statuses}
        self._patience = patience

    def refused(self, response: requests.Response, call: Call, code: str) -> RemoteError:
        """The error of a status that is not good; `code` is the service's own."""
        status = response.status_code
        code = HTML if is_page(response) else code
        code = code if _CODE.match(code) else ""
        row = self._statuses.get((status, code)) or self._statuses.get(status)
        if row is None:
            row = BUSY if status >= 500 and not call.write else REFUSED
        return self.error(row, call.operation, Outcome(status, code, response.headers))

    def cut(self, failure: str, call: Call) -> RemoteError:
        """The error of a call that got no answer."""
        row = FAULTY.get(failure, BUSY)
        if failure in ("address", "unknown_host"):
            where = urlsplit(self._base)
            address = f"{where.scheme}://{where.netloc}{where.path}"
            row = Row(error=row.error, advice=row.advice.format(host=where.hostname, address=address))
        unsure = not (call.safe or failure in NOT_SENT)
        return self.error(row, call.operation, Outcome(code=failure, unsure=unsure))

    def moved(self, status: int, code: str, call: Call) -> RemoteError:
        """The error of a redirect that is not followed; adapters may say more of it."""
        return self.error(self._statuses.get(status, MOVED), call.operation, Outcome(status, code))

    def onward(self, response: requests.Response, call: Call) -> str | None:
        """Where a read is redirected to on the same host; None where it is not redirected.

        A write is not repeated elsewhere, and credentials never go to another host.
        """
        target = response.headers.get("Location")
        if response.status_code not in REDIRECTS or not target:
            return None
        try:
            here, there = urlsplit(response.url), urlsplit(urljoin(response.url, target))
        except ValueError:  # no address at all
            here, there = urlsplit(self._base), urlsplit("")
        # What is sent with a body would arrive without it, or as another method.
        sent = call.write or response.request.method not in ("GET", "HEAD")
        if sent or (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise self.moved(response.status_code, "redirected", call)
        return there.geturl()

    def error(self, row: Row, operation: str, came: Outcome) -> RemoteError:
        """The error of a row; one that the service asks to wait out longer than a run may says until when."""
        what = f"answered {came.status}" if came.status else FAILURES.get(came.code, "gave no answer")
        named = f" ({came.code})" if came.status and came.code else ""
        unsure = " Whether it was done is not known." if came.unsure else ""
        said = f"{self._adapter}: {operation} {what}{named}.{unsure}"
        given = {"adapter": self._adapter, "operation": operation, "code": came.code,
                 "request_id": _request_id(came.headers)}  # fmt: skip
        if row.error is not RetryLater:
            return row.error(f"{said} {row.advice}", status=came.status, **given)
        after, advice = retry_after(came.headers), row.advice
        if after is not None and not self._patience.allows(after):
            advice = (
                f"It asks to be left alone until {come_back(after)}: run again then; what is done stays done."
            )
        return RetryLater(f"{said} {advice}", status=came.status, after=after, **given)


def _request_id(headers: Mapping[str, str]) -> str:
    lowered = {name.lower(): value for name, value in headers.items()}
    return next((lowered[name][:80] for name in _REQUEST_IDS if name in lowered), "")
