"""Whether the policy is sound and the promises are true: `policy lint`, `promises`, `record`, `attest`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Language,
    ShopFile,
    ShopOption,
    as_json,
    colour,
    language,
    load,
    load_to_read,
    out,
    out_json,
    out_styled,
    say,
    width,
)
from connector.cli.common import told as as_told
from connector.cli.verbs import Verbs, WithOwn
from connector.errors import Exit, GallraError

if TYPE_CHECKING:
    from connector.views.lint import Finding
    from connector.views.promises.proposing import Proposal


class _Reporting(WithOwn):
    """`gallra promises SHOP` reports."""

    own = "report"


told = Verbs(
    cls=_Reporting, help="`gallra promises SHOP` reports whether the shop's public promises are kept."
)
OptionalShop = Annotated[Path | None, typer.Argument(envvar="GALLRA_SHOP", help="The shop's TOML file.")]


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    from connector.cli.policy import policy

    policy.command()(lint)
    app.add_typer(told, name="promises")
    for command in (record, attest):
        app.command()(command)


def lint(  # noqa: PLR0913 (a command's parameters are its options)
    shop: OptionalShop = None,
    source: Annotated[str, typer.Option("--policy", help="A preset or a TOML file.")] = "",
    codes: Annotated[bool, typer.Option("--codes", help="List every code, its severity and remedy.")] = False,
    explain: Annotated[str, typer.Option("--explain", help="Say what one code means, such as GA101.")] = "",
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """Say what is wrong with a policy, or with a shop's policy, recipients and promises."""
    from connector.views.lint import exit_code, lint_policy, lint_shop

    if codes or explain:
        _show_codes(explain, json=json, chosen=_spoken(lang))
        return
    chosen = lang
    if source or shop is None:
        found = lint_policy(source or "swedish-webshop")
    else:
        opened = load(shop)
        settings = opened.settings
        chosen = language(opened, lang)
        found = lint_shop(settings, opened.promises, today=opened.today)
    code = exit_code(found)
    if json:
        as_json({"sentence": _lint_sentence(found), "findings": found}, exit_code=int(code))
        if code is not Exit.DONE:
            say(f"{_lint_sentence(found)} Correct the errors: nothing is planned or run before.")
    else:
        _show_findings(found, _spoken(chosen))
    raise typer.Exit(int(code))


def _spoken(lang: str | None) -> str:
    """The language asked for; Swedish where no shop says which."""
    if lang not in (None, "sv", "en"):
        raise GallraError(f"There is no language {lang}. Write sv or en.")
    return lang or "sv"


def _show_codes(wanted: str, *, json: bool, chosen: str) -> None:
    """The documentation of one code, or of all."""
    from connector.views.lint import code_table

    rows = [row for row in code_table(chosen) if wanted.upper() in ("", row.code)]
    if not rows:
        raise GallraError(f"{wanted} is no code. `gallra policy lint --codes` lists them.")
    if json:
        as_json({"codes": rows})
        return
    for row in rows:
        out(f"{row.code} {_grave(row.severity, chosen):10} {row.says}")
        out(f"      {row.remedy}")


def _grave(severity: str, chosen: str) -> str:
    """How grave a finding is, in a word."""
    from connector.report.translated import translated

    return translated(str(severity), "sv" if chosen == "sv" else "en")


def _show_findings(found: "Sequence[Finding]", chosen: str) -> None:
    for one in found:
        says, remedy = (text.sv if chosen == "sv" else text.en for text in (one.says, one.remedy))
        out(f"{one.code} {_grave(one.severity, chosen):10} {one.place}: {says}")
        out(f"      {remedy}")
    out(_lint_sentence(found))


def _lint_sentence(found: "Sequence[Finding]") -> str:
    """English in every language, made to be grepped."""
    counts = {name: sum(one.severity == name for one in found) for name in ("error", "warning", "info")}
    return f"Lint: {counts['error']} errors, {counts['warning']} warnings, {counts['info']} notes."


@told.command("report", hidden=True)
def promises(shop: ShopFile = DEFAULT, json: AsJson = False, lang: Language = None) -> None:
    """Hold the shop's public promises against its rules and its data; writes an HTML report."""
    from connector.machine.files import write_text
    from connector.report.drawn import sheet
    from connector.report.promises.document import compose, promise_sentence
    from connector.views.promises.assembly import promise_report

    opened = load_to_read(shop)
    view = promise_report(opened)
    chosen = language(opened, lang)
    stem = f"promises-{view.made_at:%Y-%m-%d}"
    text = sheet.json(view, document="promises", sentence=promise_sentence(view))
    paths = [opened.settings.reports.folder / f"{stem}.{suffix}" for suffix in ("html", "json")]
    write_text(paths[0], sheet.html(lambda each: compose(view, each), chosen))
    write_text(paths[1], text)
    if json:
        out_json(text)
        return
    _written(paths)
    out_styled(sheet.terminal(compose(view, chosen), width=width(), colour=colour()).rstrip("\n"))


@told.command()
def new(  # noqa: PLR0913 (a command's parameters are its options)
    policy: Annotated[Path, typer.Option("--policy", help="The policy's text: a text or HTML file.")],
    to: Annotated[Path, typer.Option("--to", help="The promises file to write.")] = Path("promises.toml"),
    shop: Annotated[str, typer.Option("--for", help="The shop's id.")] = "shop",
    prefix: Annotated[str, typer.Option("--prefix", help="What the ids begin with: S5.")] = "S5",
    ask: Annotated[bool, typer.Option("--ask", help="Ask of each at once: keep, drop or later.")] = False,
    json: AsJson = False,
) -> None:
    """Make a promises file from a policy's text, each promise proposed with its own sentence."""
    from connector.machine.files import write_text
    from connector.machine.resources import file_text
    from connector.views.promises.proposing import as_toml, propose

    text = file_text(policy)
    if text is None:
        raise GallraError(f"{policy} is no file. Save the policy's text there, as text or HTML.")
    if to.exists():
        raise GallraError(f"{to} exists. Name another file with --to, or move it. Nothing was written.")
    found, rest = propose(text)
    kept, sure = _asked(found) if ask else (found, ())
    if len(kept) > MOST_PROMISES:
        raise GallraError(
            f"The text holds more than {MOST_PROMISES} promises. Split it. Nothing was written."
        )
    write_text(to, as_toml(shop, prefix, kept, sure))
    say(f"Written: {to}")
    line = (
        f"Proposed: {len(kept)} promises, {len(sure)} confirmed, {len(rest)} sentences promise nothing known."
    )
    as_told(json, line, written=to, proposed=len(kept), confirmed=len(sure), rest=len(rest))


MOST_PROMISES = 99


def _asked(found: "Sequence[Proposal]") -> "tuple[list[Proposal], list[int]]":
    """What a person keeps of the proposals, and the places of those confirmed."""
    kept: list[Proposal] = []
    sure: list[int] = []
    for one in found:
        say(f"\n{one.quote}\n  = {one.kind.table['title']['sv']} {one.latest}")
        answer = typer.prompt("keep, drop or later", default="later", err=True)
        if answer.startswith("d"):
            continue
        if answer.startswith("k"):
            sure.append(len(kept))
        kept.append(one)
    return kept, sure


def _written(paths: "Sequence[Path]") -> None:
    for path in paths:
        say(f"Written: {path}")


def record(shop: ShopFile = DEFAULT, json: AsJson = False, lang: Language = None) -> None:
    """Write the record of processing (Art. 30) from the live policy, recipients and attestations."""
    from connector.machine.files import write_lines, write_text
    from connector.report.drawn import sheet
    from connector.report.processing import document as processing
    from connector.views.promises.assembly import processing_record

    opened = load_to_read(shop)
    view = processing_record(opened)
    chosen = language(opened, lang)
    text = sheet.json(view, document="record", sentence=processing.record_sentence(view))
    stem = opened.settings.reports.folder / f"record-{view.made_at:%Y-%m-%d}"
    paths = [stem.with_name(f"{stem.name}.{suffix}") for suffix in ("html", "csv", "json")]
    write_text(paths[0], sheet.html(lambda each: processing.compose(view, each), chosen))
    write_lines(paths[1], processing.csv(view, chosen))
    write_text(paths[2], text)
    if json:
        out_json(text)
        return
    _written(paths)
    document = processing.compose(view, chosen)
    out_styled(sheet.terminal(document, width=width(), colour=colour()).rstrip("\n"))


def attest(
    row: Annotated[str, typer.Argument(help="A row of the policy (T-23) or a promise (S0-02).")],
    by: Annotated[str, typer.Option("--by", help="Who confirms it.")],
    role: Annotated[str, typer.Option("--role", help="In what role.")],
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Confirm, by name, something that no API shows; it holds for a year."""
    from connector.policy.free_text import said
    from connector.views.promises.assembly import refuse_to_attest
    from connector.views.promises.reading import attest as keep

    person, title = said(by, "--by"), said(role, "--role")
    opened = load(shop)
    refuse_to_attest(opened, row)
    given = keep(opened.ledger, row=row, by=person, role=title, on=opened.today)
    line = f"{given.row}: attested by {given.by} ({given.role}) on {given.on}, to be repeated by {given.due}."
    as_told(json, line, row=given.row, by=given.by, role=given.role, on=given.on, due=given.due)
