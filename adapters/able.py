"""What a shop system can do of each kind of record, as its settings allow it."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from connector.ports import Capabilities
from connector.records import Field, Kind

RESIDUE: Mapping[str, frozenset[Field]] = {
    "uncut_meta": frozenset({Field.PERSONAL_NUMBER, Field.DOOR_CODE, Field.ORGANISATION_NUMBER}),
    "refund_reason": frozenset({Field.NAME, Field.STAFF_NOTES, Field.CUSTOMER_NOTE}),
}
"""Which due fields make a place worth telling that no API reaches, wherever the shop lies."""


def able(table: Mapping[Kind, Capabilities], kind: Kind, settings: Mapping[str, Any]) -> Capabilities:
    """What can be done to this kind; orders go whole only where `delete_orders` says so.

    A kind that the system does not keep can nothing.
    """
    found = table.get(kind, Capabilities(kind=kind, fields={}, deletes=False))
    if kind is Kind.ORDER:
        return replace(found, deletes=bool(settings.get("delete_orders", False)))
    return found
