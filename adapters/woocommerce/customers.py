"""A shop account as WooCommerce answers it, read into holdings, facts, handles and a record."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from adapters.held import present_bits, says
from adapters.woocommerce import places, told
from adapters.woocommerce.dates import from_unix, to_stockholm
from adapters.woocommerce.holdings import (
    Holding,
    changes,
    meta_holdings,
    reach,
    surprises,
    uncut_places,
)
from adapters.woocommerce.meta import meta_rows
from adapters.woocommerce.text import as_typed_too
from connector.identity import normalise_phone
from connector.places.suspected import Own
from connector.ports import Keyer
from connector.records import Facts, Field, Identifier, Kind, Record, Ref

Customer = Mapping[str, Any]
FIELDS = (
    "id,date_created_gmt,date_modified_gmt,email,first_name,last_name,role,username,billing,shipping,"
    "meta_data"
)
# These keep the name in the login, the nickname and the display name, which the API cannot write.
WHOLE_ONLY = frozenset({Field.NAME, Field.EMAIL, Field.ACCOUNT})
_BLOCK_FIELDS = {
    "first_name": Field.NAME, "last_name": Field.NAME, "company": Field.COMPANY, "phone": Field.PHONE,
    "email": Field.EMAIL,
}  # fmt: skip
_ADDRESS_PARTS = ("address_1", "address_2", "city", "state", "postcode")


def holdings(customer: Customer, table: Mapping[str, Field] = places.CUSTOMER_META) -> list[Holding]:
    """Every place of an account with personal data; a property of a block is written `billing.phone`."""
    found = [Holding(Field.ACCOUNT, "username", True)]
    for part, field in (("first_name", Field.NAME), ("last_name", Field.NAME), ("email", Field.EMAIL)):
        if says(customer.get(part)):
            found.append(Holding(field, part, True, ""))
    found += _block(customer.get("billing") or {}, "billing", Field.BILLING_ADDRESS)
    found += _block(customer.get("shipping") or {}, "shipping", Field.SHIPPING_ADDRESS)
    found += meta_holdings(meta_rows(customer.get("meta_data")), table)
    found += [
        Holding(held, row.key, True, "", now=row.value)
        for row in told.block_rows(customer)
        if (held := told.field_of(row, table)) is not None
    ]
    return found


def _block(block: Mapping[str, Any], name: str, address: Field) -> Iterator[Holding]:
    for part, field in _BLOCK_FIELDS.items():
        if says(block.get(part)):
            yield Holding(field, f"{name}.{part}", True, "")
    for part in _ADDRESS_PARTS:
        if says(block.get(part)):
            yield Holding(address, f"{name}.{part}", True, "")


def update(
    customer: Customer, due: Collection[Field], table: Mapping[str, Field] = places.CUSTOMER_META
) -> dict[str, Any] | None:
    """One item of a batch for the due fields, None where nothing of them is left to write."""
    properties, meta = changes(holdings(customer, table), set(due) - WHOLE_ONLY, kind="account")
    if not properties and not meta:
        return None
    body: dict[str, Any] = {"id": int(customer["id"])}
    for key, value in properties.items():
        block, _, part = key.rpartition(".")
        if block:
            body.setdefault(block, {})[part] = value
        else:
            body[part] = value
    if meta:
        body["meta_data"] = meta
    return body


def facts(customer: Customer) -> Facts:
    """What rules may read of an account; `status` is its WordPress role."""
    rows = meta_rows(customer.get("meta_data"))
    seen = (from_unix(row.value) for row in rows if row.key == "wc_last_active")
    return Facts(
        created=to_stockholm(customer.get("date_created_gmt")),
        modified=to_stockholm(customer.get("date_modified_gmt")),
        last_login=max((day for day in seen if day), default=None),
        status=str(customer.get("role") or ""),
        balance=any(_positive(row.value) for row in rows if row.key in places.BALANCE_KEYS),
    )


def _positive(value: Any) -> bool:
    try:
        return float(value or 0) > 0
    except (TypeError, ValueError):
        return bool(value)


def handles(customer: Customer) -> dict[str, tuple[str, ...]]:
    """What recipients need to find this person."""
    billing = customer.get("billing") or {}
    emails = [str(value) for value in (customer.get("email"), billing.get("email")) if says(value)]
    given = {
        "email": as_typed_too(*emails),
        "phone": [str(billing["phone"])] if says(billing.get("phone")) else [],
        "customer": [str(customer["id"])],
    }
    return {name: tuple(dict.fromkeys(values)) for name, values in given.items() if values}


def identifiers(customer: Customer, keyer: Keyer) -> tuple[Identifier, ...]:
    """The keyed identifiers of the account's owner."""
    billing = customer.get("billing") or {}
    phone = normalise_phone(str(billing.get("phone") or ""), str(billing.get("country") or "SE"))
    found = [Identifier(type="account", digest=digest)
             for digest in (keyer("account", f"woocommerce:{customer['id']}"),) if digest]  # fmt: skip
    for address in dict.fromkeys((customer.get("email"), billing.get("email"))):
        digest = keyer("email", str(address or ""))
        if digest and all(known.digest != digest for known in found):
            found.append(Identifier(type="email", digest=digest))
    if digest := keyer("phone", phone or ""):
        found.append(Identifier(type="phone", digest=digest))
    return tuple(found)


def own_of(customer: Customer) -> Own:
    """The words of the account's owner, and of whoever the goods go to."""
    return told.people(customer, customer.get("billing") or {}, customer.get("shipping") or {})


def to_record(customer: Customer, keyer: Keyer, table: Mapping[str, Field] = places.CUSTOMER_META) -> Record:
    """The record of an account, as the index keeps it."""
    own = own_of(customer)
    found = holdings(customer, table)
    return Record(
        ref=Ref(adapter="woocommerce", kind=Kind.CUSTOMER, id=str(customer["id"])),
        version=str(customer.get("date_modified_gmt") or ""),
        facts=facts(customer),
        present=present_bits(found),
        label=str(customer["id"]),
        identifiers=identifiers(customer, keyer),
        copies=tuple(handles(customer)),
        surprises=(
            *surprises(meta_rows(customer.get("meta_data")), table, own),
            *told.added_to_blocks(customer, table, own),
        ),
        residue=tuple(sorted(uncut_places(found))),
        **reach(found),
    )
