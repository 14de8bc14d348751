"""The stand-in Shopify as others reach it."""

from collections.abc import Iterable
from datetime import date
from types import TracebackType
from typing import Self

from sandbox.running import Running
from sandbox.server import Profile
from sandbox.shopify.access import ALL_SCOPES, Keyring, Token
from sandbox.shopify.api import Api
from sandbox.shopify.cost import Bucket
from sandbox.shopify.faults import ShopifyFaults
from sandbox.shopify.making.world import World
from sandbox.shopify.refusals import internal_error
from sandbox.shopify.shop import Shop
from sandbox.wire import Answer

# Shopify's own pace: about 1,500 objects a second in bulk (recorded: 1,456 in one); the rest is a guess.
_MEASURED = Profile(request=0.08, write=0.12, row=0.0008, slots=16)
_BULK_PACE = 1500.0
_UPLOAD = 120 * 1024 * 1024  # bytes that are read of one request


class Shopify(Running):
    """A shop, its tokens and its server; what every stand-in has, and `bulk`, `bucket`, `token_with`."""

    names = ("url", "token", "limited_token", "client_id", "client_secret")

    def __init__(
        self, seed: int, customers: int, orders: int, today: date, mode: "str | Profile" = "fast"
    ) -> None:
        self.shop = Shop(World(seed, customers, orders, today))
        self.keyring = Keyring(seed)
        self.api = Api(self.shop, self.keyring, lambda: self.url)
        self.bulk = self.api.bulk
        if mode == "measured":
            self.bulk.rows_per_second = _BULK_PACE
        super().__init__(self.api, _MEASURED if mode == "measured" else Profile.named(mode))
        self.server.faults, self.server.body_limit = ShopifyFaults(), _UPLOAD
        self.server.clock, self.server.on_stop = self.shop.now, self.bulk.close
        self.server.crashed = lambda: Answer(200, {"errors": [internal_error()], "data": None})
        self.client_id, self.client_secret = self.keyring.client_id, self.keyring.client_secret
        self._main = self.keyring.give(frozenset(ALL_SCOPES), "static")
        self.token = self._main.text
        self.limited_token = self.token_with(set(ALL_SCOPES) - {"read_all_orders"})

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.stop()

    @property
    def bucket(self) -> Bucket:
        """The points of the static token's app."""
        return self.api.bucket(self._main)

    def use_plan(self, plan: str) -> None:
        """Sets the budget: "Standard", "Advanced", "Plus" or "Enterprise"."""
        self.api.plan = plan
        self.api.buckets.clear()

    def token_with(self, scopes: Iterable[str]) -> str:
        """A token of another app, with these scopes."""
        found: Token = self.keyring.give(frozenset(scopes), f"app-{len(self.keyring.tokens)}")
        return found.text

    def lose(self, *scopes: str) -> None:
        """Takes permissions from the static token, as when the app is installed anew with fewer."""
        self._main.scopes -= set(scopes)

    def uninstall(self) -> None:
        """The merchant takes the app out of the shop: its tokens are unknown, and none is sold."""
        self.keyring.installed = False

    def install(self) -> None:
        """The merchant takes the app in again; its tokens are as they were."""
        self.keyring.installed = True
