"""Any paper as a document in one language."""

from collections.abc import Iterator, Sequence

from connector.report.blocks import (
    Block,
    Bullets,
    Cell,
    Column,
    Document,
    Facts,
    Paragraph,
    Row,
    Section,
    Signature,
    Table,
)
from connector.report.paper.model import Paper, Part
from connector.report.shared import Both, Language
from connector.report.tables import letterhead
from connector.report.words import Words


def compose(view: Paper, language: Language) -> Document:
    """The paper; what is open stands first, so that nobody signs over it."""
    words = Words(language)
    return Document(
        language=language,
        kind=view.kind.of(language),
        sender=letterhead(view.shop, words),
        reference=(
            (words.say("document.made"), words.moment(view.made_at)),
            (words.say("approval.policy"), f"{view.policy.name}@{view.policy.version}"),
        ),
        title=view.title.of(language),
        lead=_all(view.lead, language),
        warnings=_open(view, words),
        sections=tuple(
            Section(id=part.id, title=part.title.of(language), blocks=tuple(blocks_of(part, language)))
            for part in view.parts
        ),
        sentence=view.sentence,
        footer=words.say("document.tool", version=view.tool_version),
    )


def _open(view: Paper, words: Words) -> Bullets | None:
    if not view.open:
        return None
    return Bullets(title=words.say("paper.open"), items=_all(view.open, words.language), tone="warn")


def _all(texts: Sequence[Both], language: Language) -> tuple[str, ...]:
    return tuple(one.of(language) for one in texts)


def blocks_of(part: Part, language: Language) -> Iterator[Block]:
    """What a part is made of, without its title."""
    yield from (Paragraph(text=one.of(language)) for one in part.text)
    if part.facts:
        yield Facts(pairs=tuple((name.of(language), value.of(language)) for name, value in part.facts))
    if part.items:
        yield Bullets(items=_all(part.items, language))
    if part.rows:
        yield Table(
            columns=tuple(Column(title=one.of(language)) for one in part.columns),
            rows=tuple(Row(cells=tuple(_cell(cell, language) for cell in row)) for row in part.rows),
        )
    if part.signature:
        yield Signature(labels=_all(part.signature, language))


def _cell(cell: Both, language: Language) -> Cell:
    text, _, note = cell.of(language).partition("\n")
    return Cell(text=text, note=note)
