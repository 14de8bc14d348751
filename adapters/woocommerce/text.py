"""What free text and unknown meta values hold, by value: types and cuts, never the text itself."""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from connector.detect import Type, detect, redact, types

_PRINTABLE_KEY = re.compile(r"[\w .:/\-]{1,64}\Z")


def strings(value: Any) -> Iterator[str]:
    """Every string inside a meta value, however nested; numbers as text."""
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        yield str(value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def value_types(value: Any, *, key: str) -> frozenset[Type]:
    """The types of personal data anywhere in a meta value."""
    found: set[Type] = set()
    for text in strings(value):
        found |= types(text, key=key)
    return frozenset(found)


def cut(text: str, wanted: Collection[Type], *, key: str = "") -> str:
    """The text without the tokens of these types; unchanged where it holds none."""
    tokens = [token for token in detect(text, key=key) if token.type in wanted]
    return redact(text, tokens).strip() if tokens else text


def map_strings(value: Any, change: Callable[[str], str]) -> Any:
    """The meta value with every string changed, in the shape it had."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: map_strings(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [map_strings(inner, change) for inner in value]
    return value


def place_of(key: str) -> str:
    """A meta key as a place in a report; a key that itself looks personal is not repeated."""
    shown = _PRINTABLE_KEY.match(key) and "@" not in key and not types(key)
    return f"meta:{key if shown else '(a key that looks personal)'}"
