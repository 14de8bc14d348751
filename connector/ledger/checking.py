"""What `gallra ledger check` looks at: whether the ledger is whole, private, and not forgetful."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from connector.errors import GallraError
from connector.ledger.dialect import of
from connector.ledger.head import forgotten
from connector.ledger.sealing import how_many, opens
from connector.ledger.shredding import NOT_EMPTIED, shred
from connector.ledger.store import BESIDE, Ledger, file_of
from connector.ledger.vault import Vault
from connector.machine.files import PRIVATE
from connector.records import Value


class Finding(Value, frozen=True, kw_only=True):
    """One thing that was looked at: whether it is as it should be, and what a person reads."""

    name: str
    sound: bool
    told: str


def check(ledger: Ledger, folder: Path, vault: Vault | GallraError) -> tuple[Finding, ...]:
    """Everything that can be known of a ledger without asking anybody; it changes nothing but its log."""
    with ledger.begin() as connection:
        found = [*_of_tables(connection), _of_head(ledger, connection, folder)]
        sealed = how_many(connection)
    return (*found, _of_vault(ledger, vault, sealed), *_of_files(ledger), _of_log(ledger))


def _of_tables(connection: Connection) -> Iterator[Finding]:
    for name, sound, told in of(connection).looked_at(connection):
        yield Finding(name=name, sound=sound, told=told)


def _of_head(ledger: Ledger, connection: Connection, folder: Path) -> Finding:
    what = forgotten(ledger, connection, folder)
    told = what or "nothing is forgotten that the reports know of"
    return Finding(name="head", sound=not what, told=told)


def _of_vault(ledger: Ledger, vault: Vault | GallraError, sealed: int) -> Finding:
    if isinstance(vault, GallraError):
        return Finding(name="vault", sound=False, told=f"{sealed} handles are sealed, and {vault}")
    lost = opens(ledger, vault)
    told = f"{lost} of {sealed} sealed handles do not open" if lost else f"{sealed} sealed handles, all open"
    return Finding(name="vault", sound=not lost, told=told)


def _of_files(ledger: Ledger) -> Iterator[Finding]:
    file = file_of(ledger.engine)
    if file is None:
        return
    paths = [path for end in ("", *BESIDE) if (path := file.with_name(file.name + end)).exists()]
    wide = [path.name for path in paths if path.stat().st_mode & 0o777 & ~PRIVATE]
    told = f"others may read {', '.join(wide)}: run chmod 600 on it" if wide else "its owner's alone"
    yield Finding(name="rights", sound=not wide, told=told)


def _of_log(ledger: Ledger) -> Finding:
    emptied = shred(ledger)
    told = ledger.dialect.SHREDDED if emptied else NOT_EMPTIED
    return Finding(name="log", sound=emptied, told=told)
