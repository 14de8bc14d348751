"""Shopify's file storage: results of bulk operations come from it, mutation files go to it.

It is another host than the shop: no token goes there, and its addresses are signed, so none stands
in a message. Downloads are read in pieces and taken up again at the byte where they broke.
"""

import time
from collections.abc import Callable, Iterator, Mapping

import requests
from requests.auth import AuthBase

from adapters.shopify.faults import ADAPTER
from connector.errors import Rejected, RemoteError, RetryLater

_PIECE = 1 << 16
_TRIES = 6
_TIMEOUT = (10, 120)
_AGAIN = "Run again in a few minutes; what is done stays done."
GONE = "file_gone"
"""The code of an address that has expired (after 7 days): the operation is to be run anew."""


class _Unsigned(AuthBase):
    """No credentials; keeps requests from reading a .netrc file."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class Files:
    """One kept session to the storage."""

    def __init__(self, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._session = requests.Session()
        self._session.auth = _Unsigned()
        self._session.headers.update({"User-Agent": "gallra", "Accept-Encoding": "identity"})

    def read(self, url: str, *, start: int = 0) -> Iterator[bytes]:
        """The file from byte `start` on, in pieces.

        Raises Rejected with the code GONE where the address has expired, else RetryLater.
        """
        offset, cuts = start, 0
        while True:
            try:
                for piece in self._pieces(url, offset):
                    offset += len(piece)
                    cuts = 0
                    yield piece
                return
            except requests.exceptions.RequestException:
                cuts += 1
            if cuts >= _TRIES:
                raise RetryLater(
                    f"{ADAPTER}: read a bulk file lost its connection. {_AGAIN}",
                    adapter=ADAPTER, operation="read a bulk file", code="cut",
                )  # fmt: skip
            self._sleep(2.0**cuts)

    def _pieces(self, url: str, offset: int) -> Iterator[bytes]:
        """What a server sends from `offset` on; one that knows no ranges is read from the start."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        with self._session.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            if response.status_code == 416:  # nothing behind the last byte
                return
            if response.status_code not in (200, 206):
                raise _refused(response.status_code, "read a bulk file")
            skip = offset if response.status_code == 200 else 0
            for piece in response.iter_content(_PIECE):
                if skip < len(piece):
                    yield piece[skip:]
                skip = max(0, skip - len(piece))

    def upload(self, url: str, parameters: Mapping[str, str], name: str, body: bytes) -> None:
        """Sends a file with the parameters that Shopify gave, the file last, as the storage demands."""
        for cuts in range(1, _TRIES + 1):
            try:
                parts = [(field, (None, value)) for field, value in parameters.items()]
                answer = self._session.post(
                    url, files=[*parts, ("file", (name, body, "text/jsonl"))], timeout=_TIMEOUT
                )
            except requests.exceptions.RequestException:
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
