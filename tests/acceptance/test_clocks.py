"""What time it is: the machine's clock is held to the shop's, and neither erases before its time."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.calendar import STOCKHOLM
from connector.shop import system_clock
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop

BLOCKED = 4


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    """A shop that nothing was read of yet."""
    with Sandbox(seed=7, customers=20, orders=60) as box:
        yield make_shop(box, tmp_path)


def ahead(**of_now: float) -> Callable[[], datetime]:
    return lambda: system_clock() + timedelta(**of_now)


@pytest.mark.parametrize("days", [-2, 2])
def test_clocks_more_than_a_day_apart_stop_plan_and_apply(shop: SandboxShop, days: int) -> None:
    shop.ready()
    shop.box.turn(days=days)
    assert shop.gallra("apply").code == BLOCKED
    said = shop.gallra("plan")
    assert said.code == BLOCKED
    assert "more than a day apart" in said.err
    assert shop.gallra("run").code == BLOCKED


def test_today_is_the_earlier_of_the_machines_and_the_shops(shop: SandboxShop) -> None:
    shop.box.turn(hours=-20)
    assert shop.gallra("pull").code == 0
    assert shop.open().today == (system_clock() - timedelta(hours=20)).astimezone(STOCKHOLM).date()


def test_a_shop_whose_clock_is_ahead_makes_nothing_due_earlier(shop: SandboxShop) -> None:
    shop.box.turn(hours=20)
    assert shop.gallra("pull").code == 0
    assert shop.open().today == system_clock().astimezone(STOCKHOLM).date()


def test_a_machine_whose_clock_went_back_plans_and_applies_nothing(shop: SandboxShop) -> None:
    shop.ready()
    for verb in ("plan", "apply", "run"):
        said = shop.gallra(verb, clock=ahead(hours=-1))
        assert said.code == BLOCKED
        assert "stands before the last pull" in said.err + said.out


def test_an_old_pull_is_planned_on_only_where_someone_says_so(shop: SandboxShop) -> None:
    assert shop.gallra("pull").code == 0
    said = shop.gallra("plan", clock=ahead(hours=25))
    assert said.code != 0
    assert "more than a day ago" in said.err
    assert "--old-pull" in said.err
    assert shop.gallra("plan", "--old-pull", clock=ahead(hours=25)).code == 0


def through_a_cache(service: Any, *names: str) -> None:
    """Lets a server's answers say that a cache gave them, or tell no time at all."""
    answered = service.answer

    def cached(request: Any, fault: Any) -> Any:
        answer = answered(request, fault)
        answer.headers |= dict.fromkeys(names, "30")
        return answer

    service.answer = cached


def test_a_shop_that_tells_no_time_is_said_and_stops_nothing(shop: SandboxShop) -> None:
    through_a_cache(shop.box.woocommerce.server.service, "Age")
    shop.box.turn(days=-9)
    said = shop.gallra("pull")
    assert said.code == 0
    assert "woocommerce told no usable time" in said.err
    with shop.open().ledger.begin() as connection:
        rows = connection.exec_driver_sql("select adapter, seconds from service_clock").all()
    assert dict(tuple(row) for row in rows)["woocommerce"] is None


@pytest.mark.parametrize("hours", [-20, 20])
def test_a_shop_whose_clock_is_off_loses_no_change(shop: SandboxShop, hours: int) -> None:
    shop.box.turn(hours=hours)
    assert shop.gallra("pull").code == 0
    store = shop.box.woocommerce.shop
    for number in sorted(store.orders)[:2]:
        store.edit_order(number, customer_note=f"Ring mig, {number}")
        pulled = shop.gallra("pull", "--json").json["pulled"]
        assert sum(one["changed"] for one in pulled if one["kind"] == "order") == 1
