"""What a pull reads, and by what: the shop's connections, and the kind."""

from collections.abc import Generator
from typing import NamedTuple

from adapters.shopify.client import Client
from adapters.shopify.cursor import Cursor
from adapters.shopify.fetch import Fetcher
from adapters.shopify.files import Files
from adapters.shopify.sources import Source
from connector.ports import Clock, Page
from connector.records import Kind

AGED = (Kind.ORDER, Kind.CART)
"""Kinds of which only 60 days are shown without read_all_orders."""

_ALL_ORDERS = "read_all_orders"


Steps = Generator[Page, None, Cursor]
"""The pages of a phase, and the cursor behind them."""


class Joined(NamedTuple):
    """The operations of a walk over all that another kind of the same list may take up too.

    `counted` and `upto` are what Shopify said as it began, at `start`; `slices` are searches and ids.
    """

    kind: Kind
    start: str
    counted: int | None
    upto: int
    slices: list[tuple[str, str]]


Begun = dict[str, Joined]
"""The walks begun in this process, by the operation that reads them."""


class Shop(NamedTuple):
    """One shop, as every pull of it reads it."""

    client: Client
    files: Files
    fetcher: Fetcher
    clock: Clock
    begun: Begun


class Reading(NamedTuple):
    """One kind of one shop."""

    shop: Shop
    source: Source

    @property
    def sees_all(self) -> bool:
        """Whether every record is visible: without read_all_orders only 60 days of orders are."""
        return self.source.kind not in AGED or _ALL_ORDERS in self.shop.client.scopes()

    def lost(self, cursor: Cursor) -> bool:
        """Whether a permission is gone that showed records of this kind when all were walked last."""
        shows = {_ALL_ORDERS} if self.source.kind in AGED else set()
        return not (shows & set(cursor.scopes)) <= self.shop.client.scopes()

    def since(self, at: str) -> str:
        """The search for what changed since a moment."""
        return f"updated_at:>='{at[:10] if self.source.days else at}'"
