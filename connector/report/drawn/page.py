"""A document as one HTML file: no script, nothing fetched, Swedish and English in one."""

import re
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from connector.report.blocks import Block, Document
from connector.report.drawn.pictures import pieces
from connector.report.dry_run import document
from connector.report.dry_run.model import DryRun
from connector.report.protocol import document as protocol
from connector.report.protocol.model import Protocol
from connector.report.shared import LANGUAGES, Language
from connector.report.words import NOTHING, Words

DATE = re.compile(r"\d{4}-\d{2}-\d{2}( –)?")


def html(view: DryRun | Protocol, language: Language = "sv") -> str:
    """The report as one self-contained HTML file that opens in `language`; the other is a tick away."""
    first = _compose(view, language)
    others = [_compose(view, each) for each in LANGUAGES if each != language]
    template = _environment().get_template("document.html.j2")
    return template.render(
        documents=[first, *others],
        language=language,
        style=_style(),
        words={each: Words(each) for each in LANGUAGES},
    )


def _compose(view: DryRun | Protocol, language: Language) -> Document:
    if isinstance(view, DryRun):
        return document.compose(view, language)
    return protocol.compose(view, language)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("connector.report.drawn", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(kind=_kind, unbroken=unbroken)
    environment.globals.update(pieces=pieces, safe_link=safe_link, NOTHING=NOTHING)
    return environment


@cache
def _style() -> Markup:
    source = files("connector.report.drawn").joinpath("templates", "style.css").read_text(encoding="utf-8")
    return Markup(source)  # noqa: S704  our own file, no value of a shop in it


def _kind(block: Block) -> str:
    """The name of a block's macro."""
    return type(block).__name__.lower()


def unbroken(text: str) -> Markup:
    """Text, escaped, with each date kept on one line."""
    return Markup(DATE.sub(r'<span class="date">\g<0></span>', str(escape(text))))  # noqa: S704  escaped


def safe_link(link: str) -> str:
    """A link to the shop's admin, or nothing where it is not http(s)."""
    return link if urlsplit(link).scheme in {"http", "https"} else ""
