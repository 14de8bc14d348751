"""Which facts outlast a write of ours: what Gallra took away goes on barring what it barred.

An erasure takes the traces of what happened with the personal data: a payment reference is both. That it
happened stays true, so the index keeps it from the moment before our write, and every later read is
completed with it. Four kinds, in one table:

| kind | what it is | after a write of ours |
|---|---|---|
| existence | it happened: a payment, a refund, an invoice, a business purchase | goes on counting |
| later | a day that only moves forward: a login, a purchase, a click | the latest ever read |
| state | how it stands now: open, disputed, owed, unsubscribed since | the last good read |
| outside | learnt elsewhere: a carrier's word, a warning; the ledger's own | until changed there |
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec.structs import replace

from connector.records import Facts


class Lasts(StrEnum):
    """How long a fact counts (the module's table)."""

    EXISTENCE = "existence"
    LATER = "later"
    STATE = "state"
    OUTSIDE = "outside"


_BY_KIND: Mapping[Lasts, tuple[str, ...]] = {
    Lasts.EXISTENCE: (
        "created", "paid", "captured", "refunded", "credited", "shipped", "completed", "cancelled", "payment",
        "ship_to", "business", "company", "vat_number", "has_transaction", "invoiced", "undated_refunds",
        "return_seen", "warranty_months", "basis", "chargeback", "written_off", "redeemed", "reminders",
    ),
    Lasts.LATER: (
        "last_login", "last_purchase", "last_click", "subscribed", "confirmed", "consent_changed",
        "subscription_ended", "return_closed", "dispute_closed",
    ),
    Lasts.STATE: (
        "modified", "status", "zero_value", "owed", "return_open", "disputed", "running_subscription",
        "subscription_mark", "reminders_shown", "consumables", "expires",
        "trashed", "final", "closed", "balance", "unsubscribed", "bounced", "undated_delivery",
    ),
    # A carrier's word of a delivery is kept however the shop's own changes.
    Lasts.OUTSIDE: ("delivered", "warned", "holds", "subject"),
}  # fmt: skip

LASTS: Mapping[str, Lasts] = {name: kind for kind, names in _BY_KIND.items() for name in names}
"""Every fact and its kind; a test holds that none is left out."""

LEARNT = ("delivered", "warned")


def to_keep(facts: Facts) -> Facts:
    """What of these facts must outlast a write: nothing that is a state, nothing of the person's others.

    `owed` goes along, as it stood while the trace of the payment could still be read.
    """
    lasting = (*_BY_KIND[Lasts.EXISTENCE], *_BY_KIND[Lasts.LATER], "owed")
    return Facts(**{name: getattr(facts, name) for name in lasting})


def with_kept(now: Facts, kept: Facts) -> Facts:
    """What was just read, completed with what a write of ours may have taken the traces of."""
    found: dict[str, Any] = {n: _either(getattr(now, n), getattr(kept, n)) for n in _BY_KIND[Lasts.EXISTENCE]}
    found |= {name: _latest(getattr(now, name), getattr(kept, name)) for name in _BY_KIND[Lasts.LATER]}
    if kept.has_transaction and not now.has_transaction:
        # Only the missing trace makes the order look unpaid.
        found["owed"] = now.owed and kept.owed
    return replace(now, **found)


def with_learnt(now: Facts, before: Facts) -> Facts:
    """What was just read, with what a carrier or a person has said: the shop itself never knew."""
    return replace(now, **{name: getattr(now, name) or getattr(before, name) for name in LEARNT})


def _either(now: Any, kept: Any) -> Any:
    if isinstance(now, tuple):
        return tuple(sorted({*now, *kept}))
    return now or kept


def _latest(now: Any, kept: Any) -> Any:
    return max((day for day in (now, kept) if day is not None), default=None)


__all__ = ["LASTS", "Lasts", "to_keep", "with_kept", "with_learnt"]
