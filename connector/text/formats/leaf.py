"""One text inside a value, the names it stands under, and what cannot be written back."""

from collections.abc import Callable
from typing import NamedTuple


class Leaf(NamedTuple):
    """A text or number inside a value: `key` is the innermost name it stands under, `path` all of them.

    `name` marks a text that is itself the name of something else.
    """

    path: str
    key: str
    text: str
    number: bool = False
    name: bool = False


class Uncut(Exception):
    """A value whose format is not understood well enough to take a part of it: a hand is needed."""


Change = Callable[[Leaf], str]
"""What a leaf becomes; the same text where it stays."""

Deeper = Callable[[str, str, str, Change], str]
"""Rewrites a text inside a text (path, key, text, change), which may have a format of its own."""


def under(path: str, key: str) -> str:
    """A name added to the names before it."""
    return f"{path} {key}" if path else key


def renamed(name: str, taken: set[str], new: str) -> str:
    """The name that an entry gets once a part of it is gone: never that of a neighbour."""
    if new == name:
        return name
    free, number = new, 1
    while free in taken:
        number += 1
        free = f"{new}_{number}"
    return free
