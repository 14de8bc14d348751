"""orderUpdate, orderCustomerRemove, orderDelete, fulfillmentTrackingInfoUpdate."""

from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.mutations.checks import (
    NOTE_LIMIT,
    add_metafields,
    address_errors,
    address_row,
    is_email,
    numbered,
    too_long,
)
from sandbox.shopify.refusals import user_error
from sandbox.shopify.values import gid
from sandbox.wire import Json

_DELETABLE = frozenset({"shopify_draft_order", "api"})


def _visible(ctx: Context, order_id: str) -> int | None:
    """The number of an order that the caller sees."""
    number = numbered(order_id, "Order")
    row = ctx.shop.orders.find(number)
    return number if row and ctx.shop.shows_order(row, ctx.token.all_orders) else None


def order_update(source: Any, ctx: Context, args: Json) -> Json:
    """orderUpdate: contact, delivery address, note, attributes, tags; nothing else of an order can be set."""
    given = args["input"]
    number = _visible(ctx, given["id"])
    if number is None:
        return {"order": None, "userErrors": [user_error(["id"], "Order does not exist")]}
    if not {name for name, value in given.items() if name != "id" and not _ignored(name, value)}:
        message = "No valid update parameters have been provided"
        return {"order": ctx.shop.orders.read(number), "userErrors": [user_error(None, message)]}
    errors = _order_errors(ctx, given)
    if errors:
        return {"order": ctx.shop.orders.read(number), "userErrors": errors}
    order = ctx.shop.orders[number]
    _write(order, given, number, ctx.shop.next_id())
    ctx.shop.touch_order(number)
    return {"order": order, "userErrors": []}


def _ignored(name: str, value: Any) -> bool:
    """What Shopify takes and does nothing with: a delivery address of null."""
    return name == "shippingAddress" and value is None


def _order_errors(ctx: Context, given: Json) -> list[Json]:
    errors = too_long(given, ("poNumber",), [])
    email = given.get("email")
    if "email" in given and (ctx.shop.refuses_empty_order_email if not email else not is_email(email)):
        errors.append(user_error(["email"], "Email is invalid"))
    if len(given.get("note") or "") > NOTE_LIMIT:
        errors.append(user_error(["note"], f"Note is too long (maximum is {NOTE_LIMIT} characters)"))
    if given.get("shippingAddress") is not None:
        errors += address_errors(given["shippingAddress"], ["shippingAddress"])
    return errors


def _write(order: Json, given: Json, number: int, new_id: int) -> None:
    """Attributes and tags are replaced; localised fields and metafields are only ever added to."""
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
    add_metafields(order, given.get("metafields") or [], "ORDER", new_id)
    for row in given.get("localizedFields") or []:
        known = [one for one in order["localizedFields"] if one["key"] == row["key"]]
        if known:
            known[0]["value"] = row["value"]
        else:
            country = row["key"][-2:]
            order["localizedFields"].append(
                {**row, "countryCode": country, "purpose": "TAX", "title": row["key"]}
            )


def order_customer_remove(source: Any, ctx: Context, args: Json) -> Json:
    """orderCustomerRemove: unlinks; what the order carries stays, and no erasure reaches it any more."""
    number = _visible(ctx, args["orderId"])
    if number is None:
        return {"order": None, "userErrors": [user_error(["orderId"], "Order does not exist", "NOT_FOUND")]}
    order = ctx.shop.orders[number]
    if order["company"] is not None:
        error = user_error(["orderId"], "Action not permitted on B2B Orders", "INVALID")
        return {"order": None, "userErrors": [error]}
    ctx.shop.unlink_order(number)
    ctx.shop.touch_order(number)
    return {"order": order, "userErrors": []}


def order_delete(source: Any, ctx: Context, args: Json) -> Json:
    """orderDelete: only test orders, and those that staff or an app wrote."""
    number = _visible(ctx, args["orderId"])
    if number is None:
        return {
            "deletedId": None,
            "userErrors": [user_error(["orderId"], "Order does not exist", "NOT_FOUND")],
        }
    order = ctx.shop.orders[number]
    if not order["test"] and order["sourceName"] not in _DELETABLE:
        error = user_error(["orderId"], "Order cannot be deleted", "INVALID")
        return {"deletedId": None, "userErrors": [error]}
    ctx.shop.unlink_order(number)
    del ctx.shop.orders[number]
    ctx.shop.touch_order(number)
    return {"deletedId": args["orderId"], "userErrors": []}


def tracking_update(source: Any, ctx: Context, args: Json) -> Json:
    """fulfillmentTrackingInfoUpdate; with notifyCustomer it writes to the buyer."""
    number = numbered(args["fulfillmentId"], "Fulfillment")
    order = ctx.shop.orders.get(number)
    if order is None or not order["fulfillments"]:
        return {
            "fulfillment": None,
            "userErrors": [user_error(["fulfillmentId"], "Fulfillment does not exist.")],
        }
    given, found = args["trackingInfoInput"], order["fulfillments"][0]
    numbers = given.get("numbers") or ([given["number"]] if given.get("number") else [])
    urls = given.get("urls") or ([given["url"]] if given.get("url") else [])
    rows = [
        {"number": one, "company": given.get("company"), "url": urls[place] if place < len(urls) else None}
        for place, one in enumerate(numbers)
    ]
    found["trackingInfo"] = rows
    if args.get("notifyCustomer") and order["email"]:
        ctx.shop.mails.append({"order": number, "mail": "shipping_update", "to": order["email"]})
    ctx.shop.touch_order(number)
    return {"fulfillment": found, "userErrors": []}


MUTATIONS = {
    "orderUpdate": order_update,
    "orderCustomerRemove": order_customer_remove,
    "orderDelete": order_delete,
    "fulfillmentTrackingInfoUpdate": tracking_update,
}
