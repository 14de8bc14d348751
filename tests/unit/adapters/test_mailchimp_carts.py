"""Abandoned carts at Mailchimp: by the schedule's clock, under an id that is nobody's address."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from adapters.mailchimp.platform import MailchimpPlatform
from adapters.mailchimp.service import Mailchimp
from connector.identity import make_keyer
from connector.ports import Gone, Live, Task
from connector.records import Action, Kind, Outcome
from sandbox.box import Sandbox
from sandbox.mailchimp.account import subscriber_hash
from tests.engine_support import make_policy
from tests.sandbox_support import make_shop
from tests.unit.adapters.told import no_wait

TODAY = date(2026, 11, 22)


@pytest.fixture(name="box")
def _box() -> Iterator[Sandbox]:
    with Sandbox(customers=30, orders=60, today=TODAY) as box:
        yield box


def platform(box: Sandbox, **more: Any) -> MailchimpPlatform:
    own = box.mailchimp
    settings = {"url": own.url, "key": own.key, "lists": [own.list_id], "stores": [own.store_id], **more}
    return MailchimpPlatform(Mailchimp(settings, sleep=no_wait), settings, keyer=make_keyer(b"k" * 32))


def records(one: MailchimpPlatform) -> list[Any]:
    return [record for page in one.pull(Kind.CART, since=None) for record in page.records]


def test_a_cart_is_due_thirty_days_after_its_last_change() -> None:
    rule = make_policy().rule("T-50")
    assert [(one.clock, one.period) for one in rule.purpose] == [("last_change", "30 days")]


def test_no_record_carries_an_id_that_is_made_of_an_address(box: Sandbox) -> None:
    found = records(platform(box))
    assert len(found) == len(box.mailchimp.shop.carts)
    hashes = {subscriber_hash(row["email_address"]) for row in box.mailchimp.shop.customers.values()}
    assert set(box.mailchimp.shop.carts) <= hashes
    assert not any(digest in f"{record}" for record in found for digest in hashes)


def test_a_cart_that_changed_since_it_was_fetched_is_left(box: Sandbox) -> None:
    one = platform(box)
    (live,) = one.fetch([records(one)[0].ref])
    assert isinstance(live, Live)
    box.mailchimp.shop.carts[live.raw["id"]]["updated_at"] = "2026-11-22T10:00:00+00:00"
    task = Task(live=live, action=Action.DELETE, fields=frozenset())
    assert [receipt.outcome for receipt in one.apply([task])] == [Outcome.STALE]
    assert live.raw["id"] in box.mailchimp.shop.carts


def test_the_last_cart_of_a_store_is_read_back_as_gone(box: Sandbox) -> None:
    one, carts = platform(box), box.mailchimp.shop.carts
    for id_ in list(carts)[1:]:
        del carts[id_]
    (live,) = one.fetch([records(one)[0].ref])
    assert isinstance(live, Live)
    task = Task(live=live, action=Action.DELETE, fields=frozenset())
    assert [receipt.outcome for receipt in one.apply([task])] == [Outcome.DONE]
    assert [type(look) for look in one.read_back([live.record.ref], notes=frozenset())] == [Gone]


def test_carts_are_deleted_one_by_one_and_their_list_is_read_twice(box: Sandbox) -> None:
    one = platform(box)
    tasks = [
        Task(live=live, action=Action.DELETE, fields=frozenset())
        for live in one.fetch([record.ref for record in records(one)])
        if isinstance(live, Live)
    ]
    before = sum(n for (_, path), n in box.mailchimp.requests.items() if path.endswith("/carts"))
    assert {receipt.outcome for receipt in one.apply(tasks)} == {Outcome.DONE}
    after = sum(n for (_, path), n in box.mailchimp.requests.items() if path.endswith("/carts"))
    assert (after - before, len(tasks) > 9) == (2, True)


def test_a_shop_that_names_no_store_has_no_carts_there(box: Sandbox) -> None:
    assert list(platform(box, stores=[]).pull(Kind.CART, since=None)) == []


def test_a_run_takes_the_carts_that_are_due_and_no_other(tmp_path: Any) -> None:
    with Sandbox(seed=7, customers=12, orders=20) as box:
        shop = make_shop(box, tmp_path / "shop")
        shop.ready()
        before = {id_: row["updated_at"] for id_, row in box.mailchimp.shop.carts.items()}
        assert shop.gallra("apply").code == 0
        left = box.mailchimp.shop.carts
        assert 0 < len(left) < len(before)
        assert max(before[id_] for id_ in set(before) - set(left)) < min(before[id_] for id_ in left)
        assert shop.gallra("push").code == 0
        assert " 0 with data left" in shop.gallra("verify").out
