"""People in the shop who change between the look at them and the write."""

from collections.abc import Iterator

import pytest

from connector.ports import living, looked
from connector.records import Action, Kind, Outcome, Ref
from sandbox import Sandbox
from sandbox.shopify.service import Shopify as StandIn
from tests.unit.adapters.shopify.test_flows import customers_of, platform_of, pulled, tasks


@pytest.fixture
def shop() -> Iterator[StandIn]:
    """A shop of 130 orders and 120 customers, of whom many never bought."""
    with Sandbox(orders=130, customers=120) as box:
        yield box.shopify


def test_a_customer_who_buys_before_the_deletion_is_left_as_they_are(shop: StandIn) -> None:
    platform = platform_of(shop)
    task = next(
        task for task in tasks(platform, customers_of(platform), Action.DELETE) if task.live.raw["canDelete"]
    )
    before = dict(shop.shop.customers[int(task.ref.id)])
    shop.shop.place_order(email="ny.order@kund.example", customer=int(task.ref.id))
    (receipt,) = platform.apply([task])
    assert (receipt.outcome, receipt.reason) == (Outcome.STALE, "changed_meanwhile")
    after = shop.shop.customers[int(task.ref.id)]
    assert {name: after[name] for name in ("firstName", "lastName", "addresses")} == {
        name: before[name] for name in ("firstName", "lastName", "addresses")
    }
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
    again = {ref: live.record for ref, live in living(looked(platform.fetch(left), left)).items()}
    assert [again[ref].facts.unsubscribed for ref in left] == before


def contact(shop: StandIn) -> int:
    """The number of a newsletter contact who has left."""
    found, _ = pulled(platform_of(shop).pull(Kind.SUBSCRIBER, since=None))
    left = (ref for ref, record in found.items() if record.facts.status == "unsubscribed")
    return next(int(ref.id) for ref in left if not shop.shop.orders_of.get(int(ref.id)))


def kinds_of(shop: StandIn, number: int) -> set[Kind]:
    """As what a person is read: fetched by id as each."""
    asked = [Ref(adapter="shopify", kind=kind, id=str(number)) for kind in (Kind.CUSTOMER, Kind.SUBSCRIBER)]
    return {ref.kind for ref in living(looked(platform_of(shop).fetch(asked), asked))}


def test_a_contact_with_store_credit_is_a_customer_and_their_money_holds_them(shop: StandIn) -> None:
    number = contact(shop)
    assert kinds_of(shop, number) == {Kind.SUBSCRIBER}
    money = {"amount": "500.0", "currencyCode": "SEK"}
    account = {
        "__typename": "StoreCreditAccount",
        "id": "gid://shopify/StoreCreditAccount/7",
        "balance": money,
    }
    shop.shop.edit_customer(number, storeCreditAccounts=[account])
    assert kinds_of(shop, number) == {Kind.CUSTOMER}
    (live,) = platform_of(shop).fetch([Ref(adapter="shopify", kind=Kind.CUSTOMER, id=str(number))])
    assert live.record.facts.balance


def test_a_contact_with_money_on_a_gift_card_is_a_customer_and_it_holds_them(shop: StandIn) -> None:
    number = contact(shop)
    card = next(iter(shop.shop.gift_cards.values()))
    card |= {"customer_number": number, "enabled": True, "balance": {"amount": "1.0", "currencyCode": "SEK"}}
    assert kinds_of(shop, number) == {Kind.CUSTOMER}


def test_a_contact_whose_subscription_runs_is_a_customer(shop: StandIn) -> None:
    number = contact(shop)
    shop.shop.edit_customer(number, productSubscriberStatus="ACTIVE")
    assert kinds_of(shop, number) == {Kind.CUSTOMER}


def test_who_logs_in_is_not_deleted_for_what_the_newsletter_rule_says(shop: StandIn) -> None:
    platform, number = platform_of(shop), contact(shop)
    address = shop.shop.customers.read(number)["defaultEmail"]
    shop.shop.edit_customer(number, state="ENABLED", defaultEmail={**address, "marketingState": "SUBSCRIBED"})
    ref = Ref(adapter="shopify", kind=Kind.SUBSCRIBER, id=str(number))
    (receipt,) = platform.apply(tasks(platform, [ref], Action.DELETE))
    assert (receipt.outcome, receipt.reason) == (Outcome.STALE, "contact_became_customer")
    assert number in shop.shop.customers
