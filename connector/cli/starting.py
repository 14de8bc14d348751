"""`gallra init`: asks, then writes a commented file, three keys and the letter to the accountant."""

import inspect
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import AsJson, as_json, load, out, say, told
from connector.cli.speaking import said, speak
from connector.errors import FaultsError, GallraError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.setup.wording import Language

QUESTIONS = (
    "shop_name", "shop_id", "platform", "url", "company", "organisation_number", "contact", "address", "by",
    "year_end", "first_year", "oss", "underlag", "gift_cards", "subscriptions", "till", "recipients",
)  # fmt: skip
"""The questions by id, in their order: known here, so that no command loads them for its help."""


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.command()(init)
    app.callback()(main)


def _version(value: bool) -> None:
    if value:
        from connector import __version__

        out(f"gallra {__version__}")
        raise typer.Exit


def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Makes a web shop's privacy policy true: what may go, what must stay, and proof of both."""


def _with_flags(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for every question, such as --shop-name."""
    signature = inspect.signature(command)
    own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                str | None, typer.Option(f"--{name.replace('_', '-')}", help="Answers its question.")
            ],
        )
        for name in QUESTIONS
    ]
    command.__signature__ = signature.replace(parameters=[*own, *options])  # type: ignore[attr-defined]
    return command


@_with_flags
def init(  # noqa: PLR0913 (a command's parameters are its options)
    folder: Annotated[Path, typer.Argument(help="Where the files go.")] = Path(),
    lang: Annotated[str, typer.Option("--language", "-l", help="sv or en.")] = "sv",
    keys: Annotated[
        bool, typer.Option("--keys", help="Make only the keys that the files there name.")
    ] = False,
    listed: Annotated[
        Path | None, typer.Option("--from", help="A list of shops, CSV or TOML, with the answers.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option("--answers", help="A TOML file of answers, by the names of the options.")
    ] = None,
    json: AsJson = False,
    **flags: str | None,
) -> None:
    """Ask what Gallra must know of a shop, and write its file; an option answers its question beforehand.

    With `--from`, the answers for many shops are read from a list.
    """
    language: Language = "en" if lang == "en" else "sv"
    speak(language)
    if keys:
        _keys_alone(folder, json=json)
        return
    if listed is not None:
        _of_list(listed, folder, lang, json=json)
        return
    from connector.setup.given import forget, from_file

    given = from_file(answers) if answers else {}
    given |= {name: text for name, text in flags.items() if text is not None}
    written = _written(_answers(given, folder, language), folder, language, quiet=json)
    forget(folder)
    if json:
        as_json({"written": written})
    else:
        _tried(written[0], language)


def _answers(given: dict[str, str], folder: Path, language: "Language") -> dict[str, str]:
    """What was given and what is asked for: on a terminal the rest; down a pipe all, or nothing."""
    from connector.cli.init.asking import ask
    from connector.setup.given import keep, kept

    asks = sys.stdin.isatty()
    if given and not asks:
        return given
    before = kept(folder) if asks else {}
    return ask(given, before=before, language=language, keep=partial(keep, folder) if asks else None)


def _written(
    answers: dict[str, str], folder: Path, language: "Language", *, quiet: bool = False
) -> list[Path]:
    """Writes the shop's file, first, the letter and the keys. Raises GallraError where the file is there."""
    from connector.setup import draft
    from connector.setup.writing import write_shop
    from connector.shop import system_clock

    made = draft(answers, language=language, today=system_clock().date())
    _must_be_new(folder / f"{made.shop_id}.toml")
    written = write_shop(made, folder, _secrets(made.secrets) if sys.stdin.isatty() else {})
    for one in () if quiet else written.files:
        out(f"Written: {one}")
    _told_of_keys(written.keys, quiet=quiet)
    _told_of_ignored(written.kept_out, quiet=quiet)
    return [*written.all]


def _must_be_new(path: Path) -> None:
    """Refuses before any secret is asked for what writing would refuse afterwards."""
    if path.exists():
        raise GallraError(f"{path} exists and was left alone. Move it away, or choose another shop id.")


def _secrets(keys: "Sequence[str]") -> dict[str, str]:
    """The shop system's secrets, typed unseen; those that are left empty come from variables."""
    found = {key: str(typer.prompt(said(f"{key} of the shop system (not shown; empty: later)"),
                                   default="", show_default=False, hide_input=True)).strip()
             for key in keys}  # fmt: skip
    return {key: text for key, text in found.items() if text}


def _tried(path: Path, language: "Language") -> None:
    """Tries the connection, and says what the keys may do; where it cannot be tried, what is needed first."""
    from connector.cli.stages.reading import show_access

    try:
        opened = load(path)
        out(f"Trying {opened.settings.platform.url or opened.settings.platform.name}.")
        accesses = opened.check()
        show_access(opened, accesses, language)
    except GallraError as fault:
        for line in fault.faults if isinstance(fault, FaultsError) else (str(fault),):
            say(f"Not tried yet: {line}")
        out(f"Next: fill in the keys it names, then `gallra check {path}`.")
        return
    well = all(accesses[name].reachable and accesses[name].can_read for name in opened.platforms)
    out(f"Next: `gallra pull {path}`." if well else f"Next: mend what it names, then `gallra check {path}`.")


def _of_list(listed: Path, folder: Path, lang: str, *, json: bool) -> None:
    """Writes the files of every shop of a list."""
    from connector.setup.from_list import drafts, write
    from connector.shop import system_clock

    made = drafts(listed, language="en" if lang == "en" else "sv", today=system_clock().date())
    written = write(made, folder) + _keep_out_of_repositories(folder, quiet=True)
    for path in () if json else written:
        out(f"Written: {path}")
    line = (
        f"{len(made)} shops. Keep a copy of the keys somewhere safe. Next: put each shop's own keys in the "
        f"files it names, or `gallra keys ask` for them, then `gallra check {folder}`."
    )
    told(json, line, written=written)


def _keys_alone(place: Path, *, json: bool) -> None:
    """Makes the keys that a shop's file, or every shop's of a folder, names; in an empty folder all three."""
    from connector.settings import find_shops
    from connector.setup.keys import key_files, named_by

    shops = find_shops(place) if place.is_dir() else [place] if place.suffix == ".toml" else []
    wanted = named_by(shops, os.environ) if shops else [place / name for name in key_files().values()]
    there = [path for path in wanted if path.exists()]
    made = [] if there and not shops else _write_keys(wanted, quiet=json)
    if not made:
        raise GallraError(
            f"{there[0] if there else place} exists and was left alone: a ledger may be sealed with it."
        )
    made += _keep_out_of_repositories(made[0].parent if shops else place, quiet=json)
    if json:
        as_json({"written": made})


def _write_keys(paths: "Sequence[Path]", *, quiet: bool = False) -> list[Path]:
    """Makes the ledger's keys that are not there; shops of a company share those that are."""
    from connector.setup.keys import make

    written = make(paths)
    _told_of_keys(written, quiet=quiet)
    return written


def _told_of_keys(written: "Sequence[Path]", *, quiet: bool) -> None:
    for path in () if quiet else written:
        out(f"Written: {path}. Keep a copy somewhere safe: without it the ledger cannot be read.")


def _keep_out_of_repositories(folder: Path, *, quiet: bool = False) -> list[Path]:
    """Adds to the folder's .gitignore what holds personal data or opens it; the file where it changed."""
    from connector.setup.writing import keep_out_of_repositories

    written = keep_out_of_repositories(folder)
    _told_of_ignored(written, quiet=quiet)
    return written


def _told_of_ignored(written: "Sequence[Path]", *, quiet: bool) -> None:
    for path in () if quiet else written:
        out(f"Written: {path}. It keeps ledgers, keys, letters and reports out of a repository.")
