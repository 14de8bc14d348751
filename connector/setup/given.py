"""Answers that were given before anybody is asked: in a file, by flags, or by who was interrupted."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from connector.errors import GallraError
from connector.machine.files import text_of, write_text
from connector.setup.questions import PROMISES, Answers, questions
from connector.text.decoding import toml_table

KEPT = ".gallra-init.json"
"""What has been answered so far, beside the files that are to be written; it is gone once they are."""


def from_file(path: Path) -> dict[str, str]:
    """The answers of a TOML file, by question id; a list and true or false are answers too.

    Raises GallraError where it cannot be read, or answers what is not asked.
    """
    try:
        table = toml_table(text_of(path))
    except (OSError, ValueError) as fault:
        raise GallraError(f"{path} cannot be read ({type(fault).__name__}). Correct the path.") from None
    known = [one.id for one in questions()]
    for name in table:
        if name not in known:
            raise GallraError(f"{name} is no question. Name one of: {', '.join(known)}.")
    return {name: _text(value) for name, value in table.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return value.isoformat() if isinstance(value, date) else str(value)


def kept(folder: Path) -> dict[str, str]:
    """What somebody answered here before being interrupted; nothing where that cannot be read."""
    try:
        found = json.loads((folder / KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    ids = {*(one.id for one in questions()), PROMISES}
    pairs: Mapping[object, object] = found if isinstance(found, dict) else {}
    return {str(name): value for name, value in pairs.items() if name in ids and isinstance(value, str)}


def keep(folder: Path, answers: Answers) -> None:
    """Keeps the answers so far, readable by their owner alone."""
    write_text(folder / KEPT, json.dumps(dict(answers), ensure_ascii=False, indent=1))


def forget(folder: Path) -> None:
    """Takes the kept answers away."""
    (folder / KEPT).unlink(missing_ok=True)
