"""What a described recipient does: its own calls and no other, each read back as its description says."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import responses

from adapters.described import processor
from connector.errors import AccessDenied
from connector.ports import Act, Delivery, Seen
from connector.records import Field, Kind, Outcome
from tests.unit.adapters.described.told import DESCRIBED, built, case, read
from tests.unit.adapters.told import NOON, clock_at, delivery, no_wait

BASE = "https://api.acme.example/v2"
KEYS = {"account": "7", "key": "s3cret-word"}
ADDRESS = "ada@shop.example"


@pytest.fixture(name="wire")
def _wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield wire


def contact(**changes: Any) -> Delivery:
    return delivery(
        **{"act": Act.ERASE, "kind": Kind.CUSTOMER, "handle": "email", "value": ADDRESS} | changes
    )


def contacts(wire: responses.RequestsMock, *answers: list[str]) -> None:
    """Each look for the contact shows these addresses; the list of all of them is never empty."""
    for answer in answers:
        wire.get(f"{BASE}/contacts", json={"contacts": [{"id": "c1", "email": one} for one in answer]})


def asked(wire: responses.RequestsMock) -> list[str]:
    return [f"{call.request.method} {(call.request.url or '').removeprefix(BASE)}" for call in wire.calls]


def test_a_contact_is_looked_for_erased_and_looked_for_again(tmp_path: Path, wire: Any) -> None:
    contacts(wire, [ADDRESS], [], ["someone@else.example"])
    wire.delete(f"{BASE}/contacts/c1", status=204)
    noted: list[str] = []
    told = contact(value="Ada@Shop.example")
    object.__setattr__(told, "about_to", noted.append)
    (receipt,) = built("acme", tmp_path, **KEYS).push([told])
    assert receipt.outcome is Outcome.DONE
    assert noted == ["begun"]
    assert asked(wire) == [
        "GET /contacts?email=ada%40shop.example", "DELETE /contacts/c1",
        "GET /contacts?email=ada%40shop.example", "GET /contacts",
    ]  # fmt: skip
    assert {call.request.headers["X-Key"] for call in wire.calls} == {"Acme s3cret-word"}
    assert {call.request.headers["Accept-Version"] for call in wire.calls} == {"2026-01"}


def test_an_absence_beside_an_empty_account_is_not_believed(tmp_path: Path, wire: Any) -> None:
    contacts(wire, [], [])
    recipient = built("acme", tmp_path, **KEYS)
    (receipt,) = recipient.push([contact()])
    assert (receipt.outcome, receipt.retry) == (Outcome.REFUSED, True)
    (finding,) = recipient.verify([contact()])
    assert finding.seen is Seen.UNREAD


def test_a_list_of_somebody_else_is_no_answer(tmp_path: Path, wire: Any) -> None:
    contacts(wire, ["someone@else.example"])
    (receipt,) = built("acme", tmp_path, **KEYS).push([contact()])
    assert (receipt.retry, receipt.reason) == (True, "unread:other_answer")


def test_one_that_takes_its_time_is_asked_about_and_then_asked_anew(tmp_path: Path, wire: Any) -> None:
    contacts(wire, *[[ADDRESS]] * 5)
    wire.delete(f"{BASE}/contacts/c1", status=204)
    (first,) = built("acme", tmp_path, **KEYS).push([contact()])
    assert (first.outcome, first.token) == (Outcome.ACCEPTED, "asked:2026-11-22")
    assert first.due == NOON.date() + timedelta(days=1)
    later = clock_at(NOON + timedelta(days=2))
    (second,) = built("acme", tmp_path, **KEYS, clock=later).push([contact(token=first.token)])
    assert (second.outcome, second.token) == (Outcome.ACCEPTED, "asked:2026-11-22")
    over = clock_at(NOON + timedelta(days=4))
    (third,) = built("acme", tmp_path, **KEYS, clock=over).push([contact(token=first.token)])
    assert third.token == "asked:2026-11-26"
    assert sum(line.startswith("DELETE") for line in asked(wire)) == 2


def test_the_state_of_another_request_is_no_answer(tmp_path: Path, wire: Any) -> None:
    by_request = (
        'read_back = { by = "request", id = "job.id", path = "jobs/{request}", same = "job.id", '
        'state = "job.state", done = ["over"], days = 3 }'
    )
    text = case("acme").replace('read_back = { by = "look", days = 3 }', by_request, 1)
    later = clock_at(NOON + timedelta(days=1))
    recipient = built("acme", tmp_path, **KEYS, description=read(text), clock=later)
    for id_ in ("j8", "j7"):
        wire.get(f"{BASE}/jobs/j7", json={"job": {"id": id_, "state": "over"}})
    (other,) = recipient.push([contact(token="asked:2026-11-22:j7")])
    assert (other.outcome, other.retry, other.reason) == (Outcome.REFUSED, True, "unread:other_answer")
    (own,) = recipient.push([contact(token="asked:2026-11-22:j7")])
    assert own.outcome is Outcome.DONE


@pytest.mark.parametrize("token", ["begun", "asked:2026-11-21"])
def test_a_try_whose_answer_was_lost_is_made_good(tmp_path: Path, wire: Any, token: str) -> None:
    contacts(wire, [], ["someone@else.example"])
    (receipt,) = built("acme", tmp_path, **KEYS).push([contact(token=token)])
    assert receipt.outcome is Outcome.DONE


def test_one_that_was_never_there_is_told_as_that(tmp_path: Path, wire: Any) -> None:
    contacts(wire, [], ["someone@else.example"])
    (receipt,) = built("acme", tmp_path, **KEYS).push([contact()])
    assert (receipt.outcome, receipt.reason) == (Outcome.ALREADY_GONE, "never_there")


@pytest.mark.parametrize("value", ["..", ".", "a/b", "a\\b", "x\r\nX-Admin: 1", "", "a\x00b"])
def test_a_value_that_would_lead_elsewhere_in_a_path_is_left_to_a_person(
    tmp_path: Path, wire: Any, value: str
) -> None:
    told = delivery(act=Act.STOP, kind=Kind.CUSTOMER, handle="customer", value=value)
    recipient = built("acme", tmp_path, **KEYS)
    (receipt,) = recipient.push([told])
    assert (receipt.outcome, receipt.reason) == (Outcome.BY_HAND, "reference_not_an_id")
    assert [finding.seen for finding in recipient.verify([told])] == [Seen.CANNOT_BE_KNOWN]
    assert not wire.calls


@pytest.mark.parametrize("value", ['a"),any(email,"b', "a) or (1", "a,b", "a b@c.example"])
def test_a_value_among_other_words_cannot_end_them(tmp_path: Path, wire: Any, value: str) -> None:
    narrowed = read(case("acme").replace('email = "{value}"', 'filter = "equals(email,{value})"'))
    settings = {"description": narrowed, "sleep": no_wait, **KEYS}
    (receipt,) = processor.build(settings, clock=clock_at()).push([contact(value=value)])
    assert receipt.outcome is Outcome.BY_HAND
    assert not wire.calls


def test_a_value_is_one_part_of_a_path_whatever_signs_it_has(tmp_path: Path, wire: Any) -> None:
    wire.get(f"{BASE}/mandates/a%3Fb%23c%25", json={"id": "a?b#c%", "state": "ended"})
    told = delivery(act=Act.STOP, kind=Kind.CUSTOMER, handle="customer", value="a?b#c%")
    (receipt,) = built("acme", tmp_path, **KEYS).push([told])
    assert (receipt.outcome, receipt.reason) == (Outcome.ALREADY_GONE, "gone")


def test_a_gap_in_what_fills_a_gap_stays_as_it_is(tmp_path: Path, wire: Any) -> None:
    wire.get(f"{BASE}/mandates/%7Bkey.account%7D", json={"id": "{key.account}", "state": "ended"})
    told = delivery(act=Act.STOP, kind=Kind.CUSTOMER, handle="customer", value="{key.account}")
    (receipt,) = built("acme", tmp_path, **KEYS).push([told])
    assert receipt.outcome is Outcome.ALREADY_GONE


def test_a_write_is_never_sent_on_to_another_place(tmp_path: Path, wire: Any) -> None:
    contacts(wire, [ADDRESS])
    wire.delete(f"{BASE}/contacts/c1", status=307, headers={"Location": "https://evil.test/contacts/c1"})
    (receipt,) = built("acme", tmp_path, **KEYS).push([contact()])
    assert receipt.outcome is Outcome.REFUSED
    assert not [call for call in wire.calls if "evil" in (call.request.url or "")]


def test_a_read_is_not_followed_to_another_host(tmp_path: Path, wire: Any) -> None:
    wire.get(f"{BASE}/contacts", status=302, headers={"Location": "https://evil.test/contacts"})
    (receipt,) = built("acme", tmp_path, **KEYS).push([contact()])
    assert receipt.outcome is Outcome.REFUSED
    assert len(wire.calls) == 1


def stop(**changes: Any) -> Delivery:
    return delivery(**{"act": Act.STOP, "kind": Kind.CUSTOMER, "handle": "customer", "value": "m1"} | changes)


def test_a_mandate_is_ended_by_a_form_and_its_state_is_read_again(tmp_path: Path, wire: Any) -> None:
    wire.get(f"{BASE}/mandates/m1", json={"id": "m1", "state": "active"})
    wire.get(f"{BASE}/mandates/m1", json={"id": "m1", "state": "ended"})
    put = wire.put(f"{BASE}/mandates/m1", json={})
    recipient = built("acme", tmp_path, **KEYS)
    (receipt,) = recipient.push([stop()])
    assert receipt.outcome is Outcome.STOPPED
    assert put.calls[0].request.body == "state=ended"
    assert [finding.seen for finding in recipient.verify([stop()])] == [Seen.GONE]


def test_stops_come_by_themselves_after_all_else(tmp_path: Path, wire: Any) -> None:
    contacts(wire, [ADDRESS], [], ["someone@else.example"])
    wire.delete(f"{BASE}/contacts/c1", status=204)
    wire.get(f"{BASE}/mandates/m1", json={"id": "m1", "state": "ended"})
    receipts = list(built("acme", tmp_path, **KEYS).push([stop(id=1), contact(id=2)]))
    assert [receipt.id for receipt in receipts] == [2, 1]


def test_the_services_own_not_found_is_its_word_and_no_other_is(tmp_path: Path, wire: Any) -> None:
    wire.get(f"{BASE}/mandates/m1", status=404, json={"error": {"reason": "no_mandate"}})
    wire.get(f"{BASE}/mandates/m2", status=404, json={"error": {"reason": "no_route"}})
    wire.get(f"{BASE}/mandates/m3", status=404)
    receipts = list(built("acme", tmp_path, **KEYS).push([stop(id=n, value=f"m{n}") for n in (1, 2, 3)]))
    assert [one.outcome for one in receipts] == [Outcome.ALREADY_GONE, Outcome.REFUSED, Outcome.REFUSED]
    assert [one.retry for one in receipts] == [False, False, True]


def test_a_field_is_written_over_and_read_again(tmp_path: Path, wire: Any) -> None:
    wire.get(f"{BASE}/orders/1001", json={"id": 1001, "buyer": "Ada"})
    wire.get(f"{BASE}/orders/1001", json={"id": 1001, "buyer": "-"})
    patch = wire.patch(f"{BASE}/orders/1001", json={})
    told = delivery(act=Act.ERASE, handle="order_number", fields=frozenset({Field.NAME}))
    (receipt,) = built("acme", tmp_path, **KEYS).push([told])
    assert receipt.outcome is Outcome.DONE
    assert json.loads(patch.calls[0].request.body or b"") == {"buyer": "-"}


def test_a_switch_of_the_shop_takes_one_act_in_place_of_another(tmp_path: Path, wire: Any) -> None:
    silent, erasing = built("acme", tmp_path, **KEYS, gently=True), built("acme", tmp_path, **KEYS)
    assert {(one.act, one.handle) for one in silent.interests} == {
        (Act.STOP, "email"), (Act.ERASE, "order_number"), (Act.STOP, "customer"), (Act.NOTIFY, "customer"),
    }  # fmt: skip
    assert (Act.ERASE, "email") in {(one.act, one.handle) for one in erasing.interests}
    row = {"id": "c1", "email": ADDRESS}
    wire.get(f"{BASE}/contacts", json={"contacts": [row]})
    wire.get(f"{BASE}/contacts", json={"contacts": [{**row, "state": "silent"}]})
    post = wire.post(f"{BASE}/contacts/c1/silence", json={})
    (receipt,) = silent.push([contact(act=Act.STOP)])
    assert receipt.outcome is Outcome.STOPPED
    assert json.loads(post.calls[0].request.body or b"") == {"silent": True, "by": {"account": "7"}}


def test_a_refusal_of_its_own_stops_it_with_its_own_advice(tmp_path: Path, wire: Any) -> None:
    wire.get(f"{BASE}/contacts", status=403, json={"error": {"reason": "plan"}})
    with pytest.raises(AccessDenied, match="plan of the account"):
        list(built("acme", tmp_path, **KEYS).push([contact()]))


def test_without_its_keys_it_is_told_by_letter_and_nothing_is_called(tmp_path: Path, wire: Any) -> None:
    recipient = built("acme", tmp_path)
    assert {one.act for one in recipient.interests} == {Act.NOTIFY}
    (receipt,) = recipient.push([contact()])
    assert (receipt.outcome, receipt.reason) == (Outcome.BY_HAND, "no_key")
    assert not wire.calls


def test_no_secret_and_no_address_stands_in_what_is_shown_of_it(tmp_path: Path) -> None:
    recipient = built("acme", tmp_path, **KEYS)
    assert "s3cret-word" not in repr(recipient) + repr(recipient.interests)
    assert base64.b64encode(b"s3cret-word").decode() not in repr(vars(recipient))


def test_a_letter_goes_where_the_description_says(tmp_path: Path) -> None:
    told = delivery(kind=Kind.CUSTOMER, handle="customer", value="17")
    letter = {"name": "acme", "code": "MC", "role": "processor", "period": "at_once", "folder": str(tmp_path)}
    settings = {"description": DESCRIBED["acme"], "letter": letter}
    (receipt,) = processor.build(settings, clock=clock_at()).push([told])
    (text,) = [path.read_text("utf-8") for path in tmp_path.glob("*.txt")]
    assert receipt.outcome is Outcome.BY_HAND
    assert "privacy@acme.example" in text


def test_one_that_the_shop_calls_an_owner_is_told_and_never_made_to_erase(tmp_path: Path) -> None:
    letter = {"letter": {"name": "acme", "code": "MC", "role": "controller", "folder": str(tmp_path)}}
    recipient = built("acme", tmp_path, **KEYS, **letter)
    assert {one.act for one in recipient.interests} == {Act.STOP, Act.NOTIFY}
    (receipt,) = recipient.push([contact()])
    assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, "not_understood")
