"""What reading spares itself changes nothing: each short cut against the long way, records against a file."""

import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.woocommerce import orders, places
from adapters.woocommerce.readable import plain as readable
from connector import detect
from connector.detect.context import Place, hints
from connector.identity import make_keyer
from connector.places import suspected
from connector.places.suspected import Own, own, own_words, repeats
from connector.text.folding import folded_text, mentions
from connector.text.formats import Leaf, leaves
from connector.text.formats.json_text import parsed
from connector.text.formats.php_text import looks_serialised
from connector.text.formats.walk import may_be_parted

CASES = Path(__file__).parents[2] / "cases" / "records" / "orders.json"
READ = json.loads(CASES.read_text(encoding="utf-8"))
KEYER = make_keyer(b"k" * 32)
PEOPLE = own_words(
    ["Åsa Öberg-Lind", "O'Brien von Post"], emails=["asa@post.example"], phones=["070-174 06 05"],
    streets=["Provgatan 1"], towns=["Provstad"], postcodes=["123 45"],
)  # fmt: skip
SAID = (
    "Åsa", "ÅSA", "Öberg-Lind", "Lind, Åsa", "asa o\u0308berg", "&Aring;sa", "Åsas", "O&#8217;Brien", "Post",
    "von", "asa@post.example", "070 174 06 05", "+46701740605", "0701", "Provgatan 1", "PROVSTAD",
    "provstads", "12345", "123\u00a045", "\\u00c5sa", "portkod", "kod", "iban", "konto", "nr", "p-nr",
    "pnr811218-9876", "811218-9876", "4711", "SE45 5000", "tel", "född", "2020-01-02", "{", '{"a": "b"}',
    "a:0:{}", "]", ";", " ", ", ", "-", "_", "/", "(0", "\n",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(SAID), max_size=7).map("".join) | st.text(max_size=30)
PLAIN = sys.modules["connector.detect.plain"]


def record_of(order: dict[str, Any]) -> Any:
    dates = {70: date(2020, 2, 1)}
    made = orders.to_record(readable(order), table=places.ORDER_META, keyer=KEYER, refund_dates=dates)
    return json.loads(msgspec.json.encode(made))


def forget() -> None:
    for remembered in (
        own._remembered, own._name_orders,
        suspected._read, suspected._shown_by, suspected._place, detect.detect,
    ):  # fmt: skip
        remembered.cache_clear()


@pytest.mark.parametrize("case", READ, ids=lambda case: case["order"]["id"])
def test_a_record_is_byte_for_byte_what_it_was(case: dict[str, Any]) -> None:
    assert record_of(case["order"]) == case["record"]


def test_a_record_is_the_same_whoever_was_read_before() -> None:
    forget()
    first = [record_of(case["order"]) for case in READ]
    again = [record_of(case["order"]) for case in reversed(READ)]
    assert first == again[::-1]


def word_by_word(text: str, known: Own, *, sentences: bool) -> Iterator[str]:
    """A person's own words in a text, each looked for by itself."""
    typed = own.decoded(text)
    folded = folded_text(typed)
    words = re.findall(r"[^\W\d_]+", typed if sentences else folded)
    forms = [{folded_text(word), folded_text(word).removesuffix("s")} for word in words if word[0].isupper()]
    parts = set().union(*forms) if sentences else set(words)
    if mentions(typed, known.names) or parts & known.parts:
        yield "name"
    if any(one in folded for one in known.emails):
        yield "email"
    towns = [] if sentences else [one for one in known.towns if re.search(rf"\b{re.escape(one)}\b", folded)]
    if towns or any(one in folded for one in known.streets) or any(
        "".join(filter(str.isdigit, one)) in known.postcodes for one in own._POSTCODE.findall(typed)
    ):  # fmt: skip
        yield "address"
    if any(own._tail(one) in known.phones for one in own._DIGITS.findall(typed)):
        yield "phone"


@given(TEXTS, st.booleans())
def test_own_words_are_found_as_one_by_one(text: str, sentences: bool) -> None:
    assert list(repeats(text, PEOPLE, sentences=sentences)) == list(
        word_by_word(text, PEOPLE, sentences=sentences)
    )


@given(TEXTS)
def test_nobody_has_no_words_in_any_text(text: str) -> None:
    assert not list(repeats(text, Own()))


@given(TEXTS)
def test_a_text_with_a_format_of_its_own_is_never_taken_for_words(text: str) -> None:
    if text and not may_be_parted(text):
        assert not looks_serialised(text)
        assert parsed(text) is None
        assert list(leaves(text, key="k")) == [Leaf(path="k", key="k", text=text)]


@given(TEXTS, st.sampled_from(["", "phone", "personnummer", "org_nr", "card_number"]))
def test_a_finder_that_is_spared_would_have_found_nothing(text: str, key: str) -> None:
    place = Place(text=PLAIN.plain(text).text, key=key, hints=hints(key))
    digits = sum(map(place.text.count, "0123456789"))
    spared = [find for find, fewest in detect._FINDERS if digits < fewest]
    assert not [reading for find in spared for reading in find(place)]


@given(TEXTS)
def test_every_word_glued_to_its_number_is_parted(text: str) -> None:
    glued = [(one.start("between"), one.end(), " ") for one in PLAIN._GLUED.finditer(text)]
    assert list(PLAIN._parted(text)) == glued
