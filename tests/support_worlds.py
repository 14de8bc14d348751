"""Made-up shops of the tests, each made once a process and handed out as copies.

The same seed, sizes and day give the same shop; making one takes three times as long as copying it.
"""

import pickle
from datetime import date
from functools import lru_cache
from typing import Any

import pytest

import sandbox.box
import sandbox.shopify.service
from sandbox.woocommerce.shop import Shop

_OWN = ("lock", "_started", "_origin", "_ids")  # what each shop has for itself: its lock, clock and numbers
_SHOPS = 24  # kept at once: tests of one file ask for the same few


def share_worlds(patch: pytest.MonkeyPatch) -> None:
    """Every stand-in shop opened from now on is a copy of one that was made before."""
    real = sandbox.box.make_shop

    @lru_cache(_SHOPS)
    def kept(seed: int, customers: int, orders: int, today: date) -> bytes:
        shop, people = real(seed, customers, orders, today)
        state = {name: value for name, value in vars(shop).items() if name not in _OWN}
        return pickle.dumps((state, people), pickle.HIGHEST_PROTOCOL)

    def copied(seed: int, customers: int, orders: int, today: date) -> tuple[Shop, list[Any]]:
        state, people = pickle.loads(kept(seed, customers, orders, today))
        shop = Shop(today)
        vars(shop).update(state)
        shop.reserve_ids()
        return shop, people

    patch.setattr(sandbox.box, "make_shop", copied)
    # Nothing writes to a world (Shop says so where it is built): one serves every shop of its size.
    patch.setattr(sandbox.shopify.service, "World", lru_cache(_SHOPS)(sandbox.shopify.service.World))
