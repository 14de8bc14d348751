"""What holds of every text: spans, order, and nothing left after redaction."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from connector.detect import Type, detect, holds_person, redact, types
from connector.text.formats import Uncut

NUMBERS = (
    "19670326-9800",
    "6703269800",
    "850769-9802",
    "559999-9017",
    "SE670326980001",
    "370000008510059306",
)
SPOKEN = (
    "född 1985-07-09",
    "portkod 4711#",
    "kod 1234",
    "Porten: 9632",
    "slå 4711 i porten",
    "bg 5999-9011",
    "4711",
    "1234 är portkoden",
)
PAID = ("4111 1111 1111 1111", "SE45 5000 0000 0583 9825 7466")
REACHED = (
    "a@kund.example",
    "a (at) kund.example",
    "x@gallra.invalid",
    "070-174 06 23",
    "+46701740605",
    "08-465 004 12",
    "+44 7700 900123",
)
TOKENS = NUMBERS + SPOKEN + PAID + REACHED
WORDS = ("Ring", "pnr", "org.nr", "portkod", "kod", "bankgiro", "tel", "ordernr", "och", "född", "lgh", "åäö")
JOINTS = (" ", ", ", "-", "/", ".", "", "\n", " - ", "(", ")", ": ", "+", "0", "12", "\xa0", "–")
KEYS = (
    "",
    "customer_note",
    "address_2",
    "_billing_personnummer",
    "tracking_number",
    "birth_date",
    "portkod",
    "phone",
)

pieces = st.one_of(
    st.sampled_from(TOKENS), st.sampled_from(WORDS), st.sampled_from(JOINTS), st.text(max_size=6)
)
digits = st.text(alphabet="0123456789 -+/.@#aSE", max_size=40)
texts = st.one_of(st.lists(pieces, max_size=12).map("".join), digits, st.text(max_size=80))
keys = st.sampled_from(KEYS)


@given(text=texts, key=keys)
def test_every_span_lies_inside_the_text(text: str, key: str) -> None:
    assert all(0 <= found.start < found.end <= len(text) for found in detect(text, key=key))


@given(text=texts, key=keys)
def test_spans_are_sorted_and_never_overlap(text: str, key: str) -> None:
    found = detect(text, key=key)
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(text=texts, key=keys)
def test_types_are_those_of_the_spans(text: str, key: str) -> None:
    assert types(text, key=key) == {found.type for found in detect(text, key=key)}


@given(text=texts, placeholder=st.sampled_from(["", "…", "[borttaget]", " ", "-"]))
def test_redaction_leaves_none_of_the_types_it_cut_or_leaves_the_text_to_a_hand(
    text: str, placeholder: str
) -> None:
    found = detect(text)
    try:
        left = redact(text, found, placeholder=placeholder)
    except Uncut:
        return
    assert types(left).isdisjoint({each.type for each in found})


@given(text=texts)
def test_redacting_nothing_changes_nothing(text: str) -> None:
    assert redact(text, ()) == text


@given(text=texts, key=keys)
def test_a_text_that_holds_a_person_holds_a_type(text: str, key: str) -> None:
    assert not holds_person(text, key=key) or types(text, key=key) - {
        Type.DOOR_CODE,
        Type.ORGANISATION_NUMBER,
    }
