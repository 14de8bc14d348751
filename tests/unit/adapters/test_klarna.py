"""Klarna and Kustom: notified by letter, tokens stopped, money and consumer details left alone."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import responses

from adapters.klarna.processor import HOSTS, Klarna, KlarnaService, build, build_kustom
from connector.errors import AccessDenied
from connector.ports import Act, Delivery, DeliveryReceipt, Seen
from connector.records import Outcome
from tests.unit.adapters.told import NOON, clock_at, delivery, letter_settings, no_wait

BASE = "https://api.klarna.com"
ORDER = f"{BASE}/ordermanagement/v1/orders/7849fd84"
TOKEN = f"{BASE}/customer-token/v1/tokens/0b1d9815"
KEYS = {"user": "PK00007", "password": "s3cret-word"}
GONE = {"correlation_id": "1", "error_code": "NO_SUCH_ORDER", "error_messages": ["no"]}
NO_TOKEN = {"correlation_id": "1", "error_code": "NOT_FOUND", "error_messages": ["no"]}


@pytest.fixture(name="wire")
def _wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield wire


def klarna(folder: Path, at: datetime = NOON, **changes: Any) -> Klarna:
    settings = KEYS | {"letter": letter_settings(folder)} | changes
    service = KlarnaService(settings, name="klarna", sleep=no_wait)
    return Klarna(settings, name="klarna", clock=clock_at(at), service=service)


def order(id: int = 1, act: Act = Act.NOTIFY, shop_order: str = "1001") -> Delivery:
    return delivery(id=id, act=act, handle="klarna_order", value="7849fd84", order=shop_order)


def token(id: int = 2, given: str = "") -> Delivery:
    return delivery(
        id=id, act=Act.STOP, handle="klarna_token", value="0b1d9815", token=given
    )


def push(recipient: Klarna, *deliveries: Delivery) -> dict[int, DeliveryReceipt]:
    return {receipt.id: receipt for receipt in recipient.push(deliveries)}


def letter(folder: Path) -> str:
    (path,) = folder.glob("*.txt")
    return path.read_text("utf-8")


def test_a_letter_holds_klarnas_own_reference_beside_the_order_id(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(ORDER, json={"klarna_reference": "K5J2", "merchant_reference1": "1001"})
    assert push(klarna(tmp_path), order())[1].outcome is Outcome.BY_HAND
    assert "7849fd84 (K5J2)" in letter(tmp_path)


def test_an_order_is_looked_up_once_however_many_of_its_fields_went(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(ORDER, json={"klarna_reference": "K5J2"})
    push(klarna(tmp_path), order(1), order(2), order(3))
    assert len(wire.calls) == 1


def test_an_order_that_waits_for_its_letter_is_not_looked_up(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    recipient = klarna(tmp_path, letter=letter_settings(tmp_path, period="monthly"))
    assert push(recipient, order())[1].outcome is Outcome.ACCEPTED
    assert not wire.calls


def test_an_order_that_klarna_has_forgotten_is_notified_all_the_same(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(ORDER, json=GONE, status=404)
    assert push(klarna(tmp_path), order())[1].outcome is Outcome.BY_HAND


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_no_failure_of_the_look_up_stops_the_letter(
    tmp_path: Path, wire: responses.RequestsMock, status: int
) -> None:
    wire.get(ORDER, status=status)
    assert push(klarna(tmp_path), order())[1].outcome is Outcome.BY_HAND
    assert "7849fd84" in letter(tmp_path)


def test_the_look_up_can_be_turned_off(tmp_path: Path, wire: responses.RequestsMock) -> None:
    push(klarna(tmp_path, look_up=False), order())
    assert not wire.calls


def test_a_living_token_is_cancelled_and_accepted_until_read_back(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(TOKEN, json={"status": "ACTIVE"})
    cancel = wire.patch(f"{TOKEN}/status", status=202)
    receipt = push(klarna(tmp_path), token())[2]
    assert (receipt.outcome, receipt.token) == (Outcome.ACCEPTED, "cancel:2026-11-22")
    assert receipt.due is not None
    assert cancel.calls[0].request.body == b'{"status":"CANCELLED"}'


def test_a_token_whose_cancellation_was_not_heard_is_accepted_as_the_answer_would_have_been(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(TOKEN, json={"status": "CANCELLED"})
    receipt = push(klarna(tmp_path), token(given="begun"))[2]
    assert (receipt.outcome, receipt.token) == (Outcome.ACCEPTED, "cancel:2026-11-22")


def test_an_accepted_token_that_shows_cancelled_is_stopped(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(TOKEN, json={"status": "CANCELLED"})
    assert push(klarna(tmp_path), token(given="cancel:2026-11-21"))[2].outcome is Outcome.STOPPED


def test_an_accepted_token_that_still_lives_is_waited_for_not_sent_again(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(TOKEN, json={"status": "ACTIVE"})
    receipt = push(klarna(tmp_path), token(given="cancel:2026-11-21"))[2]
    assert (receipt.outcome, receipt.token) == (Outcome.ACCEPTED, "cancel:2026-11-21")
    assert len(wire.calls) == 1


def test_a_token_that_lives_four_days_later_is_cancelled_anew(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(TOKEN, json={"status": "ACTIVE"})
    wire.patch(f"{TOKEN}/status", status=202)
    later = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    assert push(klarna(tmp_path, later), token(given="cancel:2026-11-21"))[2].token == "cancel:2026-11-25"


@pytest.mark.parametrize(
    ("answer", "status", "reason"), [({"status": "CANCELLED"}, 200, "gone"), (NO_TOKEN, 404, "never_there")]
)
def test_a_token_that_is_not_alive_is_already_gone(
    tmp_path: Path, wire: responses.RequestsMock, answer: Any, status: int, reason: str
) -> None:
    wire.get(TOKEN, json=answer, status=status)
    receipt = push(klarna(tmp_path), token())[2]
    assert (receipt.outcome, receipt.reason) == (Outcome.ALREADY_GONE, reason)


def test_a_404_without_klarnas_code_is_an_error(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.get(TOKEN, body="<html>not here</html>", status=404)
    assert push(klarna(tmp_path), token())[2].outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    "answer", [{"body": ""}, {"json": {}}, {"json": []}, {"body": "<!doctype html><html></html>"},
               {"status": 404, "body": ""}, {"status": 404, "json": {"error_code": "NO_ROUTE"}}]
)  # fmt: skip
def test_an_answer_that_says_nothing_of_what_was_asked_never_confirms(
    tmp_path: Path, wire: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    wire.get(TOKEN, **answer)
    wire.get(ORDER, **answer)
    receipts = push(klarna(tmp_path, clean_references=True), token(), order(act=Act.ERASE))
    assert {receipt.outcome for receipt in receipts.values()} == {Outcome.REFUSED}
    assert [finding.seen for finding in klarna(tmp_path).verify([token()])] == [Seen.UNREAD]


def test_what_a_cache_kept_of_a_token_waits_for_another_run(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(TOKEN, json={"status": "CANCELLED"}, headers={"Age": "60"})
    receipt = push(klarna(tmp_path), token())[2]
    assert (receipt.outcome, receipt.retry, receipt.reason) == (Outcome.REFUSED, True, "unread:cached")
    assert [(f.seen, f.reason) for f in klarna(tmp_path).verify([token()])] == [(Seen.UNREAD, "cached")]


def test_a_refused_key_stops_the_adapter_after_the_letter_is_written(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(ORDER, status=401)
    wire.get(TOKEN, status=401)
    received: list[DeliveryReceipt] = []
    with pytest.raises(AccessDenied):
        received.extend(klarna(tmp_path).push([token(), order()]))
    assert [receipt.outcome for receipt in received] == [Outcome.BY_HAND]


@pytest.mark.parametrize(("status", "seen"), [("CANCELLED", Seen.GONE), ("ACTIVE", Seen.STILL_THERE)])
def test_a_stopped_token_is_read_back(
    tmp_path: Path, wire: responses.RequestsMock, status: str, seen: Seen
) -> None:
    wire.get(TOKEN, json={"status": status})
    assert [finding.seen for finding in klarna(tmp_path).verify([token()])] == [seen]


@pytest.mark.parametrize(
    ("answer", "seen"),
    [({"json": {"merchant_reference2": "anna@mejl.example"}}, Seen.STILL_THERE),
     ({"json": {"merchant_reference1": "1001"}}, Seen.GONE),
     ({"json": GONE, "status": 404}, Seen.CANNOT_BE_KNOWN),
     ({"body": ""}, Seen.UNREAD)],
)  # fmt: skip
def test_a_cleaned_reference_is_read_back(
    tmp_path: Path, wire: responses.RequestsMock, answer: dict[str, Any], seen: Seen
) -> None:
    wire.get(ORDER, **answer)
    assert [finding.seen for finding in klarna(tmp_path).verify([order(act=Act.ERASE)])] == [seen]


def test_what_klarna_did_on_a_letter_cannot_be_known(tmp_path: Path, wire: responses.RequestsMock) -> None:
    assert [finding.seen for finding in klarna(tmp_path).verify([order()])] == [Seen.CANNOT_BE_KNOWN]
    assert not wire.calls


def test_references_are_left_alone_unless_the_settings_ask_for_it(tmp_path: Path) -> None:
    assert Act.ERASE not in {interest.act for interest in klarna(tmp_path).interests}
    asked = klarna(tmp_path, clean_references=True).interests
    assert [interest.handle for interest in asked if interest.act is Act.ERASE] == ["klarna_order"]


def test_a_person_in_a_reference_is_taken_out_and_the_order_number_stays(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    before = {"merchant_reference1": "1001", "merchant_reference2": "anna@mejl.example"}
    wire.get(ORDER, json=before)
    patched = wire.patch(f"{ORDER}/merchant-references", status=204)
    wire.get(ORDER, json=before | {"merchant_reference2": ""})
    assert push(klarna(tmp_path), order(act=Act.ERASE))[1].outcome is Outcome.DONE
    request = patched.calls[0].request
    assert request.body == b'{"merchant_reference1":"1001","merchant_reference2":""}'
    assert request.headers["Klarna-Idempotency-Key"]


def test_a_reference_without_a_person_is_not_written(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.get(ORDER, json={"merchant_reference1": "1001", "merchant_reference2": "kampanj-a"})
    receipt = push(klarna(tmp_path), order(act=Act.ERASE))[1]
    assert (receipt.outcome, receipt.reason) == (Outcome.ALREADY_GONE, "no_person_in_reference")


def test_an_order_number_that_looks_like_a_personnummer_stays(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(ORDER, json={"merchant_reference1": "#198507099805"})
    receipt = push(klarna(tmp_path), order(act=Act.ERASE, shop_order="198507099805"))[1]
    assert receipt.outcome is Outcome.ALREADY_GONE


def test_a_cancelled_order_whose_reference_cannot_be_written_is_refused(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(ORDER, json={"merchant_reference2": "anna@mejl.example"})
    denied = {"error_code": "NOT_ALLOWED", "error_messages": ["anna@mejl.example"]}
    wire.patch(f"{ORDER}/merchant-references", json=denied, status=403)
    receipt = push(klarna(tmp_path), order(act=Act.ERASE))[1]
    assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, "NOT_ALLOWED")


def test_without_a_key_klarna_is_told_by_letter_only(tmp_path: Path) -> None:
    recipient = build(letter_settings(tmp_path), clock=clock_at())
    assert {interest.act for interest in recipient.interests} == {Act.NOTIFY}
    assert push(recipient, order())[1].outcome is Outcome.BY_HAND
    assert recipient.check().reachable


def test_kustom_has_its_own_host_and_name(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.get(f"{HOSTS['kustom']}/customer-token/v1/tokens/0b1d9815", json={"status": "CANCELLED"})
    recipient = build_kustom(KEYS | {"letter": letter_settings(tmp_path, name="kustom")}, clock=clock_at())
    assert recipient.name == "kustom"
    assert push(recipient, token())[2].outcome is Outcome.ALREADY_GONE


def test_the_check_reads_and_writes_nothing(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/ordermanagement/v1/orders/00000000-0000-0000-0000-000000000000", json=GONE, status=404)
    access = klarna(tmp_path).check()
    assert access.can_read
    assert [call.request.method for call in wire.calls] == ["GET"]


def test_the_check_says_what_to_do_about_a_refused_login(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(f"{BASE}/ordermanagement/v1/orders/00000000-0000-0000-0000-000000000000", status=401)
    access = klarna(tmp_path).check()
    assert (access.can_read, access.problems[0].code) == (False, "key_refused")


def test_no_secret_token_or_body_stands_in_an_error_or_a_log(
    tmp_path: Path, wire: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wire.get(TOKEN, json={"error_code": "ODD", "error_messages": ["anna@mejl.example"]}, status=400)
    receipt = push(klarna(tmp_path), token())[2]
    seen = caplog.text + repr(receipt) + repr(klarna(tmp_path).__dict__)
    assert not any(word in seen for word in ("s3cret-word", "0b1d9815", "anna@mejl.example"))


def test_the_references_of_another_order_say_nothing_and_are_not_written(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    wire.get(ORDER, json={"order_id": "another", "merchant_reference1": "1002"})
    receipt = push(klarna(tmp_path), order(act=Act.ERASE))[1]
    assert (receipt.retry, receipt.reason) == (True, "unread:other_answer")
    (finding,) = klarna(tmp_path).verify([order(act=Act.ERASE)])
    assert (finding.seen, finding.reason) == (Seen.UNREAD, "other_answer")


@pytest.mark.parametrize(
    ("body", "status"), [("<!doctype html>", 200), ("", 200), ("null", 200), ("", 404), ("<html>", 404)]
)
def test_what_is_no_answer_of_klarnas_is_asked_again_and_never_a_refusal(
    tmp_path: Path, wire: responses.RequestsMock, body: str, status: int
) -> None:
    wire.get(TOKEN, body=body, status=status, content_type="text/html" if "<" in body else "application/json")
    assert push(klarna(tmp_path), token())[2].retry


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"user": "PK00007", "password": "s3cret"}, False),
        ({"user": "K123456_abc", "password": "s3cret"}, False),
        ({"user": "PM00007", "password": "s3cret"}, True),
        ({"user": "M1234", "password": "s3cret"}, True),
        ({"user": "PK00007", "password": "kco_live_api_x"}, True),
        ({"user": "PK00007", "password": "s3cret", "url": "https://api.kustom.co"}, True),
        ({"user": "PK00007", "password": "s3cret", "url": "https://kustom.co.example"}, False),
    ],
)  # fmt: skip
def test_a_shop_that_says_klarna_is_told_where_its_keys_are_kustom_s(
    tmp_path: Path, keys: dict[str, str], told: bool
) -> None:
    settings = keys | {"letter": letter_settings(tmp_path)}
    access = Klarna(settings, name="klarna", clock=clock_at(), service=None).check()
    assert ("klarna_is_kustom" in {problem.code for problem in access.problems}) is told
    kustom = Klarna(settings, name="kustom", clock=clock_at(), service=None).check()
    assert "klarna_is_kustom" not in {problem.code for problem in kustom.problems}
