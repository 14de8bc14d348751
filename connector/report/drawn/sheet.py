"""Any composed document as HTML, terminal text or JSON: what the pages of the law need of the machinery."""

import io
from collections.abc import Callable
from typing import Any

import msgspec

from connector.errors import Exit
from connector.report.blocks import Document
from connector.report.drawn.page import _environment, style
from connector.report.drawn.screen import _console, _parts, _unbroken, ended
from connector.report.drawn.twin import _whole
from connector.report.shared import FORMAT_VERSION, LANGUAGES, Language
from connector.report.words import Words

Compose = Callable[[Language], Document]


def html(compose: Compose, language: Language) -> str:
    """One self-contained HTML file that opens in `language`; the other is a tick away."""
    others = [each for each in LANGUAGES if each != language]
    return (
        _environment()
        .get_template("document.html.j2")
        .render(
            documents=[compose(each) for each in (language, *others)],
            language=language,
            style=style(),
            words={each: Words(each) for each in LANGUAGES},
        )
    )


def terminal(document: Document, *, width: int, colour: bool) -> str:
    """The document as text of at most `width` columns; its sentence stands last, never wrapped."""
    output = io.StringIO()
    console = _console(output, width, colour)
    for part in _parts(document):
        console.print(part, soft_wrap=_unbroken(part))
    return ended(output.getvalue(), document)


def json(view: msgspec.Struct, *, document: str, sentence: str, exit_code: Exit = Exit.DONE) -> str:
    """The view as JSON text with every field written out, its kind and sentence first."""
    head: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "exit_code": int(exit_code),
        "document": document,
        "sentence": sentence,
    }
    return msgspec.json.format(msgspec.json.encode(head | _whole(view)), indent=2).decode()
