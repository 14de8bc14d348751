"""The ledger belongs to its shop: a copy, another shop and ids used anew are neither read nor written."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.cli.demo.settings import shop_text, write_company
from sandbox.box import Sandbox
from sandbox.shopify.shop import SHOP_ID
from sandbox.woocommerce.shop import Shop
from tests.sandbox_support import SandboxShop, make_shop

BLOCKED = 4


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    """A shop whose plan is approved and not applied yet."""
    with Sandbox(seed=7, customers=12, orders=40) as box:
        made = make_shop(box, tmp_path)
        made.ready()
        yield made


def later(text: str, days: int) -> str:
    return (datetime.fromisoformat(text) + timedelta(days=days)).isoformat()


def staging(shop: Shop) -> None:
    """A copy that was given its own address."""
    shop.home = "https://staging.sandbutiken.example"


def used_anew(shop: Shop) -> None:
    """The same address, set up anew: the same ids are other orders."""
    for order in shop.orders.values():
        order["date_created_gmt"] = later(order["date_created_gmt"], 90)


def emptied(shop: Shop) -> None:
    """The same address, set up anew, with few orders yet."""
    for number in sorted(shop.orders)[5:]:
        del shop.orders[number]


def test_what_was_begun_is_not_given_up_on_another_shop(shop: SandboxShop) -> None:
    box = shop.box
    box.woocommerce.faults.add("503_html", "POST orders/batch", after=1, times=-1)
    assert shop.gallra("apply").code != 0
    box.woocommerce.faults.clear()
    staging(box.woocommerce.shop)
    said = shop.gallra("plan", "--abandon")
    assert said.code == BLOCKED
    assert "is another shop than this ledger belongs to" in said.err + said.out


@pytest.mark.parametrize("other", [staging, used_anew, emptied])
def test_another_shop_is_neither_pulled_applied_nor_verified(
    shop: SandboxShop, other: Callable[[Shop], None]
) -> None:
    other(shop.box.woocommerce.shop)
    now = deepcopy(shop.box.woocommerce.shop.orders)
    for verb in ("pull", "apply", "run"):
        said = shop.gallra(verb)
        assert said.code == BLOCKED, (verb, said.err)
        assert "is another shop than this ledger belongs to" in said.err + said.out
        assert "gallra ledger moved --by NAME" in said.err + said.out
        assert "sandbutiken" not in said.err
    assert shop.box.woocommerce.shop.orders == now


def test_what_was_applied_is_not_called_verified_on_a_copy(shop: SandboxShop) -> None:
    assert shop.gallra("apply").code in (0, 3)
    staging(shop.box.woocommerce.shop)
    said = shop.gallra("verify")
    assert said.code == BLOCKED
    assert "Verified" not in said.out


@pytest.mark.parametrize("home", ["http://www.sandbutiken.example/", "https://SANDBUTIKEN.example:443"])
def test_a_shop_that_is_reached_otherwise_is_the_same_shop(shop: SandboxShop, home: str) -> None:
    shop.box.woocommerce.shop.home = home
    assert shop.gallra("pull").code == 0


def test_some_sampled_orders_deleted_by_hand_make_no_other_shop(shop: SandboxShop) -> None:
    for number in sorted(shop.box.woocommerce.shop.orders)[::20]:
        del shop.box.woocommerce.shop.orders[number]
    assert shop.gallra("pull").code == 0


def test_a_list_that_answers_nothing_makes_no_other_shop(shop: SandboxShop) -> None:
    service = shop.box.woocommerce.server.service
    answered = service.answer

    def without_lists(request: Any, fault: Any) -> Any:
        answer = answered(request, fault)
        if request.query.get("include"):
            answer.body = b"[]"
        return answer

    service.answer = without_lists  # type: ignore[method-assign]
    assert "another shop" not in shop.gallra("pull").err


def test_a_closed_index_is_made_up_for_by_the_system_status(shop: SandboxShop) -> None:
    shop.box.woocommerce.faults.add("403_html", match="GET /wp-json/", times=1)
    platform = shop.open().platforms["woocommerce"]
    assert platform.identity().ids == {"home": "sandbutiken.example"}  # type: ignore[attr-defined]


def test_a_named_person_answers_for_a_real_move_and_all_is_read_again(shop: SandboxShop) -> None:
    shop.box.woocommerce.shop.home = "https://nyadoman.example"
    assert shop.gallra("pull").code == BLOCKED
    said = shop.gallra("ledger", "moved", "--by", "Disa Demo")
    assert said.code == 0, said.err
    assert "its home is another" in said.out
    assert "By Disa Demo" in said.out
    with shop.open().ledger.begin() as connection:
        [(_, detail)] = shop.open().ledger.events(connection, "moved")[:1]
    assert (detail["by"], detail["adapter"]) == ("Disa Demo", "woocommerce")
    pulled = shop.gallra("pull", "--json").json["pulled"]
    assert next(one for one in pulled if one["kind"] == "order")["full"]


def test_a_move_is_not_believed_where_the_ids_are_other_orders(shop: SandboxShop) -> None:
    staging(shop.box.woocommerce.shop)
    used_anew(shop.box.woocommerce.shop)
    said = shop.gallra("ledger", "moved", "--by", "Disa Demo")
    assert said.code == BLOCKED
    assert "Set ledger.path to a new file" in said.err
    assert shop.gallra("pull").code == BLOCKED


def test_a_move_needs_a_name(shop: SandboxShop) -> None:
    assert "--by is empty" in shop.gallra("ledger", "moved", "--by", " ").err


def unbind(shop: SandboxShop) -> None:
    """Makes the ledger one of before there were bindings; its chain knows of none."""
    ledger = shop.open().ledger
    with ledger.begin() as connection:
        bound = connection.exec_driver_sql("select shop, adapter from binding").all()
        connection.exec_driver_sql("delete from binding")
        for row in bound:
            ledger.note(connection, "binding", *row)


def test_an_older_ledger_is_bound_and_says_so(shop: SandboxShop) -> None:
    unbind(shop)
    assert "This ledger now belongs to the woocommerce" in shop.gallra("pull").err
    assert "now belongs" not in shop.gallra("pull").err
    staging(shop.box.woocommerce.shop)
    assert shop.gallra("pull").code == BLOCKED


def test_an_older_ledger_is_held_to_its_own_records_before_it_is_bound(shop: SandboxShop) -> None:
    unbind(shop)
    used_anew(shop.box.woocommerce.shop)
    assert shop.gallra("pull").code == BLOCKED


def test_an_older_ledger_is_bound_by_nothing_but_a_pull(shop: SandboxShop) -> None:
    unbind(shop)
    assert "another shop" not in shop.gallra("verify").err
    with shop.open().ledger.begin() as connection:
        assert connection.exec_driver_sql("select count(*) from binding").scalar() == 0


def test_the_sample_is_drawn_over_the_years_and_renewed_by_a_complete_pull(shop: SandboxShop) -> None:
    def sample() -> dict[str, str]:
        with shop.open().ledger.begin() as connection:
            told = "select sample from binding where adapter = 'woocommerce'"
            return dict(json.loads(connection.exec_driver_sql(told).scalar() or "{}"))

    first = sample()
    assert len(first) == 20
    assert len({day[:4] for day in first.values()}) > 3
    for number in sorted(first)[:3]:
        del shop.box.woocommerce.shop.orders[int(number)]
    assert shop.gallra("pull", "--full").code == 0
    assert len(sample()) == 20
    assert not set(sorted(first)[:3]) & set(sample())


def test_what_the_ledger_knows_to_be_gone_makes_no_other_shop(shop: SandboxShop) -> None:
    with shop.open().ledger.begin() as connection:
        told = "select sample from binding where adapter = 'woocommerce'"
        sampled = sorted(json.loads(connection.exec_driver_sql(told).scalar() or "{}"))
        for number in sampled[:15]:
            del shop.box.woocommerce.shop.orders[int(number)]
            connection.exec_driver_sql(
                "update record set gone = 1 where kind = 'order' and remote_id = ?", (number,)
            )
    assert shop.gallra("pull").code == 0


def test_a_new_ledger_says_nothing_of_it(shop: SandboxShop, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    fresh = make_shop(shop.box, tmp_path / "new")
    assert "belongs" not in fresh.gallra("pull").err


def test_another_mailing_account_is_refused(shop: SandboxShop) -> None:
    shop.box.mailchimp.shop.account_id = "0000"
    said = shop.gallra("pull")
    assert said.code == BLOCKED
    assert "its account is another" in said.err


@pytest.fixture
def shopify(tmp_path: Path) -> Iterator[SandboxShop]:
    """A shop at Shopify that was pulled once."""
    with Sandbox(seed=7, customers=20, orders=30) as box:
        (tmp_path / "shop").mkdir()
        made = make_shop(box, tmp_path / "shop")
        write_company(tmp_path, date.today())
        made.file.write_text(shop_text("shopify", box.credentials()), encoding="utf-8")
        assert made.gallra("pull").code == 0
        yield made


@pytest.mark.parametrize("change", [{"number": 42}, {"domain": "annan.myshopify.com"}])
def test_another_shop_at_shopify_is_known_by_its_id_and_its_domain(
    shopify: SandboxShop, change: dict[str, Any]
) -> None:
    for name, value in change.items():
        setattr(shopify.box.shopify.shop, name, value)
    said = shopify.gallra("pull")
    assert said.code == BLOCKED
    assert "shopify is another shop than this ledger belongs to" in said.err


def test_a_shop_at_shopify_keeps_its_id_for_life(shopify: SandboxShop) -> None:
    shopify.box.shopify.shop.number = 42
    assert shopify.gallra("ledger", "moved", "--by", "Disa Demo").code == BLOCKED
    shopify.box.shopify.shop.number, shopify.box.shopify.shop.domain = SHOP_ID, "annan.myshopify.com"
    assert shopify.gallra("ledger", "moved", "--by", "Disa Demo").code == 0
    assert shopify.gallra("pull").code == 0


@pytest.mark.parametrize("hours", [-20, 20])
def test_a_shop_at_shopify_whose_clock_is_off_loses_no_change(shopify: SandboxShop, hours: int) -> None:
    store = shopify.box.shopify.shop
    shopify.box.turn(hours=hours)
    assert shopify.gallra("pull", "--full").code == 0
    number = sorted(store.orders)[0]
    store.edit_order(number, note="Ring mig")
    store.settle()
    pulled = shopify.gallra("pull", "--json").json["pulled"]
    assert sum(one["changed"] for one in pulled if one["kind"] == "order") == 1
