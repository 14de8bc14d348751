"""What happens between the pull of a run and its writes, at every platform: another shop, a new order."""

from collections.abc import Callable
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from connector.stages.apply import _Run
from connector.stages.apply.side_by_side import Course
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop, make_shopify_shop

Make = Callable[[Sandbox, Path], SandboxShop]
ANOTHER_DAY = {"woocommerce": "2013-05-06T07:08:09", "shopify": "2013-05-06T07:08:09Z"}
PLATFORMS = [("woocommerce", make_shop), ("shopify", make_shopify_shop)]


@contextmanager
def after_the_first_batch(act: Callable[[], None]):  # type: ignore[no-untyped-def]
    """Does something once, when the first batch of an apply is written."""
    carried_out = _Run._carry_out
    times = iter((act,))

    def carry_out(self: _Run, *given: Any) -> Course[list[int]]:
        written = yield from carried_out(self, *given)
        next(times, lambda: None)()
        return written

    with (
        mock.patch.object(_Run, "_carry_out", carry_out),
        mock.patch.object(_Run, "_is_clean", return_value=True),
    ):
        yield


def redated(name: str, shop: Any) -> None:
    """Every record becomes one of another shop: the same ids, made on other days."""
    named = {"woocommerce": ("date_created_gmt",), "shopify": ("createdAt", "processedAt")}[name]
    for rows in (shop.orders, shop.customers):
        for id_ in list(rows):
            for key in named:
                if key in rows[id_]:
                    rows[id_][key] = ANOTHER_DAY[name]


@pytest.mark.parametrize(("name", "make"), PLATFORMS)
def test_another_shop_that_comes_up_after_the_first_batch_gets_no_write(
    name: str, make: Make, tmp_path: Path
) -> None:
    with Sandbox(seed=7, customers=6, orders=14) as box:
        shop, service = make(box, tmp_path / "shop"), getattr(box, name).shop
        shop.ready()
        before: dict[str, Any] = {}

        def comes_up() -> None:
            redated(name, service)
            before.update({id_: deepcopy(service.orders[id_]) for id_ in list(service.orders)})

        with after_the_first_batch(comes_up):
            said = shop.gallra("apply")
        assert said.code == 4, (said.out, said.err)
        assert {id_: service.orders[id_] for id_ in list(service.orders)} == before


@pytest.mark.parametrize(("name", "make"), PLATFORMS)
def test_no_account_goes_whose_person_ordered_after_the_pull(name: str, make: Make, tmp_path: Path) -> None:
    with Sandbox(seed=7, customers=8, orders=14) as box:
        shop, service = make(box, tmp_path / "shop"), getattr(box, name).shop
        shop.ready()
        known = set(service.customers)

        def all_order() -> None:
            owner = "customer_id" if name == "woocommerce" else "customer"
            for id_ in sorted(known):
                service.place_order(email=service.customers[id_]["email"], **{owner: id_})

        with after_the_first_batch(all_order):
            shop.gallra("apply")
        assert set(service.customers) == known
