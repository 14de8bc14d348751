"""What is true of a record, as bits that purposes, floors and rules are matched against."""

from collections.abc import Iterable

from connector.policy.schema import Condition
from connector.records import Facts

EUROPEAN_UNION = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MC", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI"}
)
"""Where OSS sales may end: EL is Greece, MC counts as France (2006/112/EC art. 7), XI is Northern Ireland."""

NEVER_PAID = frozenset(
    {"failed", "cancelled", "canceled", "pending", "draft", "checkout-draft", "voided", "expired"}
)
"""Statuses in which an order may never have been paid (schedule T-17)."""

NEVER_INVOICED = frozenset({"failed", "draft", "checkout-draft", "expired"})
"""Statuses of an order that was never placed: no other system has sent an invoice for it."""

_BITS: dict[Condition, int] = {condition: 1 << position for position, condition in enumerate(Condition)}
RULED = (1 << len(_BITS)) - 1
"""The bits that rules can ask for; those above are about the order alone."""

OWED = RULED + 1
"""Set where money is owed: the day on which the claim may be prescribed is looked out for."""

FORGOTTEN, MISDATED, PRESCRIBED, NOWHERE = OWED << 1, OWED << 2, OWED << 3, OWED << 4
"""Set where an order is paid, not final, and unchanged for a year (H1); was delivered before it was
made; has an unpaid claim as old as its prescription (H3); names no country that it was sent to."""

_NAMES = {
    FORGOTTEN: "paid_and_forgotten",
    MISDATED: "delivered_before_ordered",
    PRESCRIBED: "claim_may_be_prescribed",
    NOWHERE: "ship_to_unknown",
}
_FIRST_NAMED = FORGOTTEN.bit_length() - 1
_NAMED = tuple(
    tuple(name for bit, name in _NAMES.items() if bit & (combination << _FIRST_NAMED))
    for combination in range(1 << len(_NAMES))
)

ARCHIVE = _BITS[Condition.SHOP_IS_ARCHIVE]
"""Set where the shop's order is part of the verification (mode A)."""

_BUSINESS = _BITS[Condition.BUSINESS]
_NO_COMPANY = _BITS[Condition.NO_COMPANY_NAME]
_OSS = _BITS[Condition.UNDER_OSS]
_ABROAD = _BITS[Condition.ABROAD_WITHOUT_OSS]
WAS_NEVER_PAID = _BITS[Condition.NEVER_PAID]
_NO_INVOICE = _BITS[Condition.NOT_AN_INVOICE]


def bits(conditions: Iterable[Condition]) -> int:
    """These conditions as one mask: all of them are true where `flags & mask == mask`."""
    return sum(_BITS[condition] for condition in set(conditions))


def alerts_of(flags: int) -> tuple[str, ...]:
    """What the owner should know of an order, whatever the rules say of it."""
    return _NAMED[flags >> _FIRST_NAMED]


def order_flags(facts: Facts) -> int:
    """What is true of an order by itself."""
    flags = 0
    if facts.business:
        flags |= _BUSINESS
    if not facts.company:
        flags |= _NO_COMPANY
    if facts.payment != "invoice":
        flags |= _NO_INVOICE
    return flags | WAS_NEVER_PAID if never_paid(facts) else flags


def destination_flags(facts: Facts, *, registered: bool) -> int:
    """Whether a sale abroad is under OSS; `registered` says that its supply lies in an OSS period."""
    in_union = facts.ship_to in EUROPEAN_UNION and not facts.vat_number
    return _OSS if registered and in_union else _ABROAD


def never_paid(facts: Facts) -> bool:
    """Whether an order ended, or waits, without any payment, transaction, invoice or delivery (T-17).

    An order to be paid by invoice may have been invoiced by a system that this shop does not
    show: what cannot be known keeps.
    """
    money = facts.paid or facts.captured or facts.refunded or facts.credited or facts.undated_refunds
    if money or facts.has_transaction or facts.owed or facts.invoiced:
        return False
    if facts.delivered or facts.shipped or facts.completed:
        return False
    if facts.payment == "invoice" and facts.status not in NEVER_INVOICED:
        return False
    return facts.status in NEVER_PAID or (not facts.status and facts.cancelled is not None)


def customer_flags(facts: Facts) -> int:
    """What is true of an account."""
    elsewhere = facts.subject.last_purchase if facts.subject else None
    bought = Condition.HAS_PURCHASE if facts.last_purchase or elsewhere else Condition.NO_PURCHASE
    return _BITS[bought] | (_BITS[Condition.CLOSED_BY_CUSTOMER] if facts.closed else 0)


def subscriber_flags(facts: Facts) -> int:
    """What is true of a contact at the mailing service."""
    flags = 0
    if _has_left(facts):
        flags |= _BITS[Condition.UNSUBSCRIBED]
    if facts.bounced or facts.status == "cleaned":
        flags |= _BITS[Condition.BOUNCED]
    if facts.status == "pending" and not facts.confirmed:
        flags |= _BITS[Condition.NEVER_CONFIRMED]
    if facts.basis:
        basis = Condition.CONSENT if facts.basis == "consent" else Condition.SOFT_OPT_IN
        flags |= _BITS[basis]
    return flags


def _has_left(facts: Facts) -> bool:
    """Whether the contact is unsubscribed and has not come back since."""
    if facts.status:
        left = facts.status == "archived" and facts.unsubscribed is not None
        return left or facts.status == "unsubscribed"
    if facts.unsubscribed is None:
        return False
    return facts.subscribed is None or facts.subscribed <= facts.unsubscribed
