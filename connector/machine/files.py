"""Files that are whole or not there, and their owner's alone from the first byte."""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.errors import GallraError

MAY_NOT = (
    "Give the user that Gallra runs as the right to write in that folder, or name another folder in the "
    "settings"
)
FULL = "Make room on that disk; nothing was lost"
PRIVATE = 0o600
"""What a file of Gallra's own lets be done with it: read and written by its owner."""


def text_of(path: Path) -> str:
    """The text of a file that a person wrote; the mark that some editors put before it is no part of it."""
    return path.read_text(encoding="utf-8-sig")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the system says about a file that cannot be written into a sentence."""
    try:
        yield
    except OSError as fault:
        remedy = FULL if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else MAY_NOT
        why = os.strerror(fault.errno or 0)
        raise GallraError(f"{path} cannot be written ({why}). {remedy}; then run again.") from None


def made_private(path: Path) -> None:
    """Makes the file, empty and its owner's alone, where there is none; narrows one that is wider.

    What a database writes beside it (log, shared memory, journal) takes its rights over.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE))
        except FileExistsError:
            narrow(path)


def narrow(path: Path) -> bool:
    """Takes from everyone but its owner what a file lets be done with it; whether it is so now.

    A file of another owner's, or on a disk that knows no rights, stays as it is.
    """
    try:
        if path.stat().st_mode & 0o777 & ~PRIVATE:
            path.chmod(PRIVATE)
        return not path.stat().st_mode & 0o777 & ~PRIVATE
    except FileNotFoundError:
        return True
    except PermissionError:
        return False


def write_text(path: Path, text: str, *, mode: int = PRIVATE) -> None:
    """Writes a file that its owner alone may read, unless `mode` lets others too."""
    write_lines(path, [text], mode=mode)


def write_lines(path: Path, lines: Iterable[str], *, mode: int = PRIVATE) -> None:
    """Writes pieces of text one by one; memory stays flat."""
    _write(path, (line.encode("utf-8") for line in lines), mode=mode)


def write_bytes(path: Path, content: bytes, *, mode: int = PRIVATE) -> None:
    """Writes a file of bytes that its owner alone may read, whole or not at all."""
    _write(path, [content], mode=mode)


def _write(path: Path, pieces: Iterable[bytes], *, mode: int) -> None:
    beside = path.with_name(f".{path.name}.part")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)  # one that a crash left behind may be another's, or wider
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with writing(path), os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        with writing(path):
            beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)  # half a file is worth nothing, and takes room
        raise
