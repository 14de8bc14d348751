"""Writes what the answers became: each file its owner's alone, and the settings last.

A try that was ended in the middle has left no settings, so the next one begins anew and takes its place.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from connector.errors import GallraError
from connector.machine.files import text_of, write_text
from connector.machine.lock import only_run
from connector.records import Value
from connector.setup.beside import ignoring
from connector.setup.compose import Draft, in_files
from connector.setup.keys import key_files, make

LOCK = ".gallra-init.lock"
"""Held while a shop's files are written: of two people with one name for two shops, the second is refused."""


class Written(Value, frozen=True, kw_only=True):
    """What was written: the settings, letter and secrets, the keys that were made, and the .gitignore."""

    files: tuple[Path, ...]
    keys: tuple[Path, ...] = ()
    kept_out: tuple[Path, ...] = ()

    @property
    def settings(self) -> Path:
        """The shop's own file."""
        return self.files[0]

    @property
    def all(self) -> tuple[Path, ...]:
        """Every file."""
        return self.files + self.keys + self.kept_out


def write_shop(made: Draft, folder: Path, typed: Mapping[str, str]) -> Written:
    """Writes a shop's secrets, keys, letter and settings; `typed` are secrets by their key in [platform].

    Raises GallraError, and writes nothing, where the settings are there, or another shop's name a secret's
    file; RetryLater while somebody else writes here.
    """
    path, letter = folder / f"{made.shop_id}.toml", folder / f"{made.shop_id}-revisor.txt"
    secrets = {folder / f"{made.shop_id}-{key}.secret": text for key, text in typed.items()}
    lock = folder / LOCK
    with only_run(lock, made.shop_id):
        try:
            _must_be_new(path, secrets)
            keys = make([folder / name for name in key_files().values()])
            kept_out = keep_out_of_repositories(folder)
            texts = {**secrets, letter: made.letter, path: in_files(made, typed)}
            for one, text in texts.items():
                write_text(one, text)
        finally:
            lock.unlink(missing_ok=True)
    return Written(files=(path, letter, *secrets), keys=tuple(keys), kept_out=tuple(kept_out))


def _must_be_new(path: Path, secrets: Iterable[Path]) -> None:
    if path.exists():
        raise GallraError(f"{path} exists and was left alone. Move it away, or choose another shop id.")
    there = [one for one in secrets if one.exists()]
    for other in sorted(path.parent.glob("*.toml")) if there else ():
        for one in there:
            if one.name in _text_of(other):
                raise GallraError(
                    f"{one} is a secret of {other.name} and was left alone. Choose another shop id."
                )


def _text_of(path: Path) -> str:
    try:
        return text_of(path)
    except (OSError, ValueError):
        return ""


def keep_out_of_repositories(folder: Path) -> list[Path]:
    """Adds to the folder's .gitignore what holds personal data or opens it; the file where it changed."""
    path = folder / ".gitignore"
    there = text_of(path) if path.exists() else ""
    wanted = ignoring(there)
    if wanted == there:
        return []
    write_text(path, wanted)
    return [path]
