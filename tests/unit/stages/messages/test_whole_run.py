"""A customer that the shop erased by itself, from the message to the protocol, by the commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.errors import Exit
from connector.ledger.inbox import Inbox, copies_waiting
from connector.ports.heard import Heard, Topic
from connector.records import Kind, Ref
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop

SETTINGS = """
[limits]
records = 100000
percent = 100
jump = 1000
[webhooks]
secret = { env = "DEMO_PAYSON_KEY" }
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    """A small shop that hears webhooks."""
    with Sandbox(seed=7, customers=12, orders=40) as box:
        made = make_shop(box, tmp_path / "shop")
        with made.file.open("a", encoding="utf-8") as file:
            file.write(SETTINGS)
        made.mark_listeners()
        yield made


def _hear_of(shop: SandboxShop, id: str, email: str) -> None:
    opened = shop.open()
    heard = Heard(
        topic=Topic.CUSTOMER_REDACT,
        id="w-1",
        refs=(Ref(adapter="woocommerce", kind=Kind.CUSTOMER, id=id),),
        handles={"email": (email,), "customer": (id,)},
    )
    assert Inbox(opened.ledger, opened.outbox.vault).receive("woocommerce", heard)
    opened.ledger.engine.dispose()


def _waiting(shop: SandboxShop) -> int:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        count = len(copies_waiting(connection, opened.ledger.shop))
    opened.ledger.engine.dispose()
    return count


def test_the_copies_are_planned_shown_approved_told_and_recorded(shop: SandboxShop) -> None:
    customers = shop.box.woocommerce.shop.customers
    id = next(iter(customers))
    email = str(customers[id]["email"])
    shop.gallra("run")
    before = shop.gallra("show", "--json").json["waves"]
    del customers[id]
    _hear_of(shop, str(id), email)
    assert shop.gallra("run").code == Exit.BLOCKED
    assert _waiting(shop) == 1
    after = shop.gallra("show", "--json").json["waves"]
    steps = [sum(w["steps"] for w in waves if w["wave"] == "accounts") for waves in (before, after)]
    assert steps[1] == steps[0] + 1
    assert shop.approve("--first-run").code == Exit.DONE
    for words in (("apply",), ("push",), ("verify",), ("report",)):
        said = shop.gallra(*words)
        assert said.code == Exit.DONE, (words, said.out[-300:], said.err[-300:])
    shop.gallra("run")
    assert _waiting(shop) == 0
    said_all = "".join(one.out + one.err for one in shop.heard)
    assert email not in said_all
    assert email.encode() not in shop.ledger_bytes()


def _accounts(shop: SandboxShop) -> int:
    """Steps of the round `accounts` in a new plan."""
    waves = shop.gallra("plan", "--json").json["waves"]
    return sum(int(wave["steps"]) for wave in waves if wave["wave"] == "accounts")


@pytest.mark.parametrize("command", ["pull", "plan"])
def test_a_plan_made_by_hand_holds_the_copies_too(shop: SandboxShop, command: str) -> None:
    customers = shop.box.woocommerce.shop.customers
    id = next(iter(customers))
    email = str(customers[id]["email"])
    assert shop.gallra("pull").code == Exit.DONE
    before = _accounts(shop)
    del customers[id]
    _hear_of(shop, str(id), email)
    assert shop.gallra(command).code == Exit.DONE
    assert _accounts(shop) == before + 1


def test_a_pull_asks_about_an_uninstall_and_says_what_a_service_cannot_tell(shop: SandboxShop) -> None:
    opened = shop.open()
    heard = Heard(topic=Topic.SHOP_REDACT, id="w-2", refs=(), handles={})
    assert Inbox(opened.ledger, opened.outbox.vault).receive("woocommerce", heard)
    opened.ledger.engine.dispose()
    said = shop.gallra("pull")
    assert said.code == Exit.DONE
    assert "no answer that settles it" in said.err
