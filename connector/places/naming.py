"""What a report says of a key that no rule names: where it stands, and the types that its value holds."""

from typing import Any

from connector.detect import Type, types
from connector.places.suspected import Own, place_text
from connector.text.formats import leaves


def place_of(key: str, own: Own | None = None) -> str:
    """A key as a place in a report, in full; one that itself looks personal is not repeated."""
    return f"meta:{place_text(key, own or Own())}"


def types_in(value: Any, *, key: str) -> frozenset[Type]:
    """The types of personal data anywhere in a value, whichever format it has."""
    found: set[Type] = set()
    for leaf in leaves(value, key=key):
        found |= types(leaf.text, key=leaf.path)
    return frozenset(found)
