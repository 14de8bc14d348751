"""Addresses of orders: what they hold, and the valid placeholder that Shopify demands in their place."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.shopify.holdings import NOBODY, Holding, data, masked, text_holdings
from adapters.shopify.nodes import Node
from connector.records import Field

SHIPPING = "shippingAddress."
_NAMES = ("firstName", "lastName")
_BLANK: Mapping[str, Any] = {
    "firstName": None, "lastName": NOBODY, "company": None, "address1": NOBODY, "address2": None,
    "city": NOBODY, "phone": None,
}  # fmt: skip


def full_name(address: Node) -> str:
    """The name on an address, as it is compared."""
    return " ".join(f"{address.get('firstName') or ''} {address.get('lastName') or ''}".split()).casefold()


def holds_data(address: Node) -> bool:
    """Whether an address says more than a country."""
    postcode = str(address.get("zip") or "")
    return any(data(address.get(part)) for part in _BLANK) or bool(postcode and masked(postcode) != postcode)


def shipping_holdings(address: Node, *, gift: bool) -> Iterator[Holding]:
    """The places of a shipping address; country, province and three postcode marks are none."""
    for part, becomes in _BLANK.items():
        if not data(address.get(part)):
            continue
        place = f"{SHIPPING}{part}"
        if part in _NAMES:
            yield Holding(Field.NAME, place, becomes)
        if part == "company":
            yield Holding(Field.COMPANY, place, becomes)
        yield Holding(Field.PHONE if part == "phone" else Field.SHIPPING_ADDRESS, place, becomes)
        if gift:
            yield Holding(Field.GIFT_RECIPIENT, place, becomes)
    postcode = str(address.get("zip") or "")
    if postcode and masked(postcode) != postcode:
        yield Holding(Field.SHIPPING_ADDRESS, f"{SHIPPING}zip", masked(postcode))
    for part in ("company", "address1", "address2"):
        yield from text_holdings(f"{SHIPPING}{part}", str(address.get(part) or ""), hint=part)


def to_input(address: Node, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The whole address as an input, with these parts changed: a part left out might be kept or lost."""
    now = {name: address.get(name) for name in (*_BLANK, "zip", "provinceCode")}
    now |= {"countryCode": address.get("countryCodeV2")}
    now |= changed
    # Shopify refuses an address without a last name, a street and a city.
    for part in ("lastName", "address1", "city"):
        now[part] = now[part] or NOBODY
    return now
