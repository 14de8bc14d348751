"""Between fetch and write: a part at a time is looked at again, and what an answer hides is read."""

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.shopify import platform as platforms
from adapters.shopify import standing, write_drafts, write_orders
from adapters.shopify.platform import Shopify
from adapters.shopify.standing import Standing
from adapters.shopify.writes import Writes
from connector.ports import Task
from connector.records import Action, Field, Kind, Outcome
from sandbox import Sandbox
from sandbox.shopify.service import Shopify as StandIn
from tests.unit.adapters.shopify.test_flows import platform_of, pulled, tasks


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A shop of 60 orders and 20 customers."""
    with Sandbox(orders=60, customers=20) as box:
        yield box.shopify


@pytest.fixture
def platform(stand_in: StandIn) -> Shopify:
    """The platform on that shop, whose owner lets whole orders go."""
    return platform_of(stand_in, delete_orders=True)


def some(platform: Shopify, kind: Kind, count: int, action: Action, *fields: Field) -> list[Task]:
    """The newest records of a kind that hold all of these fields, as tasks."""
    found, _ = pulled(platform.pull(kind, since=None))
    refs = sorted(found, key=lambda ref: int(ref.id), reverse=True)
    return tasks(platform, refs[:count], action, frozenset(fields or Field))


def order_of_calls(monkeypatch: pytest.MonkeyPatch, platform: Shopify) -> list[tuple[str, int]]:
    """Which looks and writes came after which, with how many records each."""
    seen: list[tuple[str, int]] = []
    settled, together = Standing.settled, Writes.together

    def looked(self: Standing, own: list[Task]) -> Any:
        seen.append(("look", len(own)))
        return settled(self, own)

    def wrote(self: Writes, operation: str, variables: Any) -> Any:
        seen.append((operation, len(variables)))
        return together(self, operation, variables)

    monkeypatch.setattr(Standing, "settled", looked)
    monkeypatch.setattr(Writes, "together", wrote)
    return seen


def test_a_batch_is_looked_at_again_and_written_part_by_part(
    platform: Shopify, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = some(platform, Kind.ORDER, 5, Action.REDACT, Field.EMAIL)
    monkeypatch.setattr(platforms, "PART", 2)
    seen = order_of_calls(monkeypatch, platform)
    list(platform.apply(given))
    looks = [one for one in seen if one[1] and (one[0] == "look" or one[0] == "order_update")]
    assert [name for name, _ in looks][::2] == ["look"] * 3
    assert max(count for _, count in looks) == 2


@pytest.mark.parametrize(("kind", "module"), [(Kind.ORDER, write_orders), (Kind.DRAFT_ORDER, write_drafts)])
def test_what_is_deleted_is_looked_at_right_before_a_few_at_a_time(
    kind: Kind, module: Any, platform: Shopify, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = some(platform, kind, 5, Action.DELETE)
    monkeypatch.setattr(module, "DELETED_TOGETHER", 2)
    seen = order_of_calls(monkeypatch, platform)
    list(platform.apply(given))
    deleted = [one for one in seen if one[1]]
    assert [name for name, _ in deleted][::2] == ["look"] * 3
    assert max(count for _, count in deleted) == 2


def test_an_order_of_which_only_parts_are_written_is_read_and_what_changed_is_named(
    platform: Shopify, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, _ = pulled(platform.pull(Kind.ORDER, since=None))
    bit = next(ref for ref, record in found.items() if "tracking_number" in record.copies)
    (task,) = tasks(platform, [bit], Action.REDACT, frozenset({Field.TRACKING_NUMBER}))
    settled = Standing.settled

    def cancelled_right_after(self: Standing, own: list[Task]) -> Any:
        answer = settled(self, own)
        stand_in.shop.edit_order(int(bit.id), displayFinancialStatus="REFUNDED")
        return answer

    monkeypatch.setattr(Standing, "settled", cancelled_right_after)
    (receipt,) = platform.apply([task])
    assert (receipt.outcome, receipt.reason) == (Outcome.DONE, "deviates:other_status")


def test_a_customer_who_ordered_between_the_look_and_the_write_is_named(
    platform: Shopify, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    (task,) = some(platform, Kind.CUSTOMER, 1, Action.REDACT, Field.CUSTOMER_NOTE, Field.PHONE)
    settled = Standing.settled

    def ordered_right_after(self: Standing, own: list[Task]) -> Any:
        answer = settled(self, own)
        stand_in.shop.place_order(email="ny@kund.example", customer=int(task.ref.id))
        return answer

    monkeypatch.setattr(Standing, "settled", ordered_right_after)
    (receipt,) = platform.apply([task])
    assert receipt.reason == "deviates:other_status"


def test_a_part_is_small_enough_for_a_look_right_before_it() -> None:
    assert standing.DELETED_TOGETHER <= standing.PART <= Shopify.batch
