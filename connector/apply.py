"""The apply stage: each record is fetched anew, decided anew, and only what is still due is erased.

Handles are sealed on disk before the shop is touched; the shop's receipt frees them. Every
part may be repeated: a crash at any point, run again, ends in the same state.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

import msgspec
from sqlalchemy import Connection

from connector.calendar import add_months
from connector.drawing import Recipient
from connector.errors import PlanError, Rejected, RemoteError
from connector.ledger import Ledger
from connector.ledger.holds import Holds, OpenHolds
from connector.ledger.index import Index, Row
from connector.ledger.outbox import Draft, Outbox
from connector.ledger.plans import Plans, StepRow
from connector.ledger.unread import Barred, Unreads
from connector.plan import Step, concerned, told
from connector.policy import Policy, decide
from connector.policy.clocks import believed
from connector.ports import Gone, Live, Look, Platform, Receipt, Task, Unread, living, looked
from connector.records import (
    FIELD_BITS,
    Action,
    Field,
    Kind,
    Outcome,
    Ref,
    Value,
    Wave,
    from_bits,
    to_bits,
)
from connector.verdicts import State, Verdict
from connector.verify import read_back

OPEN = ("planned", "begun", "accepted")
BATCH = 200  # records at once: two requests of a hundred, side by side
Progress = Callable[[int], None]


class Group(Value, frozen=True, kw_only=True):
    """The steps of one record, carried out in one go."""

    ref: Ref
    record: int
    steps: tuple[StepRow, ...]


class Settled(Value, frozen=True, kw_only=True):
    """What the new look at a record leaves of its steps: to do, or the receipt already."""

    group: Group
    due: Mapping[int, int]  # step seq -> fields still due
    receipts: Mapping[int, Receipt]


class Applier:
    """Carries out the approved waves of one plan."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        outbox: Outbox,
        policy: Policy,
        platforms: Mapping[str, Platform],
        recipients: Sequence[Recipient],
        today: date,
        left_out: frozenset[Kind] = frozenset(),
    ) -> None:
        self.left_out = left_out
        self.ledger = ledger
        self.outbox = outbox
        self.policy = policy
        self.platforms = platforms
        self.recipients = recipients
        self.today = today
        self.plans = Plans(ledger)
        self.index = Index(ledger)
        self.unreads = Unreads(ledger)
        self.touched = 0

    def apply(
        self,
        plan_id: int,
        waves: Sequence[Wave],
        *,
        only: str | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Carries out what is left of these waves; returns how many records were touched.

        Raises MoneyMoved where a total changed, RetryLater where a service asks for patience;
        what was done by then stands in the ledger, and running again goes on from there.
        """
        if only is not None:
            _of_order(self.plans.stream(plan_id, waves=waves, states=OPEN), only)
        with self.ledger.begin() as connection:
            self.plans.set_state(connection, plan_id, "begun")
            holds = Holds(self.ledger).catch_up(connection)
        first = dict.fromkeys(self.platforms, True)
        for adapter, groups in self._batches(plan_id, waves, only, first):
            before = self.touched
            self._carry_out(plan_id, self.platforms[adapter], groups, holds)
            if first[adapter] and self.touched > before:
                self._check_first(plan_id, self.platforms[adapter], groups)
                first[adapter] = False
            if progress is not None:
                progress(len(groups))
        self._finish(plan_id, waves, only)
        return self.touched

    def _check_first(self, plan_id: int, platform: Platform, groups: Sequence[Group]) -> None:
        """Reads the first record back before the rest is touched. Raises Rejected where data is left."""
        result = read_back(self.ledger, platform, plan_id, [g.record for g in groups])
        if result.left:
            raise Rejected(
                f"Record {result.left_labels[0]} still holds what was erased, so nothing more is touched. "
                "Look at it in the shop, then report it with the shop's version.",
                adapter=platform.name,
                operation="read back",
            )
        if result.unread:
            raise Rejected(
                f"Record {result.unread_labels[0]} was written and could not be read back, so nothing more "
                "is touched. See that the shop answers (`gallra check`), then run `gallra apply` again.",
                adapter=platform.name,
                operation="read back",
            )

    def _batches(
        self, plan_id: int, waves: Sequence[Wave], only: str | None, first: Mapping[str, bool]
    ) -> Iterator[tuple[str, list[Group]]]:
        """Batches of one kind at one platform; the first write to a platform is one record."""
        for (adapter, _kind), groups in groupby(
            self._groups(plan_id, waves, only), key=lambda g: (g.ref.adapter, g.ref.kind)
        ):
            batch: list[Group] = []
            for group in groups:
                batch.append(group)
                if len(batch) >= (1 if first[adapter] else self._batch_size(adapter)):
                    yield adapter, batch
                    batch = []
            if batch:
                yield adapter, batch

    def _batch_size(self, adapter: str) -> int:
        """How many records at once: a platform that writes in bulk says so itself."""
        return int(getattr(self.platforms[adapter], "batch", BATCH))

    def _groups(self, plan_id: int, waves: Sequence[Wave], only: str | None) -> Iterator[Group]:
        rows = self.plans.stream(plan_id, waves=waves, states=OPEN)
        if only is not None:
            rows = iter(_of_order(rows, only))
        for record, steps in groupby(rows, key=lambda row: row.record):
            own = tuple(steps)
            yield Group(record=record, steps=own, ref=own[0].step.ref)

    def _carry_out(self, plan_id: int, platform: Platform, groups: Sequence[Group], holds: OpenHolds) -> None:
        asked = [g.ref for g in groups]
        looks = looked(platform.fetch(asked), asked)
        _must_show_something(platform, looks)
        lives = living(looks)
        with self.ledger.begin() as connection:
            rows = self.index.rows(connection, [g.record for g in groups])
            barred = self.unreads.barred(connection)
        settled = [
            _unread(g, why) if (why := self._not_known(g, rows.get(g.record), barred))
            else self._decide_anew(g, looks[g.ref], rows.get(g.record), holds)
            for g in groups
        ]  # fmt: skip
        tasks = list(_tasks(settled, lives))
        self._seal(plan_id, settled, lives)
        receipts: dict[Ref, Receipt] = {}
        fault: RemoteError | None = None
        try:
            for receipt in platform.apply(tasks) if tasks else ():
                receipts[receipt.ref] = receipt
        except RemoteError as error:
            fault = error
        self._record(plan_id, settled, receipts, complete=fault is None)
        self.touched += len(receipts)
        if fault is not None:
            with self.ledger.begin() as connection:
                self.ledger.event(connection, "stopped", plan=plan_id, error=type(fault).__name__)
            raise fault

    def _not_known(self, group: Group, row: Row | None, barred: Barred) -> str:
        """Why it is not known what this record's person may still need; empty where it is."""
        if group.ref.kind in self.left_out:
            return "incomplete"
        return "person" if row is not None and barred.bars(row.id, row.subject, row.record) else ""

    def _decide_anew(self, group: Group, live: Look, row: Row | None, holds: OpenHolds) -> Settled:
        if isinstance(live, Unread):
            return _unread(group, live.reason)
        if isinstance(live, Gone) or row is None:
            gone = Receipt(ref=group.ref, outcome=Outcome.ALREADY_GONE, reason="record_gone")
            return Settled(group=group, due={}, receipts={s.seq: gone for s in group.steps})
        facts = msgspec.structs.replace(
            live.record.facts,
            subject=row.record.facts.subject,
            delivered=live.record.facts.delivered or row.record.facts.delivered,
            modified=row.record.facts.modified if _ours(live, row) else live.record.facts.modified,
        )
        record = holds.on(
            msgspec.structs.replace(row, record=msgspec.structs.replace(live.record, facts=facts))
        )
        verdict = decide(record, self.policy, today=self.today)
        due: dict[int, int] = {}
        receipts: dict[int, Receipt] = {}
        for step in group.steps:
            outcome = _still(step, live, verdict)
            if isinstance(outcome, Receipt):
                receipts[step.seq] = outcome
            else:
                due[step.seq] = outcome
        return Settled(group=group, due=due, receipts=receipts)

    def _seal(self, plan_id: int, settled: Sequence[Settled], lives: Mapping[Ref, Live]) -> None:
        drafts = [
            draft
            for one in settled
            for step in one.group.steps
            if step.seq in one.due
            for draft in self._drafts(plan_id, step, one.due[step.seq], lives[one.group.ref])
        ]
        begun = [seq for one in settled for seq in one.due]
        with self.ledger.begin() as connection:
            for one in settled:
                self._narrow(connection, plan_id, one, lives)
            self.outbox.hold(connection, drafts)
            self.plans.mark_begun(connection, plan_id, begun)

    def _narrow(self, connection: Connection, plan_id: int, one: Settled, lives: Mapping[Ref, Live]) -> None:
        """What an earlier try sealed for fields that keep after all is destroyed; what is gone still goes."""
        for step in one.group.steps:
            if step.state == "begun" and step.seq in one.due and step.step.action is Action.REDACT:
                record = lives[one.group.ref].record
                kept = (record.present | record.unread) & ~one.due[step.seq]
                self.outbox.narrow(connection, plan_id, step.seq, step.step.fields & ~kept)

    def _drafts(self, plan_id: int, step: StepRow, due: int, live: Live) -> Iterator[Draft]:
        still = _only(step.step, due)
        for recipient in self.recipients:
            for interest in told(still, recipient.processor.interests, recipient.code):
                for value in live.handles.get(interest.handle, ()):
                    yield Draft(
                        plan=plan_id,
                        step=step.seq,
                        recipient=recipient.name,
                        act=interest.act,
                        ref=step.step.ref,
                        handle=interest.handle,
                        value=value,
                        fields=concerned(still, interest, recipient.code),
                        planned=self.today,
                        copy_gone_by=_copy_gone_by(recipient, live),
                    )

    def _record(
        self, plan_id: int, settled: Sequence[Settled], receipts: Mapping[Ref, Receipt], *, complete: bool
    ) -> None:
        closed: dict[int, Receipt] = {}
        for one in settled:
            answer = receipts.get(one.group.ref)
            for step in one.group.steps:
                receipt = one.receipts.get(step.seq) or _receipt_of(step, one.due.get(step.seq, 0), answer)
                if receipt is not None:  # else not answered: the step stays begun, the next run settles it
                    closed[step.seq] = receipt
        kept = (Outcome.STALE, Outcome.REFUSED, Outcome.BY_HAND)
        # Deliveries of a job that is under way wait for its end.
        done = {seq: r for seq, r in closed.items() if r.outcome is not Outcome.ACCEPTED}
        with self.ledger.begin() as connection:
            self.plans.close(connection, plan_id, closed)
            self.outbox.free(connection, plan_id, [s for s, r in done.items() if r.outcome not in kept])
            self.outbox.cancel(connection, plan_id, [s for s, r in done.items() if r.outcome in kept])

    def _finish(self, plan_id: int, waves: Sequence[Wave], only: str | None) -> None:
        with self.ledger.begin() as connection:
            # One order may be tried without beginning the plan; what had begun before it is to be finished.
            states = ("planned", "begun") if only is None else ("begun",)
            left = any(True for _ in self.plans.steps(connection, plan_id, waves=waves, states=states))
            self.plans.set_state(connection, plan_id, "begun" if left else "finished")
            if only is not None:
                self.ledger.event(connection, "applied_only", plan=plan_id, records=self.touched)
            else:
                records = self.plans.touched(connection, plan_id)
                self.ledger.event(
                    connection, "applied", plan=plan_id, records=records, waves=[str(w) for w in waves]
                )


def _unread(group: Group, reason: str) -> Settled:
    """Nothing is known of this record: what has not begun is refused, what has begun stays begun.

    A begun step may have been written, so its handles stay sealed until the record can be read.
    """
    refused = Receipt(ref=group.ref, outcome=Outcome.REFUSED, reason=f"unread:{reason}")
    planned = [s.seq for s in group.steps if s.state == "planned"]
    return Settled(group=group, due={}, receipts=dict.fromkeys(planned, refused))


def _must_show_something(platform: Platform, looks: Mapping[Ref, Look]) -> None:
    """Refuses a batch of which nothing could be read: the service shows nothing, so nothing is touched.

    A record that is there and malformed says nothing of the service, and stops only itself.
    """
    reasons = [look.reason for look in looks.values() if isinstance(look, Unread)]
    lost = [reason for reason in reasons if not reason.startswith("malformed")]
    if lost and len(reasons) == len(looks):
        reason = lost[0]
        raise RemoteError(
            f"{platform.name}: none of the {len(looks)} records next in turn could be read ({reason}), so "
            "none of them is touched. Run `gallra check`, and `gallra apply` again once the service answers.",
            adapter=platform.name,
            operation="read before a write",
            code=reason,
        )


def _of_order(rows: Iterable[StepRow], number: str) -> list[StepRow]:
    """The steps of the order that the merchant knows by this number, else of the order with this id.

    Raises PlanError where no open step is its own.
    """
    orders = (row for row in rows if row.step.ref.kind is Kind.ORDER)
    meant = [row for row in orders if number in (row.step.label, row.step.ref.id)]
    if not meant:
        raise PlanError(f"Order {number} has no open step in this plan. The report lists samples that do.")
    return [row for row in meant if row.step.label == number] or meant


def _ours(live: Live, row: Row) -> bool:
    """Whether the version fetched is the one the index knows, so its date is no news."""
    return live.record.version == row.record.version


def _still(step: StepRow, live: Live, verdict: Verdict) -> Receipt | int:
    """What is still due of a step, as a bit set; or the receipt where nothing is."""
    ref, planned = step.step.ref, step.step.fields
    if step.step.action in (Action.DELETE, Action.UNSUBSCRIBE):
        whole = verdict.record
        if whole is None or whole.state is not State.DUE or whole.action is not step.step.action:
            return Receipt(ref=ref, outcome=Outcome.STALE, reason="no_longer_due")
        return planned or FIELD_BITS[Field.ACCOUNT]
    if step.step.action is Action.NOTIFY:  # the shop let it go by itself: only recipients are told
        if planned & live.record.present:
            return Receipt(ref=ref, outcome=Outcome.STALE, reason="filled_again")
        return Receipt(ref=ref, outcome=Outcome.ALREADY_GONE, reason="let_go")
    if not planned:
        by_hand = frozenset(from_bits(step.step.by_hand))
        return Receipt(ref=ref, outcome=Outcome.BY_HAND, by_hand=by_hand)
    carried = planned & (live.record.present | live.record.unread)
    if not carried:
        return Receipt(ref=ref, outcome=Outcome.ALREADY_GONE, done=frozenset(from_bits(planned)))
    due = to_bits(tuple(f.field for f in verdict.fields if f.field and f.state is State.DUE))
    if not carried & due:
        return Receipt(ref=ref, outcome=Outcome.STALE, reason="no_longer_due")
    return carried & due


def _only(step: Step, due: int) -> Step:
    """The step as far as it is still due: a field that keeps tells no recipient."""
    names = {str(field) for field in from_bits(due)}
    if step.action is not Action.REDACT:
        return step
    return msgspec.structs.replace(step, fields=due, why=tuple(w for w in step.why if w.field in names))


def _tasks(settled: Iterable[Settled], lives: Mapping[Ref, Live]) -> Iterator[Task]:
    for one in settled:
        if not one.due:
            continue
        actions = {s.step.action for s in one.group.steps if s.seq in one.due}
        bits = 0
        for fields in one.due.values():
            bits |= fields
        yield Task(
            live=lives[one.group.ref],
            action=Action.DELETE if Action.DELETE in actions else next(iter(actions)),
            fields=frozenset(from_bits(bits)),
            token=next((s.token for s in one.group.steps if s.token), ""),
        )


def _receipt_of(step: StepRow, due: int, answer: Receipt | None) -> Receipt | None:
    """One step's share of what the platform answered for the record."""
    if answer is None:
        return None
    mine = frozenset(from_bits(due))
    whole = step.step.action is not Action.REDACT
    return msgspec.structs.replace(
        answer,
        done=mine if whole and answer.outcome in (Outcome.DONE, Outcome.STOPPED) else answer.done & mine,
        by_hand=(answer.by_hand & mine) | frozenset(from_bits(step.step.by_hand)),
    )


def _copy_gone_by(recipient: Recipient, live: Live) -> date | None:
    """The day by which the recipient's own copy should be gone, where the shop promised one."""
    facts = believed(live.record.facts)
    delivered = facts.delivered or facts.completed or facts.created
    if recipient.copy_months is None or delivered is None:
        return None
    return add_months(delivered, recipient.copy_months)
