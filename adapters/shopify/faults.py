"""What Shopify's refusals mean, by HTTP status and by GraphQL code, each with what to do next.

Statuses: shopify.dev/docs/api/usage/response-codes. GraphQL answers its own faults with 200; a
field that the token may not read comes back null beside an ACCESS_DENIED (usage/response-codes#graphql).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import requests

from adapters.http import Row, Statuses
from adapters.http.answer import json_object
from connector.errors import AccessDenied, Rejected, RemoteError, RetryLater

ADAPTER = "shopify"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}\Z")
_SCOPE = re.compile(r"`((?:read|write)_[a-z_]{2,60})`")
_TEXTS = {
    "Non-expiring access tokens": "non_expiring_token",
    "Invalid API key or access token": "invalid_token",
    "Unavailable Shop": "shop_frozen",
    "Not Found": "not_found",
    "requires merchant approval": "scope_not_approved",
}
_NO_APP = "No app has this key and secret: copy client id and secret anew from the Dev Dashboard."
_BUY_AGAIN = "The token is not valid (any more): set the app's token, or its client id and secret."

STATUSES: Statuses = {
    400: Row(error=AccessDenied, advice="Check key and secret: Shopify took them for no app's."),
    (400, "invalid_client"): Row(error=AccessDenied, advice=_NO_APP),
    (401, "invalid_client"): Row(error=AccessDenied, advice=_NO_APP),
    (400, "app_not_installed"): Row(
        error=AccessDenied, advice="Install the app in this shop, then run again."
    ),
    (400, "shop_not_permitted"): Row(
        error=AccessDenied, advice="Use an app of the shop's own organisation: no other may buy tokens."
    ),
    401: Row(error=AccessDenied, advice=_BUY_AGAIN),
    (401, "invalid_token"): Row(error=AccessDenied, advice=_BUY_AGAIN),
    402: Row(error=AccessDenied, advice="The shop is frozen until its Shopify bill is paid: ask the owner."),
    403: Row(error=AccessDenied, advice="Check the app's permissions and the shop's plan."),
    (403, "non_expiring_token"): Row(
        error=AccessDenied, advice="This app needs expiring tokens: set its client id and secret."
    ),
    (403, "scope_not_approved"): Row(
        error=AccessDenied, advice="Approve the app's permissions in the shop's admin, then run again."
    ),
    404: Row(error=AccessDenied, advice="No shop answers at this address: check url (NAME.myshopify.com)."),
    423: Row(
        error=AccessDenied, advice="Shopify has locked the shop: ask Shopify's support before trying again."
    ),
    430: Row(
        error=AccessDenied,
        advice="Shopify's security turned this machine away: do not repeat it, ask Shopify's support.",
    ),
}  # fmt: skip


UNINSTALLED = frozenset({(401, "invalid_token"), (400, "app_not_installed"), (404, "not_found")})
"""Shopify's own answers, by status and code, to an app that is not in the shop, or of a shop that is no more.

The token of an uninstalled app is unknown (401), no other is sold to it (400), and a closed shop has no
address (404). A page, a proxy's word and every other refusal say nothing of it.
"""


def http_error_code(response: requests.Response) -> str:
    """The code of an HTTP error; Shopify gives most of them as a sentence under `errors`."""
    body = json_object(response)
    if isinstance(body.get("error"), str):
        return str(body["error"])
    text = body.get("errors")
    return next((code for part, code in _TEXTS.items() if isinstance(text, str) and part in text), "")


def codes(errors: Sequence[Any]) -> list[str]:
    """The codes of GraphQL errors; one without a code is `unknown`."""
    found = [error.get("extensions", {}).get("code") for error in errors if isinstance(error, dict)]
    return [code if isinstance(code, str) and _NAME.match(code) else "unknown" for code in found]


def graphql_error(errors: Sequence[Any], operation: str, request_id: str = "") -> RemoteError:
    """The error that GraphQL's own errors amount to; never with their text, which may quote values."""
    found = codes(errors)
    code = next((code for code in _ADVICE if code in found), found[0] if found else "unknown")
    kind, advice = _ADVICE.get(code, _UNKNOWN)
    what = f"answered {code}"
    if code == "ACCESS_DENIED":
        what, advice = _denied(errors)
    message = f"{ADAPTER}: {operation} {what}. {advice}"
    return kind(message, adapter=ADAPTER, operation=operation, status=200, code=code, request_id=request_id)


def _denied(errors: Sequence[Any]) -> tuple[str, str]:
    """Which field was denied, and the permissions that would open it."""
    denied = [error for error in errors if "ACCESS_DENIED" in codes([error])]
    path = [str(part) for error in denied for part in error.get("path") or () if _NAME.match(str(part))]
    scopes = list(dict.fromkeys(scope for error in denied for scope in _SCOPE.findall(_required(error))))
    named = f" {'.'.join(path[-2:])}" if path else ""
    wanted = f"Give the app {' or '.join(scopes)}" if scopes else "Give the app access to it"
    return f"may not read{named}", f"{wanted}, approve it in the shop, then run again."


def _required(error: Mapping[str, Any]) -> str:
    return str(error.get("extensions", {}).get("requiredAccess") or error.get("message") or "")


_UPDATE = "This version of Shopify's API does not know the request; update Gallra."
_UNKNOWN: tuple[type[RemoteError], str] = (Rejected, _UPDATE)
_ADVICE: Mapping[str, tuple[type[RemoteError], str]] = {
    "ACCESS_DENIED": (AccessDenied, ""),
    "SHOP_INACTIVE": (AccessDenied, "The shop is not active: ask the owner, then run again."),
    "THROTTLED": (RetryLater, "The shop's other apps use up its budget: run again in a few minutes."),
    "MAX_COST_EXCEEDED": (Rejected, "The question is too big for Shopify; update Gallra, which asks less."),
    "INTERNAL_SERVER_ERROR": (RetryLater, "Shopify failed on it: run again in a few minutes."),
    "TIMEOUT": (RetryLater, "Shopify took too long: run again in a few minutes."),
    "RESOURCE_NOT_FOUND": (Rejected, "The shop no longer has it; pull again."),
    "MAX_INPUT_SIZE_EXCEEDED": (Rejected, "Too much was sent at once; update Gallra, which sends 250."),
}  # fmt: skip
