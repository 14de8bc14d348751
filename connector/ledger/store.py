"""Opens the ledger: durable settings, the schema's version, keys by fingerprint, transactions."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DatabaseError
from sqlalchemy.sql.dml import UpdateBase

from connector.errors import LedgerError, WrongKey
from connector.ledger import schema
from connector.ledger.faults import ledger_fault
from connector.machine.files import writing
from connector.machine.user import system_user

_AT_ONCE = 500  # values in one IN (...); SQLite's own bound is 32766
_PATIENCE = 300_000  # milliseconds: a person who places a hold waits for a plan that is being written
Item = TypeVar("Item")


Sign = Callable[[str], str]
"""How a number that may not be kept is signed."""


def unsigned(_number: str) -> str:
    """Without a key a number that may not be kept cannot be asked for."""
    return ""


class Event(NamedTuple):
    """What happened, and when: counts and codes."""

    at: str
    detail: dict[str, Any]


class _Mine(threading.local):
    """Whether this thread is inside a transaction."""

    is_open = False


class Ledger:
    """One shop's view of the ledger; every write happens inside `begin()`."""

    refuses_nested = False

    def __init__(
        self, engine: Engine, *, shop: str, clock: Callable[[], datetime], sign: Sign = unsigned
    ) -> None:
        self.engine = engine
        self.shop = shop
        self.clock = clock
        self.sign = sign
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
                yield connection
        except DatabaseError as fault:
            raise ledger_fault(fault) from None
        finally:
            self._mine.is_open = outer

    def upsert(self, table: Any) -> Any:
        """An insert that can update on conflict, in this database's dialect."""
        return (sqlite_insert if self.engine.dialect.name == "sqlite" else postgresql_insert)(table)

    def turn(self, connection: Connection, *, taken: bool = False) -> int:
        """Waits for whoever else is at their turn; returns how many holds were placed or released so far.

        The first statement of its transaction, which holds the row to its end: what a hold is placed on
        and what a batch begins never cross. `taken` counts this turn as a hold placed or released.
        """
        table = schema.turn
        mine = self.upsert(table).values(shop=self.shop, number=int(taken))
        stands = table.c.number + int(taken)
        if taken and connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE}")
        counted = mine.on_conflict_do_update(index_elements=["shop"], set_={"number": stands})
        return int(connection.scalar(counted.returning(table.c.number)) or 0)

    def now(self) -> str:
        """The present moment as the ledger writes it (ISO 8601, with offset)."""
        return self.clock().isoformat(timespec="seconds")

    def event(self, connection: Connection, type: str, *, plan: int | None = None, **detail: Any) -> None:
        """Appends what happened; `detail` holds counts and codes, never a value of a person.

        A name that was given `by` stands with the system's user who gave it, unless the caller says whose.
        """
        if detail.get("by"):
            detail.setdefault("user", system_user())
        connection.execute(
            insert(schema.event).values(
                shop=self.shop,
                at=self.now(),
                type=type,
                plan=plan,
                detail=json.dumps(detail, ensure_ascii=False, default=str, sort_keys=True),
            )
        )

    def events(self, connection: Connection, type: str, *, plan: int | None = None) -> list[Event]:
        """Every event of a type, oldest first, of one plan where it is named: when, and its detail."""
        table = schema.event
        chosen = select(table.c.at, table.c.detail).where(table.c.shop == self.shop, table.c.type == type)
        if plan is not None:
            chosen = chosen.where(table.c.plan == plan)
        rows = connection.execute(chosen.order_by(table.c.id))
        return [Event(at, json.loads(detail)) for at, detail in rows]

    def bind_key(self, name: str, fingerprint: str) -> None:
        """Remembers a key's fingerprint; raises LedgerError when another key is at hand."""
        table = schema.meta
        # Of its own, also in the middle of a look: a key is opened when it is first needed.
        with self.engine.begin() as connection:
            known = connection.scalar(select(table.c.value).where(table.c.name == name))
            if known is None:
                connection.execute(insert(table).values(name=name, value=fingerprint))
            elif known != fingerprint:
                raise WrongKey(
                    f"Another {name} is at hand than the one this ledger was made with. "
                    "Restore the old key; every run stops until then."
                )


def in_chunks(values: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The values in lists short enough for one IN (...)."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def write_many(connection: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> None:
    """Runs one statement for many rows of like keys: compiled once, the values handed on as they are.

    Every column without a value in the statement must be in the rows: no default is filled in.
    """
    if not rows:
        return
    compiled: Any = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
    fixed = {name: value for name, value in compiled.params.items() if name not in rows[0]}
    full = [{**fixed, **row} for row in rows] if fixed else rows
    if compiled.positional:
        names = compiled.positiontup
        connection.exec_driver_sql(str(compiled), [tuple([row[n] for n in names]) for row in full])
    else:
        connection.exec_driver_sql(str(compiled), [dict(row) for row in full])


def write_tuples(
    connection: Connection, statement: UpdateBase, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Like write_many, for rows that are tuples in the order of `names`: no dict is made of each."""
    if not rows:
        return
    compiled: Any = statement.compile(dialect=connection.dialect, column_keys=list(names))
    if not compiled.positional:
        write_many(connection, statement, [dict(zip(names, row, strict=True)) for row in rows])
        return
    wanted, given = tuple(compiled.positiontup), tuple(names)
    if wanted != given:
        fixed = tuple(compiled.params[name] for name in wanted if name not in given)
        found = (*given, *(name for name in wanted if name not in given))
        order = [found.index(name) for name in wanted]
        rows = [tuple([whole[place] for place in order]) for whole in (row + fixed for row in rows)]
    connection.exec_driver_sql(str(compiled), list(rows))


def _durable(connection: Any, _record: Any) -> None:
    """FULL: a handle or receipt that was committed survives a power cut."""
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps what it migrates in its module: two ledgers of one process are opened one after the other."""


def open_ledger(
    path: Path | str, *, shop: str, clock: Callable[[], datetime], sign: Sign = unsigned
) -> Ledger:
    """Opens, and where needed makes, the ledger at a file path or database URL."""
    url = str(path) if "://" in str(path) else f"sqlite:///{path}"
    if "://" not in str(path):
        with writing(Path(path)):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _durable)
    ledger = Ledger(engine, shop=shop, clock=clock, sign=sign)
    with _ONE_AT_A_TIME, ledger.begin() as connection:
        migrated = _bring_up_to_date(connection)
    if migrated:
        engine.dispose()  # the next connection has its foreign keys on again
    return ledger


def _bring_up_to_date(connection: Connection) -> bool:
    """Makes or migrates the tables; whether it did. Raises LedgerError for one that a newer Gallra wrote."""
    known = None
    if inspect(connection).has_table("alembic_version"):
        known = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if known == schema.VERSION:
        return False
    if known is not None and known > schema.VERSION:
        raise LedgerError(
            f"A newer Gallra wrote this ledger (schema {known}, this one writes {schema.VERSION}). "
            "Use that version or a later one; nothing was changed."
        )
    # Alembic is loaded only where there is something to do.
    from connector.ledger import migrations

    if connection.dialect.name == "sqlite":
        # A table that gets a CHECK is made anew, and others refer to it meanwhile.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # all tables or none, should the power fail
    migrations.upgrade(connection)
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        raise LedgerError(
            "The ledger's tables do not fit together after the migration, so it was left as it was. "
            "Restore it from a backup, or report this with the version it was made with."
        )
    return True
