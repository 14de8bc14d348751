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

_NOT_REACHED = (
    "The database that ledger.url names cannot be reached. Check the address, the user and the password in "
    "it, and that the server runs and lets this machine in; nothing was lost, run again."
)
_STATES = {
    "28": (
        "The database that ledger.url names does not let this user in. Correct the user or the password in "
        "the secret; nothing was changed."
    ),
    "3D000": "The server has no database by the name in ledger.url. Make it, or correct the name.",
    "42501": (
        "The user in ledger.url may not write there. Give it the right to make a schema in the database "
        "(GRANT CREATE ON DATABASE), or to write in the shop's own; nothing was changed."
    ),
    "53100": "The disk of the database is full. Make room; nothing was lost, run again.",
    "53300": (
        "The server takes no more connections. Let it take more (max_connections), or run fewer shops at "
        "once; nothing was lost, run again."
    ),
    "57P": "The server was ending or just beginning. Nothing was lost; run again.",
    "25006": (
        "The database that ledger.url names takes no writes: it is a copy of another. Let ledger.url name "
        "the one that is written; nothing was changed."
    ),
    "08": _NOT_REACHED,
    "XX": (
        "The ledger's database is damaged. Restore it by the server's own means; nothing is written until "
        "then."
    ),
}
"""What the classes of PostgreSQL's SQLSTATE mean, the longest that fits (postgresql.org: Error Codes)."""


def ledger_fault(fault: DBAPIError) -> LedgerError:
    """The error that a fault of the database is; never with the database's own words, which quote values."""
    return sentence(fault.orig)


def sentence(fault: BaseException | None) -> LedgerError:
    """The error that a fault of the database's own driver is."""
    code = getattr(fault, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in _BUSY or state_of(fault) in _BUSY_STATES:
        return LedgerBusy(
            "Another program holds the ledger: a backup that copies it, a program that shows databases, or "
            "another gallra command. Nothing was lost; run again when it has ended."
        )
    if said := _SENTENCES.get(primary or 0) or _of_server(fault):
        return LedgerError(said)
    return LedgerError(
        "The ledger cannot be read or written. Check that its disk has room and is whole, and the file's "
        "owner; nothing was lost, run again."
    )


def state_of(fault: BaseException | None) -> str | None:
    """The SQLSTATE that a server gave; None for any other fault, and where it gave no answer."""
    found = getattr(fault, "sqlstate", None)
    return found if isinstance(found, str) else None


def _of_server(fault: BaseException | None) -> str:
    """The sentence of a fault of a server; empty for any other."""
    if fault is None or not type(fault).__module__.startswith("psycopg"):
        return ""
    state = state_of(fault)
    if state is None:  # no answer at all, or the connection broke
        return _NOT_REACHED if type(fault).__name__ in ("OperationalError", "ConnectionTimeout") else ""
    return next((_STATES[state[:n]] for n in (5, 3, 2) if state[:n] in _STATES), "")
