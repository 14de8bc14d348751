"""The WooCommerce REST API as the package `woocommerce` speaks it, over a kept session.

Authentication: Basic over https, OAuth 1.0a over http to this machine only, or, behind servers
that drop the Authorization header, the key in the query string over https
(https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication).
"""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import requests
from requests.auth import AuthBase, HTTPBasicAuth
from woocommerce import API
from woocommerce.oauth import OAuth

from adapters.http import Answer, Http, Row, Statuses, json_error_code
from adapters.network import Network
from connector.errors import AccessDenied, Rejected, RemoteError, RetryLater, SettingsError
from connector.records import Kind

ADAPTER = "woocommerce"
VERSION = "wc/v3"
_WRITTEN = (200, 201)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

# The messages behind `woocommerce_rest_authentication_error`, which one code covers for five causes.
_CAUSES = {
    "does not have write permissions": "key_is_read_only",
    "does not have read permissions": "key_is_write_only",
    "Consumer secret is invalid": "secret_is_wrong",
    "Consumer key is invalid": "key_is_unknown",
    "Invalid signature": "signature_is_wrong",
    "Invalid nonce": "nonce_was_used",
    "Invalid timestamp": "clock_is_wrong",
}


def _row(error: type, advice: str) -> Row:
    return Row(error=error, advice=advice)


_GONE = _row(Rejected, "The shop no longer has it; pull again.")
_ASKED_WRONGLY = _row(Rejected, "This WooCommerce version does not know the request; update it, or Gallra.")
_PROTECTED = _row(Rejected, "The shop does not let the API remove this; remove it in the shop's admin.")
_NO_ROUTE = _row(
    Rejected, "Check url and rest_prefix, that permalinks are not plain and that WooCommerce is active."
)
_ELSEWHERE = _row(
    Rejected,
    "The shop sends the API's address elsewhere: check that permalinks are not plain, and rest_prefix; else "
    "put its new address in the settings, as in WordPress > Settings > General (https, with or without www).",
)
STATUSES: Statuses = {
    400: _ASKED_WRONGLY,
    (400, "woocommerce_rest_shop_order_invalid_id"): _GONE,
    (400, "woocommerce_rest_invalid_coupon_id"): _GONE,
    (400, "woocommerce_rest_shop_coupon_invalid_id"): _GONE,
    (401, "woocommerce_rest_cannot_view"): _row(
        AccessDenied,
        "The shop knows no such key, or none reached it: check key and secret, use https, "
        "or set query_string_auth = true where the web server drops the Authorization header.",
    ),
    (401, "woocommerce_rest_cannot_edit"): _row(
        AccessDenied, "Give the key to a user who may edit orders (shop manager)."
    ),
    (401, "key_is_read_only"): _row(
        AccessDenied, "Set the key to Read/Write in WooCommerce > Settings > Advanced > REST API."
    ),
    (401, "key_is_write_only"): _row(
        AccessDenied, "Set the key to Read/Write in WooCommerce > Settings > Advanced > REST API."
    ),
    (401, "secret_is_wrong"): _row(AccessDenied, "The secret does not belong to the key: enter both again."),
    (401, "key_is_unknown"): _row(
        AccessDenied, "The key was revoked or mistyped: make a new one in the shop."
    ),
    (401, "signature_is_wrong"): _row(
        AccessDenied,
        "Check the secret, and that the address is written as in WordPress > Settings > General.",
    ),
    (401, "clock_is_wrong"): _row(
        AccessDenied, "This machine's clock and the shop's are over 15 minutes apart: set them by NTP."
    ),
    (401, "nonce_was_used"): _row(RetryLater, "Run again: each request is signed anew."),
    (403, "woocommerce_rest_cannot_delete"): _PROTECTED,
    (403, "woocommerce_rest_cannot_edit"): _PROTECTED,
    (404, "rest_no_route"): _NO_ROUTE,
    (404, "woocommerce_rest_shop_order_invalid_id"): _GONE,
    (404, "woocommerce_rest_order_invalid_id"): _GONE,
    (404, "woocommerce_rest_invalid_id"): _GONE,
    (404, "wc_user_invalid_id"): _GONE,
    (404, "woocommerce_rest_review_invalid_id"): _GONE,
    (404, "woocommerce_rest_shop_coupon_invalid_id"): _GONE,
    (410, "woocommerce_rest_already_trashed"): _row(Rejected, "It is in the shop's trash; pull again."),
    (413, "woocommerce_rest_request_entity_too_large"): _row(
        Rejected, "The shop takes fewer items at a time; update Gallra, which sends 50."
    ),
    (500, "internal_server_error"): _row(
        RetryLater, "A plugin of the shop crashed: read the shop's PHP error log, then run again."
    ),
    **dict.fromkeys((301, 302, 303, 307, 308), _ELSEWHERE),
    (404, "html"): _NO_ROUTE,
    (501, "woocommerce_rest_trash_not_supported"): _ASKED_WRONGLY,
    (503, "html"): _row(
        RetryLater, "The web server limits requests or is closed for upkeep: run again in a few minutes."
    ),
}
# WooCommerce's own word that it has no such record, by what was asked for. A review whose product is
# gone, a note's code for an order, a missing route: none of them says that this record is not there.
GONE: Mapping[Kind, frozenset[str]] = {
    Kind.ORDER: frozenset({"woocommerce_rest_shop_order_invalid_id"}),
    Kind.CUSTOMER: frozenset({"wc_user_invalid_id", "woocommerce_rest_invalid_id"}),  # from and before 10.0
    Kind.REVIEW: frozenset({"woocommerce_rest_review_invalid_id"}),
    Kind.COUPON: frozenset({"woocommerce_rest_shop_coupon_invalid_id"}),
}
NOTE_GONE = frozenset({"woocommerce_rest_invalid_id"})
# The same word about the order that notes are asked of, on two routes.
NOTES_ORDER_GONE = frozenset({"woocommerce_rest_shop_order_invalid_id", "woocommerce_rest_order_invalid_id"})


def says_gone(error: RemoteError, codes: frozenset[str]) -> bool:
    """Whether an error is the service's own word that the record asked for is not there."""
    return error.status in (400, 404) and error.code in codes


def woo_error_code(response: requests.Response) -> str:
    """The service's code, with the five causes of an authentication error told apart."""
    code = json_error_code(response)
    if code != "woocommerce_rest_authentication_error":
        return code
    message = str(msgspec.json.decode(response.content).get("message", ""))
    return next((cause for text, cause in _CAUSES.items() if text in message), code)


class OAuthOverHttp(AuthBase):
    """Signs each attempt with the package's OAuth 1.0a: timestamp and nonce are fresh every time."""

    def __init__(self, api: API) -> None:
        self._api = api

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        signer = OAuth(
            url=request.url,
            consumer_key=self._api.consumer_key,
            consumer_secret=self._api.consumer_secret,
            version=self._api.version,
            method=request.method,
            oauth_timestamp=int(time.time()),
        )
        request.url = signer.get_oauth_url()
        return request


class KeyInQuery(AuthBase):
    """Puts key and secret in the query string; only ever over https."""

    def __init__(self, api: API) -> None:
        self._api = api

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        pair = urlencode(
            {"consumer_key": self._api.consumer_key, "consumer_secret": self._api.consumer_secret}
        )
        url = request.url or ""
        request.url = f"{url}{'&' if '?' in url else '?'}{pair}"
        return request


def authentication(settings: Mapping[str, Any]) -> AuthBase:
    """The way to show the key that these settings allow; raises SettingsError where it would leak."""
    api = API(
        url=settings["url"],
        consumer_key=settings["key"],
        consumer_secret=settings["secret"],
        version=VERSION,
        query_string_auth=settings.get("query_string_auth", False),
    )
    if not api.is_ssl:
        if urlsplit(api.url).hostname not in _LOOPBACK and not settings.get("insecure", False):
            raise SettingsError(
                ["woocommerce.url: http sends personal data in the clear; use https (or insecure = true)."]
            )
        return OAuthOverHttp(api)
    if api.query_string_auth:
        return KeyInQuery(api)
    return HTTPBasicAuth(api.consumer_key, api.consumer_secret)


class Client:
    """The routes of one shop: reads, writes, and whether a route has answered well before."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def get(
        self, route: str, params: Mapping[str, Any] | None = None, *, operation: str, fresh: bool = False
    ) -> Answer:
        """A read below wc/v3, repeated on trouble; `fresh` where no cache may answer."""
        return self.http.request(
            "GET", f"{VERSION}/{route}", operation=operation, params=params, ok=(200,), fresh=fresh
        )

    def get_from(self, path: str, params: Mapping[str, Any] | None = None, *, operation: str) -> Answer:
        """A read below the REST prefix, for other namespaces than wc/v3."""
        return self.http.request("GET", path, operation=operation, params=params, ok=(200,))

    def write(
        self, method: str, route: str, body: Any, *, operation: str, idempotent: bool = False
    ) -> Answer:
        """A write below wc/v3; repeated only where `idempotent`."""
        return self.http.request(
            method, f"{VERSION}/{route}", operation=operation, json=body, write=True, idempotent=idempotent,
            ok=_WRITTEN,
        )  # fmt: skip

    def delete(self, route: str, *, operation: str) -> Answer:
        """Deletes below wc/v3 for good, past the trash; repeated on trouble."""
        return self.http.request(
            "DELETE", f"{VERSION}/{route}", operation=operation, params={"force": "true"}, write=True,
            idempotent=True, ok=_WRITTEN,
        )  # fmt: skip


def connect(settings: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep) -> Client:
    """A client of the shop these settings name."""
    prefix = str(settings.get("rest_prefix", "wp-json")).strip("/")
    connections = int(settings.get("connections", 2))
    http = Http(
        adapter=ADAPTER,
        base=f"{str(settings['url']).rstrip('/')}/{prefix}",
        auth=authentication(settings),
        connections=connections,
        everywhere=connections,  # the shop's own word, whichever workers ask it
        statuses=STATUSES,
        error_code=woo_error_code,
        headers={"User-Agent": f"gallra ({API('', '', '').user_agent})"},
        network=Network.of(settings),
        sleep=sleep,
    )
    return Client(http)
