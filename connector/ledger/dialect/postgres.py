"""PostgreSQL: a ledger that lies on a server, each shop in a schema of its own.

One writes at a time, as in a file: the first statement of a transaction that writes locks the shop's row in
`run_lock` and holds it to the end. The row has a number that rises with each run, so that a run which was
thought dead, and was only slow, finds there that it is not the newest, and stops.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, LargeBinary, create_engine, event, func, select
from sqlalchemy import table as literal_table
from sqlalchemy.dialects.postgresql import JSON, insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.sql.dml import UpdateBase

from connector.errors import LedgerError, RetryLater, RunOutdated
from connector.ledger.dialect.copied import copy_rows
from connector.ledger.faults import ledger_fault, state_of
from connector.records import Value

BUSY_MS = 10_000
"""Milliseconds that a statement waits for another connection's transaction."""

_LET_GO_MS = 2000
"""Milliseconds until a server has surely let go of what a process held that was killed just now."""

_NOT_FREE = "55P03"  # lock_not_available
_SCHEMA = "gallra_"
_LONGEST = 63  # bytes of a name (postgresql.org: Identifiers and Key Words)
_TURN = "turn"
_NO_ADDRESS = (
    "What ledger.url gives is no address of a PostgreSQL database. It has the form "
    "postgresql://user:password@host/database."
)
_READS = ("SELECT", "SET", "SHOW", "FETCH", "DECLARE", "CLOSE")
_SEALED = "delivery, inbox, request, request_answer, undo_copy"
_DRIVER = "postgresql+psycopg"


class Server(Value, frozen=True, kw_only=True):
    """Where a shop's ledger lies on a server; its address holds a password, and is never shown."""

    url: str
    schema: str

    def __repr__(self) -> str:
        return f"Server(schema={self.schema!r})"


def on_server(url: str, shop: str) -> Server:
    """The ledger of a shop on a server. Raises LedgerError where the address is none of PostgreSQL's."""
    try:
        found = make_url(url.strip())
    except ArgumentError:
        raise LedgerError(_NO_ADDRESS) from None
    if found.get_backend_name() not in ("postgresql", "postgres") or not found.database:
        raise LedgerError(_NO_ADDRESS)
    whole = found.set(drivername=_DRIVER).render_as_string(hide_password=False)
    return Server(url=whole, schema=schema_of(shop))


def schema_of(shop: str) -> str:
    """The name of a shop's schema; one that would be too long is cut, and told apart by a digest."""
    name = _SCHEMA + shop
    if len(name.encode()) <= _LONGEST:
        return name
    return f"{name[:46]}-{hashlib.sha256(shop.encode()).hexdigest()[:16]}"


def engine_of(place: Server) -> Engine:
    """The engine of a shop's ledger: each connection sees that shop's schema and nothing else."""
    try:
        engine = create_engine(place.url, pool_size=2, max_overflow=8, pool_pre_ping=True)
    except ModuleNotFoundError:
        raise LedgerError(
            "A ledger on PostgreSQL needs a package that is not installed. Install it: "
            'pip install "gallra[postgres]".'
        ) from None

    def settled(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'SET search_path TO "{place.schema}"')
            cursor.execute(f"SET lock_timeout TO {BUSY_MS}")
            cursor.execute(
                "SELECT set_config('synchronous_commit', 'on', false) "
                "WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')"
            )
        connection.commit()

    event.listen(engine, "connect", settled)
    event.listen(engine, "before_cursor_execute", _before_a_statement)
    return engine


class _Turn:
    """Whether a transaction has locked its shop's row yet, and which run it is of."""

    __slots__ = ("run", "shop", "taken")

    def __init__(self, shop: str, run: int | None) -> None:
        self.shop, self.run, self.taken = shop, run, False

    def take(self, cursor: Any) -> None:
        """Locks the shop's row to the end of the transaction. Raises RunOutdated."""
        if not self.taken:
            self.taken = True
            cursor.execute("SELECT number FROM run_lock WHERE shop = %s FOR UPDATE", (self.shop,))
            self.held_to(cursor.fetchone())

    def held_to(self, row: Any) -> None:
        """Refuses a run that is not the newest."""
        if self.run is not None and (row is None or row[0] != self.run):
            raise RunOutdated(
                f"Another run of shop {self.shop} has begun since: this one was thought to be dead. It has "
                "stopped, and the other carries on what it had begun. Nothing is to be done."
            )


def _before_a_statement(
    connection: Connection, cursor: Any, statement: str, _values: Any, _context: Any, _many: bool
) -> None:
    turn = connection.info.get(_TURN)
    if turn is not None and not turn.taken and not statement.lstrip().upper().startswith(_READS):
        turn.take(cursor)


class Postgres:
    """PostgreSQL's own words."""

    SHREDDED = (
        "what was destroyed is in no row; its bytes, sealed, may stand in the server's files, log (WAL) and "
        "copies until the server writes over them: `gallra ledger rekey` makes them unreadable"
    )

    def upsert(self, table: Any) -> Any:
        return insert(table)

    def text_in(self, body: ColumnElement[Any], *path: str) -> ColumnElement[Any]:
        read = func.convert_from(body, "UTF8").cast(JSON) if isinstance(body.type, LargeBinary) else body
        return func.json_extract_path_text(read, *path)

    def holds(self, body: ColumnElement[Any], part: bytes) -> ColumnElement[bool]:
        return func.pg_catalog.position(body, part) > 0

    def listed(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.string_agg(column, ",")

    def any_of(self, condition: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.bool_or(condition)

    def later(self, one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.greatest(one, other)

    def wait(self, connection: Connection, milliseconds: int) -> None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout TO {milliseconds}")

    def take_turn(self, connection: Connection) -> None:
        turn, driver = connection.info.get(_TURN), connection.connection
        if turn is not None:
            with closing(driver.cursor()) as cursor:
                turn.take(cursor)

    def begun(self, connection: Connection, ledger: Any) -> None:
        turn = connection.info[_TURN] = _Turn(ledger.shop, ledger.run)
        if ledger.run is not None:
            number = "SELECT number FROM run_lock WHERE shop = %s"
            turn.held_to(connection.exec_driver_sql(number, (ledger.shop,)).first())

    def write_rows(
        self, connection: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        names = list(rows[0])
        self.write_tuples(connection, statement, names, [tuple([row[n] for n in names]) for row in rows])

    def write_tuples(
        self,
        connection: Connection,
        statement: UpdateBase,
        names: Sequence[str],
        rows: Sequence[tuple[Any, ...]],
    ) -> None:
        self.take_turn(connection)
        if not copy_rows(connection, statement, names, rows):
            compiled: Any = statement.compile(dialect=connection.dialect, column_keys=list(names))
            fixed = {name: value for name, value in compiled.params.items() if name not in names}
            full = [fixed | dict(zip(names, row, strict=True)) for row in rows]
            connection.exec_driver_sql(str(compiled), full)

    def before_migration(self, connection: Connection) -> None:
        connection.info.pop(_TURN, None)  # there is no row to lock before there are tables
        schema = _own_schema(connection)
        locked = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
        connection.exec_driver_sql(locked, (f"gallra migrates {schema}",))
        there = connection.exec_driver_sql("SELECT to_regnamespace(%s)::text", (f'"{schema}"',)).scalar()
        if there is None:
            connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')

    def ready(self, connection: Connection, ledger: Any) -> None:
        known = connection.exec_driver_sql("SELECT number FROM run_lock WHERE shop = %s", (ledger.shop,))
        if known.first() is None:
            _must_be_in_unicode(connection)
            connection.info.pop(_TURN, None)
            connection.exec_driver_sql(
                "INSERT INTO run_lock (shop, number, since) VALUES (%s, 0, '') ON CONFLICT DO NOTHING",
                (ledger.shop,),
            )

    def fits_together(self, connection: Connection) -> bool:
        return True  # the server holds every reference to be good, also while tables are changed

    def number_on(self, connection: Connection, tables: Sequence[Any]) -> None:
        for table in tables:
            highest = connection.scalar(select(func.max(table.c.id)))
            sequence = func.pg_get_serial_sequence(f'"{table.name}"', "id")
            connection.execute(select(func.setval(sequence, highest or 1, highest is not None)))

    def looked_at(self, connection: Connection) -> Iterator[tuple[str, bool, str]]:
        tables = connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r'",
            (f'"{_own_schema(connection)}"',),
        ).scalars()
        count = 0
        for table in tables.all():
            connection.execute(select(func.count()).select_from(literal_table(table)))
            count += 1
        yield "tables", count > 0, f"{count} tables, all can be read; pg_amcheck looks at every page of them"
        try:
            with _session(connection.engine) as session:
                must_be_a_session(connection.engine, session)
        except LedgerError as fault:
            yield "session", False, str(fault)
        else:
            yield "session", True, "the server is asked directly, or through a pooler of sessions"

    def shredded(self, engine: Engine) -> bool:
        """No query reaches what was destroyed any more; its bytes are the server's, as `SHREDDED` says."""
        with suppress(DBAPIError), _session(engine) as connection:
            connection.exec_driver_sql(f"VACUUM (SKIP_LOCKED) {_SEALED}")
        return True

    def made_anew(self, engine: Engine) -> bool:
        return False

    @contextmanager
    def one_run(self, ledger: Any) -> Iterator[None]:
        """A lock that ends with its connection, and a number that ends what has lost it unawares."""
        with ExitStack() as held:
            try:
                connection = held.enter_context(_session(ledger.engine))
                must_be_a_session(ledger.engine, connection)
                named = (f"gallra runs {_own_schema(connection)}",)
                connection.exec_driver_sql(f"SET lock_timeout TO {_LET_GO_MS}")
                connection.exec_driver_sql("SELECT pg_advisory_lock(hashtextextended(%s, 0))", named)
            except DBAPIError as fault:
                if state_of(fault.orig) != _NOT_FREE:
                    raise ledger_fault(fault) from None
                raise RetryLater(
                    f"Another run of shop {ledger.shop} is under way. Try again when it has ended.",
                    adapter="ledger", operation="lock",
                ) from None  # fmt: skip
            with ledger.as_run(_next_run(ledger)):
                yield


def _next_run(ledger: Any) -> int:
    """A number that no run of the shop had before; a run of before stops at its next look."""
    table = "UPDATE run_lock SET number = number + 1, since = %s WHERE shop = %s RETURNING number"
    with ledger.begin() as connection:
        return int(connection.exec_driver_sql(table, (ledger.now(), ledger.shop)).scalar_one())


@contextmanager
def _session(engine: Engine) -> Iterator[Connection]:
    """A connection of its own, closed at the end and never handed on: what it locked is free then."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()
        yield connection


def _own_schema(connection: Connection) -> str:
    """The schema that a connection was made for, whether it is there yet or not."""
    found = connection.exec_driver_sql("SHOW search_path").scalar_one()
    return str(found).strip('"')


def exists(place: Server) -> bool:
    """Whether a shop has a ledger on the server; looking makes none."""
    engine = engine_of(place)
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT to_regclass(%s)::text", (f'"{place.schema}".alembic_version',)
            ).scalar()
        return found is not None
    finally:
        engine.dispose()


def must_be_a_session(engine: Engine, first: Connection) -> None:
    """Refuses a pooler that hands each transaction another session. Raises LedgerError.

    While one transaction is open, another connection must still be the session that it was: a pooler that
    pools transactions gives it another, or gives both the same.
    """
    number = "SELECT pg_backend_pid()"
    with _session(engine) as second:
        before = first.exec_driver_sql(number).scalar()
        second.exec_driver_sql("BEGIN")
        other = second.exec_driver_sql(number).scalar()
        after = first.exec_driver_sql(number).scalar()
        own = _own_schema(first)
        second.exec_driver_sql("ROLLBACK")
    if before != after or before == other or not own.startswith(_SCHEMA):
        raise LedgerError(
            "Between Gallra and PostgreSQL stands a pooler that gives each transaction another session, so "
            "the lock of a run would not hold. Let ledger.url name the server itself, or a pooler in session "
            "mode."
        )


def _must_be_in_unicode(connection: Connection) -> None:
    """Refuses a database that cannot hold every letter. Raises LedgerError."""
    if connection.exec_driver_sql("SHOW server_encoding").scalar() != "UTF8":
        raise LedgerError(
            "The database that ledger.url names is not in UTF-8. Make one with ENCODING 'UTF8', and let "
            "ledger.url name it."
        )


__all__ = [
    "BUSY_MS", "Postgres", "Server", "engine_of", "exists", "must_be_a_session",
    "on_server", "schema_of",
]  # fmt: skip
