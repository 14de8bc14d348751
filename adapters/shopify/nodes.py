"""Reading GraphQL answers: connections, money, dates."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from connector.calendar import to_date

Node = Mapping[str, Any]


def nodes(record: Node, name: str) -> list[Node]:
    """The nodes of a connection, paged or put together from a bulk file; those of a list field too."""
    value = record.get(name)
    if isinstance(value, list):
        return [row for row in value if row]
    return [edge["node"] for edge in (value or {}).get("edges") or () if edge and edge.get("node")]


@lru_cache(maxsize=8192)
def day(moment: str | None) -> date | None:
    """The Stockholm date of a moment (schedule §2.1); None where there is none."""
    if not moment:
        return None
    try:
        return to_date(moment)
    except ValueError:
        return None


def amount(bag: Node | None, which: str = "shopMoney") -> float:
    """The amount of a money bag, in the shop's currency; 0 where there is none."""
    try:
        return float(((bag or {}).get(which) or {}).get("amount") or 0)
    except (TypeError, ValueError):
        return 0.0
