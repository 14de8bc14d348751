"""Shredding: what was destroyed is in no file of the ledger, neither in its log nor in a page that is free.

The ledger writes zeros over what it deletes (`secure_delete`), but its log (WAL) keeps the pages as they were
until it is emptied. It is emptied after every stage that destroys, and first thing when a run begins. While
another program reads the ledger it cannot be: that is said, and done at the next occasion. A server's files,
log and copies are not in our hand: there what was destroyed is in no row, and its bytes are sealed.
"""

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import Connection, insert, or_, select, update

from connector.ledger import schema
from connector.ledger.answers import TO_VERIFY
from connector.ledger.answers_sealed import expire_answers
from connector.ledger.copying import KEPT_DAYS, old_copies
from connector.ledger.memory import Memory
from connector.ledger.request_letters import destroy_drafts
from connector.ledger.states import DeliveryState, MessageState
from connector.ledger.store import Ledger, file_of
from connector.ledger.stranded import name_what_is_lost
from connector.ledger.undo import expire_copies
from connector.ports import Seen

NOT_EMPTIED = (
    "Another program reads the ledger (a backup, or a program that shows databases), so handles that were "
    "destroyed still lie in its log (the file that ends in -wal). End that program; the next run empties the "
    "log before anything else."
)
_CLEAN = "free pages"  # in `meta`, once the pages that earlier versions freed have been written over


def shred(ledger: Ledger) -> bool:
    """Empties the ledger's log, so that what was destroyed is in no file; whether that was possible."""
    return ledger.dialect.shredded(ledger.engine)


def at_start(ledger: Ledger, *, erased_days: int | None = None) -> bool:
    """Destroys what may no longer be there, before anything else; whether the log could be emptied.

    `erased_days` is for how long it is remembered who was erased.
    """
    with ledger.begin() as connection:
        _done_with(ledger, connection)
        expire_copies(ledger, connection)
        expire_answers(ledger, connection)
        destroy_drafts(ledger, connection)
        if erased_days is not None:
            Memory(ledger).forget_erased(connection, days=erased_days)
        name_what_is_lost(ledger, connection)  # a copy was put in the ledger's place by hand
        clean = connection.scalar(select(schema.meta.c.value).where(schema.meta.c.name == _CLEAN))
    file = file_of(ledger.engine)
    if file is not None:
        limit = (ledger.clock() - timedelta(days=KEPT_DAYS)).timestamp()
        with suppress(OSError):  # another user's folder: the next run tries again
            for copy in old_copies(file, older_than=limit):
                copy.unlink(missing_ok=True)
        if clean is None:
            _write_over_free_pages(ledger)
    return shred(ledger)


def _done_with(ledger: Ledger, connection: Connection) -> None:
    """What is settled and still sealed, whichever version settled it."""
    told, heard = schema.delivery, schema.inbox
    over = or_(told.c.outcome.not_in(TO_VERIFY), told.c.seen.not_in(["", Seen.UNREAD]))
    for statement in (
        update(told).where(
            told.c.shop == ledger.shop, told.c.state == DeliveryState.CLOSED, told.c.sealed.is_not(None), over
        ),
        update(heard).where(
            heard.c.shop == ledger.shop, heard.c.state == MessageState.CLOSED, heard.c.sealed.is_not(None)
        ),
    ):
        connection.execute(statement.values(sealed=None))


def _write_over_free_pages(ledger: Ledger) -> None:
    """Makes the file anew, once: earlier versions freed pages without writing over them."""
    if not ledger.dialect.made_anew(ledger.engine):  # in use, or no room for a second file
        return
    with ledger.begin() as connection:
        connection.execute(insert(schema.meta).values(name=_CLEAN, value=ledger.now()))
