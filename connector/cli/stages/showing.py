"""How a report is shown: on the terminal, or as JSON alone."""

from pathlib import Path
from typing import TYPE_CHECKING

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
    from connector.report.dry_run.model import DryRun
    from connector.report.protocol.model import Protocol
    from connector.shop import Shop


def show_report(
    opened: "Shop",
    view: "DryRun | Protocol",
    *,
    json: bool,
    lang: str | None,
    paths: "list[Path] | None" = None,
    code: Exit = Exit.DONE,
) -> None:
    from connector.report import drawn as reports

    if json:
        out_json(reports.json(view, exit_code=code))
        return
    for path in paths or ():
        say(f"Written: {path}")
    out_styled(
        reports.terminal(view, language=language(opened, lang), width=width(), colour=colour()).rstrip("\n")
    )
