"""The stand-in Klarna: order management and customer tokens, consistent with the shop's orders."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.routing import Router
from sandbox.wire import Answer, Json, Request, ServiceError
from sandbox.woocommerce.auth import basic_credentials
from sandbox.woocommerce.shop import Shop

_READABLE = timedelta(days=3 * 365)  # Klarna answers orders for up to three years after their creation
_STATES = {
    "processing": "CAPTURED",
    "completed": "CAPTURED",
    "refunded": "CAPTURED",
    "cancelled": "CANCELLED",
}
_CORRELATION = "00000000-0000-4000-8000-0000000000a1"


@dataclass(slots=True)
class Book:
    """Orders and tokens by id, and every call that moves money or touches the consumer's details."""

    orders: dict[str, Json] = field(default_factory=dict)
    tokens: dict[str, Json] = field(default_factory=dict)
    misuse: list[tuple[str, str]] = field(default_factory=list)


def make_book(shop: Shop, *, only: str = "") -> Book:
    """What Klarna holds of a shop's orders of the last three years; of one way to pay where one is named."""
    book = Book()
    for order in shop.orders.values():
        if only and order["payment_method"] != only:
            continue
        meta = {row["key"]: row["value"] for row in order["meta_data"]}
        reference = meta.get("_wc_klarna_order_id")
        created = datetime.fromisoformat(order["date_created_gmt"]).date()
        if reference and shop.today - created <= _READABLE:
            book.orders[reference] = _order(order, reference, meta.get("_billing_personnummer", ""))
        if token := meta.get("_kco_recurring_token"):
            card = {"brand": "VISA", "masked_number": "************1111", "expiry_date": "12/2029"}
            book.tokens[token] = {"status": "ACTIVE", "payment_method_type": "CARD", "card": card}
    return book


def _order(order: Json, reference: str, personal_number: str) -> Json:
    cents = round(float(order["total"]) * 100)
    return {
        "order_id": reference, "status": _STATES.get(order["status"], "AUTHORIZED"),
        "fraud_status": "ACCEPTED",
        "order_amount": cents, "original_order_amount": cents, "captured_amount": cents, "refunded_amount": 0,
        "remaining_authorized_amount": 0, "purchase_currency": "SEK", "purchase_country": "SE",
        "locale": "sv-SE",
        "order_lines": [], "merchant_reference1": order["number"],
        "merchant_reference2": order["billing"]["email"],
        "klarna_reference": f"K{order['id']}", "created_at": f"{order['date_created_gmt']}.000Z",
        "captures": [],
        "refunds": [], "billing_address": _address(order["billing"], order["billing"]["email"]),
        "shipping_address": _address(order["shipping"], order["billing"]["email"]),
        "customer": {"national_identification_number": personal_number} if personal_number else {},
    }  # fmt: skip


def _address(source: Json, email: str) -> Json:
    return {
        "given_name": source["first_name"], "family_name": source["last_name"], "email": email,
        "phone": source["phone"], "street_address": source["address_1"], "postal_code": source["postcode"],
        "city": source["city"], "country": source["country"],
    }  # fmt: skip


def fault_of(status: int, code: str, message: str) -> ServiceError:
    """An error as Klarna words it."""
    body = {"correlation_id": _CORRELATION, "error_code": code, "error_messages": [message]}
    return ServiceError(Answer(status, body, content_type="application/json"))


class Klarna(Router):
    """Answers requests to one merchant's Klarna; Kustom answers the same ones."""

    def __init__(self, book: Book, user: str, password: str) -> None:
        super().__init__()
        self.book = book
        self._credentials = (user, password)
        order, token = "/ordermanagement/v1/orders/<order>", "/customer-token/v1/tokens/<token>"
        self.serve("GET", order, self.order)
        self.serve("PATCH", f"{order}/merchant-references", self.references)
        self.serve("PATCH", f"{order}/customer-details", self.details)
        self.serve("GET", token, self.token)
        self.serve("PATCH", f"{token}/status", self.stop)
        for method, what in (
            ("POST", "cancel"), ("POST", "release-remaining-authorization"), ("POST", "refunds"), ("POST",
            "captures"),
        ):  # fmt: skip
            self.serve(method, f"{order}/{what}", self.money)

    def permit(self, request: Request) -> Answer | None:
        """Basic; 401 without a body otherwise."""
        if basic_credentials(request) == self._credentials:
            return None
        return Answer(401, "", {"Klarna-Correlation-Id": _CORRELATION}, "text/plain")

    def unknown(self, request: Request, *, other_method: bool) -> Answer:
        """403: Klarna's answer for a path that is none."""
        return fault_of(403, "NOT_ALLOWED", "The operation is not allowed.").answer

    def _found(self, order_id: str) -> Json:
        if order_id not in self.book.orders:
            raise fault_of(404, "NO_SUCH_ORDER", "The order does not exist.")
        return self.book.orders[order_id]

    def order(self, request: Request, order_id: str) -> Answer:
        """GET an order."""
        return self._answer(200, self._found(order_id))

    def references(self, request: Request, order_id: str) -> Answer:
        """PATCH the shop's own references; not of a cancelled order."""
        found = self._found(order_id)
        if found["status"] == "CANCELLED":
            raise fault_of(403, "NOT_ALLOWED", "The order is cancelled.")
        body = request.json()
        found |= {key: body[key] for key in ("merchant_reference1", "merchant_reference2") if key in body}
        return self._answer(204)

    def details(self, request: Request, order_id: str) -> Answer:
        """PATCH the consumer's details: recorded as misuse, since it starts a new credit check."""
        self.book.misuse.append((request.method, "customer-details"))
        self._found(order_id)
        raise fault_of(403, "NOT_ALLOWED", "Billing address cannot be updated for user account order.")

    def money(self, request: Request, order_id: str) -> Answer:
        """Every call that moves money: recorded as misuse."""
        self.book.misuse.append((request.method, request.path.rpartition("/")[2]))
        self._found(order_id)
        raise fault_of(403, "NOT_ALLOWED", "The operation is not allowed for this order.")

    def _token(self, token: str) -> Json:
        if token not in self.book.tokens:
            raise fault_of(404, "NOT_FOUND", "The token does not exist.")
        return self.book.tokens[token]

    def token(self, request: Request, token: str) -> Answer:
        """GET a customer token."""
        return self._answer(200, self._token(token))

    def stop(self, request: Request, token: str) -> Answer:
        """PATCH a token to CANCELLED: accepted, for good."""
        found = self._token(token)
        if request.json().get("status") != "CANCELLED":
            raise fault_of(400, "BAD_VALUE", "The status must be CANCELLED.")
        found["status"] = "CANCELLED"
        return self._answer(202)

    def _answer(self, status: int, body: Any = None) -> Answer:
        return Answer(status, body, {"Klarna-Correlation-Id": _CORRELATION}, "application/json")
