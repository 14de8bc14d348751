"""Mailchimp: a platform of subscribers, and a processor of shop customers and orders."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from adapters.mailchimp.platform import MailchimpPlatform
from adapters.mailchimp.processor import MailchimpProcessor
from adapters.mailchimp.service import Mailchimp
from connector.ports import Channel, Clock, Keyer

CHANNELS = {
    # Its agreement is part of its terms, and the page read names no address.
    "mailchimp": Channel(
        form="https://mailchimp.com/help/mailchimp-european-data-transfers/",
        source="Mailchimp's help page on its data processing addendum",
        read=date(2026, 11, 29),
    ),
}


def build_platform(settings: Mapping[str, Any], *, keyer: Keyer, clock: Clock) -> MailchimpPlatform:
    """The subscribers of the audiences that `lists` names; raises SettingsError for an unusable key."""
    return MailchimpPlatform(Mailchimp(settings), settings, keyer=keyer)


def build_processor(settings: Mapping[str, Any], *, clock: Clock) -> MailchimpProcessor:
    """The e-commerce copies in the stores that `stores` names; raises SettingsError for an unusable key."""
    return MailchimpProcessor(Mailchimp(settings), settings)


__all__ = [
    "CHANNELS",
    "Mailchimp",
    "MailchimpPlatform",
    "MailchimpProcessor",
    "build_platform",
    "build_processor",
]
