"""A document on a terminal: plain words and numbers, colour only beside a sign."""

import io
from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid

from connector.report.abbreviations import explained
from connector.report.blocks import (
    Block,
    Bullets,
    Cell,
    Command,
    Document,
    Facts,
    Fold,
    Heading,
    Legend,
    Paragraph,
    Row,
    Section,
    Segment,
    Share,
    Signature,
    Table,
)
from connector.report.drawn.closing import closing_lines
from connector.report.drawn.columns import without_empty
from connector.report.drawn.plain import Text
from connector.report.dry_run import document as dry_run
from connector.report.dry_run.model import DryRun
from connector.report.protocol import document as protocol
from connector.report.protocol.model import Protocol
from connector.report.shared import Language
from connector.report.tables import lower_first
from connector.report.words import Words
from connector.text.printable import printable

MARKS = {
    "warn": "!",
    "alarm": "✕",
    "failing": "▲",
    "hand": "◇",
    "accent": "●",
    "wait": "◐",
    "law": "■",
    "rest": "·",
    "open": "○",
    "plain": "–",
}
STYLES = {
    "warn": "bold red",
    "alarm": "red",
    "failing": "bold yellow",
    "hand": "bright_blue",
    "accent": "cyan",
    "wait": "yellow",
    "law": "blue",
    "rest": "dim",
    "open": "magenta",
    "plain": "",
}
SHADES = "█▓▒░·"
BAR = 24
NARROW = 60


def terminal(view: DryRun | Protocol, *, language: Language, width: int, colour: bool) -> str:
    """The report as text of at most `width` columns; without colour it says the same."""
    compose = dry_run.compose if isinstance(view, DryRun) else protocol.compose
    document = compose(view, language)  # type: ignore[arg-type]
    output = io.StringIO()
    console = _console(output, width, colour)
    for part in _parts(document):
        console.print(part, soft_wrap=_unbroken(part))
    return ended(output.getvalue(), document)


def ended(drawn: str, document: Document) -> str:
    """What was drawn, and the sentence: last, alone and never wrapped, for scripts look for it."""
    lines = (line.rstrip() for line in drawn.splitlines())
    return "\n".join((*lines, "", *map(printable, closing_lines(document)), ""))


def _console(output: io.StringIO, width: int, colour: bool) -> Console:
    """A console that writes to memory and reads nothing of the environment."""
    return Console(
        file=output,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


def _parts(document: Document) -> Iterable[Any]:
    yield from _opening(document)
    for number, section in enumerate(document.sections, 1):
        yield from _section(number, section, document.language)
    for number, short in enumerate(explained(replace(document, appendix=()))):
        yield Text(short if number else f"\n{short}", style="dim")
    if document.footer:
        yield Text(f"\n{document.footer}", style="dim")
    for number, text in enumerate(document.closing):
        yield Text(text if number else f"\n{text}")


def _opening(document: Document) -> Iterable[Any]:
    reference = " · ".join(f"{name} {value}" for name, value in document.reference)
    yield Text(document.sender[0], style="bold")
    yield Text("\n".join((*document.sender[1:], f"{document.kind} · {reference}")), style="dim")
    yield Text(f"\n{document.title}", style="bold")
    for text in document.lead:
        yield Text(text)
    for bullets in (document.rests_on, document.warnings):
        if bullets:
            yield from _bullets(bullets)


def _section(number: int, section: Section, language: Language) -> Iterable[Any]:
    yield Text(f"\n{number}. {section.title}", style="bold cyan")
    for block in section.blocks:
        for part in _block(block, language):
            yield part if _unbroken(part) else Padding(part, (0, 0, 0, 2))


def _unbroken(part: Any) -> bool:
    """Whether a line must stay whole at any width, so that it can be copied."""
    return isinstance(part, Text) and bool(part.no_wrap)


def _block(block: Block, language: Language) -> Iterable[Any]:
    if isinstance(block, Fold):
        return _fold(block, language)
    return _RENDERERS[type(block)](block)


def _fold(fold: Fold, language: Language) -> Iterable[Any]:
    """What is folded is too long for a terminal: it says where to find it."""
    yield Text(Words(language).say("document.folded", what=lower_first(fold.summary)), style="dim")


def _paragraph(block: Paragraph) -> Iterable[Any]:
    mark = f"{MARKS['warn']} " if block.tone == "warn" else ""
    yield Text(f"{mark}{block.text}", style=STYLES[block.tone])


def _heading(block: Heading) -> Iterable[Any]:
    yield Text(f"\n{block.text}", style="bold")
    if block.note:
        yield Text(block.note, style="dim")


def _bullets(block: Bullets) -> Iterable[Any]:
    if block.title:
        yield Text(f"{MARKS['warn']} {block.title}" if block.tone == "warn" else block.title, style="bold")
    grid = Grid.grid(padding=(0, 1))
    for item in block.items:
        grid.add_row(Text(MARKS[block.tone], style=STYLES[block.tone]), Text(item))
    yield grid


def _share(block: Share) -> Iterable[Any]:
    yield Text(f"{block.number} {block.text}", style="bold")
    grid = Grid.grid(padding=(0, 1))
    for each in block.segments:
        grid.add_row(*_segment(each))
    yield grid


def _segment(each: Segment) -> tuple[Text, Text, Text]:
    mark = Text(MARKS[each.tone], style=STYLES[each.tone])
    return mark, Text(each.number, justify="right"), Text(each.text)


def _legend(block: Legend) -> Iterable[Any]:
    yield Text("  ".join(f"{SHADES[index]} {text}" for index, text in enumerate(block.items)), style="dim")


def _facts(block: Facts) -> Iterable[Any]:
    grid = Grid.grid(padding=(0, 2))
    for name, value in block.pairs:
        grid.add_row(Text(name, style="dim"), Text(value, overflow="fold"))
    yield grid


def _command(block: Command) -> Iterable[Any]:
    yield Text(f"{block.title}:")
    yield Text(f"    {block.text}", style="bold", no_wrap=True)


def _signature(block: Signature) -> Iterable[Any]:
    """Lines to sign on belong on paper."""
    return ()


def _table(whole: Table) -> Iterable[Any]:
    block = without_empty(whole)
    grid = Grid(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False, pad_edge=False)
    for column in block.columns:
        grid.add_column(
            column.title,
            justify="right" if column.align == "number" else "left",
            overflow="fold",
        )
    for each in block.rows:
        _add_row(grid, each, len(block.columns))
    yield grid


def _add_row(grid: Grid, each: Row, columns: int) -> None:
    style = {"group": "bold", "sum": "bold", "plain": ""}[each.role]
    cells = [_cell(cell) for cell in each.cells]
    grid.add_row(*cells, *[""] * (columns - len(cells)), style=style)


def _cell(cell: Cell) -> Text:
    """The text, its note in brackets below; a bar in signs where the cell holds one."""
    if cell.parts:
        return Text("".join(SHADES[i] * _signs(part) for i, part in enumerate(cell.parts)))
    text = Text(cell.text)
    if cell.note:
        text.append(f"\n{cell.note}" if cell.text else cell.note, style="dim not bold")
    return text


def _signs(part: float) -> int:
    """How many signs a part of a bar is long: one at least, unless it is nothing."""
    return max(1, round(part * BAR)) if part > 0 else 0


_RENDERERS: dict[type, Callable[[Any], Iterable[Any]]] = {
    Paragraph: _paragraph,
    Heading: _heading,
    Bullets: _bullets,
    Share: _share,
    Legend: _legend,
    Facts: _facts,
    Command: _command,
    Signature: _signature,
    Table: _table,
}
