"""What is written in a customer's record, taken from it, and a customer deleted."""

from typing import Any

from sandbox.shopify.access import need
from sandbox.shopify.context import Context
from sandbox.shopify.fields import mutation
from sandbox.shopify.mutations.checks import (
    TEXT_LIMIT,
    add_metafields,
    customer_of,
    is_email,
    note_errors,
    numbered,
    too_long,
)
from sandbox.shopify.refusals import Declined, bad_request, declined, invalid_id, user_error
from sandbox.shopify.values import iso, kind_of
from sandbox.wire import Json

_WRITE = need("write_customers")
_NAMES = ("firstName", "lastName")
_TEXTS = (*_NAMES, "note", "multipassIdentifier")


@mutation("customerUpdate", _WRITE)
def customer_update(ctx: Context, args: Json) -> Json:
    """What is given is written, null empties; a name, telephone or e-mail must be left."""
    given = args["input"]
    if not given.get("id"):
        raise bad_request("id is required to update a customer")
    customer = customer_of(ctx, given["id"], ["id"], "Customer does not exist")
    if errors := _customer_errors(customer, given):
        raise Declined(errors, customer=customer)
    _write(ctx, customer, given)
    ctx.shop.touch_customer(customer["number"])
    return {"customer": customer}


def _customer_errors(customer: Json, given: Json) -> list[Json]:
    errors = too_long(given, (*_NAMES, "email"), [])
    errors += note_errors(given)
    email = given.get("email")
    if email and len(email) <= TEXT_LIMIT and not is_email(email):
        errors.append(user_error(["email"], "Email is invalid"))
    if not errors and not any(_left(customer, given)):
        errors.append(user_error(None, "A name, phone number, or email address must be present"))
    return errors


def _left(customer: Json, given: Json) -> list[Any]:
    """Name, e-mail and telephone as they would be."""
    names = [given.get(name) if name in given else customer[name] for name in _NAMES]
    email = given["email"] if "email" in given else customer["defaultEmail"]
    phone = given["phone"] if "phone" in given else customer["defaultPhone"]
    return [*names, email, phone]


def _write(ctx: Context, customer: Json, given: Json) -> None:
    for name in _TEXTS:
        if name in given:
            customer[name] = given[name] if given[name] != "" else None
    if "tags" in given:
        customer["tags"] = sorted(set(given["tags"] or []))
    if "email" in given:
        customer["defaultEmail"] = _email(customer["defaultEmail"], given["email"])
    if "phone" in given:
        customer["defaultPhone"] = _phone(customer["defaultPhone"], given["phone"])
    add_metafields(customer, given.get("metafields") or [], ctx.shop.next_id())


def _email(before: Json | None, text: str | None) -> Json | None:
    if not text:
        return None
    fresh = {"marketingState": "NOT_SUBSCRIBED", "marketingOptInLevel": None, "marketingUpdatedAt": None}
    return {**(before or fresh), "emailAddress": text}


def _phone(before: Json | None, text: str | None) -> Json | None:
    if not text:
        return None
    fresh = {"state": "NEVER_SUBSCRIBED", "optInLevel": None, "updatedAt": None}
    return {**(before or fresh), "phoneNumber": text}


@mutation("customerDelete", _WRITE)
def customer_delete(ctx: Context, args: Json) -> Json:
    """Refused while an order is linked or a gift card waits to be sent."""
    customer = customer_of(ctx, args["input"]["id"], ["id"], "Customer can't be found")
    if reason := ctx.shop.can_delete(customer["number"]):
        raise declined(["id"], reason)
    ctx.shop.forget_customer(customer["number"])
    return {"deletedCustomerId": args["input"]["id"]}


@mutation("customerPaymentMethodRevoke", need("write_customer_payment_methods"))
def revoke_payment_method(ctx: Context, args: Json) -> Json:
    """A saved card can be used no more."""
    wanted = args["customerPaymentMethodId"]
    customer = ctx.shop.customers.get(int(wanted.rsplit("/", 1)[-1] or "0", 16))
    for method in (customer or {}).get("paymentMethods", []):
        if method["id"] == wanted:
            method["revokedAt"] = iso(ctx.shop.now())
            return {"revokedCustomerPaymentMethodId": wanted}
    raise declined(["customerPaymentMethodId"], "Customer payment method does not exist")


@mutation("customerAddressDelete", _WRITE)
def address_delete(ctx: Context, args: Json) -> Json:
    """Takes an address from a customer."""
    customer = _owner_of_address(ctx, args)
    customer["addresses"] = [row for row in customer["addresses"] if row["id"] != args["addressId"]]
    ctx.shop.touch_customer(customer["number"])
    return {"deletedAddressId": args["addressId"]}


def _owner_of_address(ctx: Context, args: Json) -> Json:
    """The customer with that address; an id that no address has is a top-level error."""
    number, known = numbered(args["customerId"], "Customer"), args["addressId"]
    if number not in ctx.shop.customers:
        if kind_of(known) != "MailingAddress":
            raise invalid_id(known)
        raise declined(["customerId"], "Customer does not exist")
    customer = ctx.shop.customers[number]
    if _has(customer, known):
        return customer
    digits = known.partition("?")[0].rsplit("/", 1)[-1]  # an address's number leads to its customer
    if digits.isdigit() and _has(ctx.shop.customers.find(int(digits) // 10), known):
        raise declined(["addressId"], "Address does not exist")
    raise invalid_id(known)


def _has(customer: Json | None, address_id: str) -> bool:
    return any(row["id"] == address_id for row in (customer or {}).get("addresses", []))
