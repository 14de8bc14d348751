"""How every field of the schema is read from the shop's records."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_list_type, is_non_null_type

from sandbox.shopify.access import BY_MUTATION, BY_TYPE, Need
from sandbox.shopify.context import Context
from sandbox.shopify.mutations import MUTATIONS
from sandbox.shopify.pagination import paginate, paginate_list
from sandbox.shopify.people import CUSTOMER_READERS
from sandbox.shopify.refusals import access_denied
from sandbox.shopify.roots import ROOT_READERS
from sandbox.shopify.schema import SCHEMA
from sandbox.wire import Json

Reader = Callable[[Any, Context, Json], Any]


def _customer(source: Any, ctx: Context, args: Json) -> Any:
    return ctx.shop.customers.find(source["customer_number"])


def _display_address(source: Any, ctx: Context, args: Json) -> Any:
    return source["shippingAddress"] or source["billingAddress"]


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


def _formatted(source: Any, ctx: Context, args: Json) -> list[str]:
    lines = [source[name] for name in ("address1", "address2", "zip", "city", "country")]
    if args.get("withCompany"):
        lines.insert(0, source["company"])
    if args.get("withName"):
        lines.insert(0, f"{source['firstName'] or ''} {source['lastName'] or ''}".strip())
    return [line for line in lines if line]


def _address_name(source: Any, ctx: Context, args: Json) -> str | None:
    return f"{source['firstName'] or ''} {source['lastName'] or ''}".strip() or None


def _refund_count(name: str) -> Reader:
    return lambda source, ctx, args: {"count": len(source[name]), "precision": "EXACT"}


def _of_company(kind: str) -> Reader:
    def read(source: Any, ctx: Context, args: Json) -> Any:
        rows = {
            "company": ctx.shop.companies,
            "contact": ctx.shop.company_contacts,
            "location": ctx.shop.company_locations,
        }
        return rows[kind].get(source["buyer"])

    return read


def _contacts(source: Any, ctx: Context, args: Json) -> Json:
    rows = ctx.shop.company_contacts
    keys = [(n, n) for n in sorted(rows) if rows[n]["company"] == source["number"]]
    return paginate(keys, args, rows.__getitem__)


def _locations(source: Any, ctx: Context, args: Json) -> Json:
    rows = ctx.shop.company_locations
    keys = [(n, n) for n in sorted(rows) if rows[n]["company"] == source["number"]]
    return paginate(keys, args, rows.__getitem__)


def _company_orders(source: Any, ctx: Context, args: Json) -> Json:
    contact = ctx.shop.company_contacts.get(source["number"])
    owned = ctx.shop.orders_of.read(contact["customer_number"]) if contact else []
    return {"count": len(owned), "precision": "EXACT"}


def _gift_recipient(source: Any, ctx: Context, args: Json) -> Any:
    return source["recipient"]


SPECIAL: dict[tuple[str, str], Reader] = {
    **ROOT_READERS,
    **CUSTOMER_READERS,
    **{(kind, "customer"): _customer for kind in ("Order", "DraftOrder", "AbandonedCheckout", "GiftCard")},
    **{(kind, "customer"): _customer for kind in ("CompanyContact", "CustomerPaymentMethod")},
    **{(kind, "purchasingEntity"): _purchasing_entity for kind in ("Order", "DraftOrder")},
    **{(kind, "metafield"): _metafield for kind in SCHEMA.type_map if kind != "Metafield"},
    **{(kind, "metafields"): _metafields for kind in SCHEMA.type_map},
    ("Order", "displayAddress"): _display_address,
    ("Order", "billingAddressMatchesShippingAddress"): _same_address,
    ("Order", "returnStatus"): _return_status,
    ("Order", "fulfillmentsCount"): _refund_count("fulfillments"),
    ("Order", "transactionsCount"): _refund_count("transactions"),
    ("MailingAddress", "formatted"): _formatted,
    ("MailingAddress", "name"): _address_name,
    ("MailingAddress", "formattedArea"): lambda source, ctx, args: source["city"],
    ("MailingAddress", "countryCode"): lambda source, ctx, args: source["countryCodeV2"],
    ("PurchasingCompany", "company"): _of_company("company"),
    ("PurchasingCompany", "contact"): _of_company("contact"),
    ("PurchasingCompany", "location"): _of_company("location"),
    ("CompanyContact", "company"): lambda source, ctx, args: ctx.shop.companies[source["company"]],
    ("CompanyLocation", "company"): lambda source, ctx, args: ctx.shop.companies[source["company"]],
    ("Company", "contacts"): _contacts,
    ("Company", "locations"): _locations,
    ("Company", "mainContact"): lambda source, ctx, args: ctx.shop.company_contacts.get(source["number"]),
    ("Company", "contactsCount"): lambda source, ctx, args: {
        "count": int(source["number"] in ctx.shop.company_contacts), "precision": "EXACT"
    },
    ("Company", "ordersCount"): _company_orders,
    ("GiftCard", "recipientAttributes"): _gift_recipient,
    ("GiftCard", "order"): lambda source, ctx, args: ctx.shop.orders.find(source["order_number"]),
    ("DraftOrder", "order"): lambda source, ctx, args: ctx.shop.orders.find(source["order_number"]),
    ("GiftCardRecipient", "recipient"): _customer,
}  # fmt: skip


def _plain(name: str, field: GraphQLField) -> Reader:
    """A field that stands in the record under its own name; lists are paged or cut as asked."""
    kind = get_named_type(field.type).name
    inner = field.type.of_type if is_non_null_type(field.type) else field.type
    if kind.endswith("Connection"):
        return lambda source, ctx, args: paginate_list(source.get(name) or [], args)
    if is_list_type(inner) and "first" in field.args:
        return lambda source, ctx, args: (source.get(name) or [])[: args.get("first")]
    return lambda source, ctx, args: source.get(name)


def _guarded(reader: Reader, name: str, need: Need) -> Reader:
    """The same field, for callers who may read it."""
    scopes, words = need

    def read(source: Any, ctx: Context, args: Json) -> Any:
        if not scopes & ctx.token.scopes:
            raise access_denied(name, words)
        return reader(source, ctx, args)

    return read


def need_of(kind: str, name: str, field: GraphQLField) -> Need | None:
    """What a field needs: a mutation by its name, any other by the type it leads to."""
    if kind == "Mutation":
        return BY_MUTATION.get(name)
    if kind.endswith(("Connection", "Edge", "Payload")):
        return None
    return BY_TYPE.get(get_named_type(field.type).name.removesuffix("Connection"))


def _all_readers() -> dict[tuple[str, str], Reader]:
    found: dict[tuple[str, str], Reader] = {}
    for kind in SCHEMA.type_map.values():
        if not isinstance(kind, GraphQLObjectType) or kind.name.startswith("__"):
            continue
        for name, field in kind.fields.items():
            reader = SPECIAL.get((kind.name, name)) or _plain(name, field)
            if kind.name == "Mutation":
                reader = MUTATIONS[name]
            need = need_of(kind.name, name, field)
            found[kind.name, name] = _guarded(reader, name, need) if need else reader
    return found


READERS = _all_readers()
