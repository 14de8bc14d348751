"""Builds what settings name of Mailchimp."""

from collections.abc import Mapping
from typing import Any

from adapters.mailchimp.platform import MailchimpPlatform
from adapters.mailchimp.processor import MailchimpProcessor
from adapters.mailchimp.service import Mailchimp
from connector.ports import Clock, Keyer


def build_platform(settings: Mapping[str, Any], *, keyer: Keyer, clock: Clock) -> MailchimpPlatform:
    """The subscribers of the audiences that `lists` names; raises SettingsError for an unusable key."""
    return MailchimpPlatform(Mailchimp(settings), settings, keyer=keyer)


def build_processor(settings: Mapping[str, Any], *, clock: Clock) -> MailchimpProcessor:
    """The e-commerce copies in the stores that `stores` names; raises SettingsError for an unusable key."""
    return MailchimpProcessor(Mailchimp(settings), settings)
