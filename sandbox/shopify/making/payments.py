"""Made-up payments and refunds: transactions with what each gateway tells of the payer."""

import random
import uuid

from sandbox.data.people import Person
from sandbox.shopify.making.sketches import Sketch
from sandbox.shopify.values import bag, gid, iso
from sandbox.wire import Json

GATEWAYS = ("bank_deposit", "klarna", "payson", "shopify_payments", "swish")


def add_payments(row: Json, sketch: Sketch, person: Person, chance: random.Random) -> None:
    """How the order was paid, and what was paid back."""
    gateway = "cash" if row["sourceName"] == "pos" else chance.choice(GATEWAYS)
    row["paymentGatewayNames"] = [gateway]
    total = row["cents"]
    received = 0 if sketch.state in ("pending", "cancelled") else total
    returned = {"refunded": total, "partially_refunded": 4900}.get(sketch.state, 0)
    row["transactions"] = [{
        **_at(sketch.created + 30), "gateway": gateway, "kind": "SALE" if received else "AUTHORIZATION",
        "status": "SUCCESS" if received else "PENDING",
        "paymentId": str(uuid.UUID(int=chance.getrandbits(128))), "paymentDetails": _details(gateway, person),
    }]  # fmt: skip
    if returned:
        _add_refund(row, sketch, person, gateway)
    settle(row, received, returned)


def settle(row: Json, received: int, returned: int) -> None:
    """The sums that follow from what came in and what went back."""
    total = row["cents"]
    owed = 0 if row["cancelledAt"] else total - received
    row |= {
        "totalRefundedSet": bag(returned), "totalOutstandingSet": bag(owed), "fullyPaid": received >= total,
        "currentTotalPriceSet": bag(total - returned),
    }  # fmt: skip


def _at(when: int) -> Json:
    return {"createdAt": iso(when), "processedAt": iso(when)}


def _details(gateway: str, person: Person) -> Json | None:
    if gateway == "shopify_payments":
        return {"__typename": "CardPaymentDetails", "name": person.name}
    if gateway == "swish":
        phone = person.phone.lstrip("+")
        return {"__typename": "LocalPaymentMethodsPaymentDetails", "paymentDescriptor": phone}
    return None


def _add_refund(row: Json, sketch: Sketch, person: Person, gateway: str) -> None:
    number, moments = sketch.number, _at(sketch.refunded)
    row["transactions"].append({
        **moments, "gateway": gateway, "kind": "REFUND", "status": "SUCCESS",
        "paymentId": f"refund-{number:x}", "paymentDetails": None,
    })  # fmt: skip
    note = f"Ånger enligt samtal med {person.name}"
    row["refunds"].append({"id": gid("Refund", number), **moments, "note": note})
