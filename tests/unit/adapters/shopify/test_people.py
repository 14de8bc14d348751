"""People in the shop who change between the look at them and the write."""

from collections.abc import Iterator

import pytest

from connector.records import Action, Kind, Outcome
from sandbox import Sandbox
from sandbox.shopify.service import Shopify as StandIn
from tests.unit.adapters.shopify.test_flows import customers_of, platform_of, pulled, tasks


@pytest.fixture
def shop() -> Iterator[StandIn]:
    """A shop of 130 orders and 120 customers, of whom many never bought."""
    with Sandbox(orders=130, customers=120) as box:
        yield box.shopify


def test_a_customer_who_buys_before_the_deletion_is_emptied_instead(shop: StandIn) -> None:
    platform = platform_of(shop)
    task = next(
        task for task in tasks(platform, customers_of(platform), Action.DELETE) if task.live.raw["canDelete"]
    )
    shop.shop.place_order(email="ny.order@kund.example", customer=int(task.ref.id))
    (receipt,) = platform.apply([task])
    assert receipt.outcome is Outcome.DONE
    assert receipt.reason.startswith("emptied:")
    assert int(task.ref.id) in shop.shop.customers
    assert not shop.shop.erasures


def test_a_refusal_without_a_new_order_asks_for_no_erasure(shop: StandIn) -> None:
    platform = platform_of(shop)
    able = [t for t in tasks(platform, customers_of(platform), Action.DELETE) if t.live.raw["canDelete"]][:4]
    assert len(able) == 4
    shop.faults.add("half_batch", "customerDelete")
    receipts = {receipt.ref: receipt for receipt in platform.apply(able)}
    outcomes = [receipts[task.ref].outcome for task in able]
    assert outcomes == [Outcome.DONE, Outcome.REFUSED, Outcome.DONE, Outcome.REFUSED]
    assert not shop.shop.erasures


def test_who_has_left_the_letters_keeps_the_date_of_it(shop: StandIn) -> None:
    platform = platform_of(shop)
    found, _ = pulled(platform.pull(Kind.SUBSCRIBER, since=None))
    left = [ref for ref, record in found.items() if record.facts.status == "unsubscribed"][:3]
    before = [record.facts.unsubscribed for record in (found[ref] for ref in left)]
    shop.shop.turn(days=3)
    receipts = list(platform.apply(tasks(platform, left, Action.UNSUBSCRIBE)))
    assert [receipt.outcome for receipt in receipts] == [Outcome.ALREADY_GONE] * len(left)
    assert left
    again = {live.record.ref: live.record for live in platform.fetch(left)}
    assert [again[ref].facts.unsubscribed for ref in left] == before
