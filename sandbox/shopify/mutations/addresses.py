"""customerAddressDelete and customerAddressUpdate."""

from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.mutations.checks import address_errors, address_row, numbered
from sandbox.shopify.refusals import invalid_id, user_error
from sandbox.shopify.values import kind_of
from sandbox.wire import Json

_GONE = "Address does not exist"


def _found(ctx: Context, args: Json) -> tuple[Json | None, list[Json]]:
    """The customer with that address, or what is wrong; an id that no address has is a top-level error."""
    number = numbered(args["customerId"], "Customer")
    known = args["addressId"]
    if number not in ctx.shop.customers:
        if kind_of(known) != "MailingAddress":
            raise invalid_id(known)
        return None, [user_error(["customerId"], "Customer does not exist")]
    customer = ctx.shop.customers[number]
    if any(row["id"] == known for row in customer["addresses"]):
        return customer, []
    if _exists(ctx, known):
        return None, [user_error(["addressId"], _GONE)]
    raise invalid_id(known)


def _exists(ctx: Context, address_id: str) -> bool:
    """Whether some other customer has the address; its number leads there."""
    digits = address_id.partition("?")[0].rsplit("/", 1)[-1]
    owner = ctx.shop.customers.find(int(digits) // 10) if digits.isdigit() else None
    return any(row["id"] == address_id for row in (owner or {}).get("addresses", []))


def address_delete(source: Any, ctx: Context, args: Json) -> Json:
    """customerAddressDelete."""
    customer, errors = _found(ctx, args)
    if customer is None:
        return {"deletedAddressId": None, "userErrors": errors}
    customer["addresses"] = [row for row in customer["addresses"] if row["id"] != args["addressId"]]
    ctx.shop.touch_customer(customer["number"])
    return {"deletedAddressId": args["addressId"], "userErrors": []}


def address_update(source: Any, ctx: Context, args: Json) -> Json:
    """customerAddressUpdate."""
    customer, errors = _found(ctx, args)
    errors = errors or address_errors(args["address"], ["address"])
    if customer is None or errors:
        return {"address": None, "userErrors": errors}
    fresh = address_row(args["address"], args["addressId"])
    customer["addresses"] = [fresh if row["id"] == fresh["id"] else row for row in customer["addresses"]]
    ctx.shop.touch_customer(customer["number"])
    return {"address": fresh, "userErrors": []}


MUTATIONS = {"customerAddressDelete": address_delete, "customerAddressUpdate": address_update}
