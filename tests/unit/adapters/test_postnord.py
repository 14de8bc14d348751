"""PostNord: delivery dates read, parcels notified by letter, booking never touched."""

import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import responses

from adapters.postnord.processor import PostNord, PostNordService, build, delivery_date
from connector.errors import AccessDenied, RetryLater
from connector.ports import Act
from connector.records import Field, Outcome
from tests.unit.adapters.told import clock_at, delivery, letter_settings, no_wait

NUMBER = "00373500454541020957"
URL = f"https://api2.postnord.com/rest/shipment/v7/trackandtrace/id/{NUMBER}/public"


@pytest.fixture(name="wire")
def _wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield wire


def postnord(folder: Path) -> PostNord:
    settings = {"key": "0f0f-s3cret", "letter": letter_settings(folder, name="postnord", code="PN")}
    return PostNord(settings, clock=clock_at(), service=PostNordService(settings, sleep=no_wait))


def item(number: str = NUMBER, status: str = "DELIVERED", **more: Any) -> dict[str, Any]:
    return {"itemId": number, "status": status, **more}


def tracked(*items: dict[str, Any]) -> dict[str, Any]:
    return {"TrackingInformationResponse": {"shipments": [{"shipmentId": NUMBER, "items": list(items)}]}}


def delivered(folder: Path) -> dict[str, date | None]:
    return dict(postnord(folder).delivered([NUMBER]))


def test_a_delivered_parcel_has_its_date(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.get(URL, json=tracked(item(deliveryDate="2026-06-25T15:42:00")))
    assert delivered(tmp_path) == {NUMBER: date(2026, 6, 25)}


def test_a_time_with_a_zone_becomes_a_stockholm_date(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.get(URL, json=tracked(item(deliveryDate="2026-06-25T22:30:00Z")))
    assert delivered(tmp_path) == {NUMBER: date(2026, 6, 26)}


def test_the_delivery_event_dates_a_parcel_that_lacks_a_date(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    events = [
        {"status": "EN_ROUTE", "eventTime": "2026-06-23T10:00:00"},
        {"status": "DELIVERED", "eventTime": "2026-06-25T15:42:00"},
    ]
    wire.get(URL, json=tracked(item(events=events)))
    assert delivered(tmp_path) == {NUMBER: date(2026, 6, 25)}


@pytest.mark.parametrize("status", ["EN_ROUTE", "RETURNED", "AVAILABLE_FOR_DELIVERY", "OTHER", ""])
def test_a_parcel_that_was_not_delivered_has_no_date(status: str) -> None:
    shipments = tracked(item(status=status, deliveryDate="2026-06-25T15:42:00"))
    assert delivery_date(shipments["TrackingInformationResponse"]["shipments"], NUMBER) is None


def test_a_shipment_is_delivered_when_its_last_parcel_is() -> None:
    parts = [item("A" * 12, deliveryDate="2026-06-25"), item("B" * 12, deliveryDate="2026-06-27")]
    assert delivery_date([{"shipmentId": NUMBER, "items": parts}], NUMBER) == date(2026, 6, 27)
    assert (
        delivery_date([{"shipmentId": NUMBER, "items": [*parts, item("C" * 12, "EN_ROUTE")]}], NUMBER) is None
    )


def test_a_parcel_of_a_shipment_is_judged_by_itself() -> None:
    parts = [item(deliveryDate="2026-06-25"), item("B" * 12, "EN_ROUTE")]
    assert delivery_date([{"shipmentId": NUMBER, "items": parts}], NUMBER) == date(2026, 6, 25)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"TrackingInformationResponse": {"shipments": []}}, 200),
        ({"TrackingInformationResponse": {"compositeFault": {"faults": []}}}, 200),
        ({"message": "Invalid identifier"}, 400),
        ({"message": "gone"}, 404),
    ],
)
def test_an_unknown_parcel_has_no_date(
    tmp_path: Path, wire: responses.RequestsMock, body: Any, status: int
) -> None:
    wire.get(URL, json=body, status=status)
    assert delivered(tmp_path) == {NUMBER: None}


@pytest.mark.parametrize("number", ["", "12", "../../booking", "anna@mejl.example", "1" * 36])
def test_what_is_no_tracking_number_is_never_sent(
    tmp_path: Path, wire: responses.RequestsMock, number: str
) -> None:
    assert list(postnord(tmp_path).delivered([number])) == [(number, None)]
    assert not wire.calls


def test_a_refused_key_stops_the_tracking_and_is_not_shown(
    tmp_path: Path, wire: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wire.get(URL, json={"error": {"status_code": 403, "message": "Invalid API Key"}}, status=403)
    with pytest.raises(AccessDenied) as denied:
        delivered(tmp_path)
    assert "0f0f-s3cret" not in caplog.text + str(denied.value) + repr(vars(denied.value))
    assert NUMBER not in caplog.text + str(denied.value)


def test_a_busy_service_is_no_unknown_parcel(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.get(URL, status=503)
    with pytest.raises(RetryLater):
        delivered(tmp_path)


def test_a_parcel_is_notified_when_its_number_goes(tmp_path: Path, wire: responses.RequestsMock) -> None:
    (interest,) = postnord(tmp_path).interests
    assert (interest.act, interest.handle) == (Act.NOTIFY, "tracking_number")
    assert interest.fields == {Field.TRACKING_NUMBER}
    (receipt,) = postnord(tmp_path).push([delivery(handle="tracking_number", value=NUMBER)])
    assert receipt.outcome is Outcome.BY_HAND
    assert not wire.calls


def test_the_check_tracks_a_number_that_is_nobodys(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.get(URL.replace(NUMBER, "0000000000"), json=tracked())
    assert postnord(tmp_path).check().can_read
    assert [call.request.method for call in wire.calls] == ["GET"]


def test_the_check_names_the_missing_product_of_a_key(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.get(URL.replace(NUMBER, "0000000000"), status=403)
    access = postnord(tmp_path).check()
    assert not access.can_read
    assert "Track & Trace" in access.problems[0].sv


def test_without_a_key_no_parcel_has_a_known_date(tmp_path: Path) -> None:
    recipient = build(letter_settings(tmp_path, name="postnord", code="PN"), clock=clock_at())
    assert list(recipient.delivered([NUMBER])) == [(NUMBER, None)]


def test_a_parcel_of_another_number_dates_nothing() -> None:
    other = [{"shipmentId": "9" * 20, "items": [item("9" * 20, deliveryDate="2026-06-25")]}]
    assert delivery_date(other, NUMBER) is None
    assert delivery_date(other, "0" + "9" * 20) == date(2026, 6, 25)
