"""Requests that a platform took on and carries out later: looked at on every run until they are done.

A request is a promise with a date: accepted, then read back as done, or overdue. While it
waits, a new order, hold or floor takes it back.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from connector.deciding.anew import as_of_now
from connector.deciding.request_scope import carried_out
from connector.ledger.holds import Holds, OpenHolds
from connector.ledger.index import Records, Row, Rows
from connector.ledger.memory import Memory
from connector.ledger.outbox import Outbox
from connector.ledger.plans import Accepted, Plans, StepRow
from connector.plan import Plan
from connector.policy import Policy, decide
from connector.ports import (
    Live,
    Look,
    Platform,
    ReadsBackErasures,
    Receipt,
    Reconsiders,
    Unread,
    Withdraws,
    looked,
)
from connector.records import Action, Outcome, Ref, Value
from connector.services.beside import Beside
from connector.services.witness import Witness
from connector.verdicts import State

AT_ONCE = 100
"""Requests looked at together, in one read and one more of what is behind them."""


class PendingResult(Value, frozen=True, kw_only=True):
    """How many requests wait, came true, were taken back, or are past their date.

    `refused` of those that wait or are overdue should be taken back and could not be: what must stay may go.
    """

    waiting: int = 0
    done: int = 0
    withdrawn: int = 0
    overdue: int = 0
    refused: int = 0


class Pending:
    """The open requests of one shop."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        policy: Policy,
        platforms: Mapping[str, Platform],
        today: date,
        beside: Beside | None = None,
    ) -> None:
        self.beside = beside or Beside()
        self.ledger = ledger = outbox.ledger
        self.outbox = outbox
        self.policy = policy
        self.platforms = platforms
        self.today = today
        self.plans = Plans(ledger)
        self.records = Records(ledger)
        self.memory = Memory(ledger)
        self.rows = Rows(ledger)
        self.witness = Witness(ledger)
        self._refused = 0
        self._ended: dict[int, frozenset[str]] = {}  # purposes that count no longer, by plan
        self._again: set[int] = set()  # plans that erase again what was erased before
        self._holds: dict[int, OpenHolds] = {}  # of plans that carry out a request
        self._of_own_will: set[int] = set()

    def close_or_withdraw(self) -> PendingResult:
        """Takes back what is no longer due, closes what has come true, counts what is overdue."""
        with self.ledger.begin() as connection:
            steps = self.plans.accepted(connection)
            rows = self.rows.rows(connection, [one.row.record for one in steps])
            holds = Holds(self.ledger).open(connection)
            plans = {one.plan: self.plans.by_id(connection, one.plan) for one in steps}
            replays = {plan: one.replays for plan, one in plans.items()}
            self._holds = self._without_their_own(connection, plans)
            back = self.memory.came_back(connection) if any(replays.values()) else []
        self._of_own_will = {row for one in back if one.own_will for row in one.rows}
        ended = self.policy.ended_by_erasure()
        self._ended = {
            plan: ended if one.replays or one.request else frozenset() for plan, one in plans.items()
        }
        self._again = {plan for plan, again in replays.items() if again}
        counts = dict.fromkeys(("waiting", "done", "withdrawn", "overdue"), 0)
        self._refused = 0
        for adapter, some in _batches(steps):
            platform = self.platforms[adapter]
            looks = self._fetch(platform, [one.row.step.ref for one in some])
            reasons = self._ask_for_reasons(platform, some, looks)
            for one in some:
                step = one.row
                look = looks[step.step.ref]
                over = step.step.ref in reasons or self._is_over(
                    one, rows.get(step.record), look, self._holds.get(one.plan, holds)
                )
                counts[self._close_or_withdraw_one(one.plan, step, look, over=over)] += 1
        return PendingResult(**counts, refused=self._refused)

    def _without_their_own(
        self, connection: Connection, plans: Mapping[int, Plan]
    ) -> dict[int, OpenHolds]:
        """The holds that bind what persons' requests erase: all but the request's own."""
        holds, found = Holds(self.ledger), dict[int, OpenHolds]()
        for plan, one in plans.items():
            asked = carried_out(self.ledger, connection, one.request)
            if asked is not None:
                found[plan] = holds.open(connection, carried_out=asked.request)
        return found

    def _ask_for_reasons(
        self, platform: Platform, some: Sequence[Accepted], looks: Mapping[Ref, Look]
    ) -> Mapping[Ref, str]:
        """Why the platform would not take requests on again, of those that are not carried out yet."""
        if not isinstance(platform, Reconsiders):
            return {}
        lives = [
            look
            for one in some
            if isinstance(look := looks[one.row.step.ref], Live) and not _is_carried_out(one.row, look)
        ]
        return platform.reconsider(lives) if lives else {}

    def _close_or_withdraw_one(self, plan_id: int, step: StepRow, look: Look, *, over: bool) -> str:
        platform = self.platforms[step.step.ref.adapter]
        if isinstance(look, Unread):  # neither carried out nor refused: nobody knows
            return self._how_it_waits(step)
        live = look if isinstance(look, Live) else None
        if _is_carried_out(step, live):
            done = Receipt(ref=step.step.ref, outcome=Outcome.DONE)
            self._close(plan_id, step, done, live)
            return "done"
        if over and isinstance(platform, Withdraws):
            answer = platform.withdraw(step.step.ref, step.token)
            if answer.outcome is Outcome.STALE:
                self._close(plan_id, step, answer, live)
                return "withdrawn"
            self._note_refusal(plan_id, step, answer)
        return self._how_it_waits(step)

    def _fetch(self, platform: Platform, refs: Sequence[Ref]) -> Mapping[Ref, Look]:
        if isinstance(platform, ReadsBackErasures):
            return self.witness.held(platform, looked(platform.before_erasure(refs), refs))
        return self.witness.held(platform, self.beside.read_back(platform, refs))

    def _how_it_waits(self, step: StepRow) -> str:
        return "overdue" if step.due is not None and step.due < self.today.isoformat() else "waiting"

    def _is_over(self, one: Accepted, row: Row | None, look: Look, holds: OpenHolds) -> bool:
        """Whether a hold, a purchase, or a floor on the record itself ends the request.

        What is erased again is decided as it was planned: by what an erasure leaves, and never against a
        person who has come back by own will since.
        """
        # No pull may have told of money owed since; the request itself may have moved the day of change.
        live = look if isinstance(look, Live) else None
        now = row if row is None or live is None else as_of_now(row, live.record, under_way=True)
        if now is None:
            return False
        ended = self._ended[one.plan]
        if one.plan in self._again and now.id in self._of_own_will:
            return True
        return not self._is_still_due(one.row, now, holds, ended)

    def _is_still_due(self, step: StepRow, row: Row, holds: OpenHolds, ended: frozenset[str]) -> bool:
        verdict = decide(holds.on(row), self.policy, today=self.today, without=ended)
        if step.step.action is Action.REDACT:
            named = {why.field for why in step.step.why}
            return any(f.state is State.DUE and str(f.field) in named for f in verdict.fields)
        return verdict.record is not None and verdict.record.state is State.DUE

    def _note_refusal(self, plan_id: int, step: StepRow, answer: Receipt) -> None:
        """Keeps why a request could not be taken back: `status` says it until the request is over."""
        self._refused += 1
        with self.ledger.begin() as connection:
            self.plans.give_reason(connection, plan_id, step.seq, answer.reason)
            self.ledger.event(connection, "pending", plan=plan_id, step=step.seq, outcome=str(answer.outcome))

    def _close(self, plan_id: int, step: StepRow, receipt: Receipt, live: Live | None) -> None:
        with self.ledger.begin() as connection:
            self.plans.close(connection, plan_id, {step.seq: receipt})
            if receipt.outcome is Outcome.DONE:
                self._note_done(connection, plan_id, step, live)
            else:
                self.outbox.cancel(connection, plan_id, [step.seq])
            self.ledger.event(
                connection, "pending", plan=plan_id, step=step.seq, outcome=str(receipt.outcome)
            )

    def _note_done(self, connection: Connection, plan_id: int, step: StepRow, live: Live | None) -> None:
        self.plans.read_back(connection, plan_id, [step.seq], "clean")
        self.outbox.free(connection, plan_id, [step.seq])
        left = self.records.settle(connection, step.record, None if live is None else live.record)
        self.memory.remember_erased(connection, left)


def _batches(steps: Sequence[Accepted]) -> Iterator[tuple[str, list[Accepted]]]:
    """The requests of each platform, some at a time: what is withdrawn is then read just before."""
    by_adapter: dict[str, list[Accepted]] = {}
    for one in steps:
        by_adapter.setdefault(one.row.step.ref.adapter, []).append(one)
    for adapter, own in by_adapter.items():
        for start in range(0, len(own), AT_ONCE):
            yield adapter, own[start : start + AT_ONCE]


def _is_carried_out(step: StepRow, live: Live | None) -> bool:
    """Whether what was asked for can be read back: the record gone, or its fields empty."""
    return live is None or not live.record.present & (step.step.fields or live.record.present)
