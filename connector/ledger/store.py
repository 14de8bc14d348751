"""Opens the ledger: durable settings, the schema's version, keys by fingerprint, transactions."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine, insert, inspect, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.sql.dml import UpdateBase

from connector.errors import LedgerError, WrongKey
from connector.ledger import schema
from connector.ledger.dialect import Dialect, of, postgres, sqlite
from connector.ledger.dialect.postgres import Server
from connector.ledger.faults import ledger_fault
from connector.ledger.proof import links, notes
from connector.ledger.proof.commitments import joined
from connector.ledger.proof.links import Place
from connector.ledger.proof.sealer import SEAL_KEY, Sealer
from connector.machine.files import made_private, narrow
from connector.machine.user import system_user

_AT_ONCE = 500  # values in one IN (...); SQLite's own bound is 32766
_PATIENCE = 300_000  # milliseconds: a person who places a hold waits for a plan that is being written
Item = TypeVar("Item")


Sign = Callable[[str], str]
"""How a number that may not be kept is signed."""


def unsigned(_number: str) -> str:
    """Without a key a number that may not be kept cannot be asked for."""
    return ""


ReadSeal = Callable[[], Sealer | None]
"""How the seal key is read, once it is needed; None where the shop has none."""


def no_seal() -> Sealer | None:
    """A ledger of before has no seal key."""
    return None


class Event(NamedTuple):
    """What happened, and when: counts and codes."""

    at: str
    detail: dict[str, Any]


class _Mine(threading.local):
    """Whether this thread is inside a transaction, and has written an event in it."""

    is_open = False
    told = False


class Ledger:
    """One shop's view of the ledger; every write happens inside `begin()`."""

    refuses_nested = False

    def __init__(
        self,
        engine: Engine,
        *,
        shop: str,
        clock: Callable[[], datetime],
        sign: Sign = unsigned,
        around: "Around | None" = None,
    ) -> None:
        self.engine = engine
        self.dialect: Dialect = of(engine)
        self.run: int | None = None  # the number of the run that writes here, where the database keeps one
        self.shop = shop
        self.clock = clock
        self.sign = sign
        self.seal, self._after_event, self.also_closed = around or Around()
        self._mine = _Mine()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: all of it is on disk when the block ends, or none of it.

        Inside another of the same thread it is on disk before that one, and waits for what that one wrote:
        no stage relies on either, and where `refuses_nested` is set, as in tests, it raises LedgerError.
        """
        if self._mine.is_open and self.refuses_nested:
            raise LedgerError(
                "A transaction of the ledger was begun inside another. Read first, then write: hand the "
                "connection on."
            )
        outer, self._mine.is_open = self._mine.is_open, True
        try:
            with self.engine.begin() as connection:
                self.dialect.begun(connection, self)
                yield connection
        except DatabaseError as fault:
            raise ledger_fault(fault) from None
        finally:
            self._mine.is_open = outer
        if self._mine.told and not outer:
            self._mine.told = False
            self._after_event(self)

    @contextmanager
    def apart(self) -> Iterator[Connection]:
        """A transaction of its own, also in the middle of another, which writes none of the same."""
        try:
            with self.engine.begin() as connection:
                self.dialect.begun(connection, self)
                yield connection
        except DatabaseError as fault:
            raise ledger_fault(fault) from None

    @contextmanager
    def as_run(self, number: int) -> Iterator[None]:
        """All that is written meanwhile is of the run of this number, and stops where a later one began."""
        self.run = number
        try:
            yield
        finally:
            self.run = None

    def must_be_current(self) -> None:
        """To be asked before a service is: raises RunOutdated where another run has begun since."""
        if self.run is not None:
            with self.apart():
                pass

    def upsert(self, table: Any) -> Any:
        """An insert that can update on conflict, in this database's dialect."""
        return self.dialect.upsert(table)

    def turn(self, connection: Connection, *, taken: bool = False) -> int:
        """Waits for whoever else is at their turn; returns how many holds were placed or released so far.

        The first statement of its transaction, which holds the row to its end: what a hold is placed on
        and what a batch begins never cross. `taken` counts this turn as a hold placed or released.
        """
        table = schema.turn
        mine = self.upsert(table).values(shop=self.shop, number=int(taken))
        stands = table.c.number + int(taken)
        if taken:
            self.dialect.wait(connection, _PATIENCE)
        counted = mine.on_conflict_do_update(index_elements=["shop"], set_={"number": stands})
        return int(connection.scalar(counted.returning(table.c.number)) or 0)

    def now(self) -> str:
        """The present moment as the ledger writes it (ISO 8601, with offset)."""
        return self.clock().isoformat(timespec="seconds")

    def place(self, connection: Connection) -> Place:
        """Where the chain is written, and who vouches for it. Raises WrongKey without the seal's own key."""
        return Place(self.shop, self.now(), self._own_sealer(connection))

    def _own_sealer(self, connection: Connection) -> Sealer | None:
        """The seal key that this ledger is under; a new ledger is put under the one at hand.

        Asked each time: what a transaction wrote may be taken back, and another process may seal.
        """
        meta, chain = schema.meta.c, schema.chain.c
        known = connection.scalar(select(meta.value).where(meta.name == SEAL_KEY))
        if known is None and connection.scalar(select(chain.shop).limit(1)) is not None:
            return None
        sealer = self.seal() if known is None else must_be_the_seal(self.seal(), known)
        if sealer is None:
            return None
        if known is None:
            connection.execute(insert(schema.meta).values(name=SEAL_KEY, value=sealer.fingerprint))
        if connection.scalar(select(chain.shop).where(chain.shop == self.shop)) is None:
            self._begin_chain(connection, sealer)
        return sealer

    def _begin_chain(self, connection: Connection, sealer: Sealer) -> None:
        """From the first event of a new chain the key vouches for all."""
        place = Place(self.shop, self.now(), sealer)
        links.append(connection, place, links.SEALED, {"public": sealer.public, "through": 0})
        notes.note(connection, place, "meta", SEAL_KEY)
        notes.widen(connection, place)

    def event(self, connection: Connection, type: str, *, plan: int | None = None, **detail: Any) -> None:
        """Appends what happened; `detail` holds counts and codes, and names only where they stand beside.

        A name that was given `by` stands with the system's user who gave it, unless the caller says whose.
        """
        if detail.get("by"):
            detail.setdefault("user", system_user())
        links.append(connection, self.place(connection), type, detail, plan=plan)
        self._mine.told = True

    def note(self, connection: Connection, of: str, *key: Any) -> None:
        """Says in the chain how a proven row (proof/forms.py) stands now; where it was written."""
        notes.note(connection, self.place(connection), of, *key)

    def events(self, connection: Connection, type: str, *, plan: int | None = None) -> list[Event]:
        """Every event of a type, oldest first, of one plan where it is named: when, and its detail."""
        table = schema.event
        columns = (table.c.at, table.c.detail, table.c.beside)
        chosen = select(*columns).where(table.c.shop == self.shop, table.c.type == type)
        if plan is not None:
            chosen = chosen.where(table.c.plan == plan)
        rows = connection.execute(chosen.order_by(table.c.seq))
        return [Event(at, joined(detail, beside)) for at, detail, beside in rows]

    def bind_key(self, name: str, fingerprint: str) -> None:
        """Remembers a key's fingerprint; raises LedgerError when another key is at hand."""
        table = schema.meta
        with self.apart() as connection:  # a key is opened when it is first needed, in the middle of a look
            known = connection.scalar(select(table.c.value).where(table.c.name == name))
            if known is None:
                connection.execute(insert(table).values(name=name, value=fingerprint))
                self.note(connection, "meta", name)
            elif known != fingerprint:
                raise WrongKey(
                    f"Another {name} is at hand than the one this ledger was made with. "
                    "Restore the old key; every run stops until then."
                )


def must_be_the_seal(sealer: Sealer | None, fingerprint: str) -> Sealer:
    """The seal key at hand. Raises WrongKey where it is none, or another than the ledger is under."""
    if sealer is None:
        raise WrongKey(
            "This ledger is sealed, and the shop's file names no ledger.seal_key. Restore the line and the "
            "key; every run stops until then."
        )
    if sealer.fingerprint != fingerprint:
        raise WrongKey(
            "Another seal key is at hand than the one this ledger is sealed with. Restore the old key; where "
            "it is lost for good, `gallra ledger seal --by NAME --as-it-stands` takes the new one on."
        )
    return sealer


AfterEvent = Callable[[Ledger], None]
"""What is called once an event is on disk."""


def _nothing_more(_ledger: Ledger) -> None:
    pass


class Around(NamedTuple):
    """What a ledger is opened with beside its file: what vouches for it, and what follows an event."""

    seal: ReadSeal = no_seal
    after_event: AfterEvent = _nothing_more
    also_closed: bool = False  # for whoever moves a ledger: the one that was left is opened too


def in_chunks(values: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The values in lists short enough for one IN (...)."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def write_many(connection: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> None:
    """Runs one statement for many rows of like keys: compiled once, the values handed on as they are.

    Every column without a value in the statement must be in the rows: no default is filled in.
    """
    if rows:
        of(connection).write_rows(connection, statement, rows)


def write_tuples(
    connection: Connection, statement: UpdateBase, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Like write_many, for rows that are tuples in the order of `names`: no dict is made of each."""
    if rows:
        of(connection).write_tuples(connection, statement, names, rows)


_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps what it migrates in its module: two ledgers of one process are opened one after the other."""

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite writes beside a ledger, by the ending of its name."""


def file_of(engine: Engine) -> Path | None:
    """The file that the ledger is; None where a server holds it, or it is in memory alone."""
    name = engine.url.database if engine.dialect.name == "sqlite" else None
    return Path(name) if name and name != ":memory:" and not name.startswith("file:") else None


def is_there(place: Path | Server) -> bool:
    """Whether there is a ledger; looking makes none, and a file with nothing in it is none."""
    if isinstance(place, Server):
        try:
            return postgres.exists(place)
        except DatabaseError as fault:
            raise ledger_fault(fault) from None
    return place.exists() and (place.is_dir() or place.stat().st_size > 0)


def _copy_first(ledger: Ledger, file: Path | None) -> None:
    """Copies a ledger of an earlier schema, without what is sealed, before it is migrated."""
    if file is None or file.stat().st_size == 0:
        return
    with ledger.begin() as connection:
        known = _version_of(connection)
    if known is not None and known < schema.VERSION:
        from connector.ledger.copying import before_migration

        before_migration(file, known)


def _version_of(connection: Connection) -> str | None:
    """The schema's number that a ledger was left with; None for one without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def _engine_of(path: Path | str, _shop: str) -> Engine:
    return sqlite.engine_of(str(path) if "://" in str(path) else f"sqlite:///{path}")


def open_ledger(
    path: Path | str | Server,
    *,
    shop: str,
    clock: Callable[[], datetime],
    sign: Sign = unsigned,
    around: Around | None = None,
) -> Ledger:
    """Opens, and where needed makes, the ledger in a file, at a file's URL or on a server."""
    engine = postgres.engine_of(path) if isinstance(path, Server) else _engine_of(path, shop)
    file = file_of(engine)
    if file is not None:
        made_private(file)
        for beside in BESIDE:
            narrow(file.with_name(file.name + beside))
    ledger = Ledger(engine, shop=shop, clock=clock, sign=sign, around=around)
    try:
        _copy_first(ledger, file)
        with _ONE_AT_A_TIME, ledger.begin() as connection:
            migrated = _bring_up_to_date(connection)
            ledger.dialect.ready(connection, ledger)
            if not ledger.also_closed:
                _must_lie_here(connection, shop)
    except BaseException:
        engine.dispose()
        raise
    if migrated:
        engine.dispose()  # the next connection has its foreign keys on again
    return ledger


def _must_lie_here(connection: Connection, shop: str) -> None:
    """Refuses a ledger that was moved elsewhere. Raises LedgerError."""
    table = schema.meta
    since = connection.scalar(select(table.c.value).where(table.c.name == schema.MOVED + shop))
    if since is not None:
        raise LedgerError(
            f"The ledger of shop {shop} was moved from here ({since}), and what is left here is not used any "
            "more. Let ledger.path or ledger.url name where it lies now; nothing was changed."
        )


def _bring_up_to_date(connection: Connection) -> bool:
    """Makes or migrates the tables; whether it did. Raises LedgerError for one that a newer Gallra wrote."""
    known = _version_of(connection)
    if known == schema.VERSION:
        return False
    if known is not None and known > schema.VERSION:
        raise LedgerError(
            f"A newer Gallra wrote this ledger (schema {known}, this one writes {schema.VERSION}). "
            "Use that version or a later one; nothing was changed."
        )
    # Alembic is loaded only where there is something to do.
    from connector.ledger import migrations

    dialect = of(connection)
    dialect.before_migration(connection)
    if _version_of(connection) == schema.VERSION:
        return False  # somebody else has brought it up to date meanwhile
    migrations.upgrade(connection)
    if not dialect.fits_together(connection):
        raise LedgerError(
            "The ledger's tables do not fit together after the migration, so it was left as it was. "
            "Restore it from a backup, or report this with the version it was made with."
        )
    return True
