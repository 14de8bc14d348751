"""Made-up payments and refunds: transactions with what each gateway tells of the payer."""

import random
import uuid

from sandbox.data.people import Person
from sandbox.shopify.making.blank import blank
from sandbox.shopify.making.sketches import Sketch
from sandbox.shopify.values import bag, gid, iso
from sandbox.wire import Json

GATEWAYS = {
    "shopify_payments": "Shopify Payments", "klarna": "Klarna", "payson": "Payson", "swish": "Swish",
    "bank_deposit": "Bank Deposit",
}  # fmt: skip


def add_payments(row: Json, sketch: Sketch, person: Person, chance: random.Random) -> None:
    """How the order was paid, and what was paid back."""
    gateway = "cash" if row["sourceName"] == "pos" else chance.choice(sorted(GATEWAYS))
    reference = str(uuid.UUID(int=chance.getrandbits(128)))
    row["paymentGatewayNames"] = [gateway]
    total = row["cents"]
    received = 0 if sketch.state in ("pending", "cancelled") else total
    returned = {"refunded": total, "partially_refunded": 4900}.get(sketch.state, 0)
    kind, status = ("SALE", "SUCCESS") if received else ("AUTHORIZATION", "PENDING")
    sale = _transaction(sketch.number * 10, gateway, total, sketch.created + 30, kind, status, reference)
    sale["paymentDetails"] = _details(gateway, person)
    sale["receiptJson"] = _receipt(gateway, person, reference)
    row["transactions"] = [sale]
    if returned:
        _add_refund(row, sketch, person, returned, gateway)
    settle(row, received, returned)


def settle(row: Json, received: int, returned: int) -> None:
    """The sums that follow from what came in and what went back."""
    total = row["cents"]
    owed = 0 if row["cancelledAt"] else total - received
    row |= {
        "totalRefundedSet": bag(returned), "totalOutstandingSet": bag(owed), "fullyPaid": received >= total,
        "unpaid": received == 0, "currentTotalPriceSet": bag(total - returned),
    }  # fmt: skip


def _transaction(
    number: int, gateway: str, cents: int, when: int, kind: str, status: str, reference: str
) -> Json:
    return blank("OrderTransaction", {
        "id": gid("OrderTransaction", number), "gateway": gateway, "kind": kind, "status": status,
        "createdAt": iso(when), "processedAt": iso(when), "paymentId": reference,
    })  # fmt: skip


def _details(gateway: str, person: Person) -> Json | None:
    if gateway == "shopify_payments":
        return blank("CardPaymentDetails", {"name": person.name})
    if gateway == "swish":
        return blank("LocalPaymentMethodsPaymentDetails", {"paymentDescriptor": person.phone.lstrip("+")})
    return None


def _receipt(gateway: str, person: Person, reference: str) -> Json:
    receipt: Json = {"reference": reference}
    if gateway == "klarna":
        receipt |= {"klarna_order_id": reference, "billing_address": {"email": person.email}}
    if gateway == "payson":
        receipt |= {"checkoutId": reference, "customer": {"email": person.email}}
    return receipt


def _add_refund(row: Json, sketch: Sketch, person: Person, cents: int, gateway: str) -> None:
    number, moment = sketch.number, iso(sketch.refunded)
    back = _transaction(
        number * 10 + 1, gateway, cents, sketch.refunded, "REFUND", "SUCCESS", f"refund-{number:x}"
    )
    row["transactions"].append(back)
    row["refunds"].append(
        blank("Refund", {
            "id": gid("Refund", number), "createdAt": moment, "processedAt": moment, "updatedAt": moment,
            "note": f"Ånger enligt samtal med {person.name}", "totalRefundedSet": bag(cents),
            "transactions": [back],
        })
    )  # fmt: skip
