"""The table of facts: every fact of a record stands in it once, and all who list facts take them from it."""

from collections import Counter
from datetime import date

import msgspec
import pytest

from connector.policy import calculator as due
from connector.policy import hold_query, lasting
from connector.policy.facts import FACTS, Fact, asked_of, stated_of
from connector.records import Facts, Kind

STATED = [fact for fact in FACTS if fact.stated]
SAID = {"status": "completed", "ship_to": "DE", "warranty_months": 6, "holds": [], "subject": {}}


def test_every_fact_of_a_record_stands_in_the_table_once() -> None:
    assert Counter(fact.name for fact in FACTS) == Counter(Facts.__struct_fields__)


def test_every_fact_has_an_end_among_those_that_outlast_a_write() -> None:
    assert {fact.name: fact.lasts for fact in FACTS} == dict(lasting.LASTS)


def test_only_what_a_kind_states_can_be_asked_of_it() -> None:
    assert all(fact.asked <= fact.stated for fact in FACTS)


def test_whatever_can_be_asked_is_a_day_or_a_word() -> None:
    assert {fact.name for fact in FACTS if fact.asked} == {*hold_query.DATES, *hold_query.WORDS}
    for kind in Kind:
        assert hold_query.KEYS[kind] == asked_of(kind)


def said(fact: Fact) -> object:
    """What JSON states of a fact."""
    if fact.is_day:
        return "2026-03-01"
    return ["2026-03-01"] if fact.is_days else fact.words[0] if fact.words else SAID.get(fact.name, True)


@pytest.mark.parametrize("fact", STATED, ids=lambda fact: fact.name)
def test_the_calculator_reads_a_fact_of_each_kind_that_states_it_and_of_no_other(fact: Fact) -> None:
    for kind in Kind:
        faults: list[str] = []
        found = due.read_facts(kind, {fact.name: said(fact)}, faults)
        assert bool(faults) == (kind not in fact.stated), faults
        if not faults:
            msgspec.convert(getattr(found, fact.name), msgspec.structs.fields(Facts)[place(fact)].type)


def place(fact: Fact) -> int:
    """Where a fact stands among the fields."""
    return Facts.__struct_fields__.index(fact.name)


def test_no_kind_states_a_fact_that_only_the_reading_concludes() -> None:
    concluded = {"trashed", "reminders_shown", "consents"}  # no rule asks of consents: a word ends them
    assert {fact.name for fact in FACTS if not fact.stated} == concluded
    assert all(not concluded & stated_of(kind) for kind in Kind)


def test_a_query_for_a_switch_and_a_query_for_a_word_read_what_the_record_says() -> None:
    facts = Facts(business=True, payment="card", captured=(date(2026, 3, 1),))
    assert (hold_query.WORDS["business"](facts), hold_query.WORDS["payment"](facts)) == ("yes", "card")
    assert hold_query.DATES["captured"](facts) == (date(2026, 3, 1),)
