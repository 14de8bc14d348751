"""The letters to those who made a request: written, whether they left, on whose word, and their drafts' end.

Written is not sent: only a mail server's 250, or a named person's word, makes one that left.
"""

import secrets
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from connector.calendar import to_date
from connector.errors import LedgerError
from connector.ledger import schema
from connector.ledger.in_order import must_not_go_back
from connector.ledger.states import LETTER_ARROWS, LetterState, before
from connector.ledger.store import Ledger
from connector.ledger.warnings import TOKEN_BYTES
from connector.records import Value

DRAFT_DAYS = 30
"""How long a draft lies there that nobody sends, as long as a sealed answer."""

LEFT = (LetterState.SENT, LetterState.TOLD)
"""States in which a letter counts as sent."""


class LetterRow(Value, frozen=True, kw_only=True):
    """One letter of one request, and where it stands."""

    id: int
    request: str
    letter: str
    file: Path | None  # of the draft; None once it was destroyed
    state: LetterState
    on: date
    person: str = ""
    how: str = ""
    token: str = ""

    @property
    def left(self) -> bool:
        """Whether it counts as sent."""
        return self.state in LEFT


class RequestLetters:
    """The letters of one shop."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._mine = schema.request_letter.c.shop == ledger.shop

    def write(self, connection: Connection, request: str, letter: str, file: Path, on: date) -> LetterRow:
        """A letter that is written as a file from here on. Raises LedgerError where it has left already.

        An earlier draft of it goes first, so that no crash leaves an older text to be sent. Raises
        ClockUnsure.
        """
        must_not_go_back(self.ledger, connection)
        table = schema.request_letter
        known = self._find(connection, request, letter)
        if known is not None and known.state not in (LetterState.WRITTEN, LetterState.REFUSED):
            raise LedgerError(
                f"The letter {letter} of request {request} is {known.state} already, so it is not written "
                "anew. See `gallra request letters`."
            )
        _remove(known.file if known is not None else None)
        values = {"file": str(file.absolute()), "state": LetterState.WRITTEN, "on": on.isoformat()}
        if known is None:
            made = {
                "shop": self.ledger.shop, "request": request, "letter": letter, "person": "", "how": "",
                "token": secrets.token_hex(TOKEN_BYTES), **values,
            }  # fmt: skip
            connection.execute(table.insert().values(**made))
        else:
            connection.execute(update(table).where(table.c.id == known.id).values(**values))
        self.ledger.event(connection, "letter_written", request=request, letter=letter)
        return self.one(connection, request, letter)

    def one(self, connection: Connection, request: str, letter: str) -> LetterRow:
        """One letter. Raises LedgerError where it was not written."""
        found = self._find(connection, request, letter)
        if found is None:
            raise LedgerError(
                f"Request {request} has no letter {letter}. Write it first with `gallra request letter`."
            )
        return found

    def of(self, connection: Connection, request: str = "") -> list[LetterRow]:
        """The letters of a request, or of all, the oldest first."""
        table = schema.request_letter
        chosen = select(table).where(self._mine).order_by(table.c.id)
        rows = connection.execute(chosen.where(table.c.request == request) if request else chosen)
        return [_read(row) for row in rows]

    def close(self, connection: Connection, row: LetterRow, state: LetterState, **said: Any) -> None:
        """What came of it. Raises LedgerError where it stands otherwise than it may, ClockUnsure."""
        if state in (LetterState.BEGUN, LetterState.TOLD):  # a server's answer is noted anyhow
            must_not_go_back(self.ledger, connection)
        table = schema.request_letter
        may = table.c.state.in_(before(state, LETTER_ARROWS))
        values = {name: str(value) for name, value in said.items()}
        as_read = table.c.state == row.state  # of two who send it at once, one does
        here = update(table).where(self._mine, table.c.id == row.id, may, as_read)
        if connection.execute(here.values(state=state, **values)).rowcount != 1:
            raise LedgerError(
                f"The letter {row.letter} of request {row.request} cannot become {state} from where it "
                "stands. See `gallra request letters`."
            )
        by = {"by": said["person"]} if said.get("person") else {}
        self.ledger.event(
            connection, f"letter_{state}", request=row.request, letter=row.letter, how=said.get("how", ""),
            **by,
        )  # fmt: skip

    def destroy_draft(self, connection: Connection, row: LetterRow) -> None:
        """The draft holds what was said to the person, and maybe their code: it is there no longer."""
        _remove(row.file)
        table = schema.request_letter
        connection.execute(update(table).where(table.c.id == row.id).values(file=""))

    def _find(self, connection: Connection, request: str, letter: str) -> LetterRow | None:
        table = schema.request_letter
        here = (self._mine, table.c.request == request, table.c.letter == letter)
        row = connection.execute(select(table).where(*here)).first()
        return None if row is None else _read(row)


def destroy_drafts(ledger: Ledger, connection: Connection) -> int:
    """Destroys the drafts of letters that have left, or whose time is over; returns how many.

    Where the process ends before that is stored, the next try stores it.
    """
    letters = RequestLetters(ledger)
    oldest = to_date(ledger.clock()) - timedelta(days=DRAFT_DAYS)
    over = [one for one in letters.of(connection) if one.file and (one.left or one.on < oldest)]
    for one in over:
        letters.destroy_draft(connection, one)
    return len(over)


def _remove(file: Path | None) -> None:
    if file is not None:
        with suppress(OSError):  # another user's folder: who reads it there is that user's to say
            file.unlink(missing_ok=True)


def _read(row: Any) -> LetterRow:
    return LetterRow(
        id=row.id, request=row.request, letter=row.letter, state=LetterState(row.state),
        file=Path(row.file) if row.file else None,
        on=date.fromisoformat(row.on), person=row.person, how=row.how, token=row.token,
    )  # fmt: skip


__all__ = ["DRAFT_DAYS", "LEFT", "LetterRow", "RequestLetters", "destroy_drafts"]
