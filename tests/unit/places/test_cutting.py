"""What a value holds of each field, and what is left of it."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.detect import Type, says_person
from connector.detect.found import Found
from connector.places.cutting import fields_in, nothing_else, only, told_in, without
from connector.records import Field
from connector.text.formats import Uncut

NUMBER = "198112189876"
YEAR = st.integers(1798671600, 1798671600 + 365 * 86400)  # 2027: on some days one second of sixteen fits
WORDS = [
    "wcpdf", "invoice", "date", "delivery", "pickup", "stripe", "capture", "charge", "time", "paid", "synced",
    "fortnox", "ref", "value", "meta", "kco", "status", "at", "on", "sent", "booking", "x", "shipped",
]  # fmt: skip
_LED = st.sampled_from(["", "_"])
_SAID = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map("_".join)
KEYS = st.builds(str.__add__, _LED, _SAID).filter(lambda key: not says_person(key))
SHAPES = st.sampled_from([
    str, int, lambda second: json.dumps({"value": second}), lambda second: [str(second)],
    lambda second: {"captured": second}, lambda second: f'a:1:{{i:0;i:{second};}}',
])  # fmt: skip


@given(KEYS, YEAR, SHAPES)
def test_a_unix_time_is_never_taken_for_a_person(key: str, second: int, shape: Any) -> None:
    assert Field.PERSONAL_NUMBER not in fields_in(shape(second), key=key)


@given(
    YEAR,
    st.sampled_from(["_wcpdf_invoice_date", "_delivery_date", "pickup_time", "timestamp", "_paid_at_date"]),
)
def test_a_time_is_not_even_told(second: int, key: str) -> None:
    assert not told_in(str(second), key=key)


@pytest.mark.parametrize("key", ["_stripe_capture", "b2bking_custom_field_77", "handelse"])
def test_a_bare_number_under_a_key_that_promises_no_person_is_told_and_kept(key: str) -> None:
    assert told_in(NUMBER, key=key) == {Type.PERSONAL_NUMBER}
    assert fields_in(NUMBER, key=key) == frozenset()


@pytest.mark.parametrize("key", ["_billing_pno_personnummer", "ssn", "Personnummer", "_customer_pnr"])
@pytest.mark.parametrize(
    "value", [NUMBER, int(NUMBER), "811218-9876", [NUMBER], json.dumps({"v": int(NUMBER)})]
)
def test_a_number_under_a_key_that_promises_a_person_is_one(key: str, value: Any) -> None:
    assert fields_in(value, key=key) == {Field.PERSONAL_NUMBER}


@pytest.mark.parametrize("key", ["_note", "meddelande", "custom_field"])
@pytest.mark.parametrize("value", ["811218-9876", "pnr 198112189876 tack", "19811218-9876"])
def test_a_number_that_words_or_its_form_give_away_is_a_person_s(key: str, value: str) -> None:
    assert fields_in(value, key=key) == {Field.PERSONAL_NUMBER}


def test_what_a_person_types_is_read_as_a_person_s() -> None:
    assert fields_in(NUMBER, key="customer_note", words=True) == {Field.PERSONAL_NUMBER}


@pytest.mark.parametrize(
    "key",
    [
        "_collector_org_nr",
        "_organisation_number",
        "yweu_billing_vat",
        "billing_org_nr",
        "Org.nr",
        "VAT-nummer",
    ],
)
@pytest.mark.parametrize(
    "value", ["8112189876", "811218-9876", "19811218-9876", "SE811218987601", 8112189876]
)
def test_a_key_that_says_company_makes_any_digits_the_company_s(key: str, value: Any) -> None:
    assert Field.PERSONAL_NUMBER not in fields_in(value, key=key)
    assert not told_in(value, key=key)


def test_a_company_s_number_inside_a_row_is_found_by_its_inner_key() -> None:
    value = {"customer": {"orgnr": "811218-9876", "personnummer": NUMBER}}
    assert fields_in(value, key="_checkout") == {Field.ORGANISATION_NUMBER, Field.PERSONAL_NUMBER}
    assert without(value, {Field.PERSONAL_NUMBER}, key="_checkout") == {
        "customer": {"orgnr": "811218-9876", "personnummer": ""}
    }


INSIDE = st.lists(
    st.sampled_from(["Ring", "portkod 4711", "pnr 811218-9876", "lämna", "vid dörren",
                     "tack", "våning 3", "19811218-9876"]),
    min_size=1,
    max_size=6,
).map(" ".join)  # fmt: skip
FIELDS = st.sets(st.sampled_from([Field.DOOR_CODE, Field.PERSONAL_NUMBER]), min_size=1)
FORMS = st.sampled_from([lambda t: t, lambda t: json.dumps({"x": {"y": [t, 1.5]}}),
                         lambda t: {"x": t, "z": "stays"},
                         lambda t: f'a:1:{{s:1:"x";s:{len(t.encode())}:"{t}";}}'])  # fmt: skip


@given(INSIDE, FIELDS, FORMS)
def test_the_result_holds_nothing_that_was_due_and_all_that_was_not(
    text: str, due: set[Field], form: Any
) -> None:
    value = form(text)
    before = fields_in(value, key="anteckning")
    after = fields_in(without(value, due, key="anteckning"), key="anteckning")
    assert not after & due
    assert before - due <= after


@given(INSIDE, FIELDS, FORMS)
def test_the_rest_of_a_place_that_goes_says_nothing_but_what_stays(
    text: str, stays: set[Field], form: Any
) -> None:
    value = form(text)
    stays &= fields_in(value, key="anteckning")
    if not stays:
        return
    try:
        rest = only(value, stays, key="anteckning")
    except Uncut:
        return
    assert nothing_else(rest, key="anteckning")
    assert fields_in(rest, key="anteckning") == stays
    assert not re.search("Ring|lämna|tack|stays", str(rest))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("811218-9876", True), ("personnummer: 811218-9876", True), ("portkod 4711", True),
     ("Ring, portkod 4711", False),
     ("lgh 1201", False), ("", False)],
)  # fmt: skip
def test_a_text_is_nothing_else_only_where_its_words_announce_what_it_holds(
    text: str, expected: bool
) -> None:
    assert nothing_else(text, key="customer_note", words=True) is expected


def test_a_text_that_shows_ever_more_codes_is_left_to_a_hand_after_three_searches() -> None:
    def shows_another(_text: str, **_: str) -> tuple[Found, ...]:
        return (Found(type=Type.DOOR_CODE, start=0, end=1),)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connector.places.cutting.detect", shows_another)
        with pytest.raises(Uncut):
            without("kod och mer text", {Field.DOOR_CODE}, key="customer_note", words=True)


def test_an_account_numbered_after_its_owner_goes_with_the_personal_number() -> None:
    text = "Återbetala till konto 3300-8507099805 tack"
    left = without(text, {Field.PERSONAL_NUMBER}, key="customer_note", words=True)
    assert left == "Återbetala till konto tack"


def test_any_other_account_stays_where_only_personal_numbers_go() -> None:
    text = "Återbetala till konto 5011-1234567 tack"
    assert without(text, {Field.PERSONAL_NUMBER}, key="customer_note", words=True) == text


def test_a_live_code_beside_an_old_one_goes_with_it_and_the_words_stay() -> None:
    text = "Gamla portkoden 1234 gäller inte längre, den nya är 9876, ring på hos Ek"
    left = without(text, {Field.DOOR_CODE}, key="customer_note", words=True)
    assert left == "Gamla portkoden gäller inte längre, den nya är , ring på hos Ek"
