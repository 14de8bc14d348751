"""Plans, their steps and approvals, as rows."""

import re
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, literal, or_, select, update

from connector.errors import LedgerError, PlanError, PlanStale
from connector.ledger import schema
from connector.ledger.approvals import Approval, Approvals
from connector.ledger.plans.rows import (
    READABLE,
    Accepted,
    LastRun,
    NewStep,
    PlanRow,
    StepRow,
    closed_rows,
    no_plan,
    receipt_tasks,
    row_of,
    step_row,
)
from connector.ledger.plans.scopes import NIGHTLY, REPLAY, UNDO
from connector.ledger.proof.forms import STEPS
from connector.ledger.proof.sums import summed
from connector.ledger.states import PLAN_ARROWS, STEP_ARROWS, PlanState, StepState, before
from connector.ledger.store import Ledger, in_chunks, write_many
from connector.ledger.tasks import Tasks
from connector.plan import Plan, Step, digest_of, from_json, to_json
from connector.ports import DEVIATES, Receipt
from connector.records import Action, Kind, Outcome, Wave

CURRENT = (PlanState.OPEN, PlanState.BEGUN, PlanState.FINISHED)
RAN = (PlanState.BEGUN, PlanState.FINISHED, PlanState.ABANDONED)


class Plans:
    """The plans of one shop, with their steps and approvals."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop
        self._approvals = Approvals(ledger)
        self._tasks = Tasks(ledger)

    def approve(self, connection: Connection, plan_id: int, approval: Approval) -> None:
        """Records who approved a wave's digest; a second approval of a wave replaces the first."""
        self._approvals.approve(connection, plan_id, approval)

    def approvals(self, connection: Connection, plan_id: int) -> tuple[Approval, ...]:
        """Every approval of this plan."""
        return self._approvals.of(connection, plan_id)

    def begin_draft(self, connection: Connection, *, scope: str = NIGHTLY) -> int:
        """A row for a plan being made; what was open before in its scope, and nothing else, is replaced."""
        table = schema.plan
        self._replace_open(connection, scope)
        result = connection.execute(
            table.insert().values(
                shop=self.shop,
                digest=f"draft {uuid.uuid4().hex}",  # two scopes may draw in the same second
                code="",
                created=self.ledger.now(),
                expires=self.ledger.now(),
                state=PlanState.DRAFT,
                scope=scope,
                header=b"",
            )
        )
        assert result.inserted_primary_key is not None
        return int(result.inserted_primary_key[0])

    def _replace_open(self, connection: Connection, scope: str) -> None:
        table, steps = schema.plan, schema.step
        old = connection.scalars(
            select(table.c.id).where(
                table.c.shop == self.shop,
                table.c.scope == scope,
                table.c.state.in_(before(PlanState.REPLACED, PLAN_ARROWS)),
            )
        ).all()
        connection.execute(delete(steps).where(steps.c.plan.in_(old)))
        connection.execute(update(table).where(table.c.id.in_(old)).values(state=PlanState.REPLACED))
        for one in old:
            self._note(connection, one)

    def add_steps(self, connection: Connection, plan_id: int, steps: Sequence[NewStep]) -> None:
        """Appends steps, each with its sequence number and its record's row."""
        write_many(connection, schema.step.insert(), [row_of(plan_id, one) for one in steps])

    def seal(self, connection: Connection, plan_id: int, plan: Plan) -> None:
        """Freezes the plan: its digest stands, and it can be approved."""
        connection.execute(
            update(schema.plan)
            .where(schema.plan.c.id == plan_id)
            .values(
                digest=plan.digest,
                code=plan.code,
                created=plan.created.isoformat(),
                expires=plan.expires.isoformat(),
                state=PlanState.OPEN,
                header=to_json(plan),
            )
        )
        self._note(connection, plan_id)

    def _note(self, connection: Connection, plan_id: int) -> None:
        for of in ("plan", STEPS):
            self.ledger.note(connection, of, plan_id)

    def stay(self, connection: Connection, before: PlanRow, draft: int) -> None:
        """What was drawn anew is what the plan before says: it is that plan, with its code and approvals."""
        gone = {"digest": f"replaced {before.id} {before.plan.digest}", "header": b""}
        connection.execute(update(schema.plan).where(schema.plan.c.id == before.id).values(gone))
        self._note(connection, before.id)
        self.seal(connection, draft, before.plan)
        self._approvals.move(connection, before.id, draft)

    def current(
        self,
        connection: Connection,
        code: str | None = None,
        *,
        states: Sequence[PlanState] = CURRENT,
        scope: str = NIGHTLY,
    ) -> PlanRow | None:
        """The plan of this code, or the newest of a scope in one of these states."""
        table = schema.plan
        if code is not None and not re.fullmatch(r"[0-9a-f]{8,64}", code):
            raise PlanError("A plan's code has eight characters; `gallra show` prints it. Give them all.")
        chosen = select(table).where(table.c.shop == self.shop).order_by(table.c.id.desc())
        if code is None:
            chosen = chosen.where(table.c.state.in_(states), table.c.scope == scope)
        else:
            chosen = chosen.where(table.c.digest.startswith(code))
        row = connection.execute(chosen.limit(1)).first()
        if row is None:
            return None
        plan = from_json(row.header)
        if digest_of(plan) != row.digest:
            raise PlanStale(
                "The stored plan does not match its digest: it was altered. Run `gallra plan` again."
            )
        return PlanRow(row.id, plan, PlanState(row.state))

    def need(
        self, connection: Connection, code: str | None = None, *, states: Sequence[PlanState] = CURRENT
    ) -> PlanRow:
        """Like `current`, but raises PlanError where there is none."""
        found = self.current(connection, code, states=states)
        if found is None:
            raise no_plan(code, self.shop, waits=self.current(connection) if code is None else None)
        if found.state is PlanState.REPLACED:
            raise PlanStale(
                f"Plan {code} was replaced by a newer one. Run `gallra show` and approve that code."
            )
        return found

    def begun(self, connection: Connection, *, scopes: Sequence[str] = (NIGHTLY,)) -> list[PlanRow]:
        """The plans of these scopes that have begun and are not finished, oldest first."""
        table = schema.plan
        rows = connection.execute(
            select(table.c.id, table.c.header)
            .where(table.c.shop == self.shop, table.c.scope.in_(scopes), table.c.state == PlanState.BEGUN)
            .order_by(table.c.id)
        )
        return [PlanRow(row.id, from_json(row.header), PlanState.BEGUN) for row in rows]

    def open_places(self, connection: Connection, plan_id: int) -> frozenset[tuple[str, Kind]]:
        """The services and kinds of which steps have begun and are not closed."""
        table = schema.step
        rows = connection.execute(
            select(table.c.adapter, table.c.kind)
            .where(table.c.plan == plan_id, table.c.state == StepState.BEGUN)
            .distinct()
        )
        return frozenset((row.adapter, Kind(row.kind)) for row in rows)

    def by_id(self, connection: Connection, plan_id: int) -> Plan:
        """The header of a plan's row."""
        table = schema.plan
        return from_json(connection.execute(select(table.c.header).where(table.c.id == plan_id)).scalar_one())

    def unread(self, connection: Connection, adapters: Collection[str] = ()) -> list[int]:
        """The plans with steps that were carried out and not yet read back, oldest first.

        With `adapters` only those with such a step at one of these services.
        """
        table, plans = schema.step, schema.plan
        chosen = (
            select(plans.c.id)
            .where(
                plans.c.shop == self.shop,
                plans.c.id.in_(
                    select(table.c.plan).where(
                        table.c.state == StepState.CLOSED,
                        table.c.read_back == "",
                        table.c.adapter.in_(adapters) if adapters else literal(True),
                        or_(
                            table.c.outcome.in_(READABLE),
                            (table.c.done != 0) & (table.c.action == Action.REDACT),
                            (table.c.outcome == Outcome.REFUSED) & (table.c.done != 0),
                        ),
                    )
                ),
            )
            .order_by(plans.c.id)
        )
        return list(connection.scalars(chosen))

    def previous(self, connection: Connection, before: int) -> Plan | None:
        """The plan made before this one, for the difference."""
        table = schema.plan
        header = connection.scalar(
            select(table.c.header)
            .where(table.c.shop == self.shop, table.c.id < before, table.c.header != b"")
            .order_by(table.c.id.desc())
            .limit(1)
        )
        return from_json(header) if header else None

    def set_state(self, connection: Connection, plan_id: int, state: PlanState) -> None:
        """Moves a plan along an arrow. Raises LedgerError where it stands elsewhere."""
        table = schema.plan
        may = before(state, PLAN_ARROWS)
        moved = connection.execute(
            update(table).where(table.c.id == plan_id, table.c.state.in_(may)).values(state=state)
        )
        if not moved.rowcount:
            raise LedgerError(
                f"The plan does not stand where it can become {state}: another run has moved it. "
                "See `gallra status`, then run the command again."
            )
        self.ledger.note(connection, "plan", plan_id)

    def steps(
        self,
        connection: Connection,
        plan_id: int,
        *,
        waves: Sequence[Wave] = tuple(Wave),
        states: Sequence[StepState] = tuple(StepState),
    ) -> Iterator[StepRow]:
        """Steps of these waves and states, in order of their sequence; streamed."""
        after = -1
        while rows := self._page(connection, plan_id, after, waves, states):
            after = rows[-1].seq
            yield from map(step_row, rows)

    def stream(
        self, plan_id: int, *, waves: Sequence[Wave] = tuple(Wave), states: Sequence[StepState]
    ) -> Iterator[StepRow]:
        """Like `steps`, each page in a transaction of its own: the reader may write in between."""
        after = -1
        while True:
            with self.ledger.begin() as connection:
                rows = self._page(connection, plan_id, after, waves, states)
            if not rows:
                return
            after = rows[-1].seq
            yield from map(step_row, rows)

    def _page(
        self,
        connection: Connection,
        plan_id: int,
        after: int,
        waves: Sequence[Wave],
        states: Sequence[StepState],
    ) -> Sequence[Row[Any]]:
        table = schema.step
        chosen = select(table).where(
            table.c.plan == plan_id,
            table.c.seq > after,
            table.c.wave.in_([str(w) for w in waves]),
            table.c.state.in_(states),
        )
        return connection.execute(chosen.order_by(table.c.seq).limit(1000)).all()

    def digest_steps(self, connection: Connection, plan_id: int) -> Iterator[Step]:
        """All steps as they were planned, to take the digest anew."""
        return (row.step for row in self.steps(connection, plan_id))

    def samples(self, connection: Connection, plan_id: int, wave: Wave, limit: int = 10) -> list[StepRow]:
        """A spread of steps of a wave, deterministic for a plan."""
        table = schema.step
        here = (table.c.plan == plan_id, table.c.wave == wave)
        total = connection.scalar(select(func.count()).where(*here)) or 0
        stride = max(1, total // limit)
        ordered = (
            select(table, func.row_number().over(order_by=table.c.seq).label("n")).where(*here).subquery()
        )
        rows = connection.execute(select(ordered).where(ordered.c.n % stride == 0).limit(limit))
        return [step_row(r) for r in rows]

    def mark_begun(self, connection: Connection, plan_id: int, seqs: Sequence[int]) -> None:
        """Their handles are sealed: from here a crash ends in the same state."""
        table = schema.step
        for some in in_chunks(seqs):
            here = (table.c.plan == plan_id, table.c.seq.in_(some))
            may = table.c.state.in_(before(StepState.BEGUN, STEP_ARROWS))
            with self._summed(connection, *here):
                connection.execute(update(table).where(*here, may).values(state=StepState.BEGUN))

    def close(self, connection: Connection, plan_id: int, receipts: Mapping[int, Receipt]) -> None:
        """Writes the receipts of steps, by sequence; one that is accepted waits for its due date."""
        table = schema.step
        rows = closed_rows(plan_id, receipts)
        here = (
            table.c.plan == bindparam("plan_"),
            table.c.seq == bindparam("seq_"),
            table.c.state != StepState.CLOSED,  # the first receipt of a step stands
        )
        for some in in_chunks(rows):
            seqs = [row["seq_"] for row in some]
            with self._summed(connection, table.c.plan == plan_id, table.c.seq.in_(seqs)):
                write_many(connection, update(table).where(*here).values(_bound(some)), some)
        self._note_places(connection, plan_id, [seq for seq, receipt in receipts.items() if receipt.places])

    def _note_places(self, connection: Connection, plan_id: int, seqs: Sequence[int]) -> None:
        """Where a hand is needed that no plan foresaw: a task of its own."""
        step = schema.step
        for some in in_chunks(seqs):
            rows = connection.execute(select(step).where(step.c.plan == plan_id, step.c.seq.in_(some)))
            self._tasks.note(connection, plan_id, [t for r in map(step_row, rows) for t in receipt_tasks(r)])

    def give_reason(self, connection: Connection, plan_id: int, seq: int, reason: str) -> None:
        """Writes why a step stands as it does; its state stays."""
        self._update(connection, plan_id, [seq], reason=reason)

    def read_back(self, connection: Connection, plan_id: int, seqs: Sequence[int], result: str) -> None:
        """Writes what a read-back showed: clean, left or unknown."""
        self._update(connection, plan_id, seqs, read_back=result)

    def deviates(self, connection: Connection, plan_id: int, seqs: Sequence[int], how: str) -> None:
        """Writes that these steps' records turned out otherwise than was decided, beside what was known."""
        table = schema.step
        for seq in seqs:
            here = (table.c.plan == plan_id, table.c.seq == seq)
            known = str(connection.scalar(select(table.c.reason).where(*here)) or "")
            before = known.removeprefix(f"{DEVIATES}:").split(",") if known.startswith(DEVIATES) else []
            told = ",".join(dict.fromkeys([*before, how]))
            with self._summed(connection, *here):
                connection.execute(update(table).where(*here).values(reason=f"{DEVIATES}:{told}"))

    def _update(self, connection: Connection, plan_id: int, seqs: Sequence[int], **values: Any) -> None:
        table = schema.step
        for start in range(0, len(seqs), 500):
            here = (table.c.plan == plan_id, table.c.seq.in_(seqs[start : start + 500]))
            with self._summed(connection, *here):
                connection.execute(update(table).where(*here).values(**values))

    def _summed(self, connection: Connection, *here: ColumnElement[bool]) -> AbstractContextManager[None]:
        """Takes what is written to these steps into what vouches for their receipts."""
        return summed(connection, self.ledger.place(connection), "step", *here)

    def accepted(self, connection: Connection) -> list[Accepted]:
        """Steps that a platform took on and has not finished, of every plan."""
        table, plans = schema.step, schema.plan
        rows = connection.execute(
            select(table)
            .join(plans, plans.c.id == table.c.plan)
            .where(plans.c.shop == self.shop, table.c.state == StepState.ACCEPTED)
            .order_by(table.c.plan, table.c.seq)
        )
        return [Accepted(row.plan, step_row(row)) for row in rows]

    def under_way(self, connection: Connection, today: date) -> frozenset[int]:
        """Records whose erasure a platform took on, its date not passed: nothing is asked of them anew."""
        return frozenset(
            row.record
            for _, row in self.accepted(connection)
            if row.step.action is Action.DELETE and (row.due is None or row.due >= today.isoformat())
        )

    def done_with(self, connection: Connection, plan_id: int, waves: Sequence[Wave]) -> bool:
        """Whether nothing is left to do in these waves: running again does nothing, and says so.

        A plan that a crash left begun after its last step is still to be finished.
        """
        state = connection.scalar(select(schema.plan.c.state).where(schema.plan.c.id == plan_id))
        if state == PlanState.BEGUN:
            return False
        left = self.steps(connection, plan_id, waves=waves, states=(StepState.PLANNED, StepState.BEGUN))
        return next(left, None) is None


def _bound(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Each column of the rows bound to its own value; names that end in an underscore choose the row."""
    return {name: bindparam(name) for name in (rows[0] if rows else ()) if not name.endswith("_")}


__all__ = [
    "NIGHTLY", "REPLAY", "UNDO", "Accepted", "Approval", "LastRun", "NewStep", "PlanRow", "Plans", "StepRow",
]  # fmt: skip
