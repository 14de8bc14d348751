"""What is never copied before it is overwritten: personal numbers, door codes, card-like numbers (T-63)."""

from collections.abc import Collection
from typing import Any

from connector.detect import Type, types
from connector.places.cutting import fields_in
from connector.records import Field
from connector.text.formats import leaves

NEVER = frozenset({Field.PERSONAL_NUMBER, Field.DOOR_CODE, Field.PAYMENT_DETAILS})
"""Fields of which no copy is made."""

_NEVER_TYPES = frozenset(
    {Type.PERSONAL_NUMBER, Type.COORDINATION_NUMBER, Type.DOOR_CODE, Type.CARD_NUMBER, Type.IBAN}
)


def may_be_kept(value: Any, *, key: str, fields: Collection[Field]) -> bool:
    """Whether a copy may be made of what stands in a place under this key and is of these fields."""
    if NEVER & set(fields) or NEVER & fields_in(value, key=key, words=True):
        return False
    found = (types(leaf.text, key=leaf.path) for leaf in leaves(value, key=key))
    return all(_NEVER_TYPES.isdisjoint(some) for some in found)


__all__ = ["NEVER", "may_be_kept"]
