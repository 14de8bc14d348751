"""What a shop says of its goods by their numbers: soon used up (schedule T-02), or warranted longer (H4)."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal

from msgspec.structs import replace

from connector.records import Facts

CONSUMABLE: Literal["consumable"] = "consumable"

Goods = tuple[tuple[str, str | int], ...]
"""A pattern of article numbers, and what goods of it are: consumable, or warranted so many months."""


def read_goods(settings: Mapping[str, Any]) -> Goods:
    """The goods that a platform's settings name (`goods`), in a form that is quick to ask."""
    return tuple((str(sku).casefold(), word) for sku, word in (settings.get("goods") or {}).items())


def with_goods(facts: Facts, goods: Goods, numbers: Iterable[str], *, whole: bool) -> Facts:
    """An order's facts with what its goods say; `whole`: these are the numbers of all its lines.

    It is of consumables only where every line is known to be: one line that lasts keeps the claims window.
    """
    lines = [_words(goods, number) for number in numbers] if goods else []
    if not lines:
        return facts
    months = max((word for words in lines for word in words if isinstance(word, int)), default=0)
    return replace(
        facts,
        consumables=whole and all(CONSUMABLE in words for words in lines),
        warranty_months=max(months, facts.warranty_months),
    )


def _words(goods: Goods, number: str) -> frozenset[str | int]:
    return frozenset(word for pattern, word in goods if fnmatchcase(number.casefold(), pattern))
