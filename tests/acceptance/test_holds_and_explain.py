"""What an operator types to hold records back and to ask why one stays, on a whole made-up shop."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import pytest

from sandbox.box import Sandbox
from tests.acceptance.test_five_shops import make
from tests.sandbox_support import Said, SandboxShop

EVERY_ORDER = "kind=order created>=2000-01-01"
WHO = ("--reason", "Claim in court", "--owner", "Disa Demo")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxShop]:
    """One of the five shops, pulled."""
    with Sandbox(seed=7, customers=30, orders=60) as box:
        made = make(box, tmp_path_factory.mktemp("shop"), "liten-mindre-minst")
        assert made.gallra("pull").code == 0
        yield made


def place(shop: SandboxShop, query: str, *, review: str = "6 months") -> Said:
    return shop.gallra("hold", "add", "--query", query, *WHO, "--review", review)


def number_of(shop: SandboxShop, kind: str) -> str:
    """The id of some record of a kind, one with data where it is an account."""
    with shop.open().ledger.begin() as connection:
        found = connection.exec_driver_sql(
            f"select remote_id from record where kind = '{kind}' and last_login is not null "
            f"or kind = '{kind}' and kind <> 'customer' order by id limit 1"
        )
        return str(found.scalar_one())


def test_a_count_says_how_many_records_match_and_places_nothing(shop: SandboxShop) -> None:
    before = shop.gallra("hold", "list", "--all", "--json").json["holds"]
    said = shop.gallra("hold", "count", EVERY_ORDER)
    assert said.out.strip() == f"{EVERY_ORDER}: matches 60 of 60 records of kind order."
    assert shop.gallra("hold", "count", EVERY_ORDER, "--json").json["matches"] == 60
    assert shop.gallra("hold", "list", "--all", "--json").json["holds"] == before


def test_a_status_that_no_record_has_is_warned_of_with_those_that_there_are(shop: SandboxShop) -> None:
    said = shop.gallra("hold", "count", "kind=order status=completed,refundd")
    assert said.code == 0
    assert "a status of the query stands on no record" in said.err
    assert "completed" in said.err
    assert shop.gallra("hold", "count", "kind=order status=completed").err == ""


def test_a_hold_by_query_says_its_reach_first_is_listed_binds_and_is_released(shop: SandboxShop) -> None:
    said = place(shop, EVERY_ORDER)
    assert said.code == 0
    assert "matches 60 of 60" in said.err
    [listed] = shop.gallra("hold", "list", "--json").json["holds"]
    assert (listed["by"], listed["query"]) == ("query", EVERY_ORDER)
    assert EVERY_ORDER in shop.gallra("hold", "list").out
    assert "Hold 1: legal claim" in shop.gallra("explain", number_of(shop, "order"), "-l", "en").out
    assert shop.gallra("hold", "release", str(listed["id"]), "--by", "Disa Demo").code == 0
    assert shop.gallra("hold", "list", "--json").json["holds"] == []


def test_a_hold_past_its_review_warns_and_still_holds(shop: SandboxShop) -> None:
    assert place(shop, EVERY_ORDER, review="30 days").code == 0
    now = shop.open().clock()
    said = shop.gallra("hold", "list", clock=lambda: now + timedelta(days=31))
    assert "past its review date" in said.err
    [listed] = shop.gallra("hold", "list", "--json").json["holds"]
    status = shop.gallra("status", "--json", clock=lambda: now + timedelta(days=31)).json
    assert status["shops"][0]["holds_past_review"] == 1
    shop.gallra("hold", "release", str(listed["id"]), "--by", "Disa Demo")


def test_at_a_terminal_a_hold_by_query_is_asked_about_first(shop: SandboxShop) -> None:
    with (
        mock.patch("connector.cli.holds.sys.stdin.isatty", return_value=True),
        mock.patch("typer.confirm", return_value=False),
    ):
        said = place(shop, EVERY_ORDER)
    assert said.out.strip() == "Nothing was placed."
    assert shop.gallra("hold", "list", "--json").json["holds"] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--query", "kind=order colour=red", *WHO, "--review", "6 months"), "There is no key"),
        (("--query", EVERY_ORDER, *WHO, "--review", "2020-01-31"), "after today"),
        (("--query", EVERY_ORDER, *WHO, "--review", "2099-01-31"), "after today"),
        (("--query", EVERY_ORDER, "--order", "1", *WHO, "--review", "6 months"), "Name one of"),
        ((*WHO, "--review", "6 months"), "Name one of"),
        (
            ("--query", EVERY_ORDER, "--reason", " ", "--owner", "Disa Demo", "--review", "6 months"),
            "--reason is empty",
        ),
        (
            ("--query", EVERY_ORDER, "--reason", "Claim", "--owner", "", "--review", "6 months"),
            "--owner is empty",
        ),
        (
            ("--query", EVERY_ORDER, "--reason", "anna@kund.example", "--owner", "D", "--review", "6 months"),
            "--reason holds an e-mail address",
        ),
    ],
)
def test_a_hold_that_is_not_sound_is_not_placed(shop: SandboxShop, words: tuple[str, ...], says: str) -> None:
    said = shop.gallra("hold", "add", *words)
    assert said.code == 1
    assert says in said.err
    assert "anna" not in said.err
    assert shop.gallra("hold", "list", "--json").json["holds"] == []


@pytest.mark.parametrize(
    "words",
    [
        ("attest", "S1-01", "--role", "owner", "--by"),
        ("attest", "S1-01", "--by", "Disa Demo", "--role"),
        ("hold", "release", "1", "--by"),
        ("warn", "done", "--by"),
        ("ack", "1", "--by"),
        ("approve", "00000000", "--role", "owner", "--by"),
        ("approve", "00000000", "--by", "Disa Demo", "--role"),
    ],
)
@pytest.mark.parametrize("text", ["", "anna@kund.example"])
def test_nobody_signs_with_nothing_or_with_an_address(
    shop: SandboxShop, words: tuple[str, ...], text: str
) -> None:
    said = shop.gallra(*words, text)
    assert said.code == 1
    assert f"{words[-1]} {'holds an e-mail address' if text else 'is empty'}" in said.err
    assert "anna" not in said.err


@pytest.mark.parametrize("option", ["--on-behalf", "--evidence"])
def test_an_approvals_other_words_point_at_nobody(shop: SandboxShop, option: str) -> None:
    said = shop.gallra("approve", "00000000", "--by", "Disa Demo", "--role", "owner", option, "070-174 06 12")
    assert f"{option} holds a phone number" in said.err


@pytest.mark.parametrize("kind", ["order", "customer", "subscriber", "review", "coupon"])
@pytest.mark.parametrize(("language", "read"), [("sv", "läst"), ("en", "read")])
def test_every_kind_is_explained_in_both_languages(
    shop: SandboxShop, kind: str, language: str, read: str
) -> None:
    said = shop.gallra("explain", number_of(shop, kind), "--kind", kind, "--language", language)
    assert said.code == 0
    assert f", {read} {date.today()}" in said.out.splitlines()[0]
    # What a person types and the keys that plugins use stay as they are; no code of ours does.
    ours = re.sub(r"platform\.order_meta|(customer|coupon)_meta|\b_\w+", "", said.out)
    assert "_" not in ours


def test_an_explanation_is_in_the_shops_language_unless_another_is_asked_for(shop: SandboxShop) -> None:
    assert ", läst " in shop.gallra("explain", number_of(shop, "order")).out


def test_an_explanation_says_what_the_shops_policy_promised(shop: SandboxShop) -> None:
    said = shop.gallra("explain", number_of(shop, "order"), "-l", "en").out
    assert "Privacy policy (S1-03): latest " in said
    assert "S1-03: “Order data are kept" in said


def test_an_explanation_in_json_keeps_its_codes(shop: SandboxShop) -> None:
    found = shop.gallra("explain", number_of(shop, "order"), "--json").json
    name = next(one for one in found["verdict"]["fields"] if one["field"] == "name")
    assert name["rule"] == "T-01"
    assert {one["id"] for one in found["promises"]["name"]} >= {"S1-03"}
    assert found["promises"]["name"][0]["standing"] in {
        "within", "over", "by_law", "held", "endless", "law_ahead", "late_ahead", "no_time",
    }  # fmt: skip
    assert found["holds"] == []


def test_a_record_that_is_not_there_says_what_to_try(shop: SandboxShop, tmp_path: Path) -> None:
    said = shop.gallra("explain", "999999")
    assert said.code == 1
    assert "or name another --kind" in said.err


def one_order(shop: SandboxShop) -> dict[str, str]:
    """An order of the shop that is not gone, as the shop shows it."""
    order = next(iter(shop.box.woocommerce.shop.orders.values()))
    return {"id": str(order["id"]), "number": str(order["number"])}


def test_a_hold_on_an_order_says_what_was_held_by_number_id_and_kind(shop: SandboxShop) -> None:
    order = one_order(shop)
    said = shop.gallra("hold", "add", "--order", order["number"], *WHO, "--review", "6 months")
    assert f"is placed on order {order['number']} (id {order['id']}): 1 records" in said.out
    assert said.err == ""
    shop.gallra("hold", "release", said.out.split()[1], "--by", "Disa Demo")


def test_a_hold_on_an_address_that_nobody_has_is_warned_of_and_shows_no_address(shop: SandboxShop) -> None:
    with mock.patch("connector.cli.holds.sys.stdin", io.StringIO("ingen@kund.example\n")):
        said = shop.gallra("hold", "add", "--person", *WHO, "--review", "6 months")
    assert said.code == 0
    assert ": 0 records" in said.out
    assert "on no record now" in said.err
    assert "ingen" not in said.out + said.err
    shop.gallra("hold", "release", said.out.split()[1], "--by", "Disa Demo")


def test_a_number_that_is_another_orders_id_is_neither_held_nor_explained_until_it_is_said_which(
    shop: SandboxShop,
) -> None:
    orders = shop.box.woocommerce.shop.orders
    first, second = sorted(orders)[:2]
    orders[first]["number"] = str(second)
    shop.box.woocommerce.shop.touch(orders[first])
    assert shop.gallra("pull").code == 0
    for words in (("hold", "add", "--order", str(second), *WHO, "--review", "6 months"),
                  ("explain", str(second))):  # fmt: skip
        said = shop.gallra(*words)
        assert said.code == 1
        assert f"(id {first}) or order" in said.err
        assert "--id" in said.err
    assert f"Order {second}," in shop.gallra("explain", str(second), "--id", "-l", "en").out
    assert shop.gallra("hold", "list", "--json").json["holds"] == []
