"""An order as WooCommerce answers it, read into holdings, facts, handles and a record."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from msgspec.structs import replace

from adapters.woocommerce import places, told
from adapters.woocommerce.dates import any_date, to_stockholm
from adapters.woocommerce.holdings import (
    NEW_ADDRESS,
    POSTCODE_KEPT,
    Holding,
    meta_holdings,
    misplaced,
    present_bits,
    reach,
    surprises,
    text_holdings,
    uncut_places,
)
from adapters.woocommerce.meta import OBJECTS, MetaRow, first_values, meta_rows, named, texts
from adapters.woocommerce.text import as_typed_too
from connector.identity import is_placeholder, normalise_email, normalise_phone
from connector.places.cutting import nothing_else, told_in
from connector.places.suspected import Own, is_flag
from connector.policy.abroad import always_home
from connector.policy.clocks import chargeback_by
from connector.policy.goods import Goods, with_goods
from connector.ports import Keyer
from connector.records import Facts, Field, Identifier, Kind, Record, Ref, Surprise, to_bits
from connector.text.folding import folded_text, same_person, same_text

Order = Mapping[str, Any]
RefundDates = Mapping[int, date]

FINAL = frozenset({"completed", "refunded", "cancelled", "failed", "trash"})
_TOWN = ("address_1", "address_2", "city")
_STREET = ("address_1", "address_2", "city", "state")
_UNREAD = to_bits((Field.STAFF_NOTES,))
# What a pull asks for. Goods lines double the time of a page, and what stands on them is told beforehand.
PULL_FIELDS = (
    "id,number,status,date_created_gmt,date_modified_gmt,date_completed_gmt,date_paid_gmt,total,created_via,"
    "customer_id,billing,shipping,customer_note,customer_ip_address,customer_user_agent,transaction_id,"
    "payment_method,payment_method_title,meta_data,line_items,shipping_lines,fee_lines,coupon_lines,refunds"
)

# What a fetch needs beside that: every line and total, so that money can be compared after a write.
FETCH_FIELDS = (
    f"{PULL_FIELDS},currency,prices_include_tax,total_tax,discount_total,discount_tax,shipping_total,"
    "shipping_tax,cart_tax,tax_lines"
)


def holdings(order: Order, table: Mapping[str, Field]) -> list[Holding]:
    """Every place of an order with personal data; country and three postcode digits are none."""
    return _holdings(order, table, meta_rows(order.get("meta_data")))


def _holdings(order: Order, table: Mapping[str, Field], rows: Sequence[MetaRow]) -> list[Holding]:
    found = list(_blocks(order))
    found += _properties(order)
    found += meta_holdings(rows, table, business=_is_company(order))
    found += _mapped(order, table)
    return found


def _mapped(order: Order, table: Mapping[str, Field]) -> Iterator[Holding]:
    """Fields that plugins add to an order, and a line names: written as the meta they come from."""
    for row in (*told.block_rows(order), *told.added_rows(order)):
        field = told.field_of(row, table)
        if field is not None:
            yield Holding(field, told.meta_key(row), False, "", now=row.value, hint=row.key)


def _blocks(order: Order) -> Iterator[Holding]:
    billing, shipping = _block(order, "billing"), _block(order, "shipping")
    gift, home = is_gift(order), always_home(destination(order))
    for block, name in ((billing, "billing"), (shipping, "shipping")):
        if _data(block, "phone"):
            yield Holding(Field.PHONE, f"_{name}_phone", False, "")
        for part in ("address_1", "address_2"):
            yield from text_holdings(f"_{name}_{part}", str(block.get(part) or ""), top=False, hint=part)
        # A number in a company's field is the company's (T-06), though it may be a sole trader's own.
        company = str(block.get("company") or "")
        yield from text_holdings(f"_{name}_company", company, top=False, hint="company_number")
    if _data(billing, "email"):
        yield Holding(Field.EMAIL, "_billing_email", False, NEW_ADDRESS)
    yield from _who(billing, "billing", (Field.NAME,), (Field.COMPANY,))
    yield from _who(shipping, "shipping", *_whose(order, gift=gift, home=home))
    yield from _address(billing, "billing", Field.BILLING_ADDRESS, kept=0)
    yield from _address(shipping, "shipping", Field.SHIPPING_ADDRESS, kept=POSTCODE_KEPT)
    if gift:
        yield from _of_recipient(shipping, home=home)


def _who(block: Order, name: str, persons: Sequence[Field], companies: Sequence[Field]) -> Iterator[Holding]:
    for part, fields in (("first_name", persons), ("last_name", persons), ("company", companies)):
        if _data(block, part):
            yield from (Holding(field, f"_{name}_{part}", False, "") for field in fields)


def _whose(order: Order, *, gift: bool, home: bool) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """Of which fields the name and the company on the shipping address are.

    Where the billing address names nobody, they are the counterparty that the books need (T-01, T-06);
    those of a gift's recipient are a third person's (T-04); else they repeat the buyer's.
    """
    if not _names_buyer(order):
        return (Field.NAME,), (Field.COMPANY,)
    third = (Field.SHIPPING_ADDRESS, Field.GIFT_RECIPIENT)
    if gift and home:
        return third, third
    one = same_text(_text(_block(order, "billing"), "company"), _text(_block(order, "shipping"), "company"))
    company = (Field.COMPANY, Field.SHIPPING_ADDRESS) if one else (Field.SHIPPING_ADDRESS,)
    return (third if gift else (Field.NAME, Field.SHIPPING_ADDRESS)), company


def destination(order: Order) -> str:
    """The country that an order goes to, in capitals; empty where a place is named without one.

    Where nothing is sent, the sale ends where the buyer is billed.
    """
    shipping = _block(order, "shipping")
    sent = any(_data(shipping, part) for part in ("country", *_STREET, "postcode"))
    return _text(shipping if sent else _block(order, "billing"), "country").strip().upper()


def _of_recipient(shipping: Order, *, home: bool) -> Iterator[Holding]:
    """What goes with a gift's recipient; an address that a floor may keep stays.

    `home`: the order goes to no other country (T-04).
    """
    for part in ("phone", *(_TOWN if home else ())):
        if _says_where(shipping, part):
            yield Holding(Field.GIFT_RECIPIENT, f"_shipping_{part}", False, "")


def _names_buyer(order: Order) -> bool:
    """Whether the billing address says who bought."""
    billing = _block(order, "billing")
    return any(_data(billing, part) for part in ("first_name", "last_name", "company"))


def _is_company(order: Order) -> bool:
    return _data(_block(order, "billing"), "company")


def _block(order: Order, name: str) -> Order:
    block = order.get(name)
    return block if isinstance(block, OBJECTS) else {}


def _address(block: Order, name: str, field: Field, *, kept: int) -> Iterator[Holding]:
    for part in _STREET:
        if _says_where(block, part):
            yield Holding(field, f"_{name}_{part}", False, "")
    postcode = "".join(str(block.get("postcode") or "").split())
    if len(postcode) > POSTCODE_KEPT and not is_placeholder(postcode):
        yield Holding(field, f"_{name}_postcode", False, postcode[:kept])


def _says_where(block: Order, part: str) -> bool:
    """Whether a line of an address says more than a door code or a number that has a clock of its own."""
    return _data(block, part) and not nothing_else(_text(block, part), key=part)


def _properties(order: Order) -> Iterator[Holding]:
    note = str(order.get("customer_note") or "")
    if _data(order, "customer_note"):
        if not nothing_else(note, key="customer_note", words=True):
            yield Holding(Field.CUSTOMER_NOTE, "customer_note", True, "")
        yield from text_holdings("customer_note", note, top=True, hint="customer_note", words=True)
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


def _text(block: Mapping[str, Any], part: str) -> str:
    value = block.get(part)
    return "" if value is None or is_placeholder(str(value)) else str(value)


def _name(block: Mapping[str, Any]) -> str:
    return folded_text(f"{_text(block, 'first_name')} {_text(block, 'last_name')}")


def is_gift(order: Order) -> bool:
    """Whether the goods go to somebody else than the buyer: a third person (T-04, T-15).

    Where no buyer is named there is no other.
    """
    buyer, recipient = _name(_block(order, "billing")), _name(_block(order, "shipping"))
    return bool(recipient) and bool(buyer) and not same_person(recipient, buyer)


def names(order: Order) -> Own:
    """The words of an order's people, to find them repeated elsewhere."""
    return told.people(_block(order, "billing"), _block(order, "shipping"))


def meta_of(order: Order) -> dict[str, Any]:
    """The order's meta rows that hold something, by key; the first of a key wins."""
    return first_values(meta_rows(order.get("meta_data")))


def handles(order: Order) -> dict[str, tuple[str, ...]]:
    """What recipients need to find this person or order, by name; every row of a key, every one in a list."""
    return _handles(order, meta_rows(order.get("meta_data")))


def _handles(order: Order, rows: Sequence[MetaRow]) -> dict[str, tuple[str, ...]]:
    billing = _block(order, "billing")
    emails = as_typed_too(_text(billing, "email"))
    customer = str(order.get("customer_id") or "")
    given: dict[str, Sequence[str]] = {
        "email": emails,
        "phone": [_text(billing, "phone")],
        "order": [str(order["id"])],
        "order_number": [str(order.get("number") or order["id"])],
        "customer": [customer],
        "guest_email": [] if customer else emails,
        "klarna_order": _values(rows, places.KLARNA_KEYS),
        "klarna_token": _values(rows, places.KLARNA_TOKEN_KEYS),
        "payson_checkout": _values(rows, places.PAYSON_KEYS),
        "tracking_number": tracking_numbers(rows),
        "transaction": [str(order.get("transaction_id") or "")],
    }
    cleaned = {
        name: tuple(dict.fromkeys(value for value in values if value)) for name, values in given.items()
    }
    return {name: values for name, values in cleaned.items() if values}


def _values(rows: Sequence[MetaRow], keys: Sequence[str]) -> list[str]:
    """The texts of every row under these keys, those of a list one by one; the keys in their order."""
    return [text for key in keys for row in rows if row.key == key for text in texts(row.value)]


def tracking_numbers(rows: Sequence[MetaRow]) -> list[str]:
    """The parcel numbers of the carriers' and tracking plugins' meta, in whatever shape PHP left it."""
    found = _values(rows, places.TRACKING_KEYS)
    for row in rows:
        if row.key == places.TRACKING_ITEMS:
            found += named(row.value, "tracking_number")
    return found


def facts(
    order: Order, meta: Mapping[str, Any], refund_dates: RefundDates, *, rows: Sequence[MetaRow] | None = None
) -> Facts:
    """What rules may read of an order; a date that the shop does not show stays None.

    `rows` are its meta rows, where they have been read.
    """
    rows = meta_rows(order.get("meta_data")) if rows is None else rows
    billing = _block(order, "billing")
    status = str(order.get("status") or "")
    refunds = refund_ids(order)
    refunded = tuple(sorted({refund_dates[refund] for refund in refunds if refund in refund_dates}))
    vat = any(places.is_vat_number(key, value) for key, value in meta.items())
    number = any(_is_company_row(key, value) for key, value in meta.items())
    company, undated_keys = _data(billing, "company"), undated(order, meta)
    read = Facts(
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
        ship_to=destination(order),
        undated_delivery=bool(undated_keys),
        business=company or vat or number,
        company=company,
        vat_number=vat,
        subscription_mark=any(key in meta for key in places.SUBSCRIPTION_KEYS),
        trashed=status == "trash",
        final=status in FINAL,
        **_payment_facts(order, meta, rows),
    )
    if "chargeback" in status:
        read = replace(read, chargeback=chargeback_by(read))
    return replace(read, written_off=read.modified) if _says(status, _GIVEN_UP) else read


@lru_cache(maxsize=1024)
def _says(name: str, words: tuple[str, ...]) -> bool:
    """Whether a status or a key says one of these words, in letters alone."""
    letters = "".join(letter for letter in name.casefold() if letter.isalpha())
    return any(word in letters for word in words)


_GIVEN_UP = ("writtenoff", "writeoff", "baddebt", "avskriven", "kundforlust")
"""Statuses, in letters alone, by which shops mark a claim that was given up; no day of it is shown."""


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


_NO = ("0", "no", "false")
"""How plugins write that something is not so."""


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


def identifiers(order: Order, keyer: Keyer) -> tuple[Identifier, ...]:
    """The keyed identifiers of the buyer; the recipient of a gift is not the buyer."""
    billing = _block(order, "billing")
    email, phone = str(billing.get("email") or ""), str(billing.get("phone") or "")
    number = normalise_phone(phone, str(billing.get("country") or "SE"))
    digests = (
        ("email", keyer("email", normalise_email(email) or "")),
        ("phone", keyer("phone", number or "")),
        ("account", keyer("account", f"woocommerce:{order.get('customer_id') or 0}")),
    )
    return tuple(Identifier(type=type_, digest=digest) for type_, digest in digests if digest)  # type: ignore[arg-type]


def residue(
    order: Order,
    known: Own,
    table: Mapping[str, Field],
    *,
    held: Sequence[Holding],
    lines: Sequence[Surprise],
) -> tuple[str, ...]:
    """Places of an order that hold a person and that no call changes, or none without moving money.

    `lines` is what its lines hold and no rule names.
    """
    found = told.line_residue(order, table, known, seen=lines) | uncut_places(held)
    if any(row.get("reason") for row in order.get("refunds") or ()):
        found.add("refund_reason")
    return tuple(sorted(found))


def to_record(
    order: Order, *, table: Mapping[str, Field], keyer: Keyer, refund_dates: RefundDates, goods: Goods = ()
) -> Record:
    """The record of an order, as the index keeps it; notes are not read and marked so."""
    rows = meta_rows(order.get("meta_data"))  # read once, and so are the lines: a pull costs what this does
    meta, known = first_values(rows), names(order)
    numbers = [str(line.get("sku") or "") for line in order.get("line_items") or ()]
    found = _holdings(order, table, rows)
    lines, every = tuple(told.on_lines(order, table, known)), [*found, *told.line_holdings(order, table)]
    return Record(
        ref=Ref(adapter="woocommerce", kind=Kind.ORDER, id=str(order["id"])),
        version=str(order.get("date_modified_gmt") or ""),
        facts=with_goods(facts(order, meta, refund_dates, rows=rows), goods, numbers, whole=True),
        present=present_bits(every),
        label=str(order.get("number") or order["id"]),
        identifiers=identifiers(order, keyer),
        copies=tuple(_handles(order, rows)),
        unread=_UNREAD,
        surprises=(
            *surprises(rows, table, known),
            *told.added(order, table, known),
            *lines,
            *misplaced(found, str(order.get("customer_note") or "")),
            *_bare_numbers(order),
            *(Surprise(code="undated_delivery", place=f"meta:{key}") for key in undated(order, meta)),
        ),
        residue=residue(order, known, table, held=found, lines=lines),
        placed=told.line_places(order, table, known),
        **reach(every),
    )


def _bare_numbers(order: Order) -> Iterator[Surprise]:
    """Digits alone on an address line that look like a person's: told, and never erased for their value."""
    for name in ("billing", "shipping"):
        for part in ("address_1", "address_2"):
            if told_in(str(_block(order, name).get(part) or ""), key=part):
                yield Surprise(code="personal_number", place=f"{name}_{part}")
