"""The stand-in Mondido: customers by the shop's reference, and their saved cards."""

from dataclasses import dataclass, field

from sandbox.routing import Router
from sandbox.wire import Answer, Json, Request, ServiceError
from sandbox.woocommerce.auth import basic_credentials
from sandbox.woocommerce.shop import Shop


@dataclass(slots=True)
class Merchant:
    """Customers and cards by id, and every call that would move money."""

    customers: dict[str, Json] = field(default_factory=dict)
    cards: dict[str, Json] = field(default_factory=dict)
    misuse: list[tuple[str, str]] = field(default_factory=list)


def make_merchant(shop: Shop) -> Merchant:
    """A customer for each account of a shop, and a saved card for each."""
    merchant = Merchant()
    for number, account in enumerate(shop.customers.values(), 1):
        merchant.customers[str(number)] = {"id": number, "ref": str(account["id"]), "email": account["email"]}
        merchant.cards[str(300 + number)] = {
            "id": 300 + number, "currency": "SEK", "customer": {"id": number}, "card_holder": "Test Testsson",
            "card_number": "411111******1111", "status": "active", "test": True,
        }  # fmt: skip
    return merchant


class Mondido(Router):
    """Answers requests to one merchant."""

    prefix = "/v1"

    def __init__(self, merchant: Merchant, name: str, key: str) -> None:
        super().__init__()
        self.merchant, self._credentials = merchant, (name, key)
        self.serve("GET", "/customers", self.customers)
        self.serve("GET", "/stored_cards", self.cards)
        self.serve("GET", "/stored_cards/<id>", self.card)
        self.serve("DELETE", "/stored_cards/<id>", self.delete)
        self.serve("POST", "/transactions/<id>/refund", self.refund)

    def permit(self, request: Request) -> Answer | None:
        """Basic with merchant and password."""
        known = basic_credentials(request) == self._credentials
        return None if known else Answer(401, {"name": "errors.auth", "description": "Not allowed"})

    def unknown(self, request: Request, *, other_method: bool) -> Answer:
        """404, with the name of a fault."""
        return Answer(404, {"name": "errors.not_found", "description": "Not found"})

    def customers(self, request: Request) -> Answer:
        """GET customers; by the shop's reference where it is asked for."""
        wanted = request.query.get("filter[ref]")
        return _page(
            request, [row for row in self.merchant.customers.values() if wanted in (None, row["ref"])]
        )

    def cards(self, request: Request) -> Answer:
        """GET every saved card; one that was deleted too."""
        return _page(request, list(self.merchant.cards.values()))

    def card(self, request: Request, card: str) -> Answer:
        """GET one saved card."""
        return Answer(200, self._found(card))

    def delete(self, request: Request, card: str) -> Answer:
        """DELETE a saved card: it is shown as deleted from then on."""
        self._found(card)["status"] = "deleted"
        return Answer(200, self.merchant.cards[card])

    def refund(self, request: Request, transaction: str) -> Answer:
        """POST a refund: recorded as misuse."""
        self.merchant.misuse.append(("POST", "refund"))
        raise ServiceError(Answer(400, {"name": "errors.refund", "description": "No"}))

    def _found(self, card: str) -> Json:
        if card not in self.merchant.cards:
            raise ServiceError(
                Answer(404, {"name": "errors.stored_card.not_found", "description": "No card"})
            )
        return self.merchant.cards[card]


def _page(request: Request, rows: list[Json]) -> Answer:
    start, size = int(request.query.get("offset", 0)), int(request.query.get("limit", 100))
    return Answer(200, rows[start : start + size])
