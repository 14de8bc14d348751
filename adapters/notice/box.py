"""The folder of letters: written whole or not at all, each line in one letter only, and thinned by age."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import msgspec

from adapters.notice.letter import Language, Letter, render
from connector.calendar import add_months
from connector.errors import SettingsError
from connector.records import Value
from connector.text.decoding import json_as

KEEP_MONTHS = 60
"""A notice is proof of accountability (Art. 5(2)) and lives as long as the deletion log (T-62)."""


class Filed(Value, frozen=True, kw_only=True):
    """What stands beside a letter: whose it is, which lines it holds (by key), and when it was mailed."""

    id: str
    party: str
    written: date
    lines: frozenset[str]
    mailed: date | None = None
    # Of what was put right; else of what was erased.
    rectified: bool = False


class LetterBox:
    """The letters to one recipient in a folder; the JSON file, written last, makes a letter count."""

    def __init__(self, folder: Path, party: str) -> None:
        self._folder = folder
        self._party = party

    def holding(self, keys: Iterable[str]) -> dict[str, Filed]:
        """Per line key, the letter that already holds it."""
        wanted = set(keys)
        found = [filed for filed in read_all(self._folder) if filed.party == self._party]
        return {key: filed for filed in found for key in filed.lines & wanted}

    def write(self, letter: Letter, keys: frozenset[str], language: Language) -> Filed:
        """Writes text, HTML and, last, the note that makes the letter count."""
        text, html = render(letter, language)
        filed = Filed(
            id=letter.id, party=self._party, written=letter.written, lines=keys, rectified=letter.rectified
        )
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _replace(self._folder / f"{letter.id}.txt", text.encode())
            _replace(self._folder / f"{letter.id}.html", html.encode())
        except OSError:
            raise SettingsError([_UNWRITABLE]) from None
        self.note(filed)
        return filed

    def note(self, filed: Filed) -> None:
        """Writes the note beside a letter."""
        try:
            _replace(self._folder / f"{filed.id}.json", msgspec.json.encode(filed))
        except OSError:
            raise SettingsError([_UNWRITABLE]) from None

    def expire(self, today: date, months: int) -> int:
        """Deletes this folder's letters whose months are over; returns how many went."""
        return expire(self._folder, today, months)

    def texts(self, filed: Filed) -> tuple[str, str]:
        """The text and the HTML of a letter as they were written."""
        text, html = (self._folder / f"{filed.id}.{kind}" for kind in ("txt", "html"))
        return text.read_text("utf-8"), html.read_text("utf-8")


_UNWRITABLE = "letters.folder: cannot be written to; make the folder writable, or name another"


def read_all(folder: Path) -> Iterator[Filed]:
    """Every letter that counts in a folder."""
    for path in sorted(folder.glob("*.json")):
        with suppress(OSError):
            filed = json_as(path.read_bytes(), Filed)
            if filed is not None:  # else not a letter's note
                yield filed


def expire(folder: Path, today: date, months: int = KEEP_MONTHS) -> int:
    """Deletes the letters whose months are over and returns how many went."""
    gone = [filed for filed in read_all(folder) if add_months(filed.written, months) < today]
    for filed in gone:
        # The note goes last, so that a crash leaves what the next run finds.
        for kind in ("txt", "html", "json"):
            (folder / f"{filed.id}.{kind}").unlink(missing_ok=True)
    return len(gone)


def _replace(path: Path, content: bytes) -> None:
    """Puts content in a file's place whole, on disk before it shows under its name."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".letter-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows cannot open a folder
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
