"""Metafields that nobody listed: named by their key, wherever they stand, and never written."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shopify.abilities import capabilities
from adapters.shopify.sources import sources
from connector.plan import hands, steps_of
from connector.records import FIELD_BITS, Action, Field, Kind, Record, Wave
from connector.verdicts import FieldVerdict, State, Verdict
from tests.unit.adapters.shopify.made import Node, customer, order, paged

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MAKERS = {Kind.ORDER: order, Kind.CUSTOMER: customer}


def metafield(key: str, value: str = "Disa Demosson") -> Node:
    space, _, name = key.rpartition(".")
    return {"id": f"gid://shopify/Metafield/{key}", "namespace": space, "key": name,
            "type": "single_line_text_field", "value": value}  # fmt: skip


def record(
    kind: Kind, *keys: str, settings: Mapping[str, Any] = MappingProxyType({}), **changes: Any
) -> Record:
    node = MAKERS[kind](metafields=paged(*map(metafield, keys)), **changes)
    return sources(settings, keyer=lambda *_: None, clock=lambda: NOW)[kind].to_record(node)


def places(found: Record) -> set[str]:
    return {place for place in found.residue if "metafield" in place}


def told(found: Record, *, action: Action | None = None) -> set[str]:
    """The places that a plan would name where the name is due, or the whole record is."""
    mail, accounts = Wave.EMAIL_ADDRESS, Wave.ACCOUNTS
    due = FieldVerdict(field=Field.NAME, rule="T-03", state=State.DUE, wave=mail, action=Action.REDACT)
    whole = FieldVerdict(field=None, rule="T-20", state=State.DUE, wave=accounts, action=Action.DELETE)
    verdict = Verdict(ref=found.ref, fields=(due,), record=whole if action is Action.DELETE else None)
    able = capabilities(found.ref.kind, {"delete_orders": True})
    named = {
        place for step in steps_of(found, verdict, able, today=date(2026, 11, 22)) for _, place in hands(step)
    }
    return {place for place in named if "metafield" in place or place == "completed_draft"}


@pytest.mark.parametrize("kind", MAKERS)
@given(keys=st.lists(st.from_regex(r"[a-z]{3,8}\.[a-z_]{3,8}", fullmatch=True), unique=True, max_size=5))
def test_every_filled_metafield_is_a_field_or_named(kind: Kind, keys: list[str]) -> None:
    found = record(kind, *keys)
    assert {place.partition(":")[2] for place in places(found)} == set(keys) - {"facts.birth_date"}


@pytest.mark.parametrize("kind", MAKERS)
def test_one_that_the_settings_name_as_a_field_is_erased_and_no_task(kind: Kind) -> None:
    found = record(kind, "custom.pickup", settings={f"{kind}_metafields": {"custom.pickup": "name"}})
    assert not places(found)
    assert found.present & FIELD_BITS[Field.NAME]


@pytest.mark.parametrize("kind", MAKERS)
def test_one_that_the_settings_call_harmless_is_not_named(kind: Kind) -> None:
    assert not places(record(kind, "app.weight", settings={"harmless_metafields": ["app.weight"]}))


def test_one_that_is_empty_is_not_named() -> None:
    node = order(metafields=paged(metafield("app.note", "")))
    found = sources({}, keyer=lambda *_: None, clock=lambda: NOW)[Kind.ORDER].to_record(node)
    assert not places(found)


def test_what_an_unlisted_value_looks_like_is_told_and_the_value_is_no_field() -> None:
    node = customer(metafields=paged(metafield("custom.personnummer", "811218-9876")))
    found = sources({}, keyer=lambda *_: None, clock=lambda: NOW)[Kind.CUSTOMER].to_record(node)
    assert {("unknown_key:personal_number", "meta:custom.personnummer")} <= {
        (one.code, one.place) for one in found.surprises
    }
    assert not found.present & FIELD_BITS[Field.PERSONAL_NUMBER]


def test_a_key_that_is_itself_personal_is_named_without_it() -> None:
    found = record(Kind.ORDER, "app.disa@kund.example")
    assert places(found) == {"metafield:(a key that looks personal)"}


@pytest.mark.parametrize("kind", MAKERS)
def test_a_plan_names_them_where_a_field_of_the_person_goes(kind: Kind) -> None:
    assert told(record(kind, "app.note"))


def test_a_customer_whose_orders_keep_the_profile_keeps_them_after_a_deletion_and_the_plan_says_so() -> None:
    kept = record(Kind.CUSTOMER, "app.note", canDelete=False)
    assert told(kept, action=Action.DELETE) == {"customer_metafield:app.note"}


def test_a_customer_who_goes_whole_takes_them_along() -> None:
    assert not told(record(Kind.CUSTOMER, "app.note", canDelete=True), action=Action.DELETE)


def test_the_draft_that_an_order_was_made_from_outlives_the_order_and_is_named() -> None:
    found = record(Kind.ORDER, sourceName="shopify_draft_order")
    assert told(found, action=Action.DELETE) == {"completed_draft"}


def test_the_payment_services_whole_answer_is_named_on_every_paid_order() -> None:
    assert "payment_receipt" in record(Kind.ORDER).residue
