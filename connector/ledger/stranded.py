"""What waits for a vault key that is not at hand, and what becomes of it where the key is lost for good."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from connector.ledger import schema
from connector.ledger.answers import KEY_LOST, NO_HANDLE, TO_VERIFY
from connector.ledger.inbox import HINTS, note_messages
from connector.ledger.lost_handles import LostHandle
from connector.ledger.proof.sums import write
from connector.ledger.states import UNTOLD, DeliveryState, MessageState, StepState
from connector.ledger.store import Ledger
from connector.ports import Seen
from connector.ports.heard import Topic
from connector.records import Kind, Outcome


def stranded(connection: Connection, shop: str) -> list[LostHandle]:
    """Every delivery that is sealed and still to be told, in the order of its recipient."""
    table, step = schema.delivery, schema.step
    of_step = and_(step.c.plan == table.c.plan, step.c.seq == table.c.step)
    chosen = (
        select(table.c.id, table.c.recipient, table.c.kind, table.c.remote_id, table.c.handle, step.c.label)
        .select_from(table.outerjoin(step, of_step))
        .where(table.c.shop == shop, table.c.sealed.is_not(None), table.c.state.in_(UNTOLD))
        .order_by(table.c.recipient, table.c.handle, table.c.kind, table.c.id)
    )
    return [
        LostHandle(
            id=row.id, recipient=row.recipient, kind=Kind(row.kind), label=row.label or f"id {row.remote_id}",
            handle=row.handle, reason=KEY_LOST,
        )
        for row in connection.execute(chosen)
    ]  # fmt: skip


def otherwise_sealed(connection: Connection, shop: str) -> int:
    """How many deliveries more are sealed: those that wait for the shop, or for a read-back."""
    table = schema.delivery
    here = (table.c.shop == shop, table.c.sealed.is_not(None), table.c.state.not_in(UNTOLD))
    return int(connection.scalar(select(func.count()).where(*here)) or 0)


def messages_stranded(connection: Connection, shop: str) -> list[int]:
    """Every message of a platform that is sealed and not settled, by its number."""
    table = schema.inbox
    chosen = select(table.c.id).where(table.c.shop == shop, table.c.sealed.is_not(None)).order_by(table.c.id)
    return list(connection.scalars(chosen))


def give_up(ledger: Ledger, connection: Connection) -> int:
    """Destroys all that is sealed, for its key is lost, and names what a hand must do; returns how many."""
    count = 0
    for table in (schema.delivery, schema.inbox, schema.request):
        here = update(table).where(table.c.sealed.is_not(None))
        count += int(connection.execute(here.values(sealed=None)).rowcount)
    # What copies held can be restored no more, and no answer opened: it is made anew on request.
    count += int(connection.execute(delete(schema.request_answer)).rowcount)
    count += int(connection.execute(delete(schema.undo_copy)).rowcount)
    name_what_is_lost(ledger, connection)
    read_all_again(connection)
    return count


def read_all_again(connection: Connection) -> None:
    """The next pull reads everything: what only a message hinted at is seen there."""
    connection.execute(delete(schema.cursor))


def name_what_is_lost(ledger: Ledger, connection: Connection) -> None:
    """What was to be told by a handle that is no more waits, named, for a person.

    Of a step that may have been written and has no receipt the recipients are named too: its record may show
    no handle any more. Nothing is done twice, and nothing where every handle is there.
    """
    column, step = schema.delivery.c, schema.step
    written = select(step.c.seq).where(
        step.c.plan == column.plan, step.c.seq == column.step,
        step.c.state.in_([StepState.BEGUN, StepState.ACCEPTED]),
    )  # fmt: skip
    place = ledger.place(connection)
    lost = update(schema.delivery).where(column.shop == ledger.shop, column.sealed.is_(None))
    held = lost.where(column.state == DeliveryState.HELD)
    named = {"state": DeliveryState.FAILED, "outcome": Outcome.REFUSED, "reason": KEY_LOST}
    write(connection, place, held.where(written.exists()).values(**named, not_before=None))
    write(connection, place, held.values(state=DeliveryState.CANCELLED))
    in_letter = and_(column.state == DeliveryState.BY_HAND, column.token != "")
    untold = lost.where(column.state.in_(UNTOLD), column.reason.not_in(NO_HANDLE), ~in_letter)
    write(connection, place, untold.values(**named, not_before=None))
    unread = lost.where(column.state == DeliveryState.CLOSED, column.outcome.in_(TO_VERIFY))
    unseen = unread.where(or_(column.seen == "", column.seen == Seen.UNREAD))
    write(connection, place, unseen.values(seen=Seen.CANNOT_BE_KNOWN))
    _messages(ledger, connection)


def _messages(ledger: Ledger, connection: Connection) -> None:
    """Requests wait for a person; what only hinted at a change is covered by a pull that reads everything."""
    _to(ledger, connection, [Topic.DATA_REQUEST], state=MessageState.OPEN)
    _to(ledger, connection, HINTS, state=MessageState.CLOSED, outcome=KEY_LOST)


def _to(ledger: Ledger, connection: Connection, topics: Sequence[Topic], **values: object) -> None:
    column = schema.inbox.c
    lost = (column.sealed.is_(None), column.state == MessageState.RECEIVED, column.topic.in_(topics))
    chosen = select(column.id).where(column.shop == ledger.shop, *lost)
    ids = connection.scalars(chosen).all()
    connection.execute(update(schema.inbox).where(column.id.in_(ids)).values(**values))
    note_messages(ledger, connection, column.id.in_(ids))
