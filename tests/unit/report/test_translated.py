"""A text of English sentences, in the language of the shop."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.report.translated import LINES_MOST, is_translated, translated
from tests.unit.test_imports import REPOSITORY

CATALOGUES = sorted(
    path
    for room in ("connector/report/texts", "adapters")
    for name in ("errors.toml", "says.toml")
    for path in (REPOSITORY / room).rglob(name)
)
SENTENCES = [
    (english, swedish) for path in CATALOGUES for english, swedish in tomllib.loads(path.read_text()).items()
]
GAP = re.compile(r"\{[a-z_]+\}")


def test_a_sentence_is_said_in_swedish_with_what_fills_its_gaps() -> None:
    assert translated("There is no open hold 7. Run `gallra hold list` for those that are.", "sv") == (
        "Det finns ingen öppen spärr 7. `gallra hold list` visar dem som finns."
    )


def test_a_fault_of_a_file_keeps_its_place() -> None:
    assert translated("Error: shop.toml:3: platform.url: is missing. Add it.", "sv") == (
        "Fel: shop.toml:3: platform.url: saknas. Lägg till det."
    )


def test_a_list_in_a_gap_is_said_part_by_part() -> None:
    told = translated(
        "Over the limits (order: 30 planned, 2 allowed; records: 800 planned, 500 allowed).", "sv"
    )
    assert told == "Över gränserna (order: 30 planerade, 2 tillåtna; poster: 800 planerade, 500 tillåtna)."


def test_what_kind_of_line_it_is_stands_for_itself() -> None:
    told = translated(
        "Error: Over the limits (order: 30 planned, 2 allowed; customer: 9 planned, 1 allowed).", "sv"
    )
    assert told.startswith("Fel: Över gränserna (order: 30 planerade, 2 tillåtna; ")


def test_a_sentence_in_the_gap_of_another_is_said_too() -> None:
    told = translated("klarna cannot be used as it is, so nothing is touched: is missing. Add it.", "sv")
    assert told == "klarna går inte att använda som det är, så inget rörs: saknas. Lägg till det."


def test_a_line_with_a_sentence_that_is_not_known_stays_in_english_and_the_next_line_is_said() -> None:
    told = translated("Nobody wrote this. Nothing was done.\nNothing was done.", "sv")
    assert told == "Nobody wrote this. Nothing was done.\nInget gjordes."


def test_words_of_a_name_or_of_what_is_typed_are_never_exchanged() -> None:
    assert translated("Write one of: kind, field, action.", "sv") == "Skriv ett av: kind, field, action."
    signed = translated("Signed: whole by done, tested (owner) on 2026-11-22.", "sv")
    assert signed == "Undertecknad: hel av done, tested (owner) den 2026-11-22."


def test_english_is_left_as_it_is() -> None:
    assert translated("Nothing was done.", "en") == "Nothing was done."


def test_a_long_document_is_left_as_it_is() -> None:
    document = "Nothing was done.\n" * (LINES_MOST + 1)
    assert translated(document, "sv") == document


@given(st.text(st.sampled_from('aå 1.:;,()`\n"é{}'), max_size=60))
def test_no_sign_of_an_unknown_text_is_lost(text: str) -> None:
    assert translated(text, "sv") == text


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.name)
def test_no_sentence_fills_a_gap_that_the_english_has_not(path: Path) -> None:
    sentences = tomllib.loads(path.read_text(encoding="utf-8"))
    assert {
        english for english, other in sentences.items() if set(GAP.findall(other)) - set(GAP.findall(english))
    } == set()


def test_every_sentence_of_every_catalogue_is_found_again_with_its_gaps_filled() -> None:
    lost = {english for english, _ in SENTENCES if not is_translated(GAP.sub("⟨1⟩", english))}
    assert lost == set()


def test_adapters_say_their_own_and_the_engine_the_rest() -> None:
    assert {path.parent.name for path in CATALOGUES} >= {
        "texts",
        "adapters",
        "woocommerce",
        "shopify",
        "klarna",
    }
