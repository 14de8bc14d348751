"""Who may call: Basic and query-string keys over https, OAuth 1.0a with a signature check over http.

Follows WooCommerce's REST authentication as recorded: over http a Basic key is not even read, and a
wrong key over https looks exactly like no key.
"""

import base64
import binascii
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from sandbox.wire import Request
from sandbox.woocommerce.errors import rest_error

_OAUTH = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
_WINDOW = 15 * 60  # seconds a timestamp may be off
_DIGESTS = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}


@dataclass(slots=True)
class ApiKey:
    """One REST key of the shop and the nonces it has used."""

    key: str
    secret: str
    may_write: bool
    nonces: dict[str, float] = field(default_factory=dict)


def authenticate(request: Request, keys: dict[str, ApiKey], *, https: bool, clock_off: bool) -> ApiKey | None:
    """The key that signs a request, or None when there is none; raises the recorded 401s."""
    found = _by_password(request, keys) if https else None
    found = found or _by_signature(request, keys, clock_off=clock_off)
    if found and request.method not in ("GET", "HEAD", "OPTIONS") and not found.may_write:
        raise _refused("The API key provided does not have write permissions.")
    return found


def _by_password(request: Request, keys: dict[str, ApiKey]) -> ApiKey | None:
    name, secret = request.query.get("consumer_key", ""), request.query.get("consumer_secret", "")
    if not name:
        name, secret = basic_credentials(request)
    key = keys.get(name)
    if key and not hmac.compare_digest(key.secret, secret):
        raise _refused("Consumer secret is invalid.")
    return key


def basic_credentials(request: Request) -> tuple[str, str]:
    """User name and password of a Basic header; empty when there is none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret


def _by_signature(request: Request, keys: dict[str, ApiKey], *, clock_off: bool) -> ApiKey | None:
    given = request.query
    if not any(name in given for name in _OAUTH):
        return None
    for name in _OAUTH:
        if name not in given:
            raise rest_error(
                401, "woocommerce_rest_authentication_missing_parameter", f"Missing OAuth parameter {name}"
            )
    key = keys.get(given["oauth_consumer_key"])
    if key is None:
        raise _refused("Consumer key is invalid.")
    _check_signature(request, key)
    _check_nonce(key, given["oauth_timestamp"], given["oauth_nonce"], clock_off=clock_off)
    return key


def _check_signature(request: Request, key: ApiKey) -> None:
    digest = _DIGESTS.get(request.query["oauth_signature_method"])
    if digest is None:
        raise _refused("Invalid signature - signature method is invalid.")
    secret = f"{key.secret}&".encode()
    expected = base64.b64encode(hmac.new(secret, signature_base(request).encode(), digest).digest()).decode()
    if not hmac.compare_digest(expected.encode(), request.query["oauth_signature"].encode()):
        raise _refused("Invalid signature - provided signature does not match.")


def signature_base(request: Request) -> str:
    """What a request is signed over: method, address without query, and its sorted parameters, escaped."""
    scheme = request.headers.get("x-forwarded-proto", "http")
    address = f"{scheme}://{request.headers.get('host', '')}{request.path}"
    pairs = sorted(
        (quote(unquote(name), safe="~"), quote(unquote(value), safe="~"))
        for name, value in request.query.items()
        if name != "oauth_signature"
    )
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    return f"{request.method}&{quote(address, safe='')}&{quote(joined, safe='')}"


def _check_nonce(key: ApiKey, timestamp: str, nonce: str, *, clock_off: bool) -> None:
    now = time.time()
    if clock_off or not timestamp.isdigit() or abs(now - int(timestamp)) > _WINDOW:
        raise _refused("Invalid timestamp.")
    if nonce in key.nonces:
        raise _refused("Invalid nonce - nonce has already been used.")
    key.nonces[nonce] = now
    if len(key.nonces) > 20_000:
        key.nonces = {used: at for used, at in key.nonces.items() if now - at < _WINDOW}


def _refused(message: str) -> Exception:
    return rest_error(401, "woocommerce_rest_authentication_error", message)
