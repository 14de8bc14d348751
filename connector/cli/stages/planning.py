"""`gallra plan` and `gallra show`: what is due, as a dry run."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Language,
    ShopFile,
    language,
    load,
    load_to_read,
    monitors,
    notices,
    say,
)
from connector.cli.folder import Jobs
from connector.cli.stages.reporting import write_missing_protocols
from connector.cli.stages.showing import Brief, Full, How, show_report
from connector.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from connector.plan import Plan
    from connector.ports import Access
    from connector.report.dry_run.model import DryRun
    from connector.shop import Shop
    from connector.stages.abandon import Abandoned


def plan(  # noqa: PLR0913 (a command's parameters are its options)
    shop: ShopFile = DEFAULT,
    abandon: Annotated[bool, typer.Option("--abandon", help="Give up a plan that has begun.")] = False,
    old_pull: Annotated[
        bool, typer.Option("--old-pull", help="Plan though the last pull is more than a day old.")
    ] = False,
    full: Full = False,
    brief: Brief = False,
    jobs: Jobs = 1,
    json: AsJson = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 where something is due.")
    ] = False,
    lang: Language = None,
) -> None:
    """Decide what is due and show it as a dry run; nothing is changed anywhere."""
    from connector.stages.flow import abandon_shop, locked

    if shop.is_dir():
        from connector.cli.stages.of_folder import Planning, plan_folder

        chosen = Planning(drawn, abandon=abandon, old_pull=old_pull, detailed=detailed_exitcode, lang=lang)
        raise typer.Exit(int(plan_folder(shop, chosen, jobs=jobs, json=json)))
    opened, worst = load(shop), Exit.DONE
    with locked(opened):
        if abandon:
            given_up = abandon_shop(opened)
            for path in write_missing_protocols(opened, lang):
                say(f"Written: {path}")
            say(
                f"Abandoned: {given_up.code}. Of what had begun, {given_up.done} steps were done and stay "
                f"done, {given_up.wiped} were not."
            )
            worst = _read_after(given_up)
        made, view, paths = drawn(opened, lang, old=_asked_old(old_pull), brief=brief)
    notices(opened)
    monitors(opened)
    code = worst or (Exit.CHANGES if detailed_exitcode and made.waves else Exit.DONE)
    show_report(opened, view, How(json, lang, code, full), paths)
    raise typer.Exit(int(code))


def drawn(
    opened: "Shop", lang: str | None, *, old: "Callable[[datetime], bool]", brief: bool = False
) -> "tuple[Plan, DryRun, list[Path]]":
    """Plans a shop and writes its dry run; the caller holds the shop's lock."""
    from connector.stages.flow import plan_shop, settle_messages, settle_urgent_messages
    from connector.views.lint.refusing import must_be_sound

    settle_urgent_messages(opened)
    settle_messages(opened)
    made = plan_shop(opened, must_be_sound(opened), old=old)
    accesses = {name: one.check() for name, one in opened.platforms.items()}
    opened.remember(accesses)
    return made, *write_dry_run(opened, lang, accesses, brief=brief)


def _read_after(given_up: "Abandoned") -> Exit:
    """Says what the read-back of a plan that was given up found left, or could not read."""
    from connector.ledger.naming import said_of

    for label in given_up.left[:20]:
        say(f"Warning: {said_of(label)} still holds something that was erased. Look at it in the shop.")
    if given_up.unread:
        named = ", ".join(map(said_of, given_up.unread[:20]))
        say(f"Warning: {named} could not be read back. Run `gallra verify` later.")
    return Exit.DATA_LEFT if given_up.left else Exit.PARTIAL if given_up.unread else Exit.DONE


def _asked_old(given: bool) -> "Callable[[datetime], bool]":
    """Whether to plan on an old pull: as the option says, or as a person at a terminal does."""
    from connector.services.timekeeping import refuse_old

    if given:
        return lambda _last: True
    if not sys.stdin.isatty():
        return refuse_old
    return lambda last: typer.confirm(
        f"The last pull ended on {last:%Y-%m-%d %H:%M}. Plan all the same?", err=True
    )


def show(
    shop: ShopFile = DEFAULT,
    plan: Annotated[
        str | None, typer.Option("--plan", help="The code of a plan; the newest where none is named.")
    ] = None,
    full: Full = False,
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """Show a plan again, the newest or the one that is named; offline."""
    from connector.views.dry_run import dry_run

    opened = load_to_read(shop)
    show_report(opened, dry_run(opened, code=plan), How(json, lang, full=full))


def write_dry_run(
    opened: "Shop", lang: str | None, accesses: "Mapping[str, Access]", *, brief: bool = False
) -> "tuple[DryRun, list[Path]]":
    """Writes the dry run as HTML, JSON and CSV; returns it and the paths. It asks nobody anything."""
    from connector.machine.files import write_lines, write_text
    from connector.plan import dry_run_stem
    from connector.report import drawn as reports
    from connector.views.dry_run import annex, dry_run

    view = dry_run(opened, accesses)
    folder, chosen = opened.settings.reports.folder, language(opened, lang)
    stem = dry_run_stem(view.made_at, view.code)
    paths = [folder / f"{stem}.html", folder / f"{stem}.json", folder / f"{stem}.csv"]
    write_text(paths[0], reports.html(view, chosen))
    write_text(paths[1], reports.json(view))
    write_lines(paths[2], reports.csv(annex(opened), chosen))
    if brief:
        paths.insert(0, folder / f"{stem}-brief.html")
        write_text(paths[0], reports.html(view, chosen, brief=True))
    return view, paths
