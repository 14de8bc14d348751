"""Whether a shop is no more: a message alone never says so, for neither its time nor its id is signed.

The shop is asked with its own token, run by run. The ledger is wiped once the token was refused as that of
an uninstalled app on several runs spread over two days; a shop that answers closes the message.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from connector.deciding.leaving import is_enough
from connector.ledger import Ledger, outside
from connector.ledger.inbox import STILL_ANSWERS, Inbox, Message
from connector.ledger.states import MessageState
from connector.ports import Presence
from connector.ports.heard import Topic
from connector.records import Value

FORGOTTEN = "forgotten"
Ask = Callable[[str], tuple[Presence, datetime]]
"""Asks the platform of this name; the answer, and the moment it came by the earlier of the clocks."""


class Probed(Value, frozen=True, kw_only=True):
    """What a run found: what the shop said, when it refused so far, and whether that was enough."""

    presence: Presence
    refused: tuple[datetime, ...] = ()
    forgotten: bool = False


def probe(ledger: Ledger, inbox: Inbox, ask: Ask) -> Probed | None:
    """Asks the shop where a message says that it is no more; None where none does, and nobody is asked.

    What was asked counts once it is on disk: a run that ends before that asks again.
    """
    with ledger.begin() as connection:
        found = _open_messages(connection, inbox)
    if not found:
        return None
    presence, now = ask(found[0].adapter)
    with ledger.begin() as connection:
        own = [one for one in _open_messages(connection, inbox) if one.adapter == found[0].adapter]
        return _settle(ledger, connection, inbox, own, (presence, now))


def _open_messages(connection: Connection, inbox: Inbox) -> list[Message]:
    states = (MessageState.RECEIVED, MessageState.PROBED)
    return inbox.messages(connection, topics=[Topic.SHOP_REDACT], states=states)


def _settle(
    ledger: Ledger,
    connection: Connection,
    inbox: Inbox,
    messages: Sequence[Message],
    said: tuple[Presence, datetime],
) -> Probed:
    presence, now = said
    ids = [one.id for one in messages]
    refused = _refused(messages)
    if presence is Presence.ANSWERS:
        inbox.close(connection, ids, STILL_ANSWERS)
        ledger.event(connection, "shop_redact", messages=ids, outcome=STILL_ANSWERS)
        return Probed(presence=presence)
    if presence is Presence.UNINSTALLED and (not refused or now > refused[-1]):
        refused = (*refused, now)
    if presence is Presence.UNINSTALLED and is_enough(refused):
        outside.forget_shop(ledger, connection, keep=ids)
        inbox.close(connection, ids, FORGOTTEN)
        ledger.event(connection, "shop_redacted", message=ids[-1])
        return Probed(presence=presence, refused=refused, forgotten=True)
    for number, id in enumerate(ids):  # the oldest message keeps the count
        inbox.probe(connection, id, () if number else refused)
    ledger.event(connection, "shop_redact", messages=ids, outcome=str(presence), refused=len(refused))
    return Probed(presence=presence, refused=refused)


def _refused(messages: Sequence[Message]) -> tuple[datetime, ...]:
    return tuple(sorted({moment for one in messages for moment in one.refused}))
