"""What a fault of the database means to whoever runs Gallra: a sentence each, with what to do next."""

import sqlite3

from sqlalchemy.exc import DBAPIError

from connector.errors import LedgerBusy, LedgerError

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_BUSY_STATES = ("55P03", "57014", "40001", "40P01")  # PostgreSQL: lock not available, cancelled, deadlock
_SENTENCES = {
    sqlite3.SQLITE_READONLY: (
        "The ledger, or the folder it lies in, is read-only here. Give the user that Gallra runs as the "
        "right to write both; nothing was changed."
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The ledger cannot be opened. Check ledger.path, that its folder is there and that the user that "
        "Gallra runs as may write in it."
    ),
    sqlite3.SQLITE_FULL: "The disk of the ledger is full. Make room; nothing was lost, run again.",
    sqlite3.SQLITE_CORRUPT: (
        "The ledger is damaged. Restore it from a backup; nothing is written until then."
    ),
    sqlite3.SQLITE_NOTADB: (
        "The file in ledger.path is no ledger. Correct the path, or restore the ledger from a backup."
    ),
}


def ledger_fault(fault: DBAPIError) -> LedgerError:
    """The error that a fault of the database is; never with the database's own words, which quote values."""
    return sentence(fault.orig)


def sentence(fault: BaseException | None) -> LedgerError:
    """The error that a fault of the database's own driver is."""
    code = getattr(fault, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in _BUSY or getattr(fault, "sqlstate", None) in _BUSY_STATES:
        return LedgerBusy(
            "Another program holds the ledger: a backup that copies it, a program that shows databases, or "
            "another gallra command. Nothing was lost; run again when it has ended."
        )
    if primary in _SENTENCES:
        return LedgerError(_SENTENCES[primary])
    return LedgerError(
        "The ledger cannot be read or written. Check that its disk has room and is whole, and the file's "
        "owner; nothing was lost, run again."
    )
