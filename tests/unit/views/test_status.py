"""What `status` says that a plan made now would rest on, in the words of the dry run."""

import json
from pathlib import Path

import pytest

from connector.registry import kinds_of
from connector.views.status import as_html, status_of
from tests.unit.stages.opened import Opened

DECLARED = '\n[[declared]]\nkind = "order"\nat_most = 1\nby = "Disa Demo"\non = 2026-11-01\n'


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A shop of two orders that has been pulled."""
    made = Opened(tmp_path)
    for number in ("1", "2"):
        made.memory.order(number)
    assert made.gallra("pull").code == 0
    return made


def _declare(opened: Opened) -> None:
    """An order that no list shows, which a named person has said may be left out."""
    with opened.file.open("a", encoding="utf-8") as file:
        file.write(DECLARED)
    opened.memory.order("3")
    opened.memory.hides = {"3"}
    opened.memory.leaves_out = {"3"}
    opened.gallra("pull", "--full")


def test_status_says_of_each_kind_to_what_moment_it_was_read(opened: Opened) -> None:
    said = opened.gallra("status").out
    assert "WooCommerce, orders: read to the end 2026-11-22" in said
    assert "WooCommerce, customer accounts: read to the end 2026-11-22" in said


def test_status_names_the_kinds_that_no_pull_has_read(opened: Opened) -> None:
    assert "WooCommerce, reviews: not read yet. Run gallra pull." in opened.gallra("status").out


def test_status_says_who_declared_that_some_may_stay_unread_and_when(opened: Opened) -> None:
    _declare(opened)
    said = opened.gallra("status").out
    assert "The service counts 1 that it did not show" in said
    assert "Disa Demo has said that they may be left out (2026-11-01)." in said


def test_the_json_of_status_holds_every_kind_with_its_moment_and_what_was_declared(opened: Opened) -> None:
    _declare(opened)
    bases = json.loads(opened.gallra("status", "--json").out)["shops"][0]["rests_on"]
    orders = next(one for one in bases if one["kind"] == "order")
    assert {one["kind"] for one in bases} == {"order", "customer", "review", "coupon"}
    assert orders["as_of"]
    assert (orders["missing"], orders["declared_by"]) == (1, "Disa Demo")


def test_the_page_of_status_says_what_was_read(opened: Opened) -> None:
    _declare(opened)
    assert "Disa Demo has said that they may be left out" in as_html([status_of(opened.open())])


def test_status_and_plan_say_it_in_the_same_words(opened: Opened) -> None:
    _declare(opened)
    planned = " ".join(opened.gallra("plan", "--language", "en").out.split())
    lines = [line.strip() for line in opened.gallra("status").out.splitlines() if "WooCommerce, o" in line]
    assert lines
    assert all(line in planned for line in lines)


def test_status_needs_no_secret_of_the_shop_to_say_it(opened: Opened) -> None:
    shop = opened.open()
    del shop.__dict__["platforms"]
    assert {one.kind for one in status_of(shop).rests_on} == set(kinds_of("woocommerce"))
    assert "platforms" not in shop.__dict__


@pytest.mark.parametrize("name", ["woocommerce", "shopify", "mailchimp"])
def test_the_kinds_of_a_platform_are_known_without_building_it(name: str) -> None:
    assert kinds_of(name)


def test_status_does_not_call_a_shop_new_whose_ledger_is_gone(opened: Opened) -> None:
    opened.ran("7")
    assert opened.gallra("report").code == 0
    for path in opened.folder.glob("*.sqlite*"):
        path.unlink()
    said = opened.gallra("status")
    assert "There is no ledger at" in said.out + said.err
    assert "no plan" not in said.out


def test_a_plan_over_nothing_that_was_read_is_refused(tmp_path: Path) -> None:
    said = Opened(tmp_path).gallra("plan")
    assert (said.code, "Run `gallra pull` first" in said.err) == (4, True), said
