"""JSON that a person wrote: a byte-order mark is let through, a key given twice is not."""

import json
from collections.abc import Sequence
from typing import Any


class KeyTwice(ValueError):
    """An object states a key twice, so that nobody can say which value was meant."""


def read_json(data: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Raises KeyTwice that names the key, and ValueError where the text is no JSON.
    """
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise KeyTwice(key)
        table[key] = value
    return table


def _refuse(name: str) -> Any:
    """NaN and Infinity are no JSON, though Python would read them."""
    raise ValueError(name)
