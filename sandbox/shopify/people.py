"""How the fields of a customer are read."""

from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.fields import enter
from sandbox.shopify.pagination import paginate, paginate_list
from sandbox.shopify.values import money
from sandbox.wire import Json


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


def _amount_spent(source: Any, ctx: Context, args: Json) -> Json:
    shop = ctx.shop
    return money(sum(shop.orders.read(number)["cents"] for number in shop.orders_of.read(source["number"])))


def _display_name(source: Any, ctx: Context, args: Json) -> str:
    name = f"{source['firstName'] or ''} {source['lastName'] or ''}".strip()
    email = (source["defaultEmail"] or {}).get("emailAddress", "")
    return name or email or (source["defaultPhone"] or {}).get("phoneNumber", "")


def _email_consent(source: Any, ctx: Context, args: Json) -> Json | None:
    if source["redacted"]:
        return {"marketingState": "REDACTED", "marketingOptInLevel": None, "consentUpdatedAt": None}
    email = source["defaultEmail"]
    return email and {
        "marketingState": email["marketingState"], "marketingOptInLevel": email["marketingOptInLevel"],
        "consentUpdatedAt": email["marketingUpdatedAt"],
    }  # fmt: skip


def _sms_consent(source: Any, ctx: Context, args: Json) -> Json | None:
    phone = source["defaultPhone"]
    return phone and {
        "marketingState": _old_state(phone["state"]), "marketingOptInLevel": phone["optInLevel"] or "UNKNOWN",
        "consentUpdatedAt": phone["updatedAt"],
    }  # fmt: skip


def _old_state(state: str) -> str:
    return "NOT_SUBSCRIBED" if state == "NEVER_SUBSCRIBED" else state


def _phone(source: Any, ctx: Context, args: Json) -> Json | None:
    return None if source["defaultPhone"] is None else phone_number(source["defaultPhone"])


def phone_number(phone: Json) -> Json:
    """A CustomerPhoneNumber, of a customer or in the answer to a consent's change."""
    consent = {name: phone[name] for name in ("state", "optInLevel", "updatedAt")}
    return {
        "phoneNumber": phone["phoneNumber"], "marketingState": _old_state(phone["state"]),
        "marketingOptInLevel": phone["optInLevel"], "marketingUpdatedAt": phone["updatedAt"],
        "smsMarketingConsent": consent,
        "whatsAppMarketingConsent": phone.get("whatsApp") or {"state": "NEVER_SUBSCRIBED"},
    }  # fmt: skip


def _payment_methods(source: Any, ctx: Context, args: Json) -> Json:
    rows = [row for row in source["paymentMethods"] if args.get("showRevoked") or row["revokedAt"] is None]
    return paginate_list(rows, args)


def _profiles(source: Any, ctx: Context, args: Json) -> list[Json]:
    contacts = ctx.shop.company_contacts.values()
    return [row for row in contacts if row["customer_number"] == source["number"]]


CUSTOMER = {
    "orders": _orders,
    "lastOrder": _last_order,
    "numberOfOrders": _number_of_orders,
    "canDelete": lambda source, ctx, args: not ctx.shop.can_delete(source["number"]),
    "displayName": _display_name,
    "defaultEmailAddress": lambda source, ctx, args: source["defaultEmail"],
    "email": lambda source, ctx, args: (source["defaultEmail"] or {}).get("emailAddress"),
    "emailMarketingConsent": _email_consent,
    "smsMarketingConsent": _sms_consent,
    "defaultPhoneNumber": _phone,
    "phone": lambda source, ctx, args: (source["defaultPhone"] or {}).get("phoneNumber"),
    "addressesV2": lambda source, ctx, args: paginate_list(source["addresses"], args),
    "defaultAddress": lambda source, ctx, args: (source["addresses"] or [None])[0],
    "paymentMethods": _payment_methods,
    "companyContactProfiles": _profiles,
}
enter("Customer", CUSTOMER)
