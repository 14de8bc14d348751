"""The descriptions that come with Gallra, each against its stand-in: done, honest, and tolerant."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses

from adapters.described.processor import DescribedRecipient
from connector.errors import AccessDenied, SettingsError
from connector.ports import Act, Delivery, DeliveryReceipt, Seen
from connector.records import Kind, Outcome
from sandbox.box import Sandbox
from tests.unit.adapters.described.told import built
from tests.unit.adapters.told import NOON, clock_at, delivery

KEYS = {
    "klaviyo": ("url", "key"), "hotjar": ("url", "organization", "client", "key"),
    "mondido": ("url", "merchant", "key"), "google-ads": ("url", "account", "audience", "key"),
}  # fmt: skip


@pytest.fixture(name="box")
def _box() -> Iterator[Sandbox]:
    with Sandbox(customers=30, orders=60, today=date(2026, 11, 22)) as box:
        yield box


def at(name: str, box: Sandbox, folder: Path, **more: Any) -> DescribedRecipient:
    running = getattr(box, name.replace("-", "_"))
    return built(name, folder, **{key: getattr(running, key) for key in KEYS[name]}, **more)


def of(box: Sandbox, act: Act = Act.ERASE, number: int = 0) -> Delivery:
    """One customer, by the address that the shop has."""
    customer = list(box.woocommerce.shop.customers.values())[number]
    return delivery(act=act, kind=Kind.CUSTOMER, handle="email", value=customer["email"])


def one(recipient: DescribedRecipient, told: Delivery) -> DeliveryReceipt:
    (receipt,) = recipient.push([told])
    return receipt


def days_later(days: int) -> Any:
    return clock_at(NOON + timedelta(days=days))


# Klaviyo ---------------------------------------------------------------------------------------


def test_klaviyo_erases_one_profile_by_its_id_and_no_other(box: Sandbox, tmp_path: Path) -> None:
    before, told = len(box.klaviyo.shop.profiles), of(box)
    recipient = at("klaviyo", box, tmp_path)
    assert one(recipient, told).outcome is Outcome.DONE
    assert [address.lower() for address in box.klaviyo.shop.deleted] == [told.value.lower()]
    assert len(box.klaviyo.shop.profiles) == before - 1
    assert [finding.seen for finding in recipient.verify([told])] == [Seen.GONE]


def test_klaviyo_s_deletion_is_asked_about_day_by_day_and_asked_anew_after_thirty(
    box: Sandbox, tmp_path: Path
) -> None:
    box.klaviyo.shop.slow = True
    told = of(box)
    first = one(at("klaviyo", box, tmp_path), told)
    assert (first.outcome, first.due) == (Outcome.ACCEPTED, NOON.date() + timedelta(days=1))
    waiting = replace(told, token=first.token)
    assert one(at("klaviyo", box, tmp_path, clock=days_later(30)), waiting).token == first.token
    assert one(at("klaviyo", box, tmp_path, clock=days_later(31)), waiting).token != first.token
    box.klaviyo.shop.slow = False
    assert one(at("klaviyo", box, tmp_path, clock=days_later(31)), waiting).outcome is Outcome.DONE


def test_klaviyo_suppresses_instead_where_the_shop_says_so(box: Sandbox, tmp_path: Path) -> None:
    recipient, told = at("klaviyo", box, tmp_path, suppress=True), of(box, Act.STOP)
    assert (Act.ERASE, "email") not in {(i.act, i.handle) for i in recipient.interests}
    assert one(recipient, told).outcome is Outcome.STOPPED
    assert [row["suppression"] != [] for row in box.klaviyo.shop.profiles.values()].count(True) == 1
    assert not box.klaviyo.shop.deleted
    assert [finding.seen for finding in recipient.verify([told])] == [Seen.GONE]


# Hotjar ----------------------------------------------------------------------------------------


def test_hotjar_is_asked_by_address_and_what_it_did_is_never_taken_for_known(
    box: Sandbox, tmp_path: Path
) -> None:
    told = of(box)
    assert told.value.lower() in box.hotjar.shop.addresses
    recipient = at("hotjar", box, tmp_path)
    first = one(recipient, told)
    assert (first.outcome, first.due) == (Outcome.ACCEPTED, NOON.date() + timedelta(days=1))
    assert told.value.lower() not in box.hotjar.shop.addresses
    later = one(at("hotjar", box, tmp_path, clock=days_later(1)), replace(told, token=first.token))
    assert (later.outcome, later.reason) == (Outcome.NOTIFIED, "asked_by_api")
    assert [finding.seen for finding in recipient.verify([told])] == [Seen.CANNOT_BE_KNOWN]


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'"ok"', b'{"hits": [{"id": 1}]}'])
def test_hotjar_may_answer_whatever_it_likes_that_is_no_page(tmp_path: Path, body: bytes) -> None:
    keys = {"organization": "71", "client": "c", "key": "k"}
    with responses.RequestsMock() as wire:
        wire.post("https://api.hotjar.io/v1/oauth/token", json={"access_token": "t", "expires_in": 3600})
        wire.post("https://api.hotjar.io/v1/organizations/71/user-lookup", body=body)
        told = delivery(act=Act.ERASE, kind=Kind.CUSTOMER, handle="email", value="Ada@shop.example")
        assert one(built("hotjar", tmp_path, **keys), told).outcome is Outcome.ACCEPTED
        assert b'"data_subject_email":"ada@shop.example"' in wire.calls[1].request.body


def test_a_plan_without_the_look_up_is_told_as_that_and_letters_go_all_the_same(
    box: Sandbox, tmp_path: Path
) -> None:
    box.hotjar.shop.plan = False
    letter = delivery(id=2, kind=Kind.CUSTOMER, handle="customer", value="17")
    receipts: list[DeliveryReceipt] = []
    with pytest.raises(AccessDenied, match="not part of this plan"):
        receipts.extend(at("hotjar", box, tmp_path).push([of(box), letter]))
    assert len(list(tmp_path.glob("*.txt"))) == 1


# Mondido ---------------------------------------------------------------------------------------


def test_mondido_s_cards_of_one_customer_are_stopped_and_of_no_other(box: Sandbox, tmp_path: Path) -> None:
    merchant = box.mondido.shop
    first = next(iter(merchant.customers.values()))
    more = {**merchant.cards["301"], "id": 999}
    merchant.cards["999"] = more
    told = delivery(act=Act.STOP, kind=Kind.CUSTOMER, handle="customer", value=first["ref"])
    recipient = at("mondido", box, tmp_path)
    assert one(recipient, told).outcome is Outcome.STOPPED
    assert {id_ for id_, card in merchant.cards.items() if card["status"] == "deleted"} == {"301", "999"}
    assert [finding.seen for finding in recipient.verify([told])] == [Seen.GONE]


def test_a_host_that_is_no_more_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    access = built("mondido", tmp_path, merchant="9", key="k").check()
    (problem,) = [one for one in access.problems if one.severity == "error"]
    assert (access.reachable, problem.code) == (False, "unreachable")
    assert "There is no host api.mondido.com" in problem.en


# Google Ads ------------------------------------------------------------------------------------


def test_google_ads_takes_a_hashed_address_and_its_request_is_followed_to_the_end(
    box: Sandbox, tmp_path: Path
) -> None:
    before, told = len(box.google_ads.shop.hashed), of(box)
    box.google_ads.shop.state = "PROCESSING"
    recipient = at("google-ads", box, tmp_path)
    first = one(recipient, told)
    assert (first.outcome, first.token) == (Outcome.ACCEPTED, "asked:2026-11-22:req-1")
    assert len(box.google_ads.shop.hashed) == before - 1
    waiting = replace(told, token=first.token)
    second = one(at("google-ads", box, tmp_path, clock=days_later(2)), waiting)
    assert (second.outcome, second.due) == (Outcome.ACCEPTED, NOON.date() + timedelta(days=3))
    box.google_ads.shop.state = "SUCCESS"
    assert one(at("google-ads", box, tmp_path, clock=days_later(3)), waiting).outcome is Outcome.DONE
    assert len(box.google_ads.shop.requests) == 1
    assert [finding.seen for finding in recipient.verify([told])] == [Seen.CANNOT_BE_KNOWN]


@pytest.mark.parametrize("state", ["FAILED", "PARTIAL_SUCCESS"])
def test_a_request_that_failed_at_google_is_no_success(box: Sandbox, tmp_path: Path, state: str) -> None:
    told = of(box)
    first = one(at("google-ads", box, tmp_path), told)
    box.google_ads.shop.state = state
    second = one(at("google-ads", box, tmp_path), replace(told, token=first.token))
    assert (second.outcome, second.reason) == (Outcome.REFUSED, "request_failed")


def test_a_request_that_never_ends_is_made_anew_after_a_week(box: Sandbox, tmp_path: Path) -> None:
    told = of(box)
    first = one(at("google-ads", box, tmp_path), told)
    box.google_ads.shop.state = "PROCESSING"
    again = one(at("google-ads", box, tmp_path, clock=days_later(7)), replace(told, token=first.token))
    assert again.token == "asked:2026-11-29:req-2"


def test_where_a_token_is_asked_for_is_the_description_s_word_and_never_the_key_file_s(
    box: Sandbox, tmp_path: Path
) -> None:
    keys = {key: getattr(box.google_ads, key) for key in ("account", "audience", "key")}
    assert "evil.test" in keys["key"]
    with responses.RequestsMock() as wire:
        wire.post("https://oauth2.googleapis.com/token", json={"access_token": "t", "expires_in": 3599})
        wire.post("https://datamanager.googleapis.com/v1/audienceMembers:remove", json={"requestId": "r-1"})
        assert one(built("google-ads", tmp_path, **keys), of(box)).token == "asked:2026-11-22:r-1"
        assert of(box).value.encode() not in (wire.calls[1].request.body or b"")


@pytest.mark.parametrize("request_id", ["", None, 7.5, "a b", "x" * 200, "r\n1"])
def test_an_answer_without_a_request_s_number_is_no_answer(
    box: Sandbox, tmp_path: Path, request_id: object
) -> None:
    keys = {key: getattr(box.google_ads, key) for key in ("account", "audience", "key")}
    with responses.RequestsMock() as wire:
        wire.post("https://oauth2.googleapis.com/token", json={"access_token": "t"})
        wire.post(
            "https://datamanager.googleapis.com/v1/audienceMembers:remove", json={"requestId": request_id}
        )
        receipt = one(built("google-ads", tmp_path, **keys), of(box))
    assert (receipt.outcome, receipt.retry) == (Outcome.REFUSED, True)


# Google Analytics ------------------------------------------------------------------------------


def test_google_analytics_deletes_a_user_only_where_the_shop_says_that_it_gives_the_number(
    box: Sandbox, tmp_path: Path
) -> None:
    own = {key: getattr(box.google_analytics, key) for key in ("url", "property", "key")}
    told = delivery(act=Act.ERASE, kind=Kind.CUSTOMER, handle="customer", value="17")
    silent = built("google-analytics", tmp_path, **own)
    assert {one.act for one in silent.interests} == {Act.NOTIFY}
    first = one(built("google-analytics", tmp_path, **own, user_id=True), told)
    assert (first.outcome, first.due) == (Outcome.ACCEPTED, NOON.date() + timedelta(days=62))
    assert box.google_analytics.shop.deleted == ["17"]
    over = built("google-analytics", tmp_path, **own, user_id=True, clock=days_later(62))
    later = one(over, replace(told, token=first.token))
    assert (later.outcome, later.reason) == (Outcome.NOTIFIED, "asked_by_api")
    assert box.google_analytics.shop.deleted == ["17"]
    assert [finding.seen for finding in over.verify([told])] == [Seen.CANNOT_BE_KNOWN]


@pytest.mark.parametrize("id_", [None, "", {}, True])
def test_a_customer_without_an_id_leads_to_nobody_s_cards(box: Sandbox, tmp_path: Path, id_: object) -> None:
    merchant = box.mondido.shop
    first = next(iter(merchant.customers.values()))
    first["id"] = id_
    merchant.cards["999"] = {"id": 999, "status": "active"}  # of nobody that it says
    merchant.cards["998"] = {"id": 998, "status": "active", "customer": {"id": ""}}
    told = delivery(act=Act.STOP, kind=Kind.CUSTOMER, handle="customer", value=first["ref"])
    assert one(at("mondido", box, tmp_path), told).retry
    assert {card["status"] for card in merchant.cards.values()} == {"active"}


@pytest.mark.parametrize("value", ["1/../2", "..", "a b", "x?y", "1\r\nX: y"])
def test_a_key_of_the_shop_s_that_would_lead_elsewhere_is_refused_when_the_shop_is_opened(
    tmp_path: Path, value: str
) -> None:
    with pytest.raises(SettingsError, match=r"hotjar\.organization"):
        built("hotjar", tmp_path, organization=value, client="c", key="k")
