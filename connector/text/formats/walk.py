"""Every leaf of a value, and the value with some of them changed."""

from collections.abc import Iterator
from typing import Any

from connector.text.formats.json_text import parsed, rewrite_json
from connector.text.formats.leaf import Change, Leaf, Uncut, renamed, under
from connector.text.formats.php_text import looks_serialised, rewrite_php

_DEEPEST = 60
_LAST = frozenset(";}]")  # what PHP's and JSON's structures end with; blanks may follow


def leaves(value: Any, *, key: str = "") -> Iterator[Leaf]:
    """Every text and number inside a value, names of entries included; of a text that cannot be taken apart
    the whole.
    """
    if isinstance(value, str) and not may_be_parted(value):
        return iter((Leaf(path=key, key=key, text=value),) if value else ())
    found: list[Leaf] = []

    def seen(leaf: Leaf) -> str:
        found.append(leaf)
        return leaf.text

    try:
        rewritten(value, seen, key=key)
    except Uncut:
        return iter((*found, *_whole(value, key)))
    return iter(found)


def _whole(value: Any, key: str) -> Iterator[Leaf]:
    """The texts of a value as they stand, where their format cannot be read."""
    if isinstance(value, str):
        yield Leaf(path=key, key=key, text=value)
    elif isinstance(value, dict | list):
        yield Leaf(path=key, key=key, text=str(value))


def may_be_parted(text: str) -> bool:
    """Whether a text can have a format of its own, by its ends: most are words and have none."""
    return text[-1:] in _LAST or text[-1:].isspace()


def rewritten(value: Any, change: Change, *, key: str = "") -> Any:
    """The value with every leaf changed, in the format it had; a number that changes becomes None.

    Raises Uncut where a text has a format that cannot be written back, such as a serialised PHP object.
    """
    return _rewritten(value, key, key, change, 0)


def _rewritten(value: Any, path: str, key: str, change: Change, depth: int) -> Any:
    if depth > _DEEPEST:
        raise Uncut
    if isinstance(value, str):
        return _text(path, key, value, change)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        leaf = Leaf(path=path, key=key, text=str(value), number=True)
        return value if change(leaf) == leaf.text else None
    if isinstance(value, dict):
        return _entries(value, path, key, change, depth)
    if isinstance(value, list):
        return [_rewritten(inner, path, key, change, depth + 1) for inner in value]
    return value


def _entries(value: dict[str, Any], path: str, key: str, change: Change, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    taken = set(value)
    for name, inner in value.items():
        new = renamed(name, taken, change(Leaf(path=path, key=key, text=name, name=True)))
        taken.add(new)
        inside = key if name.isdigit() else name
        found[new] = _rewritten(
            inner, path if name.isdigit() else under(path, name), inside, change, depth + 1
        )
    return found


def _text(path: str, key: str, text: str, change: Change) -> str:
    if not text:
        return text
    if not may_be_parted(text):
        return change(Leaf(path=path, key=key, text=text))
    if looks_serialised(text):
        return rewrite_php(path, key, text, change, _text)
    if parsed(text) is not None:
        return rewrite_json(path, key, text, change, _text)
    return change(Leaf(path=path, key=key, text=text))
