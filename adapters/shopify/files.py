"""Shopify's file storage: results of bulk operations come from it, mutation files go to it.

It is another host than the shop: no token goes there, and its addresses are signed, so none stands
in a message. Downloads are read in pieces and taken up again at the byte where they broke.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests
import urllib3
from requests.auth import AuthBase

from adapters.network import Network
from adapters.shopify.faults import ADAPTER
from adapters.watch import Deadline, Straight, Watched
from connector.errors import Rejected, RemoteError, RetryLater
from connector.ports.waiting import tell

_PIECE = 1 << 16
_TRIES = 6
_TIMEOUT = (10, 120)
_PACE = 300.0  # seconds that a piece may take: one byte a second is a stall too
_LARGEST = 50 * 2**30  # bytes of a file: ten times a million orders with all they have
_MOST_CUTS = 1000  # connections of one file
_CONNECTIONS = 4
_USUAL = Network()
_AGAIN = "Run again in a few minutes; what is done stays done."
GONE = "file_gone"
"""The code of an address that has expired (after 7 days): the operation is to be run anew."""


class _Unsigned(AuthBase):
    """No credentials; keeps requests from reading a .netrc file."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class Files:
    """One kept session to the storage."""

    def __init__(
        self, *, sleep: Callable[[float], None] = time.sleep, network: Network = _USUAL,
        largest: int = _LARGEST, pace: float = _PACE,
    ) -> None:  # fmt: skip
        self._sleep = sleep
        self._largest, self._pace = largest, pace
        self._session = Straight()
        self._session.mount("https://", Watched(connections=_CONNECTIONS, ssl_context=network.https()))
        self._session.mount("http://", Watched(connections=_CONNECTIONS))
        self._session.auth = _Unsigned()
        self._session.headers.update({"User-Agent": "gallra", "Accept-Encoding": "identity"})

    def read(self, url: str, *, start: int = 0) -> Iterator[bytes]:
        """The file from byte `start` on, in pieces.

        Raises Rejected with the code GONE where the address has expired, else RetryLater. A file ends
        after `largest` bytes, and each piece of it must come in `pace` seconds.
        """
        offset, cuts = start, 0
        for _ in range(_MOST_CUTS):
            try:
                for piece in self._pieces(url, offset):
                    offset += len(piece)
                    cuts = 0
                    if offset > self._largest:
                        raise _too_large(self._largest)
                    yield piece
                return
            except _CUTS:
                cuts += 1
            if cuts >= _TRIES:
                break
            tell(ADAPTER, "its bulk file, whose connection was lost", 2.0**cuts)
            self._sleep(2.0**cuts)
        raise RetryLater(
            f"{ADAPTER}: read a bulk file lost its connection. {_AGAIN}",
            adapter=ADAPTER, operation="read a bulk file", code="cut",
        )  # fmt: skip

    def _pieces(self, url: str, offset: int) -> Iterator[bytes]:
        """What a server sends from `offset` on; one that knows no ranges is read from the start."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        with Deadline(self._pace) as deadline, self._begun(url, headers, deadline) as response:
            if response.status_code == 416:  # nothing behind the last byte
                return
            if response.status_code not in (200, 206):
                raise _refused(response.status_code, "read a bulk file")
            skip = offset if response.status_code == 200 else 0
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise _refused(response.status_code, "read a bulk file")  # its bytes could not be counted
            while piece := self._piece(response, deadline):
                if skip < len(piece):
                    yield piece[skip:]
                skip = max(0, skip - len(piece))

    def _begun(self, url: str, headers: Mapping[str, str], deadline: Deadline) -> requests.Response:
        response = self._session.get(
            url, headers=dict(headers), stream=True, timeout=_TIMEOUT, allow_redirects=False
        )
        if deadline.cut:
            response.close()
            raise requests.exceptions.ConnectionError
        return response

    def _piece(self, response: requests.Response, deadline: Deadline) -> bytes:
        """The next piece; empty at the end. What is done with it in between does not count."""
        deadline.renew(self._pace)
        found: bytes = response.raw.read(_PIECE, decode_content=False)
        deadline.renew(float("inf"))
        if deadline.cut:  # a connection that was shut looks like an end
            raise requests.exceptions.ConnectionError
        return found

    def upload(self, url: str, parameters: Mapping[str, str], name: str, body: bytes) -> None:
        """Sends a file with the parameters that Shopify gave, the file last, as the storage demands."""
        for cuts in range(1, _TRIES + 1):
            try:
                parts = [(field, (None, value)) for field, value in parameters.items()]
                answer = self._sent(url, [*parts, ("file", (name, body, "text/jsonl"))])
            except _CUTS:
                answer = None
            if answer is not None and answer.status_code in (200, 201, 204):
                return
            if answer is not None and answer.status_code < 500:
                raise _refused(answer.status_code, "upload a bulk file")
            self._sleep(2.0**cuts)
        raise RetryLater(
            f"{ADAPTER}: upload a bulk file did not arrive. {_AGAIN}",
            adapter=ADAPTER, operation="upload a bulk file", code="cut",
        )  # fmt: skip

    def _sent(self, url: str, files: list[tuple[str, Any]]) -> requests.Response:
        """The answer, whose body nobody reads."""
        with Deadline(_UPLOAD):
            answer = self._session.post(
                url,
                files=files,
                timeout=_TIMEOUT,
                stream=True,
                allow_redirects=False,
            )
        answer.close()
        return answer


_UPLOAD = 1800.0  # seconds of 95 MB by a slow line
_CUTS = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)


def _too_large(largest: int) -> RemoteError:
    return RemoteError(
        f"{ADAPTER}: a bulk file has more than {largest // 2**30} GB, which no shop has. Run again; if it "
        "stays so, report it.", adapter=ADAPTER, operation="read a bulk file", status=200, code="large",
    )  # fmt: skip


def _refused(status: int, operation: str) -> RemoteError:
    if status >= 500 or status == 429:
        return RetryLater(
            f"{ADAPTER}: {operation} answered {status}. {_AGAIN}",
            adapter=ADAPTER, operation=operation, status=status,
        )  # fmt: skip
    return Rejected(
        f"{ADAPTER}: {operation} answered {status}: its address has expired. Run again; it is made anew.",
        adapter=ADAPTER, operation=operation, status=status, code=GONE,
    )  # fmt: skip
