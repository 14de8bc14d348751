"""What a redaction of an order changes in the shop: what is due, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shopify import customers, orders, places
from adapters.shopify.customers import metafield_ids
from adapters.shopify.holdings import changes, keyed_holdings, reach, uncut_places
from adapters.shopify.redact import order_input
from connector.places.suspected import Own
from connector.records import Action, Field, Kind, Outcome, to_bits
from sandbox import Sandbox
from sandbox.shopify.making.customers import metafield
from sandbox.shopify.service import Shopify as StandIn
from tests.unit.adapters.shopify.made import Node, address, order
from tests.unit.adapters.shopify.test_flows import platform_of, pulled, tasks

F = Field
PNR = "811218-9876"
TABLE = {**places.ATTRIBUTES, "custom.leverans": F.CUSTOM, "custom.pnr": F.PERSONAL_NUMBER}


def made(*, buyer: bool = True, gift: bool = False, country: str = "SE") -> Node:
    """An order with something of every field that stands in several places."""
    billing = address() if buyer else address(firstName=None, lastName=None)
    recipient = {"firstName": "Greta", "lastName": "Giftson"} if gift else {}
    shipping = address(
        address1="Levgatan 2", address2="uppgång B, portkod 4711", city="Levstad", phone="+46701740613",
        countryCodeV2=country or None, **recipient,
    )  # fmt: skip
    attributes = [
        ("Person", json.dumps({"personnummer": 198112189876, "ref": "R-77"})), ("Org.nr", "8112189876"),
        ("Hämtas", ""), ("Färg", "blå"), ("Anteckning", f"pnr {PNR} ring först"), ("Anteckning", "gul ton"),
        ("_capture", "1798708129"),
    ]  # fmt: skip
    fields = [
        ("custom", "leverans", f"Ställ vid grinden. portkod 4712 pnr {PNR}"),
        ("custom", "pnr", "198112189876"),
    ]
    return order(
        billingAddress=billing, shippingAddress=shipping, note=f"Tack på förhand. portkod 4713 pnr {PNR}",
        customAttributes=[{"key": key, "value": value} for key, value in attributes],
        metafields={"edges": [{"node": {"id": str(at), "namespace": space, "key": key, "value": value,
                                        "type": "single_line_text_field"}}
                              for at, (space, key, value) in enumerate(fields)]},
    )  # fmt: skip


def redacted(before: Node, due: frozenset[Field]) -> Node:
    """The order after a write of what is due, as Shopify's documentation says it becomes."""
    changed = changes(orders.holdings(before, TABLE), due, kind="order")
    given = order_input(before, changed) or {}
    gone = {(row["namespace"], row["key"]) for row in metafield_ids(before, changed)}
    written = {(row["namespace"], row["key"]): row["value"] for row in given.pop("metafields", ())}
    rows = [edge["node"] for edge in before["metafields"]["edges"]]
    kept = [
        {**row, "value": written.get((row["namespace"], row["key"]), row["value"])}
        for row in rows
        if (row["namespace"], row["key"]) not in gone
    ]
    shipping = {**before["shippingAddress"], **given.pop("shippingAddress", {})}
    return {
        **before,
        **given,
        "shippingAddress": shipping,
        "metafields": {"edges": [{"node": row} for row in kept]},
    }


def owners(*, buyer: bool, gift: bool, country: str) -> Iterator[tuple[str, str, set[Field]]]:
    """Each stretch of the order, the part it stands in, and the fields with which it may go."""
    third = {F.SHIPPING_ADDRESS, F.GIFT_RECIPIENT} if buyer else {F.NAME}
    repeated = {F.NAME, F.SHIPPING_ADDRESS} if buyer else {F.NAME}
    home = {F.GIFT_RECIPIENT} if buyer and gift and country == "SE" else set()
    yield "shippingAddress", "Giftson" if gift else "Demosson", third if gift else repeated
    yield "shippingAddress", "Levgatan", {F.SHIPPING_ADDRESS} | home
    yield "shippingAddress", "uppgång", {F.SHIPPING_ADDRESS} | home
    yield "shippingAddress", "Levstad", {F.SHIPPING_ADDRESS} | home
    yield "shippingAddress", "4711", {F.DOOR_CODE}
    yield "shippingAddress", "+46701740613", {F.PHONE} | ({F.GIFT_RECIPIENT} if gift and buyer else set())
    yield "note", "förhand", {F.CUSTOMER_NOTE}
    yield "note", "4713", {F.DOOR_CODE}
    yield "note", PNR, {F.PERSONAL_NUMBER}
    yield "customAttributes", "198112189876", {F.PERSONAL_NUMBER}
    yield "customAttributes", "R-77", set()
    yield "customAttributes", '8112189876"', {F.ORGANISATION_NUMBER}
    yield "customAttributes", "Hämtas", set()
    yield "customAttributes", "blå", set()
    yield "customAttributes", PNR, {F.PERSONAL_NUMBER}
    yield "customAttributes", "ring först", set()
    yield "customAttributes", "gul ton", set()
    yield "customAttributes", "1798708129", set()
    yield "metafields", "grinden", {F.CUSTOM}
    yield "metafields", "4712", {F.DOOR_CODE}
    yield "metafields", PNR, {F.PERSONAL_NUMBER}
    yield "metafields", "198112189876", {F.PERSONAL_NUMBER}


@given(
    due=st.frozensets(st.sampled_from(sorted(Field))), buyer=st.booleans(), gift=st.booleans(),
    country=st.sampled_from(["SE", "NO", ""]),
)  # fmt: skip
def test_what_is_due_goes_and_no_field_outside_it_changes(
    due: frozenset[Field], buyer: bool, gift: bool, country: str
) -> None:
    after = redacted(made(buyer=buyer, gift=gift, country=country), due)
    for part, text, fields in owners(buyer=buyer, gift=gift, country=country):
        there = text in json.dumps(after[part], ensure_ascii=False).replace("\\", "")
        assert there is not bool(fields & due), (part, text)


@given(st.frozensets(st.sampled_from(sorted(set(Field) - {F.TRACKING_NUMBER}))))
def test_what_was_written_reads_back_as_gone(due: frozenset[Field]) -> None:
    left = orders.holdings(redacted(made(), due), TABLE)
    assert not {one.field for one in left if not one.fixed} & due


@pytest.mark.parametrize("key", places.KLARNA_KEYS + places.PAYSON_KEYS)
def test_what_recipients_need_is_sealed_from_every_row(key: str) -> None:
    values = ["one", json.dumps(["two", "three"])]
    rows = [{"key": key, "value": value} for value in values]
    assert ("one", "two", "three") in orders.handles(order(customAttributes=rows)).values()


def test_a_bare_number_is_told_and_kept() -> None:
    rows: list[dict[str, Any]] = [{"key": "_ref", "value": "8112189876"}]
    told = orders.surprises(orders.rows(order(customAttributes=rows), {}), places.ATTRIBUTES, Own())
    assert [(one.code, one.place) for one in told] == [("unknown_key:personal_number", "meta:_ref")]


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A shop of 30 orders and 12 customers."""
    with Sandbox(orders=30, customers=12) as box:
        yield box.shopify


@pytest.mark.parametrize(
    ("kind", "setting"), [(Kind.ORDER, "order_metafields"), (Kind.CUSTOMER, "customer_metafields")]
)
def test_a_metafield_loses_the_number_and_keeps_its_words_in_the_shop(
    stand_in: StandIn, kind: Kind, setting: str
) -> None:
    platform = platform_of(stand_in, **{setting: {"custom.leverans": F.CUSTOM}})
    ref = next(iter(pulled(platform.pull(kind, since=None))[0]))
    held = {Kind.ORDER: stand_in.shop.orders, Kind.CUSTOMER: stand_in.shop.customers}[kind][int(ref.id)]
    value = f"Ställ vid grinden, pnr {PNR}"
    held["metafields"] = [metafield(9000101, "custom.leverans", value)]
    due = frozenset({F.PERSONAL_NUMBER})
    (receipt,) = platform.apply(tasks(platform, [ref], Action.REDACT, due))
    assert (receipt.outcome, receipt.done) == (Outcome.DONE, due)
    assert [row["value"] for row in held["metafields"]] == ["Ställ vid grinden, pnr"]


def test_a_metafield_that_cannot_be_cut_waits_for_its_last_field_and_is_no_task() -> None:
    row = {"id": "1", "namespace": "custom", "key": "data", "type": "multi_line_text_field",
           "value": 'O:8:"stdClass":1:{s:3:"pnr";s:11:"811218-9876";}'}  # fmt: skip
    made = {"id": "gid://shopify/Customer/9", "metafields": {"edges": [{"node": row}]}}
    held = customers.holdings(made, {"custom.data": F.CUSTOM})
    assert customers.residue(made, held) == ()
    ties = {(tie.field, tie.waits_for, tie.place) for tie in reach(held)["ties"]}
    assert (F.PERSONAL_NUMBER, (F.CUSTOM,), "meta:custom.data") in ties


def test_a_metafield_that_no_rule_takes_whole_and_that_cannot_be_cut_is_named() -> None:
    value = 'O:8:"stdClass":1:{s:3:"pnr";s:11:"811218-9876";}'
    held = list(keyed_holdings([("attribute:0", "data", value)], {}))
    assert uncut_places(held) == {"uncut_meta:data"}
    assert reach(held)["stuck"] == to_bits((F.PERSONAL_NUMBER,))
