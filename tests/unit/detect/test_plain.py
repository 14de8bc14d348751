"""The plain form of a text keeps the place of every character, and stays linear in the text's length."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.detect import detect
from connector.detect.plain import plain

PIECES = (
    "portkod", "porrtkod", "pnr", "4711", "8 5 0 7 0 9 9 8 0 5", "<b>", "</td><td>", "&nbsp;", "&#58;",
    "\u200b", "\u00ad", "\u2011", "\u00a0", "４７", "o\u0308", "_", "fyra sju ett", " ", "\n", "@",
    "<a href='x@y.test'>", "ring",
)  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=14).map("".join)


@given(text=texts)
def test_every_plain_character_has_a_place_in_the_written_text_and_places_never_go_back(text: str) -> None:
    form = plain(text)
    places = [form.written(at, at + 1) for at in range(len(form.text))]
    assert all(0 <= start <= end <= len(text) for start, end in places)
    assert places == sorted(places)


@given(text=st.text(alphabet="abcåäö 0123456789.,:-", max_size=60))
def test_a_character_that_stays_keeps_its_own_place(text: str) -> None:
    form = plain(text)
    for at, letter in enumerate(form.text):
        start, end = form.written(at, at + 1)
        if end - start == 1 and letter.isdigit():
            assert text[start:end] == letter


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("porrtkod1478", "portkod 1478"),
        ("port\u00adkod\u00a0１４７８", "portkod 1478"),
        ("<b>Kod</b>:&nbsp;1478", " Kod : 1478"),
        ("Portkod fyra sju ett ett", "Portkod 4711"),
        ("tel 0 7 0 1 7 4 0 6 0 5", "tel 0701740605"),
        ("850709\u2013980_1", "850709-980-1"),
        ("do\u0308rrkod", "dörrkod"),
        ("postkod 11455", "postkod 11455"),
        ("sortnummer 12345678", "sortnummer 12345678"),
    ],
)
def test_a_text_is_read_as_its_reader_reads_it(written: str, read: str) -> None:
    assert plain(written).text == read


HOSTILE = (
    "1", "1 ", "kod ", "portkod", "<b", "&#", "a@", "a.", "pnr 8", "kod ett ", "bg 1-", "SE12 ", "född 1 ",
    "kort 41 ", "\u200b", "1_", "port 1 ", "(", "x at y dot ", "a" * 40 + " ", "1234-",
)  # fmt: skip


def seconds(text: str) -> float:
    began = time.process_time()
    detect(text, key="customer_note")
    return time.process_time() - began


@pytest.mark.parametrize("piece", HOSTILE)
def test_four_times_the_text_takes_about_four_times_as_long(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    assert seconds(text) <= 9 * seconds(text[:25_000]) + 0.3
