"""What is known of a kind, held against what the service says that it has of it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connector.ports import Stock

Known = Mapping[str, int]
"""Records of a kind that can be read and are not gone, by status."""


class Difference(NamedTuple):
    """How many the service counts and nobody has seen, and how many are known that it does not count.

    `uneven` is the part of `short` that a service which counts some twice may explain.
    """

    short: int
    over: int
    uneven: int = 0


def difference(stocks: Sequence[Stock], known: Known, unread: int) -> Difference:
    """Group by group, so that a record too many in one hides none that is missing in another.

    An unread record stands for one that was counted, in whatever status.
    """
    short = over = uneven = 0
    for stock in stocks:
        apart = stock.count - sum(count for status, count in known.items() if _in(stock, status))
        short += max(0, apart)
        uneven += max(0, apart) if not stock.exact else 0
        over += max(0, -apart)
    return Difference(max(0, short - unread), over, max(0, uneven - unread))


def _in(stock: Stock, status: str) -> bool:
    return status not in stock.apart and (stock.only is None or status in stock.only)
