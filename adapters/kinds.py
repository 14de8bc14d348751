"""Records of several kinds, taken kind by kind."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TypeVar

from connector.records import Kind

_Item = TypeVar("_Item")


def by_kind(items: Iterable[_Item], kind_of: Callable[[_Item], Kind]) -> Iterator[tuple[Kind, list[_Item]]]:
    """The items of each kind, in their order."""
    for kind, group in groupby(sorted(items, key=kind_of), key=kind_of):
        yield kind, list(group)
