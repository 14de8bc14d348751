"""Every fact once: who states it, of which records a hold by query may ask it, and how long it counts.

The calculator (`due`), the holds by query (`hold_query`) and what outlasts a write of ours (`lasting`) take
their lists from here. What a fact is (a day, days, a switch, one of some words) its type in `Facts` says.
"""

from datetime import date
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import msgspec

from connector.records import Facts, Kind, Value

Kinds = frozenset[Kind]


class Lasts(StrEnum):
    """How long a fact counts: what Gallra took away goes on barring what it barred.

    | kind | what it is | after a write of ours |
    |---|---|---|
    | existence | it happened: a payment, a refund, an invoice, a business purchase | goes on counting |
    | later | a day that only moves forward: a login, a purchase, a click | the latest ever read |
    | state | how it stands now: open, disputed, owed, unsubscribed since | the last good read |
    | outside | learnt elsewhere: a carrier's word, a warning; the ledger's own | until changed there |
    """

    EXISTENCE = "existence"
    LATER = "later"
    STATE = "state"
    OUTSIDE = "outside"


class Fact(Value, frozen=True, kw_only=True):
    """One fact; `asked` are the kinds of which a hold by query may ask it.

    A `presence` is stated by the text itself, or by true: only that there is one is kept.
    """

    name: str
    lasts: Lasts
    stated: Kinds
    asked: Kinds = frozenset()
    presence: bool = False

    @property
    def type(self) -> Any:
        """What it is, as `Facts` declares it; a fact that may be missing as if it never were."""
        declared = _TYPES[self.name]
        if isinstance(declared, UnionType):
            return next(one for one in get_args(declared) if one is not NoneType)
        return declared

    @property
    def is_day(self) -> bool:
        """Whether it is one day."""
        return self.type is date

    @property
    def is_days(self) -> bool:
        """Whether it is several days."""
        return bool(self.type == tuple[date, ...])

    @property
    def is_switch(self) -> bool:
        """Whether it is true or false, and stated so."""
        return self.type is bool and not self.presence

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it is one of; none where it is no such fact."""
        return tuple(word for word in get_args(self.type) if word) if get_origin(self.type) is Literal else ()


_TYPES = {field.name: field.type for field in msgspec.structs.fields(Facts)}
_NOBODY: Kinds = frozenset()
_EVERY: Kinds = frozenset(Kind)
_ORDER, _CUSTOMER, _COUPON = frozenset({Kind.ORDER}), frozenset({Kind.CUSTOMER}), frozenset({Kind.COUPON})
_SUBSCRIBER, _MESSAGE = frozenset({Kind.SUBSCRIBER}), frozenset({Kind.SUPPORT_MESSAGE})
_OTHER = _EVERY - _ORDER - _CUSTOMER - _COUPON - _SUBSCRIBER
_PAID_WITH = _ORDER | _COUPON
_MAILED = _CUSTOMER | _SUBSCRIBER
_CLOSES = _OTHER | _CUSTOMER | _COUPON
_EXISTENCE, _LATER, _STATE, _OUTSIDE = Lasts


def _fact(
    name: str, lasts: Lasts, stated: Kinds, *, asked: Kinds = frozenset(), presence: bool = False
) -> Fact:
    return Fact(name=name, lasts=lasts, stated=stated, asked=asked, presence=presence)


FACTS: tuple[Fact, ...] = (
    _fact("created", _EXISTENCE, _EVERY, asked=_EVERY),
    _fact("modified", _STATE, _EVERY, asked=_EVERY - _SUBSCRIBER),
    _fact("paid", _EXISTENCE, _ORDER, asked=_ORDER),
    _fact("captured", _EXISTENCE, _ORDER, asked=_ORDER),
    _fact("refunded", _EXISTENCE, _PAID_WITH, asked=_ORDER),
    _fact("credited", _EXISTENCE, _ORDER, asked=_ORDER),
    _fact("shipped", _EXISTENCE, _ORDER, asked=_ORDER),
    # A carrier's word of a delivery is kept however the shop's own changes.
    _fact("delivered", _OUTSIDE, _EVERY - _MAILED, asked=_ORDER),
    _fact("completed", _EXISTENCE, _ORDER, asked=_ORDER),
    _fact("cancelled", _EXISTENCE, _ORDER, asked=_ORDER),
    _fact("chargeback", _EXISTENCE, _PAID_WITH, asked=_ORDER),
    _fact("written_off", _EXISTENCE, _PAID_WITH, asked=_ORDER),
    _fact("redeemed", _EXISTENCE, _PAID_WITH, asked=_PAID_WITH),
    _fact("reminders", _EXISTENCE, _ORDER),
    _fact("reminders_shown", _STATE, _NOBODY),
    _fact("last_login", _LATER, _MAILED, asked=_CUSTOMER),
    _fact("last_purchase", _LATER, _EVERY - _ORDER, asked=_CUSTOMER),
    _fact("closed", _STATE, _CLOSES, asked=_CLOSES),
    _fact("warned", _OUTSIDE, _CUSTOMER, asked=_CUSTOMER),
    _fact("subscribed", _LATER, _MAILED, asked=_SUBSCRIBER),
    _fact("confirmed", _LATER, _MAILED, asked=_SUBSCRIBER),
    _fact("unsubscribed", _STATE, _MAILED, asked=_SUBSCRIBER),
    _fact("bounced", _STATE, _SUBSCRIBER, asked=_SUBSCRIBER),
    _fact("last_click", _LATER, _SUBSCRIBER, asked=_SUBSCRIBER),
    _fact("consent_changed", _LATER, _CUSTOMER),
    _fact("subscribes", _STATE, _CUSTOMER),
    _fact("consents", _STATE, _NOBODY),
    _fact("expires", _STATE, _COUPON),
    _fact("status", _STATE, _EVERY, asked=_EVERY),
    _fact("ship_to", _EXISTENCE, _ORDER, asked=_ORDER),
    _fact("payment", _EXISTENCE, _ORDER, asked=_ORDER),
    _fact("business", _EXISTENCE, _ORDER, asked=_ORDER),
    _fact("basis", _EXISTENCE, _SUBSCRIBER, asked=_SUBSCRIBER),
    _fact("company", _EXISTENCE, _ORDER, presence=True),
    _fact("vat_number", _EXISTENCE, _ORDER, presence=True),
    _fact("has_transaction", _EXISTENCE, _ORDER),
    _fact("invoiced", _EXISTENCE, _ORDER),
    _fact("undated_refunds", _EXISTENCE, _ORDER),
    _fact("undated_delivery", _STATE, _ORDER),
    _fact("zero_value", _STATE, _ORDER),
    _fact("owed", _STATE, _ORDER),
    _fact("return_open", _STATE, _ORDER | _MESSAGE),
    _fact("return_seen", _EXISTENCE, _ORDER),
    _fact("return_closed", _LATER, _ORDER),
    _fact("disputed", _STATE, _ORDER),
    _fact("dispute_closed", _LATER, _ORDER),
    _fact("running_subscription", _STATE, _ORDER | _CUSTOMER),
    _fact("subscription_mark", _STATE, _ORDER),
    _fact("subscription_ended", _LATER, _ORDER | _CUSTOMER),
    _fact("consumables", _STATE, _ORDER),
    _fact("may_be_voucher", _STATE, _MESSAGE),
    _fact("trashed", _STATE, _NOBODY),
    _fact("final", _STATE, _ORDER),
    _fact("warranty_months", _EXISTENCE, _ORDER),
    _fact("balance", _STATE, _EVERY - _SUBSCRIBER),
    _fact("holds", _OUTSIDE, _EVERY),
    _fact("subject", _OUTSIDE, _EVERY),
)
"""Every field of `Facts`, once; in the order in which a hold by query names what may be asked."""


def stated_of(kind: Kind) -> frozenset[str]:
    """The facts that a record of this kind may state."""
    return frozenset(fact.name for fact in FACTS if kind in fact.stated)


def asked_of(kind: Kind) -> tuple[str, ...]:
    """What a hold by query may ask of this kind."""
    return tuple(fact.name for fact in FACTS if kind in fact.asked)
