"""What the adapter answers by code has words in the reports, in both languages."""

from typing import Any

import pytest

from adapters.shopify.abilities import capabilities
from adapters.shopify.platform import Shopify
from adapters.shopify.reasons import Reason
from connector.deciding import erasure_gate
from connector.report.tables import place_name, reason_name
from connector.report.words import Words, catalogue

GATE = (erasure_gate.KEPT, erasure_gate.ON_HOLD, erasure_gate.NOT_INDEXED)


def codes() -> dict[str, set[str]]:
    """Every place and residue of every kind."""
    tables: list[Any] = [capabilities(kind, {}) for kind in Shopify.kinds]
    return {
        "fields": {place for table in tables for place in table.places.values()},
        "residue": {place for table in tables for place in table.residue},
    }


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_reason_has_words(language: str) -> None:
    known = catalogue(language)
    assert [code for code in (*Reason, *GATE) if f"reason.{code}" not in known] == []


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("where", ["fields", "residue"])
def test_every_place_for_a_hand_has_words(language: str, where: str) -> None:
    found = codes()[where]
    assert found
    assert [code for code in sorted(found) if f"place.{code}" not in catalogue(language)] == []


def test_no_place_is_the_same_sentence_in_both_languages() -> None:
    found = set().union(*codes().values())
    sv, en = catalogue("sv"), catalogue("en")
    assert [code for code in sorted(found) if sv[f"place.{code}"] == en[f"place.{code}"]] == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("sv", "Profilen är tömd, ordrarna är kvar: appen saknar behörighet: read_all_orders"),
        ("en", "The profile is emptied, the orders stay: the app lacks a permission: read_all_orders"),
    ],
)
def test_a_reason_within_a_reason_is_said_in_one_language(language: str, words: str) -> None:
    reason = Reason.EMPTIED.of(Reason.LACKS_SCOPE.of("read_all_orders"))
    assert reason_name(reason, Words(language)) == words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("shop_kept:email,phone", "Butiken behöll: E-post, telefon"),
        ("orders_kept", "Lagen kräver att minst en av kundens ordrar sparas"),
        ("something else: that no list has", "something else: that no list has"),
    ],
)
def test_fields_in_a_reason_are_named_and_what_nobody_knows_is_shown_as_it_is(
    reason: str, words: str
) -> None:
    assert reason_name(reason, Words("sv")) == words


def test_a_record_as_a_place_is_shown_by_its_number() -> None:
    assert place_name("customer:17", Words("sv")) == "kund 17"
