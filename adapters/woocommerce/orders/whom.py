"""Whom an order is of, by keys; and what recipients find the person and the order by."""

from collections.abc import Iterator, Sequence
from datetime import date

from adapters.woocommerce import places
from adapters.woocommerce.dates import to_stockholm
from adapters.woocommerce.meta import MetaRow, meta_rows, named, texts
from adapters.woocommerce.orders.order import Order, block_of, text_of
from adapters.woocommerce.text import as_typed_too
from connector.identity import normalise_email, normalise_phone
from connector.ports import Keyer
from connector.records import SHOWS_RECIPIENT, Identifier, Surprise

KUSTOM, KUSTOM_SINCE = "kustom", date(2024, 10, 1)
"""Klarna Checkout has been Kustom's since autumn 2024 (its privacy notice of 2024-09-30); its gateway is
called kco as before."""


def handles(order: Order) -> dict[str, tuple[str, ...]]:
    """What recipients need to find this person or order, by name; every row of a key, every one in a list."""
    return handles_in(order, meta_rows(order.get("meta_data")))


def handles_in(order: Order, rows: Sequence[MetaRow]) -> dict[str, tuple[str, ...]]:
    billing = block_of(order, "billing")
    emails = as_typed_too(text_of(billing, "email"))
    customer = str(order.get("customer_id") or "")
    given: dict[str, Sequence[str]] = {
        "email": emails,
        "phone": [text_of(billing, "phone")],
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


def identifiers(order: Order, keyer: Keyer) -> tuple[Identifier, ...]:
    """The keyed identifiers of the buyer; the recipient of a gift is not the buyer."""
    billing = block_of(order, "billing")
    email, phone = str(billing.get("email") or ""), str(billing.get("phone") or "")
    number = normalise_phone(phone, str(billing.get("country") or "SE"))
    digests = (
        ("email", keyer("email", normalise_email(email) or "")),
        ("phone", keyer("phone", number or "")),
        ("account", keyer("account", f"woocommerce:{order.get('customer_id') or 0}")),
    )
    return tuple(Identifier(type=type_, digest=digest) for type_, digest in digests if digest)  # type: ignore[arg-type]


def shown_by(order: Order) -> Iterator[Surprise]:
    """The recipient that an order shows was used: Kustom, by its name, or by its gateway since then."""
    made = to_stockholm(order.get("date_created_gmt"))
    its_own = order.get("payment_method") == "kco" and made is not None and made >= KUSTOM_SINCE
    if its_own or KUSTOM in text_of(order, "payment_method_title").casefold():
        yield Surprise(code=SHOWS_RECIPIENT, place=KUSTOM)
