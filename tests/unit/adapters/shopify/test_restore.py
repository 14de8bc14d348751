"""What a redaction of an order takes by cutting a row out of a list comes back at its place."""

import json
from typing import Any

from adapters.shopify import orders, restore
from adapters.shopify.holdings import changes
from adapters.shopify.redact import order_input
from connector.ports import Back, Live, Task
from connector.records import Action, Facts, Field, Kind, Record, Ref
from tests.unit.adapters.shopify.made import order, paged

TABLE = {"Gåvohälsning": Field.CUSTOMER_NOTE, "own.card": Field.CUSTOM}
REF = Ref(adapter="shopify", kind=Kind.ORDER, id="1")


def live(node: dict[str, Any]) -> Live:
    record = Record(ref=REF, version="1", facts=Facts(), present=0)
    return Live(record=record, handles={}, raw=node)


def made() -> dict[str, Any]:
    rows = [("Färg", "blå"), ("Gåvohälsning", "Grattis Disa"), ("Storlek", "M"), ("Färg", "röd")]
    metafield = {"namespace": "own", "key": "card", "type": "single_line_text_field", "value": "Disa D"}
    return order(
        customAttributes=[{"key": key, "value": value} for key, value in rows], metafields=paged(metafield)
    )


def redacted(node: dict[str, Any], fields: frozenset[Field]) -> dict[str, Any]:
    """The order as Shopify would show it after the redaction."""
    changed = changes(orders.holdings(node, TABLE), fields, kind="order")
    given = order_input(node, changed) or {}
    after = {**node, **{name: given[name] for name in ("customAttributes", "note", "tags") if name in given}}
    return {**after, "metafields": paged()}


def test_an_attribute_comes_back_at_its_place_and_a_metafield_with_its_type() -> None:
    node, fields = made(), frozenset({Field.CUSTOMER_NOTE, Field.CUSTOM, Field.TAGS})
    task = Task(live=live(node), action=Action.REDACT, fields=fields)
    kept = restore.overwritten(task, orders.holdings(node, TABLE))
    after = redacted(node, fields)
    assert [row["key"] for row in after["customAttributes"]] == ["Färg", "Storlek", "Färg"]
    given = restore.input_of(Back(live(after), kept))
    assert given["customAttributes"] == node["customAttributes"]
    assert given["tags"] == node["tags"]
    assert given["metafields"] == [
        {"namespace": "own", "key": "card", "type": "single_line_text_field", "value": "Disa D"}
    ]
    whole = {**after, **{name: given[name] for name in ("customAttributes", "note", "tags")}}
    whole["metafields"] = node["metafields"]
    now = restore.now_in(live(whole), kept)
    assert now == {one.place: one.before for one in kept}


def test_what_no_update_can_set_has_no_copy() -> None:
    node = order()
    task = Task(live=live(node), action=Action.REDACT, fields=frozenset({Field.TRACKING_NUMBER}))
    assert restore.overwritten(task, orders.holdings(node, TABLE)) == ()


def test_a_copy_shows_no_value_in_a_log() -> None:
    node = made()
    task = Task(live=live(node), action=Action.REDACT, fields=frozenset({Field.CUSTOM}))
    (kept,) = restore.overwritten(task, orders.holdings(node, TABLE))
    assert json.loads(kept.before)["value"] == "Disa D"
    assert "Disa" not in repr(kept)
