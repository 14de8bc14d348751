"""What the REST API of WooCommerce can do, per field, and where a hand is needed."""

from collections.abc import Mapping
from typing import Any

from adapters.able import RESIDUE, able
from connector.ports import Ability, Capabilities
from connector.records import Field, Kind

_REDACT, _DELETE, _CANNOT = Ability.REDACT, Ability.DELETE, Ability.CANNOT

_ORDER: Mapping[Field, Ability] = {
    Field.NAME: _REDACT, Field.EMAIL: _REDACT, Field.PHONE: _REDACT, Field.BILLING_ADDRESS: _REDACT,
    Field.SHIPPING_ADDRESS: _REDACT, Field.COMPANY: _REDACT, Field.ORGANISATION_NUMBER: _REDACT,
    Field.DOOR_CODE: _REDACT, Field.PERSONAL_NUMBER: _REDACT, Field.BIRTH_DATE: _REDACT,
    Field.IP_ADDRESS: _REDACT, Field.USER_AGENT: _REDACT, Field.CUSTOMER_NOTE: _REDACT,
    Field.STAFF_NOTES: _REDACT, Field.TRACKING_NUMBER: _REDACT, Field.PAYMENT_DETAILS: _REDACT,
    Field.PAYMENT_REFERENCE: _REDACT, Field.ACCOUNT: _REDACT, Field.CUSTOM: _REDACT,
    Field.GIFT_RECIPIENT: _REDACT, Field.TAGS: _CANNOT,
}  # fmt: skip
_ORDER_PLACES: Mapping[Field, str] = {
    # A refund goes only by moving money; item meta only by having the order's VAT calculated anew.
    Field.NAME: "name_copies",
    Field.CUSTOMER_NOTE: "old_storage",
    Field.STAFF_NOTES: "deleted_orders_notes",
    Field.GIFT_RECIPIENT: "item_meta",
    Field.IP_ADDRESS: "logs",
    Field.PAYMENT_DETAILS: "payment_tokens",
    Field.TAGS: "tags_plugin",
}
_CUSTOMER: Mapping[Field, Ability] = {
    Field.NAME: _DELETE, Field.EMAIL: _DELETE, Field.ACCOUNT: _DELETE, Field.PHONE: _REDACT,
    Field.BILLING_ADDRESS: _REDACT, Field.SHIPPING_ADDRESS: _REDACT, Field.COMPANY: _REDACT,
    Field.ORGANISATION_NUMBER: _REDACT, Field.PERSONAL_NUMBER: _REDACT, Field.BIRTH_DATE: _REDACT,
    Field.CUSTOM: _REDACT, Field.DOOR_CODE: _REDACT, Field.PAYMENT_DETAILS: _CANNOT, Field.TAGS: _CANNOT,
}  # fmt: skip
_CUSTOMER_PLACES: Mapping[Field, str] = {
    Field.NAME: "account_names",
    Field.PAYMENT_DETAILS: "payment_tokens",
    Field.TAGS: "tags_plugin",
}
_REVIEW: Mapping[Field, Ability] = {
    Field.NAME: _REDACT, Field.EMAIL: _REDACT, Field.PERSONAL_NUMBER: _REDACT, Field.DOOR_CODE: _REDACT,
    Field.IP_ADDRESS: _DELETE, Field.USER_AGENT: _DELETE,
}  # fmt: skip
_REVIEW_PLACES: Mapping[Field, str] = dict.fromkeys(
    (Field.IP_ADDRESS, Field.USER_AGENT), "wordpress_comments"
)
_COUPON: Mapping[Field, Ability] = {Field.EMAIL: _REDACT}
_COUPON_PLACES: Mapping[Field, str] = {Field.EMAIL: "used_by"}
# Which due fields make a place that no API reaches worth telling.
_RESIDUE: Mapping[str, frozenset[Field]] = {
    **RESIDUE,
    "shipping_item_meta": frozenset({Field.NAME, Field.SHIPPING_ADDRESS, Field.GIFT_RECIPIENT, Field.PHONE}),
    # Pick-up points go with the parcel's number (T-14); one statement takes a key from every order's lines.
    "pickup_point": frozenset({Field.TRACKING_NUMBER, Field.SHIPPING_ADDRESS, Field.NAME}),
    "item_meta": frozenset({Field.NAME, Field.CUSTOMER_NOTE, Field.GIFT_RECIPIENT}),
    **dict.fromkeys(
        (
            "fee_meta",
            "coupon_line_meta",
            "item_name",
            "fee_name",
            "shipping_title",
            "payment_title",
            "coupon_line_code",
        ),
        frozenset({Field.NAME, Field.EMAIL, Field.CUSTOMER_NOTE, Field.GIFT_RECIPIENT}),
    ),
    "used_by": frozenset({Field.EMAIL}),
    "coupon_code": frozenset({Field.EMAIL}),
}
_AT_ONCE = frozenset({"pickup_point"})
# WooCommerce logs a line for each internal key that is written (measured); keys of a field, at most.
_LOG_LINES: Mapping[Field, int] = {
    Field.NAME: 4, Field.EMAIL: 1, Field.PHONE: 2, Field.BILLING_ADDRESS: 5, Field.SHIPPING_ADDRESS: 5,
    Field.COMPANY: 2, Field.DOOR_CODE: 2, Field.GIFT_RECIPIENT: 7, Field.IP_ADDRESS: 1, Field.USER_AGENT: 1,
}  # fmt: skip
_ABLE: Mapping[Kind, Capabilities] = {
    kind: Capabilities(
        kind=kind, fields=fields, deletes=deletes, places=places, residue=_RESIDUE, at_once=_AT_ONCE,
        log_lines=_LOG_LINES if kind is Kind.ORDER else {},
    )
    for kind, fields, places, deletes in (
        (Kind.ORDER, _ORDER, _ORDER_PLACES, False),
        (Kind.CUSTOMER, _CUSTOMER, _CUSTOMER_PLACES, True),
        (Kind.REVIEW, _REVIEW, _REVIEW_PLACES, True),
        (Kind.COUPON, _COUPON, _COUPON_PLACES, False),
    )
}  # fmt: skip


def capabilities(kind: Kind, settings: Mapping[str, Any]) -> Capabilities:
    """What can be done to this kind; orders are deleted only where `delete_orders` says so."""
    return able(_ABLE, kind, settings)
