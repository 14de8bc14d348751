"""The GraphQL Admin API of one shop: one document a request, budget kept, version compared.

ShopifyAPI gives the shop, the version and the scopes; its own GraphQL client is not used: it has
no timeout, drops the answer's headers and prints error bodies.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from adapters.http import Answer, Http
from adapters.network import Network
from adapters.shopify import operations
from adapters.shopify.access import VERSION, Token, grant_http, graphql_path, shop_url
from adapters.shopify.budget import Budget
from adapters.shopify.faults import ADAPTER, STATUSES, codes, graphql_error, http_error_code
from connector.errors import AccessDenied, Rejected

_log = logging.getLogger("gallra.shopify")
_TRIES = 12
_FAILURES = 3  # of Shopify's own before it is left for another run
# Optional parts of operations, by the permission that opens them.
_OPTIONAL = (
    "read_returns", "read_companies", "read_store_credit_accounts", "read_customer_payment_methods",
)  # fmt: skip
Data = Mapping[str, Any]


class _Document(NamedTuple):
    """One request: the operation's name and text, its variables, and what it may cost.

    `repeatable`: a write that may be sent again where nobody knows what came of it.
    """

    name: str
    text: str
    variables: Mapping[str, Any]
    write: bool = False
    repeatable: bool = True
    cost: float | None = None


class _Settled(NamedTuple):
    """An answer, and the id by which Shopify knows the request."""

    body: dict[str, Any]
    request_id: str


class Client:
    """Runs the operations of the folder; remembers what the answers' headers said."""

    def __init__(self, http: Http, token: Token, budget: Budget, *, pause: Callable[[float], None]) -> None:
        self.http = http
        self.budget = budget
        self.pause = pause
        self.deprecated: dict[str, str] = {}
        self.served = ""
        self._token = token
        self._path = graphql_path()
        self._scopes: frozenset[str] | None = None

    def run(
        self, name: str, variables: Mapping[str, Any] | None = None, *, write: bool = False,
        repeatable: bool = True, cost: float | None = None,
    ) -> Data:  # fmt: skip
        """The data of one operation; throttling and Shopify's own failures are waited out.

        Raises AccessDenied, RetryLater or Rejected; with an ACCESS_DENIED partial data is no data.
        """
        return self._run(_Document(name, self.text(name), variables or {}, write, repeatable, cost))

    def read(self, name: str, variables: Mapping[str, Any], *, text: str) -> Data:
        """The data of a document that was made of an operation; else as `run`."""
        return self._run(_Document(name, text, variables))

    def _run(self, document: _Document) -> Data:
        body, request_id = self._settled(document)
        errors = body.get("errors") or ()
        if errors or not isinstance(body.get("data"), dict):
            raise graphql_error(errors, document.name.replace("_", " "), request_id)
        return dict(body["data"])

    def run_each(self, name: str, text: str, variables: Mapping[str, Any], *, cost: float) -> Data:
        """The answers of many mutations in one document, by alias; one that failed is `{"errors": codes}`.

        Raises AccessDenied, RetryLater or Rejected where the document failed as a whole.
        """
        body, request_id = self._settled(_Document(name, text, variables, write=True, cost=cost))
        errors = body.get("errors") or ()
        found = codes(errors)
        aliases = [str((error.get("path") or [""])[0]) for error in errors if isinstance(error, dict)]
        if not isinstance(body.get("data"), dict) or "ACCESS_DENIED" in found or "" in aliases:
            raise graphql_error(errors, name.replace("_", " "), request_id)
        failed = {alias: {"errors": [code]} for alias, code in zip(aliases, found, strict=False)}
        return {**{alias: value or {} for alias, value in body["data"].items()}, **failed}

    def _settled(self, document: _Document) -> _Settled:
        """The answer once it is neither throttled nor, after some tries, a failure of Shopify's own."""
        failures = 0
        for _ in range(_TRIES):
            answer = self._send(document)
            found = codes(answer.body.get("errors") or ())
            if "THROTTLED" in found:
                self.budget.wait_out(document.name)
            elif found and set(found) <= {"INTERNAL_SERVER_ERROR", "TIMEOUT"} and failures < _FAILURES:
                failures += 1
                self.pause(2.0**failures)
            else:
                break
        return answer

    def service_time(self) -> datetime | None:
        """Shopify's clock now, by the API's latest answers, or a refusal to sell a token."""
        return self.http.service_time() or self._token.service_time()

    def text(self, name: str, *, search: str = "") -> str:
        """The document of an operation, with the parts that this shop's permissions open."""
        features = frozenset() if name == "check" else self.features()
        return operations.read(name, features=features, search=search)

    def features(self) -> frozenset[str]:
        """The optional parts of operations that this shop's permissions open."""
        return self.scopes() & set(_OPTIONAL)

    def scopes(self) -> frozenset[str]:
        """The permissions the app has in this shop, asked for once; a write permission reads too."""
        if self._scopes is None:
            self.look()
        return self._scopes or frozenset()

    def look(self) -> Data:
        """Shop, permissions and versions, asked for anew."""
        data = self.run("check")
        self.note(data)
        return data

    def note(self, data: Data) -> frozenset[str]:
        """The permissions that an answer names, which count from now on; none where it names none."""
        self._scopes = granted(data)
        return self._scopes

    def _send(self, document: _Document) -> _Settled:
        name = document.name
        self._same_version(name)
        reserved = self.budget.reserve(name, document.cost)
        answer = self._post(document)
        body = answer.json()
        if not isinstance(body, dict):
            raise Rejected(
                f"{ADAPTER}: {name.replace('_', ' ')} answered something else than GraphQL. Check url.",
                adapter=ADAPTER, operation=name, status=answer.status,
            )  # fmt: skip
        self.budget.learn(name, (body.get("extensions") or {}).get("cost"), reserved=reserved)
        self._headers(name, answer)
        return _Settled(body, answer.headers.get("X-Request-Id", "")[:80])

    def _post(self, document: _Document) -> Answer:
        """Posts it; with a new token, once, where the old one is refused."""
        body = {"query": document.text, "variables": document.variables}
        for last in (False, True):
            self._token.ready()
            try:
                return self.http.request(
                    "POST", self._path, operation=document.name.replace("_", " "), json=body, ok=(200,),
                    write=document.write, idempotent=document.repeatable, fresh=not document.write,
                )  # fmt: skip
            except AccessDenied as error:
                if error.status != 401 or last or not self._token.renews:
                    raise
                self._token.forget()
        raise AssertionError("unreachable")

    def _headers(self, name: str, answer: Answer) -> None:
        """Notes the version served and what Shopify will take away."""
        self.served = answer.headers.get("X-Shopify-API-Version", "") or self.served
        self._same_version(name)
        reason = answer.headers.get("X-Shopify-API-Deprecated-Reason", "")
        if reason and name not in self.deprecated:
            self.deprecated[name] = reason if reason.startswith("https://shopify.dev/") else ""
            _log.warning("shopify marks the operation %s as deprecated; update Gallra before it ends", name)

    def _same_version(self, name: str) -> None:
        """Stops before and after a request where Shopify serves another version than asked for."""
        if self.served and self.served != VERSION and name != "check":
            raise AccessDenied(
                f"{ADAPTER}: {name.replace('_', ' ')} was served in another version than {VERSION}, which "
                "Shopify no longer keeps. Update Gallra before anything is read or written.",
                adapter=ADAPTER, operation=name, status=200, code="version_fell_forward",
            )  # fmt: skip


def granted(data: Data) -> frozenset[str]:
    """The permissions that an answer names; a write permission reads too."""
    try:
        handles = {str(scope["handle"]) for scope in data["currentAppInstallation"]["accessScopes"]}
    except (KeyError, TypeError):
        return frozenset()
    reads = {f"read_{handle.removeprefix('write_')}" for handle in handles if handle.startswith("write_")}
    return frozenset(handles | reads)


def connect(
    settings: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Client:  # fmt: skip
    """A client of the shop these settings name; sends nothing yet."""
    network = Network.of(settings)
    token = Token(settings, grant_http(settings, sleep=sleep), monotonic=monotonic)
    connections = int(settings.get("connections", 2))
    http = Http(
        # One bucket a shop: a second worker would drain it for the first.
        adapter=ADAPTER, base=shop_url(settings), auth=token, connections=connections, everywhere=connections,
        statuses=STATUSES, error_code=http_error_code, network=network, sleep=sleep,
    )  # fmt: skip
    budget = Budget(sleep=sleep, monotonic=monotonic, patience=network.patience)
    return Client(http, token, budget, pause=sleep)
