"""What rules may read of an order: its dates, status, payments and holds."""

from datetime import date
from typing import Any, Literal

from msgspec.structs import replace

from adapters.shopify.addresses import destination
from adapters.shopify.nodes import Node, amount, day, nodes
from connector.calendar import add_months
from connector.policy.clocks import chargeback_by
from connector.policy.holds import SUBSCRIPTION_MONTHS
from connector.records import Facts

_OPEN_DISPUTE = ("NEEDS_RESPONSE", "UNDER_REVIEW")
_LOST_DISPUTE = ("LOST", "ACCEPTED", "CHARGE_REFUNDED")
_OPEN_RETURN = ("RETURN_REQUESTED", "IN_PROGRESS")
_DONE = ("FULFILLED", "FULFILLMENT_NOT_REQUIRED", "RESTOCKED")
_TAKEN = ("SALE", "CAPTURE")
_GIFT_CARD = "gift_card"
"""Shopify's own gateway of gift cards: a payment by it is a redemption, an event of the books (T-24)."""
_INVOICE = ("invoice", "faktura", "resurs", "delbetal", "pay_later", "pay later")
_CARD = ("shopify_payments", "card", "kort", "stripe", "nets", "bogus", "quickpay", "adyen")


def facts(order: Node, today: date) -> Facts:
    """What rules may read of an order; a date that Shopify does not show stays None."""
    status = status_of(order)
    shipping, billing = order.get("shippingAddress") or {}, order.get("billingAddress") or {}
    company = bool(billing.get("company") or shipping.get("company"))
    returns = [found for row in nodes(order, "returns") if (found := day(row.get("createdAt")))]
    ended = [found for row in nodes(order, "returns") if (found := day(row.get("closedAt")))]
    created = day(order.get("processedAt")) or day(order.get("createdAt"))
    read = Facts(
        created=created,
        modified=day(order.get("updatedAt")),
        cancelled=day(order.get("cancelledAt")),
        status=status,
        return_open=order.get("returnStatus") in _OPEN_RETURN,
        return_seen=min(returns, default=None),
        return_closed=max((*returns, *ended), default=None),
        disputed=any(row.get("status") in _OPEN_DISPUTE for row in order.get("disputes") or ()),
        ship_to=destination(shipping, billing),
        business=company or bool(order.get("poNumber")),
        company=company,
        running_subscription=on_plan(order, today),
        final=_final(order, status),
        **_delivery(order),
        **_payment(order, status),
    )
    # No day of a dispute is shown: it came, and the money went, within the banks' time at the latest.
    by = chargeback_by(read)
    closed = max(by, default=None) if order.get("disputes") and not read.disputed else None
    return replace(read, chargeback=by if _taken_back(order) else (), dispute_closed=closed)


def _taken_back(order: Node) -> bool:
    """Whether a bank took the money back: Shopify shows the dispute, and no day of it."""
    return any(row.get("status") in _LOST_DISPUTE for row in order.get("disputes") or ())


def status_of(order: Node) -> str:
    """One word for where an order stands, in the words that the policy knows."""
    financial = str(order.get("displayFinancialStatus") or "")
    if order.get("cancelledAt"):
        return "cancelled"
    if financial in ("VOIDED", "EXPIRED", "PENDING", "REFUNDED"):
        return financial.lower()
    done = order.get("displayFulfillmentStatus") in _DONE
    return "completed" if done and order.get("fullyPaid") else "processing"


def _final(order: Node, status: str) -> bool:
    return status in ("cancelled", "voided", "expired", "refunded", "completed") or bool(
        order.get("closedAt")
    )


def on_plan(order: Node, today: date) -> bool:
    """Whether a line was sold on a selling plan so lately that a contract may run on it.

    Lines that were not read may be such.
    """
    sold = day(order.get("processedAt")) or day(order.get("createdAt"))
    if not more_lines(order) and not any(line.get("sellingPlan") for line in nodes(order, "lineItems")):
        return False
    return sold is None or today <= add_months(sold, SUBSCRIPTION_MONTHS)


def more_lines(order: Node) -> bool:
    """Whether an order may have lines that were not read: a page that does not say that it is the last."""
    lines = order.get("lineItems")
    if not isinstance(lines, dict):
        return False
    info = lines.get("pageInfo")
    return not isinstance(info, dict) or info.get("hasNextPage") is not False


def _delivery(order: Node) -> dict[str, Any]:
    """Shipped by the last parcel; delivered once every parcel is."""
    sent = [row for row in order.get("fulfillments") or () if row.get("status") == "SUCCESS"]
    shipped = [found for row in sent if (found := day(row.get("createdAt")))]
    delivered = [found for row in sent if (found := day(row.get("deliveredAt")))]
    return {
        "shipped": max(shipped, default=None),
        "delivered": max(delivered) if delivered and len(delivered) == len(sent) else None,
    }


def _payment(order: Node, status: str) -> dict[str, Any]:
    """Paid and refunded when, by what, and whether money is still due."""
    good = [row for row in order.get("transactions") or () if row.get("status") == "SUCCESS"]
    captured = _days(row for row in good if row.get("kind") in _TAKEN)
    refunded = _days(row for row in good if row.get("kind") == "REFUND")
    refunded = tuple(sorted({*refunded, *_days(order.get("refunds") or ())})) if refunded else refunded
    redeemed = _days(row for row in good if row.get("gateway") == _GIFT_CARD and row.get("kind") in _TAKEN)
    total = amount(order.get("totalPriceSet"))
    payment = payment_of(order)
    outstanding = amount(order.get("totalOutstandingSet")) > 0
    return {
        "captured": captured,
        "redeemed": redeemed,
        "paid": max(captured) if captured and (order.get("fullyPaid") or not outstanding) else None,
        "refunded": refunded,
        "undated_refunds": amount(order.get("totalRefundedSet")) > 0 and not refunded,
        "payment": payment,
        "has_transaction": bool(good),
        "invoiced": _invoiced(order),
        "zero_value": total == 0,
        "owed": outstanding and _expected(order, status, payment),
    }


def _days(rows: Any) -> tuple[date, ...]:
    found = {day(row.get("processedAt")) or day(row.get("createdAt")) for row in rows}
    return tuple(sorted(one for one in found if one))


def _expected(order: Node, status: str, payment: str) -> bool:
    """Whether money not paid is due (schedule H3): an unpaid order that was never sent owes nothing."""
    if status in ("cancelled", "voided", "expired", "refunded"):
        return False
    sent = any(row.get("status") == "SUCCESS" for row in order.get("fulfillments") or ())
    partly = order.get("displayFinancialStatus") in ("PARTIALLY_PAID", "AUTHORIZED")
    return sent or partly or payment == "invoice"


def _invoiced(order: Node) -> bool:
    """Whether an invoice may have been sent: the buyer gave a number for one, or staff wrote the order.

    Payment terms would say so too, but Shopify shows them only to `read_payment_terms`.
    """
    return bool(order.get("poNumber")) or order.get("sourceName") == "shopify_draft_order"


def payment_of(order: Node) -> Literal["", "invoice", "card", "other"]:
    """The sort of payment that the gateways' names stand for."""
    names = " ".join(map(str, order.get("paymentGatewayNames") or ())).casefold()
    if not names:
        return ""
    if any(word in names for word in _INVOICE):
        return "invoice"
    return "card" if any(word in names for word in _CARD) else "other"
