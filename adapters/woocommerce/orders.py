"""An order as WooCommerce answers it, read into holdings, facts, handles and a record."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from adapters.woocommerce import places
from adapters.woocommerce.dates import any_date, to_stockholm
from adapters.woocommerce.holdings import (
    NEW_ADDRESS,
    POSTCODE_KEPT,
    Holding,
    item_places,
    meta_holdings,
    misplaced,
    present_bits,
    surprises,
    text_holdings,
)
from connector.identity import is_placeholder, normalise_email, normalise_phone
from connector.ports import Keyer
from connector.records import Facts, Field, Identifier, Kind, Record, Ref, to_bits

Order = Mapping[str, Any]
RefundDates = Mapping[int, date]

FINAL = frozenset({"completed", "refunded", "cancelled", "failed", "trash"})
_STREET = ("address_1", "address_2", "city", "state")
_UNREAD = to_bits((Field.STAFF_NOTES,))
# What a pull asks for. Goods lines cost a shop 2.3 times the time and are read when a record is fetched.
PULL_FIELDS = (
    "id,number,status,date_created_gmt,date_modified_gmt,date_completed_gmt,date_paid_gmt,total,created_via,"
    "customer_id,billing,shipping,customer_note,customer_ip_address,customer_user_agent,transaction_id,"
    "payment_method,meta_data,shipping_lines,refunds"
)

# What a fetch needs beside that: every line and total, so that money can be compared after a write.
FETCH_FIELDS = (
    f"{PULL_FIELDS},currency,prices_include_tax,total_tax,discount_total,discount_tax,shipping_total,"
    "shipping_tax,cart_tax,line_items,tax_lines,fee_lines,coupon_lines"
)


def holdings(order: Order, table: Mapping[str, Field]) -> list[Holding]:
    """Every place of an order with personal data; country and three postcode digits are none."""
    found = list(_blocks(order))
    found += _properties(order)
    found += meta_holdings(order.get("meta_data") or (), table)
    return found


def _blocks(order: Order) -> Iterator[Holding]:
    billing, shipping = order.get("billing") or {}, order.get("shipping") or {}
    gift = is_gift(order)
    for block, name in ((billing, "billing"), (shipping, "shipping")):
        for part in ("first_name", "last_name"):
            if _data(block, part):
                yield Holding(Field.NAME, f"_{name}_{part}", False, "")
        if _data(block, "phone"):
            yield Holding(Field.PHONE, f"_{name}_phone", False, "")
        if _data(block, "company"):
            yield Holding(Field.COMPANY, f"_{name}_company", False, "")
        for part in ("company", "address_1", "address_2"):
            yield from text_holdings(f"_{name}_{part}", str(block.get(part) or ""), top=False, hint=part)
    if _data(billing, "email"):
        yield Holding(Field.EMAIL, "_billing_email", False, NEW_ADDRESS)
    yield from _address(billing, "billing", Field.BILLING_ADDRESS, kept=0)
    yield from _address(shipping, "shipping", Field.SHIPPING_ADDRESS, kept=POSTCODE_KEPT)
    for part in ("first_name", "last_name", "company", "address_1", "address_2", "phone"):
        if _data(shipping, part) and part in ("first_name", "last_name", "company"):
            yield Holding(Field.SHIPPING_ADDRESS, f"_shipping_{part}", False, "")
        if gift and _data(shipping, part):
            yield Holding(Field.GIFT_RECIPIENT, f"_shipping_{part}", False, "")


def _address(block: Order, name: str, field: Field, *, kept: int) -> Iterator[Holding]:
    for part in _STREET:
        if _data(block, part):
            yield Holding(field, f"_{name}_{part}", False, "")
    postcode = "".join(str(block.get("postcode") or "").split())
    if len(postcode) > POSTCODE_KEPT and not is_placeholder(postcode):
        yield Holding(field, f"_{name}_postcode", False, postcode[:kept])


def _properties(order: Order) -> Iterator[Holding]:
    note = str(order.get("customer_note") or "")
    if _data(order, "customer_note"):
        yield Holding(Field.CUSTOMER_NOTE, "customer_note", True, "")
        yield from text_holdings("customer_note", note, top=True, hint="customer_note")
    if order.get("customer_id"):
        yield Holding(Field.ACCOUNT, "customer_id", True, 0)
    if _data(order, "transaction_id"):
        yield Holding(Field.PAYMENT_REFERENCE, "transaction_id", True, "")
    if _data(order, "customer_ip_address"):
        yield Holding(Field.IP_ADDRESS, "_customer_ip_address", False, "")
    if _data(order, "customer_user_agent"):
        yield Holding(Field.USER_AGENT, "_customer_user_agent", False, "")


def _data(block: Mapping[str, Any], part: str) -> bool:
    value = block.get(part)
    return bool(value) and not is_placeholder(str(value))


def _name(block: Mapping[str, Any]) -> str:
    words = f"{block.get('first_name') or ''} {block.get('last_name') or ''}".split()
    return " ".join(words).casefold()


def is_gift(order: Order) -> bool:
    """Whether the goods go to somebody else than the buyer: a third person (T-04, T-15)."""
    recipient = _name(order.get("shipping") or {})
    return (
        bool(recipient) and not is_placeholder(recipient) and recipient != _name(order.get("billing") or {})
    )


def names(order: Order) -> frozenset[str]:
    """The full names, e-mail and phone of an order's people, to find them repeated elsewhere."""
    billing, shipping = order.get("billing") or {}, order.get("shipping") or {}
    found = {_name(billing), _name(shipping), str(billing.get("email") or "").casefold()}
    found |= {str(billing.get("phone") or "")}
    return frozenset(name for name in found if len(name) >= 5 and not is_placeholder(name))


def meta_of(order: Order) -> dict[str, Any]:
    """The order's meta rows that hold something, by key; the first of a key wins."""
    found: dict[str, Any] = {}
    for row in order.get("meta_data") or ():
        if row.get("value") not in (None, "", [], {}):
            found.setdefault(str(row.get("key")), row["value"])
    return found


def handles(order: Order, meta: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What recipients need to find this person or order, by name."""
    billing = order.get("billing") or {}
    email = str(billing.get("email") or "")
    email = "" if is_placeholder(email) else email
    customer = str(order.get("customer_id") or "")
    tokens = [str(meta[key]) for key in places.KLARNA_TOKEN_KEYS if key in meta]
    klarna = [str(meta[key]) for key in places.KLARNA_KEYS if key in meta]
    given: dict[str, Sequence[str]] = {
        "email": [email],
        "phone": [str(billing.get("phone") or "") if _data(billing, "phone") else ""],
        "order": [str(order["id"])],
        "order_number": [str(order.get("number") or order["id"])],
        "customer": [customer],
        "guest_email": ["" if customer else email],
        "klarna_order": klarna,
        "klarna_token": tokens,
        "payson_checkout": [str(meta.get("_payson_checkout_id", ""))],
        "tracking_number": tracking_numbers(meta),
        "transaction": [str(order.get("transaction_id") or "")],
    }
    cleaned = {
        name: tuple(dict.fromkeys(value for value in values if value)) for name, values in given.items()
    }
    return {name: values for name, values in cleaned.items() if values}


def tracking_numbers(meta: Mapping[str, Any]) -> list[str]:
    """The parcel numbers of the carriers' and tracking plugins' meta."""
    found = [str(meta[key]) for key in places.TRACKING_KEYS if key in meta]
    items = meta.get("_wc_shipment_tracking_items")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("tracking_number"):
            found.append(str(item["tracking_number"]))
    return found


def facts(order: Order, meta: Mapping[str, Any], refund_dates: RefundDates) -> Facts:
    """What rules may read of an order; a date that the shop does not show stays None."""
    billing, shipping = order.get("billing") or {}, order.get("shipping") or {}
    status = str(order.get("status") or "")
    refunds = [int(row["id"]) for row in order.get("refunds") or ()]
    refunded = tuple(sorted({refund_dates[refund] for refund in refunds if refund in refund_dates}))
    vat = any(key in meta for key in places.VAT_KEYS)
    number = any(places.ORDER_META.get(key) is Field.ORGANISATION_NUMBER for key in meta)
    company = _data(billing, "company")
    return Facts(
        created=to_stockholm(order.get("date_created_gmt")),
        modified=to_stockholm(order.get("date_modified_gmt")),
        completed=to_stockholm(order.get("date_completed_gmt")),
        status=status,
        refunded=refunded,
        undated_refunds=any(refund not in refund_dates for refund in refunds),
        return_seen=refunded[0] if refunded else None,
        return_open="return" in status,
        disputed="dispute" in status or "chargeback" in status,
        shipped=_shipped(meta),
        delivered=_first_date(meta, places.DELIVERED_KEYS),
        ship_to=str(shipping.get("country") or billing.get("country") or ""),
        business=company or vat or number,
        company=company,
        vat_number=vat,
        running_subscription=any(key in meta for key in places.SUBSCRIPTION_KEYS),
        trashed=status == "trash",
        final=status in FINAL,
        **_payment_facts(order, meta),
    )


def _payment_facts(order: Order, meta: Mapping[str, Any]) -> dict[str, Any]:
    """Paid, by what, with which trace at a payment service, and whether money is still due."""
    paid, total = to_stockholm(order.get("date_paid_gmt")), _amount(order.get("total"))
    payment = payment_of(str(order.get("payment_method") or ""))
    transaction = bool(order.get("transaction_id")) or any(
        places.ORDER_META.get(key) is Field.PAYMENT_REFERENCE for key in meta
    )
    settled = paid is not None or transaction or total == 0
    return {
        "paid": paid,
        "payment": payment,
        "has_transaction": transaction or paid is not None,
        "invoiced": any(_says_invoiced(key, value) for key, value in meta.items()),
        "zero_value": total == 0,
        "owed": _owed(order, payment, settled=settled),
    }


def _says_invoiced(key: str, value: Any) -> bool:
    """Whether a meta row says that an invoice was sent, in this shop or in its bookkeeping."""
    if str(value).casefold() in _NO:
        return False
    if key in places.INVOICED_KEYS:
        return True
    letters = "".join(letter for letter in key.casefold() if letter.isalpha())
    return any(word in letters for word in places.INVOICE_NUMBER_WORDS)


_NO = ("0", "no", "false")
"""How plugins write that something is not so."""


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
    return next((found for key in keys if (found := any_date(meta.get(key)))), None)


def _shipped(meta: Mapping[str, Any]) -> date | None:
    items = meta.get("_wc_shipment_tracking_items")
    dates = [
        found
        for item in (items if isinstance(items, list) else ())
        if isinstance(item, dict) and (found := any_date(item.get("date_shipped")))
    ]
    return max(dates) if dates else _first_date(meta, places.SHIPPED_KEYS)


def identifiers(order: Order, keyer: Keyer) -> tuple[Identifier, ...]:
    """The keyed identifiers of the buyer; the recipient of a gift is not the buyer."""
    billing = order.get("billing") or {}
    email, phone = str(billing.get("email") or ""), str(billing.get("phone") or "")
    number = normalise_phone(phone, str(billing.get("country") or "SE"))
    digests = (
        ("email", keyer("email", normalise_email(email) or "")),
        ("phone", keyer("phone", number or "")),
        ("account", keyer("account", f"woocommerce:{order.get('customer_id') or 0}")),
    )
    return tuple(Identifier(type=type_, digest=digest) for type_, digest in digests if digest)  # type: ignore[arg-type]


def residue(order: Order, known: frozenset[str]) -> tuple[str, ...]:
    """Places of an order that hold a person and that no call changes without moving money."""
    found = item_places(order.get("shipping_lines") or (), "shipping_item_meta", known)
    found |= item_places(order.get("line_items") or (), "item_meta", known)
    if any(row.get("reason") for row in order.get("refunds") or ()):
        found.add("refund_reason")
    return tuple(sorted(found))


def to_record(order: Order, *, table: Mapping[str, Field], keyer: Keyer, refund_dates: RefundDates) -> Record:
    """The record of an order, as the index keeps it; notes are not read and marked so."""
    meta, known = meta_of(order), names(order)
    found = holdings(order, table)
    return Record(
        ref=Ref(adapter="woocommerce", kind=Kind.ORDER, id=str(order["id"])),
        version=str(order.get("date_modified_gmt") or ""),
        facts=facts(order, meta, refund_dates),
        present=present_bits(found),
        label=str(order.get("number") or order["id"]),
        identifiers=identifiers(order, keyer),
        copies=tuple(handles(order, meta)),
        unread=_UNREAD,
        surprises=(
            *surprises(order.get("meta_data") or (), table, known),
            *misplaced(found, str(order.get("customer_note") or "")),
        ),
        residue=residue(order, known),
    )
