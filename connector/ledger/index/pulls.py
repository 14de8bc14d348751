"""How far the pulls have come: where each stands, and how complete what they read is."""

from typing import Any

from sqlalchemy import Connection, select, update

from connector.basis import Basis
from connector.ledger import schema
from connector.ledger.index.rows import Standing
from connector.ledger.store import Ledger
from connector.records import Kind


class Pulls:
    """The pulls of one shop, kind by kind."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop

    def cursor(self, adapter: str, kind: Kind) -> Standing | None:
        """Where the last pull stood, when all records were last walked, and what was missing."""
        table = schema.cursor
        with self.ledger.begin() as connection:
            row = connection.execute(
                select(table.c.value, table.c.full_at, table.c.missing, table.c.why).where(
                    table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind
                )
            ).first()
        return None if row is None else Standing(*row)

    def set_cursor(self, connection: Connection, adapter: str, kind: Kind, value: str) -> None:
        """Stores the cursor together with the page it belongs to."""
        values = {"value": value, "at": self.ledger.now()}
        connection.execute(
            self.ledger.upsert(schema.cursor)
            .values(shop=self.shop, adapter=adapter, kind=kind, why="", **values)
            .on_conflict_do_update(index_elements=["shop", "adapter", "kind"], set_=values)
        )

    def pull_ended(
        self, connection: Connection, place: tuple[str, Kind], *, missing: int, why: str, full: bool
    ) -> None:
        """A pull ran to its end: what the service counted and did not show; `full` where it walked all."""
        table, now, (adapter, kind) = schema.cursor, self.ledger.now(), place
        here = (table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind)
        whole: dict[str, Any] = {"full_at": now} if full and not missing and not why else {}
        connection.execute(update(table).where(*here).values(ended_at=now, missing=missing, why=why, **whole))

    def pull_failed(self, connection: Connection, adapter: str, kind: Kind, *, why: str) -> None:
        """A pull did not run to its end: since when, and how many were missing then, stays as it was."""
        table = schema.cursor
        here = (table.c.shop == self.shop, table.c.adapter == adapter, table.c.kind == kind)
        connection.execute(update(table).where(*here).values(why=why))

    def bases(self, connection: Connection) -> list[Basis]:
        """What is known of each kind: complete as of when, or incomplete by how many."""
        table = schema.cursor
        rows = connection.execute(
            select(table).where(table.c.shop == self.shop).order_by(table.c.adapter, table.c.kind)
        )
        return [
            Basis(
                adapter=row.adapter,
                kind=Kind(row.kind),
                as_of=row.ended_at,
                missing=row.missing,
                why=row.why,
            )
            for row in rows
        ]
