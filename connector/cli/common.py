"""What the commands share: the shop's file, output and progress."""

import logging
import os
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from connector.cli.speaking import closed, language_of, said, speak
from connector.errors import GallraError
from connector.ports import waiting
from connector.text.printable import printable, printable_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.ledger.index import Row
    from connector.ledger.naming import Choose
    from connector.shop import Shop

ShopFile = Annotated[Path, typer.Argument(envvar="GALLRA_SHOP", help="The shop's TOML file; or --shop FILE.")]
ShopOption = Annotated[
    Path,
    typer.Option("--shop", "-s", envvar="GALLRA_SHOP", help="The shop's TOML file; or FILE by position."),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON alone on stdout.")]
Language = Annotated[str | None, typer.Option("--language", "-l", help="sv or en; default: the shop's.")]
ById = Annotated[bool, typer.Option("--id", help="What is given is the record's id, not its number.")]
DEFAULT = Path("shop.toml")
E = TypeVar("E", bound=StrEnum)


def load(path: Path) -> "Shop":
    """The shop of a file, whose language is spoken from here on."""
    from connector.shop import open_shop

    speak(language_of(path))
    if path.is_dir():
        raise GallraError(
            f"{path} is a folder. Name one shop's file in it; `check`, `pull`, `plan`, `approve`, `apply`, "
            "`todo`, `run` and `status` take folders."
        )
    return open_shop(path, environ=os.environ)


def load_to_read(path: Path) -> "Shop":
    """The shop of a file, for a verb that asks no service: it needs no key but the ledger's own."""
    shop = load(path)
    shop.only_reads = True
    return shop


def out(text: str) -> None:
    """To stdout, in the language spoken; nothing in it moves the cursor, colours or hides."""
    typer.echo(printable(closed(text)))


def out_styled(text: str) -> None:
    """To stdout: a report that was drawn by `report`, which styles what is printable already."""
    typer.echo(text)


def out_json(text: str) -> None:
    """To stdout: JSON, in which what a terminal would obey stands by its number."""
    typer.echo(printable_json(text))


def say(text: str) -> None:
    """To stderr, in the language spoken: progress and warnings."""
    typer.echo(printable(said(text)), err=True)


def where(fault: BaseException) -> str:
    """Where a fault arose, and behind which others: files, lines and kinds, never a value."""
    import traceback

    parts: list[str] = []
    seen: set[int] = set()
    at: BaseException | None = fault
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        frames = "".join(traceback.format_tb(at.__traceback__))
        parts.insert(0, f"{frames}{type(at).__module__}.{type(at).__qualname__}")
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n\n".join(parts)


def unforeseen(fault: BaseException) -> str:
    """What a person reads of a fault that nobody foresaw; its own text may quote data, and is not shown."""
    if os.environ.get("GALLRA_TRACE"):
        say(where(fault))
    return (
        f"{type(fault).__name__}, which Gallra did not foresee. Nothing is lost. "
        "Set GALLRA_TRACE=1 and run again to see where, then report it."
    )


class _Printable(logging.Formatter):
    """Log lines as they may stand on a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_info = record.exc_text = None  # a fault's text may quote data
        return printable(super().format(record)).replace("\n", " ")


def log_to_screen() -> None:
    """Warnings of the log to stderr, one line each."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_Printable("Warning: %(message)s"))
    root = logging.getLogger()
    others = [one for one in root.handlers if not isinstance(one.formatter, _Printable)]
    root.handlers[:] = [*others, handler]


def notices(shop: "Shop") -> None:
    """What the stages had to say beside their results, once."""
    for line in shop.notices:
        say(f"Note: {line}")
    shop.notices.clear()


def monitors(shop: "Shop") -> None:
    """Tells whoever the shop's file names by webhook; that one could not be told stops nothing."""
    if not shop.settings.alerts.webhook:
        return
    from connector.serve.posting import tell

    for line in tell(shop):
        say(f"Warning: {line}")


def as_json(value: Any, *, exit_code: int = 0) -> None:
    """The JSON alone, with the exit code inside so that no wrapper can lose it."""
    import msgspec

    from connector.errors import Exit

    body = {"exit": {"code": exit_code, "name": Exit(exit_code).name.lower()}, **value}
    out_json(msgspec.json.format(msgspec.json.encode(body, enc_hook=str), indent=2).decode())


def language(shop: "Shop", chosen: str | None) -> str:
    """The language asked for, or the shop's."""
    chosen = one_language(chosen) or shop.settings.shop.language
    speak(chosen)
    return chosen


def told(json: bool, line: str, **values: Any) -> None:
    """What a verb did: one line, or the same as JSON alone."""
    if json:
        as_json(values)
    else:
        out(line)


def one_language(chosen: str | None) -> str:
    """The language asked for; empty where none was. Raises GallraError for one that Gallra does not speak."""
    if chosen not in (None, "sv", "en"):
        raise GallraError(f"There is no language {chosen}. Write sv or en.")
    return chosen or ""


def one_of(choices: type[E], text: str) -> E:
    """The choice of this name. Raises GallraError that lists them all."""
    try:
        return choices(text)
    except ValueError:
        known = ", ".join(str(one) for one in choices)
        raise GallraError(f"{text} is not known. Write one of: {known}.") from None


def chooser() -> "Choose | None":
    """Asks which record is meant, on a terminal only."""
    return _choose if sys.stdin.isatty() else None


def _choose(found: "Sequence[Row]") -> "Row | None":
    from connector.ledger.naming import named

    for number, row in enumerate(found, 1):
        say(f"  {number}: {named(row)}")
    answer = int(typer.prompt(said("Which is meant"), type=int, err=True))
    return found[answer - 1] if 0 < answer <= len(found) else None


def colour() -> bool:
    """Colour only on a terminal, and never where NO_COLOR is set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def width() -> int:
    """The terminal's width, at most 100 columns."""
    import shutil

    return min(100, shutil.get_terminal_size((100, 24)).columns)


class Progress:
    """One line that moves on a terminal; elsewhere a line when something ends."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.live = sys.stderr.isatty()
        self._at = 0.0
        self._what = ""
        self._waited = ""
        waiting.listen(self.waits)

    def __call__(self, what: str, done: int, total: int | None) -> None:
        if self.quiet or not self.live:
            return
        now = time.monotonic()
        if what == self._what and now - self._at < 0.1 and done != total:
            return
        if what != self._what and self._what:
            typer.echo("", err=True)
        self._at, self._what = now, what
        of = f" of {total}" if total else ""
        typer.echo(f"\r  {printable(said(f'{what}: {done}{of}'))}   ", err=True, nl=False)

    def waits(self, who: str, what: str, seconds: float) -> None:
        """One line for a wait that has begun; the same wait, one after the other, is told once."""
        told = f"  Waiting for {who}, up to {seconds:.0f} s at a time: {what}."
        if self.quiet or told == self._waited:
            return
        self.end()
        self._waited = told
        say(told)

    def end(self) -> None:
        """Ends the moving line."""
        if self._what and self.live and not self.quiet:
            typer.echo("", err=True)
        self._what = ""
