"""`gallra init`: asks, then writes a commented file, three keys and the letter to the accountant."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.common import AsJson, as_json, out, say, told
from connector.errors import GallraError


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


def init(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")] = Path(),
    lang: Annotated[str, typer.Option("--language", "-l", help="sv or en.")] = "sv",
    keys: Annotated[bool, typer.Option("--keys", help="Make only the ledger's three keys.")] = False,
    listed: Annotated[
        Path | None, typer.Option("--from", help="A list of shops, CSV or TOML, with the answers.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Ask what Gallra must know of a shop, and write its file; or read the answers for many from a list."""
    if keys:
        pair = _write_keys(folder, keep=False, quiet=json)
        pair += _keep_out_of_repositories(folder, quiet=json)
        if json:
            as_json({"written": pair})
        return
    if listed is not None:
        _of_list(listed, folder, lang, json=json)
        return
    from connector.cli.init import draft
    from connector.cli.init.questions import Language
    from connector.machine.files import write_text
    from connector.shop import system_clock

    language: Language = "en" if lang == "en" else "sv"
    made = draft(_ask(language), language=language, today=system_clock().date())
    path, letter = folder / f"{made.shop_id}.toml", folder / f"{made.shop_id}-revisor.txt"
    if path.exists():
        raise GallraError(f"{path} exists and was left alone. Move it away, or choose another shop id.")
    write_text(path, made.settings)
    write_text(letter, made.letter)
    for one in () if json else (path, letter):
        out(f"Written: {one}")
    made_keys = _write_keys(folder, keep=True, quiet=json)
    made_keys += _keep_out_of_repositories(folder, quiet=json)
    line = f"Next: fill in the keys it names, then `gallra check {path}`."
    told(json, line, written=[path, letter, *made_keys])


def _of_list(listed: Path, folder: Path, lang: str, *, json: bool) -> None:
    """Writes the files of every shop of a list."""
    from connector.cli.init.from_list import drafts, write
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


def _ask(language: str) -> dict[str, str]:
    from connector.cli.init import questions

    answers: dict[str, str] = {}
    for question in questions():
        if not question.asked(answers):
            continue
        while True:
            words = question.words.of(language)  # type: ignore[arg-type]
            hint = f" ({', '.join(question.choices)})" if question.choices else ""
            answer = typer.prompt(
                f"{words}{hint}", default=question.default, show_default=bool(question.default)
            )
            fault = question.fault(str(answer).strip())
            if fault is None:
                answers[question.id] = str(answer).strip()
                break
            say(f"  {fault.of(language)}")  # type: ignore[arg-type]
            if not sys.stdin.isatty():
                raise GallraError(f"The answer to {question.id} will not do. Correct it and run again.")
    return answers


def _write_keys(folder: Path, *, keep: bool, quiet: bool = False) -> list[Path]:
    """Makes the ledger's three keys; `keep` leaves those that are there, shops of a company share them."""
    from connector.ledger import new_key
    from connector.machine.files import write_text

    written = []
    for name in ("vault", "subject", "seal"):
        path = folder / f"{name}.key"
        if path.exists() and keep:
            continue
        if path.exists():
            raise GallraError(f"{path} exists and was left alone: a ledger may be sealed with it.")
        write_text(path, new_key())
        written.append(path)
        if not quiet:
            out(f"Written: {path}. Keep a copy somewhere safe: without it the ledger cannot be read.")
    return written


def _keep_out_of_repositories(folder: Path, *, quiet: bool = False) -> list[Path]:
    """Adds to the folder's .gitignore what holds personal data or opens it; the file where it changed."""
    from connector.cli.init.beside import ignoring
    from connector.machine.files import text_of, write_text

    path = folder / ".gitignore"
    there = text_of(path) if path.exists() else ""
    wanted = ignoring(there)
    if wanted == there:
        return []
    write_text(path, wanted)
    if not quiet:
        out(f"Written: {path}. It keeps ledgers, keys, letters and reports out of a repository.")
    return [path]
