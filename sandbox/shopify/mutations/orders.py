"""What is written on an order, its tracking numbers, and orders deleted."""

from itertools import zip_longest
from typing import Any

from sandbox.shopify.access import need
from sandbox.shopify.context import Context
from sandbox.shopify.fields import mutation
from sandbox.shopify.mutations.checks import (
    add_metafields,
    address_errors,
    address_row,
    is_email,
    note_errors,
    numbered,
    too_long,
)
from sandbox.shopify.refusals import Declined, declined, user_error
from sandbox.shopify.values import gid
from sandbox.wire import Json

_WRITE = need("write_orders")
_DELETABLE = frozenset({"shopify_draft_order", "api"})


def _visible(ctx: Context, order_id: str, field: str, code: str | None = None) -> tuple[int, Json]:
    """Number and living record of an order that the caller sees; raises the user error for any other."""
    number = numbered(order_id, "Order")
    row = ctx.shop.orders.find(number)
    if row is None or not ctx.shop.shows_order(row, ctx.token.all_orders):
        raise declined([field], "Order does not exist", code)
    return number, ctx.shop.orders[number]


@mutation("orderUpdate", _WRITE)
def order_update(ctx: Context, args: Json) -> Json:
    """Contact, delivery address, note, attributes, tags; nothing else of an order can be set."""
    given = args["input"]
    number, order = _visible(ctx, given["id"], "id")
    if not any(name != "id" and not _ignored(name, value) for name, value in given.items()):
        raise declined(None, "No valid update parameters have been provided", order=order)
    if errors := _order_errors(given):
        raise Declined(errors, order=order)
    _write(order, given, number, ctx.shop.next_id())
    ctx.shop.touch_order(number)
    return {"order": order}


def _ignored(name: str, value: Any) -> bool:
    """What Shopify takes and does nothing with: a delivery address of null."""
    return name == "shippingAddress" and value is None


def _order_errors(given: Json) -> list[Json]:
    errors = too_long(given, ("poNumber",), [])
    if given.get("email") and not is_email(given["email"]):
        errors.append(user_error(["email"], "Email is invalid"))
    errors += note_errors(given)
    if given.get("shippingAddress") is not None:
        errors += address_errors(given["shippingAddress"], ["shippingAddress"])
    return errors


def _write(order: Json, given: Json, number: int, new_id: int) -> None:
    """Attributes and tags are replaced; metafields are only ever added to."""
    for name in ("email", "phone", "note", "poNumber"):
        if name in given:
            order[name] = given[name] or None
    if "tags" in given:
        order["tags"] = sorted(set(given["tags"] or []))
    if "customAttributes" in given:
        order["customAttributes"] = [dict(row) for row in given["customAttributes"] or []]
    if given.get("shippingAddress"):
        before = order["shippingAddress"]
        address_id = before["id"] if before else gid("MailingAddress", number * 10 + 2)
        order["shippingAddress"] = address_row(given["shippingAddress"], address_id)
    add_metafields(order, given.get("metafields") or [], new_id)


@mutation("orderDelete", _WRITE)
def order_delete(ctx: Context, args: Json) -> Json:
    """Only test orders, and those that staff or an app wrote."""
    number, order = _visible(ctx, args["orderId"], "orderId", "NOT_FOUND")
    if not order["test"] and order["sourceName"] not in _DELETABLE:
        raise declined(["orderId"], "Order cannot be deleted", "INVALID")
    ctx.shop.unlink_order(number)
    del ctx.shop.orders[number]
    ctx.shop.touch_order(number)
    return {"deletedId": args["orderId"]}


@mutation("fulfillmentTrackingInfoUpdate", need("write_merchant_managed_fulfillment_orders"))
def tracking_update(ctx: Context, args: Json) -> Json:
    """Tracking numbers are replaced; with notifyCustomer it writes to the buyer."""
    number = numbered(args["fulfillmentId"], "Fulfillment")
    order = ctx.shop.orders.get(number)
    if order is None or not order["fulfillments"]:
        raise declined(["fulfillmentId"], "Fulfillment does not exist.")
    given, found = args["trackingInfoInput"], order["fulfillments"][0]
    numbers, urls = given.get("numbers") or [], given.get("urls") or []
    found["trackingInfo"] = [
        {"number": number, "company": None, "url": url} for number, url in zip_longest(numbers, urls)
    ]
    if args.get("notifyCustomer") and order["email"]:
        ctx.shop.mails.append({"order": number, "mail": "shipping_update", "to": order["email"]})
    ctx.shop.touch_order(number)
    return {"fulfillment": found}
