"""A document as a list of blocks: composed once, then shown as HTML or in a terminal."""

from typing import Literal

from connector.records import Value
from connector.report.shared import Language

Tone = Literal["plain", "accent", "wait", "law", "rest", "open", "warn", "alarm", "failing", "hand"]
Align = Literal["text", "number", "code"]


class Paragraph(Value, frozen=True, kw_only=True):
    """Running text."""

    text: str
    tone: Tone = "plain"


class Heading(Value, frozen=True, kw_only=True):
    """A heading inside a section."""

    text: str
    note: str = ""


class Bullets(Value, frozen=True, kw_only=True):
    """Short sentences in a list; `warn` sets them apart."""

    items: tuple[str, ...]
    title: str = ""
    tone: Tone = "plain"


class Cell(Value, frozen=True, kw_only=True):
    """One cell: its text, a quieter note below, a link to the shop's admin, a bar's share."""

    text: str
    note: str = ""
    link: str = ""
    parts: tuple[float, ...] = ()
    description: str = ""


class Column(Value, frozen=True, kw_only=True):
    """One column's heading and how its cells stand."""

    title: str
    align: Align = "text"


class Row(Value, frozen=True, kw_only=True):
    """One row; `group` opens a group, `sum` closes with a total."""

    cells: tuple[Cell, ...]
    role: Literal["plain", "group", "sum"] = "plain"


class Table(Value, frozen=True, kw_only=True):
    """A table; the first cell of each row names it."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""


class Segment(Value, frozen=True, kw_only=True):
    """One part of a bar: how much, as a number and in words."""

    value: int
    number: str
    text: str
    tone: Tone


class Share(Value, frozen=True, kw_only=True):
    """One bar that shows how a whole is divided, under a large number."""

    number: str
    text: str
    title: str
    segments: tuple[Segment, ...]


class Legend(Value, frozen=True, kw_only=True):
    """What the parts of the bars in a table stand for, in their order."""

    items: tuple[str, ...]


class Facts(Value, frozen=True, kw_only=True):
    """Names and values."""

    pairs: tuple[tuple[str, str], ...]


class Command(Value, frozen=True, kw_only=True):
    """Something to type."""

    title: str
    text: str


class Signature(Value, frozen=True, kw_only=True):
    """Lines to fill in by hand on paper."""

    labels: tuple[str, ...]


class Fold(Value, frozen=True, kw_only=True):
    """What only some readers want: closed until opened, open on paper."""

    summary: str
    blocks: tuple["Block", ...]


Block = (
    Paragraph | Heading | Bullets | Table | Share | Legend | Facts | Command | Signature | Fold
)  # fmt: skip


class Section(Value, frozen=True, kw_only=True):
    """One answer of the document."""

    id: str
    title: str
    blocks: tuple[Block, ...]


class Document(Value, frozen=True, kw_only=True):
    """A whole document in one language; `sentence` is its last line, the same in all.

    `rests_on` stands at the top, `closing` right before the sentence.
    """

    language: Language
    kind: str
    sender: tuple[str, ...]
    reference: tuple[tuple[str, str], ...]
    title: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    sentence: str
    warnings: Bullets | None = None
    rests_on: Bullets | None = None
    closing: tuple[str, ...] = ()
    appendix: tuple[Section, ...] = ()  # on paper and on a page, never on a screen
    footer: str = ""
