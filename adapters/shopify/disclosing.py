"""Every value of a record with its fields: by what a redaction writes, and by what no call changes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapters.disclosed import by_places, disclosed
from adapters.shopify.holdings import Holding
from connector.ports.disclosing import Shown
from connector.records import Field, Kind

GIVEN = re.compile(
    r"(billing|shipping)Address\.|addressesV2\.|email\Z|phone\Z|note2?\Z|firstName\Z|lastName\Z|poNumber\Z"
    r"|default(EmailAddress|PhoneNumber)\.(emailAddress|phoneNumber)|customAttributes\[|createdAt\Z|name\Z"
    r"|lineItems\.\d+\.(name|title|sku|quantity|currentQuantity)\Z"
)
"""What a buyer typed, and what they ordered."""

_ADDRESS = ("firstName", "lastName")
# Places that hold a field by their name alone, whatever the kind of record.
_NAMED: tuple[tuple[str, Field], ...] = (
    ("email", Field.EMAIL), ("defaultEmailAddress.emailAddress", Field.EMAIL),
    ("customer.defaultEmailAddress", Field.EMAIL), ("phone", Field.PHONE),
    ("defaultPhoneNumber.phoneNumber", Field.PHONE), ("customer.defaultPhoneNumber", Field.PHONE),
    ("billingAddress.phone", Field.PHONE), ("billingAddress", Field.BILLING_ADDRESS),
    *((f"billingAddress.{part}", Field.NAME) for part in _ADDRESS), ("firstName", Field.NAME),
    ("lastName", Field.NAME), ("billingAddress.company", Field.COMPANY),
    ("addressesV2", Field.SHIPPING_ADDRESS), ("companyContactProfiles", Field.COMPANY),
    ("paymentMethods", Field.PAYMENT_DETAILS), ("clientIp", Field.IP_ADDRESS),
    ("customerJourneySummary", Field.USER_AGENT), ("tags", Field.TAGS), ("customer.id", Field.ACCOUNT),
    ("poNumber", Field.COMPANY), ("multipassIdentifier", Field.CUSTOM),
)  # fmt: skip
_OF_KIND: Mapping[Kind, tuple[tuple[str, Field], ...]] = {
    Kind.ORDER: (("note", Field.CUSTOMER_NOTE),),
    Kind.CUSTOMER: (("note", Field.STAFF_NOTES), ("id", Field.ACCOUNT)),
    Kind.SUBSCRIBER: (("note", Field.STAFF_NOTES), ("id", Field.ACCOUNT)),
    Kind.DRAFT_ORDER: (
        ("note2", Field.CUSTOMER_NOTE), ("shippingAddress", Field.SHIPPING_ADDRESS),
        ("customAttributes", Field.CUSTOM), *((f"shippingAddress.{part}", Field.NAME) for part in _ADDRESS),
    ),
    Kind.CART: (
        ("note", Field.CUSTOMER_NOTE), ("shippingAddress", Field.SHIPPING_ADDRESS),
        ("customAttributes", Field.CUSTOM), *((f"shippingAddress.{part}", Field.NAME) for part in _ADDRESS),
    ),
    Kind.COUPON: (
        ("note", Field.STAFF_NOTES), ("recipientAttributes", Field.GIFT_RECIPIENT),
        ("recipientAttributes.recipient", Field.ACCOUNT),
    ),
}  # fmt: skip
_INSIDE = (
    (re.compile(r"fulfillments\.\d+\.trackingInfo"), Field.TRACKING_NUMBER),
    (re.compile(r"transactions\.\d+\.paymentDetails"), Field.PAYMENT_DETAILS),
    (re.compile(r"transactions\.\d+\.paymentId"), Field.PAYMENT_REFERENCE),
)


def shown(
    node: Mapping[str, Any], kind: Kind, holdings: Iterable[Holding], table: Mapping[str, Field]
) -> tuple[Shown, ...]:
    """Every value of a record of Shopify, each with the fields that an erasure would take it for."""
    held = [(place, one.field) for one in holdings for place in _places(one)]
    by_name = by_places([*_NAMED, *_OF_KIND.get(kind, ()), *held], table)

    def fields_of(place: str) -> tuple[Field, ...]:
        inside = (field for pattern, field in _INSIDE if pattern.match(place))
        return tuple(dict.fromkeys((*by_name(place), *inside)))

    return disclosed(node, fields_of, given=GIVEN)


def _places(holding: Holding) -> Iterator[str]:
    """Where a holding stands in an answer: an attribute and a metafield by its key."""
    name, colon, _ = holding.place.partition(":")
    if name == "attribute" and colon:
        yield f"customAttributes[{holding.hint}]"
    elif name == "metafield" and colon:
        yield f"metafields[{holding.hint}]"
    elif name == "line" and colon:
        yield holding.hint
    elif holding.place and not colon:
        yield holding.place
