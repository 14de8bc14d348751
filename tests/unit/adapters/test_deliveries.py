"""Work several at a time, and what an answer means for one delivery."""

import threading
from collections.abc import Iterator

import pytest

from adapters.deliveries import Patience, abreast
from connector.errors import AccessDenied, Rejected, RetryLater
from connector.ports import Delivery, DeliveryReceipt
from connector.records import Outcome
from tests.unit.adapters.told import delivery


def done(each: Delivery) -> DeliveryReceipt:
    return DeliveryReceipt(id=each.id, outcome=Outcome.DONE)


def busy(_: Delivery) -> DeliveryReceipt:
    raise RetryLater("busy. Run again.", adapter="a", operation="o", status=503)


def refused(_: Delivery) -> DeliveryReceipt:
    raise Rejected("no. Look at it.", adapter="a", operation="o", status=422, code="odd")


def denied(_: Delivery) -> DeliveryReceipt:
    raise AccessDenied("no. Check the key.", adapter="a", operation="o", status=401)


def test_every_item_gives_one_result() -> None:
    assert sorted(abreast(lambda item: item * 2, range(50), workers=4)) == [item * 2 for item in range(50)]


def test_items_are_taken_only_as_they_are_needed() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for item in range(1000):
            taken += 1
            yield item

    results = abreast(lambda item: item, items(), workers=4)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert taken <= 8


def test_what_was_under_way_is_yielded_before_an_error_is_raised() -> None:
    started = threading.Barrier(2, timeout=5)

    def work(item: int) -> int:
        if item < 2:
            started.wait()
        if item == 0:
            raise ZeroDivisionError
        return item

    received: list[int] = []
    with pytest.raises(ZeroDivisionError):
        received.extend(abreast(work, range(100_000), workers=2))
    assert 1 in received
    # How many more were taken is the scheduler's matter; that the taking ended is not.
    assert len(received) < 99_999


def test_a_refused_delivery_is_a_receipt_with_the_services_code() -> None:
    receipt = Patience().attempt(delivery(), refused)
    assert (receipt.outcome, receipt.reason, receipt.retry) == (Outcome.REFUSED, "odd", False)


def test_a_busy_service_makes_a_receipt_to_be_tried_again_that_keeps_its_token() -> None:
    receipt = Patience().attempt(delivery(token="cancel:2026-11-20"), busy)
    assert (receipt.retry, receipt.reason, receipt.token) == (True, "status_503", "cancel:2026-11-20")


def test_a_refused_key_stops_everything() -> None:
    with pytest.raises(AccessDenied):
        Patience().attempt(delivery(), denied)


def test_after_three_failures_in_a_row_the_rest_are_not_tried() -> None:
    patience = Patience()
    for _ in range(3):
        patience.attempt(delivery(), busy)
    receipt = patience.attempt(delivery(), done)
    assert (receipt.retry, receipt.reason) == (True, "service_busy")


def test_a_success_between_failures_keeps_the_patience() -> None:
    patience = Patience()
    for _ in range(5):
        patience.attempt(delivery(), busy)
        assert patience.attempt(delivery(), done).outcome is Outcome.DONE
