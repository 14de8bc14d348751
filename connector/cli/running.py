"""Unattended: `gallra run`, `serve`, `status` and `ack`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Progress,
    ShopFile,
    ShopOption,
    as_json,
    load,
    notices,
    out,
    say,
    unforeseen,
)
from connector.errors import Exit, GallraError, RetryLater

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.plan import Plan
    from connector.shop import Shop
    from connector.stages.run import RunResult


warn = typer.Typer(help="Accounts whose owners the shop must warn before they are deleted.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    for command in (run, serve, status, ack):
        app.command()(command)
    app.add_typer(warn, name="warn")


def _files(path: Path) -> list[Path]:
    """The shop's file, or every shop's file of a folder."""
    if not path.is_dir():
        return [path]
    from connector.settings import find_shops

    found = list(find_shops(path))
    if not found:
        raise GallraError(f"There is no shop's .toml file in {path}. Put each shop's file there.")
    return found


def run(
    shop: ShopFile = DEFAULT,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Silent on success.")] = False,
    json: AsJson = False,
) -> None:
    """For cron: pull, plan, report, and apply only under a standing approval; a folder runs every shop."""
    worst = Exit.DONE
    results = {}
    seen: dict[str, str] = {}
    for path in _files(shop):
        code, line = _once(path, seen) or _run_one(path, quiet=quiet or json)
        results[path.name] = {"exit": int(code), "line": line}
        told = f"{path.name}: {line}" if shop.is_dir() else line
        if not json and not (quiet and code is Exit.DONE):
            out(told)
        elif json and code is not Exit.DONE:
            say(told)
        worst = max(worst, code)
    if json:
        as_json({"shops": results}, exit_code=worst)
    raise typer.Exit(int(worst))


def _once(path: Path, seen: dict[str, str]) -> tuple[Exit, str] | None:
    """Refuses a file whose shop id an earlier file of the folder has: two would share one ledger."""
    import os

    from connector.settings import load_settings

    try:
        shop_id = load_settings(path, environ=os.environ).shop.id
    except GallraError:
        return None  # the run itself says what is wrong
    first = seen.setdefault(shop_id, path.name)
    if first == path.name:
        return None
    return Exit.ERROR, f"Error: shop.id {shop_id} is that of {first} too. Give each shop an id of its own."


def _run_one(path: Path, *, quiet: bool) -> tuple[Exit, str]:
    """One shop's run; its failure never stops the others."""
    from connector.serve.alerts import after, before
    from connector.stages.run import run_shop
    from connector.views.lint.refusing import must_be_sound

    opened: Shop | None = None
    progress = Progress(quiet=quiet)
    try:
        opened = load(path)
        before(opened)
        result = run_shop(opened, must_be_sound, tell=progress)
        progress.end()
        notices(opened)
        code, line = _summary(opened, result, _protocols(opened))
    except Exception as fault:  # one that nobody foresaw too: the other shops of a folder still run
        progress.end()
        if isinstance(fault, GallraError):
            code, told = Exit(fault.exit), str(fault)
        else:
            code, told = Exit.ERROR, unforeseen(fault)
        if opened is not None:
            notices(opened)
            _protocols(opened)
            after(opened, code, told)
        return code, f"Error: {told}"
    after(opened, code, line)
    return code, line


def _protocols(opened: "Shop") -> "list[Path]":
    """No run ends without its protocol, however it ends; a fault of writing it is told beside."""
    from connector.cli.stages import write_missing_protocols
    from connector.stages.flow import locked

    if not opened.has_ledger:
        return []
    try:
        with locked(opened):
            return write_missing_protocols(opened, None)
    except RetryLater:  # another run has begun: it writes what is missing when it ends
        return []
    except GallraError as fault:
        say(f"Warning: a protocol could not be written: {fault} Run `gallra report` later.")
        return []


def _summary(opened: "Shop", result: "RunResult", written: "Sequence[Path]") -> tuple[Exit, str]:
    """One line: the plan's counts, what was done, what was written, and what needs a hand."""
    from connector.cli.ended import done, ended
    from connector.cli.stages import write_dry_run
    from connector.report.drawn import plan_sentence

    view, paths = write_dry_run(opened, None, result.accesses)
    code, told = ended(result)
    pages = [str(path) for path in (paths[0], *written) if path.suffix == ".html"]
    parts = (plan_sentence(view.totals), _of_holds(opened, result.plan), done(result))
    line = " ".join(part for part in (*parts, told, f"Written: {', '.join(pages)}.") if part)
    return code, line


def _of_holds(opened: "Shop", plan: "Plan | None") -> str:
    """Which holds this run could not read though its plan could; empty where it could read them all."""
    from connector.stages.flow import tightened

    names = ", ".join(tightened(opened, plan)) if plan else ""
    return f"Not read by this run's check: {names}; what they bind was left alone." if names else ""


def serve(
    shop: ShopFile = DEFAULT,
    health: Annotated[
        bool, typer.Option("--health", help="Only say whether what is served is well; ends with 1 where not.")
    ] = False,
) -> None:
    """Keep one shop, or every shop of a folder, on its cron expression; an empty folder is waited for."""
    from connector.serve.health import unwell
    from connector.serve.schedule import serve as keep
    from connector.serve.web import listening

    if health:
        lines = list(unwell(shop, load))
        for line in lines:
            out(line)
        raise typer.Exit(int(Exit.ERROR if lines else Exit.DONE))
    try:
        shops = _to_serve(shop)
    except KeyboardInterrupt:  # stopped while it waited: nothing had begun
        return
    with listening(shops, load, say):
        keep(shops, lambda path: _run_one(path, quiet=True), say)


def _to_serve(place: Path) -> list[Path]:
    """The shops that can be served; a folder is waited for until it has one."""
    from connector.serve.schedule import must_have_schedule, sound_only
    from connector.serve.waiting import first_shops

    def find(tell: "Callable[[str], None]") -> list[Path]:
        seen: dict[str, str] = {}
        sound = sound_only(_files(place), lambda path: _servable(path, seen), tell)
        must_have_schedule(sound)
        return sound

    return find(say) if place.is_file() or place.suffix == ".toml" else first_shops(place, find, say)


def _servable(path: Path, seen: dict[str, str]) -> None:
    """Opens what serving a shop needs. Raises GallraError where it cannot be served."""
    from connector.serve.web import receiver_of

    twice = _once(path, seen)
    if twice is not None:
        raise GallraError(twice[1].removeprefix("Error: "))
    opened = load(path)
    if opened.settings.webhooks is not None:
        receiver_of(opened)


def status(
    shop: ShopFile = DEFAULT,
    json: AsJson = False,
    html: Annotated[Path | None, typer.Option("--html", help="Also write a page.")] = None,
) -> None:
    """Say when each shop last ran, what awaits approval, and what is overdue."""
    from connector.views.status import as_html, status_of

    rows = []
    for path in _files(shop):
        try:
            rows.append(status_of(load(path)))
        except GallraError as fault:
            rows.append(status_of(None, name=path.name, fault=str(fault)))
    if html is not None:
        from connector.machine.files import write_text

        write_text(html, as_html(rows))
        say(f"Written: {html}")
    if json:
        as_json({"shops": rows})
        return
    for row in rows:
        for line in row.lines():
            out(line)


def ack(  # noqa: PLR0913 (a command's parameters are its options)
    by: Annotated[str, typer.Option("--by", help="Who acknowledges.")],
    deliveries: Annotated[
        list[int] | None, typer.Argument(help="The deliveries' numbers (`gallra status`).")
    ] = None,
    request: Annotated[list[int] | None, typer.Option("--request", help="A data request, answered.")] = None,
    none_found: Annotated[
        str, typer.Option("--none-found", help="A recipient where nothing ever was: its copies not found.")
    ] = "",
    shop: ShopOption = DEFAULT,
    written_off: Annotated[bool, typer.Option("--write-off", help="Give up: it will not be done.")] = False,
) -> None:
    """Close deliveries, and data requests, that a person has seen to; what was sealed is destroyed."""
    from connector.cli.free_text import said
    from connector.ledger.found_there import not_found
    from connector.ledger.inbox import Inbox

    by = said(by, "--by")
    if not (deliveries or request or none_found):
        raise GallraError("Nothing is named. Give the numbers that `gallra status` shows.")
    opened = load(shop)
    if none_found:
        with opened.ledger.begin() as connection:
            deliveries = [*(deliveries or ()), *not_found(connection, opened.ledger.shop, none_found)]
    asked = len(deliveries or ()) + len(request or ())
    if not asked:
        raise GallraError(f"No copies at {none_found} wait because none was found. See `gallra status`.")
    outbox = opened.outbox
    with opened.ledger.begin() as connection:
        closed = outbox.answers.acknowledge(connection, deliveries or (), by=by, written_off=written_off)
        answered = Inbox(opened.ledger, outbox.vault).answered(connection, request or (), by=by)
        opened.ledger.event(
            connection, "acknowledged", by=by, count=closed, requests=answered, written_off=written_off
        )
    if closed + answered != asked:
        raise GallraError(
            f"Closed {closed + answered} of {asked}: the others are not open. See `gallra status`."
        )
    if deliveries:
        out(f"Closed {closed} deliveries, by {by}.")
    if request:
        out(f"Closed {answered} data requests, by {by}.")


@warn.command("list")
def list_to_warn(shop: ShopFile = DEFAULT, json: AsJson = False) -> None:
    """List the accounts to warn now, by id: Gallra writes no mail to customers."""
    from connector.stages.warn import to_warn

    ids = to_warn(load(shop))
    if json:
        as_json({"accounts": ids})
        return
    for one in ids:
        out(one)
    say(f"{len(ids)} accounts to warn. When they have been written to: `gallra warn done --by NAME`.")


@warn.command("done")
def warned(
    by: Annotated[str, typer.Option("--by", help="Who saw to it.")],
    accounts: Annotated[
        list[str] | None, typer.Argument(help="Account ids; none: all that `warn list` shows.")
    ] = None,
    shop: ShopOption = DEFAULT,
) -> None:
    """Record that these accounts' owners were warned today."""
    from connector.cli.free_text import said
    from connector.stages.warn import record_warned, to_warn

    by = said(by, "--by")
    opened = load(shop)
    count = record_warned(opened, accounts or to_warn(opened), by=by, on=opened.today)
    out(f"Recorded: {count} accounts warned on {opened.today}, by {by}.")
