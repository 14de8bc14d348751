"""The WooCommerce REST API over the shop: finds the route, checks the key, trims the fields."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.faults import Fault, fatal_body, html_answer
from sandbox.wire import Answer, Request, ServiceError, encode
from sandbox.woocommerce import analytics, catalogue, customers, order_parts, orders, reports, system
from sandbox.woocommerce.auth import ApiKey, authenticate
from sandbox.woocommerce.context import Call
from sandbox.woocommerce.errors import no_route, rest_error
from sandbox.woocommerce.fields import trim
from sandbox.woocommerce.shop import Shop

_WRITES = "POST, PUT, PATCH"
_ONE = f"GET, {_WRITES}, DELETE"


@dataclass(frozen=True, slots=True)
class Route:
    """One address below the API's root; `allow` is None where the answer depends on the row."""

    template: str
    methods: frozenset[str]
    allow: str | None
    run: Callable[[Call], Answer]
    pattern: re.Pattern[str]


def _route(
    template: str, allow: str, run: Callable[[Call], Answer], methods: str = "", *, fixed: bool = True
) -> Route:
    pattern = re.sub(r"<\w+>", r"(\\d+)", template.replace("<name>", r"([\w-]+)"))
    served = frozenset((methods or allow).replace(",", "").split())
    return Route(template, served, allow if fixed else None, run, re.compile(f"{pattern}/?\\Z"))


ROUTES = (
    _route("wc/v3/orders", "GET, POST", orders.listing, "GET"),
    _route("wc/v3/orders/batch", _WRITES, orders.batch),
    _route("wc/v3/orders/<id>", _ONE, orders.one),
    _route("wc/v3/orders/<id>/notes", "GET, POST", order_parts.notes),
    _route("wc/v3/orders/<id>/notes/<note>", "GET, DELETE", order_parts.note),
    _route("wc/v3/orders/<id>/refunds", "GET, POST", order_parts.order_refunds, "GET"),
    _route("wc/v3/orders/<id>/refunds/<refund>", "GET, DELETE", order_parts.refund),
    _route("wc/v3/refunds", "GET", order_parts.refunds),
    _route("wc/v3/customers", "GET, POST", customers.listing, "GET"),
    _route("wc/v3/customers/batch", _WRITES, customers.batch),
    _route("wc/v3/customers/<id>", _ONE, customers.one, fixed=False),
    _route("wc/v3/customers/<id>/downloads", "GET", customers.downloads),
    _route("wc/v3/products", "GET, POST", catalogue.products, "GET"),
    _route("wc/v3/products/reviews", "GET, POST", catalogue.reviews, "GET"),
    _route("wc/v3/products/reviews/<id>", _ONE, catalogue.review),
    _route("wc/v3/products/<id>", _ONE, catalogue.product, "GET"),
    _route("wc/v3/coupons", "GET, POST", catalogue.coupons, "GET"),
    _route("wc/v3/coupons/<id>", _ONE, catalogue.coupon),
    _route("wc/v3/taxes", "GET, POST", catalogue.taxes, "GET"),
    _route("wc/v3/taxes/<id>", _ONE, catalogue.tax, "GET"),
    _route("wc/v3/webhooks", "GET, POST", catalogue.webhooks, "GET"),
    _route("wc/v3/webhooks/<id>", _ONE, catalogue.webhook, "GET"),
    _route("wc/v3/system_status", "GET", system.status),
    _route("wc/v3/system_status/tools", "GET", system.tools),
    _route("wc/v3/system_status/tools/<name>", f"GET, {_WRITES}", system.tool),
    _route("wc/v3/settings/account", "GET", system.account_settings),
    _route("wc/v3/settings/account/<name>", f"GET, {_WRITES}", system.account_setting),
    _route("wc/v3/reports/orders/totals", "GET", reports.orders),
    _route("wc/v3/reports/customers/totals", "GET", reports.customers),
    _route("wc/v3/reports/reviews/totals", "GET", reports.reviews),
    _route("wc/v3/reports/coupons/totals", "GET", reports.coupons),
    _route("wc-analytics/reports/customers", "GET", analytics.customers),
    _route("wc-admin/options", f"GET, {_WRITES}", system.options, "GET"),
)
_CANNOT = {
    "GET": ("cannot_view", "Sorry, you cannot view this resource."),
    "DELETE": ("cannot_delete", "Sorry, you are not allowed to delete this resource."),
}
_CANNOT_EDIT = ("cannot_edit", "Sorry, you are not allowed to edit this resource.")


def find(path: str, method: str) -> tuple[Route, tuple[Any, ...]]:
    """The route of a path and the numbers in it. Raises the 404 of rest_no_route."""
    for route in ROUTES:
        match = route.pattern.match(path)
        if match and method in route.methods:
            return route, tuple(int(part) if part.isdigit() else part for part in match.groups())
    raise no_route()


class Api:
    """Answers requests to one shop; `https` makes it read Basic keys without a proxy's header."""

    def __init__(
        self, shop: Shop, keys: list[ApiKey], *, rest_prefix: str = "wp-json", https: bool = False
    ) -> None:
        self.shop = shop
        self.keys = {key.key: key for key in keys}
        self.rest_prefix = rest_prefix
        self.https = https

    def answer(self, request: Request, fault: Fault | None) -> Answer:
        """The answer to one request."""
        secure = self.https or request.headers.get("x-forwarded-proto", "").lower() == "https"
        host = f"{'https' if secure else 'http'}://{request.headers.get('host', '')}"
        root = f"/{self.rest_prefix}/"
        with self.shop.lock:
            try:
                if not f"{request.path}/".startswith(root):
                    return self._outside(request, host, secure=secure)
                answer = self._routed(request, fault, base=host + root[:-1], secure=secure)
            except ServiceError as error:
                answer = error.answer
            except catalogue.FatalError:
                answer = Answer(500, fatal_body())
            if not isinstance(answer.body, bytes):
                answer.body = encode(answer.body)
        answer.headers.setdefault("Link", f'<{host}{root}>; rel="https://api.w.org/"')
        return answer

    def _outside(self, request: Request, host: str, *, secure: bool) -> Answer:
        if "rest_route" in request.query:  # WooCommerce reads no keys in this form of address
            raise rest_error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        if secure:
            return html_answer(404, "404 Not Found")
        headers = {
            "X-Redirect-By": "WordPress",
            "Location": f"https{host.removeprefix('http')}{request.path}",
        }
        return Answer(301, "", headers, "text/html; charset=UTF-8", route="outside")

    def _routed(self, request: Request, fault: Fault | None, *, base: str, secure: bool) -> Answer:
        path = request.path[len(self.rest_prefix) + 2 :]
        call = Call(request=request, shop=self.shop, ids=(), base=base, fault=fault)
        if not path:
            return system.index(call)
        clock_off = bool(fault and fault.kind == "clock")
        try:
            key = authenticate(request, self.keys, https=secure, clock_off=clock_off)
        except ServiceError as error:
            error.answer.headers["Vary"] = "Origin"
            raise
        route, ids = find(path, request.method)
        if key is None:
            raise _not_allowed(request.method, listing="<" not in route.template)
        if fault and fault.kind == "query_dropped":
            request = request.without_query()
        call = Call(request=request, shop=self.shop, ids=ids, base=base, fault=fault)
        return _run(route, call)


def _run(route: Route, call: Call) -> Answer:
    try:
        answer = route.run(call)
    except ServiceError as error:
        answer = error.answer
    answer.route = f"/{route.template}"
    if route.allow:
        answer.headers.setdefault("Allow", route.allow)
    if fields := call.request.query.get("_fields"):
        answer.body = trim(answer.body, fields) if answer.status < 400 else answer.body
    return answer


def _not_allowed(method: str, *, listing: bool) -> ServiceError:
    code, message = _CANNOT.get(method, _CANNOT_EDIT)
    if listing and method == "GET":
        message = "Sorry, you cannot list resources."
    error = rest_error(401, f"woocommerce_rest_{code}", message)
    error.answer.headers["Vary"] = "Origin"
    return error
