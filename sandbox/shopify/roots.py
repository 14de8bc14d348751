"""How single records, the shop and the app are read at the root of a query."""

from collections.abc import Callable
from typing import Any

from sandbox.shopify.access import BY_TYPE
from sandbox.shopify.bulk.running import operation
from sandbox.shopify.context import Context
from sandbox.shopify.fields import Reader, enter
from sandbox.shopify.refusals import access_denied, invalid_id
from sandbox.shopify.values import gid, kind_of, number_of
from sandbox.wire import Json

Find = Callable[[Context, int], Any]


def _order(ctx: Context, number: int) -> Json | None:
    row = ctx.shop.orders.find(number)
    return row if row and ctx.shop.shows_order(row, ctx.token.all_orders) else None


def _part(name: str) -> Find:
    """A part of an order that carries its order's number: a fulfilment, a refund, a return."""

    def find(ctx: Context, number: int) -> Json | None:
        order = _order(ctx, number)
        return order[name][0] if order and order[name] else None

    return find


def _metafield(ctx: Context, number: int) -> Json | None:
    owners = (rows.find(number // 100) or {} for rows in (ctx.shop.orders, ctx.shop.customers))
    found = (row for owner in owners for row in owner.get("metafields", []))
    return next((row for row in found if row["id"] == gid("Metafield", number)), None)


def _kept(rows: str) -> Find:
    return lambda ctx, number: getattr(ctx.shop, rows).get(number)


BY_KIND: dict[str, Find] = {
    "Order": _order,
    "Customer": lambda ctx, number: ctx.shop.customers.find(number),
    "DraftOrder": _kept("draft_orders"),
    "AbandonedCheckout": _kept("abandoned_checkouts"),
    "GiftCard": _kept("gift_cards"),
    "Company": _kept("companies"),
    "CompanyContact": _kept("company_contacts"),
    "CompanyLocation": _kept("company_locations"),
    "WebhookSubscription": _kept("webhooks"),
    "BulkOperation": operation,
    "Fulfillment": _part("fulfillments"),
    "Refund": _part("refunds"),
    "Return": _part("returns"),
    "Metafield": _metafield,
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


def _shop(source: Any, ctx: Context, args: Json) -> Json:
    shop = ctx.shop
    return {
        "id": gid("Shop", shop.number), "name": shop.name, "myshopifyDomain": shop.domain,
        "ianaTimezone": shop.time_zone, "currencyCode": shop.currency, "createdAt": "2014-02-03T09:00:00Z",
        "email": "agare@sandbutiken.example", "url": f"https://{shop.domain}",
        "plan": {
            "displayName": shop.plan, "publicDisplayName": shop.plan, "shopifyPlus": shop.plan == "Plus",
        },
        "metafields": [],
    }  # fmt: skip


def _installation(source: Any, ctx: Context, args: Json) -> Json:
    scopes = [{"handle": scope, "description": scope.replace("_", " ")} for scope in sorted(ctx.token.scopes)]
    app = {"__typename": "App", "id": gid("App", 71), "handle": "gallra", "title": "Gallra"}
    return {"id": gid("AppInstallation", 72), "accessScopes": scopes, "app": app, "metafields": []}


def _versions(source: Any, ctx: Context, args: Json) -> list[Json]:
    return [{"handle": name, "displayName": name, "supported": name != "unstable"} for name in ctx.versions]


def _job(source: Any, ctx: Context, args: Json) -> Json | None:
    done = ctx.shop.jobs.get(args["id"])
    if done is None:
        return None
    ctx.shop.jobs[args["id"]] = True
    return {"id": args["id"], "done": done, "query": {}}


enter("QueryRoot", {
    kind[0].lower() + kind[1:]: _by_id(kind)
    for kind in BY_KIND
    if kind not in ("AbandonedCheckout", "CompanyLocation", "Metafield")
})  # fmt: skip
enter("QueryRoot", {
    "node": lambda source, ctx, args: _any(ctx, args["id"], "node"),
    "nodes": lambda source, ctx, args: [_any(ctx, text, "nodes") for text in args["ids"]], "shop": _shop,
    "currentAppInstallation": _installation, "publicApiVersions": _versions, "job": _job,
})  # fmt: skip
enter("CustomerDeletePayload", {"shop": _shop})
