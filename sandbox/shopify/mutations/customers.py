"""customerUpdate, customerDelete, customerPaymentMethodRevoke, dataSaleOptOut."""

from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.making.customers import bare_customer
from sandbox.shopify.mutations.checks import (
    NOTE_LIMIT,
    TEXT_LIMIT,
    add_metafields,
    address_row,
    is_email,
    numbered,
    too_long,
)
from sandbox.shopify.refusals import bad_request, user_error
from sandbox.shopify.roots import ROOT_READERS
from sandbox.shopify.values import gid, iso
from sandbox.wire import Json

_NAMES = ("firstName", "lastName")
_TEXTS = (*_NAMES, "note", "locale", "multipassIdentifier", "taxExempt")
_CONSENTS = {
    "emailMarketingConsent": "customerEmailMarketingConsentUpdate",
    "smsMarketingConsent": "customerSmsMarketingConsentUpdate",
}


def customer_update(source: Any, ctx: Context, args: Json) -> Json:
    """customerUpdate: what is given is written, null empties; a name, telephone or e-mail must be left."""
    given = args["input"]
    if not given.get("id"):
        raise bad_request("id is required to update a customer")
    number = numbered(given["id"], "Customer")
    if number not in ctx.shop.customers:
        return {"customer": None, "userErrors": [user_error(["id"], "Customer does not exist")]}
    customer = ctx.shop.customers[number]
    errors = _customer_errors(ctx, customer, given)
    if errors:
        return {"customer": customer, "userErrors": errors}
    _write(ctx, customer, given)
    ctx.shop.touch_customer(number)
    return {"customer": customer, "userErrors": []}


def _customer_errors(ctx: Context, customer: Json, given: Json) -> list[Json]:
    errors = too_long(given, (*_NAMES, "email"), [])
    for name, instead in _CONSENTS.items():
        if given.get(name):
            errors.append(user_error([name], f"To update {name}, please use the {instead} Mutation instead"))
    if len(given.get("note") or "") > NOTE_LIMIT:
        errors.append(user_error(["note"], f"Note is too long (maximum is {NOTE_LIMIT} characters)"))
    if given.get("locale") and len(given["locale"].split("-")[0]) != 2:
        errors.append(user_error(["locale"], "Locale is invalid"))
    email = given.get("email")
    if email and len(email) <= TEXT_LIMIT:
        errors += _taken_or_invalid(ctx, customer, email)
    if not errors and not any(_left(customer, given)):
        errors.append(user_error(None, "A name, phone number, or email address must be present"))
    return errors


def _taken_or_invalid(ctx: Context, customer: Json, email: str) -> list[Json]:
    if not is_email(email):
        return [user_error(["email"], "Email is invalid")]
    index = ctx.shop.customer_index
    index.catch_up(ctx.shop.now())
    others = (n for n, entry in index.entries.items() if entry.email == email.lower())
    if any(n != customer["number"] and n in ctx.shop.customers for n in others):
        return [user_error(["email"], "Email has already been taken")]
    return []


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
    customer["locale"] = customer["locale"] or "sv"
    customer["taxExempt"] = bool(customer["taxExempt"])
    if "tags" in given:
        customer["tags"] = sorted(set(given["tags"] or []))
    if "email" in given:
        customer["defaultEmail"] = _email(customer["defaultEmail"], given["email"])
    if "phone" in given:
        customer["defaultPhone"] = _phone(customer["defaultPhone"], given["phone"])
    if given.get("addresses") is not None:
        customer["addresses"] = [
            address_row(row, f"{gid('MailingAddress', ctx.shop.next_id())}?model_name=CustomerAddress")
            for row in given["addresses"]
        ]
    add_metafields(customer, given.get("metafields") or [], "CUSTOMER", ctx.shop.next_id())


def _email(before: Json | None, text: str | None) -> Json | None:
    if not text:
        return None
    fresh = {
        "marketingState": "NOT_SUBSCRIBED", "marketingOptInLevel": None, "marketingUpdatedAt": None,
        "openTrackingLevel": "UNKNOWN", "validFormat": True, "sourceLocation": None,
        "marketingUnsubscribeUrl": "https://sandbutiken.example/unsubscribe",
        "openTrackingUrl": "https://sandbutiken.example/open",
    }  # fmt: skip
    return {**(before or fresh), "emailAddress": text}


def _phone(before: Json | None, text: str | None) -> Json | None:
    if not text:
        return None
    fresh = {"state": "NEVER_SUBSCRIBED", "optInLevel": None, "updatedAt": None, "collectedFrom": None}
    return {**(before or fresh), "phoneNumber": text}


def customer_delete(source: Any, ctx: Context, args: Json) -> Json:
    """customerDelete: refused while an order is linked or a gift card waits to be sent."""
    number = numbered(args["input"]["id"], "Customer")
    if number not in ctx.shop.customers:
        return _deleted(ctx, None, [user_error(["id"], "Customer can't be found")])
    reason = ctx.shop.can_delete(number)
    if reason:
        return _deleted(ctx, None, [user_error(["id"], reason)])
    ctx.shop.forget_customer(number)
    return _deleted(ctx, args["input"]["id"], [])


def _deleted(ctx: Context, deleted: str | None, errors: list[Json]) -> Json:
    shop = ROOT_READERS["QueryRoot", "shop"](None, ctx, {})
    return {"deletedCustomerId": deleted, "shop": shop, "userErrors": errors}


def revoke_payment_method(source: Any, ctx: Context, args: Json) -> Json:
    """customerPaymentMethodRevoke."""
    wanted = args["customerPaymentMethodId"]
    number = int(wanted.rsplit("/", 1)[-1] or "0", 16)
    customer = ctx.shop.customers.get(number)
    for method in (customer or {}).get("paymentMethods", []):
        if method["id"] == wanted:
            method |= {"revokedAt": iso(ctx.shop.now()), "revokedReason": "MANUALLY_REVOKED"}
            return {"revokedCustomerPaymentMethodId": wanted, "userErrors": []}
    error = user_error(["customerPaymentMethodId"], "Customer payment method does not exist")
    return {"revokedCustomerPaymentMethodId": None, "userErrors": [error]}


def data_sale_opt_out(source: Any, ctx: Context, args: Json) -> Json:
    """dataSaleOptOut: for an unknown address it brings a new customer into being."""
    shop, email = ctx.shop, args["email"]
    if not is_email(email):
        return {"customerId": None, "userErrors": [user_error(None, "Data sale opt out failed.", "FAILED")]}
    shop.settle()
    known = [n for n, entry in shop.customer_index.entries.items() if entry.email == email.lower()]
    number = known[0] if known else _opted_out_stranger(ctx, email)
    shop.customers[number]["dataSaleOptOut"] = True
    shop.touch_customer(number)
    return {"customerId": gid("Customer", number), "userErrors": []}


def _opted_out_stranger(ctx: Context, email: str) -> int:
    number = ctx.shop.next_id()
    row = bare_customer(number, int(ctx.shop.now()), int(ctx.shop.now()))
    ctx.shop.customers[number] = row | {"defaultEmail": _email(None, email), "tags": ["created-by-dns-form"]}
    return number


MUTATIONS = {
    "customerUpdate": customer_update,
    "customerDelete": customer_delete,
    "customerPaymentMethodRevoke": revoke_payment_method,
    "dataSaleOptOut": data_sale_opt_out,
}
