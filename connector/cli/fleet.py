"""`gallra fleet`: many shops by several workers, from one queue in PostgreSQL."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import AsJson, as_json, out, say, told
from connector.cli.folder import files, twice
from connector.cli.speaking import said
from connector.cli.verbs import Verbs
from connector.errors import Exit, GallraError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.fleet.database import Connection
    from connector.fleet.ending import Ran
    from connector.fleet.shops import Row
    from connector.fleet.standing import Standing
    from connector.fleet.where import Fleet

fleet = Verbs(help="Many shops by several workers, from one queue in PostgreSQL; needs gallra[fleet].")

Of = Annotated[
    Path,
    typer.Option("--fleet", envvar="GALLRA_FLEET", help="Where [fleet] stands; or GALLRA_FLEET_URL."),
]
Shops = Annotated[list[str], typer.Argument(metavar="SHOP...", help="Shop ids (`gallra fleet list`).")]
SomeShops = Annotated[
    list[str] | None, typer.Argument(metavar="SHOP...", help="Shop ids; none: every shop.")
]
HERE = Path("fleet.toml")
_LOOKS = 1.0  # seconds between two looks whether what runs has ended


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(fleet, name="fleet")


@fleet.command()
def add(
    places: Annotated[
        list[Path], typer.Argument(metavar="PLACE...", help="Shops' files, or folders of them.")
    ],
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the settings' text in the database; secrets stay outside.")
    ] = False,
    of: Of = HERE,
    json: AsJson = False,
) -> None:
    """Take shops into the fleet, or what their files say now; one that cannot be taken is named."""
    from connector.fleet.entering import entry_of
    from connector.fleet.shops import enter

    paths = [path for place in places for path in files(place)]
    doubles = twice(paths)
    done, refused = dict[str, str](), {one.name: doubles[one].removeprefix("Error: ") for one in doubles}
    with _connected(of) as connection:
        for path in (one for one in paths if one not in doubles):
            try:
                entry = entry_of(path, os.environ, kept=keep)
                done[entry.id] = enter(connection, entry)
                if entry.hears:
                    say(f"Note: {path.name} has [webhooks], which only `gallra serve --no-run` hears.")
            except GallraError as fault:
                refused[path.name] = str(fault)
    for name, why in refused.items():
        say(f"{name} is not served: {why}")
    code = Exit.ERROR if refused else Exit.DONE
    if json:
        as_json({"shops": done, "refused": refused}, exit_code=code)
    else:
        count = {word: sum(1 for one in done.values() if one == word) for word in set(done.values())}
        out(
            f"Added: {count.get('added', 0)}; changed: {count.get('changed', 0)}; "
            f"unchanged: {count.get('unchanged', 0)}."
        )
    raise typer.Exit(int(code))


@fleet.command(name="list")
def list_shops(of: Of = HERE, json: AsJson = False) -> None:
    """List the shops: where each one's settings lie, when it is due, how its last run ended."""
    from connector.fleet.shops import rows

    with _connected(of) as connection:
        found = rows(connection)
    if json:
        as_json({"shops": [_as_value(row) for row in found]})
        return
    for row in found:
        out(_listed(row))
    out(f"{len(found)} shops.")


@fleet.command()
def run(
    shop: Annotated[str, typer.Argument(metavar="SHOP", help="The shop's id.")],
    request: Annotated[
        str, typer.Option("--request", help="The code of the request that it is for.")
    ] = "",
    of: Of = HERE,
    json: AsJson = False,
) -> None:
    """Have a shop run now, before those that are only due by their cron line."""
    from connector.fleet.queue import ask, purpose_of
    from connector.fleet.shops import must_be_known

    with _connected(of) as connection:
        must_be_known(connection, [shop])
        new = ask(connection, shop, purpose_of(_code(request)))
    line = f"{shop} runs as soon as a worker is free." if new else f"{shop} waits for a worker already."
    told(json, line, shop=shop, queued=new)


@fleet.command()
def pause(shops: Shops, of: Of = HERE, json: AsJson = False) -> None:
    """Begin no run of these shops any more; one that is under way comes to its end."""
    from connector.fleet.shops import pause as write

    with _connected(of) as connection:
        write(connection, shops, paused=True)
    told(json, f"Paused: {', '.join(shops)}. `gallra fleet resume` begins them again.", paused=shops)


@fleet.command()
def resume(shops: SomeShops = None, of: Of = HERE, json: AsJson = False) -> None:
    """Begin runs of these shops again; named none, those of every shop that is not paused by itself."""
    from connector.fleet.shops import drain as write_all
    from connector.fleet.shops import pause as write

    with _connected(of) as connection:
        if shops:
            write(connection, shops, paused=False)
        else:
            write_all(connection, draining=False)
    line = f"Resumed: {', '.join(shops)}." if shops else "Resumed: every shop that is not paused by itself."
    told(json, line, resumed=shops or [])


@fleet.command()
def drain(
    shops: SomeShops = None,
    wait: Annotated[int, typer.Option("--wait", min=0, help="Seconds to wait for what runs.")] = 600,
    of: Of = HERE,
    json: AsJson = False,
) -> None:
    """Begin nothing more, of these shops or of any, and wait until what runs has ended; else end with 75."""
    from connector.fleet.shops import drain as write_all
    from connector.fleet.shops import pause as write
    from connector.fleet.shops import under_way

    with _connected(of) as connection:
        if shops:
            write(connection, shops, paused=True)
        else:
            write_all(connection, draining=True)
        until = time.monotonic() + wait
        while (left := under_way(connection, shops or ())) and time.monotonic() < until:
            time.sleep(_LOOKS)
    code = Exit.TRY_LATER if left else Exit.DONE
    if json:
        as_json({"under_way": left}, exit_code=code)
    elif left:
        out(f"Still under way: {', '.join(left)}. Nothing else begins.")
    else:
        out("Nothing is under way, and nothing begins until `gallra fleet resume`.")
    raise typer.Exit(int(code))


@fleet.command()
def remove(shops: Shops, of: Of = HERE, json: AsJson = False) -> None:
    """Take shops out of the fleet; their files, ledgers and reports stay where they are."""
    from connector.fleet.shops import remove as write

    with _connected(of) as connection:
        write(connection, shops)
    told(json, f"Removed: {', '.join(shops)}. Their files, ledgers and reports stay.", removed=shops)


@fleet.command()
def status(of: Of = HERE, json: AsJson = False) -> None:
    """Say what is due, runs, failed, waits for a person; 1 where a shop has been due for more than a day."""
    from connector.fleet.shops import is_draining, now_of, rows
    from connector.fleet.standing import standing_of

    with _connected(of) as connection:
        now = now_of(connection)
        stands = standing_of(rows(connection), now=now, draining=is_draining(connection))
    code = Exit.ERROR if stands.overdue else Exit.DONE
    if json:
        import msgspec

        as_json(msgspec.to_builtins(stands) | {"at": now.isoformat()}, exit_code=code)
        raise typer.Exit(int(code))
    for line in _standing(stands):
        out(line)
    raise typer.Exit(int(code))


@fleet.command()
def work(
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=32, help="How many shops at a time.")] = 1,
    once: Annotated[bool, typer.Option("--once", help="End when nothing is due any more.")] = False,
    of: Of = HERE,
    json: AsJson = False,
) -> None:
    """Run what is due, with other workers if there are any, until it is stopped."""
    settings, url = _where(of)
    from connector.cli.running import say_json
    from connector.fleet.database import must_be_direct
    from connector.fleet.work import Work
    from connector.fleet.work import work as keep_working

    with _connected(of):
        must_be_direct(url)
    tell = say_json if json else say
    tell(f"Working, {jobs} shops at a time.")
    keep_working(Work(url=url, folder=settings.folder, run=_run, say=tell, jobs=jobs, once=once))
    tell("Nothing is due any more." if once else "Stopped. What is due waits for other workers.")


def _run(path: Path) -> "Ran":
    """One shop, as `gallra run` does it."""
    from connector.cli.running import run_one
    from connector.fleet.ending import Ran

    ended = run_one(path, quiet=True)
    return Ran(code=ended.code, line=ended.line, after=ended.after)


def _where(of: Path) -> "tuple[Fleet, str]":
    """What is said of the fleet, and its database's address. Raises GallraError."""
    from connector.fleet.where import must_be_installed, read_fleet, url_of

    must_be_installed()
    settings = read_fleet(of)
    return settings, url_of(settings, os.environ)


@contextmanager
def _connected(of: Path) -> "Iterator[Connection]":
    """The fleet's database, its tables made where there are none."""
    _, url = _where(of)
    from connector.fleet.database import connected, must_be_ready

    with connected(url) as connection:
        must_be_ready(connection)
        yield connection


def _code(request: str) -> str:
    """A request's code as `gallra request` gives it: nothing else of a person comes into the queue."""
    import re

    if request and not re.fullmatch(r"R-[0-9A-Z]{4,16}", request):
        raise GallraError("--request takes a request's code, such as R-7K2Q9F. See `gallra request list`.")
    return request


def _as_value(row: "Row") -> dict[str, object]:
    """A shop as JSON; a kept text stands in the database alone."""
    value = row._asdict()
    value["settings"] = "kept" if row.settings is not None else None
    return value


def _listed(row: "Row") -> str:
    from connector.calendar import STOCKHOLM

    day = f"{row.next_due.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}" if row.next_due else ""
    due = f"due {day}" if day else "never due"
    state = "runs now" if row.begun else "paused" if row.paused else due
    ended = f"last exit code {row.code}" if row.code is not None else "not run yet"
    return "  ".join((row.id, said(state), said(ended), row.file or said("settings in the database")))


def _standing(stands: "Standing") -> "Iterator[str]":
    from connector.calendar import STOCKHOLM

    if stands.draining:
        yield "The fleet is drained: nothing begins until `gallra fleet resume`."
    yield f"{stands.shops} shops: {stands.due} due, {stands.running} running, {stands.paused} paused."
    groups: dict[str, Sequence[str]] = {
        "Failed": stands.failed, "Waiting for a person": stands.waiting, "Not finished": stands.unfinished,
        "Put off": stands.put_off, "Without a cron line": stands.unplanned,
    }  # fmt: skip
    for name, shops in groups.items():
        if shops:
            yield f"{name}: {', '.join(shops)}."
    if stands.since is not None:
        yield f"Due longest: {stands.oldest}, since {stands.since.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}."
    if stands.overdue:
        yield f"Overdue for more than a day: {', '.join(stands.overdue)}. See that a worker runs."
