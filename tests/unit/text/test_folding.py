"""One name in every form it is stored in is one name."""

import html
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.text.folding import folded_text, mentions, same_person, same_text

NAMES = st.lists(
    st.text(st.sampled_from("abcåäöéøABCÅÄÖÉØ'-"), min_size=2, max_size=8).filter(
        lambda text: text.strip("'-")
    ),
    min_size=1,
    max_size=3,
).map(" ".join)


@given(NAMES, st.integers(0, 2))
def test_entities_accents_case_apostrophes_and_blanks_make_no_difference(name: str, escaped: int) -> None:
    other = unicodedata.normalize("NFD", name.swapcase()).replace("'", "\u2019").replace(" ", "\u00a0\u200b ")
    for _ in range(escaped):
        other = html.escape(other)
    assert same_text(name, other)


@given(NAMES)
def test_folding_twice_is_folding_once(name: str) -> None:
    assert folded_text(folded_text(name)) == folded_text(name)


@given(NAMES, st.sampled_from(["Betalning från {}.", "{}", "Paket till {}, hämtat", "&quot;{}&quot;"]))
def test_a_note_that_names_the_buyer_is_found(name: str, note: str) -> None:
    assert mentions(note.format(html.escape(name)), {folded_text(name)})


@pytest.mark.parametrize(
    "note",
    [
        "Betalning från Siobhan O'Provbrien.",
        "Betalning från Siobhan O&#039;Provbrien.",
        "Betalning från Siobhan O\u2019Provbrien.",
        "Betalning från Siobhan  O'Provbrien",
        "Betalning från Siobhan&nbsp;O'Provbrien",
        "Betalning: O'Provbrien, Siobhan",
        "Betalning från SIOBHAN O&amp;#8217;PROVBRIEN",
    ],
)
def test_a_name_is_found_in_every_form_a_note_has_it(note: str) -> None:
    assert mentions(note, {"siobhan o'provbrien"})


@pytest.mark.parametrize(
    "note", ["Betalning från Siobhan Provbrien", "O'Provbrien", "Siobhan till O'Provbrien", ""]
)
def test_another_name_is_not_found(note: str) -> None:
    assert not mentions(note, {"siobhan o'provbrien"})


@pytest.mark.parametrize(
    ("one", "other"),
    [("Åsa Lind", "asa LIND"), ("Siobhán O’Brien", "Siobhan OBrien"), ("Anna-Karin Ek", "Anna Karin Ek"),
     ("Søren Ærø", "Soren Aero"), ("J&uuml;rgen Groß", "Jurgen Gross"), ("Lind, Åsa", "Åsa Lind")],
)  # fmt: skip
def test_a_name_spelled_otherwise_is_the_same_person(one: str, other: str) -> None:
    assert same_person(one, other)


@pytest.mark.parametrize(("one", "other"), [("Åsa Lind", "Åsa Lindh"), ("Åsa Lind", "Eva Lind")])
def test_another_name_is_another_person(one: str, other: str) -> None:
    assert not same_person(one, other)
