"""What a status, or a failure to get one, means: which error, and what to do next."""

import socket
from collections.abc import Mapping
from http.client import HTTPException

import requests
import urllib3
from urllib3.exceptions import NameResolutionError, NewConnectionError

from adapters.http.bounded import LARGEST, Garbled, TooLarge
from connector.errors import AccessDenied, Rejected, RemoteError, RetryLater
from connector.records import Value

LONGEST = 300.0
"""Seconds of one exchange, however its bytes come."""

CACHED = "cached"  # the code of an answer that a cache gave where a fresh one was asked for
PRINTED = "printed"  # the code of an answer whose data stands behind what something printed
HTML = "html"  # the code of an answer that is a web page where JSON was expected
_RETRYING = (408, 425, 429, 500, 502, 503, 504)


class Row(Value, frozen=True, kw_only=True):
    """What a status means: which error, and the sentence that says what to do next."""

    error: type[RemoteError]
    advice: str


DENIED = Row(error=AccessDenied, advice="Check the key, its permissions and that it is for this service.")
BUSY = Row(error=RetryLater, advice="Run again in a few minutes; what is done stays done.")
REFUSED = Row(error=Rejected, advice="It was left as it was; look at it in the service, then run again.")
WALL = Row(
    error=AccessDenied,
    advice="A firewall or web server in front of the service said no; let this machine through.",
)
NOT_API = Row(
    error=Rejected,
    advice="A web page came where the API should be; check the address (and prefix) in the settings.",
)
PRINTED_ROW = Row(
    error=Rejected,
    advice="Something that the shop's plugins print stands before the data: read the server's PHP error log, "
    "and turn display_errors off (WordPress: WP_DEBUG_DISPLAY in wp-config.php).",
)
MOVED = Row(error=Rejected, advice="The service has moved; put its new address (https) in the settings.")
KEPT_COPY = Row(
    error=Rejected,
    advice="A cache answered in its place; exempt the API from it (proxy, plugin, hosting), then run again.",
)
REDIRECTS = (301, 302, 303, 307, 308)
Statuses = Mapping[int | tuple[int, str], Row]
DEFAULT_STATUSES: Statuses = {
    401: DENIED,
    403: DENIED,
    (401, HTML): WALL,
    (403, HTML): WALL,
    (404, HTML): NOT_API,
    (413, HTML): Row(
        error=Rejected, advice="The web server has a limit on size; raise it there, or send less."
    ),
    **dict.fromkeys(_RETRYING, BUSY),
    **dict.fromkeys(REDIRECTS, MOVED),
}


FAULTY: Mapping[str, Row] = {
    "tls": Row(
        error=AccessDenied,
        advice="Its certificate is not trusted: renew it, correct the address, or, where the shop or the "
        "company signed it itself, name that certificate's PEM file in ca_file under [network].",
    ),
    "address": Row(
        error=AccessDenied, advice="The address in the settings ({address}) cannot be used; correct it."
    ),
    "unknown_host": Row(
        error=AccessDenied,
        advice="There is no host {host}: correct the address in the settings "
        "({address}), or its entry in the DNS.",
    ),
    "large": Row(
        error=Rejected,
        advice="Look in the service at what is asked for, and for a plugin or a proxy that changes answers; "
        "it was left as it was.",
    ),
    "garbled": Row(
        error=RetryLater,
        advice="Run again in a few minutes; where it stays so, look for a proxy that packs the answers.",
    ),
    "slow": Row(
        error=RetryLater,
        advice="Run again when the service, or the network to it, is faster; what is done stays done.",
    ),
}
NOT_SENT = frozenset({"connect_timeout", "unreachable"})
FAILURES = {
    "tls": "could not be reached safely",
    "timeout": "did not answer in time",
    "connect_timeout": "could not be reached in time",
    "unreachable": "could not be reached",
    "cut": "lost its connection",
    "address": "was not sent",
    "unknown_host": "was not sent",
    "slow": f"had not come in whole after {LONGEST / 60:.0f} minutes",
    "large": f"brought more than {LARGEST // 2**20} MB, which no answer has",
    "odd": "answered something that is no HTTP",
    "garbled": "came packed in a way that cannot be read",
}


FAULTS = (
    requests.exceptions.RequestException, urllib3.exceptions.HTTPError, TooLarge, Garbled, OSError,
    HTTPException, ValueError,
)  # fmt: skip
_NO_SUCH_HOST = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_KINDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (TooLarge, "large"),
    (Garbled, "garbled"),
    ((requests.exceptions.SSLError, urllib3.exceptions.SSLError), "tls"),
    (requests.exceptions.ConnectTimeout, "connect_timeout"),
    ((requests.exceptions.Timeout, urllib3.exceptions.TimeoutError), "timeout"),
    ((requests.exceptions.InvalidURL, requests.exceptions.MissingSchema), "address"),
)


def failure_of(error: Exception, *, proven: bool) -> str:
    """The kind of a failure; a host that has answered in this run exists, whatever the resolver says now."""
    for kinds, name in _KINDS:
        if isinstance(error, kinds):
            return name
    if isinstance(error, HTTPException | ValueError) and not isinstance(error, OSError):
        return "odd"
    if not isinstance(error, requests.exceptions.RequestException) or not _never_sent(error):
        return "cut"
    resolved = getattr(error.args[0], "reason", None)
    said = resolved.__cause__ if isinstance(resolved, NameResolutionError) else None
    if isinstance(said, socket.gaierror) and said.errno in _NO_SUCH_HOST and not proven:
        return "unknown_host"
    return "unreachable"


def _never_sent(error: requests.exceptions.RequestException) -> bool:
    """Whether no connection came about, so that nothing was sent."""
    wrapped = error.args[0] if error.args else None
    return isinstance(getattr(wrapped, "reason", None), NewConnectionError)
