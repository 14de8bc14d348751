"""Payson: told by letters to Svea Bank AB, read and never written.

Held to it is the adapter that was written by hand, and the same as a description.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import responses

from adapters.described import processor as by_description
from adapters.payson.processor import Payson, PaysonService, build
from connector.errors import Rejected
from connector.ports import Act, Seen
from connector.records import Outcome
from tests.unit.adapters.described.told import DESCRIBED
from tests.unit.adapters.told import clock_at, delivery, letter_settings, no_wait

BASE = "https://api.payson.se/2.0"
KEYS = {"agent": "4", "key": "s3cret-word"}


@pytest.fixture(name="wire")
def _wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield wire


def by_hand(settings: dict[str, Any]) -> Any:
    if "key" not in settings:
        return build(settings, clock=clock_at())
    return Payson(settings, clock=clock_at(), service=PaysonService(settings, sleep=no_wait))


def described(settings: dict[str, Any]) -> Any:
    own = settings | {"description": DESCRIBED["payson"], "sleep": no_wait}
    return by_description.build(own, clock=clock_at())


@pytest.fixture(name="make", params=[by_hand, described])
def _make(request: pytest.FixtureRequest) -> Callable[[dict[str, Any]], Any]:
    return request.param


@pytest.fixture(name="payson")
def _payson(make: Callable[[dict[str, Any]], Any]) -> Callable[[Path], Any]:
    return lambda folder: make(
        KEYS | {"letter": letter_settings(folder, name="payson", code="PA", title=None)}
    )


def test_letters_about_payson_go_to_svea_bank(
    tmp_path: Path, wire: responses.RequestsMock, payson: Any
) -> None:
    told = delivery(handle="payson_checkout", value="a9e48054-20ab")
    (receipt,) = payson(tmp_path).push([told])
    (text,) = [path.read_text("utf-8") for path in tmp_path.glob("*.txt")]
    assert receipt.outcome is Outcome.BY_HAND
    assert "Svea Bank AB" in text
    assert "Paysons checkout-id" in text
    assert not wire.calls


def test_the_check_opens_the_account_and_says_who_payson_is(
    tmp_path: Path, wire: responses.RequestsMock, payson: Any
) -> None:
    wire.get(f"{BASE}/Accounts", json={"status": "Approved", "accountEmail": "kassa@butik.example"})
    access = payson(tmp_path).check()
    assert access.can_read
    assert access.problems[0].code == "payson_is_svea"
    assert "kassa@butik.example" not in repr(access)


def test_the_check_says_what_to_do_about_a_refused_key(
    tmp_path: Path, wire: responses.RequestsMock, payson: Any
) -> None:
    wire.get(f"{BASE}/Accounts", status=401)
    access = payson(tmp_path).check()
    assert (access.can_read, access.problems[0].code) == (False, "key_refused")


def test_a_checkout_is_looked_up_by_its_id(tmp_path: Path, wire: responses.RequestsMock, payson: Any) -> None:
    wire.get(f"{BASE}/Checkouts/a9e4", json={"status": "paidToAccount", "customer": {"email": "x@y.example"}})
    assert payson(tmp_path).look_up("a9e4") == "paidToAccount"


def test_a_checkout_that_payson_does_not_show_has_no_status(
    tmp_path: Path, wire: responses.RequestsMock, payson: Any
) -> None:
    wire.get(f"{BASE}/Checkouts/a9e4", status=404)
    assert payson(tmp_path).look_up("a9e4") is None


def test_a_web_page_in_place_of_the_api_is_an_error(
    tmp_path: Path, wire: responses.RequestsMock, payson: Any
) -> None:
    wire.get(f"{BASE}/Checkouts/a9e4", body="<!doctype html><p>404", status=404, content_type="text/html")
    with pytest.raises(Rejected, match="check the address"):
        payson(tmp_path).look_up("a9e4")


def test_payson_is_asked_for_nothing_but_notice(tmp_path: Path, payson: Any) -> None:
    assert {interest.act for interest in payson(tmp_path).interests} == {Act.NOTIFY}


def test_what_svea_bank_keeps_cannot_be_known(tmp_path: Path, payson: Any) -> None:
    (finding,) = payson(tmp_path).verify([delivery(handle="payson_checkout")])
    assert (finding.seen, finding.reason) == (Seen.CANNOT_BE_KNOWN, "own_controller")


def test_without_a_key_payson_is_told_by_letter_all_the_same(tmp_path: Path, make: Any) -> None:
    recipient = make(letter_settings(tmp_path, name="payson", code="PA"))
    assert recipient.look_up("a9e4") is None
    (receipt,) = recipient.push([delivery(handle="payson_checkout", value="a9e4")])
    assert receipt.outcome is Outcome.BY_HAND
