"""A person who asks to be erased, where every recipient is connected: erased, told or asked for."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from connector.cli.demo.settings import shop_text, write_company
from connector.registry import recipients
from connector.settings import load_settings
from sandbox.box import Sandbox
from sandbox.data.everywhere import ADDRESS, PAYMENT_METHOD
from sandbox.imap.mailbox import SUPPORT
from tests.sandbox_support import SandboxShop

BY = ("--by", "Disa Demo")


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, customers=12, orders=20, everywhere=True) as services:
        yield services


@pytest.fixture(scope="module")
def asked(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[SandboxShop, str, str]:
    """The shop, the request and its plan, once a run has carried it out and the letters have left."""
    above = tmp_path_factory.mktemp("everybody")
    write_company(above, date.today())
    (above / "shop").mkdir()
    shop = SandboxShop(box, above / "shop")
    shop.file.write_text(shop_text("recipients", box.credentials()), encoding="utf-8")
    shop.mark_listeners()
    opened = shop.gallra("request", "open", "erase", "--person", *BY, stdin=f"{ADDRESS}\n")
    code = opened.out.split()[1]
    secret = shop.gallra("request", "identify", code, "--send").out.strip()
    assert shop.gallra("request", "identify", code, "--code", secret, *BY).code == 0
    drawn = shop.gallra("request", "decide", code, "--json")
    assert drawn.code == 0, drawn.err
    plan = str(drawn.json["plan"])
    assert shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run").code == 0
    shop.gallra("run")
    letters = [one["letter"] for one in shop.gallra("letters", "list", "--json").json["letters"]]
    assert shop.gallra("letters", "sent", *letters, *BY, "--how", "by post").code == 0
    return shop, code, plan


@pytest.fixture(scope="module")
def counted(asked: tuple[SandboxShop, str, str]) -> dict[str, Any]:
    """What came of it at each recipient, by its title."""
    shop, _, plan = asked
    return {one["name"]: one for one in shop.gallra("report", "--run", plan, "--json").json["recipients"]}


DONE = {
    "Mailchimp": ("confirmed",), "Klaviyo, Inc.": ("confirmed", "notified"),
    "Mondido IT AB": ("stopped", "notified"), "Klarna Bank AB": ("notified", "accepted"),
    "Kustom": ("notified", "accepted"), "Svea Bank AB (Payson)": ("notified",),
    "PostNord Sverige AB": ("notified",), "Hotjar": ("accepted", "notified"),
    "Google Ireland Limited (Google Ads)": ("accepted", "notified"),
    "Google Analytics": ("accepted", "notified"),
}  # fmt: skip
"""What each is: confirmed is read back, accepted is asked for, notified by letter is theirs to decide."""


def test_every_recipient_that_ships_is_connected(asked: tuple[SandboxShop, str, str]) -> None:
    named = set(load_settings(asked[0].file, environ={}).recipients.named())
    assert {one.name for one in recipients()} - named == {"shopify-payments"}  # carried by Shopify itself


@pytest.mark.parametrize("title", DONE)
def test_each_recipient_has_done_been_told_or_taken_in_what_it_can(
    counted: dict[str, Any], title: str
) -> None:
    found = {name for name, number in counted[title].items() if name in _COUNTS and number}
    assert found == set(DONE[title])


_COUNTS = ("confirmed", "instructed", "stopped", "accepted", "notified", "kept", "failed", "by_hand")


def test_no_other_recipient_is_told_than_those_that_are_connected(counted: dict[str, Any]) -> None:
    assert set(counted) == set(DONE)


def test_the_person_is_gone_where_an_api_erases_and_only_there(
    asked: tuple[SandboxShop, str, str], box: Sandbox
) -> None:
    account = max(row["id"] for row in box.woocommerce.shop.customers.values()) + 1
    assert ADDRESS not in {row["email"] for row in box.woocommerce.shop.customers.values()}
    assert ADDRESS in box.klaviyo.shop.deleted
    assert ADDRESS not in box.hotjar.shop.addresses
    assert box.google_analytics.shop.deleted == [str(account)]
    mine = {row["id"] for row in box.mondido.shop.customers.values() if row["email"] == ADDRESS}
    assert {card["status"] for card in box.mondido.shop.cards.values() if card["customer"]["id"] in mine} == {
        "deleted"
    }
    assert box.kustom.shop.tokens[PAYMENT_METHOD]["status"] == "CANCELLED"
    assert not any(row["email_address"] == ADDRESS for row in box.mailchimp.shop.customers.values())
    mails = box.imap.shop.folders[SUPPORT].mails
    assert not [mail for mail in mails if b"<everywhere@" in mail.raw]
    assert {"\\Flagged"} == {flag for mail in mails if ADDRESS.encode() in mail.raw for flag in mail.flags}
    for service in (box.klarna, box.kustom, box.payson):
        assert not service.shop.misuse


def test_the_person_is_answered_though_some_take_days_or_weeks(asked: tuple[SandboxShop, str, str]) -> None:
    shop, code, _ = asked
    letter = shop.gallra("request", "letter", code, "erased")
    assert letter.code == 0, letter.err
    said = next((shop.folder / "reports" / "requests").glob(f"{code}-erased.txt")).read_text("utf-8")
    assert all(title in said for title in DONE)
    said = shop.gallra("request", "answer", code, "--part", *BY)
    assert said.code == 0, said.err
