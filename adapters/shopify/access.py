"""Where the shop is, in which version, and the token that opens it.

A static token of an app made in the admin, or the client id and secret of a Dev Dashboard app,
which buy a token for 24 hours (shopify.dev, client credentials grant). Such a token lives in
memory only and is renewed before it lapses.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import shopify
from requests.auth import AuthBase

from adapters.http import Http
from adapters.network import Network
from adapters.shopify.faults import ADAPTER, STATUSES, http_error_code
from connector.errors import AccessDenied, SettingsError

VERSION = "2026-10"
FLOOR = "2026-01"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_RENEW_BEFORE = 600.0  # seconds before a token lapses
_GRANT = "admin/oauth/access_token"


def shop_url(settings: Mapping[str, Any]) -> str:
    """The address of the shop's own domain at Shopify. Raises SettingsError for any other."""
    url = str(settings["url"]).rstrip("/")
    if urlsplit(url).hostname in _LOOPBACK:
        return url
    # Session makes a shop's name of any address's first word: another shop's token would go there.
    host = str(shopify.Session(url, VERSION).url or "")
    if host != (urlsplit(url).hostname or url):
        raise SettingsError(
            ["platform.url: is not the shop's address at Shopify; write https://NAME.myshopify.com."]
        )
    return f"https://{host}"


def graphql_path(version: str = VERSION) -> str:
    """The path of the GraphQL Admin API in a version."""
    found: str = shopify.ApiVersion.coerce_to_version(version).api_path("")
    return f"{found.lstrip('/')}/graphql.json"


class Token(AuthBase):
    """Signs requests with the token of the moment; buys a new one where the settings say how."""

    def __init__(
        self, settings: Mapping[str, Any], grant: Http, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._static = str(settings.get("token") or "")
        self._key, self._secret = str(settings.get("key") or ""), str(settings.get("secret") or "")
        if not self._static and not (self._key and self._secret):
            raise SettingsError(
                ["platform: Shopify needs a token, or key and secret of a Dev Dashboard app; add them."]
            )
        self._grant = grant
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._bought = ""
        self._until = 0.0

    @property
    def renews(self) -> bool:
        """Whether another token can be had."""
        return not self._static

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Puts the token on a request."""
        request.headers["X-Shopify-Access-Token"] = self._static or self._bought
        return request

    def ready(self) -> None:
        """Sees to it that the token lasts for the next request."""
        if self._static:
            return
        with self._lock:
            if self._monotonic() >= self._until - _RENEW_BEFORE:
                self._buy()

    def service_time(self) -> datetime | None:
        """The clock of where tokens are sold; None where none was asked for."""
        return self._grant.service_time()

    def forget(self) -> None:
        """Drops the bought token, as after a 401: the next request buys another."""
        with self._lock:
            self._until = 0.0

    def _buy(self) -> None:
        asked = {"grant_type": "client_credentials", "client_id": self._key, "client_secret": self._secret}
        answer = self._grant.request("POST", _GRANT, operation="buy an access token", data=asked, ok=(200,))
        body = answer.json()
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise AccessDenied(
                "shopify: buy an access token gave none. Check key and secret, and that the app is "
                "installed in this shop and belongs to the shop's own organisation.",
                adapter=ADAPTER, operation="buy an access token", status=answer.status,
            )  # fmt: skip
        self._bought = token
        lasts = body.get("expires_in")
        self._until = self._monotonic() + (float(lasts) if isinstance(lasts, int | float) else 3600.0)


def grant_http(settings: Mapping[str, Any], *, sleep: Callable[[float], None]) -> Http:
    """The unsigned way to the token's own address."""
    return Http(
        adapter=ADAPTER, base=shop_url(settings), connections=1, statuses=STATUSES,
        error_code=http_error_code, network=Network.of(settings), sleep=sleep,
    )  # fmt: skip
