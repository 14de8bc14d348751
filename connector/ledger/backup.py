"""Backups of a ledger: written without what is sealed, put back with what is lost named for a person."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from connector.errors import GallraError, LedgerError
from connector.ledger import schema
from connector.ledger.copying import copy_without_secrets
from connector.ledger.dialect.postgres import Server
from connector.ledger.faults import sentence
from connector.ledger.head import RESTORED, knows, written
from connector.ledger.shredding import shred
from connector.ledger.store import BESIDE, Around, Ledger, ReadSeal, file_of, no_seal, open_ledger
from connector.ledger.stranded import name_what_is_lost, read_all_again
from connector.machine.files import writing
from connector.records import Value


def back_up(engine: Engine, target: Path, *, shop: str, now: datetime) -> Path:
    """Writes a copy of the ledger as it stands, without what is sealed; in a folder, under its own name.

    Returns the copy's path. Raises GallraError where there is a file by that name.
    """
    file = file_of(engine)
    if file is None:
        raise GallraError("This ledger lies on a server. Back it up by the server's own means (`pg_dump`).")
    if target.is_dir():
        target = target / f"ledger-{shop}-{now:%Y%m%dT%H%M%S}.sqlite"
    copy_without_secrets(file, target)
    return target


def ledger_file(place: Path | Server) -> Path:
    """The file that the ledger is. Raises GallraError where it lies on a server."""
    if isinstance(place, Server):
        raise GallraError(
            "This ledger lies on a server. Restore it by the server's own means (`pg_restore`)."
        )
    return place


class Restored(Value, frozen=True, kw_only=True):
    """Who restores the ledger of which shop, and where the head of it stands."""

    shop: str
    folder: Path
    by: str


def put_back(
    source: Path,
    ledger_file: Path,
    told: Restored,
    *,
    clock: Callable[[], datetime],
    seal: ReadSeal = no_seal,
) -> bool:
    """Puts a copy of this shop's ledger where the ledger should be, whole and settled, or not at all.

    Whether it may have forgotten something. Raises GallraError where a ledger is there, LedgerError where
    the copy is damaged or of another shop.
    """
    must_be_none(ledger_file)
    _must_be_whole(source, told.shop)
    beside = ledger_file.with_name(f"{ledger_file.name}.restoring")
    _take_away(beside)
    try:
        copy_without_secrets(source, beside)
        older = _settled(open_ledger(beside, shop=told.shop, clock=clock, around=Around(seal=seal)), told)
        with writing(ledger_file):
            beside.replace(ledger_file)
    finally:
        _take_away(beside)
    return older


def _take_away(file: Path) -> None:
    for path in (file, *(file.with_name(file.name + end) for end in BESIDE)):
        path.unlink(missing_ok=True)


def _settled(ledger: Ledger, told: Restored) -> bool:
    """Names what the copy cannot tell any more, and notes who restored it; whether it may have forgotten.

    A copy has forgotten nothing where it knows the head that stands beside the reports.
    """
    head = written(told.folder, told.shop)
    try:
        with ledger.begin() as connection:
            older = head is None or not knows(ledger, connection, head)
            name_what_is_lost(ledger, connection)
            read_all_again(connection)
            ledger.event(connection, RESTORED, by=told.by, older=older)
        if not shred(ledger):
            raise LedgerError("The copy could not be written whole. Check the disk, then restore again.")
    finally:
        ledger.engine.dispose()
    return older


def must_be_none(ledger_file: Path) -> None:
    """Refuses to put a copy over a ledger that is there, whatever its state. Raises GallraError."""
    there = [path for end in ("", *BESIDE) if (path := Path(f"{ledger_file}{end}")).exists()]
    if there:
        raise GallraError(
            f"There is a ledger already ({', '.join(path.name for path in there)}). Move it away first, all "
            "of these files together; then restore again."
        )


def _must_be_whole(source: Path, shop: str) -> None:
    if not source.is_file():
        raise GallraError(f"{source} is no file. Name the copy that `gallra ledger backup` wrote.")
    try:
        with closing(sqlite3.connect(source.resolve().as_uri() + "?mode=ro", uri=True)) as connection:
            [[found]] = connection.execute("PRAGMA integrity_check(1)").fetchall()
            known = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            shops = {name for (name,) in connection.execute("SELECT DISTINCT shop FROM event")}
    except sqlite3.Error as fault:
        raise LedgerError(f"{source.name} cannot be restored. {sentence(fault)}") from None
    if found != "ok":
        raise LedgerError(f"{source.name} is damaged and was left alone. Restore an older copy.")
    if known is None or known[0] > schema.VERSION:
        raise LedgerError(f"{source.name} was written by a newer Gallra. Use that version, or a later one.")
    if shops and shop not in shops:
        raise LedgerError(f"{source.name} is the ledger of another shop than {shop}. Name this shop's copy.")
