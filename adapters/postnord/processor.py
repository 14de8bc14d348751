"""PostNord: says when a parcel was delivered, and is notified by letter; it has no erase API.

Only the tracking route is called, and only read: booking's "deletion" books a new shipment.
Basis: Track & Trace v7, by identifier; its SSCC numbers may be used again after 18 months.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import requests

from adapters.deliveries import abreast
from adapters.http import Http
from adapters.keys import tried
from adapters.network import Network
from adapters.notice.notifier import Notifier
from adapters.postnord.about import ABOUT
from adapters.stray import NOT_JSON
from connector.calendar import to_date
from connector.errors import Rejected
from connector.ports import Access, Clock, Delivery, DeliveryReceipt, Finding, Role

HOST = "https://api2.postnord.com"
TITLE = "PostNord Sverige AB"
_PATIENCE = 10.0  # seconds: what it does not say today, the next pull asks
_CONNECTIONS = 2  # no limit is documented
_NUMBER = re.compile(r"[0-9A-Za-z]{10,35}\Z")
_ITS_OWN = "fault"
_REFUSALS = frozenset({"message", "compositeFault", "TrackingInformationResponse", "error"})
_NO_PARCEL = "0000000000"


class PostNordService:
    """The one call that Gallra makes; the key goes in the query, where PostNord wants it."""

    def __init__(self, settings: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._http = Http(
            adapter="postnord",
            base=str(settings.get("url") or HOST),
            params={"apikey": str(settings["key"]), "locale": "sv"},
            connections=_CONNECTIONS,
            error_code=_fault,
            network=Network(patience=_PATIENCE, ca_file=Network.of(settings).ca_file),
            sleep=sleep,
        )

    def shipments(self, number: str) -> list[dict[str, Any]]:
        """The shipments of a tracking number; empty where it is unknown or forgotten."""
        path = f"rest/shipment/v7/trackandtrace/id/{number}/public"
        try:
            body = self._http.request("GET", path, operation="track parcel", ok=(200,)).json()
        except Rejected as error:
            if error.status in (400, 404) and error.code == _ITS_OWN:
                return []
            raise
        answer = body.get("TrackingInformationResponse") if isinstance(body, dict) else None
        if not isinstance(answer, dict):
            raise Rejected(
                "postnord: what answered `track parcel` is no tracking. Check `url`, and what stands between "
                "this machine and PostNord (a proxy, a login page).",
                adapter="postnord", operation="track parcel", code="no_object",
            )  # fmt: skip
        return _tables(answer.get("shipments"))


def _fault(response: requests.Response) -> str:
    """Whether a refusal is in PostNord's own form; its texts are not read."""
    try:
        body = msgspec.json.decode(response.content)
    except NOT_JSON:
        return ""
    return _ITS_OWN if isinstance(body, dict) and body.keys() & _REFUSALS else ""


class PostNord:
    """A tracker where a key is configured; told by letter in any case."""

    name = "postnord"
    role = Role.CONTROLLER
    recipient = "PN"
    tells_rectified = True
    interests = ABOUT.by_letter

    def __init__(self, settings: Mapping[str, Any], *, clock: Clock, service: PostNordService | None) -> None:
        self._service = service
        defaults = {"name": "postnord", "code": "PN", "title": TITLE, "role": Role.CONTROLLER}
        self._notifier = Notifier(settings, clock=clock, defaults=defaults)

    def check(self) -> Access:
        """The key, where there is one, and what the letter lacks."""
        problems = self._notifier.problems()
        if self._service is None:
            return Access(adapter=self.name, reachable=True, can_read=False, problems=problems)
        service = self._service
        return tried(
            Access(adapter=self.name, reachable=True, can_read=True, can_write=False, version="v7",
                   problems=problems),
            lambda: service.shipments(_NO_PARCEL),
            refused="PostNord tar inte emot nyckeln, eller så saknar den produkten Track & Trace; "
            "rätta `key`.",
            silent="PostNord svarar inte; försök igen om några minuter.",
        )  # fmt: skip

    def delivered(self, numbers: Sequence[str]) -> Iterator[tuple[str, date | None]]:
        """Each tracking number with its delivery date, None where PostNord shows none."""
        yield from abreast(self._delivered, numbers, workers=_CONNECTIONS)

    def push(self, deliveries: Sequence[Delivery]) -> Iterator[DeliveryReceipt]:
        """Lines for the next letter, or the letter itself where it is due."""
        return self._notifier.push(deliveries)

    def verify(self, deliveries: Sequence[Delivery]) -> Iterator[Finding]:
        """What PostNord keeps is its own; it cannot be known here."""
        return self._notifier.verify(deliveries)

    def _delivered(self, number: str) -> tuple[str, date | None]:
        if self._service is None or not _NUMBER.match(number):
            return number, None
        try:
            return number, delivery_date(self._service.shipments(number), number)
        except Rejected:
            return number, None


def delivery_date(shipments: Sequence[Mapping[str, Any]], number: str) -> date | None:
    """The Stockholm date on which the parcel, or the last of a shipment's parcels, was delivered.

    None while one of them is on its way, where a status or a date is missing, and where the answer is about
    another parcel: its day would start the clock of this one's order.
    """
    items = [item for shipment in shipments for item in _tables(shipment.get("items"))]
    whole = [
        item
        for shipment in shipments if _same(shipment.get("shipmentId"), number)
        for item in _tables(shipment.get("items"))
    ]  # fmt: skip
    own = [item for item in items if _same(item.get("itemId"), number)] or whole
    dates = [_item_date(item) for item in own]
    return max((day for day in dates if day), default=None) if dates and all(dates) else None


def _same(one: object, number: str) -> bool:
    """Whether two numbers are of one parcel: they are written with and without their leading zeros."""
    return isinstance(one, str) and one.strip().upper().lstrip("0") == number.upper().lstrip("0")


def _tables(rows: Any) -> list[dict[str, Any]]:
    """The rows that are tables; a carrier's other words are no shipments."""
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _item_date(item: Mapping[str, Any]) -> date | None:
    if item.get("status") != "DELIVERED":
        return None
    moments = [item.get("deliveryDate")] + [
        event.get("eventTime") for event in _tables(item.get("events")) if event.get("status") == "DELIVERED"
    ]
    return next((day for day in map(_date, moments) if day), None)


def _date(moment: object) -> date | None:
    """A date of Stockholm; PostNord's times without a zone are Swedish."""
    try:
        return to_date(moment) if isinstance(moment, str) and moment else None
    except ValueError:
        return None


def build(settings: Mapping[str, Any], *, clock: Clock) -> PostNord:
    """PostNord; without `key` it tracks nothing and is told by letter all the same."""
    service = PostNordService(settings) if settings.get("key") else None
    return PostNord(settings, clock=clock, service=service)
