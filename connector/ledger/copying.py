"""Copies of a ledger: before a migration, as a backup. None holds what is sealed, or a key of it.

A copy is made row by row into a new file, so that what is left out never stands in it, not even in a page
that is free. Only SQLite's ledgers are copied here; a server's are copied by the server's own means.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from connector.errors import GallraError
from connector.ledger.schema import SECRET, SECRET_META
from connector.machine.files import PRIVATE, writing

KEPT_DAYS = 30
"""How long a copy that was made before a migration is kept."""

_BEFORE = ".before-"


def before_migration(file: Path, version: str) -> Path:
    """Copies a ledger beside itself before it is brought up to date from this version; the copy's path."""
    target = file.with_name(f"{file.name}{_BEFORE}{version}")
    target.unlink(missing_ok=True)
    copy_without_secrets(file, target)
    return target


def old_copies(file: Path, *, older_than: float) -> Iterator[Path]:
    """The copies beside a ledger that were made before migrations, before this moment (seconds)."""
    for path in file.parent.glob(f"{file.name}{_BEFORE}*"):
        if path.stat().st_mtime < older_than:
            yield path


def copy_without_secrets(source: Path, target: Path) -> None:
    """Writes a copy of a ledger, as it stands at one moment, that only its owner may read.

    Raises GallraError where there is a file by that name, or it cannot be written.
    """
    beside = target.with_name(f".{target.name}.part")
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        if target.exists():
            raise GallraError(f"{target} exists and was left alone. Name another file.")
        os.close(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE))
    try:
        with _faults(), closing(sqlite3.connect(source, isolation_level=None)) as connection:
            connection.execute("PRAGMA busy_timeout=10000")
            connection.execute("ATTACH DATABASE ? AS copy", (str(beside),))
            connection.execute("PRAGMA copy.journal_mode=OFF")
            connection.execute("BEGIN")
            _copy(connection)
            connection.execute("COMMIT")
        _settled(beside)
        with writing(target):
            beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _copy(connection: sqlite3.Connection) -> None:
    made = connection.execute(
        "SELECT type, name, sql FROM main.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    for kind, name, sql in sorted(made, key=lambda one: one[0] != "table"):  # tables, then their indexes
        what = f"{kind.upper()} " if kind == "table" else "INDEX "
        at = sql.upper().index(what) + len(what)
        connection.execute(f"{sql[:at]}copy.{sql[at:].lstrip()}")
        if kind == "table":
            _copy_rows(connection, name)


def _copy_rows(connection: sqlite3.Connection, table: str) -> None:
    """Copies a table; a sealed value becomes none, and where the table allows none, its row is left out."""
    columns = connection.execute(f'PRAGMA main.table_info("{table}")').fetchall()
    needed = any(name in SECRET and must for _, name, _, must, *_ in columns)
    if needed:
        return
    names = ", ".join(f'"{name}"' for _, name, *_ in columns)
    values = ", ".join("NULL" if name in SECRET else f'"{name}"' for _, name, *_ in columns)
    left_out = " WHERE name NOT IN ({})".format(", ".join("?" * len(SECRET_META))) if table == "meta" else ""
    given = tuple(SECRET_META) if left_out else ()
    # Every name is that of a table or column of the ledger's own schema.
    connection.execute(
        f'INSERT INTO copy."{table}" ({names}) SELECT {values} FROM main."{table}"{left_out}',  # noqa: S608
        given,
    )


def _settled(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _faults() -> Iterator[None]:
    """Turns a fault of SQLite into the ledger's own sentence."""
    from connector.ledger.faults import sentence

    try:
        yield
    except sqlite3.Error as fault:
        raise sentence(fault) from None


__all__ = ["KEPT_DAYS", "before_migration", "copy_without_secrets", "old_copies"]
