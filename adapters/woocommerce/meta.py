"""Meta rows as WooCommerce answers them: a list, or an object where PHP kept a hole; each by its id."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from connector.text.formats import leaves

EMPTY: tuple[Any, ...] = (None, "", [], {})
OBJECTS = (dict, Mapping)
"""What an object of an answer is; a dict is known at once, any other mapping is looked up."""


class MetaRow(NamedTuple):
    """One row: `id` is 0 where the answer names none; `alone` says that its key names no other row."""

    id: int
    key: str
    value: Any
    alone: bool = True


def meta_rows(raw: Any) -> list[MetaRow]:
    """The rows that hold something, in order, duplicates of a key included."""
    given = [row for row in _listed(raw) if isinstance(row, OBJECTS)]
    if not given:
        return []
    keys = ["" if row.get("key") is None else str(row["key"]) for row in given]
    times = Counter(keys)
    return [
        MetaRow(id=_id(row.get("id")), key=key, value=value, alone=times[key] == 1)
        for row, key in zip(given, keys, strict=True)
        if (value := row.get("value")) not in EMPTY
    ]


def _listed(raw: Any) -> Sequence[Any]:
    if isinstance(raw, list | tuple):
        return raw
    return list(raw.values()) if isinstance(raw, Mapping) else ()


def _id(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def first_values(rows: Sequence[MetaRow]) -> dict[str, Any]:
    """The values by key; the first of a key wins, as it does in WooCommerce."""
    found: dict[str, Any] = {}
    for row in rows:
        found.setdefault(row.key, row.value)
    return found


def texts(value: Any) -> Iterator[str]:
    """Every text and number inside a value that is not a name, however nested and in whichever format."""
    return (leaf.text for leaf in leaves(value) if not leaf.name and leaf.text)


def named(value: Any, name: str) -> Iterator[str]:
    """The texts that stand under this name inside a value, such as the numbers of parcels."""
    return (leaf.text for leaf in leaves(value) if leaf.key == name and not leaf.name and leaf.text)
