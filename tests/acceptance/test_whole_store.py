"""The whole job on the answers of a real server: all that is due goes, money and the law stand still."""

from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from woocommerce import API

from connector.errors import Exit
from connector.ledger.plans import Plans
from connector.places.cutting import fields_in, nothing_else
from connector.records import Field, Kind, Outcome, from_bits
from sandbox.box import Sandbox
from sandbox.store import load_shop
from sandbox.woocommerce.params import STOCKHOLM
from tests.sandbox_support import SandboxShop, make_shop

MONEY = ("total", "total_tax", "cart_tax", "shipping_total", "shipping_tax", "discount_total", "currency",
         "line_items", "tax_lines", "shipping_lines", "fee_lines", "refunds")  # fmt: skip
# The address that a present was sent to is its receiver's, and goes with them (schedule T-15).
# A personal number or a door code is cut out of a note that otherwise stays.
NUMBERS = {Field.PERSONAL_NUMBER, Field.DOOR_CODE}
RAW = {
    Field.EMAIL: lambda o: o["billing"]["email"],
    Field.PHONE: lambda o: o["billing"]["phone"] or o["shipping"].get("phone"),
    Field.IP_ADDRESS: lambda o: o["customer_ip_address"],
    Field.USER_AGENT: lambda o: o["customer_user_agent"],
    Field.CUSTOMER_NOTE: lambda o: o["customer_note"],
    Field.BILLING_ADDRESS: lambda o: o["billing"]["address_1"],
    Field.SHIPPING_ADDRESS: lambda o: o["shipping"]["address_1"],
}


@pytest.fixture
def run(tmp_path: Path, shared: Path) -> Iterator[tuple[SandboxShop, dict[str, Any]]]:
    """Every eleventh order and account of the store, before and after a whole run."""
    today = datetime.now(STOCKHOLM).date()
    store = load_shop(shared / "woocommerce" / "store", today)
    store.orders, store.customers = _every(11, store.orders), _every(11, store.customers)
    with Sandbox(shop=store, today=today) as box:
        before = read_orders(box)
        shop = make_shop(box, tmp_path / "shop")
        shop.ready()
        for word in ("apply", "push", "verify"):
            said = shop.gallra(word)
            assert said.code == Exit.DONE, (word, said.err[-500:])
        yield shop, {"before": before, "after": read_orders(box)}


def _every(number: int, rows: dict[int, Any]) -> dict[int, Any]:
    return {id: row for place, (id, row) in enumerate(rows.items()) if place % number == 1}


def read_orders(box: Sandbox) -> dict[str, dict[str, Any]]:
    """Every order as the raw API shows it."""
    service, found, page = box.woocommerce, {}, 1
    api = API(url=service.url, consumer_key=service.key, consumer_secret=service.secret, version="wc/v3",
              timeout=30)  # fmt: skip
    while rows := api.get("orders", params={"per_page": 100, "page": page, "status": "any"}).json():
        found |= {str(row["id"]): row for row in rows}
        page += 1
    return found


def steps(shop: SandboxShop) -> list[Any]:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        plans = Plans(opened.ledger)
        return list(plans.steps(connection, plans.need(connection)[0]))


def check_the_run_touched_most_of_the_store_and_every_step_has_an_outcome(
    run: tuple[SandboxShop, dict[str, Any]],
) -> None:
    rows = steps(run[0])
    assert len(rows) > 100
    assert {r.state for r in rows} == {"closed"}
    assert {r.outcome for r in rows} <= {Outcome.DONE, Outcome.ALREADY_GONE, Outcome.BY_HAND, Outcome.STOPPED}


def check_the_money_of_every_order_is_what_it_was_to_the_ore(run: tuple[SandboxShop, dict[str, Any]]) -> None:
    before, after = run[1]["before"], run[1]["after"]
    assert after
    for number, order in after.items():
        for name in MONEY:
            if name in order:
                assert msgspec.json.encode(order[name]) == msgspec.json.encode(before[number][name]), (
                    f"{name} of order {number}"
                )


def check_orders_are_gone_only_where_a_step_deleted_them(run: tuple[SandboxShop, dict[str, Any]]) -> None:
    deleted = {
        r.step.ref.id for r in steps(run[0]) if r.step.ref.kind is Kind.ORDER and r.step.action == "delete"
    }
    assert run[1]["before"].keys() - run[1]["after"].keys() <= deleted
    assert not run[1]["after"].keys() & deleted


def waits(value: str, due: Collection[Field]) -> bool:
    """Whether what is left of a text is a number or a code that has a clock of its own, and is not due."""
    left = fields_in(value, key="customer_note", words=True)
    return nothing_else(value, key="customer_note", words=True) and not left & set(due)


def check_every_field_that_a_step_took_is_empty_when_read_raw(
    run: tuple[SandboxShop, dict[str, Any]],
) -> None:
    after, looked = run[1]["after"], 0
    for row in steps(run[0]):
        for field in from_bits(row.done):
            order = after.get(row.step.ref.id) if row.step.ref.kind is Kind.ORDER else None
            if order is not None and field in RAW:
                value = RAW[field](order)
                looked += 1
                empty = not value or "invalid" in value or waits(value, from_bits(row.step.fields))
                assert empty, f"{field} of order {row.step.ref.id}"
    assert looked > 100


def check_what_no_step_took_is_untouched(run: tuple[SandboxShop, dict[str, Any]]) -> None:
    before, after = run[1]["before"], run[1]["after"]
    taken: dict[str, set[Field]] = {}
    for row in steps(run[0]):
        if row.step.ref.kind is Kind.ORDER:
            taken.setdefault(row.step.ref.id, set()).update(from_bits(row.done))
    kept = 0
    for number, order in after.items():
        if Field.NAME not in taken.get(number, set()):
            assert order["billing"]["last_name"] == before[number]["billing"]["last_name"]
            kept += bool(order["billing"]["last_name"])
        for field, read in RAW.items():
            gone = taken.get(number, set())
            cut = field is Field.CUSTOMER_NOTE and NUMBERS & gone
            theirs = field is Field.SHIPPING_ADDRESS and Field.GIFT_RECIPIENT in gone
            if field not in gone and not cut and not theirs:
                assert read(order) == read(before[number]), f"{field} of order {number}"
    assert kept > 60, "the names that bookkeeping keeps are still there"


def check_the_closing_sentence_is_clean(run: tuple[SandboxShop, dict[str, Any]]) -> None:
    sentence = run[0].gallra("verify").out
    assert " 0 with data left" in sentence


def check_a_second_run_takes_nothing_that_the_first_took(run: tuple[SandboxShop, dict[str, Any]]) -> None:
    shop = run[0]
    done = {(r.record, f) for r in steps(shop) for f in from_bits(r.done)}
    assert shop.gallra("pull").code == Exit.DONE
    assert shop.gallra("plan").code == Exit.DONE
    again = {(r.record, f) for r in steps(shop) for f in from_bits(r.step.fields)}
    assert not done & again


def test_a_real_shops_orders_lose_what_is_due_and_nothing_else_moves(
    run: tuple[SandboxShop, dict[str, Any]],
) -> None:
    check_the_run_touched_most_of_the_store_and_every_step_has_an_outcome(run)
    check_the_money_of_every_order_is_what_it_was_to_the_ore(run)
    check_orders_are_gone_only_where_a_step_deleted_them(run)
    check_every_field_that_a_step_took_is_empty_when_read_raw(run)
    check_what_no_step_took_is_untouched(run)
    check_the_closing_sentence_is_clean(run)
    check_a_second_run_takes_nothing_that_the_first_took(run)
