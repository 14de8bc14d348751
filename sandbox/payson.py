"""The stand-in Payson: the account and its checkouts, consistent with the shop's orders."""

from dataclasses import dataclass, field

from sandbox.routing import Router
from sandbox.wire import Answer, Json, Request, ServiceError
from sandbox.woocommerce.auth import basic_credentials
from sandbox.woocommerce.shop import Shop

_PAGE = 20
_STATES = {"processing": "readyToShip", "completed": "paidToAccount", "refunded": "paidToAccount"}


@dataclass(slots=True)
class Till:
    """Checkouts by id, and every call that would change one."""

    checkouts: dict[str, Json] = field(default_factory=dict)
    misuse: list[tuple[str, str]] = field(default_factory=list)


def make_till(shop: Shop) -> Till:
    """What Payson holds of a shop's orders."""
    till = Till()
    for order in shop.orders.values():
        meta = {row["key"]: row["value"] for row in order["meta_data"]}
        if checkout_id := meta.get("_payson_checkout_id"):
            till.checkouts[checkout_id] = _checkout(order, checkout_id, meta.get("_billing_personnummer", ""))
    return till


def _checkout(order: Json, checkout_id: str, personal_number: str) -> Json:
    billing = order["billing"]
    return {
        "id": checkout_id, "status": _STATES.get(order["status"], "created"), "snippet": "<iframe></iframe>",
        "customer": {
            "city": billing["city"], "countryCode": billing["country"], "identityNumber": personal_number,
            "email": billing["email"], "firstName": billing["first_name"], "lastName": billing["last_name"],
            "phone": billing["phone"], "postalCode": billing["postcode"], "street": billing["address_1"],
            "type": "business" if billing["company"] else "person",
        },
        "merchant": {"reference": order["number"]}, "history": {"created": f"{order['date_created_gmt']}Z"},
        "order": {"currency": "sek", "totalPriceIncludingTax": float(order["total"]), "items": []},
    }  # fmt: skip


class Payson(Router):
    """Answers requests to one agent's Payson."""

    prefix = "/2.0"

    def __init__(self, till: Till, agent: str, key: str) -> None:
        super().__init__()
        self.till = till
        self._credentials = (agent, key)
        self.serve("GET", "/Accounts", self.account)
        self.serve("GET", "/Checkouts", self.checkouts)
        self.serve("GET", "/Checkouts/<id>", self.checkout)
        self.serve("PUT", "/Checkouts/<id>", self.change)
        for kind in ("RecurringSubscriptions", "RecurringPayments"):
            self.serve("GET", f"/{kind}", self.nothing)

    def permit(self, request: Request) -> Answer | None:
        """Basic with agent and key; an empty 401 otherwise."""
        return (
            None
            if basic_credentials(request) == self._credentials
            else Answer(401, "", content_type="text/plain")
        )

    def unknown(self, request: Request, *, other_method: bool) -> Answer:
        """404, or 405 for a method that a resource lacks; Payson documents a body for neither."""
        return Answer(405 if other_method else 404, "", content_type="text/plain")

    def account(self, request: Request) -> Answer:
        """GET the account: a good test of the connection."""
        return Answer(200, {
            "accountEmail": "kassa@butik.example", "status": "Approved", "merchantId": 4,
            "enabledForInvoice": True,
            "enabledForpaymentPlan": False, "enabledForRecurringPayments": False,
        })  # fmt: skip

    def checkouts(self, request: Request) -> Answer:
        """GET checkouts, by status; twenty a page, and no way to ask for a person."""
        wanted = request.query.get("status", "").lower()
        return _page(
            request, [row for row in self.till.checkouts.values() if wanted in ("", row["status"].lower())]
        )

    def nothing(self, request: Request) -> Answer:
        """GET recurring agreements: the shop has none."""
        return _page(request, [])

    def checkout(self, request: Request, checkout_id: str) -> Answer:
        """GET one checkout."""
        return Answer(200, self._found(checkout_id))

    def _found(self, checkout_id: str) -> Json:
        if checkout_id not in self.till.checkouts:
            raise ServiceError(Answer(404, {"code": 404, "message": "Checkout not found", "errors": []}))
        return self.till.checkouts[checkout_id]

    def change(self, request: Request, checkout_id: str) -> Answer:
        """PUT a checkout: recorded as misuse, since it moves money and cannot mask anybody."""
        self.till.misuse.append((request.method, "Checkouts"))
        self._found(checkout_id)
        raise ServiceError(Answer(400, {"code": 400, "message": "The checkout is finalized", "errors": []}))


def _page(request: Request, rows: list[Json]) -> Answer:
    text = request.query.get("page", "1")
    if not text.isdigit() or text == "0":
        errors = [{"property": "page", "message": "must be a positive number"}]
        raise ServiceError(Answer(400, {"code": 400, "message": "Bad request", "errors": errors}))
    page = int(text)
    chosen = rows[(page - 1) * _PAGE : page * _PAGE]
    return Answer(200, {
        "pageSize": _PAGE, "page": page, "totalPages": -(-len(rows) // _PAGE), "count": len(chosen),
        "totalCount": len(rows), "data": chosen,
    })  # fmt: skip
