"""The head of the ledger: its newest event, written beside the reports, so that an older ledger is noticed.

A ledger that does not know the event that stands there was restored from an older copy, or begun anew: it has
forgotten holds, objections and approvals, and nothing is erased under it until a named person accepts that.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from connector.errors import GallraError, LedgerForgot
from connector.ledger import schema
from connector.ledger.proof.audit import public_keys
from connector.ledger.proof.signed_file import SIGNATURE, is_signed, own_checksum
from connector.ledger.store import Ledger
from connector.machine.files import write_text
from connector.records import Value
from connector.text.decoding import json_as

ACCEPTED = "ledger_accepted"
RESTORED = "ledger_restored"


class Head(Value, frozen=True, kw_only=True):
    """An event of a shop's ledger: its number, when it was, and its digest, which binds all before it."""

    shop: str
    event: int
    at: str
    digest: str


def newest(ledger: Ledger, connection: Connection) -> Head | None:
    """The newest event of the shop; None where nothing has happened yet."""
    table = schema.event
    chosen = select(table).where(table.c.shop == ledger.shop).order_by(table.c.seq.desc()).limit(1)
    row = connection.execute(chosen).first()
    return None if row is None else _head(row)


def knows(ledger: Ledger, connection: Connection, head: Head) -> bool:
    """Whether the ledger holds this very event."""
    table = schema.event
    row = connection.execute(
        select(table).where(table.c.shop == ledger.shop, table.c.seq == head.event)
    ).first()
    return row is not None and _head(row) == head


def _head(row: Any) -> Head:
    return Head(shop=row.shop, event=row.seq, at=row.at, digest=row.digest)


def file_of(folder: Path, shop: str) -> Path:
    """Where the head of a shop's ledger is written."""
    return folder / f"ledger-head-{shop}.json"


def written(folder: Path, shop: str) -> Head | None:
    """The head that was written last; None where none was, or it cannot be read."""
    try:
        found = json_as(file_of(folder, shop).read_bytes(), Head)
    except OSError:
        return None
    return found if found is not None and found.shop == shop else None


def _unreadable(folder: Path, shop: str) -> bool:
    """Whether a head stands there that cannot be read: damaged is not the same as never written."""
    return file_of(folder, shop).exists() and written(folder, shop) is None


def remember(ledger: Ledger, *, folder: Path) -> None:
    """Writes the newest event beside the reports, unless the ledger has forgotten the one that stands there.

    A folder that cannot be written stops nothing here: whoever writes a report into it is told.
    """
    before = written(folder, ledger.shop)
    if before is None and _unreadable(folder, ledger.shop):
        return
    with suppress(GallraError):
        with ledger.apart() as connection:
            if before is not None and not knows(ledger, connection, before):
                return
            now = newest(ledger, connection)
        if now is not None and now != before:
            _write(folder, now)


def _write(folder: Path, head: Head) -> None:
    write_text(file_of(folder, head.shop), msgspec.json.encode(head).decode())


def forgotten(ledger: Ledger, connection: Connection, folder: Path) -> str:
    """What this ledger has forgotten, as a person reads it; empty where it has forgotten nothing."""
    head = written(folder, ledger.shop)
    if head is not None and not knows(ledger, connection, head):
        return (
            f"This ledger does not know what happened last (event {head.event} of {head.at}): it is older, "
            "or another, than the one that the reports are of"
        )
    if head is None and _unreadable(folder, ledger.shop):
        return f"{file_of(folder, ledger.shop)} cannot be read, so the ledger may be older than its reports"
    if newer := _newer_protocol(ledger, connection, folder):
        return (
            f"This ledger does not know protocol {newer.number}, which lies beside it and is whole: it is "
            "older, or another, than the one that wrote it"
        )
    restored = ledger.events(connection, RESTORED)
    accepted = ledger.events(connection, ACCEPTED)
    if restored and restored[-1].detail["older"] and len(accepted) < len(restored):
        return (
            f"This ledger was restored from a copy ({restored[-1].at}), and what happened since is not in it"
        )
    return ""


class _Protocol(NamedTuple):
    number: str
    digest: str


def _newer_protocol(ledger: Ledger, connection: Connection, folder: Path) -> _Protocol | None:
    """The newest protocol beside the reports where it is genuine, and neither known nor answered for."""
    beside = sorted(folder.glob(f"protocol-{ledger.shop}-[0-9]*.json"))
    digest = _genuine(connection, ledger.shop, beside[-1]) if beside else ""
    events = (*ledger.events(connection, "protocol"), *ledger.events(connection, ACCEPTED))
    if not digest or digest in {one.detail.get("digest") for one in events}:
        return None
    return _Protocol(beside[-1].stem.removeprefix("protocol-"), digest)


def _genuine(connection: Connection, shop: str, file: Path) -> str:
    """A protocol's checksum where the file is as it was written, and signed where this ledger signs."""
    beside, keys = file.with_suffix(SIGNATURE), public_keys(connection, shop)
    try:
        text = file.read_bytes()
        if keys and not is_signed(text, beside, keys):
            return ""
    except (OSError, ValueError):
        return ""
    return own_checksum(text)


def must_remember(ledger: Ledger, folder: Path) -> None:
    """Refuses a ledger that has forgotten something, until somebody answers for it. Raises LedgerForgot."""
    with ledger.begin() as connection:
        what = forgotten(ledger, connection, folder)
    if what:
        raise LedgerForgot(
            f"{what}. It has forgotten holds, objections and approvals of that time, so nothing is erased. "
            "Restore the newer ledger; or place those holds again, then `gallra ledger accept --by NAME`."
        )


def accept(ledger: Ledger, folder: Path, *, by: str) -> str:
    """A named person answers for a ledger that has forgotten; what it had. Empty where it has not."""
    head = written(folder, ledger.shop)
    with ledger.begin() as connection:
        what = forgotten(ledger, connection, folder)
        if not what:
            return ""
        newer = _newer_protocol(ledger, connection, folder)
        beside: dict[str, Any] = {} if newer is None else {"digest": newer.digest}
        count = len(ledger.events(connection, RESTORED)) - len(ledger.events(connection, ACCEPTED))
        for _ in range(max(count, 1)):  # each restoring is answered for
            if head is not None and not knows(ledger, connection, head):
                ledger.event(connection, ACCEPTED, by=by, event=head.event, since=head.at, **beside)
            else:
                ledger.event(connection, ACCEPTED, by=by, **beside)
        now = newest(ledger, connection)
    if now is not None:
        _write(folder, now)
    return what
