"""Every recipient of the project, held to the suite over HTTP against the stand-in services."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters import notice
from adapters.klarna.processor import Klarna, KlarnaService
from adapters.mailchimp.processor import MailchimpProcessor
from adapters.mailchimp.service import Mailchimp
from adapters.payson.processor import Payson, PaysonService
from adapters.postnord.processor import PostNord, PostNordService
from connector.ports import Act, Channel, Delivery, Processor
from connector.records import Field, Kind, Outcome
from connector.registry import build_processor, kinds_of, processor_names
from connector.registry import described as described_recipients
from connector.testing import Answer, LetterSuite, RecipientSuite
from connector.testing.hooks import RecipientHooks
from connector.views.letters import Unsent, shipped
from sandbox.box import Sandbox
from tests.support_caches import (
    answer_everything,
    answer_with_another,
    cache_everything,
    lose_every_object,
)
from tests.unit.adapters.described.told import built
from tests.unit.adapters.told import NOON, clock_at, delivery, letter_settings, no_wait
from tests.unit.docs.capability_rows import KEYS

TODAY = date(2026, 11, 22)
HANDLES = {
    "email", "phone", "order", "order_number", "customer", "guest_email", "klarna_order", "klarna_token",
    "payson_checkout", "tracking_number", "transaction",
}  # fmt: skip


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


def described(name: str, *keys: str) -> Callable[[Sandbox, Path, str | None], Processor]:
    """A description against its stand-in, the last of its keys the secret."""

    def make(box: Sandbox, folder: Path, key: str | None) -> Processor:
        running = getattr(box, name.replace("-", "_"))
        own: dict[str, Any] = {each: getattr(running, each) for each in ("url", *keys)}
        own |= {keys[-1]: key} if key else {}
        return built(name, folder, **own)

    return make


def account_deliveries(act: Act) -> Callable[[Sandbox], list[Delivery]]:
    """Ten customers by their address, and a letter of each."""

    def made(box: Sandbox) -> list[Delivery]:
        rows = list(box.woocommerce.shop.customers.values())
        values = list(dict.fromkeys(row["email"] for row in rows))[:10]
        calls = [
            delivery(id=n, act=act, kind=Kind.CUSTOMER, handle="email", value=value)
            for n, value in enumerate(values, 1)
        ]
        letters = [
            delivery(id=100 + n, kind=Kind.CUSTOMER, handle="customer", value=f"{n}") for n in range(3)
        ]
        return calls + letters

    return made


def mondido_deliveries(box: Sandbox) -> list[Delivery]:
    refs = [row["ref"] for row in list(box.mondido.shop.customers.values())[:10]]
    stops = [
        delivery(id=n, act=Act.STOP, kind=Kind.CUSTOMER, handle="customer", value=ref)
        for n, ref in enumerate(refs, 1)
    ]
    letters = [delivery(id=100 + n, handle="transaction", value=f"t{n}") for n in range(3)]
    return stops + letters


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
        delivery(id=100 + number, act=Act.STOP, handle="klarna_token", value=value)
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


@pytest.fixture(name="box")
def _box() -> Iterator[Sandbox]:
    with Sandbox(customers=120, orders=400, today=TODAY) as box:
        yield box


class OfTheSandbox(RecipientHooks):
    """What the stand-in services can do, each hook with the faults of `running`."""

    running: str
    make: Callable[[Sandbox, Path, str | None], Processor]
    asked_for: Callable[[Sandbox], list[Delivery]]
    wrong_key = "wrong-key-us19"
    handles = frozenset(HANDLES)

    @pytest.fixture
    def service(self, box: Sandbox) -> Sandbox:
        return box

    def build(self, service: Sandbox, folder: Path, key: str | None = None) -> Processor:
        return type(self).make(service, folder, key)

    def deliveries(self, service: Sandbox) -> list[Delivery]:
        return type(self).asked_for(service)

    def one(self, box: Sandbox) -> Any:
        """The service that is called."""
        return getattr(box, self.running)

    def requests(self, service: Sandbox) -> Sequence[str]:
        return [method for (method, _), count in self.one(service).requests.items() for _ in range(count)]

    def secrets(self, service: Sandbox) -> Sequence[str]:
        running = self.one(service)
        return [getattr(running, name) for name in ("key", "password") if hasattr(running, name)]

    def misuse(self, service: Sandbox) -> Sequence[object]:
        money = [service.klarna.shop.misuse, service.payson.shop.misuse, service.postnord.shop.misuse]
        odd = set(self.requests(service)) - {"GET", "DELETE", "PATCH"}
        return [*itertools.chain(*money), *service.mailchimp.shop.puts, *odd]

    def busy(self, service: Sandbox) -> None:
        self.one(service).faults.add("429", times=-1)

    def down(self, service: Sandbox) -> None:
        self.one(service).faults.add("503_html", times=-1)

    def silent(self, service: Sandbox) -> None:
        self.one(service).faults.add("cut", times=-1)

    def fail(self, service: Sandbox, value: str, times: int) -> None:
        self.one(service).faults.add("500", value, times=times)

    def lose_answers(self, service: Sandbox) -> None:
        for method in ("DELETE", "PATCH", "POST"):
            self.one(service).faults.add("cut_after", f"{method} /", times=4)

    def well(self, service: Sandbox) -> None:
        self.one(service).faults.clear()

    def answer(self, patch: pytest.MonkeyPatch, answer: Answer) -> None:
        answer_everything(patch, answer.status, answer.body, answer.kind, **answer.headers)

    def cached(self, patch: pytest.MonkeyPatch) -> None:
        cache_everything(patch)

    def forget(self, patch: pytest.MonkeyPatch) -> None:
        lose_every_object(patch)

    def mix_up(self, patch: pytest.MonkeyPatch) -> None:
        answer_with_another(patch)


class TestMailchimp(OfTheSandbox, RecipientSuite):
    running, make, asked_for = "mailchimp", mailchimp, mailchimp_deliveries
    by_a_list = frozenset({"email", "guest_email"})


class TestKlarna(OfTheSandbox, RecipientSuite):
    running, make, asked_for = "klarna", klarna("klarna"), klarna_deliveries
    nameless = frozenset({"klarna_token"})


class TestKustom(OfTheSandbox, RecipientSuite):
    running, make, asked_for = "klarna", klarna("kustom"), klarna_deliveries
    nameless = frozenset({"klarna_token"})


class TestPayson(OfTheSandbox, RecipientSuite):
    running, make, asked_for = "payson", payson, payson_deliveries


class TestPaysonDescribed(OfTheSandbox, RecipientSuite):
    running, make, asked_for = "payson", described("payson", "agent", "key"), payson_deliveries


class Described(OfTheSandbox, RecipientSuite):
    """A description that comes with Gallra, with calls that its service is told by."""

    may = frozenset({"GET", "POST"})
    running, make = "klaviyo", described("klaviyo", "key")
    asked_for = account_deliveries(Act.ERASE)
    handles = frozenset(HANDLES)

    def misuse(self, service: Sandbox) -> Sequence[object]:
        return [*self.one(service).shop.misuse, *(set(self.requests(service)) - self.may)]

    def requests(self, service: Sandbox) -> Sequence[str]:
        """The methods; asking for a token changes nothing."""
        return [
            "GET" if route.endswith("/token") else method
            for (method, route), count in self.one(service).requests.items()
            for _ in range(count)
        ]


class TestKlaviyo(Described):
    under_way = frozenset({Outcome.DONE})
    by_a_list = frozenset({"email"})


class TestHotjar(Described):
    running, make = "hotjar", described("hotjar", "organization", "client", "key")
    under_way = frozenset({Outcome.ACCEPTED})

    def can_be_read_back(self, delivery: Delivery) -> bool:
        return False


class TestMondido(Described):
    may = frozenset({"GET", "DELETE"})
    running, make = "mondido", described("mondido", "merchant", "key")
    asked_for, by_a_list = mondido_deliveries, frozenset({"customer"})


class TestGoogleAds(Described):
    running, make = "google_ads", described("google-ads", "account", "audience", "key")
    under_way = frozenset({Outcome.DONE, Outcome.ACCEPTED})

    def can_be_read_back(self, delivery: Delivery) -> bool:
        return False


class TestGoogleAnalytics(Described):
    running, make = "google_analytics", described("google-analytics", "property", "key")

    under_way = frozenset({Outcome.ACCEPTED})

    def build(self, service: Sandbox, folder: Path, key: str | None = None) -> Processor:
        running = service.google_analytics
        own = {"url": running.url, "property": running.property, "key": key or running.key, "user_id": True}
        return built("google-analytics", folder, **own)

    def deliveries(self, service: Sandbox) -> list[Delivery]:
        users = [
            delivery(id=n, act=Act.ERASE, kind=Kind.CUSTOMER, handle="customer", value=f"user-{n}")
            for n in range(1, 6)
        ]
        letters = [
            delivery(id=100 + n, kind=Kind.CUSTOMER, handle="customer", value=f"{n}") for n in range(3)
        ]
        return users + letters

    def can_be_read_back(self, delivery: Delivery) -> bool:
        return False


class TestPostNord(OfTheSandbox, RecipientSuite):
    running, make, asked_for = "postnord", postnord, postnord_deliveries


class TestLetter(OfTheSandbox, LetterSuite):
    """It runs beside Mailchimp's stand-in, which it must never call."""

    running, make, asked_for = "mailchimp", letter, letter_deliveries


HELD = {
    "mailchimp": TestMailchimp, "klarna": TestKlarna, "kustom": TestKustom, "payson": TestPayson,
    "klaviyo": TestKlaviyo, "hotjar": TestHotjar, "mondido": TestMondido, "google-ads": TestGoogleAds,
    "google-analytics": TestGoogleAnalytics,
    "postnord": TestPostNord, "letter": TestLetter,
}  # fmt: skip


def test_parcels_are_dated_by_the_tracker(box: Sandbox, tmp_path: Path) -> None:
    shipments = box.postnord.shop.shipments
    dates = dict(postnord(box, tmp_path, None).delivered(list(shipments)))  # type: ignore[attr-defined]
    assert set(dates) == set(shipments)
    for number, shipment in shipments.items():
        assert (dates[number] is not None) == (shipment["status"] == "DELIVERED")
        assert dates[number] is None or dates[number] <= NOON.date() + timedelta(days=1)


UNTOLD = {"imap"}
"""Holders of records whose own processor is told nothing: what goes there, goes on their platform."""


def test_every_recipient_of_the_registry_is_held_to_this_suite() -> None:
    carried = {one.name for one in described_recipients().values() if one.asked_of("carried")}
    assert set(processor_names()) - carried - UNTOLD <= HELD.keys()


@pytest.mark.parametrize("name", sorted(UNTOLD))
def test_one_that_is_told_nothing_has_no_interest_and_answers_to_nothing(name: str) -> None:
    built_one = build_processor(name, KEYS[name], clock=clock_at())
    assert built_one.interests == ()
    assert kinds_of(name)
    assert list(built_one.push([])) == list(built_one.verify([])) == []
    assert built_one.check().reachable


# Where a recipient takes in a notice -----------------------------------------------------------


@pytest.mark.parametrize("name", sorted(set(processor_names()) - UNTOLD))
def test_every_recipient_with_an_adapter_ships_its_channel_with_source_and_day(name: str) -> None:
    if name == "letter":  # any recipient: the shop's own file says where it is reached
        return
    found = shipped(name)
    assert found.address or found.form
    assert found.source
    assert found.read


@pytest.mark.parametrize("name", sorted(set(HELD) - {"letter"}))
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
