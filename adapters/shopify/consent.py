"""What a customer said to letters, text messages and WhatsApp, each with its state and its day."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from adapters.shopify.nodes import Node, day
from connector.records import Consent as Said

_STATES = {"SUBSCRIBED": "subscribed", "PENDING": "pending", "UNSUBSCRIBED": "unsubscribed"}


class Consent(NamedTuple):
    """One channel: `email`, `sms` or `whatsapp`, what was said last, when, and whether it was confirmed."""

    channel: str
    state: str
    changed: date | None
    confirmed: bool


def consents(customer: Node) -> Iterator[Consent]:
    """The channels for which a consent was ever asked."""
    email = customer.get("defaultEmailAddress") or {}
    phone = customer.get("defaultPhoneNumber") or {}
    said = [
        (
            "email",
            email.get("marketingState"),
            email.get("marketingUpdatedAt"),
            email.get("marketingOptInLevel"),
        )
    ]
    for channel, name in (("sms", "smsMarketingConsent"), ("whatsapp", "whatsAppMarketingConsent")):
        own = phone.get(name) or {}
        said.append((channel, own.get("state"), own.get("updatedAt"), own.get("optInLevel")))
    for channel, state, changed, level in said:
        if state in _STATES:
            yield Consent(channel, _STATES[str(state)], day(changed), level == "CONFIRMED_OPT_IN")


def consent_of(customer: Node) -> str:
    """`subscribed` where any channel is, else `pending`, else `unsubscribed`; empty where none was asked."""
    found = {one.state for one in consents(customer)}
    return next((state for state in _STATES.values() if state in found), "")


def said_of(customer: Node) -> tuple[Said, ...]:
    """The same as the index keeps it."""
    return tuple(
        Said(channel=one.channel, given=one.state != "unsubscribed", changed=one.changed)
        for one in consents(customer)
    )


def living(customer: Node) -> tuple[str, ...]:
    """The channels by which letters or messages may still come."""
    return tuple(one.channel for one in consents(customer) if one.state != "unsubscribed")
