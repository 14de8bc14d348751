"""What an operator sees where a service leaves something out: said at every stage, and never clean."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.errors import Exit
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    """A small shop that nothing has been read of."""
    with Sandbox(seed=7, customers=12, orders=40) as box:
        yield make_shop(box, tmp_path / "shop")


def hide(shop: SandboxShop) -> str:
    """From now on no list shows one order, which nobody knows yet; its number."""
    order = min(shop.box.woocommerce.shop.orders)
    shop.box.woocommerce.faults.add("leaves_out", "GET /", times=-1, row=str(order))
    return str(order)


def test_an_order_that_no_list_shows_is_missing_at_every_stage(shop: SandboxShop) -> None:
    hide(shop)
    pulled = shop.gallra("pull")
    assert pulled.code == Exit.PARTIAL
    assert "woocommerce order: incomplete by 1" in pulled.err
    planned = shop.gallra("plan", "--language", "en")
    assert planned.out.rstrip().splitlines()[-1].startswith("Plan: ")
    said = " ".join(planned.out.split())  # lines are broken at the terminal's width
    assert "WooCommerce, orders: incomplete. The service counts 1 that it did not show" in said
    assert "are left out of the plan until everything that decides on them has been read" in said
    assert "WooCommerce, orders: incomplete. The service counts 1 that" in shop.gallra("status").out
    approved = shop.approve("--first-run")
    assert "incomplete" in approved.err


def test_once_it_is_shown_all_is_planned_and_nothing_warns(shop: SandboxShop) -> None:
    hide(shop)
    shop.gallra("pull")
    before = shop.gallra("plan", "--json").json
    shop.box.woocommerce.faults.clear()
    assert shop.gallra("pull").code == 0
    after = shop.gallra("plan", "--json").json
    assert before["withheld"]
    assert not after["withheld"]
    assert all(one["missing"] == 0 and not one["why"] for one in after["rests_on"])
    assert "incomplete" not in shop.gallra("status").out


def test_a_named_person_may_vouch_for_what_no_list_shows(shop: SandboxShop) -> None:
    hide(shop)
    with shop.file.open("a", encoding="utf-8") as file:
        file.write('\n[[declared]]\nkind = "order"\nat_most = 1\nby = "Disa Demo"\non = 2026-11-01\n')
    shop.gallra("pull")
    plan = shop.gallra("plan", "--json").json
    assert not plan["withheld"]
    assert "Disa Demo" in {one["declared_by"] for one in plan["rests_on"]}


def test_an_order_left_malformed_is_listed_settled_and_never_touched(shop: SandboxShop) -> None:
    order = str(min(shop.box.woocommerce.shop.orders))
    shop.box.woocommerce.faults.add("malformed", "GET /", times=-1, row=order)
    pulled = shop.gallra("pull")
    assert pulled.code == 0
    [row] = shop.gallra("unread", "list", "--json").json["unread"]
    assert row["ref"]["id"] == order
    assert "1 could not be read and are left alone" in shop.gallra("status").out
    said = shop.gallra("unread", "settle", str(row["id"]), "--by", "Disa Demo")
    assert said.code == 0
    assert shop.gallra("unread", "settle", "99", "--by", "Disa Demo").code == Exit.ERROR
    plan = shop.gallra("plan", "--json").json
    assert [one["unread"] for one in plan["rests_on"] if one["kind"] == "order"] == [1]


def test_what_cannot_be_read_back_is_counted_apart_and_not_clean(shop: SandboxShop) -> None:
    shop.ready()
    assert shop.gallra("apply").code == 0
    with shop.open().ledger.begin() as connection:
        chosen = (
            "select remote_id from step where kind = 'order' and outcome = 'done' order by seq desc limit 1"
        )
        order = str(connection.exec_driver_sql(chosen).scalar_one())
    shop.box.woocommerce.faults.add("malformed", "GET /", times=-1, row=order)
    verified = shop.gallra("verify")
    assert verified.code == Exit.PARTIAL
    assert verified.out.rstrip().endswith("; 1 could not be read.")
    assert "1 could not be read" in shop.gallra("report").out
    shop.box.woocommerce.faults.clear()
    assert shop.gallra("verify").code == 0
