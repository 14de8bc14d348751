"""customerRequestDataErasure and customerCancelDataErasure."""

from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.erasure import Erasure
from sandbox.shopify.mutations.checks import numbered
from sandbox.shopify.refusals import user_error
from sandbox.wire import Json


def request_erasure(source: Any, ctx: Context, args: Json) -> Json:
    """customerRequestDataErasure: enqueues; every field reads as before until the day has come."""
    number = numbered(args["customerId"], "Customer")
    if number not in ctx.shop.customers:
        error = user_error(["customerId"], "Customer does not exist", "DOES_NOT_EXIST")
        return {"customerId": None, "userErrors": [error]}
    known = ctx.shop.erasures.get(number)
    ctx.shop.erasures[number] = known or Erasure(number, ctx.token.app, ctx.shop.now())
    return {"customerId": args["customerId"], "userErrors": []}


def cancel_erasure(source: Any, ctx: Context, args: Json) -> Json:
    """customerCancelDataErasure: only whoever asked may take it back."""
    number = numbered(args["customerId"], "Customer")
    if number not in ctx.shop.customers:
        return _refused("Customer does not exist", "DOES_NOT_EXIST")
    erasure = ctx.shop.erasures.get(number)
    if erasure is None:
        return _refused("Customer's data is not scheduled for erasure", "NOT_BEING_ERASED")
    if erasure.app != ctx.token.app:
        return _refused("Only the app that asked for the erasure can cancel it", "UNAUTHORIZED_CANCELLATION")
    del ctx.shop.erasures[number]
    return {"customerId": args["customerId"], "userErrors": []}


def _refused(message: str, code: str) -> Json:
    return {"customerId": None, "userErrors": [user_error(["customerId"], message, code)]}


MUTATIONS = {
    "customerRequestDataErasure": request_erasure,
    "customerCancelDataErasure": cancel_erasure,
}
