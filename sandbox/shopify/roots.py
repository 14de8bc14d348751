"""How the fields at the root of a query are read."""

from collections.abc import Callable
from typing import Any

from sandbox.shopify import lists
from sandbox.shopify.access import BY_TYPE
from sandbox.shopify.context import Context
from sandbox.shopify.refusals import access_denied, invalid_id
from sandbox.shopify.shop import Shop
from sandbox.shopify.values import gid, kind_of, number_of
from sandbox.wire import Json

Reader = Callable[[Any, Context, Json], Any]


def _order(ctx: Context, number: int) -> Json | None:
    row = ctx.shop.orders.find(number)
    return row if row and ctx.shop.shows_order(row, ctx.token.all_orders) else None


def _part(name: str, key: str = "") -> Callable[[Context, int], Json | None]:
    """A part of an order that carries its order's number: a fulfilment, a refund, a return."""

    def find(ctx: Context, number: int) -> Json | None:
        order = _order(ctx, number)
        return order[name][0] if order and order[name] else None

    return find


def _metafields(shop: Shop, number: int) -> Json | None:
    for rows in (shop.orders, shop.customers):
        owner = rows.find(number // 100)
        for row in (owner or {}).get("metafields", []):
            if row["id"] == gid("Metafield", number):
                found: Json = row
                return found
    return None


BY_KIND: dict[str, Callable[[Context, int], Any]] = {
    "Order": _order,
    "Customer": lambda ctx, number: ctx.shop.customers.find(number),
    "DraftOrder": lambda ctx, number: ctx.shop.draft_orders.get(number),
    "AbandonedCheckout": lambda ctx, number: ctx.shop.abandoned_checkouts.get(number),
    "GiftCard": lambda ctx, number: ctx.shop.gift_cards.get(number),
    "Company": lambda ctx, number: ctx.shop.companies.get(number),
    "CompanyContact": lambda ctx, number: ctx.shop.company_contacts.get(number),
    "CompanyLocation": lambda ctx, number: ctx.shop.company_locations.get(number),
    "WebhookSubscription": lambda ctx, number: ctx.shop.webhooks.get(number),
    "BulkOperation": lambda ctx, number: ctx.bulk.read(ctx, number),
    "Fulfillment": _part("fulfillments"),
    "Refund": _part("refunds"),
    "Return": _part("returns"),
    "Metafield": lambda ctx, number: _metafields(ctx.shop, number),
}


def _by_id(kind: str) -> Reader:
    def read(source: Any, ctx: Context, args: Json) -> Any:
        number = number_of(args["id"], kind)
        if number is None:
            raise invalid_id(args["id"])
        return BY_KIND[kind](ctx, number)

    return read


def _any(ctx: Context, text: str, field: str) -> Any:
    kind, number = kind_of(text), number_of(text)
    if number is None or kind not in BY_KIND:
        raise invalid_id(text)
    need = BY_TYPE.get(kind)
    if need and not need[0] & ctx.token.scopes:
        raise access_denied(field, need[1])
    return BY_KIND[kind](ctx, number)


def _node(source: Any, ctx: Context, args: Json) -> Any:
    return _any(ctx, args["id"], "node")


def _nodes(source: Any, ctx: Context, args: Json) -> list[Any]:
    return [_any(ctx, text, "nodes") for text in args["ids"]]


def _customer_by(source: Any, ctx: Context, args: Json) -> Any:
    wanted = args["identifier"]
    shop = ctx.shop
    if wanted.get("id"):
        return shop.customers.find(number_of(wanted["id"], "Customer"))
    email = (wanted.get("emailAddress") or "").lower()
    shop.customer_index.catch_up(shop.now())
    found = (n for n, entry in shop.customer_index.entries.items() if email and entry.email == email)
    return shop.customers.find(next(found, None))


def _order_by(source: Any, ctx: Context, args: Json) -> Any:
    number = number_of(args["identifier"].get("id") or "", "Order")
    return _order(ctx, number) if number is not None else None


def _shop(source: Any, ctx: Context, args: Json) -> Json:
    shop = ctx.shop
    return {
        "id": gid("Shop", shop.number), "name": shop.name, "myshopifyDomain": shop.domain,
        "ianaTimezone": shop.time_zone, "timezoneOffset": "+0100", "currencyCode": shop.currency,
        "createdAt": "2014-02-03T09:00:00Z", "email": "agare@sandbutiken.example",
        "contactEmail": "hej@sandbutiken.example", "url": f"https://{shop.domain}", "taxesIncluded": True,
        "plan": {
            "displayName": shop.plan, "publicDisplayName": shop.plan, "partnerDevelopment": False,
            "shopifyPlus": shop.plan == "Plus",
        },
        "primaryDomain": {
            "id": gid("Domain", 1), "host": "sandbutiken.example", "sslEnabled": True,
            "url": "https://sandbutiken.example",
        },
        "metafields": [],
    }  # fmt: skip


def _installation(source: Any, ctx: Context, args: Json) -> Json:
    scopes = [{"handle": scope, "description": scope.replace("_", " ")} for scope in sorted(ctx.token.scopes)]
    app = {
        "__typename": "App", "id": gid("App", 71), "apiKey": ctx.client_id, "handle": "gallra",
        "title": "Gallra",
    }  # fmt: skip
    return {
        "id": gid("AppInstallation", 72), "accessScopes": scopes, "app": app, "metafields": [],
        "launchUrl": f"https://{ctx.shop.domain}/admin/apps/gallra",
    }  # fmt: skip


def _versions(source: Any, ctx: Context, args: Json) -> list[Json]:
    return [{"handle": name, "displayName": name, "supported": name != "unstable"} for name in ctx.versions]


def _job(source: Any, ctx: Context, args: Json) -> Json | None:
    done = ctx.shop.jobs.get(args["id"])
    if done is None:
        return None
    ctx.shop.jobs[args["id"]] = True
    return {"id": args["id"], "done": done, "query": {}}


ROOT_READERS: dict[tuple[str, str], Reader] = {
    **{
        ("QueryRoot", kind[0].lower() + kind[1:]): _by_id(kind)
        for kind in BY_KIND
        if kind not in ("AbandonedCheckout", "CompanyLocation", "Metafield")
    },
    ("QueryRoot", "orders"): lists.orders,
    ("QueryRoot", "customers"): lists.customers,
    ("QueryRoot", "draftOrders"): lists.draft_orders,
    ("QueryRoot", "abandonedCheckouts"): lists.abandoned_checkouts,
    ("QueryRoot", "giftCards"): lists.gift_cards,
    ("QueryRoot", "companies"): lists.companies,
    ("QueryRoot", "webhookSubscriptions"): lists.webhooks,
    ("QueryRoot", "ordersCount"): lists.counted(lambda ctx, args: lists.order_keys(ctx, args, "ordersCount")),
    ("QueryRoot", "customersCount"): lists.counted(
        lambda ctx, args: lists.customer_keys(ctx, args, "customersCount")
    ),
    ("QueryRoot", "draftOrdersCount"): lists.counted(
        lambda ctx, args: lists.small_keys(ctx, "draftOrders", args)
    ),
    ("QueryRoot", "abandonedCheckoutsCount"): lists.counted(
        lambda ctx, args: lists.small_keys(ctx, "abandonedCheckouts", args)
    ),
    ("QueryRoot", "giftCardsCount"): lists.counted(
        lambda ctx, args: lists.small_keys(ctx, "giftCards", args)
    ),
    ("QueryRoot", "customerSegmentMembers"): lists.segment_members,
    ("QueryRoot", "node"): _node,
    ("QueryRoot", "nodes"): _nodes,
    ("QueryRoot", "customerByIdentifier"): _customer_by,
    ("QueryRoot", "orderByIdentifier"): _order_by,
    ("QueryRoot", "shop"): _shop,
    ("QueryRoot", "currentAppInstallation"): _installation,
    ("QueryRoot", "publicApiVersions"): _versions,
    ("QueryRoot", "job"): _job,
    ("QueryRoot", "bulkOperations"): lambda source, ctx, args: ctx.bulk.listed(ctx, args),
    ("QueryRoot", "currentBulkOperation"): lambda source, ctx, args: ctx.bulk.current(ctx, args["type"]),
}
