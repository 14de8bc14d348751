"""Payson: told by letters to Svea Bank AB, read and never written."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from adapters.payson.processor import Payson, PaysonService, build
from connector.errors import Rejected
from connector.ports import Act, Seen
from connector.records import Outcome
from tests.unit.adapters.told import clock_at, delivery, letter_settings, no_wait

BASE = "https://api.payson.se/2.0"
KEYS = {"agent": "4", "key": "s3cret-word"}


@pytest.fixture(name="wire")
def _wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield wire


def payson(folder: Path) -> Payson:
    letter = letter_settings(folder, name="payson", code="PA", title=None)
    settings = KEYS | {"letter": letter}
    return Payson(settings, clock=clock_at(), service=PaysonService(settings, sleep=no_wait))


def test_letters_about_payson_go_to_svea_bank(tmp_path: Path, wire: responses.RequestsMock) -> None:
    told = delivery(handle="payson_checkout", value="a9e48054-20ab")
    (receipt,) = payson(tmp_path).push([told])
    (text,) = [path.read_text("utf-8") for path in tmp_path.glob("*.txt")]
    assert receipt.outcome is Outcome.BY_HAND
    assert "Svea Bank AB" in text
    assert "Paysons checkout-id" in text
    assert not wire.calls


def test_the_check_opens_the_account_and_says_who_payson_is(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(f"{BASE}/Accounts", json={"status": "Approved", "accountEmail": "kassa@butik.example"})
    access = payson(tmp_path).check()
    assert access.can_read
    assert access.problems[0].code == "payson_is_svea"
    assert "kassa@butik.example" not in repr(access)


def test_the_check_says_what_to_do_about_a_refused_key(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/Accounts", status=401)
    access = payson(tmp_path).check()
    assert (access.can_read, access.problems[0].code) == (False, "key_refused")


def test_a_checkout_is_looked_up_by_its_id(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/Checkouts/a9e4", json={"status": "paidToAccount", "customer": {"email": "x@y.example"}})
    assert payson(tmp_path).look_up("a9e4") == "paidToAccount"


def test_a_checkout_that_payson_does_not_show_has_no_status(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(f"{BASE}/Checkouts/a9e4", status=404)
    assert payson(tmp_path).look_up("a9e4") is None


def test_a_web_page_in_place_of_the_api_is_an_error(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/Checkouts/a9e4", body="<!doctype html><p>404", status=404, content_type="text/html")
    with pytest.raises(Rejected, match="check the address"):
        payson(tmp_path).look_up("a9e4")


def test_payson_is_asked_for_nothing_but_notice(tmp_path: Path) -> None:
    assert {interest.act for interest in payson(tmp_path).interests} == {Act.NOTIFY}


def test_what_svea_bank_keeps_cannot_be_known(tmp_path: Path) -> None:
    (finding,) = payson(tmp_path).verify([delivery(handle="payson_checkout")])
    assert (finding.seen, finding.reason) == (Seen.CANNOT_BE_KNOWN, "own_controller")


def test_without_a_key_payson_is_told_by_letter_all_the_same(tmp_path: Path) -> None:
    recipient = build(letter_settings(tmp_path, name="payson", code="PA"), clock=clock_at())
    assert recipient.look_up("a9e4") is None
    (receipt,) = recipient.push([delivery(handle="payson_checkout", value="a9e4")])
    assert receipt.outcome is Outcome.BY_HAND
