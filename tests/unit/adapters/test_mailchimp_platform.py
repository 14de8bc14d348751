"""Mailchimp as a platform, against the stand-in account over HTTP."""

import hashlib
import logging
import threading
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import requests

from adapters.mailchimp.platform import MailchimpPlatform
from adapters.mailchimp.service import Mailchimp, subscriber_hash
from adapters.mailchimp.service import Mailchimp as MailchimpService
from connector.errors import AccessDenied, Rejected, RetryLater
from connector.ports import Ability, Gone, Live, Receipt, Task, Unread, looked
from connector.records import Action, Field, Kind, Outcome, Record, Ref, from_bits
from sandbox.box import Sandbox
from tests.support_caches import lose_every_object
from tests.unit.adapters.told import no_wait

TODAY = date(2026, 11, 22)


def keyer(kind: str, value: str) -> bytes | None:
    """A stand-in for the keyed digest: nothing for blanks and placeholders."""
    if not value or value.endswith(".invalid"):
        return None
    return hashlib.blake2b(value.strip().lower().encode(), key=b"test", digest_size=16).digest()


@pytest.fixture(name="box")
def _box() -> Iterator[Sandbox]:
    with Sandbox(customers=300, orders=600, today=TODAY) as box:
        yield box


def platform(box: Sandbox, **changes: Any) -> MailchimpPlatform:
    mailchimp = box.mailchimp
    settings = {"key": mailchimp.key, "url": mailchimp.url, "lists": [mailchimp.list_id], **changes}
    return MailchimpPlatform(Mailchimp(settings, sleep=no_wait), settings, keyer=keyer)


def members(box: Sandbox) -> dict[str, dict[str, Any]]:
    return box.mailchimp.shop.members[box.mailchimp.list_id]


def pulled(subscribers: MailchimpPlatform, since: str | None = None) -> list[Record]:
    return [record for page in subscribers.pull(Kind.SUBSCRIBER, since=since) for record in page.records]


def one(box: Sandbox, status: str) -> dict[str, Any]:
    return next(row for row in members(box).values() if row["status"] == status)


def ref_of(box: Sandbox, member: dict[str, Any]) -> Ref:
    return Ref(
        adapter="mailchimp", kind=Kind.SUBSCRIBER, id=f"{box.mailchimp.list_id}:{member['contact_id']}"
    )


def live_of(box: Sandbox, member: dict[str, Any], **changes: Any) -> Live:
    (live,) = platform(box, **changes).fetch([ref_of(box, member)])
    return live


def apply(box: Sandbox, member: dict[str, Any], action: Action) -> Any:
    task = Task(live=live_of(box, member), action=action, fields=frozenset({Field.EMAIL}))
    (receipt,) = platform(box).apply([task])
    return receipt


def test_a_full_pull_meets_every_member_once_archived_ones_too(box: Sandbox) -> None:
    records = pulled(platform(box))
    assert len(records) == len({record.ref for record in records}) == len(members(box))
    assert "archived" in {record.facts.status for record in records}


def test_the_last_page_of_a_full_pull_is_marked_complete(box: Sandbox) -> None:
    pages = list(platform(box).pull(Kind.SUBSCRIBER, since=None))
    assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[0].total == len(members(box))


def test_other_audiences_of_the_account_are_not_pulled(box: Sandbox) -> None:
    lists = {record.ref.id.partition(":")[0] for record in pulled(platform(box))}
    assert lists == {box.mailchimp.list_id}


def test_a_thousand_members_changed_in_one_second_are_all_met(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.mailchimp.walk.PAGE", 20)
    for number, member in enumerate(members(box).values()):
        member["last_changed"] = "2026-03-01T12:00:00+00:00" if number % 10 else member["last_changed"]
    pages = list(platform(box).pull(Kind.SUBSCRIBER, since=None))
    records = [record for page in pages for record in page.records]
    assert {record.ref for record in records} == {ref_of(box, row) for row in members(box).values()}
    assert len(records) == len(members(box))
    assert pages[-1].complete


def test_a_member_changed_during_the_pull_is_met_again_with_the_change(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.mailchimp.walk.PAGE", 20)
    pages = platform(box).pull(Kind.SUBSCRIBER, since=None)
    first = next(pages).records[0]
    row = next(row for row in members(box).values() if ref_of(box, row) == first.ref)
    row |= {"status": "unsubscribed", "last_changed": "2026-11-22T10:00:00+00:00"}
    again = [record for page in pages for record in page.records if record.ref == first.ref]
    assert [record.facts.status for record in again] == ["unsubscribed"]


def test_a_pull_resumes_where_its_last_stored_cursor_stands(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.mailchimp.walk.PAGE", 50)
    first = next(iter(platform(box).pull(Kind.SUBSCRIBER, since=None)))
    rest = list(platform(box).pull(Kind.SUBSCRIBER, since=first.cursor))
    met = {record.ref for page in [first, *rest] for record in page.records}
    assert met == {ref_of(box, row) for row in members(box).values()}
    assert (rest[-1].complete, rest[-1].counted) == (True, len(members(box)))


def test_a_later_pull_reads_only_what_changed(box: Sandbox) -> None:
    cursor = list(platform(box).pull(Kind.SUBSCRIBER, since=None))[-1].cursor
    changed = one(box, "subscribed")
    changed["last_changed"] = "2026-11-22T11:00:00+00:00"
    records = pulled(platform(box), since=cursor)
    assert ref_of(box, changed) in {record.ref for record in records}
    assert len(records) < len(members(box)) / 2


def test_a_record_holds_no_address_name_or_hash(box: Sandbox) -> None:
    shown = repr(pulled(platform(box))) + list(platform(box).pull(Kind.SUBSCRIBER, since=None))[-1].cursor
    for member in members(box).values():
        hidden = [member["email_address"], member["id"], member["full_name"], member["merge_fields"]["PHONE"]]
        assert not any(value in shown for value in hidden if value)


def test_an_unsubscribed_member_counts_from_the_last_change(box: Sandbox) -> None:
    member = one(box, "unsubscribed")
    member["last_changed"] = "2026-06-30T22:30:00+00:00"
    facts = live_of(box, member).record.facts
    assert facts.unsubscribed == date(2026, 7, 1)
    assert facts.bounced is None


def test_a_cleaned_member_has_bounced(box: Sandbox) -> None:
    facts = live_of(box, one(box, "cleaned")).record.facts
    assert facts.bounced == facts.modified
    assert facts.unsubscribed is None


def test_a_pending_member_was_never_confirmed(box: Sandbox) -> None:
    facts = live_of(box, one(box, "pending")).record.facts
    assert facts.confirmed is None
    assert facts.subscribed is not None


def test_a_living_sms_subscription_keeps_an_unsubscribed_member_living(box: Sandbox) -> None:
    member = one(box, "unsubscribed")
    member["sms_subscription_status"] = "subscribed"
    facts = live_of(box, member).record.facts
    assert (facts.status, facts.unsubscribed) == ("subscribed", None)


def test_a_transactional_member_has_no_basis(box: Sandbox) -> None:
    member = one(box, "subscribed")
    member["status"] = "transactional"
    facts = live_of(box, member).record.facts
    assert (facts.basis, facts.subscribed, facts.confirmed) == ("", None, None)


def test_the_basis_is_what_the_settings_say(box: Sandbox) -> None:
    live = live_of(box, one(box, "subscribed"), basis="soft_optin")
    assert live.record.facts.basis == "soft_optin"


def test_the_last_click_is_unknown_unless_the_settings_ask_for_it(box: Sandbox) -> None:
    clicker = next(iter(box.mailchimp.shop.clicks))
    member = members(box)[clicker]
    box.mailchimp.shop.clicks[clicker] = [
        {"activity_type": "click", "created_at_timestamp": f"2026-0{month}-02T09:00:00+00:00"}
        for month in (5, 8, 3)
    ]
    assert live_of(box, member).record.facts.last_click is None
    assert live_of(box, member, clicks=True).record.facts.last_click == date(2026, 8, 2)


def test_a_pull_with_clicks_dates_the_clickers_only(box: Sandbox) -> None:
    records = pulled(platform(box, clicks=True))
    with_click = [record for record in records if record.facts.last_click]
    assert len(with_click) == sum(subscriber in members(box) for subscriber in box.mailchimp.shop.clicks)


def test_an_unknown_merge_field_is_custom_data_and_a_surprise(box: Sandbox) -> None:
    member = one(box, "subscribed")
    member["merge_fields"] |= {"MMERGE7": "something", "BIRTHDAY": "05/12", "MMERGE8": ""}
    record = live_of(box, member).record
    assert {Field.CUSTOM, Field.BIRTH_DATE} <= set(from_bits(record.present))
    assert [surprise.place for surprise in record.surprises] == ["merge_fields.MMERGE7"]


def test_the_settings_can_say_what_a_merge_field_holds(box: Sandbox) -> None:
    member = one(box, "subscribed")
    member["merge_fields"] |= {"MMERGE7": "850101"}
    record = live_of(box, member, merge_fields={"MMERGE7": "birth_date"}).record
    assert Field.BIRTH_DATE in from_bits(record.present)
    assert record.surprises == ()


def test_an_empty_address_with_a_country_is_no_data(box: Sandbox) -> None:
    member = one(box, "subscribed")
    member["merge_fields"]["ADDRESS"] = {"addr1": "", "city": "", "country": "SE"}
    assert Field.SHIPPING_ADDRESS not in from_bits(live_of(box, member).record.present)


def test_a_placeholder_address_is_no_data_and_joins_nobody(box: Sandbox) -> None:
    member = one(box, "subscribed")
    member["email_address"] = "order-4f2a@invalid.invalid"
    record = live_of(box, member).record
    assert Field.EMAIL not in from_bits(record.present)
    assert not [identifier for identifier in record.identifiers if identifier.type == "email"]


def test_fetch_hands_over_the_address_and_tells_who_is_gone(box: Sandbox) -> None:
    here, gone = list(members(box).values())[:2]
    refs = [ref_of(box, here), ref_of(box, gone)]
    del members(box)[gone["id"]]
    looks = looked(platform(box).fetch(refs), refs)
    assert looks[refs[1]] == Gone(ref=refs[1])
    live = looks[refs[0]]
    assert isinstance(live, Live)
    assert live.handles == {"email": (here["email_address"],)}
    assert here["email_address"] not in repr(live)


def test_a_permanent_deletion_is_read_back_and_cannot_be_imported_again(box: Sandbox) -> None:
    member = one(box, "subscribed")
    receipt = apply(box, member, Action.DELETE)
    assert receipt.outcome is Outcome.DONE
    assert Field.EMAIL in receipt.done
    assert subscriber_hash(member["email_address"]) in box.mailchimp.shop.forgotten[box.mailchimp.list_id]


def test_an_archived_member_is_deleted_too(box: Sandbox) -> None:
    assert apply(box, one(box, "archived"), Action.DELETE).outcome is Outcome.DONE


def test_deleting_twice_says_already_gone(box: Sandbox) -> None:
    member = one(box, "subscribed")
    task = Task(live=live_of(box, member), action=Action.DELETE, fields=frozenset({Field.EMAIL}))
    outcomes = [receipt.outcome for _ in range(2) for receipt in platform(box).apply([task])]
    assert outcomes == [Outcome.DONE, Outcome.ALREADY_GONE]


def test_a_member_is_unsubscribed_and_stays(box: Sandbox) -> None:
    member = one(box, "subscribed")
    assert apply(box, member, Action.UNSUBSCRIBE).outcome is Outcome.STOPPED
    assert member["status"] == "unsubscribed"


@pytest.mark.parametrize("status", ["unsubscribed", "cleaned", "archived"])
def test_whom_no_campaign_reaches_is_not_written_to(box: Sandbox, status: str) -> None:
    receipt = apply(box, one(box, status), Action.UNSUBSCRIBE)
    assert (receipt.outcome, receipt.reason) == (Outcome.ALREADY_GONE, "not_subscribed")
    assert not [method for method, _ in box.mailchimp.requests if method == "PATCH"]


def test_a_contact_without_an_address_is_left_to_a_hand_with_the_place(box: Sandbox) -> None:
    member = one(box, "subscribed")
    live = live_of(box, member)
    live.raw["email_address"] = ""
    task = Task(live=live, action=Action.DELETE, fields=frozenset({Field.PHONE}))
    (receipt,) = platform(box).apply([task])
    assert (receipt.outcome, receipt.reason) == (Outcome.BY_HAND, "no_address")
    assert receipt.places


def without_address(box: Sandbox) -> dict[str, Any]:
    """A contact that is known by its number alone."""
    member = one(box, "subscribed")
    member |= {"email_address": "", "sms_phone_number": "+46701740605"}
    member["sms_subscription_status"] = "subscribed"
    return member


def test_a_contact_without_an_address_is_forgotten_by_its_id_where_the_account_has_the_contacts_api(
    box: Sandbox,
) -> None:
    box.mailchimp.shop.contacts_api = True
    member = without_address(box)
    beta = platform(box, contacts=True)
    (live,) = beta.fetch([ref_of(box, member)])
    assert isinstance(live, Live)
    assert not live.handles
    (receipt,) = beta.apply([Task(live=live, action=Action.DELETE, fields=frozenset({Field.PHONE}))])
    assert receipt.outcome is Outcome.DONE
    assert member["contact_id"] not in {row["contact_id"] for row in members(box).values()}
    posts = [path for method, path in box.mailchimp.requests if method == "POST"]
    assert posts == ["/audiences/<list>/contacts/<contact>/actions/forget"]


def test_an_account_without_the_contacts_api_is_told_so_and_nobody_is_called_gone(box: Sandbox) -> None:
    member = one(box, "subscribed")
    beta = platform(box, contacts=True)
    assert [problem.code for problem in beta.check().problems if problem.severity == "error"] == [
        "no_contacts_api"
    ]
    (live,) = beta.fetch([ref_of(box, member)])
    assert isinstance(live, Live)
    (receipt,) = beta.apply([Task(live=live, action=Action.DELETE, fields=frozenset())])
    assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, "still_there")
    box.mailchimp.shop.contacts_api = True
    assert not [problem for problem in beta.check().problems if problem.severity == "error"]


def test_blanking_single_fields_is_left_to_a_hand(box: Sandbox) -> None:
    assert apply(box, one(box, "subscribed"), Action.REDACT).outcome is Outcome.BY_HAND


def test_nothing_is_ever_put_or_archived(box: Sandbox) -> None:
    apply(box, one(box, "subscribed"), Action.UNSUBSCRIBE)
    apply(box, one(box, "subscribed"), Action.DELETE)
    assert box.mailchimp.shop.puts == []
    assert not {method for method, _ in box.mailchimp.requests} - {"GET", "PATCH", "POST"}


def test_a_hundred_people_are_erased_in_one_go(box: Sandbox) -> None:
    refs = [ref_of(box, row) for row in list(members(box).values())[:100]]
    subscribers = platform(box)
    lives = list(subscribers.fetch(refs))
    tasks = [Task(live=live, action=Action.DELETE, fields=frozenset({Field.EMAIL})) for live in lives]
    outcomes = {receipt.outcome for receipt in subscribers.apply(tasks)}
    assert outcomes == {Outcome.DONE}
    assert len(refs) == len(lives) == 100


def test_never_more_than_four_requests_are_under_way(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, under_way, most = threading.Lock(), 0, 0
    send = requests.Session.send

    def counting(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        try:
            time.sleep(0.005)
            return send(self, request, **options)
        finally:
            with lock:
                under_way -= 1

    monkeypatch.setattr(requests.Session, "send", counting)
    refs = [ref_of(box, row) for row in list(members(box).values())[:40]]
    assert len(list(platform(box).fetch(refs))) == 40
    assert most == 4


def test_an_audience_that_is_not_in_the_account_stops_the_adapter(box: Sandbox) -> None:
    with pytest.raises(AccessDenied, match="lists"):
        list(platform(box, lists=["nosuchlist"]).pull(Kind.SUBSCRIBER, since=None))


def test_a_member_without_a_contact_id_is_not_passed_over_in_silence(box: Sandbox) -> None:
    one(box, "subscribed")["contact_id"] = ""
    with pytest.raises(Rejected, match="contact id"):
        pulled(platform(box))


def test_what_was_done_before_a_breakdown_is_still_reported(box: Sandbox) -> None:
    lives = [live_of(box, row) for row in list(members(box).values())[:20]]
    tasks = [Task(live=live, action=Action.DELETE, fields=frozenset({Field.EMAIL})) for live in lives]
    box.mailchimp.faults.add("500", "delete-permanent", times=-1, after=10)
    received: list[Receipt] = []
    with pytest.raises(RetryLater):
        received.extend(platform(box).apply(tasks))
    assert len(received) == 10
    assert {receipt.outcome for receipt in received} == {Outcome.DONE}


def test_no_address_or_hash_is_logged(box: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    member = one(box, "subscribed")
    apply(box, member, Action.DELETE)
    assert "delete member" in caplog.text
    assert member["email_address"] not in caplog.text
    assert subscriber_hash(member["email_address"]) not in caplog.text


def test_every_field_goes_only_with_the_whole_member() -> None:
    settings = {"key": "0-us1", "lists": []}
    capabilities = MailchimpPlatform(Mailchimp(settings), settings, keyer=keyer).capabilities(Kind.SUBSCRIBER)
    assert set(capabilities.fields.values()) == {Ability.DELETE}
    assert capabilities.deletes
    assert capabilities.unsubscribes


def test_a_pull_of_changes_ends_with_how_many_members_there_are_of_all(box: Sandbox) -> None:
    cursor = list(platform(box).pull(Kind.SUBSCRIBER, since=None))[-1].cursor
    members(box).pop(next(iter(members(box))))
    pages = list(platform(box).pull(Kind.SUBSCRIBER, since=cursor))
    assert [stock.count for stock in pages[-1].standing] == [len(members(box))]


# A "not found" counts only beside a member that is found -----------------------------------------


def seen(box: Sandbox, refs: list[Ref]) -> list[str]:
    """What a fetch and a read-back say of each, in words."""
    looks = [*platform(box).fetch(refs), *platform(box).read_back(refs, notes=frozenset())]
    return [look.reason if isinstance(look, Unread) else type(look).__name__ for look in looks]


def test_members_whom_a_lost_route_does_not_find_are_unread_and_never_gone(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = [ref_of(box, row) for row in list(members(box).values())[:3]]
    lose_every_object(monkeypatch)
    assert seen(box, refs) == ["no_control"] * 6


def test_a_deletion_that_a_lost_route_calls_done_already_is_refused(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = Task(live=live_of(box, one(box, "subscribed")), action=Action.DELETE, fields=frozenset())
    lose_every_object(monkeypatch)
    (receipt,) = platform(box).apply([task])
    assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, "unread:no_control")


def test_a_subscriber_of_an_audience_no_longer_named_is_unread_and_the_others_are_read(box: Sandbox) -> None:
    ref = ref_of(box, one(box, "subscribed"))
    other = Ref(adapter="mailchimp", kind=Kind.SUBSCRIBER, id="left:c1")
    looks = looked(platform(box).fetch([other, ref]), [other, ref])
    assert looks[other] == Unread(ref=other, reason="audience_not_named")
    assert isinstance(looks[ref], Live)


def test_a_check_warns_of_a_named_audience_that_was_emptied(box: Sandbox) -> None:
    assert "audience_empty" not in {problem.code for problem in platform(box).check().problems}
    members(box).clear()
    assert "audience_empty" in {problem.code for problem in platform(box).check().problems}


def test_a_member_that_is_not_there_is_gone_beside_one_that_is(box: Sandbox) -> None:
    known = one(box, "subscribed")
    del members(box)[next(key for key, row in members(box).items() if row is known)]
    assert seen(box, [ref_of(box, known)]) == ["Gone"] * 2


def test_the_members_of_an_audience_that_counts_nobody_are_gone(box: Sandbox) -> None:
    ref = ref_of(box, one(box, "subscribed"))
    members(box).clear()
    assert seen(box, [ref]) == ["Gone"] * 2


def test_an_empty_list_of_an_audience_that_counts_members_vouches_for_nothing(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = ref_of(box, one(box, "subscribed"))
    rows = members(box)
    monkeypatch.setattr(MailchimpService, "living", lambda service, list_id: ([], True))
    del rows[next(key for key, row in rows.items() if ref_of(box, row) == ref)]
    assert seen(box, [ref]) == ["no_control"] * 2
