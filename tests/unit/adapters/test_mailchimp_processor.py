"""Mailchimp as a recipient, one exchange at a time."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from adapters.mailchimp.processor import FOUND, MailchimpProcessor
from adapters.mailchimp.service import Mailchimp, base_url
from connector.errors import AccessDenied, SettingsError
from connector.ports import Act, Delivery, DeliveryReceipt, Seen
from connector.records import Field, Kind, Outcome
from tests.unit.adapters.told import delivery, no_wait

BASE = "https://us19.api.mailchimp.com/3.0"
STORE = f"{BASE}/ecommerce/stores/shop_1"
ADDRESS = "anna.exempel@mejl.example"
MISSING = {"title": "Resource Not Found", "status": 404, "detail": f"{ADDRESS} is not here", "instance": "x"}


@pytest.fixture(name="wire")
def _wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.get(f"{BASE}/ecommerce/stores", json={"stores": [{"id": "shop_1"}], "total_items": 1})
        yield wire


def processor() -> MailchimpProcessor:
    settings = {"key": "0123456789abcdef-us19", "lists": ["l1"], "stores": ["shop_1"]}
    return MailchimpProcessor(Mailchimp(settings, sleep=no_wait), settings)


def order(id: int = 1, value: str = "1001") -> Delivery:
    return delivery(id=id, act=Act.ERASE, handle="order", value=value, fields=frozenset({Field.EMAIL}))


def guest(id: int = 2, own_order: str = "1001") -> Delivery:
    return delivery(id=id, act=Act.ERASE, handle="guest_email", value=ADDRESS, order=own_order)


def account(id: int = 3) -> Delivery:
    return delivery(id=id, act=Act.ERASE, kind=Kind.CUSTOMER, handle="email", value=ADDRESS)


def push(*deliveries: Delivery) -> dict[int, DeliveryReceipt]:
    return {receipt.id: receipt for receipt in processor().push(deliveries)}


def customers(wire: responses.RequestsMock, *ids: str, address: str = ADDRESS) -> None:
    rows = [{"id": id, "email_address": address} for id in ids]
    wire.get(f"{STORE}/customers", json={"customers": rows, "total_items": len(rows)})


def orders_of(wire: responses.RequestsMock, customer: str, *ids: str) -> None:
    rows = [{"id": id, "customer": {"id": customer}} for id in ids]
    wire.get(f"{STORE}/orders", json={"orders": rows, "total_items": len(rows)})


def living_order(wire: responses.RequestsMock) -> None:
    """An order of the store that both its list and its id show."""
    orders_of(wire, "9", "90")
    wire.get(f"{STORE}/orders/90", json={"id": "90"})


def methods(wire: responses.RequestsMock) -> list[tuple[str, str]]:
    return [(call.request.method or "", call.request.path_url.partition("?")[0]) for call in wire.calls]


def test_an_order_is_looked_up_before_it_is_deleted(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/1001", json={"id": "1001"})
    wire.delete(f"{STORE}/orders/1001", status=204)
    assert push(order())[1].outcome is Outcome.DONE
    assert [method for method, _ in methods(wire)] == ["GET", "GET", "DELETE"]


def test_an_order_that_the_look_up_does_not_find_was_never_there(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/1001", json=MISSING, status=404)
    living_order(wire)
    receipt = push(order())[1]
    assert (receipt.outcome, receipt.reason) == (Outcome.ALREADY_GONE, "never_there")


def test_what_was_found_is_noted_before_it_is_deleted(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/1001", json={"id": "1001"})
    wire.delete(f"{STORE}/orders/1001", status=204)
    noted: list[tuple[str, list[str]]] = []
    asked = replace(order(), about_to=lambda token: noted.append((token, [m for m, _ in methods(wire)])))
    push(asked)
    assert noted == [(FOUND, ["GET", "GET"])]


def test_an_order_that_an_earlier_try_found_and_whose_answer_was_lost_is_done(
    wire: responses.RequestsMock,
) -> None:
    wire.get(f"{STORE}/orders/1001", json=MISSING, status=404)
    living_order(wire)
    receipt = push(replace(order(), token=FOUND))[1]
    assert (receipt.outcome, receipt.reason) == (Outcome.DONE, "")


def test_an_order_was_never_there_only_beside_one_that_its_id_finds(wire: responses.RequestsMock) -> None:
    wire.get(re.compile(f"{STORE}/orders/.+"), json=MISSING, status=404)
    orders_of(wire, "9", "90", "91")
    receipt = push(order())[1]
    assert (receipt.retry, receipt.reason) == (True, "unread:no_control")
    assert [(f.seen, f.reason) for f in processor().verify([order()])] == [(Seen.UNREAD, "no_control")]


def test_in_a_store_that_counts_no_orders_none_needs_to_be_found(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/1001", json=MISSING, status=404)
    orders_of(wire, "9")
    assert push(order())[1].outcome is Outcome.ALREADY_GONE


def test_an_order_that_vanishes_between_look_up_and_deletion_is_gone(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/1001", json={"id": "1001"})
    wire.delete(f"{STORE}/orders/1001", json=MISSING, status=404)
    wire.get(f"{STORE}/orders/1001", json=MISSING, status=404)
    receipt = push(order())[1]
    assert (receipt.outcome, receipt.reason) == (Outcome.ALREADY_GONE, "gone")


def test_an_order_that_the_read_back_still_shows_is_said_to_be_there(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/1001", json={"id": "1001"})
    assert [finding.seen for finding in processor().verify([order()])] == [Seen.STILL_THERE]


@pytest.mark.parametrize("body", ["", "<html>404</html>", '{"title":"No Such Route"}'])
def test_a_404_without_the_services_own_title_is_an_error_not_a_deletion(
    wire: responses.RequestsMock, body: str
) -> None:
    wire.get(f"{STORE}/orders/1001", body=body, status=404)
    assert push(order())[1].outcome is Outcome.REFUSED


def test_an_order_id_with_a_slash_stays_one_part_of_the_path(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/10%2F01", json=MISSING, status=404)
    living_order(wire)
    assert push(order(value="10/01"))[1].outcome is Outcome.ALREADY_GONE


def test_an_account_takes_its_customer_and_says_that_orders_remain(wire: responses.RequestsMock) -> None:
    customers(wire, "77")
    orders_of(wire, "77", "1", "2")
    wire.delete(f"{STORE}/customers/77", status=204)
    wire.get(f"{STORE}/customers/77", json=MISSING, status=404)
    receipt = push(account())[3]
    assert (receipt.outcome, receipt.reason) == (Outcome.DONE, "orders_remain")


def test_a_guest_goes_when_no_orders_of_theirs_remain(wire: responses.RequestsMock) -> None:
    customers(wire, "77")
    orders_of(wire, "77")
    wire.delete(f"{STORE}/customers/77", status=204)
    wire.get(f"{STORE}/customers/77", json=MISSING, status=404)
    receipt = push(guest())[2]
    assert (receipt.outcome, receipt.reason) == (Outcome.DONE, "")


def test_a_guest_with_another_order_is_kept(wire: responses.RequestsMock) -> None:
    customers(wire, "77")
    orders_of(wire, "77", "1002")
    receipt = push(guest())[2]
    assert (receipt.outcome, receipt.reason) == (Outcome.STALE, "kept_by_other_orders")
    assert not [method for method, _ in methods(wire) if method == "DELETE"]


def test_a_guest_whose_own_order_is_still_there_is_tried_again_later(wire: responses.RequestsMock) -> None:
    customers(wire, "77")
    orders_of(wire, "77", "1001")
    receipt = push(guest())[2]
    assert receipt.retry
    assert receipt.reason == "own_order_still_there"


def test_orders_go_before_the_guests_who_made_them(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/1001", json={"id": "1001"})
    wire.delete(f"{STORE}/orders/1001", status=204)
    wire.get(f"{STORE}/orders/1001", json=MISSING, status=404)
    customers(wire, "77")
    orders_of(wire, "77")
    wire.delete(f"{STORE}/customers/77", status=204)
    wire.get(f"{STORE}/customers/77", json=MISSING, status=404)
    push(guest(), order())
    deleted = [path for method, path in methods(wire) if method == "DELETE"]
    assert [path.rsplit("/", 2)[1] for path in deleted] == ["orders", "customers"]


def test_a_customer_with_another_address_is_never_deleted_though_the_answer_lists_them(
    wire: responses.RequestsMock,
) -> None:
    customers(wire, "78", address="someone.else@mejl.example")
    receipt = push(account())[3]
    assert (receipt.outcome, receipt.retry, receipt.reason) == (Outcome.REFUSED, True, "unread:other_answer")
    assert not [method for method, _ in methods(wire) if method == "DELETE"]


NO_WORD = [
    {"status": 404, "body": ""},
    {"status": 404, "body": "<html>404</html>"},
    {"status": 404, "json": {"title": "No Such Route"}},
    {"status": 200, "body": ""},
    {"status": 200, "body": "<!doctype html><html>sign in</html>"},
    {"status": 200, "json": {}},
    {"status": 200, "json": []},
    {"status": 200, "json": {"id": "another"}},
    {"status": 404, "json": MISSING, "headers": {"X-Cache": "HIT"}},
    {"status": 200, "json": {"customers": None, "orders": None, "total_items": 0}},
    {"status": 200, "json": {"customers": [], "orders": [], "total_items": 3}},
    {"status": 200, "json": {"customers": [], "orders": []}},
    {"status": 200, "json": {"customers": [{"id": "1"}], "orders": [{"id": "1"}], "total_items": 1}},
]


@pytest.mark.parametrize("answer", NO_WORD)
def test_an_answer_that_says_nothing_of_what_was_asked_never_confirms_a_deletion(
    wire: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    for place in ("orders/1001", "customers", "orders"):
        wire.get(f"{STORE}/{place}", **answer)
    receipts = push(order(), guest(), account())
    assert {receipt.outcome for receipt in receipts.values()} == {Outcome.REFUSED}
    assert all(receipt.retry for receipt in receipts.values())
    found = processor().verify([order(), guest(), account()])
    assert {finding.seen for finding in found} == {Seen.UNREAD}


@pytest.mark.parametrize("answer", NO_WORD[:7])
def test_a_deletion_is_done_only_where_mailchimp_answers_as_it_does_to_one(
    wire: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    wire.get(f"{STORE}/orders/1001", json={"id": "1001"})
    wire.delete(f"{STORE}/orders/1001", **answer)
    receipt = push(order())[1]
    assert (receipt.outcome, receipt.retry) == (Outcome.REFUSED, True)


def whole_lists(wire: responses.RequestsMock, *, broken: str) -> None:
    """A store with a customer and an order, where the filter of one list answers nobody."""
    rows: dict[str, dict[str, Any]] = {
        "customers": {"id": "9", "email_address": "living@mejl.example"},
        "orders": {"id": "90", "customer": {"id": "9"}},
    }
    asked_by = {"customers": ("email_address", "living@mejl.example"), "orders": ("customer_id", "9")}

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        split = urlsplit(request.url or "")
        name = str(split.path).rsplit("/", 1)[1]
        field, living = asked_by[name]
        wanted = parse_qs(str(split.query)).get(field, [None])[0]
        found = [rows[name]] if wanted is None or (wanted == living and name != broken) else []
        if name == "customers" and wanted == ADDRESS and broken != name:
            found = [{"id": "77", "email_address": ADDRESS}]
        return 200, {}, json.dumps({name: found, "total_items": len(found)})

    for name in rows:
        wire.add_callback("GET", f"{STORE}/{name}", callback=answer)


def test_a_customer_is_never_there_only_where_the_filter_finds_a_living_one(
    wire: responses.RequestsMock,
) -> None:
    whole_lists(wire, broken="customers")
    receipts = push(account(), guest())
    assert {(r.outcome, r.retry, r.reason) for r in receipts.values()} == {
        (Outcome.REFUSED, True, "unread:no_control")
    }
    found = processor().verify([account(), guest()])
    assert {(finding.seen, finding.reason) for finding in found} == {(Seen.UNREAD, "no_control")}


def test_a_guest_has_no_orders_only_where_the_filter_finds_a_living_one(
    wire: responses.RequestsMock,
) -> None:
    whole_lists(wire, broken="orders")
    receipt = push(guest())[2]
    assert (receipt.outcome, receipt.retry, receipt.reason) == (Outcome.REFUSED, True, "unread:no_control")
    assert not [method for method, _ in methods(wire) if method == "DELETE"]


def test_a_guest_without_orders_goes_beside_a_living_customer_and_order(wire: responses.RequestsMock) -> None:
    whole_lists(wire, broken="")
    wire.delete(f"{STORE}/customers/77", status=204)
    assert push(guest())[2].outcome is Outcome.DONE


def test_one_control_serves_all_deliveries_of_a_push(wire: responses.RequestsMock) -> None:
    whole_lists(wire, broken="")
    wire.delete(f"{STORE}/customers/77", status=204)
    push(guest(id=2), guest(id=4), guest(id=5))
    asked = [call for call in wire.calls if "email_address=living" in (call.request.url or "")]
    assert len(asked) == 1


def test_a_store_that_is_not_in_the_account_stops_the_adapter(wire: responses.RequestsMock) -> None:
    wire.replace("GET", f"{BASE}/ecommerce/stores", json={"stores": [{"id": "other"}], "total_items": 1})
    with pytest.raises(AccessDenied, match="stores"):
        push(order())


def test_a_bare_403_is_load_and_is_tried_again_later(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/1001", body="", status=403)
    assert push(order())[1].retry


def test_a_403_with_a_title_is_a_refused_key(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/1001", json={"title": "Forbidden", "status": 403}, status=403)
    with pytest.raises(AccessDenied):
        push(order())


def test_no_address_hash_or_key_stands_in_an_error_or_a_log(
    wire: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wire.get(f"{STORE}/customers", json={"title": "Bad Request", "detail": ADDRESS}, status=400)
    receipt = push(account())[3]
    wire.replace(
        "GET", f"{STORE}/customers", json={"title": "API Key Invalid", "detail": ADDRESS}, status=401
    )
    with pytest.raises(AccessDenied) as denied:
        push(account())
    seen = caplog.text + repr(receipt) + str(denied.value) + repr(vars(denied.value))
    assert receipt.reason == "bad_request"
    assert not any(secret in seen for secret in (ADDRESS, "anna.exempel", "0123456789abcdef"))


def test_a_service_that_is_down_is_not_asked_for_every_delivery(wire: responses.RequestsMock) -> None:
    wire.get(url := f"{STORE}/customers", status=503)
    receipts = push(*(account(id) for id in range(1, 41)))
    assert len(receipts) == 40
    assert all(receipt.retry for receipt in receipts.values())
    assert len([call for call in wire.calls if (call.request.url or "").startswith(url)]) <= 5 * 7


def test_verify_finds_what_is_gone_and_what_is_still_there(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/1001", json=MISSING, status=404)
    living_order(wire)
    customers(wire, "77")
    findings = {finding.id: finding.seen for finding in processor().verify([order(), account()])}
    assert findings == {1: Seen.GONE, 3: Seen.STILL_THERE}


def test_a_guest_who_bought_again_cannot_be_known_to_be_gone(wire: responses.RequestsMock) -> None:
    customers(wire, "77")
    orders_of(wire, "77", "2001")
    (finding,) = processor().verify([guest()])
    assert (finding.seen, finding.reason) == (Seen.CANNOT_BE_KNOWN, "kept_by_other_orders")


def test_a_guest_waits_for_an_own_order_that_another_name_hides(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/B-17", status=503)
    customers(wire, "77")
    orders_of(wire, "77", "B-17")
    numbered = delivery(id=1, act=Act.ERASE, handle="order_number", value="B-17", order="1001")
    receipts = push(numbered, guest(own_order="1001"))
    assert receipts[1].retry
    assert (receipts[2].retry, receipts[2].reason) == (True, "own_order_still_there")


@pytest.mark.parametrize(
    ("order_ids", "handle"), [(None, "order_number"), ("number", "order_number"), ("id", "order")]
)
def test_orders_go_by_number_unless_the_settings_say_id(order_ids: str | None, handle: str) -> None:
    settings: dict[str, Any] = {"key": "0-us19", "stores": ["shop_1"], "order_ids": order_ids}
    interests = MailchimpProcessor(Mailchimp(settings), settings).interests
    assert [interest.handle for interest in interests] == [handle, "guest_email", "email"]


def test_order_ids_that_are_neither_are_refused_with_the_remedy() -> None:
    settings: dict[str, Any] = {"key": "0-us19", "stores": ["shop_1"], "order_ids": "name"}
    with pytest.raises(SettingsError, match="write one of them"):
        MailchimpProcessor(Mailchimp(settings), settings)


@pytest.mark.parametrize(("handle", "kind"), [("order", Kind.ORDER), ("email", Kind.CUSTOMER)])
def test_nothing_is_erased_for_an_act_that_is_not_to_erase(
    wire: responses.RequestsMock, handle: str, kind: Kind
) -> None:
    receipt = push(delivery(act=Act.NOTIFY, kind=kind, handle=handle))[1]
    assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, "not_understood")
    assert len(wire.calls) == 1


def test_without_named_stores_there_is_nothing_to_be_told_of() -> None:
    settings: dict[str, Any] = {"key": "0123456789abcdef-us19", "lists": ["l1"]}
    assert MailchimpProcessor(Mailchimp(settings), settings).interests == ()


def test_the_check_counts_the_stores_that_are_left_alone(wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/ping", json={"health_status": "fine"})
    rows = [{"id": id} for id in ("shop_1", "other_1", "other_2")]
    wire.replace("GET", f"{BASE}/ecommerce/stores", json={"stores": rows, "total_items": 3})
    access = processor().check()
    assert access.can_read
    assert [(problem.severity, problem.code) for problem in access.problems] == [("info", "stores_not_named")]
    assert "2 more" in access.problems[0].en


def test_the_check_names_a_store_that_is_missing(wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/ping", json={"health_status": "fine"})
    wire.replace("GET", f"{BASE}/ecommerce/stores", json={"stores": [], "total_items": 0})
    access = processor().check()
    assert not access.can_read
    assert "shop_1" in access.problems[0].sv


def test_the_check_says_what_to_do_about_a_refused_key(wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/ping", json={"title": "API Key Invalid", "status": 401}, status=401)
    access = processor().check()
    assert [problem.code for problem in access.problems] == ["key_refused"]
    assert not access.can_read


def test_the_key_names_the_data_centre() -> None:
    assert base_url({"key": "abc-us7"}) == "https://us7.api.mailchimp.com/3.0"


@pytest.mark.parametrize("key", ["abc", "abc-", "abc-us7.evil.test/"])
def test_a_key_without_a_data_centre_is_refused_with_the_remedy(key: str) -> None:
    with pytest.raises(SettingsError, match="copy it whole"):
        base_url({"key": key})


def test_a_body_is_never_sent_with_a_deletion(wire: responses.RequestsMock) -> None:
    wire.get(f"{STORE}/orders/1001", json={"id": "1001"})
    wire.delete(f"{STORE}/orders/1001", status=204)
    wire.get(f"{STORE}/orders/1001", json=MISSING, status=404)
    push(order())
    assert all(not call.request.body for call in wire.calls)
