"""`gallra todo`: what a person must do in the shop, and that it is done."""

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Language,
    ShopFile,
    ShopOption,
    colour,
    language,
    load,
    load_to_read,
    out_json,
    out_styled,
    say,
    told,
    width,
)
from connector.cli.folder import Ended, Jobs, over
from connector.cli.verbs import Verbs, WithOwn
from connector.errors import Exit, GallraError

ON_SCREEN = 20


class _Listing(WithOwn):
    """`gallra todo SHOP` lists."""

    own = "list"


todo = Verbs(help="What a person must do in the shop: list it, say that it is done.", cls=_Listing)


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(todo, name="todo")


Ids = Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Numbers and ranges: 7 12 20-40.")]
Place = Annotated[str, typer.Option("--place", help="Only tasks at this place, by its code.")]


@todo.command("list")
def list_tasks(  # noqa: PLR0913 (a command's parameters are its options)
    shop: ShopFile = DEFAULT,
    html: Annotated[Path | None, typer.Option("--html", help="Also write a page.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Also write a table, a task a line.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Every record on the screen too.")] = False,
    jobs: Jobs = 1,
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """List what is to do by hand, grouped by place, with a link to each record; offline."""
    from connector.machine.files import write_lines, write_text
    from connector.report.drawn import sheet
    from connector.report.todo import document
    from connector.views.todo import todo as todo_of

    if shop.is_dir():
        if html or csv or full:
            raise GallraError("--html, --csv and --full are of one shop's tasks. Name that shop's file.")
        raise typer.Exit(int(over(shop, _list_one, jobs=jobs, json=json)))
    opened = load_to_read(shop)
    view, chosen = todo_of(opened), language(opened, lang)
    if html is not None:
        write_text(html, sheet.html(lambda each: document.compose(view, each), chosen))
        say(f"Written: {html}")
    if csv is not None:
        write_lines(csv, document.csv(view, chosen))
        say(f"Written: {csv}")
    sentence = document.todo_sentence(view)
    if json:
        out_json(sheet.json(view, document="todo", sentence=sentence))
        return
    page = document.compose(view, chosen, **({} if full else {"most": ON_SCREEN}))
    out_styled(sheet.terminal(page, width=width(), colour=colour()).rstrip("\n"))


def _list_one(path: Path) -> Ended:
    """How much one shop of a folder has to do by hand, and the line that lists it."""
    from connector.report.overview import said
    from connector.report.todo import document
    from connector.views.todo import todo as todo_of

    opened = load_to_read(path)
    view = todo_of(opened)
    sentence, count = document.todo_sentence(view), len(view.tasks)
    if not count:
        return Ended(Exit.DONE, sentence, {"tasks": 0})
    cell = said("by_hand", opened.settings.shop.language, n=count)
    line = f"gallra todo {shlex.quote(str(path))}"
    return Ended(Exit.DONE, sentence, {"tasks": count}, "needing", cell, line)


@todo.command()
def done(
    by: Annotated[str, typer.Option("--by", help="Who has done it.")],
    ids: Ids = None,
    place: Place = "",
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Record that tasks are done; what can be read is read back at the next pull or verify."""
    from connector.policy.free_text import said
    from connector.views.todo import close_tasks

    person = said(by, "--by")
    if not ids and not place:
        raise GallraError("Nothing is named. Give numbers (7 12 20-40), or --place. `gallra todo` has them.")
    closed = close_tasks(load(shop), numbers_of(ids or []), place=place, by=person)
    line = f"Done: {len(closed)} tasks, by {person}. The next pull or verify reads them back."
    told(json, line, done=len(closed), by=person)


@todo.command()
def reopen(
    by: Annotated[str, typer.Option("--by", help="Who takes it back.")],
    ids: Ids = None,
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Take back that tasks are done."""
    from connector.policy.free_text import said
    from connector.views.todo import open_tasks_again

    person = said(by, "--by")
    opened = open_tasks_again(load(shop), numbers_of(ids or []), by=person)
    told(json, f"Open again: {len(opened)} tasks, by {person}.", reopened=len(opened), by=person)


def numbers_of(words: list[str]) -> list[tuple[int, int]]:
    """Numbers and ranges as pairs of first and last. Raises GallraError for anything else."""
    found = []
    for part in (part for word in words for part in word.split(",") if part):
        range_ = re.fullmatch(r"(\d+)(?:[-–](\d+))?", part)
        if range_ is None:
            raise GallraError("A task is named by its number, several as 20-40. Nothing was recorded.")
        first = int(range_[1])
        found.append((first, int(range_[2] or first)))
    return found
