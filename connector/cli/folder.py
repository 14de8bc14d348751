"""One verb over every shop of a folder: some at a time, one closing table, the exit code of the worst."""

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

import typer

from connector.cli.common import as_json, out, say, unforeseen, width
from connector.errors import Exit, GallraError, worst

if TYPE_CHECKING:
    from connector.report.shared import Language

Jobs = Annotated[
    int, typer.Option("--jobs", "-j", min=1, max=32, help="Of a folder: how many shops at a time.")
]


class Ended(NamedTuple):
    """How one shop ended: its code, what a person reads of it, and what the JSON says beside."""

    code: Exit
    line: str
    json: dict[str, Any] = {}  # noqa: RUF012 (never written to)
    state: str = ""  # a code of `report.overview`; by the exit code where it is empty
    cell: str = ""  # what is needed in a few words; of the line where it is empty
    types: str = ""  # the line to type next


One = Callable[[Path], Ended]
"""What is done to one shop's file."""


def files(path: Path) -> list[Path]:
    """The shop's file, or every shop's file of a folder."""
    there = found(path)
    if not there:
        raise GallraError(f"There is no shop's .toml file in {path}. Put each shop's file there.")
    return there


def found(path: Path) -> list[Path]:
    """The shop's file, or every shop's file of a folder; none of one in which no shop is yet."""
    from connector.settings import find_shops

    return list(find_shops(path)) if path.is_dir() else [path]


def each(paths: Sequence[Path], one: One, *, jobs: int) -> Iterator[tuple[Path, Ended]]:
    """Does it to every shop, `jobs` at a time, in the order of the files; a failing one stops no other."""
    doubles = twice(paths)

    def safely(path: Path) -> Ended:
        return Ended(Exit.ERROR, doubles[path]) if path in doubles else _safely(one, path)

    if jobs == 1 or len(paths) == 1:
        yield from ((path, safely(path)) for path in paths)
        return
    pool = ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="shop")
    try:
        yield from zip(paths, pool.map(safely, paths), strict=True)
    finally:  # on Ctrl-C those that have begun come to their end, no other begins
        pool.shutdown(cancel_futures=True)


class OneByOne:
    """What is typed once for every shop of a folder, one after another: a failing one stops no other.

    Of a single file the fault is the command's own, and is raised.
    """

    def __init__(self, path: Path) -> None:
        self.paths = files(path)
        self.alone = not path.is_dir()
        self._codes: list[Exit] = []

    @contextmanager
    def at(self, path: Path) -> Iterator[None]:
        """Names the shop that fails, and leaves it out."""
        try:
            yield
        except GallraError as fault:
            if self.alone:
                raise
            self._codes.append(Exit(fault.exit))
            say(f"Error: {path.name}: {fault}")

    def code(self, *others: Exit) -> Exit:
        """The exit code of the worst."""
        return worst((*self._codes, *others))


Made = TypeVar("Made")


def at_once(one: Callable[[Path], Made], paths: Sequence[Path], *, jobs: int) -> list[Made]:
    """What this makes of every path, `jobs` at a time, in their order."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return list(pool.map(one, paths))


def _safely(one: One, path: Path) -> Ended:
    try:
        return one(path)
    except GallraError as fault:
        return Ended(Exit(fault.exit), f"Error: {fault}")
    except Exception as fault:  # one that nobody foresaw too
        return Ended(Exit.ERROR, f"Error: {unforeseen(fault)}")


def twice(paths: Sequence[Path]) -> dict[Path, str]:
    """The files whose shop id an earlier one has too, and what is wrong: both would share one ledger."""
    import os

    from connector.settings import load_settings

    first: dict[str, Path] = {}
    found: dict[Path, str] = {}
    for path in paths if len(paths) > 1 else ():
        try:
            shop_id = load_settings(path, environ=os.environ).shop.id
        except GallraError:
            continue  # what is done to it says what is wrong
        if first.setdefault(shop_id, path) is not path:
            other = first[shop_id].name
            found[path] = f"Error: shop.id {shop_id} is that of {other} too. Give each shop an id of its own."
    return found


def over(folder: Path, one: One, *, jobs: int, json: bool) -> Exit:
    """Does it to every shop of a folder, says each line as it comes, and closes with the table."""
    rows: list[tuple[str, Ended]] = []
    for path, ended in each(files(folder), one, jobs=jobs):
        rows.append((path.name, ended))
        if json and ended.code is not Exit.DONE:
            say(f"{path.name}: {ended.line}")
        elif not json:
            out(f"{path.name}: {ended.line}")
    return close(rows, language_of(folder), json=json)


def close(rows: Sequence[tuple[str, Ended]], language: "Language", *, json: bool) -> Exit:
    """The closing table, or all as JSON; returns the exit code of the worst."""
    code = worst(ended.code for _, ended in rows)
    if json:
        shops = {
            name: {"exit": int(one.code), "state": state(one), "line": one.line, **one.json}
            for name, one in rows
        }
        as_json({"shops": shops}, exit_code=code)
        return code
    for line in (*table(rows, language), *below(rows, language)):
        out(line)
    return code


def state(ended: Ended) -> str:
    """The code of a shop's state."""
    return ended.state or ended.code.name.lower()


def table(rows: Sequence[tuple[str, Ended]], language: "Language") -> Iterator[str]:
    """Shop, state, code and what is needed, a shop a row."""
    from connector.report.overview import columns, heads, state_word

    cells = [
        (name, state_word(state(one), language), str(int(one.code)), needed(one, language))
        for name, one in rows
    ]
    yield ""
    yield from columns((heads(language), *cells), width=width())


CELL = 60
"""Characters of a cell: what is longer stands below the table."""


def needed(ended: Ended, language: "Language") -> str:
    """What a person must do of a shop, in a few words; nothing where it is done."""
    if not ended.cell and ended.code is Exit.DONE and not ended.state:
        return "–"
    whole = ended.cell or _whole(ended, language)
    if len(whole) <= CELL:
        return whole
    first = re.split(r"(?<=[.:]) ", whole)[0]
    return first if len(first) <= CELL else textwrap.shorten(first, CELL, placeholder=" …")


def _whole(ended: Ended, language: "Language") -> str:
    from connector.report.translated import translated

    return translated(ended.line.removeprefix("Error: "), language)


def below(rows: Sequence[tuple[str, Ended]], language: "Language") -> Iterator[str]:
    """What the cells are too narrow for: why a shop is not done, and the line to type next, a shop a line."""
    from connector.report.translated import translated

    lines = []
    for name, one in rows:
        whole = _whole(one, language)
        if one.code is not Exit.DONE and whole != needed(one, language):
            lines.append(f"{name}: {whole}")
        if one.types:
            lines.append(f"{name}: {translated(one.types, language)}")
    yield from (["", *lines] if lines else ())


def language_of(folder: Path) -> "Language":
    """The language of a folder's shops: the one that most of them have, Swedish where they are even."""
    import os

    from connector.settings import load_settings

    found = []
    for path in files(folder):
        try:
            found.append(load_settings(path, environ=os.environ).shop.language)
        except GallraError:
            continue
    return "en" if found.count("en") > found.count("sv") else "sv"


__all__ = [
    "Ended",
    "Jobs",
    "OneByOne",
    "at_once",
    "below",
    "close",
    "each",
    "files",
    "found",
    "language_of",
    "needed",
    "over",
    "state",
    "table",
    "twice",
]
