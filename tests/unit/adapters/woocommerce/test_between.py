"""Between fetch and write: what changed meanwhile is not deleted, and what an answer shows is named."""

from typing import Any

import pytest

from adapters.woocommerce.platform import WooCommerce
from adapters.woocommerce.standing import FEW
from connector.ports import Task, living, looked
from connector.records import Action, Field, Kind, Outcome, Ref
from sandbox import Sandbox
from sandbox.woocommerce.shop import Shop
from tests.unit.adapters.woocommerce.conftest import platform_of
from tests.unit.adapters.woocommerce.test_apply_orders import place


def task_of(platform: WooCommerce, kind: Kind, number: int, action: Action, *fields: Field) -> Task:
    ref = Ref(adapter="woocommerce", kind=kind, id=str(number))
    live = living(looked(platform.fetch([ref]), [ref]))[ref]
    return Task(live=live, action=action, fields=frozenset(fields))


@pytest.fixture
def platform(box: Sandbox) -> WooCommerce:
    """A platform whose owner lets whole orders go."""
    return platform_of(box, delete_orders=True)


@pytest.mark.parametrize("change", [{"status": "processing"}, {"total": "1.00"}, {"customer_id": 77}])
def test_an_order_that_changed_since_its_fetch_is_not_deleted(
    platform: WooCommerce, shop: Shop, change: dict[str, Any]
) -> None:
    order = place(shop)
    shop.add_note(order["id"], "Ringde kunden")
    task = task_of(platform, Kind.ORDER, order["id"], Action.DELETE, Field.ACCOUNT)
    notes = len(shop.notes[order["id"]])
    shop.orders[order["id"]] |= change
    (receipt,) = platform.apply([task])
    assert (receipt.outcome, receipt.reason) == (Outcome.STALE, "changed_meanwhile")
    assert order["id"] in shop.orders
    assert len(shop.notes[order["id"]]) == notes


def test_an_order_that_is_as_it_was_is_deleted(platform: WooCommerce, shop: Shop) -> None:
    order = place(shop)
    task = task_of(platform, Kind.ORDER, order["id"], Action.DELETE, Field.ACCOUNT)
    (receipt,) = platform.apply([task])
    assert receipt.outcome is Outcome.DONE
    assert order["id"] not in shop.orders


def test_an_account_that_became_another_since_its_fetch_is_not_deleted(
    platform: WooCommerce, shop: Shop
) -> None:
    number = next(id_ for id_, row in shop.customers.items() if row["role"] == "customer")
    task = task_of(platform, Kind.CUSTOMER, number, Action.DELETE, Field.ACCOUNT)
    shop.customers[number]["role"] = "shop_manager"
    (receipt,) = platform.apply([task])
    assert (receipt.outcome, receipt.reason) == (Outcome.STALE, "changed_meanwhile")
    assert number in shop.customers


@pytest.mark.parametrize(
    ("change", "named"),
    [({"status": "refunded"}, "other_status"), ({"customer_id": 77}, "other_person")],
)
def test_an_answer_that_shows_another_order_than_was_fetched_is_named(
    platform: WooCommerce, shop: Shop, change: dict[str, Any], named: str
) -> None:
    order = place(shop)
    task = task_of(platform, Kind.ORDER, order["id"], Action.REDACT, Field.PHONE)
    shop.orders[order["id"]] |= change
    (receipt,) = platform.apply([task])
    assert (receipt.outcome, receipt.reason) == (Outcome.DONE, f"deviates:{named}")


@pytest.mark.parametrize("change", [{"status": "processing"}, {"total": "1.00"}, {"customer_id": 77}])
@pytest.mark.parametrize("fields", [(Field.STAFF_NOTES,), (Field.STAFF_NOTES, Field.PHONE)])
def test_no_note_goes_of_an_order_that_changed_since_its_fetch(
    platform: WooCommerce, shop: Shop, change: dict[str, Any], fields: tuple[Field, ...]
) -> None:
    order = place(shop)
    shop.add_note(order["id"], "Ringde kunden", author="Disa")
    task = task_of(platform, Kind.ORDER, order["id"], Action.REDACT, *fields)
    notes = len(shop.notes[order["id"]])
    shop.orders[order["id"]] |= change
    phone = shop.orders[order["id"]]["billing"]["phone"]
    (receipt,) = platform.apply([task])
    assert (receipt.outcome, receipt.reason) == (Outcome.STALE, "changed_meanwhile")
    assert len(shop.notes[order["id"]]) == notes
    assert shop.orders[order["id"]]["billing"]["phone"] == phone


def test_orders_are_looked_at_again_a_few_at_a_time_right_before_their_notes_go(
    platform: WooCommerce, shop: Shop
) -> None:
    orders = [place(shop) for _ in range(2 * FEW + 1)]
    for order in orders:
        shop.add_note(order["id"], "Ringde kunden", author="Disa")
    refs = [Ref(adapter="woocommerce", kind=Kind.ORDER, id=str(order["id"])) for order in orders]
    lives = living(looked(platform.fetch(refs), refs))
    tasks = [
        Task(live=lives[ref], action=Action.REDACT, fields=frozenset({Field.STAFF_NOTES})) for ref in refs
    ]
    looks: list[int] = []
    refetch = platform._orders._writer._refetch
    platform._orders._writer._refetch = lambda ids: looks.append(len(ids)) or refetch(ids)  # type: ignore[func-returns-value]
    assert {receipt.outcome for receipt in platform.apply(tasks)} == {Outcome.DONE}
    assert looks
    assert max(looks) <= FEW


@pytest.mark.parametrize("change", [{"review": "Helt annan text"}, {"status": "spam"}])
def test_a_review_that_changed_since_its_fetch_is_not_written_over(
    platform: WooCommerce, shop: Shop, change: dict[str, Any]
) -> None:
    number = next(iter(shop.reviews))
    task = task_of(platform, Kind.REVIEW, number, Action.REDACT, Field.NAME)
    shop.reviews[number] |= change
    before = dict(shop.reviews[number])
    (receipt,) = platform.apply([task])
    assert (receipt.outcome, receipt.reason) == (Outcome.STALE, "changed_meanwhile")
    assert shop.reviews[number] == before


def test_a_coupon_that_changed_since_its_fetch_is_not_written_over(platform: WooCommerce, shop: Shop) -> None:
    number = next(id_ for id_, row in shop.coupons.items() if row["email_restrictions"])
    task = task_of(platform, Kind.COUPON, number, Action.REDACT, Field.EMAIL)
    shop.coupons[number]["email_restrictions"] = ["ny@kund.example"]
    (receipt,) = platform.apply([task])
    assert (receipt.outcome, receipt.reason) == (Outcome.STALE, "changed_meanwhile")
    assert shop.coupons[number]["email_restrictions"] == ["ny@kund.example"]
