"""How orders, addresses, companies and gift cards are read where a record does not simply say it."""

from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.fields import EVERY, enter
from sandbox.shopify.pagination import paginate, paginate_list
from sandbox.wire import Json


def _customer(source: Any, ctx: Context, args: Json) -> Any:
    return ctx.shop.customers.find(source["customer_number"])


def _same_address(source: Any, ctx: Context, args: Json) -> bool:
    one, other = source["billingAddress"], source["shippingAddress"]
    if not one or not other:
        return one is other
    return all(one[name] == other[name] for name in ("firstName", "lastName", "address1", "zip", "city"))


def _purchasing_entity(source: Any, ctx: Context, args: Json) -> Any:
    buyer = source["company"]
    if buyer is None:
        return _customer(source, ctx, args)
    return {"__typename": "PurchasingCompany", "buyer": buyer}


def _return_status(source: Any, ctx: Context, args: Json) -> str:
    if not source["returns"]:
        return "NO_RETURN"
    return "IN_PROGRESS" if any(one["status"] == "OPEN" for one in source["returns"]) else "RETURNED"


def _metafield(source: Any, ctx: Context, args: Json) -> Any:
    namespace, key = args.get("namespace"), args["key"]
    if namespace is None:
        namespace, _, key = key.rpartition(".")
    return next((m for m in source["metafields"] if (m["namespace"], m["key"]) == (namespace, key)), None)


def _metafields(source: Any, ctx: Context, args: Json) -> Json:
    rows, keys = source.get("metafields", []), args.get("keys")
    if args.get("namespace"):
        rows = [row for row in rows if row["namespace"] == args["namespace"]]
    if keys is not None:
        rows = [row for row in rows if f"{row['namespace']}.{row['key']}" in keys or row["key"] in keys]
    return paginate_list(rows, args)


def _name(source: Any) -> str:
    return f"{source['firstName'] or ''} {source['lastName'] or ''}".strip()


def _formatted(source: Any, ctx: Context, args: Json) -> list[str]:
    lines = [source[name] for name in ("address1", "address2", "zip", "city", "country")]
    if args.get("withCompany"):
        lines.insert(0, source["company"])
    if args.get("withName"):
        lines.insert(0, _name(source))
    return [line for line in lines if line]


def _count(number: int) -> Json:
    return {"count": number, "precision": "EXACT"}


def _of_company(rows: dict[int, Json], source: Any, args: Json) -> Json:
    """What belongs to a company: its contacts, its places."""
    keys = [(n, n) for n in sorted(rows) if rows[n]["company"] == source["number"]]
    return paginate(keys, args, rows.__getitem__)


def _company_orders(source: Any, ctx: Context, args: Json) -> Json:
    contact = ctx.shop.company_contacts.get(source["number"])
    return _count(len(ctx.shop.orders_of.read(contact["customer_number"])) if contact else 0)


_OF_A_CUSTOMER = (
    "Order", "DraftOrder", "AbandonedCheckout", "GiftCard", "CompanyContact", "CustomerPaymentMethod",
)  # fmt: skip
_OWN_COMPANY = {"company": lambda source, ctx, args: ctx.shop.companies[source["company"]]}
enter(EVERY, {"metafield": _metafield, "metafields": _metafields})
for _kind in _OF_A_CUSTOMER:
    enter(_kind, {"customer": _customer})
for _kind in ("DraftOrder", "GiftCard"):
    enter(_kind, {"order": lambda source, ctx, args: ctx.shop.orders.find(source["order_number"])})
enter("GiftCard", {"recipientAttributes": lambda source, ctx, args: source["recipient"]})
enter("GiftCardRecipient", {"recipient": _customer})
enter("DraftOrder", {"purchasingEntity": _purchasing_entity})
enter("Order", {
    "purchasingEntity": _purchasing_entity,
    "displayAddress": lambda source, ctx, args: source["shippingAddress"] or source["billingAddress"],
    "returnStatus": _return_status,
    "fulfillmentsCount": lambda source, ctx, args: _count(len(source["fulfillments"])),
    "transactionsCount": lambda source, ctx, args: _count(len(source["transactions"])),
})  # fmt: skip
enter("MailingAddress", {
    "formatted": _formatted, "name": lambda source, ctx, args: _name(source) or None,
    "countryCode": lambda source, ctx, args: source["countryCodeV2"],
})  # fmt: skip
enter("PurchasingCompany", {
    "company": lambda source, ctx, args: ctx.shop.companies.get(source["buyer"]),
    "contact": lambda source, ctx, args: ctx.shop.company_contacts.get(source["buyer"]),
    "location": lambda source, ctx, args: ctx.shop.company_locations.get(source["buyer"]),
})  # fmt: skip
enter("CompanyContact", _OWN_COMPANY)
enter("CompanyLocation", _OWN_COMPANY)
enter("Company", {
    "contacts": lambda source, ctx, args: _of_company(ctx.shop.company_contacts, source, args),
    "locations": lambda source, ctx, args: _of_company(ctx.shop.company_locations, source, args),
    "ordersCount": _company_orders,
})  # fmt: skip
