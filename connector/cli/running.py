"""Unattended: `gallra run`, `serve`, `status` and `ack`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Language,
    Progress,
    ShopFile,
    ShopOption,
    as_json,
    load,
    load_to_read,
    notices,
    one_language,
    out,
    out_json,
    say,
    unforeseen,
)
from connector.cli.folder import Ended, Jobs, at_once, close, each, files, found, language_of, twice
from connector.cli.speaking import spoken
from connector.errors import Exit, GallraError, RetryLater, worst

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connector.plan import Plan
    from connector.serve.pages.serving import Pages
    from connector.shop import Shop
    from connector.stages.run import RunResult


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    for command in (run, serve, status, ack):
        app.command()(command)


def run(
    shop: ShopFile = DEFAULT,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Silent on success.")] = False,
    jobs: Jobs = 1,
    json: AsJson = False,
    metrics_file: Annotated[
        Path | None, typer.Option("--metrics-file", help="Where every shop's figures go, for a monitor.")
    ] = None,
) -> None:
    """For cron: pull, plan, report, and apply only under a standing approval; a folder runs every shop."""

    def one(path: Path) -> Ended:
        ran = run_one(path, quiet=quiet or json or jobs > 1)
        return Ended(ran.code, ran.line)

    rows = []
    for path, ended in each(files(shop), one, jobs=jobs):
        rows.append((path.name, ended))
        said = f"{path.name}: {ended.line}" if shop.is_dir() else ended.line
        if not json and not (quiet and ended.code is Exit.DONE):
            out(said)
        elif json and ended.code is not Exit.DONE:
            say(said)
    if metrics_file is not None:
        _write_metrics(metrics_file, files(shop))
    code = worst(ended.code for _, ended in rows)
    if json or (shop.is_dir() and not (quiet and code is Exit.DONE)):
        close(rows, language_of(shop), json=json)
    raise typer.Exit(int(code))


def _write_metrics(file: Path, paths: "Sequence[Path]") -> None:
    """Figures for a monitor; that they could not be written changes nothing of the run."""
    from connector.serve.metrics import write_metrics

    try:
        write_metrics(file, paths, load)
    except GallraError as fault:
        say(f"Warning: {fault}")


class Ran(NamedTuple):
    """How one shop's run ended: its code, its line, and after how many seconds a service wants it back."""

    code: Exit
    line: str
    after: float | None = None


def run_one(path: Path, *, quiet: bool) -> Ran:
    """One shop's run, and its figures; its failure never stops the others."""
    ended = _run_shop(path, quiet=quiet)
    file = _metrics_file(path)
    if file is not None:
        _write_metrics(file, [path])
    return ended


def _metrics_file(path: Path) -> Path | None:
    """Where the shop's own file wants its figures; none where it cannot be read, which the run has said."""
    try:
        return load(path).settings.metrics.file
    except GallraError:
        return None


def _run_shop(path: Path, *, quiet: bool) -> Ran:
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
            _note_end(opened, code, fault, told)
            _warn(after(opened, code, told))
        return Ran(code, f"Error: {told}", fault.after if isinstance(fault, RetryLater) else None)
    _note_end(opened, code, None, line)
    _warn(after(opened, code, line))
    return Ran(code, line)


def _warn(lines: "Sequence[str]") -> None:
    """What could not be told to monitors: said, and nothing more comes of it."""
    for line in lines:
        say(f"Warning: {line}")


def _note_end(opened: "Shop", code: Exit, fault: Exception | None, told: str) -> None:
    """Keeps how the run ended, for `status`; a run that another one shut out says nothing of the shop."""
    from connector.ledger.run_ends import note_end

    shut_out = isinstance(fault, RetryLater) and fault.operation == "lock"
    if shut_out or not opened.has_ledger:
        return
    try:
        note_end(opened.ledger, code=int(code), fault=type(fault).__name__ if fault else "", said=told)
    except GallraError as unkept:  # a ledger that cannot be written has ended the run already
        say(f"Warning: how the run ended could not be kept: {unkept}")


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
    no_run: Annotated[
        bool, typer.Option("--no-run", help="Hear webhooks and show pages alone: a fleet runs the shops.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Keep one shop, or every shop of a folder, on its cron expression; an empty folder is waited for."""
    # JSON is one object a line: a service has no end that a single one could wait for.
    tell = say_json if json else say
    from connector.serve.ears import listening
    from connector.serve.form.serving import FormPlace, asking
    from connector.serve.health import unwell
    from connector.serve.pages.serving import Loads
    from connector.serve.schedule import Folder
    from connector.serve.schedule import serve as keep

    if health:
        lines = list(unwell(shop, load))
        for line in () if json else lines:
            out(line)
        if json:
            as_json({"unwell": lines}, exit_code=Exit.ERROR if lines else Exit.DONE)
        raise typer.Exit(int(Exit.ERROR if lines else Exit.DONE))
    try:
        shops = _to_serve(shop, tell)
    except KeyboardInterrupt:  # stopped while it waited: nothing had begun
        return
    with (
        listening(shops, load, tell, _pages(shop, shops, tell)) as ears,
        asking(shops, FormPlace(shop, partial(files, shop), Loads(load, load_to_read)), tell),
    ):
        find = partial(_found, shop)
        folder = None if _is_file(shop) else Folder(place=shop, find=find, hear=ears.hear_as_far_as_can_be)
        run = _left_to_the_fleet if no_run else _run_quietly
        keep(shops, run, tell, folder=folder, between=_send_waiting)


def _run_quietly(path: Path) -> tuple[Exit, str]:
    return run_one(path, quiet=True)[:2]


def _left_to_the_fleet(path: Path) -> tuple[Exit, str]:
    return Exit.DONE, "A fleet runs this shop."


def _pages(place: Path, shops: "Sequence[Path]", tell: "Callable[[str], None]") -> "Pages | None":
    """The pages, where a shop's file or the agency's has [web]."""
    from connector.serve.pages.serving import Loads, home_at, pages_of

    if home_at(shops, load) is None:
        return None
    made = pages_of(place, partial(found, place), Loads(load, load_to_read))
    tell(f"Pages at {made.home.origin}/.")
    return made


def _send_waiting(path: Path) -> "tuple[str, ...]":
    """What monitors are still to be told, between two runs."""
    from connector.serve.posting import send_waiting

    opened = load(path)
    try:
        return send_waiting(opened)
    finally:
        if "ledger" in vars(opened):
            opened.ledger.engine.dispose()


def _is_file(place: Path) -> bool:
    return place.is_file() or place.suffix == ".toml"


def _to_serve(place: Path, tell: "Callable[[str], None]") -> list[Path]:
    """The shops that can be served; a folder is waited for until it has one."""
    from connector.serve.waiting import first_shops

    find = partial(_found, place)
    return find(tell) if _is_file(place) else first_shops(place, find, tell)


def _found(place: Path, tell: "Callable[[str], None]") -> list[Path]:
    """The shops of a place that can be served, the others named. Raises GallraError where none can."""
    from connector.serve.schedule import must_have_schedule, sound_only

    found = files(place)
    doubles = twice(found)
    sound = sound_only(found, lambda path: _servable(path, doubles), tell)
    must_have_schedule(sound)
    return sound


def say_json(line: str) -> None:
    """One line of what serving says, as a JSON object of its own."""
    import msgspec

    out_json(msgspec.json.encode({"said": line}).decode())


def _servable(path: Path, doubles: "Mapping[Path, str]") -> None:
    """Opens what serving a shop needs. Raises GallraError where it cannot be served."""
    from connector.serve.ears import receiver_of
    from connector.serve.form.home import must_be_able

    if path in doubles:
        raise GallraError(doubles[path].removeprefix("Error: "))
    opened = load(path)
    must_be_able(opened.settings)
    if opened.settings.webhooks is not None:
        receiver_of(opened)


def status(  # noqa: PLR0913 (a command's parameters are its options)
    shop: ShopFile = DEFAULT,
    json: AsJson = False,
    html: Annotated[Path | None, typer.Option("--html", help="Also write a page.")] = None,
    jobs: Jobs = 1,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit as the worst of the last runs did.")
    ] = False,
    lang: Language = None,
) -> None:
    """Say when each shop last ran and how, what waits for whom, and what is overdue."""
    from connector.cli.standing import closing, ended_of, shown
    from connector.views.status import as_html, language_of

    rows = [shown(path) for path in files(shop)] if jobs == 1 else at_once(shown, files(shop), jobs=jobs)
    chosen = one_language(lang) or language_of(rows)
    if html is not None:
        from connector.machine.files import write_text

        write_text(html, as_html(rows, language=chosen))
        say(f"Written: {html}")
    code = worst(ended_of(row, last_run=detailed_exitcode) for row in rows)
    if json:
        as_json({"shops": rows}, exit_code=code)
        raise typer.Exit(int(code))
    for row in rows:
        for line in row.lines(spoken()):
            out(line)
    for line in closing(rows, chosen) if shop.is_dir() else ():
        out(line)
    raise typer.Exit(int(code))


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
    json: AsJson = False,
) -> None:
    """Close deliveries, and data requests, that a person has seen to; what was sealed is destroyed."""
    from connector.ledger.answers import Answers
    from connector.ledger.found_there import not_found
    from connector.ledger.inbox import Inbox
    from connector.ledger.vault import closed_vault
    from connector.policy.free_text import said
    from connector.stages.flow import shredded

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
    answers, inbox = Answers(opened.ledger), Inbox(opened.ledger, closed_vault())  # the key may be lost
    with opened.ledger.begin() as connection:
        closed = answers.acknowledge(connection, deliveries or (), by=by, written_off=written_off)
        answered = inbox.answered(connection, request or (), by=by)
        opened.ledger.event(
            connection, "acknowledged", by=by, count=closed, requests=answered, written_off=written_off
        )
    shredded(opened)
    notices(opened)
    if closed + answered != asked:
        raise GallraError(
            f"Closed {closed + answered} of {asked}: the others are not open. See `gallra status`."
        )
    if json:
        as_json({"closed": closed, "answered": answered, "by": by})
        return
    if deliveries:
        out(f"Closed {closed} deliveries, by {by}.")
    if request:
        out(f"Closed {answered} data requests, by {by}.")
