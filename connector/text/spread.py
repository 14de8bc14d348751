"""An answer of a service as its single values, each with the place where it stands: pure, loses none."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

_WRAPPING = frozenset({"edges", "node", "nodes"})
_OF_THE_CALL = frozenset({"pageInfo", "__typename", "cursor", "_links", "currentAppInstallation"})
DEEPEST = 40
"""Levels of nesting; below that the rest is one text."""


class Leaf(NamedTuple):
    """One value: `place` like `billing.city`, `line_items.2.name` or `meta_data[_key]`, and its text."""

    place: str
    text: str


def spread(value: Any, place: str = "", deep: int = 0) -> Iterator[Leaf]:
    """Every value inside, in its order; what only carries it (`edges`, links, cursors) is not named."""
    if isinstance(value, Mapping) and deep < DEEPEST:
        yield from _of_mapping(value, place, deep + 1)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes) and deep < DEEPEST:
        for number, one in enumerate(value, start=1):
            yield from spread(one, _row_place(one, place, number), deep + 1)
    elif value is not None and value != "" and value is not False:
        yield Leaf(place, str(value))


def _of_mapping(value: Mapping[Any, Any], place: str, deep: int) -> Iterator[Leaf]:
    if _keyed(value) and place.endswith("]"):
        yield from spread(value["value"], place, deep)
        return
    for name, part in value.items():
        if name in _OF_THE_CALL:
            continue
        within = place if name in _WRAPPING else f"{place}.{name}" if place else str(name)
        yield from spread(part, within, deep)


def _row_place(row: Any, place: str, number: int) -> str:
    """Of a row with a key its key; of any other its number, so that two rows are two places."""
    inner = row.get("node", row) if isinstance(row, Mapping) else row
    if isinstance(inner, Mapping) and _keyed(inner):
        space = f"{inner['namespace']}." if inner.get("namespace") else ""
        return f"{place}[{space}{inner['key']}]"
    return f"{place}.{number}" if place else str(number)


def _keyed(row: Mapping[Any, Any]) -> bool:
    return "key" in row and "value" in row


__all__ = ["Leaf", "spread"]
