"""How the fields of orders, customers and gift cards are read where a record does not simply say it."""

from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.fields import Reader, enter
from sandbox.shopify.pagination import paginate, paginate_list
from sandbox.wire import Json


def _customer(source: Any, ctx: Context, args: Json) -> Any:
    return ctx.shop.customers.find(source["customer_number"])


def _counted(name: str) -> Reader:
    return lambda source, ctx, args: {"count": len(source[name]), "precision": "EXACT"}


def _return_status(source: Any, ctx: Context, args: Json) -> str:
    if not source["returns"]:
        return "NO_RETURN"
    return "IN_PROGRESS" if any(one["status"] == "OPEN" for one in source["returns"]) else "RETURNED"


def _shown_orders(source: Any, ctx: Context) -> list[int]:
    shop = ctx.shop
    owned = shop.orders_of.read(source["number"])
    if ctx.token.all_orders:
        return owned
    return [number for number in owned if shop.shows_order(shop.orders.read(number), False)]


def _orders(source: Any, ctx: Context, args: Json) -> Json:
    keys = [(number, number) for number in sorted(_shown_orders(source, ctx))]
    return paginate(keys, args, ctx.shop.orders.read)


def _last_order(source: Any, ctx: Context, args: Json) -> Any:
    shown = _shown_orders(source, ctx)
    return ctx.shop.orders.read(max(shown)) if shown else None


def _number_of_orders(source: Any, ctx: Context, args: Json) -> str:
    """All orders, also those the caller may not see."""
    return str(len(ctx.shop.orders_of.read(source["number"])))


def phone_number(phone: Json) -> Json:
    """A CustomerPhoneNumber, of a customer or in the answer to a consent's change."""
    return {
        "phoneNumber": phone["phoneNumber"],
        "smsMarketingConsent": {name: phone[name] for name in ("state", "optInLevel", "updatedAt")},
        "whatsAppMarketingConsent": phone.get("whatsApp") or {"state": "NEVER_SUBSCRIBED"},
    }


def _payment_methods(source: Any, ctx: Context, args: Json) -> Json:
    return paginate_list([row for row in source["paymentMethods"] if row["revokedAt"] is None], args)


def _profiles(source: Any, ctx: Context, args: Json) -> list[Json]:
    contacts = ctx.shop.company_contacts.values()
    return [row for row in contacts if row["customer_number"] == source["number"]]


for _kind in ("Order", "DraftOrder", "AbandonedCheckout", "GiftCard"):
    enter(_kind, {"customer": _customer})
enter("DraftOrder", {"order": lambda source, ctx, args: ctx.shop.orders.find(source["order_number"])})
enter("GiftCard", {"recipientAttributes": lambda source, ctx, args: source["recipient"]})
enter("GiftCardRecipient", {"recipient": _customer})
enter("Order", {
    "returnStatus": _return_status, "fulfillmentsCount": _counted("fulfillments"),
    "transactionsCount": _counted("transactions"),
})  # fmt: skip
enter("Customer", {
    "orders": _orders, "lastOrder": _last_order, "numberOfOrders": _number_of_orders,
    "canDelete": lambda source, ctx, args: not ctx.shop.can_delete(source["number"]),
    "defaultEmailAddress": lambda source, ctx, args: source["defaultEmail"],
    "defaultPhoneNumber": lambda source, ctx, args: (
        source["defaultPhone"] and phone_number(source["defaultPhone"])
    ),
    "addressesV2": lambda source, ctx, args: paginate_list(source["addresses"], args),
    "paymentMethods": _payment_methods, "companyContactProfiles": _profiles,
})  # fmt: skip
