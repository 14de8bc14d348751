"""What unknown meta values hold, by value: types, never the text itself."""

import re
from typing import Any

from connector.detect import Type, types
from connector.folding import unescaped
from connector.formats import leaves

_PRINTABLE_KEY = re.compile(r"[\w .:/\-]{1,64}\Z")


def value_types(value: Any, *, key: str) -> frozenset[Type]:
    """The types of personal data anywhere in a meta value, whichever format it has."""
    found: set[Type] = set()
    for leaf in leaves(value, key=key):
        found |= types(leaf.text, key=leaf.path)
    return frozenset(found)


def place_of(key: str) -> str:
    """A meta key as a place in a report; a key that itself looks personal is not repeated."""
    shown = _PRINTABLE_KEY.match(key) and "@" not in key and not types(key)
    return f"meta:{key if shown else '(a key that looks personal)'}"


def as_typed_too(*addresses: str) -> list[str]:
    """E-mail addresses as stored and as typed: a checkout may keep `o&#039;b@…`, a recipient will not."""
    return [form for address in addresses for form in dict.fromkeys((address, unescaped(address)))]
