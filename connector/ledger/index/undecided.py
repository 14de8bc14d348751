"""What must be decided anew: rows that a hold has come upon, and those that a policy or a change concerns."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, case, literal, select, update

from connector.ledger import schema
from connector.ledger.index.rows import MUST_DECIDE
from connector.ledger.index.subjects import Subjects
from connector.ledger.store import Ledger
from connector.records import HoldId


class Undecided:
    """Rows of one shop that the next plan decides anew."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop
        self._subjects = Subjects(ledger)

    def wait(self, connection: Connection, chosen: ColumnElement[bool], hold: HoldId) -> None:
        """A hold has come upon these rows: they are decided anew, and their people are recounted at once.

        An account is bound by its person's orders; so it is before a plan has decided them.
        """
        table = schema.record
        known = (literal(",") + table.c.holds + ",").contains(f",{hold.value},")
        listed = case(
            (table.c.holds == "", hold.value), (known, table.c.holds), else_=table.c.holds + f",{hold}"
        )
        connection.execute(update(table).where(chosen).values(next_due=MUST_DECIDE, holds=listed))
        self._subjects.dirty_people_of(connection, select(table.c.subject).where(chosen))

    def note_holds(self, connection: Connection, row_id: int, holds: Sequence[HoldId]) -> None:
        """What holds a row before a plan has decided it; its person is recounted by the caller."""
        table = schema.record
        connection.execute(update(table).where(table.c.id == row_id).values(holds=",".join(holds)))

    def redecide(self, connection: Connection, chosen: ColumnElement[bool]) -> None:
        """These rows are decided anew by the next plan."""
        connection.execute(update(schema.record).where(chosen).values(next_due=MUST_DECIDE))

    def redecide_all(self, connection: Connection) -> None:
        """A new policy decides every row anew, locally."""
        table = schema.record
        connection.execute(
            update(table)
            .where(table.c.shop == self.shop, table.c.gone.is_(False))
            .values(next_due=MUST_DECIDE)
        )
