"""Consents to mailings: what holds them, and how they end."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from connector.ports.codes import MARKETS
from connector.ports.processor import Recipient
from connector.records import Consent, Kind

EMAIL, SMS, WHATSAPP = "email", "sms", "whatsapp"
CHANNELS = (EMAIL, SMS, WHATSAPP)
"""The ways in which mailings reach somebody; a newsletter goes by e-mail."""

BY_PHONE = frozenset({SMS, WHATSAPP})


@runtime_checkable
class WithdrawsConsent(Protocol):
    """A platform whose records say by which channels mailings may reach their person (`Facts.consents`).

    `apply` with the action `unsubscribe` ends the channels that a task names (every one where it names
    none) on records of these kinds, and gives none: a consent is never granted. It answers `stopped` where
    it ended any, `already_gone` where none of them was given. Either must be seen by the next fetch.
    """

    consents_of: frozenset[Kind]


def holders(platforms: Mapping[str, object]) -> frozenset[tuple[str, Kind]]:
    """The services, and the kinds of record there, whose consents can be ended."""
    return frozenset(
        (name, kind)
        for name, one in platforms.items()
        if isinstance(one, WithdrawsConsent)
        for kind in one.consents_of
    )


def beyond_calls(
    recipients: Sequence[Recipient], platforms: Mapping[str, object]
) -> tuple[str, ...]:
    """The recipients that mail or advertise for the shop and that no call of ours takes anybody out of."""
    reached = {name for name, one in platforms.items() if isinstance(one, WithdrawsConsent)}
    return tuple(one.name for one in recipients if one.code in MARKETS and one.name not in reached)


def given(consents: tuple[Consent, ...]) -> frozenset[str]:
    """The channels by which mailings may come."""
    return frozenset(one.channel for one in consents if one.given)


__all__ = [
    "BY_PHONE", "CHANNELS", "EMAIL", "SMS", "WHATSAPP", "WithdrawsConsent", "beyond_calls", "given",
    "holders",
]  # fmt: skip
