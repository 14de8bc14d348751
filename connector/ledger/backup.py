"""Backups of a ledger: written without what is sealed, put back with what is lost named for a person."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from connector.errors import GallraError, LedgerError
from connector.ledger import schema
from connector.ledger.carrying import carry, emptied, is_empty
from connector.ledger.copying import copy_without_secrets
from connector.ledger.dialect.postgres import Server
from connector.ledger.faults import sentence
from connector.ledger.head import RESTORED, knows, written
from connector.ledger.shredding import shred
from connector.ledger.store import BESIDE, Around, Ledger, ReadSeal, file_of, is_there, no_seal, open_ledger
from connector.ledger.stranded import name_what_is_lost, read_all_again
from connector.machine.files import writing
from connector.records import Value


def back_up(engine: Engine, target: Path, *, shop: str, now: datetime) -> Path:
    """Writes a copy of the ledger as it stands, without what is sealed; in a folder, under its own name.

    Returns the copy's path. Raises GallraError where there is a file by that name.
    """
    file = file_of(engine)
    if target.is_dir():
        target = target / f"ledger-{shop}-{now:%Y%m%dT%H%M%S}.sqlite"
    if file is not None:
        copy_without_secrets(file, target)
        return target
    with new_file(target, shop=shop, clock=lambda: now) as copy:
        # One moment: what others write meanwhile is not in it.
        moment = engine.connect().execution_options(isolation_level="REPEATABLE READ")
        with moment as source, copy.begin() as connection:
            carry(source, connection, shop, sealed=False)
    return target


@contextmanager
def new_file(
    target: Path, *, shop: str, clock: Callable[[], datetime], around: Around | None = None
) -> Iterator[Ledger]:
    """A ledger in a file that is there once the block has ended well, whole and settled, and else is not.

    Raises GallraError where there is a file by that name, LedgerError where the disk does not take it.
    """
    if target.exists():
        raise GallraError(f"{target} exists and was left alone. Name another file.")
    beside = target.with_name(f"{target.name}.part")
    _take_away(beside)
    try:
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
        ledger = open_ledger(beside, shop=shop, clock=clock, around=around)
        try:
            yield ledger
            if not shred(ledger):
                raise LedgerError("The copy could not be written whole. Check the disk, then try again.")
        finally:
            ledger.engine.dispose()
        with writing(target):
            beside.replace(target)
    finally:
        _take_away(beside)


class Restored(Value, frozen=True, kw_only=True):
    """Who restores the ledger of which shop, and where the head of it stands."""

    shop: str
    folder: Path
    by: str


def put_back(
    source: Path,
    place: Path | Server,
    told: Restored,
    *,
    clock: Callable[[], datetime],
    seal: ReadSeal = no_seal,
) -> bool:
    """Puts a copy of this shop's ledger where the ledger should be, whole and settled, or not at all.

    Whether it may have forgotten something. Raises GallraError where a ledger is there, LedgerError where
    the copy is damaged or of another shop.
    """
    must_be_none(place, told.shop)
    _must_be_whole(source, told.shop)
    around = Around(seal=seal)
    with TemporaryDirectory() if isinstance(place, Server) else nullcontext(place.parent) as folder:
        name = "ledger" if isinstance(place, Server) else place.name
        beside = Path(folder, f"{name}.restoring")
        _take_away(beside)
        try:
            copy_without_secrets(source, beside)
            older = _settled(open_ledger(beside, shop=told.shop, clock=clock, around=around), told)
            if isinstance(place, Server):
                _carried(open_ledger(beside, shop=told.shop, clock=clock, around=around), place, told.shop)
            else:
                with writing(place):
                    beside.replace(place)
        finally:
            _take_away(beside)
    return older


def _carried(copy: Ledger, place: Server, shop: str) -> None:
    """From a file to the server, all of it or nothing."""
    target = open_ledger(place, shop=shop, clock=copy.clock)
    try:
        with copy.begin() as source, target.begin() as connection:
            target.dialect.take_turn(connection)
            emptied(connection, shop)
            carry(source, connection, shop, sealed=True)
    finally:
        for one in (copy, target):
            one.engine.dispose()


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


def must_be_none(place: Path | Server, shop: str) -> None:
    """Refuses to put a copy over a ledger that is there, whatever its state. Raises GallraError."""
    if isinstance(place, Server):
        _must_be_empty(place, shop)
        return
    ledger_file = place
    there = [path for end in ("", *BESIDE) if (path := Path(f"{ledger_file}{end}")).exists()]
    if there:
        raise GallraError(
            f"There is a ledger already ({', '.join(path.name for path in there)}). Move it away first, all "
            "of these files together; then restore again."
        )


def _must_be_empty(place: Server, shop: str) -> None:
    if not is_there(place):
        return
    ledger = open_ledger(place, shop=shop, clock=lambda: datetime.now(UTC))
    try:
        with ledger.begin() as connection:
            if is_empty(connection, shop):
                return
    finally:
        ledger.engine.dispose()
    raise GallraError(
        f"There is a ledger of shop {shop} on the server already. Move it away first (ALTER SCHEMA "
        f'"{place.schema}" RENAME TO …); then restore again.'
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
