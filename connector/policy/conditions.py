"""What is true of a record, as bits that purposes, floors and rules are matched against."""

from collections.abc import Iterable
from datetime import date

from connector.policy.abroad import is_abroad, may_be_oss, rule_of
from connector.policy.file_format import Condition
from connector.records import Facts, SubjectFacts

_NOBODY_ELSE = SubjectFacts()

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
_INVOICED = _BITS[Condition.INVOICED]
CONSUMABLES = _BITS[Condition.CONSUMABLES]
"""Set where every line of an order is of goods that are soon used up (schedule T-02)."""


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
    if facts.invoiced:
        flags |= _INVOICED
    if facts.consumables:
        flags |= CONSUMABLES
    return flags | WAS_NEVER_PAID if never_paid(facts) else flags


def destination_flags(facts: Facts, supplied: date | None, *, registered: bool) -> int:
    """Whether a sale is under OSS, or abroad without; `registered`: its supply lies in an OSS period."""
    rule = rule_of(supplied)
    if registered and may_be_oss(facts, rule):
        return _OSS
    return _ABROAD if is_abroad(facts, rule) else 0


def never_paid(facts: Facts) -> bool:
    """Whether an order ended, or waits, without any payment, transaction, invoice or delivery (T-17).

    An order to be paid by invoice may have been invoiced by a system that this shop does not
    show: what cannot be known keeps.
    """
    money = facts.paid or facts.captured or facts.refunded or facts.credited or facts.undated_refunds
    taken_back = facts.chargeback or facts.written_off or facts.redeemed
    if money or taken_back or facts.has_transaction or facts.owed or facts.invoiced:
        return False
    if facts.delivered or facts.shipped or facts.completed:
        return False
    if facts.payment == "invoice" and facts.status not in NEVER_INVOICED:
        return False
    return facts.status in NEVER_PAID or (not facts.status and facts.cancelled is not None)


def customer_flags(facts: Facts) -> int:
    """What is true of an account."""
    person = facts.subject or _NOBODY_ELSE
    bought = facts.last_purchase or person.last_purchase
    seen = facts.last_login or person.last_login
    flags = _BITS[Condition.HAS_PURCHASE if bought else Condition.NO_PURCHASE]
    flags |= _BITS[Condition.LOGIN_SEEN if seen else Condition.LOGIN_UNSEEN]
    flags |= _BITS[Condition.SUBSCRIBES] if facts.subscribes else 0
    return flags | (_BITS[Condition.CLOSED_BY_CUSTOMER] if facts.closed else 0)


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
