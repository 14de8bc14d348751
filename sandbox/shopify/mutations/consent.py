"""The consents of customers: letters, text messages and WhatsApp, each changed by a mutation of its own."""

from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.mutations.checks import numbered
from sandbox.shopify.people import phone_number
from sandbox.shopify.refusals import Refusal, user_error
from sandbox.shopify.values import epoch, iso
from sandbox.wire import Json

_SETTABLE = frozenset({"SUBSCRIBED", "UNSUBSCRIBED", "PENDING"})


def _consent_errors(ctx: Context, consent: Json, under: list[str]) -> list[Json]:
    state, level = consent["marketingState"], consent.get("marketingOptInLevel")
    if state not in _SETTABLE:
        raise Refusal(f"Cannot specify {state} as a marketing state input", "INVALID")
    if state == "SUBSCRIBED" and not level:
        error = "Marketing opt in level must exist"
        return [user_error([*under, "marketingOptInLevel"], error, "MISSING_ARGUMENT")]
    if state == "PENDING" and level != "CONFIRMED_OPT_IN":
        error = "Marketing opt in level must be confirmed opt-in for pending consent state"
        return [user_error([*under, "marketingOptInLevel"], error, "INVALID")]
    moment = consent.get("consentUpdatedAt")
    if moment and epoch(moment) > ctx.shop.now():
        error = "Consent updated at must not be in the future"
        return [user_error([*under, "consentUpdatedAt"], error, "INVALID")]
    return []


def email_consent_update(source: Any, ctx: Context, args: Json) -> Json:
    """customerEmailMarketingConsentUpdate."""
    given = args["input"]
    consent, number = given["emailMarketingConsent"], numbered(given["customerId"], "Customer")
    errors = _consent_errors(ctx, consent, ["input", "emailMarketingConsent"])
    if number not in ctx.shop.customers:
        errors = [user_error(["input", "customerId"], "Customer not found", "INVALID")]
    if errors:
        return {"customer": None, "userErrors": errors}
    customer = ctx.shop.customers[number]
    if customer["defaultEmail"] is None:
        error = "An email address is required to set the email marketing consent state."
        return {"customer": customer, "userErrors": [user_error(["input"], error, "INVALID")]}
    customer["defaultEmail"] |= {
        "marketingState": consent["marketingState"],
        "marketingOptInLevel": consent.get("marketingOptInLevel")
        or customer["defaultEmail"]["marketingOptInLevel"],
        "marketingUpdatedAt": consent.get("consentUpdatedAt") or iso(ctx.shop.now()),
    }
    ctx.shop.touch_customer(number)
    return {"customer": customer, "userErrors": []}


def sms_consent_update(source: Any, ctx: Context, args: Json) -> Json:
    """customerSmsMarketingConsentUpdate."""
    given = args["input"]
    consent, number = given["smsMarketingConsent"], numbered(given["customerId"], "Customer")
    errors = _consent_errors(ctx, consent, ["input", "smsMarketingConsent"])
    if number not in ctx.shop.customers:
        errors = [user_error(None, "Customer not found")]
    if errors:
        return {"customer": None, "userErrors": errors}
    customer = ctx.shop.customers[number]
    if customer["defaultPhone"] is None:
        error = "A phone number is required to set the SMS consent state."
        return {
            "customer": customer,
            "userErrors": [user_error(["input", "smsMarketingConsent"], error, "INVALID")],
        }
    customer["defaultPhone"] |= {
        "state": consent["marketingState"], "optInLevel": consent.get("marketingOptInLevel"),
        "updatedAt": consent.get("consentUpdatedAt") or iso(ctx.shop.now()), "collectedFrom": "OTHER",
    }  # fmt: skip
    ctx.shop.touch_customer(number)
    return {"customer": customer, "userErrors": []}


def whatsapp_consent_update(source: Any, ctx: Context, args: Json) -> Json:
    """customerWhatsAppMarketingConsentUpdate, whose consent names its state and its day otherwise."""
    given = args["input"]
    consent, number = given["whatsAppMarketingConsent"], numbered(given["customerId"], "Customer")
    named = {
        "marketingState": consent["state"], "marketingOptInLevel": consent.get("optInLevel"),
        "consentUpdatedAt": consent.get("updatedAt"),
    }  # fmt: skip
    errors = _consent_errors(ctx, named, ["input", "whatsAppMarketingConsent"])
    customer = ctx.shop.customers.get(number)
    if customer is None:
        errors = [user_error(["input", "customerId"], "Customer not found", "INVALID")]
    elif customer["defaultPhone"] is None:
        error = "A phone number is required to set the WhatsApp consent state."
        errors = [user_error(["input", "whatsAppMarketingConsent"], error, "INVALID")]
    if errors or customer is None:
        return {"customerPhoneNumber": None, "userErrors": errors}
    customer["defaultPhone"]["whatsApp"] = {
        "state": consent["state"], "optInLevel": consent.get("optInLevel"),
        "updatedAt": consent.get("updatedAt") or iso(ctx.shop.now()), "collectedFrom": "OTHER",
    }  # fmt: skip
    ctx.shop.touch_customer(number)
    return {"customerPhoneNumber": phone_number(customer["defaultPhone"]), "userErrors": []}


MUTATIONS = {
    "customerEmailMarketingConsentUpdate": email_consent_update,
    "customerSmsMarketingConsentUpdate": sms_consent_update,
    "customerWhatsAppMarketingConsentUpdate": whatsapp_consent_update,
}
