"""Records as plugins leave them: nothing personal stays unnamed, nothing goes that a rule keeps."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.shopify import orders as shopify_orders
from adapters.shopify import places as shopify_places
from adapters.woocommerce import customers, goods, orders, places
from adapters.woocommerce.readable import BLOCK_PARTS, plain, why_unreadable
from adapters.woocommerce.redact import order_update
from adapters.woocommerce.told import LINES
from connector.identity import make_keyer
from connector.places.catalogue import HARMLESS, Entry
from connector.records import FIELD_BITS, Field, Kind, Record
from connector.text.formats import leaves
from tests.unit.adapters.shopify.test_facts import order as shopify_order

FOLDER = Path(__file__).parents[2] / "cases" / "shapes"
SHAPES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
KEYER = make_keyer(b"k" * 32)


def now() -> datetime:
    return datetime(2026, 11, 29, tzinfo=UTC)


PERSON = {
    "first_name": "Disa", "last_name": "Demosson", "email": "disa@post.example", "phone": "0701740605",
    "address_1": "Provgatan 1", "city": "Provstad", "postcode": "123 45", "country": "SE",
}  # fmt: skip
DATES = {"date_created_gmt": "2017-03-01T10:00:00", "date_modified_gmt": "2017-03-01T10:00:00"}
BASE: Mapping[str, dict[str, Any]] = {
    "order": {
        "id": 7, **DATES, "status": "completed", "total": "1.00", "customer_id": 0, "billing": PERSON,
        "shipping": PERSON, "customer_note": "", "customer_ip_address": "", "customer_user_agent": "",
        "transaction_id": "", "payment_method": "", "meta_data": [], "shipping_lines": [], "refunds": [],
    },
    "customer": {
        "id": 7, **DATES, "email": "disa@post.example", "first_name": "Disa", "last_name": "Demosson",
        "role": "customer", "username": "disa", "billing": PERSON, "shipping": PERSON, "meta_data": [],
    },
    "coupon": {
        "id": 7, **DATES, "code": "var-20", "discount_type": "percent", "description": "",
        "status": "publish",
        "usage_count": 0, "usage_limit": 0, "email_restrictions": [], "used_by": [], "meta_data": [],
    },
    "review": {
        "id": 7, **DATES, "status": "approved", "reviewer": "Disa", "reviewer_email": "disa@post.example",
        "review": "",
    },
}  # fmt: skip
READERS = {
    "order": lambda row: orders.to_record(row, table=places.ORDER_META, keyer=KEYER, refund_dates={}),
    "customer": lambda row: customers.to_record(row, KEYER),
    "coupon": lambda row: goods.coupon_record(row, KEYER),
    "review": lambda row: goods.review_record(row, KEYER),
}
ORDERS = sorted(name for name, shape in SHAPES.items() if shape["kind"] == "order")


def made(shape: Mapping[str, Any]) -> dict[str, Any]:
    base, over = BASE[shape["kind"]], shape["record"]
    blocks = {
        name: {**_empty(name), **((PERSON | over[name]) if name in over else base[name] or {})}
        for name in ("billing", "shipping")
        if name in base
    }
    return plain({**base, **over, **blocks})


def _empty(block: str) -> dict[str, str]:
    """A block with every key that the shop's answers always have."""
    return dict.fromkeys(BLOCK_PARTS - ({"email"} if block == "shipping" else set()), "")


def read(shape: Mapping[str, Any]) -> Record:
    if shape["kind"] == "shopify_order":
        given = shopify_order(**shape["record"])
        known = shopify_orders.names(given)
        told = [
            *shopify_orders.surprises(shopify_orders.rows(given, {}), shopify_places.ATTRIBUTES, known),
            *shopify_orders.on_lines(given, shopify_places.ATTRIBUTES, known),
        ]
        return replace(READERS["review"](BASE["review"]), surprises=tuple(told))
    return READERS[shape["kind"]](made(shape))


def named_in(record: Record) -> set[str]:
    return {one.place for one in record.surprises} | set(record.residue)


@pytest.mark.parametrize("name", SHAPES)
def test_every_place_that_holds_a_person_is_named(name: str) -> None:
    assert set(SHAPES[name]["told"]) <= named_in(read(SHAPES[name]))


@pytest.mark.parametrize("name", SHAPES)
def test_what_holds_nobody_is_not_told(name: str) -> None:
    told = {one.place.partition(":")[2] for one in read(SHAPES[name]).surprises}
    assert told.isdisjoint(SHAPES[name].get("quiet", ()))


@pytest.mark.parametrize("name", SHAPES)
def test_what_a_rule_takes_is_on_the_record_and_no_surprise(name: str) -> None:
    record, held = read(SHAPES[name]), SHAPES[name].get("held", {})
    assert all(record.present & FIELD_BITS[Field(field)] for field in held.values())
    assert {one.place.partition(":")[2] for one in record.surprises}.isdisjoint(held)


@pytest.mark.parametrize("name", [name for name, shape in SHAPES.items() if shape["kind"] != "shopify_order"])
def test_every_shape_can_be_read(name: str) -> None:
    assert not why_unreadable(made(SHAPES[name]), Kind(SHAPES[name]["kind"]))


@pytest.mark.parametrize("name", ORDERS)
def test_no_row_is_written_that_a_rule_keeps(name: str) -> None:
    order, held = made(SHAPES[name]), SHAPES[name].get("held", {})
    due = frozenset(Field) - {Field(field) for field in held.values()}
    update = order_update(7, orders.holdings(order, places.ORDER_META), due) or {}
    written = {row["key"] for row in update.get("meta_data", ())}
    assert written.isdisjoint(held)
    assert written.isdisjoint(place.partition(":")[2] for place in SHAPES[name]["told"])


@pytest.mark.parametrize("name", ORDERS)
def test_what_is_written_back_is_the_json_and_php_that_it_was(name: str) -> None:
    order = made(SHAPES[name])
    update = order_update(7, orders.holdings(order, places.ORDER_META), frozenset(Field)) or {}
    before = {row["key"]: row["value"] for row in order["meta_data"]}
    for row in update.get("meta_data", ()):
        if row["value"] and row["key"] in before:
            names = [leaf.text for leaf in leaves(before[row["key"]]) if leaf.name]
            assert [leaf.text for leaf in leaves(row["value"]) if leaf.name] == names


def keys_of(shape: Mapping[str, Any]) -> set[str]:
    lines = [line for part in LINES for line in shape["record"].get(part.part, ())]
    return {str(row["key"]) for holder in (shape["record"], *lines) for row in holder.get("meta_data", ())}


@pytest.mark.parametrize("entry", places.catalogue(), ids=lambda entry: entry.key)
def test_every_line_of_the_catalogue_has_a_source_and_an_effect_on_a_shape(entry: Entry) -> None:
    assert all((entry.source, entry.plugin, entry.of))
    assert all(kind in (Kind.ORDER, Kind.CUSTOMER, Kind.COUPON) for kind in entry.of)
    tables = {
        Kind.ORDER: places.ORDER_META,
        Kind.CUSTOMER: places.CUSTOMER_META,
        Kind.COUPON: places.COUPON_META,
    }
    for kind in entry.of:
        shapes = [shape for shape in SHAPES.values() if shape["kind"] == kind]
        keys = {key for shape in shapes for key in keys_of(shape) if fnmatchcase(key, entry.key)}
        assert keys, f"no shape holds {entry.key}"
        for key in keys:
            found = HARMLESS if tables[kind].harmless(key) else str(tables[kind][key])
            assert found == entry.holds


def test_no_key_stands_twice_in_the_catalogue() -> None:
    listed = [(entry.key, kind) for entry in places.catalogue() for kind in entry.of]
    assert len(listed) == len(set(listed))
    assert not {key for key, _ in listed} & set(places.HARMLESS)


def test_a_line_of_the_settings_maps_what_was_told() -> None:
    order = made(SHAPES["questions"])
    key = "Vem ska ha blommorna? (namn)"
    table = places.order_meta({"order_meta": {key: "gift_recipient"}})
    update = order_update(7, orders.holdings(order, table), {Field.GIFT_RECIPIENT})
    assert [row["key"] for row in (update or {})["meta_data"]] == [key]
    record = orders.to_record(order, table=table, keyer=KEYER, refund_dates={})
    assert f"meta:{key}" not in named_in(record)


def test_a_line_of_the_settings_maps_a_field_that_a_plugin_adds_to_an_address() -> None:
    order = made(SHAPES["fields_in_addresses"])
    table = places.order_meta({"order_meta": {"billing.cellphone": "gift_recipient"}})
    update = order_update(7, orders.holdings(order, table), {Field.GIFT_RECIPIENT})
    assert [row["key"] for row in (update or {})["meta_data"]] == ["_billing_cellphone"]


def test_a_line_of_the_settings_says_that_a_key_holds_nobody() -> None:
    table = places.order_meta({"order_meta": {"_misc": "harmless"}})
    record = orders.to_record(made(SHAPES["escaped_note"]), table=table, keyer=KEYER, refund_dates={})
    assert record.surprises == ()


FURTHER = [
    json.loads(line)
    for line in (FOLDER.parent / "further_shapes.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("shape", FURTHER, ids=lambda shape: shape["odd"])
def test_shapes_made_up_before_the_words_were_there_are_named(shape: Mapping[str, Any]) -> None:
    record = read(shape)
    assert set(shape["told"]) <= named_in(record)
    assert {one.place.partition(":")[2] for one in record.surprises}.isdisjoint(shape.get("quiet", ()))


@pytest.mark.parametrize("shape", FURTHER, ids=lambda shape: shape["odd"])
def test_what_those_shapes_still_leave_unnamed_is_written_down(shape: Mapping[str, Any]) -> None:
    assert named_in(read(shape)).isdisjoint(shape.get("unnamed", ()))


def on_lines() -> list[tuple[str, str]]:
    return [
        (name, str(row["key"]))
        for name in ORDERS
        for part in LINES
        for line in SHAPES[name]["record"].get(part.part, ())
        for row in line.get("meta_data", ())
        if row["key"] in SHAPES[name].get("held", {})
    ]


@pytest.mark.parametrize(("name", "key"), on_lines())
def test_what_a_key_names_on_a_line_is_present_and_told_with_its_field(name: str, key: str) -> None:
    record, field = read(SHAPES[name]), Field(SHAPES[name]["held"][key])
    assert record.present & FIELD_BITS[field]
    [place] = [one.place for one in record.placed if one.place.endswith(f":{key}") and one.field is field]
    assert place in record.residue


def test_what_a_setting_calls_harmless_is_not_looked_at() -> None:
    keys = ("_wc_order_attribution_utm_campaign", "dibs_payment_method", "_stripe_status_final")
    table = places.order_meta({"order_meta": dict.fromkeys(keys, "harmless")})
    order = made(SHAPES["harmless_that_is_not"])
    assert orders.to_record(order, table=table, keyer=KEYER, refund_dates={}).surprises == ()


def test_a_pick_up_point_is_the_agents_and_the_buyers_own_street_is_not() -> None:
    line = {"id": 2, "method_title": "Paket", "meta_data": []}
    for value, place in (
        ("Torget 2, Provstad", "pickup_point:Ombud"),
        ("Provgatan 1", "shipping_item_meta:Ombud"),
    ):
        row = {"id": 1, "key": "Ombud", "value": value}
        record = read({"kind": "order", "record": {"shipping_lines": [{**line, "meta_data": [row]}]}})
        assert record.residue == (place,)


def test_a_key_of_the_settings_on_a_line_that_says_nothing_is_told_on_both_platforms() -> None:
    own = {"order_meta": {"falt_3": "gift_recipient"}}
    row = {"id": 1, "key": "falt_3", "value": "hen"}
    order = made({"kind": "order", "record": {"line_items": [{"id": 1, "name": "Vas", "meta_data": [row]}]}})
    woo = orders.to_record(order, table=places.order_meta(own), keyer=KEYER, refund_dates={})
    line = {"customAttributes": [{"key": "falt_3", "value": "hen"}]}
    given = shopify_order(lineItems={"edges": [{"node": line}]})
    table = shopify_places.attributes(own)
    shopify = shopify_orders.to_record(given, table=table, keyer=KEYER, clock=now)
    for record in (woo, shopify):
        assert "item_meta:falt_3" in record.residue
        assert record.present & record.stuck & FIELD_BITS[Field.GIFT_RECIPIENT]
