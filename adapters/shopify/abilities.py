"""What Shopify's Admin API can do, per field, and where a hand is needed.

No version of the API changes an order's billing address, client IP, journey, line attributes, payment
details or timeline; Shopify's own erasure of the customer takes most of them (`by_request`).
"""

from collections.abc import Mapping
from typing import Any

from adapters.able import RESIDUE, able
from connector.ports import Ability, Capabilities
from connector.records import Field, Kind

_REDACT, _DELETE = Ability.REDACT, Ability.DELETE
_ASK, _CANNOT = Ability.BY_REQUEST, Ability.CANNOT
# Places are codes: the reports and docs/reference/fields.md have their words.
_ERASURE = "shopify_erasure"

_ORDER: Mapping[Field, Ability] = {
    Field.NAME: _REDACT, Field.EMAIL: _REDACT, Field.PHONE: _REDACT, Field.SHIPPING_ADDRESS: _REDACT,
    Field.COMPANY: _REDACT, Field.ORGANISATION_NUMBER: _REDACT, Field.DOOR_CODE: _REDACT,
    Field.PERSONAL_NUMBER: _REDACT, Field.BIRTH_DATE: _REDACT, Field.CUSTOMER_NOTE: _REDACT,
    Field.TAGS: _REDACT, Field.TRACKING_NUMBER: _REDACT, Field.CUSTOM: _REDACT, Field.GIFT_RECIPIENT: _REDACT,
    Field.BILLING_ADDRESS: _ASK, Field.IP_ADDRESS: _ASK, Field.USER_AGENT: _ASK, Field.PAYMENT_DETAILS: _ASK,
    Field.ACCOUNT: _ASK, Field.STAFF_NOTES: _CANNOT, Field.PAYMENT_REFERENCE: _CANNOT,
}  # fmt: skip
_ORDER_PLACES: Mapping[Field, str] = {
    Field.BILLING_ADDRESS: _ERASURE,
    Field.IP_ADDRESS: _ERASURE,
    Field.USER_AGENT: _ERASURE,
    Field.PAYMENT_DETAILS: _ERASURE,
    Field.ACCOUNT: "shopify_customer_link",
    Field.STAFF_NOTES: "timeline",
    Field.PAYMENT_REFERENCE: "shopify_payment_reference",
}
_CUSTOMER: Mapping[Field, Ability] = {
    Field.NAME: _REDACT, Field.EMAIL: _REDACT, Field.PHONE: _REDACT, Field.SHIPPING_ADDRESS: _REDACT,
    Field.TAGS: _REDACT, Field.STAFF_NOTES: _REDACT, Field.CUSTOMER_NOTE: _REDACT, Field.CUSTOM: _REDACT,
    Field.PERSONAL_NUMBER: _REDACT, Field.ORGANISATION_NUMBER: _REDACT, Field.DOOR_CODE: _REDACT,
    Field.BIRTH_DATE: _REDACT, Field.ACCOUNT: _DELETE, Field.PAYMENT_DETAILS: _REDACT, Field.COMPANY: _REDACT,
}  # fmt: skip
_WHOLE: Mapping[Field, Ability] = dict.fromkeys(
    (
        Field.NAME, Field.EMAIL, Field.PHONE, Field.SHIPPING_ADDRESS, Field.BILLING_ADDRESS, Field.TAGS,
        Field.CUSTOMER_NOTE, Field.STAFF_NOTES, Field.CUSTOM, Field.ACCOUNT, Field.PERSONAL_NUMBER,
        Field.ORGANISATION_NUMBER, Field.DOOR_CODE, Field.BIRTH_DATE,
    ),
    _DELETE,
)  # fmt: skip
_GIFT_CARD: Mapping[Field, Ability] = {
    Field.STAFF_NOTES: _REDACT, Field.GIFT_RECIPIENT: _REDACT, Field.ACCOUNT: _CANNOT,
}  # fmt: skip
_GIFT_CARD_PLACES: Mapping[Field, str] = {Field.ACCOUNT: "gift_card_holder"}
_CART_PLACE = "shopify_checkout"
# The payment service's own reference, and the link by which Shopify's erasure finds the order.
_NOBODY = frozenset({Field.PAYMENT_REFERENCE, Field.ACCOUNT})
_ERASED = frozenset({"billing_address", "fulfillment_destination"})
_ANY_OF_A_PERSON = frozenset({Field.NAME, Field.EMAIL, Field.PHONE, Field.SHIPPING_ADDRESS, Field.CUSTOM})
# Which due fields make a place that no call changes worth telling.
_RESIDUE: Mapping[str, frozenset[Field]] = {
    **RESIDUE,
    "billing_address": frozenset({Field.NAME, Field.PHONE, Field.COMPANY}),
    "fulfillment_destination": frozenset({Field.NAME, Field.SHIPPING_ADDRESS, Field.PHONE}),
    "item_meta": frozenset({Field.NAME, Field.CUSTOMER_NOTE, Field.GIFT_RECIPIENT, Field.CUSTOM}),
    "localized_fields": frozenset({Field.PERSONAL_NUMBER, Field.ORGANISATION_NUMBER}),
    "return_note": frozenset({Field.NAME, Field.STAFF_NOTES, Field.CUSTOMER_NOTE}),
    "timeline": frozenset({Field.NAME, Field.STAFF_NOTES}),
    "customer_timeline": frozenset({Field.NAME, Field.STAFF_NOTES}),
    "company_location": frozenset({Field.NAME, Field.PHONE, Field.SHIPPING_ADDRESS}),
    "payment_methods": frozenset({Field.PAYMENT_DETAILS}),
    "completed_draft": frozenset({Field.NAME, Field.EMAIL, Field.PHONE, Field.SHIPPING_ADDRESS}),
    "metafield": _ANY_OF_A_PERSON,
    "customer_metafield": _ANY_OF_A_PERSON,
    "payment_receipt": frozenset({Field.NAME, Field.EMAIL, Field.PHONE, Field.PAYMENT_DETAILS}),
}
# What stays of a customer who goes whole but whom their orders keep in the shop.
_OUTLIVES = frozenset({"customer_timeline", "company_location", "payment_methods", "customer_metafield"})
# What stays of an order that goes whole: the draft that it was made from is a record of its own.
_OUTLIVES_ORDER = frozenset({"completed_draft"})


_ABLE: Mapping[Kind, Capabilities] = {
    one.kind: one
    for one in (
        Capabilities(
            kind=Kind.ORDER, fields=_ORDER, deletes=False, places=_ORDER_PLACES, residue=_RESIDUE,
            nobody=_NOBODY, erased=_ERASED, outlives=_OUTLIVES_ORDER,
        ),
        Capabilities(
            kind=Kind.CUSTOMER, fields=_CUSTOMER, deletes=True, residue=_RESIDUE, outlives=_OUTLIVES
        ),
        Capabilities(kind=Kind.SUBSCRIBER, fields=_WHOLE, deletes=True, unsubscribes=True),
        Capabilities(kind=Kind.DRAFT_ORDER, fields=_WHOLE, deletes=True),
        Capabilities(kind=Kind.COUPON, fields=_GIFT_CARD, deletes=False, places=_GIFT_CARD_PLACES),
        Capabilities(
            kind=Kind.CART, fields=dict.fromkeys(_WHOLE, _CANNOT), deletes=False,
            places=dict.fromkeys(_WHOLE, _CART_PLACE),
            nobody=frozenset(_WHOLE),  # Shopify removes them by itself
        ),
    )
}  # fmt: skip


def capabilities(kind: Kind, settings: Mapping[str, Any]) -> Capabilities:
    """What can be done to this kind; orders are deleted only where `delete_orders` says so."""
    return able(_ABLE, kind, settings)
