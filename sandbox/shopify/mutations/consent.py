"""The consents of customers, each changed by a mutation of its own, and Shopify's own erasure."""

from typing import Any

from sandbox.shopify.access import need
from sandbox.shopify.context import Context
from sandbox.shopify.erasure import Erasure
from sandbox.shopify.fields import mutation
from sandbox.shopify.mutations.checks import customer_of
from sandbox.shopify.reading import phone_number
from sandbox.shopify.refusals import Refusal, declined
from sandbox.shopify.values import epoch, iso
from sandbox.wire import Json

_SETTABLE = frozenset({"SUBSCRIBED", "UNSUBSCRIBED", "PENDING"})
_WRITE = need("write_customers")
_ERASE = need("write_customer_data_erasure", also="The user must have access to erase customer data.")


def _asked(ctx: Context, name: str, given: Json, names: tuple[str, str]) -> tuple[str, str]:
    """State and moment of a consent as given. Raises where they cannot be set."""
    state, moment = map(given[name].get, names)
    if state not in _SETTABLE:
        raise Refusal(f"Cannot specify {state} as a marketing state input", "INVALID")
    if moment and epoch(moment) > ctx.shop.now():
        said = "Consent updated at must not be in the future"
        raise declined(["input", name, names[1]], said, "INVALID")
    return state, moment or iso(ctx.shop.now())


@mutation("customerEmailMarketingConsentUpdate", _WRITE)
def email_consent_update(ctx: Context, args: Json) -> Json:
    """The consent to letters."""
    given = args["input"]
    customer = customer_of(ctx, given["customerId"], ["input", "customerId"], "Customer not found", "INVALID")
    state, moment = _asked(ctx, "emailMarketingConsent", given, ("marketingState", "consentUpdatedAt"))
    if customer["defaultEmail"] is None:
        said = "An email address is required to set the email marketing consent state."
        raise declined(["input"], said, "INVALID", customer=customer)
    customer["defaultEmail"] |= {"marketingState": state, "marketingUpdatedAt": moment}
    ctx.shop.touch_customer(customer["number"])
    return {"customer": customer}


@mutation("customerSmsMarketingConsentUpdate", _WRITE)
def sms_consent_update(ctx: Context, args: Json) -> Json:
    """The consent to text messages."""
    given, name = args["input"], "smsMarketingConsent"
    customer = customer_of(ctx, given["customerId"], None, "Customer not found")
    state, moment = _asked(ctx, name, given, ("marketingState", "consentUpdatedAt"))
    if customer["defaultPhone"] is None:
        said = "A phone number is required to set the SMS consent state."
        raise declined(["input", name], said, "INVALID", customer=customer)
    customer["defaultPhone"] |= _consent(state, moment)
    ctx.shop.touch_customer(customer["number"])
    return {"customer": customer}


@mutation("customerWhatsAppMarketingConsentUpdate", _WRITE)
def whatsapp_consent_update(ctx: Context, args: Json) -> Json:
    """The consent to WhatsApp, which names its state and its day otherwise."""
    given, name = args["input"], "whatsAppMarketingConsent"
    customer = customer_of(ctx, given["customerId"], ["input", "customerId"], "Customer not found", "INVALID")
    if customer["defaultPhone"] is None:
        said = "A phone number is required to set the WhatsApp consent state."
        raise declined(["input", name], said, "INVALID")
    customer["defaultPhone"]["whatsApp"] = _consent(*_asked(ctx, name, given, ("state", "updatedAt")))
    ctx.shop.touch_customer(customer["number"])
    return {"customerPhoneNumber": phone_number(customer["defaultPhone"])}


def _consent(state: str, moment: Any) -> Json:
    return {"state": state, "optInLevel": None, "updatedAt": moment}


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
