"""What a redaction of an order changes in the shop: what is due, and nothing else."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.woocommerce import places
from adapters.woocommerce.money import fingerprint
from adapters.woocommerce.notes import may_hold_person
from adapters.woocommerce.orders import facts, handles, holdings, is_gift, meta_of, names, to_record
from adapters.woocommerce.redact import order_update
from connector.records import Field
from sandbox.woocommerce.building import Bought, build_order
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.writing import write_order
from tests.unit.adapters.woocommerce.conftest import KEYER

Order = dict[str, Any]
PLACED = datetime(2020, 1, 2, 12, tzinfo=ZoneInfo("Europe/Stockholm"))
PNR, ORG = "811218-9876", "556677-8899"
F = Field
BUYER, ADDRESS = "Åsa Buyerson", {"address_1": "Köpargatan 1", "city": "Köpstad", "postcode": "111 22"}


def order(*, buyer: bool = True, gift: bool = False, country: str = "SE", meta: Any = None) -> Order:
    """An order with something of every field that stands in several places."""
    first, last = BUYER.split()
    named = {"first_name": first, "last_name": last}
    other = {"first_name": "Greta", "last_name": "Giftson"} if gift else named
    bought = Bought(
        [("Skål", "100.00", 1, "")],
        {**(named if buyer else {}), **ADDRESS, "email": "asa@kund.example", "phone": "0701740605"},
        shipping={**other, "address_1": "Levgatan 2", "address_2": "uppgång B, portkod 4711",
                  "city": "Levstad", "postcode": "333 44", "country": country, "phone": "0701740613"},
    )  # fmt: skip
    made = build_order(7, PLACED, bought, taxes=[], status="completed")
    made["customer_note"] = f"Ställ vid dörren. portkod 4712 pnr {PNR} tack"
    made["meta_data"] = meta if meta is not None else rows()
    return made


def rows() -> list[Order]:
    values = [
        ("_resurs", json.dumps({"personnummer": 198112189876, "belopp": 1.50, "ref": "R-77"})),
        ("_collector_org_nr", "8112189876"),
        ("_stripe_capture", "1798708129"),
        ("leveransinstruktion", "Grinden till vänster"),
        ("_postnord_shipment_id", "00370730254866666666"),
        ("_postnord_shipment_id", "00370730254877777777"),
        ("anteckning", f"pnr {PNR} ring först"),
        ("anteckning", "Kom gärna på fredag"),
    ]
    return [{"id": 900 + at, "key": key, "value": value} for at, (key, value) in enumerate(values)]


def redacted(made: Order, due: frozenset[Field]) -> Order:
    """The order after a write of what is due, as the stand-in shop keeps it."""
    shop = Shop(date(2026, 11, 22))
    shop.orders[7] = deepcopy(made)
    body = order_update(7, holdings(made, places.ORDER_META), due)
    return write_order(shop, 7, body) if body else shop.orders[7]


def owners(*, buyer: bool, gift: bool, country: str) -> Iterator[tuple[str, str, set[Field]]]:
    """Each stretch of the order, the part it stands in, and the fields with which it may go."""
    home = {F.GIFT_RECIPIENT} if gift and country == "SE" else set()
    if buyer:
        yield "billing", "Buyerson", {F.NAME}
    third = {F.SHIPPING_ADDRESS, F.GIFT_RECIPIENT}
    repeated = {F.NAME, F.SHIPPING_ADDRESS} if buyer else {F.NAME}
    yield "shipping", "Giftson" if gift else "Buyerson", third if gift and buyer else repeated
    yield "billing", "Köpargatan", {F.BILLING_ADDRESS}
    yield "billing", "0701740605", {F.PHONE}
    yield "billing", "asa@kund.example", {F.EMAIL}
    home = home if buyer else set()
    yield "shipping", "Levgatan", {F.SHIPPING_ADDRESS} | home
    yield "shipping", "uppgång", {F.SHIPPING_ADDRESS} | home
    yield "shipping", "Levstad", {F.SHIPPING_ADDRESS} | home
    yield "shipping", "4711", {F.DOOR_CODE}
    yield "shipping", "0701740613", {F.PHONE} | ({F.GIFT_RECIPIENT} if gift and buyer else set())
    yield "customer_note", "dörren", {F.CUSTOMER_NOTE}
    yield "customer_note", "4712", {F.DOOR_CODE}
    yield "customer_note", PNR, {F.PERSONAL_NUMBER}
    yield "meta_data", "198112189876", {F.PERSONAL_NUMBER}
    yield "meta_data", "R-77", set()
    yield "meta_data", "1.5", set()
    yield "meta_data", '8112189876"', {F.ORGANISATION_NUMBER}
    yield "meta_data", "1798708129", set()
    yield "meta_data", "Grinden", {F.DOOR_CODE}
    yield "meta_data", "00370730254866666666", {F.TRACKING_NUMBER}
    yield "meta_data", "00370730254877777777", {F.TRACKING_NUMBER}
    yield "meta_data", PNR, {F.PERSONAL_NUMBER}
    yield "meta_data", "ring först", set()
    yield "meta_data", "fredag", set()


@given(
    due=st.frozensets(st.sampled_from(sorted(Field))), buyer=st.booleans(), gift=st.booleans(),
    country=st.sampled_from(["SE", "NO", "DE", ""]),
)  # fmt: skip
def test_what_is_due_goes_and_no_field_outside_it_changes(
    due: frozenset[Field], buyer: bool, gift: bool, country: str
) -> None:
    after = redacted(order(buyer=buyer, gift=gift, country=country), due)
    for part, text, fields in owners(buyer=buyer, gift=gift, country=country):
        there = text in json.dumps(after[part], ensure_ascii=False).replace("\\", "")
        assert there is not bool(fields & due), (part, text)


@given(st.frozensets(st.sampled_from(sorted(Field))))
def test_what_was_written_reads_back_as_gone_and_the_rest_as_there(due: frozenset[Field]) -> None:
    made = order()
    before = {one.field for one in holdings(made, places.ORDER_META)}
    after = {one.field for one in holdings(redacted(made, due), places.ORDER_META)}
    assert not after & due
    assert before - due <= after | {F.SHIPPING_ADDRESS}


@pytest.mark.parametrize("due", [{F.SHIPPING_ADDRESS}, {F.GIFT_RECIPIENT}, {F.SHIPPING_ADDRESS, F.EMAIL}])
def test_a_name_that_the_books_need_stays_where_no_billing_address_has_it(due: set[Field]) -> None:
    made = order(buyer=False)
    assert not is_gift(made)
    after = redacted(made, frozenset(due))
    assert (after["shipping"]["first_name"], after["shipping"]["last_name"]) == ("Åsa", "Buyerson")
    assert redacted(made, frozenset({F.NAME}))["shipping"]["last_name"] == ""


@pytest.mark.parametrize(
    ("billing", "shipping"),
    [
        ("O&#8217;Brien", "O'Brien"),
        ("ÅSA  LIND", "Åsa Lind"),
        ("A\u030asa", "Åsa"),
        ("Anna\u2010Karin", "anna-karin"),
    ],
)
def test_one_name_in_two_forms_is_no_gift(billing: str, shipping: str) -> None:
    made = order()
    made["billing"].update(first_name=billing, last_name="")
    made["shipping"].update(first_name=shipping, last_name="")
    assert not is_gift(made)


def test_a_row_that_cannot_be_cut_waits_for_a_hand_and_is_named() -> None:
    row = 'O:8:"stdClass":1:{s:3:"pnr";s:11:"811218-9876";}'
    made = order(meta=[{"id": 1, "key": "_klarna_person", "value": row}])
    after = redacted(made, frozenset({F.PERSONAL_NUMBER, F.CUSTOMER_NOTE}))
    assert after["meta_data"] == made["meta_data"]
    assert F.PERSONAL_NUMBER in {one.field for one in holdings(after, places.ORDER_META)}
    record = to_record(made, table=places.ORDER_META, keyer=KEYER, refund_dates={})
    assert "uncut_meta:_klarna_person" in record.residue


def test_an_integer_under_a_key_for_persons_is_cleared() -> None:
    meta = [
        {"id": 1, "key": "_customer_pnr", "value": 198112189876},
        {"id": 2, "key": "_n", "value": {"pnr": 198112189876}},
    ]
    after = redacted(order(meta=meta), frozenset({F.PERSONAL_NUMBER}))
    assert after["meta_data"] == []


NUMBERS = ("00370730254812345678", "00370730254811111111", "00370730254822222222")
ITEM = {"tracking_provider": "PostNord", "tracking_number": NUMBERS[0], "date_shipped": "1577966400"}


@pytest.mark.parametrize(
    ("meta", "numbers"),
    [
        ([("_wc_shipment_tracking_items", {"1": ITEM})], NUMBERS[:1]),
        ([("_wc_shipment_tracking_items", [ITEM])], NUMBERS[:1]),
        ([("_wc_shipment_tracking_items", json.dumps([ITEM]))], NUMBERS[:1]),
        ([("_postnord_shipment_id", NUMBERS[0]), ("_postnord_shipment_id", NUMBERS[1])], NUMBERS[:2]),
        ([("_postnord_shipment_id", list(NUMBERS))], NUMBERS),
        ([("_postnord_shipment_id", {"2": NUMBERS[2]}), ("_kss_tracking_id", int(NUMBERS[1]))],
         (NUMBERS[2], NUMBERS[1].lstrip("0"))),
    ],
)  # fmt: skip
def test_every_tracking_number_is_sealed_in_whichever_shape_it_stands(
    meta: Any, numbers: tuple[str, ...]
) -> None:
    made = order(meta=[{"id": at + 1, "key": key, "value": value} for at, (key, value) in enumerate(meta)])
    assert handles(made)["tracking_number"] == numbers
    after = redacted(made, frozenset({F.TRACKING_NUMBER}))
    assert after["meta_data"] == []


def test_a_hole_in_the_list_of_parcels_hides_no_date() -> None:
    made = order(meta=[{"id": 1, "key": "_wc_shipment_tracking_items", "value": {"1": ITEM}}])
    assert facts(made, meta_of(made), {}).shipped == date(2020, 1, 2)


@pytest.mark.parametrize("key", ["_klarna_order_id", "_kco_recurring_token", "_payson_checkout_id"])
def test_what_recipients_need_is_sealed_from_every_row(key: str) -> None:
    made = order(
        meta=[{"id": 1, "key": key, "value": "one"}, {"id": 2, "key": key, "value": ["two", "three"]}]
    )
    assert ("one", "two", "three") in handles(made).values()


@pytest.mark.parametrize(
    "key", ["yweu_billing_vat", "_organisation_number", "billing_org_nr", "_collector_org_nr"]
)
def test_a_sole_trader_s_number_makes_the_order_a_business_order(key: str) -> None:
    made = order(meta=[{"id": 1, "key": key, "value": "8112189876"}])
    assert {one.field for one in holdings(made, places.ORDER_META) if one.key == key} == {
        F.ORGANISATION_NUMBER
    }
    assert facts(made, meta_of(made), {}).business


@pytest.mark.parametrize("company", ["", "Provs Måleri"])
def test_a_key_for_persons_and_companies_is_the_company_s_in_a_business_order(company: str) -> None:
    made = order(meta=[{"id": 1, "key": "Person-/organisationsnummer", "value": "8112189876"}])
    made["billing"]["company"] = company
    found = {one.field for one in holdings(made, places.ORDER_META) if one.row == 1}
    assert found == {F.ORGANISATION_NUMBER if company else F.PERSONAL_NUMBER}


def test_a_number_in_a_company_s_field_goes_with_the_company() -> None:
    made = order()
    made["billing"]["company"] = "Prov 811218-9876"
    assert redacted(made, frozenset({F.PERSONAL_NUMBER}))["billing"]["company"] == "Prov 811218-9876"


def test_meta_that_is_an_object_is_read_by_its_values() -> None:
    made = order(meta={"1": {"id": 5, "key": "_billing_pno", "value": "850101-1236"}})
    assert F.PERSONAL_NUMBER in {one.field for one in holdings(made, places.ORDER_META)}


def test_a_bare_number_is_told_and_kept() -> None:
    made = order(meta=[{"id": 1, "key": "_stripe_capture", "value": "8112189876"}])
    record = to_record(made, table=places.ORDER_META, keyer=KEYER, refund_dates={})
    assert ("unknown_key:personal_number", "meta:_stripe_capture") in {
        (s.code, s.place) for s in record.surprises
    }
    assert redacted(made, frozenset(Field))["meta_data"] == made["meta_data"]


def test_two_rows_without_ids_are_not_taken_for_one() -> None:
    made = order(meta=[{"key": "anteckning", "value": f"pnr {PNR}"}, {"key": "anteckning", "value": "stays"}])
    assert order_update(7, holdings(made, places.ORDER_META), {F.PERSONAL_NUMBER}) is not None
    after = redacted({**made, "customer_note": ""}, frozenset({F.PERSONAL_NUMBER}))
    assert after["meta_data"] == made["meta_data"]


ANY_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.sampled_from(["9999-12-31T23:59:59", '{"a":', "a:1:{i:0;", "[raderad]", "1" * 30, PNR, "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
ANY_KEY = st.text(max_size=8) | st.sampled_from([*places.ORDER_META, *places.SHIPPED_KEYS])


@given(st.lists(st.tuples(ANY_KEY, ANY_VALUE), max_size=4), st.booleans())
def test_whatever_plugins_left_in_meta_is_read_and_written_without_a_fault(
    rows: list[tuple[str, Any]], listed: bool
) -> None:
    meta = [{"id": at + 1, "key": key, "value": value} for at, (key, value) in enumerate(rows)]
    made = order(meta=meta if listed else {str(row["id"]): row for row in meta})
    to_record(made, table=places.ORDER_META, keyer=KEYER, refund_dates={})
    handles(made)
    order_update(7, holdings(made, places.ORDER_META), frozenset(Field))


def test_half_a_surrogate_pair_stops_neither_the_money_s_fingerprint_nor_an_identifier() -> None:
    made = order()
    made["line_items"][0]["tax_class"] = "\ud800"
    made["billing"]["email"] = "asa\ud800@kund.example"
    assert fingerprint(made)
    assert to_record(made, table=places.ORDER_META, keyer=KEYER, refund_dates={}).identifiers


def test_an_escaped_address_is_handed_on_as_typed_too() -> None:
    made = order()
    made["billing"]["email"] = "o&#039;prov@kund.example"
    assert handles(made)["email"] == ("o&#039;prov@kund.example", "o'prov@kund.example")


@pytest.mark.parametrize("text", [
    "Betalning från Åsa O&#039;Provson.", "Betalning från A\u030asa O\u2019Provson", "ÅSA\u00a0O'PROVSON",
])  # fmt: skip
def test_a_note_of_the_system_that_names_the_buyer_in_another_form_goes(text: str) -> None:
    made = order()
    made["billing"].update(first_name="Åsa", last_name="O&#8217;Provson")
    assert may_hold_person({"author": "system", "note": text}, names(made))
    assert not may_hold_person({"author": "system", "note": "Lagret minskade"}, names(made))
