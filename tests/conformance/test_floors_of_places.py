"""No row clears what another's floor keeps, in any place that both reach: for every platform with orders.

An adapter takes part by saying, in `READERS`, how it makes an order of a shape, and what stands in a place.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from adapters.shopify import gift_cards as shopify_cards
from adapters.shopify import orders as shopify
from adapters.shopify.status import facts as shopify_facts
from adapters.woocommerce import goods as woocommerce_goods
from adapters.woocommerce import orders as woocommerce
from adapters.woocommerce import places as woocommerce_places
from connector.calendar import FinancialYears
from connector.places.rewriting import KEEP, Held, place_after
from connector.policy import Policy, ShopContext, decide, load_policy
from connector.records import Facts, Field, Kind, Record, Ref, to_bits
from connector.text.folding import same_person
from connector.verdicts import State, Verdict
from tests.unit.adapters.shopify.made import address
from tests.unit.adapters.shopify.made import order as shopify_order
from tests.unit.adapters.shopify.test_gift_cards import CARD
from tests.unit.adapters.woocommerce.test_facts import order as woocommerce_order

Part = tuple[str, Held]
"""What stands in a place, and one field's part in it."""

PHONE = "+46701740605"
DELIVERED = date(2023, 2, 6)
DAYS = tuple(DELIVERED + timedelta(days=days) for days in (91, 400, 1300, 2900, 3900))
YEARS = FinancialYears.ending("12-31", 2014, 2040)
COUNTRIES = ("SE", "DE", "NO", "")
NAMES = (("Åsa", "Lind"), ("Asa", "LIND"), ("Disa", "Demosson"), ("", ""))


class Shape(NamedTuple):
    """What of an order decides who owns a place of it; the buyer is Åsa Lind, of Lind AB or of none."""

    country: str
    recipient: tuple[str, str]
    buyer_company: str
    company: str
    invoiced: bool


SHAPES = [Shape(*one) for one in product(COUNTRIES, NAMES, ("", "Lind AB"), ("", "Annat AB"), (False, True))]


def _woocommerce(shape: Shape) -> tuple[Facts, list[Part]]:
    to = {"country": shape.country, "address_1": "Provgatan 1", "city": "Provstad", "postcode": "11455",
          "first_name": shape.recipient[0], "last_name": shape.recipient[1], "company": shape.company,
          "phone": PHONE}  # fmt: skip
    buyer = {"first_name": "Åsa", "last_name": "Lind", "company": shape.buyer_company, "country": "",
             "address_1": "Betalgatan 2", "city": "Provköping", "postcode": "22222"}  # fmt: skip
    meta = [{"id": 1, "key": "_wcpdf_invoice_number", "value": "9"}] if shape.invoiced else []
    order = woocommerce_order(
        billing=buyer, shipping=to, meta_data=meta, date_created_gmt="2023-02-01T10:00:00",
        date_paid_gmt="2023-02-01T10:00:00", date_completed_gmt="2023-01-30T10:00:00",
        transaction_id="pi_1", total="100.00",
    )  # fmt: skip
    blocks = {f"_{name}_{part}": str(value) for name in ("billing", "shipping")
              for part, value in order[name].items()}  # fmt: skip
    held = woocommerce.holdings(order, woocommerce_places.ORDER_META)
    return (
        woocommerce.facts(order, woocommerce.meta_of(order), {}),
        [(blocks.get(one.key, str(order.get(one.key))), one) for one in held],
    )


def _shopify(shape: Shape) -> tuple[Facts, list[Part]]:
    first, last = shape.recipient
    to = address(firstName=first, lastName=last, company=shape.company, countryCodeV2=shape.country)
    buyer = address(firstName="Åsa", lastName="Lind", company=shape.buyer_company, address1="Betalgatan 2",
                    city="Provköping", countryCodeV2=None)  # fmt: skip
    order = shopify_order(
        shippingAddress=to,
        billingAddress=buyer,
        sourceName="shopify_draft_order" if shape.invoiced else "web",
    )
    held = shopify.holdings(order, {})
    # The billing address cannot be changed at all: what stands in it stays.
    kept = [(str(buyer[part]), one) for one in held if one.field is Field.BILLING_ADDRESS
            for part in ("firstName", "lastName", "company")]  # fmt: skip
    return shopify_facts(order, DELIVERED), [*((_said(order, one.place), one) for one in held), *kept]


def _said(order: Mapping[str, Any], place: str) -> str:
    block, _, part = place.partition(".")
    return str(order[block].get(part)) if part and block in order else str(order.get(place))


NOW = datetime(2026, 11, 29, tzinfo=UTC)
OF_COUPON = {"_greeting": Field.GIFT_RECIPIENT}
COUPON = {
    "id": 4, "code": "presentkort-9", "amount": "300.00", "discount_type": "smart_coupon",
    "email_restrictions": ["moa@kund.example"], "description": "",
    "meta_data": [{"id": 1, "key": "_greeting", "value": "Grattis Moa"}],
}  # fmt: skip

READERS: Mapping[str, Callable[[Shape], tuple[Facts, list[Part]]]] = {
    "woocommerce": _woocommerce,
    "shopify": _shopify,
}


@pytest.fixture(scope="module", params=["registered", "never", "elsewhere"])
def policy(request: pytest.FixtureRequest) -> Policy:
    oss = () if request.param == "never" else ((date(2021, 7, 1), None),)
    archive = "elsewhere" if request.param == "elsewhere" else "shop"
    return load_policy(
        "swedish-webshop", context=ShopContext(financial_years=YEARS, oss=oss, archive=archive)
    )


WHEN: list[tuple[date, dict[str, Any]]] = [
    *((day, {}) for day in DAYS),
    (DAYS[1], {"consumables": True}),
    (DAYS[2], {"subscription_ended": date(2024, 1, 31)}),
]
"""Days, and what of an order moves the time of a row that shares places with another."""


@cache
def _read(adapter: str, shape: Shape) -> tuple[Record, list[Part]]:
    facts, parts = READERS[adapter](shape)
    present = to_bits(tuple({one.field for _, one in parts}))
    ref = Ref(adapter=adapter, kind=Kind.ORDER, id="1")
    return Record(ref=ref, version="1", facts=facts, present=present), parts


@pytest.mark.parametrize("adapter", READERS)
def test_no_row_clears_what_the_floor_of_another_keeps(adapter: str, policy: Policy) -> None:
    # The day is the outer one: a policy is made ready for each only once.
    for (today, more), shape in product(WHEN, SHAPES):
        record, parts = _read(adapter, shape)
        record = replace(record, facts=replace(record.facts, **more))
        verdict = decide(record, policy, today=today)
        _floors_stand(verdict, parts, shape)


@pytest.mark.parametrize("adapter", READERS)
@pytest.mark.parametrize("consumables", [False, True])
def test_no_row_clears_what_a_floor_keeps_on_a_request_to_erase(
    adapter: str, policy: Policy, consumables: bool
) -> None:
    ended = policy.ended_by_erasure()
    for shape in SHAPES:
        record, parts = _read(adapter, shape)
        record = replace(record, facts=replace(record.facts, consumables=consumables))
        _floors_stand(decide(record, policy, today=DAYS[0], without=ended), parts, shape)


def _floors_stand(verdict: Verdict, parts: list[Part], shape: Shape) -> None:
    due = {one.field for one in verdict.fields if one.field and one.state is State.DUE}
    bound = {one.field for one in verdict.fields if one.floor and one.field and one.field not in due}
    gone = [text for text in _kept(parts, bound, shape) if not _still_there(text, parts, due)]
    assert not gone, (shape, due)


def _kept(parts: Iterable[Part], bound: set[Field], shape: Shape) -> set[str]:
    """What stands in the places of fields that a floor binds, as far as the floor asks for it.

    F2 and the proof of transport ask for an address and for no name, of the buyer or of a third person;
    an invoice asks for the name and for no telephone number.
    """
    found = {(one.field, text) for text, one in parts if one.field in bound and text not in ("", "None")}
    names = {(Field.SHIPPING_ADDRESS, text) for text in shape.recipient}
    return {text for _, text in found - names - {(Field.GIFT_RECIPIENT, PHONE)}}


def _still_there(text: str, parts: list[Part], due: set[Field]) -> bool:
    """Whether a text, however it is spelled, stands in some place after the write."""
    return any(
        same_person(text, other) and _left([each for _, each in parts if _place(each) == _place(one)], due)
        for other, one in parts
    )


def _place(one: Any) -> object:
    return one.place or one.field


def _left(here: list[Held], due: set[Field]) -> bool:
    return any(one.fixed for one in here) or place_after(here, due) is KEEP


@pytest.mark.parametrize("adapter", READERS)
@pytest.mark.parametrize("country", ["DE", "NO", ""])
def test_the_name_of_a_gift_s_recipient_goes_at_ninety_days_and_the_street_abroad_stays(
    adapter: str, country: str
) -> None:
    _, parts = READERS[adapter](Shape(country, ("Disa", "Demosson"), "", "", invoiced=False))
    cleared = {text for text, one in parts if one.field is Field.GIFT_RECIPIENT}
    assert {"Disa", "Demosson"} <= cleared
    assert not cleared & {"Provgatan 1", "Provstad"}


@pytest.mark.parametrize("adapter", READERS)
def test_at_home_street_and_town_of_a_gift_go_with_the_name(adapter: str) -> None:
    _, parts = READERS[adapter](Shape("SE", ("Disa", "Demosson"), "", "", invoiced=False))
    cleared = {text for text, one in parts if one.field is Field.GIFT_RECIPIENT}
    assert {"Disa", "Demosson", "Provgatan 1", "Provstad"} <= cleared


@pytest.mark.parametrize("adapter", READERS)
@pytest.mark.parametrize(
    "spelled",
    [("Asa", "Lind"), ("ÅSA", "lind"), ("A\u030asa", "Lind"), ("&Aring;sa", "Lind"), ("Lind", "Åsa"),
     ("Åsa ", " Lind"), ("Åsa-Lind", "")],
)  # fmt: skip
def test_a_difference_in_spelling_makes_no_gift(adapter: str, spelled: tuple[str, str]) -> None:
    _, parts = READERS[adapter](Shape("SE", spelled, "", "", invoiced=False))
    assert not [one for _, one in parts if one.field is Field.GIFT_RECIPIENT]


CARDS: Mapping[str, Callable[[], Any]] = {
    "woocommerce": lambda: woocommerce_goods.coupon_update(
        COUPON, {Field.GIFT_RECIPIENT, Field.STAFF_NOTES}, NOW, "nobody@invalid.example", table=OF_COUPON
    ),
    "shopify": lambda: shopify_cards.card_input(CARD, {"note": "", "message": "", "preferredName": ""}),
}
"""What the greeting's row (T-15) writes to a gift card whose movements the books keep (T-24)."""


@pytest.mark.parametrize("adapter", CARDS)
def test_the_row_of_a_greeting_leaves_the_holder_and_the_money_of_the_card(adapter: str) -> None:
    written = json.dumps(CARDS[adapter]())
    assert "Grattis" not in written
    for kept in ("email_restrictions", "amount", "balance", "expires", "customerId", "code"):
        assert kept not in written
