"""The consents of customers, each changed by a mutation of its own, and Shopify's own erasure."""

from typing import Any

from sandbox.shopify.access import need
from sandbox.shopify.context import Context
from sandbox.shopify.erasure import Erasure
from sandbox.shopify.fields import mutation
from sandbox.shopify.mutations.checks import customer_of
from sandbox.shopify.people import phone_number
from sandbox.shopify.refusals import Refusal, declined
from sandbox.shopify.values import epoch, iso
from sandbox.wire import Json

_SETTABLE = frozenset({"SUBSCRIBED", "UNSUBSCRIBED", "PENDING"})
_NAMES = ("marketingState", "marketingOptInLevel", "consentUpdatedAt")
_WRITE = need("write_customers")
_ERASE = need("write_customer_data_erasure", also="The user must have access to erase customer data.")


def _check(ctx: Context, state: str, level: Any, moment: Any, *, name: str) -> None:
    under = ["input", name]
    if state not in _SETTABLE:
        raise Refusal(f"Cannot specify {state} as a marketing state input", "INVALID")
    if state == "SUBSCRIBED" and not level:
        said = "Marketing opt in level must exist"
        raise declined([*under, "marketingOptInLevel"], said, "MISSING_ARGUMENT")
    if state == "PENDING" and level != "CONFIRMED_OPT_IN":
        said = "Marketing opt in level must be confirmed opt-in for pending consent state"
        raise declined([*under, "marketingOptInLevel"], said, "INVALID")
    if moment and epoch(moment) > ctx.shop.now():
        said = "Consent updated at must not be in the future"
        raise declined([*under, "consentUpdatedAt"], said, "INVALID")


@mutation("customerEmailMarketingConsentUpdate", _WRITE)
def email_consent_update(ctx: Context, args: Json) -> Json:
    """The consent to letters."""
    given, name = args["input"]["emailMarketingConsent"], "emailMarketingConsent"
    state, level, moment = map(given.get, _NAMES)
    customer = customer_of(
        ctx, args["input"]["customerId"], ["input", "customerId"], "Customer not found", "INVALID"
    )
    _check(ctx, state, level, moment, name=name)
    email = customer["defaultEmail"]
    if email is None:
        said = "An email address is required to set the email marketing consent state."
        raise declined(["input"], said, "INVALID", customer=customer)
    email |= {
        "marketingState": state, "marketingOptInLevel": level or email["marketingOptInLevel"],
        "marketingUpdatedAt": moment or iso(ctx.shop.now()),
    }  # fmt: skip
    ctx.shop.touch_customer(customer["number"])
    return {"customer": customer}


@mutation("customerSmsMarketingConsentUpdate", _WRITE)
def sms_consent_update(ctx: Context, args: Json) -> Json:
    """The consent to text messages."""
    given, name = args["input"]["smsMarketingConsent"], "smsMarketingConsent"
    state, level, moment = map(given.get, _NAMES)
    customer = customer_of(ctx, args["input"]["customerId"], None, "Customer not found")
    _check(ctx, state, level, moment, name=name)
    if customer["defaultPhone"] is None:
        said = "A phone number is required to set the SMS consent state."
        raise declined(["input", name], said, "INVALID", customer=customer)
    customer["defaultPhone"] |= _consent(ctx, state, level, moment)
    ctx.shop.touch_customer(customer["number"])
    return {"customer": customer}


@mutation("customerWhatsAppMarketingConsentUpdate", _WRITE)
def whatsapp_consent_update(ctx: Context, args: Json) -> Json:
    """The consent to WhatsApp, which names its state and its day otherwise."""
    given, name = args["input"]["whatsAppMarketingConsent"], "whatsAppMarketingConsent"
    state, level, moment = map(given.get, ("state", "optInLevel", "updatedAt"))
    customer = customer_of(
        ctx, args["input"]["customerId"], ["input", "customerId"], "Customer not found", "INVALID"
    )
    if customer["defaultPhone"] is None:
        said = "A phone number is required to set the WhatsApp consent state."
        raise declined(["input", name], said, "INVALID")
    _check(ctx, state, level, moment, name=name)
    customer["defaultPhone"]["whatsApp"] = _consent(ctx, state, level, moment)
    ctx.shop.touch_customer(customer["number"])
    return {"customerPhoneNumber": phone_number(customer["defaultPhone"])}


def _consent(ctx: Context, state: str, level: Any, moment: Any) -> Json:
    return {
        "state": state, "optInLevel": level, "updatedAt": moment or iso(ctx.shop.now()),
    }  # fmt: skip


@mutation("customerRequestDataErasure", _ERASE)
def request_erasure(ctx: Context, args: Json) -> Json:
    """Enqueues an erasure; every field reads as before until the day has come."""
    number = _erasable(ctx, args)
    known = ctx.shop.erasures.get(number)
    ctx.shop.erasures[number] = known or Erasure(number, ctx.token.app, ctx.shop.now())
    return {"customerId": args["customerId"]}


@mutation("customerCancelDataErasure", _ERASE)
def cancel_erasure(ctx: Context, args: Json) -> Json:
    """Takes a request back; only whoever asked may."""
    number = _erasable(ctx, args)
    erasure = ctx.shop.erasures.get(number)
    if erasure is None:
        said = "Customer's data is not scheduled for erasure"
        raise declined(["customerId"], said, "NOT_BEING_ERASED")
    if erasure.app != ctx.token.app:
        said = "Only the app that asked for the erasure can cancel it"
        raise declined(["customerId"], said, "UNAUTHORIZED_CANCELLATION")
    del ctx.shop.erasures[number]
    return {"customerId": args["customerId"]}


def _erasable(ctx: Context, args: Json) -> int:
    said = "Customer does not exist"
    customer = customer_of(ctx, args["customerId"], ["customerId"], said, "DOES_NOT_EXIST")
    return int(customer["number"])
