"""The databases that a ledger can lie in: what each says in its own words, here and nowhere else.

`of` gives the dialect of a connection; whoever writes a statement asks it for what the two do differently.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, Table
from sqlalchemy.sql.dml import UpdateBase

from connector.ledger.dialect.postgres import Postgres
from connector.ledger.dialect.sqlite import Sqlite


class Whose(Protocol):
    """What a dialect needs of a ledger: where it lies, whose it is, and which run writes it."""

    engine: Engine
    shop: str
    run: int | None

    def begin(self) -> AbstractContextManager[Connection]:
        """A transaction."""

    def now(self) -> str:
        """The present moment as the ledger writes it."""

    def as_run(self, number: int) -> AbstractContextManager[None]:
        """All that is written meanwhile is of the run of this number."""


class Dialect(Protocol):
    """One database's own words."""

    SHREDDED: str
    """What is told once `shredded` has done what can be done."""

    def upsert(self, table: Any) -> Any:
        """An insert into a table that takes `on_conflict_do_update`."""

    def text_in(self, body: ColumnElement[Any], *path: str) -> ColumnElement[Any]:
        """The text at a path in a column of JSON; NULL where there is none."""

    def holds(self, body: ColumnElement[Any], part: bytes) -> ColumnElement[bool]:
        """Whether these bytes stand in a column of bytes."""

    def listed(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """The texts of a group's rows, by commas."""

    def any_of(self, condition: ColumnElement[Any]) -> ColumnElement[Any]:
        """Whether the condition holds for any row of a group; NULL for a group without rows."""

    def later(self, one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
        """The greater of two values."""

    def wait(self, connection: Connection, milliseconds: int) -> None:
        """Lets this transaction wait so long for others that write."""

    def take_turn(self, connection: Connection) -> None:
        """Nobody else writes from here to the end of the transaction; no row is changed."""

    def begun(self, connection: Connection, ledger: Whose) -> None:
        """A transaction has begun. Raises RunOutdated where its run is not the newest of its shop."""

    def write_rows(
        self, connection: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Runs one statement for many rows of like keys."""

    def write_tuples(
        self,
        connection: Connection,
        statement: UpdateBase,
        names: Sequence[str],
        rows: Sequence[tuple[Any, ...]],
    ) -> None:
        """Runs one statement for many rows, each a tuple in the order of `names`."""

    def before_migration(self, connection: Connection) -> None:
        """Nobody else migrates this ledger meanwhile; the tables are made as a whole or not at all."""

    def ready(self, connection: Connection, ledger: Whose) -> None:
        """What must hold, and be there, before a ledger that is up to date is used. Raises LedgerError."""

    def fits_together(self, connection: Connection) -> bool:
        """Whether every row refers to one that is there, after a migration."""

    def number_on(self, connection: Connection, tables: Sequence[Table]) -> None:
        """New rows of these tables get numbers that none there has, also where rows came with theirs."""

    def looked_at(self, connection: Connection) -> Iterator[tuple[str, bool, str]]:
        """What a look at the tables finds: the name of each thing, whether it is sound, what is told."""

    def shredded(self, engine: Engine) -> bool:
        """Does what can be done now so that what was destroyed is in no file; whether nobody hindered it."""

    def made_anew(self, engine: Engine) -> bool:
        """Writes free pages of earlier versions over; whether that was possible."""

    def one_run(self, ledger: Whose) -> AbstractContextManager[None]:
        """Holds the ledger for one run. Raises RetryLater where another holds it."""


_DIALECTS: Mapping[str, Dialect] = {"sqlite": Sqlite(), "postgresql": Postgres()}


def of(bind: Connection | Engine) -> Dialect:
    """The dialect of the database behind a connection."""
    return _DIALECTS[bind.dialect.name]


__all__ = ["Dialect", "Whose", "of"]
