"""Draft orders and abandoned checkouts: they go whole, or not at all."""

from collections.abc import Iterator

from adapters.held import says
from adapters.shopify import addresses
from adapters.shopify.faults import ADAPTER
from adapters.shopify.ids import number
from adapters.shopify.nodes import Node, day
from connector.identity import normalise_phone
from connector.ports import Keyer
from connector.records import Facts, Field, Identifier, Kind, Record, Ref, to_bits


def is_open(draft: Node) -> bool:
    """Whether a draft order is still one: a completed draft is part of its order's history."""
    return draft.get("status") != "COMPLETED" and not draft.get("order")


def email_of(node: Node) -> str:
    """The address on a draft, or of the customer behind a checkout."""
    customer = node.get("customer") or {}
    return str(node.get("email") or (customer.get("defaultEmailAddress") or {}).get("emailAddress") or "")


def phone_of(node: Node) -> str:
    """The telephone number on a draft, its addresses, or of the customer behind a checkout."""
    customer = node.get("customer") or {}
    found = (
        node.get("phone"),
        (node.get("billingAddress") or {}).get("phone"),
        (customer.get("defaultPhoneNumber") or {}).get("phoneNumber"),
    )
    return next((str(value) for value in found if says(value)), "")


def fields(node: Node) -> Iterator[Field]:
    """The fields that carry data."""
    billing, shipping = node.get("billingAddress") or {}, node.get("shippingAddress") or {}
    held = {
        Field.EMAIL: says(email_of(node)),
        Field.PHONE: says(phone_of(node)),
        Field.BILLING_ADDRESS: addresses.holds_data(billing),
        Field.SHIPPING_ADDRESS: addresses.holds_data(shipping),
        Field.NAME: says(addresses.full_name(billing)) or says(addresses.full_name(shipping)),
        Field.CUSTOMER_NOTE: says(node.get("note2") or node.get("note")),
        Field.TAGS: bool(node.get("tags")),
        Field.CUSTOM: any(says(row.get("value")) for row in node.get("customAttributes") or ()),
        Field.ACCOUNT: bool(node.get("customer")),
    }
    return (field for field, there in held.items() if there)


def handles(node: Node) -> dict[str, tuple[str, ...]]:
    """What recipients need to find this person."""
    customer = number((node.get("customer") or {}).get("id"))
    given = {"email": email_of(node), "phone": phone_of(node), "customer": customer}
    return {name: (value,) for name, value in given.items() if says(value)}


def identifiers(node: Node, keyer: Keyer) -> tuple[Identifier, ...]:
    """The keyed identifiers of the person."""
    country = str((node.get("billingAddress") or {}).get("countryCodeV2") or "SE")
    account = number((node.get("customer") or {}).get("id"))
    digests = (
        ("email", keyer("email", email_of(node))),
        ("phone", keyer("phone", normalise_phone(phone_of(node), country) or "")),
        ("account", keyer("account", f"{ADAPTER}:{account or 0}")),
    )
    return tuple(Identifier(type=type_, digest=digest) for type_, digest in digests if digest)  # type: ignore[arg-type]


def to_record(node: Node, *, kind: Kind, keyer: Keyer) -> Record:
    """The record of a draft order or an abandoned checkout."""
    return Record(
        ref=Ref(adapter=ADAPTER, kind=kind, id=number(node["id"])),
        version=str(node.get("updatedAt") or ""),
        facts=Facts(
            created=day(node.get("createdAt")),
            modified=day(node.get("updatedAt")),
            status=str(node.get("status") or "").lower(),
        ),
        present=to_bits(frozenset(fields(node))),
        label=str(node.get("name") or "").lstrip("#") or number(node["id"]),
        identifiers=identifiers(node, keyer),
        copies=tuple(handles(node)),
    )
