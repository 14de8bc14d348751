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


BY_KIND: dict[str, Find] = {
    "Order": _order,
    "Customer": lambda ctx, number: ctx.shop.customers.find(number),
    "DraftOrder": lambda ctx, number: ctx.shop.draft_orders.get(number),
    "AbandonedCheckout": lambda ctx, number: ctx.shop.abandoned_checkouts.get(number),
    "GiftCard": lambda ctx, number: ctx.shop.gift_cards.get(number),
    "BulkOperation": operation,
}


def _by_id(kind: str) -> Reader:
    def read(source: Any, ctx: Context, args: Json) -> Any:
        number = number_of(args["id"], kind)
        if number is None:
            raise invalid_id(args["id"])
        return BY_KIND[kind](ctx, number)

    return read


def _any(ctx: Context, text: str) -> Any:
    kind, number = kind_of(text), number_of(text)
    if number is None or kind not in BY_KIND:
        raise invalid_id(text)
    need = BY_TYPE.get(kind)
    if need and not need[0] & ctx.token.scopes:
        raise access_denied("nodes", need[1])
    return BY_KIND[kind](ctx, number)


def _shop(source: Any, ctx: Context, args: Json) -> Json:
    shop = ctx.shop
    return {
        "id": gid("Shop", shop.number), "name": shop.name, "myshopifyDomain": shop.domain,
        "ianaTimezone": shop.time_zone,
        "plan": {"publicDisplayName": shop.plan, "shopifyPlus": shop.plan == "Plus"},
    }  # fmt: skip


def _installation(source: Any, ctx: Context, args: Json) -> Json:
    scopes = [{"handle": scope} for scope in sorted(ctx.token.scopes)]
    return {"id": gid("AppInstallation", 72), "accessScopes": scopes}


def _versions(source: Any, ctx: Context, args: Json) -> list[Json]:
    return [{"handle": name, "supported": name != "unstable"} for name in ctx.versions]


enter("QueryRoot", {
    "order": _by_id("Order"), "customer": _by_id("Customer"), "bulkOperation": _by_id("BulkOperation"),
    "nodes": lambda source, ctx, args: [_any(ctx, text) for text in args["ids"]],
    "shop": _shop, "currentAppInstallation": _installation, "publicApiVersions": _versions,
})  # fmt: skip
