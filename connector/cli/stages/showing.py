"""How a report is shown: on the terminal, or as JSON alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from connector.cli.common import (
    colour,
    language,
    out_json,
    out_styled,
    say,
    width,
)
from connector.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.report.dry_run.model import DryRun
    from connector.report.protocol.model import Protocol
    from connector.shop import Shop


class How(NamedTuple):
    """As JSON with its exit code, or for a person in a language: a screenful, or with every table."""

    json: bool
    lang: str | None
    code: Exit = Exit.DONE
    full: bool = False


Full = Annotated[bool, typer.Option("--full", help="Every table on the screen too.")]
Brief = Annotated[
    bool,
    typer.Option("--brief", help="Also write a page that begins with two for the owner; the rest after."),
]


def show_report(opened: "Shop", view: "DryRun | Protocol", how: How, paths: "Sequence[Path]" = ()) -> None:
    """Shows a report, and says which files were written of it."""
    from connector.report import drawn as reports
    from connector.report.drawn import sheet

    if how.json:
        out_json(reports.json(view, exit_code=how.code))
        return
    for path in paths:
        say(f"Written: {path}")
    chosen = language(opened, how.lang)
    if how.full:
        out_styled(reports.terminal(view, language=chosen, width=width(), colour=colour()).rstrip("\n"))
        return
    page = next((str(path) for path in paths if path.suffix == ".html"), str(opened.settings.reports.folder))
    document = reports.compose_of(view, brief=True, report=page)(chosen)
    out_styled(sheet.terminal(document, width=width(), colour=colour()).rstrip("\n"))
