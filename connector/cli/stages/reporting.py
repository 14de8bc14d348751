"""`gallra report`: the protocol of each run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Language,
    ShopFile,
    language,
    load_to_read,
)
from connector.cli.stages.showing import Brief, Full, How, show_report

if TYPE_CHECKING:
    from connector.report.protocol.model import Protocol
    from connector.shop import Shop


def report(  # noqa: PLR0913 (a command's parameters are its options)
    shop: ShopFile = DEFAULT,
    run: Annotated[str | None, typer.Option("--run", help="One run, by its plan's code.")] = None,
    full: Full = False,
    brief: Brief = False,
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """Write every protocol that is missing, and show the newest run's, or the one named."""
    from connector.stages.flow import locked

    opened = load_to_read(shop)
    with locked(opened):
        paths = [] if run else write_missing_protocols(opened, lang)
        view, own = write_protocol(opened, lang, run)
        own = [*_brief(opened, view, lang), *own] if brief else own
    paths = [*own, *(path for path in paths if path not in own)]
    show_report(opened, view, How(json, lang, full=full), paths)


def _brief(opened: "Shop", view: "Protocol", lang: str | None) -> "list[Path]":
    """Writes the page that begins with two for the owner."""
    from connector.machine.files import write_text
    from connector.report import drawn as reports

    path = opened.settings.reports.folder / f"protocol-{view.number}-brief.html"
    write_text(path, reports.html(view, language(opened, lang), brief=True))
    return [path]


def write_protocol(
    opened: "Shop", lang: str | None, code: str | None = None
) -> "tuple[Protocol, list[Path]]":
    """Writes the protocol of the newest run, or of the one named; returns it, and its files."""
    from connector.views.protocol.written import put_protocol

    return put_protocol(opened, language(opened, lang), code)


def write_missing_protocols(opened: "Shop", lang: str | None) -> "list[Path]":
    """Writes each protocol that a run still lacks, oldest first; the caller holds the shop's lock."""
    from connector.views.protocol import unwritten_codes

    return [path for code in unwritten_codes(opened) for path in write_protocol(opened, lang, code)[1]]
