"""What is tied to a customer who goes: company contacts, saved payment methods, timelines."""

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.shopify import customers, orders
from adapters.shopify.abilities import capabilities
from adapters.shopify.places import ATTRIBUTES
from adapters.shopify.platform import Shopify
from adapters.shopify.write_people import HANDS
from connector.identity import make_keyer
from connector.plan import steps_of
from connector.ports import Receipt
from connector.records import Action, Field, Kind, Outcome, Record, Ref, Wave, from_bits
from connector.report.words import catalogue
from connector.verdicts import FieldVerdict, State, Verdict
from sandbox import Sandbox
from sandbox.shopify.access import ALL_SCOPES
from sandbox.shopify.service import Shopify as StandIn
from tests.unit.adapters.shopify.conftest import NOW
from tests.unit.adapters.shopify.made import customer, order
from tests.unit.adapters.shopify.test_flows import all_gone, platform_of, tasks

CONTACTS = {"companyContactProfiles": [{"id": "gid://shopify/CompanyContact/4"}]}
CARDS = {"paymentMethods": {"edges": [{"node": {"id": "gid://shopify/CustomerPaymentMethod/ab"}}]}}
MAY_REVOKE = frozenset({"read_customer_payment_methods", "write_customer_payment_methods"})


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A shop in which some customers buy for companies."""
    with Sandbox(orders=240, customers=60) as box:
        yield box.shopify


def ref(number: int) -> Ref:
    return Ref(adapter="shopify", kind=Kind.CUSTOMER, id=str(number))


def gone(platform: Shopify, number: int) -> Receipt:
    """What came of a customer who was to go whole."""
    (receipt,) = platform.apply(tasks(platform, [ref(number)], Action.DELETE))
    return receipt


def with_orders(stand_in: StandIn, *, some: bool) -> int:
    """A customer of no company, with or without orders."""
    shop = stand_in.shop
    companies = {row["customer_number"] for row in shop.company_contacts.values()}
    number = next(n for n in shop.customers if n not in companies and bool(shop.orders_of.get(n)) is some)
    shop.edit_customer(number, state="ENABLED")  # else a newsletter contact alone
    return number


def give_card(stand_in: StandIn, number: int) -> dict[str, Any]:
    """A saved payment method of a customer."""
    method = {"id": f"gid://shopify/CustomerPaymentMethod/{number:x}", "revokedAt": None}
    stand_in.shop.edit_customer(number, paymentMethods=[method])
    return method


def give_contact(stand_in: StandIn, number: int) -> int:
    """A customer becomes the contact of a company that somebody else orders for."""
    shop = stand_in.shop
    company, row = next(iter(shop.company_contacts.items()))
    contact = 4_000_000 + number
    changed = {"id": f"gid://shopify/CompanyContact/{contact}", "customer_number": number}
    shop.company_contacts[contact] = {**row, **changed, "company": company}
    return contact


# Reading.


def test_a_contact_and_a_saved_payment_method_are_holdings_of_their_own() -> None:
    found = {one.field for one in customers.holdings(customer(**CONTACTS, **CARDS), ATTRIBUTES)}
    assert {Field.COMPANY, Field.PAYMENT_DETAILS} <= found


def test_an_emptied_profile_is_no_customer_although_a_contact_is_left() -> None:
    emptied = customer(
        firstName=None, lastName="Avidentifierad kund", defaultEmailAddress=None, defaultPhoneNumber=None,
        note=None, tags=[], addressesV2={"edges": []}, **CONTACTS, **CARDS,
    )  # fmt: skip
    assert not customers.is_customer(emptied, ATTRIBUTES, NOW.date())


@pytest.mark.parametrize(
    ("changes", "scopes", "told"),
    [
        (CARDS, MAY_REVOKE, False),
        (CARDS, {"read_customer_payment_methods"}, True),
        ({}, {"read_customer_payment_methods"}, False),
        ({}, set(), False),
        ({"productSubscriberStatus": "CANCELLED"}, set(), True),
        (CONTACTS, set(), True),
    ],
)
def test_saved_payment_methods_are_left_for_a_hand_where_the_app_cannot_revoke_them(
    changes: dict[str, Any], scopes: set[str], told: bool
) -> None:
    assert bool(customers.cannot_revoke(customer(**changes), scopes)) is told


@pytest.mark.parametrize(("free", "code"), [(True, "timeline"), (False, "customer_timeline")])
def test_a_timeline_outlives_only_the_customer_whom_orders_keep(free: bool, code: str) -> None:
    found = customers.residue(customer(hasTimelineComment=True, canDelete=free))
    assert found == (code,)
    assert (code in capabilities(Kind.CUSTOMER, {}).outlives) is not free


def test_every_return_may_have_notes_that_no_call_changes() -> None:
    assert "return_note" in orders.residue(order(returnStatus="RETURNED"))
    assert "return_note" not in orders.residue(order())


# Planning.


def test_what_stays_of_a_customer_who_goes_whole_is_told_in_the_plan() -> None:
    kept = customer(hasTimelineComment=True, **CONTACTS)
    record: Record = customers.to_record(
        kept, kind=Kind.CUSTOMER, table=ATTRIBUTES, keyer=make_keyer(b"k" * 32), today=NOW.date()
    )
    whole = FieldVerdict(
        field=None, state=State.DUE, rule="T-20", action=Action.DELETE, wave=Wave.ACCOUNTS, reason="due"
    )
    verdict = Verdict(ref=record.ref, fields=(), record=whole)
    (step,) = steps_of(record, verdict, capabilities(Kind.CUSTOMER, {}), today=NOW.date())
    assert step.residue == ("customer_timeline", "company_location")
    assert step.needs_hand


# Writing.


@pytest.mark.parametrize("orders_left", [True, False])
def test_a_saved_payment_method_is_revoked_with_the_customer_who_goes(
    stand_in: StandIn, orders_left: bool
) -> None:
    number = with_orders(stand_in, some=orders_left)
    method = give_card(stand_in, number)
    assert gone(platform_of(stand_in), number).outcome is Outcome.DONE
    assert method["revokedAt"]
    assert (number in stand_in.shop.customers) is orders_left


def test_a_saved_payment_method_that_may_not_be_revoked_is_left_for_a_hand_with_its_place(
    stand_in: StandIn,
) -> None:
    number = with_orders(stand_in, some=True)
    method = give_card(stand_in, number)
    scopes = set(ALL_SCOPES) - {"write_customer_payment_methods"}
    platform = platform_of(stand_in, token=stand_in.token_with(scopes))
    receipt = gone(platform, number)
    assert method["revokedAt"] is None
    assert receipt.outcome is Outcome.DONE
    assert Field.PAYMENT_DETAILS in receipt.by_hand
    assert "payment_methods" in receipt.places
    assert all_gone(platform.read_back([ref(number)], notes=frozenset()))


def test_a_company_contact_is_deleted_with_the_customer_who_goes(stand_in: StandIn) -> None:
    number = with_orders(stand_in, some=False)
    contact = give_contact(stand_in, number)
    assert gone(platform_of(stand_in), number).outcome is Outcome.DONE
    assert contact not in stand_in.shop.company_contacts
    assert number not in stand_in.shop.customers


def test_a_company_contact_that_its_orders_keep_is_left_for_a_hand_with_its_place(stand_in: StandIn) -> None:
    shop = stand_in.shop
    number, contact = next(
        (row["customer_number"], one) for one, row in shop.company_contacts.items()
        if any(shop.orders.read(n)["company"] == one for n in shop.orders_of.get(row["customer_number"], []))
    )  # fmt: skip
    platform = platform_of(stand_in)
    receipt = gone(platform, number)
    assert contact in shop.company_contacts
    assert receipt.by_hand == {Field.COMPANY}
    assert "company_contact" in receipt.places
    assert all_gone(platform.read_back([ref(number)], notes=frozenset()))


def test_an_accepted_erasure_leaves_contact_and_payment_methods_until_it_is_carried_out(
    stand_in: StandIn,
) -> None:
    number = with_orders(stand_in, some=True)
    method, contact = give_card(stand_in, number), give_contact(stand_in, number)
    platform = platform_of(stand_in)
    platform = platform.asking(lambda orders: "")
    assert gone(platform, number).outcome is Outcome.ACCEPTED
    assert method["revokedAt"] is None
    assert contact in stand_in.shop.company_contacts


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_places_that_receipts_name_have_words(language: str) -> None:
    assert [
        code for code in (*HANDS.values(), "gift_card") if f"place.{code}" not in catalogue(language)
    ] == []


def test_a_draft_order_and_a_parcel_that_may_not_be_written_stop_nothing(stand_in: StandIn) -> None:
    scopes = set(ALL_SCOPES) - {"write_draft_orders", "write_merchant_managed_fulfillment_orders"}
    platform = platform_of(stand_in, token=stand_in.token_with(scopes))
    drafts = [record.ref for page in platform.pull(Kind.DRAFT_ORDER, since=None) for record in page.records]
    refused = list(platform.apply(tasks(platform, drafts[:2], Action.DELETE)))
    assert {(one.outcome, one.reason) for one in refused} == {
        (Outcome.REFUSED, "lacks_scope:write_draft_orders")
    }
    sent = next(
        live for page in platform.pull(Kind.ORDER, since=None) for live in page.records
        if Field.TRACKING_NUMBER in from_bits(live.present)
    )  # fmt: skip
    fields = frozenset({Field.TRACKING_NUMBER, Field.EMAIL})
    (receipt,) = platform.apply(tasks(platform, [sent.ref], Action.REDACT, fields))
    assert Field.TRACKING_NUMBER in receipt.by_hand
    assert Field.EMAIL in receipt.done
