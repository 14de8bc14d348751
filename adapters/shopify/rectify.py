"""Where a part of an order or a profile stands that `orderUpdate` or `customerUpdate` sets.

`billingAddress` is in no version's `OrderInput`, and saved addresses are set by calls of their own: both are
for a hand. A telephone number is kept in E.164 form, so it is given so.
"""

import json

from adapters.shopify import addresses
from adapters.shopify.restore import now_in
from connector.identity import normalise_phone
from connector.ports import Kept, Live
from connector.ports.rectifying import Part
from connector.records import Kind

_WITHIN = {
    "first-name": "firstName", "last-name": "lastName", "company": "company", "address-1": "address1",
    "address-2": "address2", "postcode": "zip", "city": "city", "phone": "phone",
}  # fmt: skip
_OF_ORDER = {Part.EMAIL: "email", Part.PHONE: "phone", Part.NOTE: "note"}
_OF_PROFILE = {
    Part.EMAIL: "email", Part.PHONE: "phone", Part.FIRST_NAME: "firstName", Part.LAST_NAME: "lastName",
}  # fmt: skip


def to_rectify(live: Live, part: Part, value: str) -> Kept | None:
    """The place of a part, what stands there and what is to; None where only a hand sets it."""
    place = _place(live, part)
    if place is None:
        return None
    if part is Part.PHONE:
        value = normalise_phone(value, _country(live)) or value
    bare = Kept(place=place, key=place, fields=part.fields, before=json.dumps(value), after="null")
    after = now_in(live, [bare])[place]
    return Kept(place=place, key=place, fields=part.fields, before=bare.before, after=after)


def _place(live: Live, part: Part) -> str | None:
    if live.ref.kind is Kind.CUSTOMER:
        return _OF_PROFILE.get(part)
    if part.block == "shipping":
        # An order that is not sent has no address, and a part of one alone is refused.
        there = isinstance(live.raw.get("shippingAddress"), dict)
        return f"{addresses.SHIPPING}{_WITHIN[part.within]}" if there else None
    return _OF_ORDER.get(part)


def _country(live: Live) -> str:
    return str((live.raw.get("shippingAddress") or {}).get("countryCodeV2") or "SE")


__all__ = ["to_rectify"]
