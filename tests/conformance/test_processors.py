"""What every recipient must hold to, over HTTP against the stand-in services."""

import itertools
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from adapters import notice
from adapters.klarna.processor import Klarna, KlarnaService
from adapters.mailchimp.processor import MailchimpProcessor
from adapters.mailchimp.service import Mailchimp
from adapters.payson.processor import Payson, PaysonService
from adapters.postnord.processor import PostNord, PostNordService
from connector.errors import AccessDenied, RemoteError
from connector.ports import Act, Channel, Delivery, DeliveryReceipt, Processor, Role, Seen
from connector.records import Field, Kind, Outcome
from connector.registry import PROCESSORS
from connector.views.letters import Unsent, shipped
from sandbox.box import Sandbox
from tests.support_caches import (
    answer_everything,
    answer_with_another,
    cache_everything,
    lose_every_object,
)
from tests.unit.adapters.told import NOON, clock_at, delivery, letter_settings, no_wait

TODAY = date(2026, 11, 22)
HANDLES = {
    "email", "phone", "order", "order_number", "customer", "guest_email", "klarna_order", "klarna_token",
    "payson_checkout", "tracking_number", "transaction",
}  # fmt: skip
WRITTEN = Outcome.BY_HAND
"""What becomes of a letter that only lies in the folder: nobody has sent it."""

FINISHED = {Outcome.ALREADY_GONE, Outcome.STOPPED, WRITTEN}
WRONG = "wrong-key-us19"


@dataclass(frozen=True)
class Case:
    """One recipient: how it is built, and what the stand-in shop has for it."""

    service: str
    make: Callable[[Sandbox, Path, str | None], Processor]
    deliveries: Callable[[Sandbox], list[Delivery]]

    def running(self, box: Sandbox) -> Any:
        """The stand-in service; Mailchimp's for the letter, which must never call any."""
        return getattr(box, self.service or "mailchimp")


def mailchimp(box: Sandbox, folder: Path, key: str | None) -> Processor:
    settings = {
        "key": key or box.mailchimp.key, "url": box.mailchimp.url, "stores": [box.mailchimp.store_id],
    }  # fmt: skip
    return MailchimpProcessor(Mailchimp(settings, sleep=no_wait), settings)


def klarna(name: str) -> Callable[[Sandbox, Path, str | None], Processor]:
    def make(box: Sandbox, folder: Path, key: str | None) -> Processor:
        settings = {
            "url": box.klarna.url, "user": box.klarna.user, "password": key or box.klarna.password,
            "letter": letter_settings(folder, name=name),
        }  # fmt: skip
        service = KlarnaService(settings, name=name, sleep=no_wait)
        return Klarna(settings, name=name, clock=clock_at(), service=service)

    return make


def payson(box: Sandbox, folder: Path, key: str | None) -> Processor:
    settings = {"url": box.payson.url, "agent": box.payson.agent, "key": key or box.payson.key}
    letter = {"letter": letter_settings(folder, name="payson", code="PA")}
    return Payson(settings | letter, clock=clock_at(), service=PaysonService(settings, sleep=no_wait))


def postnord(box: Sandbox, folder: Path, key: str | None) -> Processor:
    settings = {"url": box.postnord.url, "key": key or box.postnord.key}
    letter = {"letter": letter_settings(folder, name="postnord", code="PN")}
    return PostNord(settings | letter, clock=clock_at(), service=PostNordService(settings, sleep=no_wait))


def letter(box: Sandbox, folder: Path, key: str | None) -> Processor:
    return notice.build(letter_settings(folder, name="fortnox", code="BK"), clock=clock_at())


def mailchimp_deliveries(box: Sandbox) -> list[Delivery]:
    """Every order of ten customers, and then the customers: guests by their last order."""
    account = box.mailchimp.shop
    numbers = itertools.count(1)
    shared = Counter(customer["email_address"].lower() for customer in account.customers.values())
    alone = [row for row in account.customers.values() if shared[row["email_address"].lower()] == 1]
    made = []
    for customer in alone[:10]:
        own = [id for id, order in account.orders.items() if order["customer"]["id"] == customer["id"]]
        address = customer["email_address"]
        for order in own:
            made.append(
                delivery(id=next(numbers), act=Act.ERASE, handle="order_number", value=order, order=order)
            )
        guest = delivery(id=next(numbers), act=Act.ERASE, handle="guest_email", value=address, order=own[-1])
        account_of = delivery(
            id=next(numbers), act=Act.ERASE, kind=Kind.CUSTOMER, handle="email", value=address
        )
        made.append(account_of if customer["id"].isdigit() else guest)
    return made


def klarna_deliveries(box: Sandbox) -> list[Delivery]:
    orders = [
        delivery(id=number, handle="klarna_order", value=value, fields=frozenset({Field.EMAIL}))
        for number, value in enumerate(list(box.klarna.shop.orders)[:10], 1)
    ]
    book = box.klarna.shop.tokens
    for number in range(10):
        book[f"token-{number}"] = {"status": "ACTIVE", "payment_method_type": "CARD"}
    tokens = [
        delivery(id=100 + number, act=Act.STOP, kind=Kind.CUSTOMER, handle="klarna_token", value=value)
        for number, value in enumerate(list(book)[:10])
    ]
    return orders + tokens


def payson_deliveries(box: Sandbox) -> list[Delivery]:
    values = list(box.payson.shop.checkouts)[:10]
    return [delivery(id=n, handle="payson_checkout", value=value) for n, value in enumerate(values, 1)]


def postnord_deliveries(box: Sandbox) -> list[Delivery]:
    values = list(box.postnord.shop.shipments)[:10]
    return [delivery(id=n, handle="tracking_number", value=value) for n, value in enumerate(values, 1)]


def letter_deliveries(box: Sandbox) -> list[Delivery]:
    return [delivery(id=n, handle="order_number", value=str(1000 + n)) for n in range(1, 11)]


CASES = {
    "mailchimp": Case("mailchimp", mailchimp, mailchimp_deliveries),
    "klarna": Case("klarna", klarna("klarna"), klarna_deliveries),
    "kustom": Case("klarna", klarna("kustom"), klarna_deliveries),
    "payson": Case("payson", payson, payson_deliveries),
    "postnord": Case("postnord", postnord, postnord_deliveries),
    "letter": Case("", letter, letter_deliveries),
}


@pytest.fixture(name="case", params=CASES)
def _case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture(name="served", params=[name for name, case in CASES.items() if case.service])
def _served(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture(name="box")
def _box() -> Iterator[Sandbox]:
    with Sandbox(customers=120, orders=400, today=TODAY) as box:
        yield box


def push(processor: Processor, deliveries: Sequence[Delivery]) -> dict[int, DeliveryReceipt]:
    receipts = list(processor.push(deliveries))
    assert sorted(receipt.id for receipt in receipts) == sorted(each.id for each in deliveries)
    return {receipt.id: receipt for receipt in receipts}


def believed(processor: Processor, deliveries: Sequence[Delivery]) -> list[object]:
    """What a recipient is said to have done, stopped or lost, by its answers to a push and a verify."""
    found: list[object] = []
    try:
        receipts = list(processor.push(deliveries))
        found += [r for r in receipts if r.outcome in (Outcome.DONE, *FINISHED - {WRITTEN})]
        found += [f for f in processor.verify(deliveries) if f.seen in (Seen.GONE, Seen.STILL_THERE)]
    except RemoteError:  # the recipient waits whole
        pass
    return found


def test_what_a_cache_kept_proves_nothing_of_a_recipient(
    served: Case, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor = served.make(box, tmp_path, None)
    cache_everything(monkeypatch)
    assert believed(processor, served.deliveries(box)) == []


BY_A_LIST = {"email", "guest_email"}
"""Handles that are looked up in a list, never by an id."""


def test_a_not_found_that_is_said_of_everything_confirms_nothing(
    served: Case, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor = served.make(box, tmp_path, None)
    deliveries = [one for one in served.deliveries(box) if one.handle not in BY_A_LIST]
    lose_every_object(monkeypatch)
    receipts = list(processor.push(deliveries))
    assert not [r for r in receipts if r.outcome in (Outcome.DONE, Outcome.STOPPED)]
    assert not [f for f in processor.verify(deliveries) if f.seen is Seen.GONE]


NAMELESS = {"klarna_token"}
"""Handles whose object says nothing of which it is: only that no cache kept it can be seen of its answer."""

IN_BETWEEN = (
    (200, b"<!doctype html><html>Logga in</html>", "text/html"), (200, b"", "application/json"),
    (200, b"{}", "application/json"), (200, b"[]", "application/json"), (202, b"", "text/plain"),
    (204, b"", "application/json"), (404, b"<html>404</html>", "text/html"), (404, b"", "text/plain"),
    (404, b'{"code":"rest_no_route"}', "application/json"), (410, b"{}", "application/json"),
    (200, b"null", "application/json"), (200, b"true", "application/json"),
    (200, b'"CANCELLED"', "application/json"), (200, b'{"id":"1001","status":"CANC', "application/json"),
    (200, b'{"total_items":0,"orders":[],"customers":[],"stores":[],"members":[]', "application/json"),
    (202, b"{}", "application/json"), (206, b"{}", "application/json"),
    (200, b"<html>Logga in</html>", "application/json"), (401, b"", "text/plain"),
)  # fmt: skip
"""A login page, an empty success, a proxy's own 404, a body cut in the middle: nothing of the service's."""

ELSEWHERE = ("https://login.portal.example/", "/login", "http://[::1", "")
"""Where a redirect leads: a captive portal, a login page of the same host, nowhere."""

PATIENCE = ("soon", "-5", "1e99", "9" * 40, "5, never", "Sat, 99 Foo 2026 00:00:00", "\u00bd")
"""What no service says of its patience, said all the same."""


def test_what_something_in_between_answers_proves_nothing(
    served: Case, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor, deliveries = served.make(box, tmp_path, None), served.deliveries(box)
    for status, body, kind in IN_BETWEEN:
        with monkeypatch.context() as between:
            answer_everything(between, status, body, kind)
            assert believed(processor, deliveries) == [], (status, body)


def test_a_check_calls_no_key_good_on_what_something_in_between_answered(
    served: Case, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor = served.make(box, tmp_path, None)
    for status, body, kind in IN_BETWEEN:
        with monkeypatch.context() as between:
            answer_everything(between, status, body, kind)
            assert not processor.check().can_read, (status, body)


def test_a_redirect_to_a_login_page_proves_nothing(
    served: Case, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor, deliveries = served.make(box, tmp_path, None), served.deliveries(box)
    for status, target in itertools.product((301, 302, 307), ELSEWHERE):
        with monkeypatch.context() as between:
            answer_everything(between, status, b"", "text/html", Location=target)
            assert believed(processor, deliveries) == [], (status, target)


def test_nonsense_about_patience_is_waited_out_and_proves_nothing(
    served: Case, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor, deliveries = served.make(box, tmp_path, None), served.deliveries(box)
    for said in PATIENCE:
        with monkeypatch.context() as between:
            answer_everything(between, 429, b"{}", "application/json", Retry_After=said)
            receipts = list(processor.push(deliveries))
            assert all(r.retry for r in receipts if r.outcome is not WRITTEN), said
            assert all(r.after is None or 0 <= r.after <= 366 * 86400 for r in receipts), said
            assert believed(processor, deliveries) == [], said


def test_another_person_s_object_proves_nothing_and_nothing_of_it_is_written(
    served: Case, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor = served.make(box, tmp_path, None)
    deliveries = [one for one in served.deliveries(box) if one.handle not in NAMELESS | BY_A_LIST]
    answer_with_another(monkeypatch)
    assert believed(processor, deliveries) == []


def handed_back(deliveries: Sequence[Delivery], receipts: dict[int, DeliveryReceipt]) -> list[Delivery]:
    """The same deliveries with the tokens the ledger kept of those that were accepted."""
    return [
        Delivery(
            id=d.id, act=d.act, kind=d.kind, handle=d.handle, value=d.value, ref=d.ref, planned=d.planned,
            fields=d.fields,
            token=receipts[d.id].token if receipts[d.id].outcome is Outcome.ACCEPTED else d.token,
        )
        for d in deliveries
    ]  # fmt: skip


def outcomes(receipts: dict[int, DeliveryReceipt]) -> set[Outcome]:
    return {receipt.outcome for receipt in receipts.values()}


def writes(running: Any) -> int:
    return sum(count for (method, _), count in running.requests.items() if method != "GET")


def test_a_second_push_finds_everything_gone_stopped_or_written(
    case: Case, box: Sandbox, tmp_path: Path
) -> None:
    deliveries = case.deliveries(box)
    first = push(case.make(box, tmp_path, None), deliveries)
    wrote, files = writes(case.running(box)), sorted(tmp_path.iterdir())
    second = push(case.make(box, tmp_path, None), handed_back(deliveries, first))
    assert deliveries
    assert outcomes(first) <= {Outcome.DONE, Outcome.ACCEPTED, WRITTEN}
    assert outcomes(second) <= FINISHED
    assert writes(case.running(box)) == wrote
    assert sorted(tmp_path.iterdir()) == files


def test_nothing_that_was_pushed_is_found_still_there(case: Case, box: Sandbox, tmp_path: Path) -> None:
    deliveries = case.deliveries(box)
    processor = case.make(box, tmp_path, None)
    push(processor, deliveries)
    findings = list(processor.verify(deliveries))
    assert sorted(finding.id for finding in findings) == sorted(each.id for each in deliveries)
    assert {finding.seen for finding in findings} <= {Seen.GONE, Seen.CANNOT_BE_KNOWN}


def test_only_what_was_told_by_letter_cannot_be_known(case: Case, box: Sandbox, tmp_path: Path) -> None:
    deliveries = case.deliveries(box)
    processor = case.make(box, tmp_path, None)
    push(processor, deliveries)
    acts = {each.id: each.act for each in deliveries}
    unknown = {f.id for f in processor.verify(deliveries) if f.seen is Seen.CANNOT_BE_KNOWN}
    assert unknown == {id for id, act in acts.items() if act is Act.NOTIFY}


@pytest.mark.parametrize("fault", ["429", "503_html", "cut"])
def test_a_busy_or_silent_service_loses_no_delivery(
    case: Case, box: Sandbox, tmp_path: Path, fault: str
) -> None:
    deliveries = case.deliveries(box)
    case.running(box).faults.add(fault, times=-1)
    receipts = push(case.make(box, tmp_path, None), deliveries)
    waiting = {id for id, receipt in receipts.items() if receipt.retry}
    assert waiting == {each.id for each in deliveries if each.act is not Act.NOTIFY}
    case.running(box).faults.clear()
    again = push(case.make(box, tmp_path, None), deliveries)
    assert not [receipt for receipt in again.values() if receipt.retry]


def test_an_answer_lost_after_the_work_was_done_is_made_good(
    case: Case, box: Sandbox, tmp_path: Path
) -> None:
    deliveries = case.deliveries(box)
    for method in ("DELETE", "PATCH", "POST"):
        case.running(box).faults.add("cut_after", f"{method} /", times=4)
    processor = case.make(box, tmp_path, None)
    receipts = push(processor, handed_back(deliveries, push(processor, deliveries)))
    assert outcomes(receipts) <= FINISHED
    assert Seen.STILL_THERE not in {finding.seen for finding in processor.verify(deliveries)}


def test_the_others_go_on_when_some_fail(case: Case, box: Sandbox, tmp_path: Path) -> None:
    deliveries = case.deliveries(box)
    failing = [each for each in deliveries if each.act is not Act.NOTIFY][:1]
    case.running(box).faults.add("500", failing[0].value if failing else "", times=5)
    receipts = push(case.make(box, tmp_path, None), deliveries)
    good = [id for id, receipt in receipts.items() if not receipt.retry]
    assert len(good) >= len(deliveries) - 5
    assert Outcome.REFUSED not in {receipts[id].outcome for id in good}


def test_a_refused_key_stops_the_recipient_and_never_its_letters(
    case: Case, box: Sandbox, tmp_path: Path
) -> None:
    deliveries = case.deliveries(box)
    processor = case.make(box, tmp_path, WRONG)
    received: list[DeliveryReceipt] = []
    if any(each.act is not Act.NOTIFY for each in deliveries):
        with pytest.raises(AccessDenied, match=r"Check the key.*\.$"):
            received.extend(processor.push(deliveries))
    else:
        received.extend(processor.push(deliveries))
    assert {receipt.id for receipt in received} == {d.id for d in deliveries if d.act is Act.NOTIFY}
    assert writes(case.running(box)) == 0 or not case.service


def test_no_recipient_is_ever_asked_to_move_money_or_to_bring_a_person_back(
    case: Case, box: Sandbox, tmp_path: Path
) -> None:
    deliveries = case.deliveries(box)
    processor = case.make(box, tmp_path, None)
    push(processor, handed_back(deliveries, push(processor, deliveries)))
    list(processor.verify(deliveries))
    processor.check()
    assert box.klarna.shop.misuse == []
    assert box.payson.shop.misuse == []
    assert box.postnord.shop.misuse == []
    assert box.mailchimp.shop.puts == []
    assert {method for method, _ in case.running(box).requests} <= {"GET", "DELETE", "PATCH"}


def test_a_check_writes_nothing_and_finds_the_key_good(case: Case, box: Sandbox, tmp_path: Path) -> None:
    access = case.make(box, tmp_path, None).check()
    assert access.reachable
    assert access.can_read
    assert writes(case.running(box)) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_check_with_a_refused_key_says_so_and_raises_nothing(
    served: Case, box: Sandbox, tmp_path: Path
) -> None:
    access = served.make(box, tmp_path, WRONG).check()
    assert not access.can_read
    assert [problem.code for problem in access.problems if problem.severity == "error"] == ["key_refused"]


def test_a_check_of_a_silent_service_says_so_and_raises_nothing(
    served: Case, box: Sandbox, tmp_path: Path
) -> None:
    served.running(box).faults.add("cut", times=-1)
    access = served.make(box, tmp_path, None).check()
    assert (access.reachable, access.can_read) == (False, False)


def test_no_secret_handle_or_address_stands_in_a_log_a_receipt_or_an_error(
    case: Case, box: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    deliveries = case.deliveries(box)
    case.running(box).faults.add("500", times=20)
    processor = case.make(box, tmp_path, None)
    shown = repr(push(processor, deliveries))
    for act in (processor.verify, case.make(box, tmp_path, WRONG).push):
        try:
            shown += repr(list(act(deliveries)))
        except RemoteError as error:
            shown += str(error) + repr(vars(error))
    shown += caplog.text + repr(processor.check())
    running = case.running(box)
    secrets = [getattr(running, name) for name in ("key", "password") if hasattr(running, name)]
    hidden = [each.value for each in deliveries if not each.value.isdigit()]
    assert not [text for text in [*secrets, WRONG, *hidden] if text in shown]


def test_interests_use_the_agreed_handles_and_controllers_are_never_told_to_erase(
    case: Case, box: Sandbox, tmp_path: Path
) -> None:
    processor = case.make(box, tmp_path, None)
    assert processor.interests
    for interest in processor.interests:
        assert interest.handle in HANDLES
        assert interest.fields or interest.on_delete
        if processor.role is Role.CONTROLLER:
            assert interest.act is not Act.ERASE


def test_every_delivery_of_the_suite_is_one_the_recipient_asked_for(
    case: Case, box: Sandbox, tmp_path: Path
) -> None:
    wanted = {(i.act, i.kind, i.handle) for i in case.make(box, tmp_path, None).interests}
    assert {(d.act, d.kind, d.handle) for d in case.deliveries(box)} <= wanted


def test_an_empty_push_asks_nobody(case: Case, box: Sandbox, tmp_path: Path) -> None:
    assert push(case.make(box, tmp_path, None), []) == {}
    assert not case.running(box).requests


def test_parcels_are_dated_by_the_tracker(box: Sandbox, tmp_path: Path) -> None:
    shipments = box.postnord.shop.shipments
    dates = dict(postnord(box, tmp_path, None).delivered(list(shipments)))  # type: ignore[attr-defined]
    assert set(dates) == set(shipments)
    for number, shipment in shipments.items():
        assert (dates[number] is not None) == (shipment["status"] == "DELIVERED")
        assert dates[number] is None or dates[number] <= NOON.date() + timedelta(days=1)


def test_every_recipient_of_the_registry_is_held_to_this_suite() -> None:
    assert {point.name for point in entry_points(group=PROCESSORS)} <= CASES.keys()


# Where a recipient takes in a notice -----------------------------------------------------------


@pytest.mark.parametrize("name", sorted(point.name for point in entry_points(group=PROCESSORS)))
def test_every_recipient_with_an_adapter_ships_its_channel_with_source_and_day(name: str) -> None:
    if name == "letter":  # any recipient: the shop's own file says where it is reached
        return
    found = shipped(name)
    assert found.address or found.form
    assert found.source
    assert found.read


@pytest.mark.parametrize("name", sorted(set(CASES) - {"letter"}))
def test_a_letter_that_has_not_left_is_told_with_address_or_form_source_and_day(name: str) -> None:
    found = shipped(name)
    unsent = Unsent(
        recipient=name, letter="X-1", count=2, oldest=TODAY, reason="letter_to_send", channel=found
    )
    line = unsent.line()
    assert any(place in line for place in (found.address, found.form) if place)
    assert found.source in line
    assert str(found.read) in line


def test_a_recipient_by_code_alone_is_given_no_other_s_address() -> None:
    assert shipped("another-carrier") == Channel()  # PN is any carrier: PostNord is not told of its parcels
