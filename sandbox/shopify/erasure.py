"""Shopify's own erasure of a customer: asked for, due much later, and then all orders at once.

What was typed freely stays: notes, attributes, tags, metafields, timelines.
"""

from dataclasses import dataclass

from sandbox.shopify.values import iso
from sandbox.wire import Json

DAY = 86400
WAIT, AFTER_ORDER = 10 * DAY, 180 * DAY


@dataclass(slots=True)
class Erasure:
    """One request that has not been carried out yet; `app` is who asked."""

    customer: int
    app: str
    requested: float

    def due(self, last_order: float) -> float:
        """Ten days after the request, or 180 after the last order where that is later."""
        recent = last_order > self.requested - AFTER_ORDER
        return max(self.requested + WAIT, last_order + AFTER_ORDER) if recent else self.requested + WAIT


def erase_customer(row: Json, now: float) -> None:
    """Takes out name, address, e-mail, telephone and account, and revokes saved cards."""
    row |= {
        "firstName": None, "lastName": None, "defaultEmail": None, "defaultPhone": None, "addresses": [],
        "state": "DISABLED", "redacted": True, "multipassIdentifier": None,
    }  # fmt: skip
    for method in row["paymentMethods"]:
        method["revokedAt"] = iso(now)


def erase_order(row: Json) -> None:
    """Takes out who bought: addresses, e-mail, telephone, IP, visit, card."""
    row |= {
        "email": None, "phone": None, "shippingAddress": None, "billingAddress": None, "clientIp": None,
        "customerJourneySummary": None,
    }  # fmt: skip
    for transaction in row["transactions"]:
        transaction["paymentDetails"] = None


def erase_offer(row: Json) -> None:
    """Takes the addresses from a draft order or an abandoned checkout."""
    row |= {"shippingAddress": None, "billingAddress": None}
    row |= {"email": None, "phone": None} if "email" in row else {}
