"""How a call of a description is signed: by a header of its own, or by a token that is asked for first."""

import base64
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.described.values import said
from adapters.http import Http
from connector.about.described import GOOGLE, Described
from connector.errors import AccessDenied, Rejected
from connector.text.decoding import json_as

_EARLIER = 60.0  # seconds before its end that a token is asked for anew
_SHORTEST, _LONGEST = 60.0, 3600.0
_LIFE = 3600
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"  # RFC 7523


class Unsigned:
    """Headers that every call carries; none where the session signs, or nobody asks for a key."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def headers(self) -> Mapping[str, str]:
        """The headers of the next call."""
        return self._headers


class ByToken:
    """A token that is asked for once and kept until shortly before its end."""

    def __init__(
        self, one: Described, ask: Callable[[], Mapping[str, str]], http: Callable[[str], Http], address: str
    ) -> None:
        folder, _, self._path = address.rpartition("/")
        self._name, self._ask, self._http = one.name, ask, http(folder)
        self._token, self._until = "", 0.0

    def headers(self) -> Mapping[str, str]:
        """The headers of the next call. Raises AccessDenied where the key gives no token."""
        if time.monotonic() >= self._until:
            self._renew()
        return {"Authorization": f"Bearer {self._token}"}

    def _renew(self) -> None:
        try:
            answer = self._http.request("POST", self._path, operation="ask for a token", data=self._ask(),
                                        ok=(200,), write=True, idempotent=True)  # fmt: skip
        except Rejected as error:
            if error.status not in (400, 401):  # RFC 6749, 5.2: a key that is not taken is a 400
                raise
            raise self._refused(error.status) from None
        body = answer.json()
        found = body if isinstance(body, dict) else {}
        token = said(found.get("access_token"))
        if not token or not token.isprintable():
            raise Rejected(
                f"{self._name}: the answer to `ask for a token` holds none, so nothing was asked. See what "
                "stands between this machine and the service.",
                adapter=self._name, operation="ask for a token", code="no_object",
            )  # fmt: skip
        lasts = found.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int | float) else _LONGEST
        self._token = token
        self._until = time.monotonic() + min(max(seconds, _SHORTEST), _LONGEST) - _EARLIER

    def _refused(self, status: int) -> AccessDenied:
        return AccessDenied(
            f"{self._name}: the key gives no token. Check the key, its permissions and that it is for this "
            "service.",
            adapter=self._name, operation="ask for a token", status=status,
        )  # fmt: skip


def signer_of(one: Described, settings: Mapping[str, Any], http: Callable[..., Http]) -> Unsigned | ByToken:
    """What signs the calls of a description; `http` makes a session for another address."""
    auth = one.auth
    secret, user = str(settings.get(auth.secret) or ""), str(settings.get(auth.user) or "")
    if auth.kind == "bearer":
        return Unsigned({"Authorization": f"Bearer {secret}"})
    if auth.kind == "header":
        return Unsigned({auth.header: f"{auth.prefix.strip()} {secret}".strip()})
    if auth.kind == "client_credentials":
        form = {"grant_type": "client_credentials", "client_id": user, "client_secret": secret}
        asked = {**form, **({"scope": auth.scope} if auth.scope else {})}
        return ByToken(one, lambda: asked, http, _token_address(one, settings))
    if auth.kind == GOOGLE:
        return ByToken(one, _Assertions(one, secret).next, http, _token_address(one, settings))
    return Unsigned({})


def _token_address(one: Described, settings: Mapping[str, Any]) -> str:
    """Where a token is asked for: at the description's own address, or at the shop's own host for the API."""
    own = str(settings.get("url") or "")
    if not own:
        return one.auth.token
    there = urlsplit(own)
    return f"{there.scheme}://{there.netloc}{urlsplit(one.auth.token).path}"


def _account(one: Described, secret: str) -> tuple[str, RSAPrivateKey]:
    """The account and its key, from the JSON file that Google gives out; no address is taken from it."""
    found = json_as(secret, dict[str, Any]) or {}
    email, pem = said(found.get("client_email")), said(found.get("private_key"))
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnicodeError):
        key = None
    if not email or not isinstance(key, RSAPrivateKey):
        raise AccessDenied(
            f"{one.name}: the key is no service account's file. Check the key: it is the JSON file that "
            "Google gave out, whole.",
            adapter=one.name, operation="ask for a token", status=400,
        )  # fmt: skip
    return email, key


class _Assertions:
    """What a service account asks for a token with (RFC 7523; Google, OAuth 2.0 for service accounts)."""

    def __init__(self, one: Described, secret: str) -> None:
        self._one, self._secret = one, secret

    @cached_property
    def _account(self) -> tuple[str, RSAPrivateKey]:
        return _account(self._one, self._secret)

    def next(self) -> Mapping[str, str]:
        """The form of one request. Raises AccessDenied where the key is no account's file."""
        email, key = self._account
        auth, now = self._one.auth, int(time.time())
        claims = {"iss": email, "scope": auth.scope, "aud": auth.token, "iat": now, "exp": now + _LIFE}
        signed = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
        signature = base64.urlsafe_b64encode(key.sign(signed.encode(), PKCS1v15(), hashes.SHA256()))
        return {"grant_type": _JWT_BEARER, "assertion": f"{signed}.{signature.rstrip(b'=').decode()}"}


def _part(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()
