"""Shopify's own erasure of a customer: asked for, due much later, and then all orders at once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.shopify.values import epoch, iso

if TYPE_CHECKING:
    from sandbox.shopify.shop import Shop

DAY = 86400
WAIT, AFTER_ORDER = 10 * DAY, 180 * DAY


@dataclass(slots=True)
class Erasure:
    """One request that has not been carried out yet; `app` is who asked."""

    customer: int
    app: str
    requested: float


def due(shop: "Shop", erasure: Erasure) -> float:
    """Ten days after the request, or 180 after the last order where that is later."""
    orders = shop.orders_of.read(erasure.customer)
    last = max((epoch(shop.orders.read(number)["createdAt"]) for number in orders), default=0)
    recent = last > erasure.requested - AFTER_ORDER
    return max(erasure.requested + WAIT, last + AFTER_ORDER) if recent else erasure.requested + WAIT


def carry_out_due(shop: "Shop") -> None:
    """Erases everybody whose day has come, and announces customers/redact."""
    now = shop.now()
    for erasure in list(shop.erasures.values()):
        if due(shop, erasure) <= now:
            del shop.erasures[erasure.customer]
            erase(shop, erasure.customer)


def erase(shop: "Shop", number: int) -> None:
    """Takes out name, address, e-mail, telephone, IP, card and account, on every linked order too.

    What was typed freely stays: notes, attributes, tags, metafields, timelines. Contracts are cancelled.
    """
    customer = shop.customers[number]
    orders = list(shop.orders_of.read(number))
    shop.announce_redaction(number, orders)
    customer |= {
        "firstName": None, "lastName": None, "defaultEmail": None, "defaultPhone": None, "addresses": [],
        "state": "DISABLED", "redacted": True, "multipassIdentifier": None,
    }  # fmt: skip
    if customer["productSubscriberStatus"] == "ACTIVE":
        customer["productSubscriberStatus"] = "CANCELLED"
        shop.cancelled_contracts.append(number)
    for method in customer["paymentMethods"]:
        method |= {"revokedAt": iso(shop.now()), "revokedReason": "CUSTOMER_REDACTED", "instrument": None}
    shop.touch_customer(number)
    for order in orders:
        _erase_order(shop, order)
    for rows in (shop.draft_orders, shop.abandoned_checkouts):
        for row in rows.values():
            if row["customer_number"] == number:
                row |= {"shippingAddress": None, "billingAddress": None}
                row |= {"email": None, "phone": None} if "email" in row else {}


def _erase_order(shop: "Shop", number: int) -> None:
    order = shop.orders[number]
    order |= {
        "email": None, "phone": None, "shippingAddress": None, "billingAddress": None, "clientIp": None,
        "customerJourneySummary": None, "cartToken": None, "checkoutToken": None,
    }  # fmt: skip
    for transaction in order["transactions"]:
        transaction |= {"paymentDetails": None, "receiptJson": None}
    for part in order["fulfillmentOrders"]:
        part["destination"] = None
    shop.touch_order(number)
