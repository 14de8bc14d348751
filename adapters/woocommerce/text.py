"""What unknown meta values hold, by value: types, never the text itself."""

from typing import Any

from connector.detect import Type, types
from connector.places.suspected import Own, place_text
from connector.text.folding import unescaped
from connector.text.formats import leaves


def value_types(value: Any, *, key: str) -> frozenset[Type]:
    """The types of personal data anywhere in a meta value, whichever format it has."""
    found: set[Type] = set()
    for leaf in leaves(value, key=key):
        found |= types(leaf.text, key=leaf.path)
    return frozenset(found)


def place_of(key: str, own: Own | None = None) -> str:
    """A meta key as a place in a report, in full; a key that itself looks personal is not repeated."""
    return f"meta:{place_text(key, own or Own())}"


def as_typed_too(*addresses: str) -> list[str]:
    """E-mail addresses as stored and as typed: a checkout may keep `o&#039;b@…`, a recipient will not."""
    return [form for address in addresses for form in dict.fromkeys((address, unescaped(address)))]
