"""A place that a call takes whole or not at all waits for its last field; the record says so beforehand."""

import json
from itertools import chain, combinations
from typing import Any

import pytest

from adapters.woocommerce import places
from adapters.woocommerce.orders import holdings, to_record
from adapters.woocommerce.redact import order_update
from connector.records import Field, Record, Tie, from_bits
from tests.unit.adapters.woocommerce.conftest import KEYER

F = Field
PNR, ORG = "811218-9876", "556677-8899"
SENTENCE = f"Levgatan 2, portkod 4711, pnr {PNR}"
VALUES = {
    "text": SENTENCE,
    "json": json.dumps({"address": "Levgatan 2", "personnummer": PNR}),
    "php_object": f'O:8:"stdClass":2:{{s:3:"adr";s:10:"Levgatan 2";s:3:"pnr";s:11:"{PNR}";}}',
    "php_list": f'a:2:{{s:3:"adr";s:10:"Levgatan 2";s:3:"pnr";s:11:"{PNR}";}}',
    "cut_off": f'{{"address": "Levgatan 2", "personnummer": "{PNR}"',
}
KEY = "_kco_kss_data"


def order(value: Any, key: str = KEY) -> dict[str, Any]:
    return {
        "id": 7,
        "number": "7",
        "billing": {},
        "shipping": {},
        "meta_data": [{"id": 5, "key": key, "value": value}],
    }


def record(value: Any, key: str = KEY) -> Record:
    return to_record(order(value, key), table=places.ORDER_META, keyer=KEYER, refund_dates={})


def after(value: Any, due: set[Field]) -> Any:
    """What the row becomes; the value itself where it is not written."""
    update = order_update(7, holdings(order(value), places.ORDER_META), due)
    written = (update or {}).get("meta_data", [])
    return written[0]["value"] if written else value


def subsets(fields: tuple[Field, ...]) -> list[set[Field]]:
    chosen = chain.from_iterable(combinations(fields, count) for count in range(1, len(fields) + 1))
    return [set(some) for some in chosen]


def waits(tie: Tie, due: set[Field]) -> bool:
    return not set(tie.waits_for) <= due


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_field_waits_exactly_where_a_write_would_leave_it(value: str) -> None:
    known = record(value)
    for due in subsets(from_bits(known.present)):
        left = {one.field for one in holdings(order(after(value, due)), places.ORDER_META)}
        waiting = {tie.field for tie in known.ties if waits(tie, due)} & due
        assert left & due == waiting


def test_a_place_that_cannot_be_cut_waits_and_is_no_task_for_a_hand() -> None:
    known = record(VALUES["php_object"])
    assert {(tie.field, tie.waits_for, tie.alone) for tie in known.ties} == {
        (F.PERSONAL_NUMBER, (F.SHIPPING_ADDRESS,), True),
        (F.SHIPPING_ADDRESS, (F.PERSONAL_NUMBER,), True),
    }
    assert {tie.place for tie in known.ties} == {"meta:_kco_kss_data"}
    assert not known.residue
    assert not known.stuck
    assert after(VALUES["php_object"], {F.PERSONAL_NUMBER, F.SHIPPING_ADDRESS}) is None


def test_a_row_that_no_rule_takes_whole_is_stuck_and_named() -> None:
    known = record(VALUES["php_object"], "_plugin_row")
    assert from_bits(known.stuck) == (F.PERSONAL_NUMBER,)
    assert known.residue == ("uncut_meta:_plugin_row",)
    assert not known.ties
