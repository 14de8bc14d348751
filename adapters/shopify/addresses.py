"""Addresses of orders: what they hold, and the valid placeholder that Shopify demands in their place."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters import held
from adapters.held import says
from adapters.shopify.holdings import NOBODY, Holding, masked, text_holdings
from adapters.shopify.nodes import Node
from connector.places.cutting import nothing_else
from connector.places.suspected import Own
from connector.policy.abroad import always_home
from connector.records import Field
from connector.text.folding import folded_text, same_person, same_text

SHIPPING = "shippingAddress."
_NAMES = ("firstName", "lastName")
_LINES = ("address1", "address2")
_TOWN = (*_LINES, "city")
_PARTS = held.Parts(*_NAMES, streets=_LINES, town="city", postcode="zip")
_BLANK: Mapping[str, Any] = {
    "firstName": None, "lastName": NOBODY, "company": None, "address1": NOBODY, "address2": None,
    "city": NOBODY, "phone": None,
}  # fmt: skip


def people(*blocks: Mapping[str, Any]) -> Own:
    """The words of the people on these addresses and profiles."""
    return held.people(blocks, _PARTS, _said)


def _said(block: Mapping[str, Any], part: str) -> str:
    value = block.get(part)
    return str(value) if isinstance(value, str | int) and says(value) else ""


def full_name(address: Node) -> str:
    """The name on an address, as it is compared."""
    names = (str(address.get(part) or "") for part in _NAMES)
    return folded_text(" ".join(name for name in names if says(name)))


def holds_data(address: Node) -> bool:
    """Whether an address says more than a country."""
    postcode = str(address.get("zip") or "")
    return any(says(address.get(part)) for part in _BLANK) or bool(postcode and masked(postcode) != postcode)


def shipping_holdings(address: Node, billing: Node) -> Iterator[Holding]:
    """The places of a shipping address; country, province and three postcode marks are none."""
    of_name, of_company = _whose(address, billing)
    gift, home = is_gift(address, billing), always_home(destination(address, billing))
    owners = {"firstName": of_name, "lastName": of_name, "company": of_company, "phone": (Field.PHONE,)}
    for part, becomes in _BLANK.items():
        place, text = f"{SHIPPING}{part}", str(address.get(part) or "")
        hint = "company_number" if part == "company" else part
        if says(text) and (part not in _LINES or not nothing_else(text, key=hint)):
            for field in owners.get(part, (Field.SHIPPING_ADDRESS,)):
                yield Holding(field, place, becomes, now=text, hint=hint)
            if gift and (part == "phone" or (part in _TOWN and home)):
                yield Holding(Field.GIFT_RECIPIENT, place, becomes, now=text, hint=hint)
        if part == "company" or part in _LINES:
            yield from text_holdings(place, text, hint=hint)
    postcode = str(address.get("zip") or "")
    if postcode and masked(postcode) != postcode:
        yield Holding(Field.SHIPPING_ADDRESS, f"{SHIPPING}zip", masked(postcode))


def destination(address: Node, billing: Node) -> str:
    """The country that an order goes to; empty where a place is named without one.

    Where nothing is sent, the sale ends where the buyer is billed. Abroad, or where nobody knows, the
    address stays, for the books or OSS may ask for it (T-04).
    """
    sent = any(says(address.get(part)) for part in ("countryCodeV2", *_TOWN, "zip"))
    return str((address if sent else billing).get("countryCodeV2") or "").upper()


def _whose(address: Node, billing: Node) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """Of which fields the name and the company on a shipping address are.

    Where the billing address names nobody, they are the counterparty that the books need (T-01, T-06);
    those of a gift's recipient are a third person's (T-04); else they repeat the buyer's.
    """
    if not any(says(billing.get(part)) for part in (*_NAMES, "company")):
        return (Field.NAME,), (Field.COMPANY,)
    third = (Field.SHIPPING_ADDRESS, Field.GIFT_RECIPIENT)
    gift = is_gift(address, billing)
    if gift and always_home(destination(address, billing)):
        return third, third
    one = same_text(str(address.get("company") or ""), str(billing.get("company") or ""))
    company = (Field.COMPANY, Field.SHIPPING_ADDRESS) if one else (Field.SHIPPING_ADDRESS,)
    return (third if gift else (Field.NAME, Field.SHIPPING_ADDRESS)), company


def is_gift(address: Node, billing: Node) -> bool:
    """Whether the goods go to somebody else than the buyer; where no buyer is named there is no other."""
    recipient, buyer = full_name(address), full_name(billing)
    return bool(recipient) and bool(buyer) and not same_person(recipient, buyer)


def to_input(address: Node, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The whole address as an input, with these parts changed: a part left out might be kept or lost."""
    now = {name: address.get(name) for name in (*_BLANK, "zip", "provinceCode")}
    now |= {"countryCode": address.get("countryCodeV2")}
    now |= changed
    # Shopify refuses an address without a last name, a street and a city.
    for part in ("lastName", "address1", "city"):
        now[part] = now[part] or NOBODY
    return now
