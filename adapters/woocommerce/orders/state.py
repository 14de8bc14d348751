"""What rules may read of an order: its dates, its payment, and what of it cannot be read."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from msgspec.structs import replace

from adapters.woocommerce import places
from adapters.woocommerce.dates import any_date, to_stockholm
from adapters.woocommerce.meta import MetaRow, meta_rows, named
from adapters.woocommerce.orders.order import Order, destination, is_company
from connector.identity import is_placeholder
from connector.places.suspected import is_flag
from connector.policy.clocks import chargeback_by
from connector.records import Facts, Field

RefundDates = Mapping[int, date]
FINAL = frozenset({"completed", "refunded", "cancelled", "failed", "trash"})
_GIVEN_UP = ("writtenoff", "writeoff", "baddebt", "avskriven", "kundforlust")
"""Statuses, in letters alone, by which shops mark a claim that was given up; no day of it is shown."""
_NO = ("0", "no", "false")
"""How plugins write that something is not so."""


def facts(
    order: Order, meta: Mapping[str, Any], refund_dates: RefundDates, *, rows: Sequence[MetaRow] | None = None
) -> Facts:
    """What rules may read of an order; a date that the shop does not show stays None.

    `rows` are its meta rows, where they have been read.
    """
    rows = meta_rows(order.get("meta_data")) if rows is None else rows
    status = str(order.get("status") or "")
    read = Facts(
        created=to_stockholm(order.get("date_created_gmt")),
        modified=to_stockholm(order.get("date_modified_gmt")),
        completed=to_stockholm(order.get("date_completed_gmt")),
        status=status,
        return_open="return" in status,
        disputed="dispute" in status or "chargeback" in status,
        ship_to=destination(order),
        subscription_mark=any(key in meta for key in places.SUBSCRIPTION_KEYS),
        trashed=status == "trash",
        final=status in FINAL,
        **_refund_facts(order, refund_dates),
        **_delivery_facts(order, meta),
        **_buyer_facts(order, meta),
        **_payment_facts(order, meta, rows),
    )
    if "chargeback" in status:
        read = replace(read, chargeback=chargeback_by(read))
    return replace(read, written_off=read.modified) if _says(status, _GIVEN_UP) else read


def _refund_facts(order: Order, refund_dates: RefundDates) -> dict[str, Any]:
    refunds = refund_ids(order)
    refunded = tuple(sorted({refund_dates[refund] for refund in refunds if refund in refund_dates}))
    return {
        "refunded": refunded,
        "undated_refunds": any(refund not in refund_dates for refund in refunds),
        "return_seen": refunded[0] if refunded else None,
    }


def _delivery_facts(order: Order, meta: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "shipped": _shipped(meta),
        "delivered": _first_date(meta, places.DELIVERED_KEYS),
        "undated_delivery": bool(undated(order, meta)),
    }


def _buyer_facts(order: Order, meta: Mapping[str, Any]) -> dict[str, Any]:
    """Whether a company bought, and by what it shows."""
    vat = any(places.is_vat_number(key, value) for key, value in meta.items())
    number = any(_is_company_row(key, value) for key, value in meta.items())
    company = is_company(order)
    return {"business": company or vat or number, "company": company, "vat_number": vat}


@lru_cache(maxsize=1024)
def _says(name: str, words: tuple[str, ...]) -> bool:
    """Whether a status or a key says one of these words, in letters alone."""
    letters = "".join(letter for letter in name.casefold() if letter.isalpha())
    return any(word in letters for word in words)


def _is_company_row(key: str, value: Any) -> bool:
    field = places.ORDER_META.get(key)
    return field is Field.ORGANISATION_NUMBER or (field is None and places.is_company_number(key, value))


def refund_ids(order: Order) -> list[int]:
    """The ids of an order's refunds."""
    return [int(row["id"]) for row in order.get("refunds") or ()]


def _payment_facts(order: Order, meta: Mapping[str, Any], rows: Sequence[MetaRow]) -> dict[str, Any]:
    """Paid, by what, with which trace at a payment service, and whether money is still due."""
    paid, total = to_stockholm(order.get("date_paid_gmt")), _amount(order.get("total"))
    payment = payment_of(str(order.get("payment_method") or ""))
    transaction = bool(order.get("transaction_id")) or any(key in places.TRANSACTION_KEYS for key in meta)
    settled = paid is not None or transaction or total == 0
    return {
        "paid": paid,
        "payment": payment,
        "has_transaction": transaction or paid is not None,
        "invoiced": any(_says_invoiced(row.key, row.value) for row in rows),
        "zero_value": total == 0,
        "owed": _owed(order, payment, settled=settled),
    }


def _says_invoiced(key: str, value: Any) -> bool:
    """Whether a meta row says that an invoice was sent, in this shop or in its bookkeeping."""
    invoice = key in places.INVOICED_KEYS or _says(key, places.INVOICE_NUMBER_WORDS)
    return invoice and str(value).casefold() not in _NO


@lru_cache(maxsize=1024)
def payment_of(method: str) -> Literal["", "invoice", "card", "other"]:
    """The sort of payment a gateway id stands for; invoice and credit are what a personnummer is for."""
    name = method.casefold()
    if not name:
        return ""
    if any(word in name for word in ("invoice", "faktura", "pay_later", "resurs", "delbetal")):
        return "invoice"
    if any(word in name for word in ("card", "kort", "stripe", "nets", "dibs", "bambora", "quickpay")):
        return "card"
    return "other"


def _owed(order: Order, payment: str, *, settled: bool) -> bool:
    """Whether money is due from the buyer (schedule H3): an abandoned checkout owes nothing."""
    status = order.get("status")
    if settled or status in ("cancelled", "failed", "refunded", "trash", "checkout-draft"):
        return False
    if status in ("pending", "completed"):
        return payment == "invoice" or (status == "pending" and order.get("created_via") == "admin")
    return True


def _amount(total: Any) -> float:
    try:
        return float(total or 0)
    except (TypeError, ValueError):
        return -1.0  # not readable: neither zero nor settled


def _first_date(meta: Mapping[str, Any], keys: Sequence[str]) -> date | None:
    return next((found for key in keys if key in meta and (found := any_date(meta[key]))), None)


def undated(order: Order, meta: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys whose day of delivery, or of dispatch where nothing else is known, cannot be read."""
    if _first_date(meta, places.DELIVERED_KEYS):
        return ()
    keys = [key for key in places.DELIVERED_KEYS if key in meta and _unreadable(meta[key])]
    if not keys and not order.get("date_completed_gmt") and _shipped(meta) is None:
        keys = [key for key in places.SHIPPED_KEYS if key in meta and _unreadable(meta[key])]
    return tuple(keys)


def _unreadable(value: Any) -> bool:
    """Whether a value should be a day and is none; a switch or a word for nothing is no day at all."""
    text = str(value if value is not None else "").strip()
    nothing = is_placeholder(text) or is_flag(text) or text.startswith("0000-00-00")
    return not nothing and any_date(text) is None


def _shipped(meta: Mapping[str, Any]) -> date | None:
    items = meta.get(places.TRACKING_ITEMS)
    sent = named(items, "date_shipped") if items else ()
    dates = [found for text in sent if (found := any_date(text))]
    return max(dates) if dates else _first_date(meta, places.SHIPPED_KEYS)
