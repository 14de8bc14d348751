"""The dates that periods are counted from, read from the facts, each with its source."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from msgspec.structs import replace

from connector.calendar import add_months
from connector.policy.file_format import Clock
from connector.records import Facts, Kind
from connector.verdicts import SUBSCRIBES

Reading = tuple[date | None, str]
"""A date and the signal it was taken from; without a date, the reason code instead."""

UNKNOWN: Reading = (None, "clock_unknown")

AFTER_COMPLETED = timedelta(days=7)
AFTER_SHIPPED = timedelta(days=14)
AFTER_ORDERED = timedelta(days=60)
"""How long after each signal a parcel is taken to be delivered (schedule §2.8)."""


CHARGEBACK_HORIZON = timedelta(days=180)
"""How long after a payment a bank may take the money back (schedule T-09)."""


def chargeback_by(facts: Facts) -> tuple[date, ...]:
    """The latest day on which an undated chargeback can have come; none where nothing is dated."""
    paid = max((*facts.captured, *filter(None, (facts.paid, facts.created))), default=None)
    return () if paid is None else (paid + CHARGEBACK_HORIZON,)


def misdated(facts: Facts) -> bool:
    """Whether an order was sent, delivered or completed before it was made: numbers are used again."""
    first = facts.created
    return first is not None and (
        (facts.delivered is not None and facts.delivered < first)
        or (facts.shipped is not None and facts.shipped < first)
        or (facts.completed is not None and facts.completed < first)
    )


def believed(facts: Facts) -> Facts:
    """The same without the dates that lie before the order: the next signal counts (schedule §2.8)."""
    wrong = {
        name: None
        for name in ("delivered", "shipped", "completed")
        if (day := getattr(facts, name)) and facts.created and day < facts.created
    }
    return replace(facts, **wrong)


def delivered(facts: Facts) -> Reading:
    """When the goods were made available, by the best signal there is (schedule §2.8)."""
    if facts.delivered:
        return facts.delivered, "delivered"
    if facts.undated_delivery:
        return None, "delivery_date_unknown"
    if facts.completed:
        return facts.completed + AFTER_COMPLETED, "completed"
    if facts.shipped:
        return facts.shipped + AFTER_SHIPPED, "shipped"
    if facts.created:
        return facts.created + AFTER_ORDERED, "created"
    return UNKNOWN


def contract_end(facts: Facts, found: Reading) -> Reading:
    """The delivery of a contract that has ended is its end, where that is later (schedule §2.9; R-33)."""
    ended = facts.subscription_ended
    if ended is None or found[0] is None or ended <= found[0]:
        return found
    return ended, "subscription_ended"


VALID_MONTHS = 120
"""How long a gift card without a stated validity is valid (schedule H6; rules R-37)."""


def card_expires(facts: Facts) -> date | None:
    """The stated last day of a gift card, else ten years from its last known movement.

    A use is a payment on the debt, and begins its prescription anew (preskriptionslagen 5 §). Where no day
    of one is shown, the last change was the last use at the latest.
    """
    if facts.expires:
        return facts.expires
    days = facts.redeemed or filter(None, (facts.modified,))
    moved = max((*filter(None, (facts.created, facts.delivered)), *days), default=None)
    return add_months(moved, VALID_MONTHS) if moved else None


def card_ended(facts: Facts) -> Reading:
    """When a gift card ended: as the shop says, at its stated last day, or with a balance after ten years.

    One that has no end yet is valid still: nothing about it is unread.
    """
    if facts.closed:
        return facts.closed, "closed"
    if facts.expires:
        return facts.expires, "expires"
    ended = card_expires(facts) if facts.balance else None
    return (ended, "valid_ten_years") if ended else (None, "still_valid")


def supplied(facts: Facts) -> Reading:
    """When the sale was carried out: delivery or dispatch, else payment (schedule §2.6)."""
    if facts.delivered:
        return facts.delivered, "delivered"
    if facts.shipped:
        return facts.shipped, "shipped"
    if facts.paid and not facts.completed:
        return facts.paid, "paid"
    return delivered(facts)


def settled(facts: Facts) -> Reading:
    """When the order was paid or handed to the payment provider; at once where nothing was to pay."""
    if facts.paid:
        return facts.paid, "paid"
    if facts.captured:
        return max(facts.captured), "captured"
    if facts.zero_value and facts.created:
        return facts.created, "created"
    return UNKNOWN


def last_payment(facts: Facts) -> Reading:
    """The last movement of money: the latest of payment, captures and refunds (schedule T-12)."""
    if facts.undated_refunds:
        return None, "refund_date_unknown"
    moved = (
        *((day, "captured") for day in facts.captured),
        *((day, "refunded") for day in facts.refunded),
    )
    return _latest((settled(facts), *moved))


def identity_end(facts: Facts) -> Reading:
    """When the person's account ended; where none is left, no day is known: the record's own is taken.

    Schedule T-16 and T-55; an account that is still there keeps its links.
    """
    if facts.subject is None:
        return UNKNOWN
    if facts.subject.has_account:
        return None, "account_exists"
    return (facts.created, "no_account") if facts.created else UNKNOWN


def last_purchase(facts: Facts) -> Reading:
    """The last purchase that this record or the person's orders show."""
    return _latest(((facts.last_purchase, "last_purchase"), (_subject_purchase(facts), "last_purchase")))


def last_activity(facts: Facts) -> Reading:
    """The last login or purchase; an account is never older than its creation (schedule T-20).

    An order that was imported, or made by a guest, is not when an account began.
    """
    seen = _latest((last_purchase(facts), *_logins(facts)))
    return _latest((seen, created(facts))) if seen[0] else seen


def created_or_consent(facts: Facts) -> Reading:
    """Of a person who never bought and whose login nobody sees: the creation or the last word on consent.

    Schedule T-20. An account without a known creation keeps.
    """
    if facts.created is None:
        return UNKNOWN
    names = ("created", "consent_changed", "subscribed", "confirmed", "unsubscribed")
    return _latest((getattr(facts, name), name) for name in names)


def newsletter_end(facts: Facts) -> Reading:
    """When the consent of a profile that gets the newsletter ended; a living one has no end yet (T-33)."""
    return (None, SUBSCRIBES) if facts.subscribes else _date("unsubscribed")(facts)


def last_click_or_purchase(facts: Facts) -> Reading:
    """The last click, purchase, login or confirmed renewal; an unknown click keeps (schedule T-33)."""
    if facts.last_click is None:
        return UNKNOWN
    signs = (
        (facts.last_click, "last_click"),
        (facts.confirmed, "confirmed"),
        (facts.subscribed, "subscribed"),
    )
    return _latest((*signs, last_purchase(facts), *_logins(facts)))


def last_change(facts: Facts) -> Reading:
    """The last change by someone else than Gallra, else when it was made."""
    return (facts.modified, "modified") if facts.modified else created(facts)


def created(facts: Facts) -> Reading:
    """When the record was made: the order placed, the review published."""
    return (facts.created, "created") if facts.created else UNKNOWN


def case_closed(facts: Facts) -> Reading:
    """When a support case was closed, else the date of the message (schedule T-60)."""
    return (facts.closed, "closed") if facts.closed else created(facts)


def _subject_purchase(facts: Facts) -> date | None:
    return facts.subject.last_purchase if facts.subject else None


def _logins(facts: Facts) -> tuple[Reading, Reading]:
    elsewhere = facts.subject.last_login if facts.subject else None
    return (facts.last_login, "last_login"), (elsewhere, "last_login")


def _latest(readings: Iterable[Reading]) -> Reading:
    known = [(day, source) for day, source in readings if day]
    return max(known) if known else UNKNOWN


def _date(name: str) -> Callable[[Facts], Reading]:
    def read(facts: Facts) -> Reading:
        day: date | None = getattr(facts, name)
        return (day, name) if day else UNKNOWN

    return read


Clocks = Mapping[Clock, Callable[[Facts], Reading]]

_CHANGE: Clocks = {Clock.LAST_CHANGE: last_change}

CLOCKS: Mapping[Kind, Clocks] = {
    Kind.ORDER: {
        Clock.DELIVERED: delivered,
        Clock.CREATED: created,
        Clock.SETTLED: settled,
        Clock.LAST_PAYMENT: last_payment,
        Clock.IDENTITY_END: identity_end,
    },
    Kind.CUSTOMER: {
        Clock.LAST_ACTIVITY: last_activity,
        Clock.CREATED_OR_CONSENT: created_or_consent,
        Clock.CLOSED: _date("closed"),
        Clock.CONSENT_END: _date("unsubscribed"),
        Clock.NEWSLETTER_END: newsletter_end,
    },
    Kind.SUBSCRIBER: {
        Clock.LAST_PURCHASE: last_purchase,
        Clock.LAST_CLICK_OR_PURCHASE: last_click_or_purchase,
        Clock.SUBSCRIBED: _date("subscribed"),
        Clock.UNSUBSCRIBED: _date("unsubscribed"),
        Clock.BOUNCED: _date("bounced"),
    },
    Kind.REVIEW: {Clock.CREATED: created, Clock.IDENTITY_END: identity_end},
    Kind.COUPON: {Clock.CLOSED: card_ended, Clock.DELIVERED: _date("delivered")},
    Kind.CART: _CHANGE,
    Kind.DRAFT_ORDER: _CHANGE,
    Kind.SUPPORT_MESSAGE: {Clock.CASE_CLOSED: case_closed},
}
"""The clocks that each kind of record can show."""
