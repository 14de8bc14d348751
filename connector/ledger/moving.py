"""Moving a shop's ledger from a file to a server, and back: carried whole, and closed where it lay.

Nobody writes at the old place from the first look to the last word there: a process that ends in between
leaves the old ledger as it was, or both, the old one without a word more than the new one. Moved again, it is
closed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select

from connector.errors import GallraError, LedgerError
from connector.ledger import schema
from connector.ledger.backup import new_file
from connector.ledger.carrying import carry, emptied, is_empty
from connector.ledger.dialect.postgres import Server, on_server
from connector.ledger.head import newest
from connector.ledger.proof.audit import breaks
from connector.ledger.proof.gate import must_be_unchanged, sealer_in_force
from connector.ledger.store import Around, Ledger, is_there, open_ledger
from connector.machine.files import text_of
from connector.records import Value

LEDGER_MOVED = "ledger_moved"

_SQLITE = b"SQLite format 3\0"  # how every such file begins (sqlite.org: Database File Format)


class Moved(Value, frozen=True, kw_only=True):
    """What was carried: rows by table; none where an earlier try had carried them and was ended."""

    rows: dict[str, int]
    by: str


def old_place(file: Path, shop: str) -> Path | Server:
    """Where a ledger lay: the file itself, or the address in it. Raises GallraError where it is neither."""
    if not file.is_file():
        raise GallraError(f"{file} is no file. Name the old ledger, or a file that holds its address.")
    with file.open("rb") as opened:
        if opened.read(len(_SQLITE)) == _SQLITE:
            return file
    return on_server(text_of(file), shop)


def move(source: Ledger, place: Path | Server, *, by: str, around: Around) -> Moved:
    """Carries a shop's ledger to a place where there is none of it, and closes it where it was.

    Raises Altered where it was changed by hand, GallraError where there is another at the new place,
    LedgerError where a row is not there as it was here; the old ledger is as it was then.
    """
    must_be_unchanged(source)
    with source.begin() as old:
        source.dialect.take_turn(old)
        _must_be_open(source, old)
        head = newest(source, old)
        known = head.digest if head is not None else ""
        rows: dict[str, int] = {}
        if not _is_carried(place, source, known):
            with _target(place, source, around) as target:
                rows = _carry(source, old, target, by=by, head=known)
        name = schema.MOVED + source.shop
        old.execute(insert(schema.meta).values(name=name, value=source.now()))
    return Moved(rows=rows, by=by)


def _carry(source: Ledger, old: Connection, target: Ledger, *, by: str, head: str) -> dict[str, int]:
    with target.begin() as new:
        target.dialect.take_turn(new)
        if not is_empty(new, target.shop) and not _is_closed(new, target.shop):
            raise GallraError(
                f"There is a ledger of shop {target.shop} at the new place already, and it has gone its own "
                "way. Move one of the two away; nothing was changed."
            )
        emptied(new, target.shop)
        _open_again(new, target.shop)
        rows = carry(old, new, source.shop, sealed=True)
        broken = next(breaks(new, target.shop, sealer_in_force(target, new)), None)
        if broken is not None:
            raise LedgerError(
                f"The chain does not hold at the new place: {broken}. Nothing was moved; run it again."
            )
        target.event(new, LEDGER_MOVED, by=by, digest=head, rows=sum(rows.values()))
    return rows


@contextmanager
def _target(place: Path | Server, source: Ledger, around: Around) -> Iterator[Ledger]:
    """The new ledger; in a file it is there once all of it is."""
    if isinstance(place, Path):
        with new_file(place, shop=source.shop, clock=source.clock, around=around) as made:
            yield made
        return
    with _opened(place, source.shop, source.clock, around) as ledger, ledger.dialect.one_run(ledger):
        yield ledger


@contextmanager
def _opened(
    place: Path | Server, shop: str, clock: Callable[[], datetime], around: Around
) -> Iterator[Ledger]:
    ledger = open_ledger(place, shop=shop, clock=clock, around=around._replace(also_closed=True))
    try:
        yield ledger
    finally:
        ledger.engine.dispose()


def _is_carried(place: Path | Server, source: Ledger, head: str) -> bool:
    """Whether an earlier try carried the ledger as it stands, and was ended before it closed the old one."""
    if not is_there(place):
        return False
    with _opened(place, source.shop, source.clock, Around()) as target, target.begin() as connection:
        moved = target.events(connection, LEDGER_MOVED)
        return bool(moved) and bool(head) and moved[-1].detail["digest"] == head


def _must_be_open(source: Ledger, connection: Connection) -> None:
    if _is_closed(connection, source.shop):
        raise GallraError(
            f"The ledger of shop {source.shop} was moved from there already. Nothing is left to move; let "
            "ledger.path or ledger.url name where it lies now."
        )


def _is_closed(connection: Connection, shop: str) -> bool:
    table = schema.meta
    return connection.scalar(select(table.c.name).where(table.c.name == schema.MOVED + shop)) is not None


def _open_again(connection: Connection, shop: str) -> None:
    table = schema.meta
    connection.execute(table.delete().where(table.c.name == schema.MOVED + shop))


__all__ = ["LEDGER_MOVED", "Moved", "move", "old_place"]
