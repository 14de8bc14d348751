"""The reasons to wait, read from the facts (schedule §3, table of holds)."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from connector.calendar import add_months, claims_end
from connector.policy.clocks import Reading, card_expires
from connector.records import Facts, HoldId

WITHDRAWAL = timedelta(days=14)
RETURN_LEGS = timedelta(days=28)
"""Time to withdraw (lag 2005:59 2:10), and to send back and be repaid (2:13–14)."""

UNTOLD_MONTHS = 12
"""How much longer a buyer may withdraw whom the shop did not tell of it (lag 2005:59 2:12)."""

AFTERMATH = timedelta(days=30)
"""How long H2, H3 and H8 outlast their cause."""

FORGOTTEN_MONTHS = 12
"""A paid order unchanged for so long is not open, whatever its status says."""

SUBSCRIPTION_MONTHS = 24
"""How long an order that bears a subscription's mark counts as one that may run."""

PRESCRIPTION_MONTHS, BUSINESS_PRESCRIPTION_MONTHS = 36, 120
"""How long a claim on a consumer, and on a business, stands unreminded (preskriptionslagen 2 §)."""


class Open(NamedTuple):
    """One hold: its last day (None: until the facts change), and whether its cause is over."""

    id: HoldId
    through: date | None = None
    aftermath: bool = False


def order_holds(
    facts: Facts, delivered: Reading, today: date, *, withdrawal_untold: bool = False
) -> tuple[Open, ...]:
    """The holds that are open on an order today; a buyer who was not told may withdraw for a year more."""
    found = []
    if not facts.final or (delivered[0] and not _called_off(facts)):
        found.append(_open_order(facts, delivered[0], UNTOLD_MONTHS if withdrawal_untold else 0))
    if facts.return_open or facts.return_seen or facts.return_closed or facts.undated_refunds:
        found.append(_return(facts))
    if facts.owed or facts.payment == "invoice":
        found.extend(_claim(facts))
    if facts.warranty_months:
        end = add_months(delivered[0], facts.warranty_months) if delivered[0] else None
        found.append(Open(HoldId.WARRANTY, end))
    if facts.disputed or facts.dispute_closed:
        found.append(_dispute(facts))
    if facts.subscription_mark and not facts.running_subscription:
        found.append(Open(HoldId.SUBSCRIPTION, _subscription_ends(facts)))
    if facts.balance or facts.running_subscription or facts.holds or facts.subscription_ended:
        found.extend(standing_holds(facts))
    return _still_open(found, today)


def _claim(facts: Facts) -> tuple[Open, ...]:
    """What is owed for an order; one that was paid by invoice is looked at for a while more."""
    if facts.owed:
        return (Open(HoldId.UNPAID, claim_ends(facts) if facts.reminders_shown else None),)
    if facts.paid and facts.created and facts.paid > facts.created:
        return (Open(HoldId.UNPAID, facts.paid + AFTERMATH, True),)
    return ()


def _dispute(facts: Facts) -> Open:
    """A payment in dispute, or one whose dispute was closed not long ago."""
    if facts.disputed or facts.dispute_closed is None:
        return Open(HoldId.DISPUTE)
    return Open(HoldId.DISPUTE, facts.dispute_closed + AFTERMATH, True)


def _subscription_ends(facts: Facts) -> date | None:
    """The last day on which a contract may run on an order; a renewal is an order with days of its own."""
    return add_months(facts.created, SUBSCRIPTION_MONTHS) if facts.created else None


def standing_holds(facts: Facts) -> tuple[Open, ...]:
    """The holds of any kind of record that no event of its own ends; a contract's claims outlast it (H7)."""
    found = [Open(hold) for hold in facts.holds]
    if facts.balance:
        found.append(Open(HoldId.BALANCE))
    if facts.running_subscription:
        found.append(Open(HoldId.SUBSCRIPTION))
    elif facts.subscription_ended:
        found.append(Open(HoldId.SUBSCRIPTION, claims_end(facts.subscription_ended)))
    return tuple(found)


def card_holds(facts: Facts, today: date) -> tuple[Open, ...]:
    """The holds on a gift card or credit: its balance binds until it has expired (schedule H6).

    One that is said to have ended before it expired, and to have a balance, is held until somebody looks.
    """
    ends = None if facts.closed and not facts.expires else card_expires(facts)
    balance = (Open(HoldId.BALANCE, ends),) if facts.balance else ()
    return _still_open((*standing_holds(replace(facts, balance=False)), *balance), today)


def person_holds(facts: Facts, today: date) -> tuple[Open, ...]:
    """The holds on a person's account or subscription, those of their orders included."""
    found = _still_open(standing_holds(facts), today)
    if facts.subject is None:
        return found
    orders = (Open(HoldId.OPEN_ORDER),) if facts.subject.open_orders else ()
    return (*found, *orders, *(Open(hold) for hold in facts.subject.order_holds))


def message_holds(facts: Facts, today: date) -> tuple[Open, ...]:
    """The holds on a message: its person's, an open case (H2), and a voucher that it may be (H10)."""
    case = (Open(HoldId.RETURN),) if facts.return_open else ()
    voucher = (Open(HoldId.VOUCHER),) if _may_be_voucher(facts) else ()
    return (*person_holds(facts, today), *case, *voucher)


def _may_be_voucher(facts: Facts) -> bool:
    """Whether a message may be a voucher; where its sender decides, a customer's is none."""
    if facts.may_be_voucher == "sender":
        return facts.subject is None or not (facts.subject.last_purchase or facts.subject.has_account)
    return bool(facts.may_be_voucher)


def _still_open(holds: Iterable[Open], today: date) -> tuple[Open, ...]:
    return tuple([hold for hold in holds if hold.through is None or today <= hold.through])


def claim_ends(facts: Facts) -> date | None:
    """The last day of an unpaid claim, by all that is known to have begun its prescription anew.

    A part payment and a written reminder do (preskriptionslagen 5 §). No shop shows its reminders: where
    nobody has said which there were, the hold stays and the owner looks. None where no day is known.
    """
    begun = max((*filter(None, (facts.created, facts.paid)), *facts.captured, *facts.reminders), default=None)
    months = BUSINESS_PRESCRIPTION_MONTHS if facts.business else PRESCRIPTION_MONTHS
    return add_months(begun, months) if begun else None


def forgotten_after(facts: Facts) -> date | None:
    """The last day on which a paid order of no final status counts as open; None where unpaid."""
    if facts.paid is None:
        return None
    return add_months(facts.modified or facts.paid, FORGOTTEN_MONTHS)


def _open_order(facts: Facts, delivered: date | None, months_more: int) -> Open:
    window = None
    if delivered and not _called_off(facts):
        window = add_months(delivered, months_more) + (
            WITHDRAWAL + RETURN_LEGS if facts.return_seen else WITHDRAWAL
        )
    if facts.final:
        return Open(HoldId.OPEN_ORDER, window)
    through = forgotten_after(facts)
    if through is None:
        return Open(HoldId.OPEN_ORDER)
    return Open(HoldId.OPEN_ORDER, max(through, window) if window else through)


def _called_off(facts: Facts) -> bool:
    """Whether the order was cancelled before anything was sent: no right of withdrawal runs."""
    return facts.cancelled is not None and not (facts.delivered or facts.shipped or facts.completed)


def _return(facts: Facts) -> Open:
    """A return ended on the last day that is known of it: seen, closed, or repaid."""
    days = [day for day in (facts.return_seen, facts.return_closed) if day]
    if facts.return_open or not days or facts.undated_refunds:
        return Open(HoldId.RETURN)
    return Open(HoldId.RETURN, max((*days, *facts.refunded)) + AFTERMATH, True)
