"""The line to a service: one exchange, signed, bounded in time and bytes, and read to its end."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from http.cookiejar import DefaultCookiePolicy
from typing import NamedTuple

import requests
from requests.auth import AuthBase

from adapters.http.bounded import read_body
from adapters.http.meaning import FAULTS, failure_of
from adapters.network import Network
from adapters.stray import without_stray
from adapters.watch import Deadline, Straight, Watched
from connector.ports.slots import Hold

Beside = Callable[[], AbstractContextManager[None]]


class Bounds(NamedTuple):
    """What one exchange may take: seconds to connect and to read, seconds in all, and bytes."""

    timeout: tuple[float, float]
    longest: float
    largest: int


class Line:
    """A kept session and places to send in. `printed`: what stood before data that was read through.

    `beside` is held for each exchange too, where others on this machine share a bound.
    """

    def __init__(
        self, session: requests.Session, bounds: Bounds, *, hold: Hold, beside: Beside = nullcontext
    ) -> None:
        self.printed: frozenset[str] = frozenset()
        self._session = session
        self._bounds = bounds
        self._hold = hold
        self._beside = beside

    def send(self, request: requests.Request, *, proven: bool) -> tuple[requests.Response | None, str]:
        """The response, read to its end, or None and the kind of failure.

        `proven`: the service has answered well before. The exception, which names the URL, is dropped.
        """
        with self._hold(), self._beside(), Deadline(self._bounds.longest) as deadline:
            try:
                response = self._exchanged(request)
                # Headers that end because the connection was shut look like headers that ended.
                return (None, "slow") if deadline.cut else (response, "")
            except FAULTS as error:
                return None, "slow" if deadline.cut else failure_of(error, proven=proven)
            except Exception:
                if deadline.cut:  # a connection that is shut under a reader fails in many ways
                    return None, "slow"
                raise

    def close(self) -> None:
        """Closes the kept connections."""
        self._session.close()

    def _exchanged(self, request: requests.Request) -> requests.Response:
        # Prepared here, so that every attempt is signed with a fresh nonce.
        prepared = self._session.prepare_request(request)
        sending = self._session.merge_environment_settings(prepared.url, {}, True, None, None)
        response = self._session.send(
            prepared, timeout=self._bounds.timeout, allow_redirects=False, **sending
        )
        body = read_body(response, largest=self._bounds.largest)
        stripped = without_stray(body)
        if stripped.found:
            self.printed |= stripped.found
            response._content = stripped.body
            response.headers["Content-Type"] = "application/json"
        return response


class Unsigned(AuthBase):
    """No credentials; keeps requests from reading a .netrc file."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def kept_session(
    base: str, network: Network, *, connections: int, pools: type[Watched] = Watched
) -> requests.Session:
    """A session that keeps its connections, takes no cookies and follows nothing."""
    session = Straight()
    pool = pools(connections=connections, ssl_context=network.https())
    session.mount("https://", pool)
    session.mount("http://", pool)
    # Proxies and certificates of the environment are read once, not for every request; a .netrc is
    # never read, for it would replace the keys of the settings.
    settings = session.merge_environment_settings(base, {}, None, None, None)
    session.proxies, session.verify = settings["proxies"], settings["verify"]
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"User-Agent": "gallra", "Accept": "application/json",
                            "Accept-Encoding": "gzip, deflate"})  # fmt: skip
    return session
