"""SQLite: a ledger that is a file."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, create_engine, event, func, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError
from sqlalchemy.sql.dml import UpdateBase

BUSY_MS = 10_000
"""Milliseconds that a statement waits for another connection's transaction."""

SHRED_MS = 2000  # how long emptying the log waits for whoever reads; the next stage tries again


def durable(connection: Any, _record: Any) -> None:
    """FULL: a handle or receipt that was committed survives a power cut.

    What is deleted or overwritten is written over with zeros (sqlite.org: PRAGMA secure_delete).
    """
    kept = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}")
    for pragma in (*kept, "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def engine_of(url: str) -> Engine:
    """The engine of a ledger in a file, each connection as it must be."""
    engine = create_engine(url)
    event.listen(engine, "connect", durable)
    return engine


class Sqlite:
    """SQLite's own words; one writes at a time, from its first statement that writes."""

    SHREDDED = "the log is empty: what was destroyed is in no file"

    def upsert(self, table: Any) -> Any:
        return insert(table)

    def text_in(self, body: ColumnElement[Any], *path: str) -> ColumnElement[Any]:
        return func.json_extract(body, ".".join(("$", *path)))

    def holds(self, body: ColumnElement[Any], part: bytes) -> ColumnElement[bool]:
        return func.instr(body, part) > 0

    def listed(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.group_concat(column)

    def any_of(self, condition: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.max(condition)

    def later(self, one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.max(one, other)

    def wait(self, connection: Connection, milliseconds: int) -> None:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={milliseconds}")

    def take_turn(self, connection: Connection) -> None:
        from connector.ledger.schema import receipt_sum

        connection.execute(update(receipt_sum).where(receipt_sum.c.plan == -1).values(value=""))

    def begun(self, connection: Connection, ledger: Any) -> None:
        """The lock of the file keeps other runs out, so there is nothing to ask."""

    def write_rows(
        self, connection: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        compiled: Any = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
        fixed = {name: value for name, value in compiled.params.items() if name not in rows[0]}
        full = [{**fixed, **row} for row in rows] if fixed else rows
        names = compiled.positiontup
        connection.exec_driver_sql(str(compiled), [tuple([row[n] for n in names]) for row in full])

    def write_tuples(
        self,
        connection: Connection,
        statement: UpdateBase,
        names: Sequence[str],
        rows: Sequence[tuple[Any, ...]],
    ) -> None:
        compiled: Any = statement.compile(dialect=connection.dialect, column_keys=list(names))
        wanted, given = tuple(compiled.positiontup), tuple(names)
        if wanted != given:
            fixed = tuple(compiled.params[name] for name in wanted if name not in given)
            found = (*given, *(name for name in wanted if name not in given))
            order = [found.index(name) for name in wanted]
            rows = [tuple([whole[place] for place in order]) for whole in (row + fixed for row in rows)]
        connection.exec_driver_sql(str(compiled), list(rows))

    def before_migration(self, connection: Connection) -> None:
        # A table that gets a CHECK is made anew, and others refer to it meanwhile.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # all tables or none, should the power fail

    def ready(self, connection: Connection, ledger: Any) -> None:
        """A file is ready as it is."""

    def fits_together(self, connection: Connection) -> bool:
        return not connection.exec_driver_sql("PRAGMA foreign_key_check").all()

    def number_on(self, connection: Connection, tables: Sequence[Any]) -> None:
        """A new row's number is one more than the greatest there."""

    def looked_at(self, connection: Connection) -> Iterator[tuple[str, bool, str]]:
        try:
            [(said,)] = connection.exec_driver_sql("PRAGMA integrity_check(1)").all()
            loose = len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())
        except DatabaseError:
            said, loose = "", 0
        whole = said == "ok"
        yield "file", whole, "the file is whole" if whole else "the file is damaged: restore it from a backup"
        told = f"{loose} rows refer to none" if loose else "every row refers to one that is there"
        yield "tables", not loose, told

    def shredded(self, engine: Engine) -> bool:
        """Empties the log, which keeps pages as they were."""
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={SHRED_MS}")
                try:
                    busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
                finally:
                    connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MS}")
                return not busy
        except DatabaseError:
            return False

    def made_anew(self, engine: Engine) -> bool:
        """Writes the whole file anew, and nothing of its free pages."""
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")
        except DatabaseError:
            return False
        return True

    @contextmanager
    def one_run(self, ledger: Any) -> Iterator[None]:
        """The lock of the file is taken before the ledger is opened (machine/lock.py)."""
        yield
