"""The outbox: a handle is sealed on disk before the shop is touched, destroyed when done with.

States: held (the shop is not done), ready, waiting (accepted, due later), closed, failed,
cancelled. A handle lives until its delivery is verified, acknowledged or written off.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select, update

from connector.ledger import schema
from connector.ledger.store import Ledger, write_many
from connector.ledger.vault import Vault
from connector.ports import Act, Delivery, DeliveryReceipt, Finding, Seen
from connector.records import Field, Kind, Outcome, Ref, Value, from_bits, to_bits

DONE_WITH = frozenset({Outcome.NOTIFIED, Outcome.ALREADY_GONE, Outcome.STALE, Outcome.BY_HAND})
BACK_OFF_HOURS = (0, 1, 4, 12, 24)
BATCH = 500


class Draft(Value, frozen=True, kw_only=True):
    """A delivery about to be sealed; its value is in the clear and never printed."""

    plan: int
    step: int
    recipient: str
    act: Act
    ref: Ref
    handle: str
    value: str
    fields: frozenset[Field]
    planned: date
    copy_gone_by: date | None = None

    def __repr__(self) -> str:
        return f"<Draft {self.recipient} {self.act} {self.handle}>"


def _names(row: dict[str, object]) -> tuple[str, ...]:
    return tuple(row)


class Outbox:
    """The deliveries of one shop."""

    def __init__(self, ledger: Ledger, vault: Vault) -> None:
        self.ledger = ledger
        self.vault = vault
        self.shop = ledger.shop

    def hold(self, connection: Connection, drafts: Sequence[Draft]) -> int:
        """Seals the handles as held; one that is already there from an earlier try stays."""
        rows = [self._row(d) for d in drafts]
        if not rows:
            return 0
        statement = self.ledger.upsert(schema.delivery).on_conflict_do_nothing()
        connection.execute(statement, rows)
        return len(rows)

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
            "planned": draft.planned.isoformat(),
            "copy_gone_by": draft.copy_gone_by.isoformat() if draft.copy_gone_by else None,
            "state": "held",
        }

    def _bound(self, draft: Draft) -> str:
        """What a handle is sealed to: its own row, so that no other row opens it."""
        where = (self.shop, draft.plan, draft.step, draft.recipient, draft.act, draft.handle, draft.ref.id)
        return "|".join(map(str, where))

    def _bound_row(self, row: Row[tuple[object, ...]]) -> str:
        where = (self.shop, row.plan, row.step, row.recipient, row.act, row.handle, row.remote_id)
        return "|".join(map(str, where))

    def free(self, connection: Connection, plan: int, steps: Sequence[int]) -> None:
        """The shop is done with these steps: their deliveries may go."""
        self._of_steps(connection, plan, steps, from_state="held", state="ready")

    def cancel(self, connection: Connection, plan: int, steps: Sequence[int]) -> None:
        """These steps did not happen: their handles are destroyed unused."""
        self._of_steps(connection, plan, steps, from_state="held", state="cancelled", sealed=None)

    def narrow(self, connection: Connection, plan: int, step: int, fields: int) -> None:
        """Destroys the held handles of a step that concern none of these fields (a bit set)."""
        table = schema.delivery
        connection.execute(
            update(table)
            .where(
                table.c.plan == plan,
                table.c.step == step,
                table.c.state == "held",
                table.c.fields.bitwise_and(fields) == 0,
            )
            .values(state="cancelled", sealed=None)
        )

    def _of_steps(
        self, connection: Connection, plan: int, steps: Sequence[int], *, from_state: str, **values: object
    ) -> None:
        table = schema.delivery
        for start in range(0, len(steps), 500):
            connection.execute(
                update(table)
                .where(
                    table.c.plan == plan,
                    table.c.step.in_(steps[start : start + 500]),
                    table.c.state == from_state,
                )
                .values(**values)
            )

    def cancel_unused(self, connection: Connection, plan: int) -> int:
        """Destroys every handle of a plan that never got to be used; returns how many."""
        table = schema.delivery
        result = connection.execute(
            update(table)
            .where(table.c.plan == plan, table.c.state == "held")
            .values(state="cancelled", sealed=None)
        )
        return int(result.rowcount)

    def due(self, recipient: str, *, now: str, today: date) -> Iterator[list[Delivery]]:
        """Deliveries that may be pushed now, opened, in batches; waiting ones on their day."""
        table = schema.delivery
        return self._batches(
            recipient,
            (table.c.state == "ready")
            | ((table.c.state == "waiting") & (table.c.due <= today.isoformat()))
            | ((table.c.state == "failed") & (table.c.next_try <= now)),
        )

    def to_verify(self, recipient: str) -> Iterator[list[Delivery]]:
        """Deliveries done at the recipient and not yet read back, opened, in batches."""
        table = schema.delivery
        return self._batches(
            recipient,
            table.c.state == "closed",
            table.c.seen == "",
            table.c.sealed.is_not(None),
            table.c.outcome.in_([Outcome.DONE, Outcome.STOPPED]),
        )

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
            value=self.vault.open(row.sealed, bound_to=self._bound_row(row)),
            ref=Ref(adapter=row.adapter, kind=Kind(row.kind), id=row.remote_id),
            planned=date.fromisoformat(row.planned),
            fields=frozenset(from_bits(row.fields)),
            token=row.token,
            copy_gone_by=date.fromisoformat(row.copy_gone_by) if row.copy_gone_by else None,
        )

    def receive(self, connection: Connection, receipts: Sequence[DeliveryReceipt], *, today: date) -> None:
        """Writes what the recipient answered; a failure is tried again later, and later still."""
        rows: list[dict[str, object]] = []
        for receipt in receipts:
            row = {"id_": receipt.id, "outcome": receipt.outcome, "reason": receipt.reason}
            rows.append({**row, "token": receipt.token, **self._follows(connection, receipt, today)})
        self._write(connection, rows, tries=schema.delivery.c.tries + 1)

    def _follows(self, connection: Connection, receipt: DeliveryReceipt, today: date) -> dict[str, object]:
        """The state that a receipt leaves a delivery in."""
        if receipt.retry:
            return {"state": "failed", "next_try": self._next_try(connection, receipt.id)}
        if receipt.outcome is Outcome.ACCEPTED:
            return {"state": "waiting", "due": (receipt.due or today + timedelta(days=1)).isoformat()}
        if receipt.outcome in DONE_WITH:
            return {"state": "closed", "sealed": None}
        if receipt.outcome is Outcome.REFUSED:
            return {"state": "failed", "next_try": None}
        return {"state": "closed"}

    def _write(self, connection: Connection, rows: Sequence[dict[str, object]], **fixed: object) -> None:
        """Writes each row's own columns, rows with the same columns together."""
        table = schema.delivery
        for names, same in groupby(sorted(rows, key=_names), key=_names):
            bound: dict[str, object] = {name: bindparam(name) for name in names if name != "id_"}
            here = update(table).where(table.c.id == bindparam("id_"))
            write_many(connection, here.values({**bound, **fixed}), list(same))

    def _next_try(self, connection: Connection, row_id: int) -> str:
        tries = connection.scalar(select(schema.delivery.c.tries).where(schema.delivery.c.id == row_id)) or 0
        hours = BACK_OFF_HOURS[min(tries, len(BACK_OFF_HOURS) - 1)]
        return (self.ledger.clock() + timedelta(hours=hours)).isoformat(timespec="seconds")

    def found(self, connection: Connection, findings: Sequence[Finding]) -> None:
        """Writes what a read-back showed; what is gone, or can never be known, gives up its handle."""
        still = Seen.STILL_THERE
        self._write(
            connection,
            [
                {"id_": f.id, "seen": "", "state": "ready"}
                if f.seen is still
                else {"id_": f.id, "seen": f.seen, "sealed": None}
                for f in findings
            ],
        )

    def acknowledge(self, connection: Connection, ids: Sequence[int], *, by: str, written_off: bool) -> int:
        """A named person closes deliveries that no service can; their handles are destroyed."""
        table = schema.delivery
        result = connection.execute(
            update(table)
            .where(
                table.c.shop == self.shop,
                table.c.id.in_(ids),
                table.c.state.in_(["ready", "waiting", "failed"]),
            )
            .values(
                state="closed",
                sealed=None,
                closed_by=by,
                outcome=Outcome.BY_HAND,
                reason="written_off" if written_off else "acknowledged",
            )
        )
        return int(result.rowcount)

    def counts(
        self, connection: Connection, *, plan: int | None = None
    ) -> list[tuple[str, str, str, str, str, str, int]]:
        """Counts: recipient, act, state, outcome, reason, seen, number."""
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
        return [(r[0], r[1], r[2], r[3], r[4], r[5], int(r[6])) for r in connection.execute(chosen)]
