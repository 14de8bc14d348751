"""The HTTP face: GraphQL, tokens, scopes, uploads and results."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from graphql import FieldNode, GraphQLSyntaxError

from sandbox.faults import Fault
from sandbox.routing import Router
from sandbox.shopify import documents, execution, lies
from sandbox.shopify.access import ALL_SCOPES, TOKEN_LIFE, Keyring, Token
from sandbox.shopify.bulk.operations import Operations
from sandbox.shopify.context import Context
from sandbox.shopify.cost import Bucket
from sandbox.shopify.faults import own_answer
from sandbox.shopify.files import FileAnswer, range_start
from sandbox.shopify.refusals import internal_error
from sandbox.shopify.shop import Shop
from sandbox.wire import Answer, Json, Request, ServiceError, encode

VERSIONS = ("2026-01", "2026-04", "2026-07", "2026-10", "unstable")
_JSON = "application/json; charset=utf-8"
_DEPRECATED = "https://shopify.dev/api/usage/versioning#deprecation-practices"
_BAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105


class Api(Router):
    """Answers requests to one shop."""

    def __init__(self, shop: Shop, keyring: Keyring, url: Callable[[], str]) -> None:
        super().__init__()
        self.lock = shop.lock
        self.shop, self.keyring, self._url = shop, keyring, url
        self.versions = VERSIONS
        self.plan = "Standard"
        self._refuses_half = False
        self._lie = ""
        self.buckets: dict[str, Bucket] = {}
        self.bulk = Operations(self.execute, url)
        self.serve("POST", "/admin/oauth/access_token", self.access_token)
        self.serve("POST", "/admin/api/<version>/graphql.json", self.graphql)
        self.serve("POST", "/staged-uploads", self.upload)
        self.serve("GET", "/bulk-results/<file>", self.result)

    def answer(self, request: Request, fault: Fault | None) -> Answer:
        """The answer to one request, or the fault that was ordered."""
        kind = fault.kind if fault else ""
        with self.lock:
            self._refuses_half = kind == "half_batch"
            self._lie = kind if kind in lies.KINDS else ""
            answer = own_answer(kind) or self._special(kind, request) or super().answer(request, fault)
        if kind == "cut_half" and isinstance(answer, FileAnswer):
            answer.stop, answer.close = answer.path.stat().st_size // 2, True
        if kind == "deprecated":
            answer.headers["X-Shopify-API-Deprecated-Reason"] = _DEPRECATED
        answer.headers.setdefault("X-Request-Id", str(uuid.uuid4()))
        return answer

    def _special(self, kind: str, request: Request) -> Answer | None:
        if kind == "internal":
            return Answer(200, {"errors": [internal_error()], "data": None}, content_type=_JSON)
        if kind == "throttled":
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            bucket = Bucket(self.shop.now)
            bucket.drain()
            cost = {"cost": bucket.report(100, None)}
            return Answer(200, {"errors": [error], "extensions": cost}, content_type=_JSON)
        if kind == "expired":
            return _expired()
        return None

    def permit(self, request: Request) -> Answer | None:
        """The Admin API asks for a token; signed addresses and the token grant do not."""
        if not request.path.startswith("/admin/") or request.path == "/admin/oauth/access_token":
            return None
        if self._token(request) is None:
            return Answer(401, {"errors": _BAD_TOKEN}, content_type=_JSON)
        return None

    def _token(self, request: Request) -> Token | None:
        return self.keyring.find(request.headers.get("x-shopify-access-token", ""), self.shop.now())

    def unknown(self, request: Request, *, other_method: bool) -> Answer:
        """404, as for a shop or a page that does not exist."""
        return Answer(404, {"errors": "Not Found"}, content_type=_JSON)

    def access_token(self, request: Request) -> Answer:
        """The client credentials grant: a token for a day."""
        if "json" in request.headers.get("content-type", ""):
            given: dict[str, Any] = request.json()
        else:
            given = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        if given.get("grant_type") != "client_credentials":
            return Answer(400, {"error": "unsupported_grant_type"}, content_type=_JSON)
        if (given.get("client_id"), given.get("client_secret")) != (
            self.keyring.client_id, self.keyring.client_secret,
        ):  # fmt: skip
            return Answer(401, {"error": "invalid_client"}, content_type=_JSON)
        if not self.keyring.installed:
            return Answer(400, {"error": "app_not_installed"}, content_type=_JSON)
        token = self.keyring.give(frozenset(ALL_SCOPES), "client", self.shop.now() + TOKEN_LIFE)
        scope = ",".join(sorted(token.scopes))
        body = {"access_token": token.text, "scope": scope, "expires_in": TOKEN_LIFE}
        return Answer(200, body, content_type=_JSON)

    def _version(self, asked: str) -> str:
        """The version that is served: an expired one falls forward to the oldest. Raises for others."""
        if asked in self.versions:
            return asked
        dated = sorted(one for one in self.versions if one != "unstable")
        if len(asked) == 7 and asked[:4].isdigit() and asked[4] == "-" and asked < dated[0]:
            return dated[0]
        raise ServiceError(Answer(404, {"errors": "Not Found"}, content_type=_JSON))

    def graphql(self, request: Request, asked: str) -> Answer:
        """One GraphQL operation."""
        version = self._version(asked)
        token = self._token(request)
        body = _body(request)
        assert token is not None
        try:
            prepared = documents.prepare(body["query"])
        except GraphQLSyntaxError as error:
            return self._reply(version, {"errors": [documents.parse_fault(error)]}, "unreadable")
        ctx = self.context(token)
        name, variables = body.get("operationName"), body.get("variables") or {}
        if self._lie in lies.BEFORE:
            variables = lies.asked_otherwise(self._lie, variables)
        found = lies.told_otherwise(
            self._lie, execution.run(ctx, self.bucket(token), prepared, name, variables)
        )
        answer = self._reply(version, found, label_of(prepared))
        answer.rows = float(sum(ctx.returned.values()))
        answer.writes = int(answer.route.startswith("mutation"))
        return answer

    def _reply(self, version: str, body: Json, route: str) -> Answer:
        headers = {"X-Shopify-API-Version": version}
        return _Named(200, encode(body), headers, content_type=_JSON, name=route)

    def _dispatch(self, request: Request) -> Answer:
        """The log names GraphQL requests by the fields they ask for: "query orders"."""
        answer = super()._dispatch(request)
        if isinstance(answer, _Named):
            answer.route = answer.name
        return answer

    def context(self, token: Token) -> Context:
        """What an operation of this caller is executed with."""
        return Context(self.shop, token, self.bulk, self._url(), self.versions, self._refuses_half)

    def bucket(self, token: Token) -> Bucket:
        """The points of the caller's app."""
        if token.app not in self.buckets:
            self.buckets[token.app] = Bucket(self.shop.now, self.plan)
        return self.buckets[token.app]

    def execute(self, ctx: Context, text: str, variables: Json) -> Json:
        """One line of a bulk mutation; nothing is paid for it."""
        return execution.run(ctx, None, documents.prepare(text), None, variables)

    def upload(self, request: Request) -> Answer:
        """A file of variables."""
        return self.bulk.uploads.take(request.headers, request.body)

    def result(self, request: Request, name: str) -> Answer:
        """The result of a bulk operation, for a week; a range is honoured, so that a client may go on."""
        number = int(name.removesuffix(".jsonl")) if name.removesuffix(".jsonl").isdigit() else 0
        row = self.bulk.rows.get(number)
        if row is None or request.query.get("signature") != f"{number:x}":
            return _expired()
        if self.bulk.lapsed(row, self.shop.now()):
            return _expired()
        if self._lie in lies.FILES:
            told = lies.file_of(self._lie, self.bulk.path_of(number).read_bytes())
            return Answer(200, told, content_type="application/jsonl")
        start = range_start(request.headers.get("range", ""))
        return FileAnswer(200, content_type="application/jsonl", path=self.bulk.path_of(number), start=start)


class _Named(Answer):
    """An answer that is logged under the operation's name instead of the route's."""

    __slots__ = ("name",)

    def __init__(self, *parts: Any, name: str, **more: Any) -> None:
        super().__init__(*parts, **more)
        self.name = name


def _expired() -> Answer:
    text = "<?xml version='1.0' encoding='UTF-8'?><Error><Code>ExpiredToken</Code></Error>"
    return Answer(403, text, content_type="application/xml")


def _body(request: Request) -> Json:
    try:
        body = request.json()
    except msgspec.DecodeError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        message = {"errors": {"query": "Required parameter missing or invalid"}}
        raise ServiceError(Answer(400, message, content_type=_JSON))
    return body


def label_of(prepared: documents.Prepared) -> str:
    """An operation as the log names it: its type and the fields at its root."""
    operation = prepared.operations[0]
    fields = {one.name.value for one in operation.selection_set.selections if isinstance(one, FieldNode)}
    return f"{operation.operation.value} {'+'.join(sorted(fields))}"
