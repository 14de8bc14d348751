"""What makes a page fit its window and its paper, and a state known without its colour."""

import re

import pytest

from connector.report.abbreviations import explained
from connector.report.blocks import Cell, Column, Document, Paragraph, Row, Section, Table
from connector.report.drawn import html
from connector.report.drawn.columns import shape, without_empty
from connector.report.drawn.overview import SIGNS
from connector.report.drawn.page import CARDS, CONTENTS
from connector.report.drawn.page import style as page_style
from connector.report.drawn.screen import MARKS, STYLES
from connector.report.drawn.sheet import html as sheet_html
from connector.report.drawn.sheet import terminal
from connector.report.promises.document import TONES
from connector.report.promises.model import State
from connector.report.tables import row
from tests.unit.report.examples import DRY_RUN, PROTOCOL


def made(*titles: str, rows: tuple[Row, ...], numbers: tuple[str, ...] = ()) -> Table:
    columns = tuple(Column(title=one, align="number" if one in numbers else "text") for one in titles)
    return Table(columns=columns, rows=rows)


def document(*blocks: Table | Paragraph, sections: int = 1) -> Document:
    return Document(
        language="sv", kind="Prov", sender=("Ägget",), reference=(("Gjord", "2026-11-30"),), title="Prov",
        lead=(), sentence="Applied: nothing.",
        sections=tuple(Section(id=f"s{n}", title=f"Del {n}", blocks=blocks) for n in range(sections)),
    )  # fmt: skip


GAPS = made("Namn", "Tom", "Antal", rows=(row("a", "–", "1"), row("b", "", "–")))


def test_a_column_in_which_no_row_says_anything_is_left_out_on_a_page_and_on_a_terminal() -> None:
    assert [column.title for column in without_empty(GAPS).columns] == ["Namn", "Antal"]
    assert "Tom" not in sheet_html(lambda _: document(GAPS), "sv")
    assert "Tom" not in terminal(document(GAPS), width=80, colour=False)


def test_a_column_with_a_bar_or_a_note_alone_is_kept() -> None:
    own = made("Namn", "Bild", "Not", rows=(row("a", Cell(text="", parts=(0.5,)), Cell(text="", note="n")),))
    assert without_empty(own) == own


def test_the_head_of_a_group_spans_what_is_left() -> None:
    grouped = made(
        "Namn", "Tom", "Antal", rows=(Row(cells=(Cell(text="g"),), role="group"), row("a", "", "1"))
    )
    assert [len(one.cells) for one in without_empty(grouped).rows] == [1, 2]


def test_a_table_without_rows_keeps_its_head() -> None:
    assert len(without_empty(made("Namn", "Antal", rows=())).columns) == 2


@pytest.mark.parametrize(
    ("titles", "numbers", "expected"),
    [
        (("a", "b"), (), "plain"),
        (("a", "b", "n"), ("n",), "stacked"),
        (("a", "n", "m"), ("n", "m"), "plain"),
        (("a", "n", "m", "o"), ("n", "m", "o"), "stacked"),
        (tuple("abcdef"), tuple("bcdef"), "stacked"),
        (tuple("abcdefghi"), tuple("bcdefghi"), "dense"),
        (tuple("abcdef"), (), "dense"),
        (tuple("abcdefghijkl"), (), "dense"),
    ],
)
def test_a_table_of_any_number_of_columns_has_a_shape(
    titles: tuple[str, ...], numbers: tuple[str, ...], expected: str
) -> None:
    assert shape(made(*titles, rows=(), numbers=numbers)).split()[0] == expected


def test_every_shape_but_the_plain_one_becomes_cards_in_a_narrow_window() -> None:
    style = str(page_style())
    for name, width in CARDS:
        rule = style.partition(f"(max-width: {width}) {{\n  .{name} {{ display: block; }}")[2]
        assert f".{name} td::before {{ content: attr(data-label)" in rule


def test_a_long_word_breaks_where_a_window_is_narrow() -> None:
    style = str(page_style())
    assert "overflow-wrap: break-word" in style.partition("body {")[2].partition("}")[0]
    assert "tbody :is(th, td) { overflow-wrap: anywhere; }" in style.partition("@media print, screen")[2]


@pytest.mark.parametrize("view", [DRY_RUN, PROTOCOL])
def test_every_cell_of_a_card_says_which_column_it_is_of(view: object) -> None:
    cells = re.findall(r"<td [^>]*>", html(view))  # type: ignore[arg-type]
    assert cells
    assert all("data-label=" in cell for cell in cells)


def test_every_state_of_a_shop_has_a_sign_and_a_colour_of_its_own() -> None:
    for part in (1, 2):
        assert len({one[part] for one in SIGNS}) == len(SIGNS)
    style = str(page_style())
    assert all(f"--{colour}:" in style for _, _, colour in SIGNS)


def test_every_tone_has_the_same_sign_on_a_page_as_on_a_terminal_and_no_other_has_it() -> None:
    drawn = dict(re.findall(r'\.tone-(\w+) dt::before \{ content: "(.) "; \}', str(page_style())))
    assert drawn == MARKS
    assert len(set(MARKS.values())) == len(MARKS) == len(set(STYLES.values()))


def test_every_state_of_a_promise_has_a_tone_of_its_own() -> None:
    assert len(set(TONES.values())) == len(TONES) == len(State)
    assert all(f".fill-{tone} " in str(page_style()) for tone in TONES.values())


@pytest.mark.parametrize(("sections", "printed"), [(CONTENTS - 1, 0), (CONTENTS, 2)])
def test_a_document_of_some_length_is_printed_with_its_contents_and_its_pages_numbered(
    sections: int, printed: int
) -> None:
    page = sheet_html(lambda _: document(Paragraph(text="x"), sections=sections), "sv")
    assert page.count('<nav class="contents"') == printed  # in each language
    assert 'content: "Sida " counter(page) " av " counter(pages)' in page


def test_an_abbreviation_is_explained_once_where_it_is_used() -> None:
    own = document(Paragraph(text="artikel 6 i GDPR; BFL 7:2, GDPR"), GAPS)
    assert explained(own) == ("BFL: bokföringslagen", "GDPR: dataskyddsförordningen")
    assert terminal(own, width=80, colour=False).count("GDPR: dataskyddsförordningen") == 1
    assert explained(document(Paragraph(text="IPA, XBFL, gdpr"))) == ()


def test_a_document_ends_in_its_language_and_then_in_english() -> None:
    assert terminal(document(), width=80, colour=False).splitlines()[-2:] == [
        "Utfört: inget.",
        "Applied: nothing.",
    ]
