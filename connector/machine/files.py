"""Files that are whole or not there: written beside, synced, then moved into place."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.errors import GallraError


def text_of(path: Path) -> str:
    """The text of a file that a person wrote; the mark that some editors put before it is no part of it."""
    return path.read_text(encoding="utf-8-sig")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the system says about a file that cannot be written into a sentence."""
    try:
        yield
    except OSError as fault:
        raise GallraError(
            f"{path} cannot be written ({os.strerror(fault.errno or 0)}). Give the user that Gallra runs as "
            "the right to write in that folder, or name another folder in the settings; then run again."
        ) from None


def write_text(path: Path, text: str) -> None:
    """Writes a file that its owner alone may read."""
    write_lines(path, [text])


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Writes pieces of text one by one; memory stays flat."""
    beside = path.with_name(f".{path.name}.part")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with writing(path), os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        for line in lines:
            file.write(line)
        file.flush()
        os.fsync(file.fileno())
    with writing(path):
        beside.replace(path)
