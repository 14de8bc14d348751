"""Faults on demand of the stand-in Shopify, beside those that every service has."""

from dataclasses import replace
from urllib.parse import unquote

from sandbox.faults import KINDS as COMMON
from sandbox.faults import Fault, Faults
from sandbox.shopify import lies
from sandbox.wire import Answer, Json, Request

_ANSWERS: dict[str, tuple[int, Json]] = {
    "401": (401, {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}),
    "402": (402, {"errors": "Unavailable Shop"}),
    "403": (403, {"errors": "[API] This action requires merchant approval for the scope it needs."}),
    "403_token": (
        403,
        {
            "errors": "[API] Non-expiring access tokens are no longer accepted for the Admin API. "
            "Start using expiring offline tokens"
        },
    ),
    "404": (404, {"errors": "Not Found"}),
    "423": (423, {"errors": "This shop is unavailable"}),
    "shopify_429": (429, {"errors": "Exceeded the rate limit. Reduce request rates to resume service."}),
    "430": (430, {"errors": "Request blocked for security reasons"}),
    "shopify_500": (500, {"errors": "Internal Server Error"}),
    "503": (503, {"errors": "Service Unavailable"}),
    "504": (504, {"errors": "Gateway Timeout"}),
}
_OWN = {"429": "shopify_429", "500": "shopify_500", "fatal_500": "shopify_500"}
KINDS = (
    COMMON | frozenset(_ANSWERS) | lies.KINDS | {"throttled", "internal", "deprecated", "expired", "cut_half"}
) - set(_OWN.values()) | frozenset(_OWN)  # fmt: skip


class ShopifyFaults(Faults):
    """`match` may also name a field of the operation: "customerDelete".

    Kinds beside the common ones: an HTTP status; "throttled" and "internal" (HTTP 200 with errors),
    "deprecated" (a header), "half_batch" (every second mutation of a request is refused), "expired" (a
    result's address), "cut_half" (a result that breaks off), and what `lies` makes of a good answer:
    "nodes_null", "nodes_short", "list_empty", "list_gap", "count_low", "count_high", "cursor_ignored",
    "other_query" (the answer to another search), "file_short", "file_gap", "file_repeats", "file_garbled".
    """

    kinds, own = KINDS, _OWN

    def next(self, request: Request) -> Fault | None:
        """The fault that strikes, looked for in the path and in the operation's text."""
        if not self._ordered:
            return None
        said = request.body[:65536].decode("utf-8", "replace") if request.method == "POST" else ""
        return super().next(replace(request, path=f"{request.path}\n{unquote(said)}"))


def own_answer(kind: str) -> Answer | None:
    """The answer that a fault gives in place of the service's own."""
    found = _ANSWERS.get(kind)
    if found is None:
        return None
    headers = {"Retry-After": "2.0"} if found[0] == 429 else {}
    return Answer(found[0], dict(found[1]), headers)
