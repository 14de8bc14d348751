"""The files of a package that Gallra has never heard of: its description, its code, its own tests."""

ABOUT = '''
"""A carrier and a shop system that Gallra has never heard of."""

from typing import ClassVar, Literal

from connector.about import About, Both
from connector.about.secrets import Secret
from connector.about.tables import Recipient, ShopSystem
from connector.about.values import Text
from connector.ports import Act, Channel, Interest
from connector.records import Field, Kind


class CourierTable(Recipient):
    needs: ClassVar[tuple[str, ...]] = ("depots", "key")
    code: Literal["PN"] = "PN"
    role: Literal["processor", "controller"] = "processor"
    title: Text = "Budbilen AB"
    key: Secret | None = None
    depots: tuple[Text, ...] = ()


class StarsTable(Recipient):
    code: Literal["RV"] = "RV"
    role: Literal["processor", "controller"] = "controller"
    title: Text = "Stjärnor AB"


class StallTable(ShopSystem):
    needs: ClassVar[tuple[str, ...]] = ("url", "licence")
    licence: Secret | None = None
    batch: Literal["small", "large"] = "small"


COURIER = About(
    name="courier",
    title="Budbilen",
    recipient=CourierTable,
    channel=Channel(address="integritet@budbilen.example", source="its privacy page"),
    final={Act.ERASE: "waybill"},
)
STARS = About(
    name="stars",
    title="Stjärnor",
    recipient=StarsTable,
    by_letter=(Interest(act=Act.NOTIFY, kind=Kind.ORDER, handle="waybill", fields=frozenset({Field.EMAIL})),),
    within="AD",
)
STALL = About(
    name="stall",
    title="Marknadsstånd",
    platform=StallTable,
    kinds=(Kind.ORDER,),
    to_fill_in=Both(sv="licensen", en="the licence"),
)
'''
BUILDER = '''
"""The courier, who is asked waybill by waybill, and its builder."""

from connector.errors import AccessDenied, RetryLater
from connector.ports import Access, Act, DeliveryReceipt, Finding, Interest, Problem, Role, Seen
from connector.records import Kind, Outcome
from made_up.depot import Depot

REFUSED = Problem(severity="error", code="key_refused", sv="Nyckeln duger inte.", en="The key is refused.")


class Courier:
    name, role, recipient = "courier", Role.PROCESSOR, "PN"
    interests = (
        Interest(act=Act.ERASE, kind=Kind.ORDER, handle="waybill", on_delete=True, irreversible=True),
    )

    def __init__(self, settings, depot):
        self.settings, self.depot = settings, depot

    def ask(self, method, waybill=""):
        return self.depot.ask(method, waybill, self.settings["key"])

    def check(self):
        try:
            self.ask("GET")
        except AccessDenied:
            return Access(adapter=self.name, reachable=True, can_read=False, problems=(REFUSED,))
        except RetryLater:
            return Access(adapter=self.name, reachable=False, can_read=False)
        return Access(adapter=self.name, reachable=True, can_read=True)

    def push(self, deliveries):
        for one in deliveries:
            try:
                yield DeliveryReceipt(id=one.id, outcome=self.erase(one.value))
            except RetryLater:
                yield DeliveryReceipt(id=one.id, outcome=Outcome.REFUSED, reason="rejected", retry=True)

    def erase(self, asked):
        there, waybill = self.ask("GET", asked)
        if waybill != asked:
            raise RetryLater("courier: another waybill. Try again later.", adapter=self.name, operation="GET")
        if there:
            self.ask("DELETE", asked)
        return Outcome.DONE if there else Outcome.ALREADY_GONE

    def verify(self, deliveries):
        for one in deliveries:
            there, waybill = self.ask("GET", one.value)
            seen = Seen.STILL_THERE if there else Seen.GONE
            yield Finding(id=one.id, seen=seen if waybill == one.value else Seen.UNREAD)


def build(settings, *, clock):
    return Courier(settings, Depot(settings["key"]))
'''
DEPOT = '''
"""The courier's service in memory: it says of a waybill whether it was there, and which one it means."""

from connector.errors import AccessDenied, RetryLater


class Depot:
    def __init__(self, key):
        self.key, self.waybills, self.asked, self.faults = key, {"W1", "W2", "W3"}, [], []

    def ask(self, method, waybill, key):
        self.asked.append(method)
        if key != self.key:
            raise AccessDenied("courier: refused. Check the key.", adapter="courier", operation=method)
        fault = self.faults[0] if self.faults and self.faults[0][0] in (method, waybill, "") else None
        if fault:
            fault[1] -= 1
            self.faults = [one for one in self.faults if one[1] > 0]
        if fault is None or fault[0] == "DELETE":
            there = waybill in self.waybills
            self.waybills -= {waybill} if method == "DELETE" else set()
        if fault is None:
            return there, waybill
        raise RetryLater("courier: no answer. Try again later.", adapter="courier", operation=method)
'''
HELD = '''
"""The courier, and one that believes whatever it likes, held to what every recipient must hold to."""

from datetime import date

import pytest

from connector.ports import Act, Delivery, DeliveryReceipt
from connector.records import Kind, Outcome, Ref
from connector.testing import RecipientSuite
from made_up.builder import Courier
from made_up.depot import Depot


class Hasty(Courier):
    def push(self, deliveries):
        for one in deliveries:
            try:
                self.ask("DELETE", one.value)
            except Exception as error:
                yield DeliveryReceipt(id=one.id, outcome=Outcome.DONE, reason=f"{one.value}: {error}")
            else:
                yield DeliveryReceipt(id=one.id, outcome=Outcome.DONE)


class TestCourier(RecipientSuite):
    kind_of, wrong_key, handles = Courier, "another", frozenset({"waybill"})

    @pytest.fixture
    def service(self):
        return Depot("right")

    def build(self, service, folder, key=None):
        return self.kind_of({"key": key or service.key}, service)

    def deliveries(self, service):
        return [
            Delivery(
                id=number, act=Act.ERASE, kind=Kind.ORDER, handle="waybill", value=waybill,
                ref=Ref(adapter="shop", kind=Kind.ORDER, id=waybill), planned=date(2026, 11, 20),
            )
            for number, waybill in enumerate(sorted(service.waybills), 1)
        ]

    def requests(self, service):
        return service.asked

    def secrets(self, service):
        return [service.key]

    def silent(self, service):
        service.faults = [["", 1000]]

    def fail(self, service, value, times):
        service.faults = [[value, times]]

    def lose_answers(self, service):
        service.faults = [["DELETE", 2]]

    def well(self, service):
        service.faults = []

    def mix_up(self, patch):
        patch.setattr(Depot, "ask", lambda self, method, waybill, key: (True, "W9"))


class TestHasty(TestCourier):
    kind_of = Hasty
'''
TEXTS = """
[handle]
waybill = "{0}"

[irreversible]
waybill = "{1}"

[recipient_code]
RV = "{2}"
"""
POINTS = """
[gallra.adapters]
courier = made_up.about:COURIER
stall = made_up.about:STALL
stars = made_up.about:STARS

[gallra.processors]
courier = made_up.builder:build
"""
