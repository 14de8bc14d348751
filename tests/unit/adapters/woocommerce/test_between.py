"""Between fetch and write: what changed meanwhile is not deleted, and what an answer shows is named."""

from typing import Any

import pytest

from adapters.woocommerce.platform import WooCommerce
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
