"""A document as one HTML file: no script, nothing fetched, Swedish and English in one."""

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from connector.report.abbreviations import explained
from connector.report.blocks import Block, Document
from connector.report.drawn.closing import closing_lines
from connector.report.drawn.columns import is_empty, shape, without_empty
from connector.report.drawn.pictures import pieces
from connector.report.dry_run import document
from connector.report.dry_run.brief import compose_brief as brief_dry_run
from connector.report.dry_run.model import DryRun
from connector.report.protocol import document as protocol
from connector.report.protocol.brief import compose_brief as brief_protocol
from connector.report.protocol.model import Protocol
from connector.report.shared import LANGUAGES, Language
from connector.report.words import Words

CONTENTS = 4
"""Sections from which a printed document begins with a table of contents."""

CARDS = (("stacked", "40rem"), ("dense", "52rem"))
"""Up to which width of the window each shape of table is set as cards."""

DATE = re.compile(r"\d{4}-\d{2}-\d{2}( –)?")


def html(view: DryRun | Protocol, language: Language = "sv", *, brief: bool = False) -> str:
    """The report as one self-contained HTML file that opens in `language`; the other is a tick away.

    `brief` begins with two pages for the owner, the rest an appendix.
    """
    compose = compose_of(view, brief=brief)
    first = compose(language)
    others = [compose(each) for each in LANGUAGES if each != language]
    template = _environment().get_template("document.html.j2")
    return template.render(
        documents=[first, *others],
        language=language,
        style=style(),
        words={each: Words(each) for each in LANGUAGES},
    )


def compose_of(view: DryRun | Protocol, *, brief: bool, report: str = "") -> Callable[[Language], Document]:
    """What makes a document of a view in a language; a brief one says where the whole `report` is."""
    if isinstance(view, DryRun):
        return lambda each: brief_dry_run(view, each, report) if brief else document.compose(view, each)
    return lambda each: brief_protocol(view, each, report) if brief else protocol.compose(view, each)


@cache
def _environment() -> Environment:
    return environment()


def environment(*more: BaseLoader) -> Environment:
    """The templates of the reports, and those that `more` brings, which see every filter and block."""
    own = PackageLoader("connector.report.drawn", "templates")
    environment = Environment(
        loader=ChoiceLoader([*more, own]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        kind=_kind,
        unbroken=unbroken,
        without_empty=without_empty,
        shape=shape,
        is_empty=is_empty,
        explained=explained,
        closing_lines=closing_lines,
    )
    environment.globals.update(pieces=pieces, safe_link=safe_link, CONTENTS=CONTENTS)
    return environment


@cache
def style() -> Markup:
    """The reports' style, as text that may stand in a page."""
    cards = _sheet("cards.css")
    narrow = (
        f"@media screen and (max-width: {width}) {{\n{cards.replace('.cards', f'.{shape}')}}}\n"
        for shape, width in CARDS
    )
    return Markup(_sheet("style.css") + "".join(narrow))  # noqa: S704  our own files, no value of a shop in them


def _sheet(name: str) -> str:
    return files("connector.report.drawn").joinpath("templates", name).read_text(encoding="utf-8")


def _kind(block: Block) -> str:
    """The name of a block's macro."""
    return type(block).__name__.lower()


def unbroken(text: str) -> Markup:
    """Text, escaped, with each date kept on one line."""
    return Markup(DATE.sub(r'<span class="date">\g<0></span>', str(escape(text))))  # noqa: S704  escaped


def safe_link(link: str) -> str:
    """A link to the shop's admin, or nothing where it is not http(s)."""
    return link if urlsplit(link).scheme in {"http", "https"} else ""
