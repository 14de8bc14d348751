"""What carries a promise: the kind of record it is about, and the rules that it names."""

from connector.policy import Policy
from connector.policy.file_format import Rule
from connector.records import Kind
from connector.settings.promises import Promise

PLATFORM = "SH"
"""The shop's own platform: always there, never under [recipients]."""

_KINDS = {str(kind): kind for kind in Kind} | {
    "payment": Kind.ORDER,
    "shipment": Kind.ORDER,
    "consent": Kind.SUBSCRIBER,
}


def confirmed_rows(policy: Policy) -> tuple[str, ...]:
    """The rows that a person is to confirm; those that Gallra carries itself need no one's word."""
    return tuple(row.id for row in policy.attestations if row.carried_by == "person")


def kind_of(promise: Promise) -> Kind | None:
    """The kind of record a promise is about; None where it is about no record."""
    return _KINDS.get(promise.about)


def rules_of(policy: Policy, promise: Promise) -> tuple[Rule, ...]:
    """The rules that carry a promise: of the kind it is about, else of any kind that it names."""
    named = tuple(rule for rule in policy.rules if rule.id in promise.rules)
    kind = kind_of(promise)
    return tuple(rule for rule in named if kind is None or rule.kind is kind) or named
