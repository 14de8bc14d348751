"""The lock of one shop's ledger: two runs never overlap, also where somebody removed the lock file."""

import fcntl
import hashlib
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from connector.errors import RetryLater
from connector.machine.files import PRIVATE, narrow, writing

_TRIES = 10  # a file that is removed between opening and locking it is opened again


@contextmanager
def only_run(path: Path, shop: str) -> Iterator[None]:
    """Holds the lock of this file. Raises RetryLater where another run holds it.

    The file names the run's number of process. Who removes it takes nobody's lock away: on Linux the
    name of the file is held as well, by a socket that is no file.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path, shop) as handle, _name_held(path, shop):
        with suppress(OSError):  # a full disk: the number is for the reader alone
            handle.truncate(0)
            handle.write(f"{os.getpid()}\n")
            handle.flush()
        yield


@contextmanager
def _locked(path: Path, shop: str) -> Iterator[TextIO]:
    for _ in range(_TRIES):
        with writing(path):
            number = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, PRIVATE)
        with os.fdopen(number, "a+", encoding="ascii", errors="replace") as handle:
            narrow(path)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.seek(0)
                raise _under_way(shop, handle.read(20).strip()) from None
            if _is_still(path, handle):
                yield handle
                return
    raise _under_way(shop, "")


def _is_still(path: Path, handle: TextIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle.fileno()))
    except FileNotFoundError:
        return False


@contextmanager
def _name_held(path: Path, shop: str) -> Iterator[None]:
    if sys.platform != "linux":
        yield
        return
    name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as held:
        try:
            held.bind(f"\0gallra-{name}")
        except OSError:
            raise RetryLater(
                f"Another run of shop {shop} is under way, and its lock file was removed meanwhile. Leave "
                f"{path.name} alone, and try again when that run has ended.",
                adapter="ledger", operation="lock",
            ) from None  # fmt: skip
        yield


def _under_way(shop: str, process: str) -> RetryLater:
    who = f" (process {process})" if process.isdigit() else ""
    return RetryLater(
        f"Another run of shop {shop} is under way{who}. Try again when it has ended.",
        adapter="ledger", operation="lock",
    )  # fmt: skip
