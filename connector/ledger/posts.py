"""Messages to monitors, an outbox of their own: written first, sent later, tried again, given up in the end.

What each says stands elsewhere in the ledger, so nothing is proven of them and nothing rests on them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from connector.ledger import schema
from connector.ledger.states import POST_ARROWS, PostState, before
from connector.ledger.store import Ledger
from connector.records import Value

RETRIES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""How long after each failure it is tried again, at the earliest (Standard Webhooks: Deliverability)."""

TRIES = len(RETRIES) + 1
LONGEST_WAIT = RETRIES[-1]
KEPT_DAYS = 90
"""For how long a message is known that is settled; one that tells of what still stands is told again then."""

AT_ONCE = 50
FAILED, DISABLED = "post_failed", "hook_disabled"
"""Events: a message was given up; a receiver answered 410 and is told nothing more at that address."""


class Message(Value, frozen=True, kw_only=True):
    """What a webhook is to be told: its id, of what, and the body as it will be sent."""

    key: str
    type: str
    body: str
    seq: int = 0


class Waiting(Value, frozen=True, kw_only=True):
    """A message that is still to be sent."""

    id: int
    key: str
    body: str
    tries: int
    not_before: datetime


class HookStands(Value, frozen=True, kw_only=True):
    """How the messages of one webhook stand."""

    hook: str
    waiting: int = 0
    dead: int = 0
    answer: str = ""


class Posts:
    """The messages of one shop."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop

    def put(self, connection: Connection, hook: str, messages: Sequence[Message]) -> int:
        """Keeps what is not known yet; returns how many that were."""
        now, made = self.ledger.now(), 0
        for one in messages:
            row = {
                "shop": self.shop, "hook": hook, "key": one.key, "type": one.type, "body": one.body,
                "at": now, "seq": one.seq, "state": PostState.WAITING, "tries": 0, "not_before": now,
                "answer": "",
            }  # fmt: skip
            made += connection.execute(
                self.ledger.upsert(schema.post).values(**row).on_conflict_do_nothing()
            ).rowcount
        return made

    def told_through(self, connection: Connection, hook: str) -> int:
        """The newest event that this webhook has been told of; 0 where it is of none."""
        return int(connection.scalar(select(func.max(schema.post.c.seq)).where(*self._of(hook))) or 0)

    def due(self, connection: Connection, hook: str) -> list[Waiting]:
        """What may be sent now, the oldest first."""
        table, now = schema.post, self.ledger.clock()
        rows = connection.execute(
            select(table).where(*self._of(hook), table.c.state == PostState.WAITING).order_by(table.c.id)
        )
        found = (
            Waiting(
                id=row.id, key=row.key, body=row.body, tries=row.tries,
                not_before=datetime.fromisoformat(row.not_before),
            )
            for row in rows
        )  # fmt: skip
        return [one for one in found if one.not_before <= now][:AT_ONCE]

    def begin(self, connection: Connection, one: Waiting) -> bool:
        """Counts a try before it is made; False where another run has just begun the same."""
        wait = RETRIES[min(one.tries, len(RETRIES) - 1)]
        table = schema.post
        begun = connection.execute(
            update(table)
            .where(table.c.id == one.id, table.c.tries == one.tries, table.c.state == PostState.WAITING)
            .values(tries=one.tries + 1, not_before=self._in(wait), answer="no_answer")
        )
        return int(begun.rowcount) == 1

    def end(self, connection: Connection, one: Waiting, answer: str, *, state: PostState) -> None:
        """Keeps what came of a try."""
        table = schema.post
        connection.execute(
            update(table)
            .where(table.c.id == one.id, table.c.state.in_(before(state, POST_ARROWS)))
            .values(state=state, answer=answer)
        )

    def put_off(self, connection: Connection, one: Waiting, seconds: float) -> None:
        """The receiver asked for patience: a day at most, and never less than the schedule says."""
        wait = max(RETRIES[min(one.tries, len(RETRIES) - 1)], timedelta(seconds=min(seconds, 86_400)))
        here = schema.post.c.id == one.id
        connection.execute(update(schema.post).where(here).values(not_before=self._in(wait)))

    def disable(self, connection: Connection, hook: str, address: str) -> None:
        """Its receiver wants nothing more at this address, kept as a digest: all that waits is dead."""
        waits = (*self._of(hook), schema.post.c.state == PostState.WAITING)
        connection.execute(update(schema.post).where(*waits).values(state=PostState.DEAD, answer="410"))
        self.ledger.event(connection, DISABLED, name=hook, digest=address)

    def is_disabled(self, connection: Connection, hook: str, address: str) -> bool:
        """Whether its receiver has said so of this address."""
        said = (detail for _, detail in self.ledger.events(connection, DISABLED))
        return any((one["name"], one["digest"]) == (hook, address) for one in said)

    def stands(self, connection: Connection) -> Mapping[str, HookStands]:
        """How the messages of each webhook stand, with the answer to the newest that was tried."""
        table, found = schema.post, dict[str, HookStands]()
        chosen = select(table.c.hook, table.c.state, table.c.answer).where(table.c.shop == self.shop)
        for hook, state, answer in connection.execute(chosen.order_by(table.c.id)):
            was = found.get(hook, HookStands(hook=hook))
            found[hook] = HookStands(
                hook=hook,
                waiting=was.waiting + (state == PostState.WAITING),
                dead=was.dead + (state == PostState.DEAD),
                answer=answer if state != PostState.SENT and answer else was.answer,
            )
        return found

    def expire(self, connection: Connection) -> None:
        """Deletes what is settled and old."""
        table = schema.post
        limit = (self.ledger.clock() - timedelta(days=KEPT_DAYS)).isoformat()
        settled = (table.c.state != PostState.WAITING, table.c.at < limit)
        connection.execute(delete(table).where(table.c.shop == self.shop, *settled))

    def _of(self, hook: str) -> tuple[Any, ...]:
        return schema.post.c.shop == self.shop, schema.post.c.hook == hook

    def _in(self, wait: timedelta) -> str:
        return (self.ledger.clock() + wait).isoformat(timespec="seconds")
