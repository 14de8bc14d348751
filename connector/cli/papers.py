"""Papers to fill in or sign: `gallra policy document`, `policy text` and `gallra paper`."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Language,
    ShopFile,
    ShopOption,
    colour,
    language,
    load_to_read,
    out,
    say,
    width,
)
from connector.errors import GallraError

if TYPE_CHECKING:
    from connector.report.paper.model import Paper
    from connector.shop import Shop


class Kind(StrEnum):
    """The papers that `gallra paper` writes."""

    BALANCING = "balancing"
    INCIDENT = "incident"
    YEARLY = "yearly"
    AGENCY = "agency"


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    from connector.cli.policy import policy

    policy.command()(document)
    policy.command()(text)
    app.command()(paper)


def document(  # noqa: PLR0913 (a command's parameters are its options)
    shop: ShopFile = DEFAULT,
    sign: Annotated[bool, typer.Option("--sign", help="Record that the schedule was decided.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who decided it.")] = "",
    role: Annotated[str, typer.Option("--role", help="In what role.")] = "",
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """Write the retention schedule to sign, with what changed since it was last signed."""
    from connector.policy.free_text import said
    from connector.views.papers.assembly import schedule_paper, sign_schedule

    opened = load_to_read(shop)
    if sign:
        signed = sign_schedule(opened, by=said(by, "--by"), role=said(role, "--role"))
        say(f"Signed: {signed.version} by {signed.by} ({signed.role}) on {signed.on}.")
    _write(opened, schedule_paper(opened), "schedule", json=json, lang=lang)


def text(shop: ShopFile = DEFAULT, json: AsJson = False, lang: Language = None) -> None:
    """Write the proposed privacy policy, whole (Art. 13); what is missing is marked with its key."""
    from connector.views.papers.assembly import notice_paper

    opened = load_to_read(shop)
    _write(opened, notice_paper(opened), "policy-text", json=json, lang=lang)


def paper(  # noqa: PLR0913 (a command's parameters are its options)
    kind: Annotated[Kind, typer.Argument(help="balancing, incident, yearly or agency.")],
    shop: ShopOption = DEFAULT,
    noticed: Annotated[
        str, typer.Option("--noticed", help="Incident: when it was noticed, YYYY-MM-DDTHH:MM, Stockholm.")
    ] = "",
    what: Annotated[str, typer.Option("--what", help="Incident: what happened; no names.")] = "",
    run: Annotated[
        str | None, typer.Option("--run", help="Incident: the code of the run that erased wrongly.")
    ] = None,
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """Write a paper to fill in: balancing of interests, incident, yearly control, agency."""
    from connector.views.papers import assembly

    opened = load_to_read(shop)
    make: dict[Kind, Callable[[], Paper]] = {
        Kind.BALANCING: lambda: assembly.balancing_paper(opened),
        Kind.YEARLY: lambda: assembly.yearly_paper(opened),
        Kind.AGENCY: lambda: assembly.agency_paper(opened),
        Kind.INCIDENT: lambda: assembly.incident_paper(opened, noticed=_moment(noticed), what=what, run=run),
    }
    _write(opened, make[kind](), str(kind), json=json, lang=lang)


def _moment(given: str) -> datetime | None:
    try:
        return datetime.fromisoformat(given) if given else None
    except ValueError:
        raise GallraError("--noticed is no time. Write YYYY-MM-DDTHH:MM. Nothing was written.") from None


def _write(opened: "Shop", view: "Paper", name: str, *, json: bool, lang: str | None) -> None:
    """The paper as HTML and JSON in the reports folder, and on the terminal."""
    from connector.machine.files import write_text
    from connector.report.drawn import sheet
    from connector.report.paper.document import compose

    chosen = language(opened, lang)
    stem = opened.settings.reports.folder / f"{name}-{view.made_at:%Y-%m-%d}"
    paths = [stem.with_name(f"{stem.name}.{suffix}") for suffix in ("html", "json")]
    as_text = sheet.json(view, document=name, sentence=view.sentence)
    write_text(paths[0], sheet.html(lambda each: compose(view, each), chosen))
    write_text(paths[1], as_text)
    if json:
        out(as_text)
        return
    for path in paths:
        say(f"Written: {path}")
    out(sheet.terminal(compose(view, chosen), width=width(), colour=colour()).rstrip("\n"))
