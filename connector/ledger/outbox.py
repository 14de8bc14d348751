"""The outbox: a handle is sealed on disk before the shop is touched, destroyed when done with.

States: held (the shop is not done), ready, waiting (accepted, due later), by_hand (written or
known, and a person must send or do it), failed (refused, or to be tried again), closed, and
cancelled (its step did not happen; sealed anew where the step is tried again). A handle lives
until its delivery is sent, verified, acknowledged or written off.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, NamedTuple

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Row, Select, Update, case, func, not_, or_, select, update

from connector.ledger import schema
from connector.ledger.answers import HANDLE_GONE, TO_VERIFY, Answers
from connector.ledger.drafts import Draft, Whom, field_of_handle, named_once, told_by, whom_of
from connector.ledger.proof.sums import summed, write
from connector.ledger.restricted import is_any_restricted, is_restricted
from connector.ledger.sealing import bound_delivery, joined
from connector.ledger.states import DeliveryState
from connector.ledger.store import Ledger, in_chunks
from connector.ledger.vault import Vault
from connector.ports import Act, Delivery, Live, Seen
from connector.records import Kind, Outcome, Ref, from_bits, to_bits

BATCH = 500
CAME_BACK = "came_back"
_NOT_TOLD = (DeliveryState.CANCELLED, DeliveryState.FAILED, DeliveryState.HELD)


class DeliveryCount(NamedTuple):
    """How many deliveries to a recipient stand so, were answered so, and were seen so."""

    recipient: str
    act: str
    state: str
    outcome: str
    reason: str
    seen: str
    number: int


class Outbox:
    """The deliveries of one shop; `answers` is what came of those that were told."""

    def __init__(self, ledger: Ledger, vault: Vault) -> None:
        self.ledger = ledger
        self.shop = ledger.shop
        self.vault = vault
        self.answers = Answers(ledger)

    def hold(self, connection: Connection, drafts: Sequence[Draft]) -> int:
        """Seals the handles as held; one cancelled by an earlier try of the same step is sealed anew.

        A recipient is named once as one that cannot be told of a record, and no more once it can.

        One still held from an earlier try tells of what either try takes; one on its way stays as it is.
        A draft without a value cannot be told: it is named, unless an earlier try sealed its handle.
        """
        drafts = [told_by(one) for one in drafts if not self._told_already(connection, one)]
        rows = [self._row(draft) for draft in drafts if draft.value]
        untold = self._untold(connection)
        back = {untold[one] for draft in drafts if draft.value and (one := whom_of(draft)) in untold}
        self._came_back(connection, sorted(back))
        self._name_untold(
            connection, list(named_once(draft for draft in drafts if whom_of(draft) not in untold))
        )
        if rows:
            with self._summed(connection, rows):
                connection.execute(self._sealing(), rows)
        return len(rows)

    def _summed(
        self, connection: Connection, rows: Sequence[Mapping[str, Any]]
    ) -> AbstractContextManager[None]:
        """Takes deliveries about to be added, or sealed anew, into what vouches for them."""
        column = schema.delivery.c
        plans, steps = {row["plan"] for row in rows}, {row["step"] for row in rows}
        here = (column.plan.in_(plans), column.step.in_(steps))
        return summed(connection, self.ledger.place(connection), "delivery", *here)

    def _update(self, connection: Connection, statement: Update) -> int:
        return int(write(connection, self.ledger.place(connection), statement).rowcount)

    def _sealing(self) -> Any:
        insertion = self.ledger.upsert(schema.delivery)
        old, new = schema.delivery.c, insertion.excluded
        cancelled = old.state == DeliveryState.CANCELLED
        both = case((old.state == DeliveryState.HELD, old.fields.bitwise_or(new.fields)), else_=old.fields)
        revived = {
            name: case((cancelled, new[name]), else_=old[name])
            for name in ("state", "sealed", "concerns", "planned", "copy_gone_by")
        }
        return insertion.on_conflict_do_update(
            index_elements=["plan", "step", "recipient", "act", "handle", "handle_digest"],
            set_={**revived, "fields": case((cancelled, new.fields), else_=both)},
        )

    def _untold(self, connection: Connection) -> dict[Whom, int]:
        """Who is named, and not closed by a person, as one that cannot be told of a record; by its row."""
        column = schema.delivery.c
        rows = connection.execute(
            select(
                column.id, column.adapter, column.kind, column.remote_id, column.recipient, column.act,
                column.handle,
            ).where(
                column.shop == self.shop, column.state == DeliveryState.FAILED, column.reason == HANDLE_GONE
            )
        )  # fmt: skip
        return {Whom(*one[1:]): one[0] for one in rows}

    def _came_back(self, connection: Connection, rows: Sequence[int]) -> None:
        """The records of these were not lost after all: a later step tells the recipient of them."""
        values = {"state": DeliveryState.CLOSED, "outcome": Outcome.STALE, "reason": CAME_BACK}
        for some in in_chunks(rows):
            here = update(schema.delivery).where(schema.delivery.c.id.in_(some))
            self._update(connection, here.values(values))

    def _name_untold(self, connection: Connection, drafts: Sequence[Draft]) -> None:
        """Names recipients who should be told and cannot be: nothing is left that they could find it by.

        They stand in `status` and in the protocol until a named person closes them.
        """
        named: dict[str, object] = {"state": DeliveryState.FAILED, "outcome": Outcome.REFUSED}
        named |= {"reason": HANDLE_GONE, "sealed": None}
        rows = [
            {**self._row(draft), **named}
            for draft in drafts
            if not self._widened(connection, draft) and not self._told_whole(connection, draft)
        ]
        if rows:
            with self._summed(connection, rows):
                connection.execute(self.ledger.upsert(schema.delivery).on_conflict_do_nothing(), rows)

    def _told_already(self, connection: Connection, draft: Draft) -> bool:
        """Whether a recipient is told by the handle that this draft's only stands in for."""
        if not draft.instead_of:
            return False
        own = replace(draft, handle=draft.instead_of)
        return self._widened(connection, own) or self._told_whole(connection, own)

    def _widened(self, connection: Connection, draft: Draft) -> bool:
        """Whether an earlier try of the step sealed a handle of this kind, which is still to be used.

        It then tells of these fields too: a hold may have kept some of them out of that try.
        """
        column = schema.delivery.c
        of_step = (column.plan == draft.plan, column.step == draft.step, column.recipient == draft.recipient)
        which = (column.act == draft.act, column.handle == draft.handle)
        alive = (*of_step, *which, column.state != DeliveryState.CANCELLED)
        held = update(schema.delivery).where(*alive, column.state == DeliveryState.HELD, column.fields != 0)
        self._update(connection, held.values(fields=column.fields.bitwise_or(to_bits(draft.fields))))
        return connection.scalar(select(column.id).where(*alive).limit(1)) is not None

    def _told_whole(self, connection: Connection, draft: Draft) -> bool:
        """Whether another step tells, or has told, the recipient that the record goes whole."""
        column = schema.delivery.c
        record = (column.adapter == draft.ref.adapter, column.remote_id == draft.ref.id)
        whom = (column.kind == draft.ref.kind, column.recipient == draft.recipient, column.act == draft.act)
        told = column.state.in_([one for one in DeliveryState if one not in _NOT_TOLD])
        which = (column.shop == self.shop, told, column.fields == 0, column.handle == draft.handle)
        chosen = select(column.id).where(*which, *record, *whom).limit(1)
        return connection.scalar(chosen) is not None

    def _row(self, draft: Draft) -> dict[str, object]:
        return {
            "shop": self.shop,
            "plan": draft.plan,
            "step": draft.step,
            "recipient": draft.recipient,
            "act": draft.act,
            "adapter": draft.ref.adapter,
            "kind": draft.ref.kind,
            "remote_id": draft.ref.id,
            "handle": draft.handle,
            "handle_digest": self.vault.digest(draft.value),
            "sealed": self.vault.seal(draft.value, bound_to=self._bound(draft)),
            "fields": to_bits(draft.fields),
            "concerns": to_bits(draft.concerns),
            "planned": draft.planned.isoformat(),
            "copy_gone_by": draft.copy_gone_by.isoformat() if draft.copy_gone_by else None,
            "state": DeliveryState.HELD,
        }

    def _bound(self, draft: Draft) -> str:
        own = (draft.recipient, draft.act, draft.handle)
        return joined(self.shop, draft.plan, draft.step, *own, draft.ref.id)

    def free(self, connection: Connection, plan: int, steps: Sequence[int]) -> None:
        """The shop is done with these steps: their deliveries may go."""
        self._of_steps(connection, plan, steps, from_state=DeliveryState.HELD, state=DeliveryState.READY)

    def cancel(self, connection: Connection, plan: int, steps: Sequence[int]) -> None:
        """These steps did not happen: their handles are destroyed unused."""
        self._of_steps(
            connection, plan, steps, from_state=DeliveryState.HELD, state=DeliveryState.CANCELLED, sealed=None
        )

    def settle(self, connection: Connection, plan: int, done: Mapping[int, int]) -> None:
        """These steps ended by hand, refused or stale: whoever concerns what was done of each is told.

        `done` are bit sets by step. A copy of a record that was to go whole and did not is told of the
        part that concerns it; the rest is cancelled.
        """
        self.cancel(connection, plan, [step for step, bits in done.items() if not bits])
        alike: dict[int, list[int]] = defaultdict(list)  # a batch has few sets of fields and many steps
        for step, bits in done.items():
            alike[bits].append(step)
        for bits, steps in alike.items():
            if bits:
                self._narrow(connection, plan, steps, bits, whole=True)
        self.free(connection, plan, [step for step, bits in done.items() if bits])

    def narrow(self, connection: Connection, plan: int, step: int, fields: int) -> None:
        """Holds of a step only these fields (a bit set): the handles that concern none are destroyed."""
        self._narrow(connection, plan, [step], fields, whole=False)

    def take_back(
        self, connection: Connection, plan: int, left: Mapping[int, int], shown: Mapping[int, Live]
    ) -> None:
        """A read-back found these fields (bit sets by step) still in the shop: nobody is told of them.

        What has left already cannot be taken back. A record that was to go whole is told of as a whole.
        `shown` are the records as they were found. Where one shows another value under a handle, the sealed
        one is gone indeed, and told of. Where it shows none, the sealed one is the last: it is kept for the
        step that erases the same again.
        """
        for step, bits in left.items():
            for row in connection.execute(self._ready(plan, step)):
                now = self._shown(shown.get(step), row.handle)
                own = field_of_handle(row.handle) if now and row.handle_digest not in now else 0
                rest = row.fields & ~(bits & ~own)
                kept = row.sealed if shown.get(step) is not None and not now else None
                undone = {"state": DeliveryState.CANCELLED, "sealed": kept}
                here = update(schema.delivery).where(schema.delivery.c.id == row.id)
                self._update(connection, here.values(**({"fields": rest} if rest else undone)))

    def _ready(self, plan: int, step: int) -> Select[Any]:
        column = schema.delivery.c
        chosen = select(column.id, column.handle, column.handle_digest, column.fields, column.sealed)
        return chosen.where(column.plan == plan, column.step == step, column.state == DeliveryState.READY)

    def _shown(self, live: Live | None, handle: str) -> frozenset[bytes]:
        """What a record shows under a handle now, as its digests."""
        return frozenset(self.vault.digest(value) for value in (live.handles.get(handle, ()) if live else ()))

    def taken_back(self, connection: Connection) -> frozenset[Ref]:
        """The records of which a last handle is kept, for the step that erases the same again."""
        column = schema.delivery.c
        kept = (column.shop == self.shop, column.state == DeliveryState.CANCELLED, column.sealed.is_not(None))
        rows = connection.execute(select(column.adapter, column.kind, column.remote_id).where(*kept))
        return frozenset(Ref(adapter=row.adapter, kind=Kind(row.kind), id=row.remote_id) for row in rows)

    def revive(self, connection: Connection, draft: Draft) -> list[Draft]:
        """What was taken back of this record and is now erased again: its last handles, sealed to this step.

        `draft` says of which record, in which step and, without a recipient, of which fields.
        """
        bits, found = to_bits(draft.fields), []
        for row in connection.execute(self._taken(draft)).all():
            told = bits & (row.fields or row.concerns)
            if bits and not told:
                continue
            left = row.fields & ~told if bits else 0
            here = update(schema.delivery).where(schema.delivery.c.id == row.id)
            value = self.vault.open(row.sealed, bound_to=bound_delivery(row))
            self._update(connection, here.values(**({"fields": left} if left else {"sealed": None})))
            found.append(
                replace(
                    draft, recipient=row.recipient, act=Act(row.act), handle=row.handle, value=value,
                    fields=frozenset(from_bits(told)), concerns=frozenset(from_bits(row.concerns)),
                )
            )  # fmt: skip
        return found

    def _taken(self, draft: Draft) -> Select[Any]:
        """What was taken back of a record, with a handle that is kept; not by this plan itself."""
        column, ref = schema.delivery.c, draft.ref
        return select(schema.delivery).where(
            column.shop == self.shop, column.state == DeliveryState.CANCELLED, column.sealed.is_not(None),
            column.plan != draft.plan, column.adapter == ref.adapter, column.kind == ref.kind,
            column.remote_id == ref.id,
        )  # fmt: skip

    def _narrow(
        self, connection: Connection, plan: int, steps: Sequence[int], fields: int, *, whole: bool
    ) -> None:
        table = schema.delivery
        told = (
            case((table.c.fields == 0, table.c.concerns), else_=table.c.fields) if whole else table.c.fields
        )
        left = told.bitwise_and(fields)
        for some in in_chunks(steps):
            held = (table.c.plan == plan, table.c.step.in_(some), table.c.state == DeliveryState.HELD)
            none_left = update(table).where(*held, left == 0)
            self._update(connection, none_left.values(state=DeliveryState.CANCELLED, sealed=None))
            self._update(connection, update(table).where(*held).values(fields=left))

    def _of_steps(
        self, connection: Connection, plan: int, steps: Sequence[int], *, from_state: str, **values: object
    ) -> None:
        table = schema.delivery
        for start in range(0, len(steps), 500):
            some = table.c.step.in_(steps[start : start + 500])
            here = update(table).where(table.c.plan == plan, some, table.c.state == from_state)
            self._update(connection, here.values(**values))

    def cancel_unused(self, connection: Connection, plan: int) -> int:
        """Destroys every handle of a plan that never got to be used; returns how many."""
        table = schema.delivery
        held = update(table).where(table.c.plan == plan, table.c.state == DeliveryState.HELD)
        return self._update(connection, held.values(state=DeliveryState.CANCELLED, sealed=None))

    def due(self, recipient: str, *, now: str, today: date) -> Iterator[list[Delivery]]:
        """Deliveries that may be pushed now, opened, in batches; waiting ones on their day.

        Those of a person who has had processing restricted are only stored: they wait until it is lifted.
        """
        column = schema.delivery.c
        with self.ledger.begin() as connection:
            restricted = is_any_restricted(connection, self.shop)
        patient = or_(column.not_before.is_(None), column.not_before <= now)
        return self._batches(
            recipient,
            column.sealed.is_not(None),
            *((not_(is_restricted(self.shop)),) if restricted else ()),
            or_(
                column.state.in_([DeliveryState.READY, DeliveryState.BY_HAND]) & patient,
                (column.state == DeliveryState.WAITING) & (column.due <= today.isoformat()) & patient,
                (column.state == DeliveryState.FAILED) & (column.not_before <= now),
            ),
        )

    def to_verify(self, recipient: str) -> Iterator[list[Delivery]]:
        """Deliveries done at the recipient, or not found there, and not yet read back, opened, in batches."""
        return self._batches(recipient, *_to_verify())

    def is_to_verify(self, connection: Connection) -> bool:
        """Whether any recipient is still to be asked about what it was told."""
        here = select(schema.delivery.c.id).where(schema.delivery.c.shop == self.shop, *_to_verify())
        return connection.scalar(here.limit(1)) is not None

    def _batches(self, recipient: str, *which: ColumnElement[bool]) -> Iterator[list[Delivery]]:
        """A recipient's deliveries, oldest first; what changes meanwhile is seen in the next batch."""
        table = schema.delivery
        chosen = select(table).where(table.c.shop == self.shop, table.c.recipient == recipient, *which)
        after = 0
        while True:
            with self.ledger.begin() as connection:
                rows = connection.execute(
                    chosen.where(table.c.id > after).order_by(table.c.id).limit(BATCH)
                ).all()
            if not rows:
                return
            after = rows[-1].id
            yield [self._open(row) for row in rows]

    def _open(self, row: Row[tuple[object, ...]]) -> Delivery:
        return Delivery(
            id=row.id,
            act=Act(row.act),
            kind=Kind(row.kind),
            handle=row.handle,
            value=self.vault.open(row.sealed, bound_to=bound_delivery(row)),
            ref=Ref(adapter=row.adapter, kind=Kind(row.kind), id=row.remote_id),
            planned=date.fromisoformat(row.planned),
            fields=frozenset(from_bits(row.fields)),
            token=row.token,
            copy_gone_by=date.fromisoformat(row.copy_gone_by) if row.copy_gone_by else None,
        )

    def counts(self, connection: Connection, *, plan: int | None = None) -> list[DeliveryCount]:
        """How the deliveries of all plans, or of one, stand."""
        table = schema.delivery
        columns = (
            table.c.recipient,
            table.c.act,
            table.c.state,
            table.c.outcome,
            table.c.reason,
            table.c.seen,
        )
        chosen = select(*columns, func.count()).where(table.c.shop == self.shop).group_by(*columns)
        if plan is not None:
            chosen = chosen.where(table.c.plan == plan)
        return [DeliveryCount._make(row) for row in connection.execute(chosen)]


def _to_verify() -> tuple[ColumnElement[bool], ...]:
    column = schema.delivery.c
    return (
        column.state == DeliveryState.CLOSED,
        column.seen.in_(["", Seen.UNREAD]),
        column.sealed.is_not(None),
        column.outcome.in_(TO_VERIFY),
    )
