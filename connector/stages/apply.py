"""The apply stage: each record is fetched anew, decided anew, and only what is still due is erased.

Handles are sealed on disk before the shop is touched; the shop's receipt frees them. Every
part may be repeated: a crash at any point, run again, ends in the same state.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, islice

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from connector.calendar import add_months
from connector.deciding import lost, proof
from connector.deciding.allowed import EVERYTHING, Allowed
from connector.deciding.anew import as_if_with_account, as_of_now
from connector.deciding.catching_up import Known, recounted
from connector.deciding.drawing import THEN
from connector.deciding.honest import held_to
from connector.deciding.reading_back import read_back
from connector.errors import PlanError, Rejected, RemoteError
from connector.ledger import Ledger
from connector.ledger.holds import HoldsNow
from connector.ledger.index import Index, Row
from connector.ledger.naming import said_of
from connector.ledger.outbox import Draft, Outbox
from connector.ledger.plan_states import PlanState, StepState
from connector.ledger.plans import Plans, StepRow
from connector.ledger.unread import Barred, Unreads
from connector.places.numbers import shown
from connector.plan import Step, concerned, told
from connector.policy import Policy, decide
from connector.policy.clocks import believed
from connector.ports import (
    DEVIATES,
    WENT,
    Act,
    Gone,
    Live,
    Look,
    Platform,
    Receipt,
    Recipient,
    TakesMany,
    Task,
    Unread,
    living,
)
from connector.records import (
    FIELD_BITS,
    Action,
    Facts,
    Field,
    Kind,
    Outcome,
    Ref,
    Value,
    Wave,
    from_bits,
    to_bits,
)
from connector.services.absent import NOT_IN_SETTINGS
from connector.services.beside import Beside
from connector.services.said_gone import held_to_a_look
from connector.services.shown import MOST as CONTROLS
from connector.services.shown import Shown, as_shown
from connector.services.witness import ANOTHER, Witness
from connector.verdicts import FieldVerdict, State, Verdict

OPEN = (StepState.PLANNED, StepState.BEGUN, StepState.ACCEPTED)
NOT_WELL = (Outcome.STALE, Outcome.REFUSED, Outcome.BY_HAND)
UNKNOWN_HOLDS = "unknown_holds"

BATCH = 200  # records at once, controls among them: two requests of a hundred, side by side
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
    # Step seq -> fields that an earlier try of it took: found empty now, and proven like any other.
    earlier: Mapping[int, int] = {}
    facts: Facts | None = None  # what the record says before it is touched; None where it is not there


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
        accounts_unread: bool = False,
        beside: Beside | None = None,
        word: Callable[[], Allowed] = lambda: EVERYTHING,
        others_known: Known = lambda _kind: True,
    ) -> None:
        self.others_known = others_known
        self.left_out = left_out
        self.accounts_unread = accounts_unread
        self.word = word
        self.allowed = EVERYTHING
        self.kept_back = False  # whether anything was left alone because its approval had ended
        self.beside = beside or Beside()
        self.ledger = ledger
        self.outbox = outbox
        self.policy = policy
        self.platforms = platforms
        self.recipients = recipients
        self.today = today
        self.plans = Plans(ledger)
        self.index = Index(ledger)
        self.holds = HoldsNow(ledger)
        self.unreads = Unreads(ledger)
        self.shown = Shown(ledger)
        self.witness = Witness(ledger)
        self.touched = 0

    def apply(
        self,
        plan_id: int,
        waves: Sequence[Wave],
        *,
        only: int | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Carries out what is left of these waves; returns how many records were touched.

        `only` is the row of one order, whose steps alone are carried out.
        Raises MoneyMoved where a total changed, RetryLater where a service asks for patience;
        what was done by then stands in the ledger, and running again goes on from there.
        """
        if only is not None:
            _of_order(self.plans.stream(plan_id, waves=waves, states=OPEN), only)
        with self.ledger.begin() as connection:
            self.plans.set_state(connection, plan_id, PlanState.BEGUN)
        self._settle_begun(plan_id, waves, only, progress)
        first = defaultdict[str, bool](lambda: True)
        for adapter, batch in self._batches(plan_id, waves, only, first):
            groups = self._still_allowed(batch)
            written = self._carry_out(plan_id, self.platforms[adapter], groups) if groups else []
            if first[adapter] and written:
                with self.beside.without(adapter):
                    first[adapter] = not self._check_first(plan_id, self.platforms[adapter], written)
            if progress is not None:
                progress(len(batch))
        self._finish(plan_id, waves, only)
        return self.touched

    def _still_allowed(self, groups: Sequence[Group]) -> list[Group]:
        """What the approvals allow of a batch right now; once one has ended, it has for this run."""
        if not self.kept_back:
            self.allowed = self.word()
        left = [
            replace(group, steps=steps)
            for group in groups
            if (steps := tuple(s for s in group.steps if self.allowed.allows(s.step.wave, s.state)))
        ]
        self.kept_back |= sum(len(g.steps) for g in groups) > sum(len(g.steps) for g in left)
        return left

    def _settle_begun(
        self, plan_id: int, waves: Sequence[Wave], only: int | None, progress: Progress | None
    ) -> None:
        """What an earlier try wrote without hearing the answer is closed, whole batches at once.

        Nothing is written: of a record with anything left to do, nothing is closed yet.
        """
        begun = (
            g for g in self._groups(plan_id, waves, only) if any(s.state is StepState.BEGUN for s in g.steps)
        )
        for (adapter, _), same in groupby(begun, key=lambda g: (g.ref.adapter, g.ref.kind)):
            while groups := list(islice(same, self._batch_size(adapter))):
                looks = self._looks(self.platforms[adapter], groups)
                with self.ledger.begin() as connection:
                    decided = self._decided(connection, groups, looks)
                    settled = [one for one in decided if not one.due]
                    self.outbox.hold(connection, list(self._all_drafts(plan_id, settled, living(looks))))
                self._record(plan_id, settled, {})
                self.touched += sum(1 for one in settled if proof.took(one.group.steps, one.receipts))
                if progress is not None:
                    progress(sum(1 for one in settled if one.receipts))

    def _looks(self, platform: Platform, groups: Sequence[Group]) -> Mapping[Ref, Look]:
        """The records as they are now, beside controls that show whether their fields are shown at all."""
        wanted = {group.ref: _redacted(group) for group in groups}
        controls = self.shown.controls(wanted)
        found = self.witness.held(platform, self.beside.fetch(platform, [*wanted, *controls]))
        looks = as_shown(found, wanted, controls)
        with self.beside.without(platform.name):
            _must_show_something(platform, looks)
        for live in living(looks).values():  # an adapter may name a record by its number
            live.record = replace(live.record, label=shown(live.record.label, live.ref))
        return looks

    def _look_again(self, platform: Platform, refs: Sequence[Ref]) -> Mapping[Ref, Look]:
        """One more look at records whose write called them gone, beside some that are known to live."""
        controls = self.shown.controls(dict.fromkeys(refs, FIELD_BITS[Field.EMAIL] | FIELD_BITS[Field.NAME]))
        return self.beside.fetch(platform, [*refs, *(one for one in controls if one not in refs)])

    def _check_first(self, plan_id: int, platform: Platform, records: Sequence[int]) -> bool:
        """Reads the first record written back before the rest is touched; whether it is clean.

        Raises Rejected where data is left.
        """
        result = read_back(self.ledger, platform, plan_id, records, beside=self.beside)
        if result.left:
            with self.ledger.begin() as connection:  # nobody is told of what was not done
                self.outbox.take_back(connection, plan_id, result.left_fields, result.left_lives)
            raise Rejected(
                f"The {said_of(result.left_labels[0])} still holds what was erased, so nothing more is "
                "touched. Look at it in the shop, then report it with the shop's version.",
                adapter=platform.name,
                operation="read back",
            )
        if result.unread:
            raise Rejected(
                f"The {said_of(result.unread_labels[0])} was written and could not be read back, so "
                "nothing more is touched. See that the shop answers (`gallra check`), then run "
                "`gallra apply` again.",
                adapter=platform.name,
                operation="read back",
            )
        return result.clean > 0 and not result.refused

    def _batches(
        self, plan_id: int, waves: Sequence[Wave], only: int | None, first: Mapping[str, bool]
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
        platform = self.platforms[adapter]
        return platform.batch if isinstance(platform, TakesMany) else BATCH - CONTROLS

    def _groups(self, plan_id: int, waves: Sequence[Wave], only: int | None) -> Iterator[Group]:
        rows = self.plans.stream(plan_id, waves=waves, states=OPEN)
        if only is not None:
            rows = iter(_of_order(rows, only))
        for record, steps in groupby(rows, key=lambda row: row.record):
            own = tuple(steps)
            yield Group(record=record, steps=own, ref=own[0].step.ref)

    def _carry_out(self, plan_id: int, platform: Platform, groups: Sequence[Group]) -> list[int]:
        """Erases what is still due of these records; returns the rows of those that were written."""
        looks = self._looks(platform, groups) if self._caught_up(groups) else _not_looked_at(groups)
        lives = living(looks)
        settled = self._seal(plan_id, groups, looks)
        tasks = list(_tasks(settled, lives))
        asked = {task.ref: task for task in tasks}
        receipts: dict[Ref, Receipt] = {}
        fault: RemoteError | None = None
        try:
            for receipt in platform.apply(tasks) if tasks else ():
                if (task := asked.get(receipt.ref)) is not None:  # what nobody asked for proves nothing
                    abilities = platform.capabilities(task.ref.kind)
                    receipts[receipt.ref] = held_to(task, receipt, abilities)
        except RemoteError as error:
            fault = error
        receipts = held_to_a_look(receipts, lambda refs: self._look_again(platform, refs))
        self._record(plan_id, settled, receipts)
        self.touched += sum(proof.touched(receipt) for receipt in receipts.values()) + sum(
            1
            for one in settled
            if one.group.ref not in receipts and proof.took(one.group.steps, one.receipts)
        )
        if fault is not None:
            with self.ledger.begin() as connection:
                self.ledger.event(connection, "stopped", plan=plan_id, error=type(fault).__name__)
            with self.beside.without(platform.name):
                raise fault
        wrote = {task.ref for task in tasks if task.ref in receipts and proof.wrote(task, receipts[task.ref])}
        return [group.record for group in groups if group.ref in wrote]

    def _caught_up(self, groups: Sequence[Group]) -> bool:
        """Whether it is known what the other records of these people say: an order placed since counts."""
        kind = groups[0].ref.kind
        if kind not in THEN:
            return True
        if kind in self.left_out or not self.others_known(kind):
            return False
        with self.ledger.begin() as connection:
            self.holds.refresh(connection)
        records = [group.record for group in groups]
        recounted(self.ledger, self.policy, self.holds.open, records, today=self.today)
        return True

    def _not_known(self, group: Group, row: Row | None, barred: Barred) -> str:
        """Why it is not known what this record's person may still need; empty where it is."""
        if group.ref.kind in self.left_out:
            return "incomplete"
        return "person" if row is not None and barred.bars(row.id, row.subject, row.record) else ""

    def _decide_anew(self, group: Group, look: Look, row: Row | None, barred: Barred) -> Settled:
        if why := self._not_known(group, row, barred):
            return _unread(group, why)
        if isinstance(look, Unread):
            return _unread(group, look.reason)
        if isinstance(look, Gone) or row is None:
            return Settled(group=group, due={}, receipts={s.seq: proof.gone(s) for s in group.steps})
        record = self.holds.open.on(as_of_now(row, look.record))
        record = as_if_with_account(record) if self.accounts_unread else record
        verdict = decide(record, self.policy, today=self.today)
        due: dict[int, int] = {}
        receipts: dict[int, Receipt] = {}
        earlier = {step.seq: bits for step in group.steps if (bits := proof.taken_before(step, look))}
        for step in group.steps:
            outcome = _still(step, look, verdict)
            if isinstance(outcome, Receipt):
                receipts[step.seq] = outcome
            else:
                due[step.seq] = outcome
        return Settled(group=group, due=due, receipts=receipts, earlier=earlier, facts=record.facts)

    def _decided(
        self, connection: Connection, groups: Sequence[Group], looks: Mapping[Ref, Look]
    ) -> list[Settled]:
        """Each group by the holds, the rows and the unread records of this moment."""
        self.holds.refresh(connection)
        rows = self.index.rows(connection, [g.record for g in groups])
        barred = self.unreads.barred(connection)
        return [self._decide_anew(g, looks[g.ref], rows.get(g.record), barred) for g in groups]

    def _seal(self, plan_id: int, groups: Sequence[Group], looks: Mapping[Ref, Look]) -> list[Settled]:
        """Decides a batch by the holds of now, seals its handles and marks it begun: all in one turn.

        A hold placed up to here keeps its records out; one placed after binds from the next batch.
        """
        lives = living(looks)
        with self.ledger.begin() as connection:
            settled = self._decided(connection, groups, looks)
            shown = {one.group.record: one.facts for one in settled if one.due and one.facts is not None}
            self.index.before_our_write(connection, shown)
            for one in settled:
                self._narrow(connection, plan_id, one, lives)
            self.outbox.hold(connection, list(self._all_drafts(plan_id, settled, lives)))
            self._revive(connection, plan_id, settled)
            self.plans.mark_begun(connection, plan_id, [seq for one in settled for seq in one.due])
        return settled

    def _revive(self, connection: Connection, plan_id: int, settled: Sequence[Settled]) -> None:
        """What an earlier read-back took back, and this batch erases again, is told by the handle it had."""
        taken = self.outbox.taken_back(connection)
        for one in settled:
            for step in one.group.steps if one.group.ref in taken else ():
                if step.seq in one.due:
                    whole = step.step.action is not Action.REDACT
                    fields = frozenset[Field]() if whole else frozenset(from_bits(one.due[step.seq]))
                    draft = Draft(
                        plan=plan_id, step=step.seq, ref=one.group.ref, fields=fields, planned=self.today,
                        recipient="", act=Act.NOTIFY, handle="", value="",
                    )  # fmt: skip
                    self.outbox.hold(connection, self.outbox.revive(connection, draft))

    def _all_drafts(
        self, plan_id: int, settled: Sequence[Settled], lives: Mapping[Ref, Live]
    ) -> Iterator[Draft]:
        for one in settled:
            for step in one.group.steps:
                if step.seq in one.due:
                    yield from self._drafts(plan_id, step, one.due[step.seq], lives[one.group.ref])
                elif one.group.ref not in lives and lost.is_lost(one.receipts.get(step.seq)):
                    yield from lost.drafts(plan_id, step, self.recipients, self.today)

    def _narrow(self, connection: Connection, plan_id: int, one: Settled, lives: Mapping[Ref, Live]) -> None:
        """What an earlier try sealed for fields that keep after all is destroyed; what is gone still goes."""
        for step in one.group.steps:
            if step.state is StepState.BEGUN and step.seq in one.due and step.step.action is Action.REDACT:
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
                        concerns=interest.fields,
                        planned=self.today,
                        copy_gone_by=_copy_gone_by(recipient, live),
                    )

    def _record(self, plan_id: int, settled: Sequence[Settled], receipts: Mapping[Ref, Receipt]) -> None:
        closed: dict[int, Receipt] = {}
        for one in settled:
            answer = receipts.get(one.group.ref)
            for step in one.group.steps:
                receipt = one.receipts.get(step.seq) or _receipt_of(step, one, answer)
                if receipt is not None:  # else not answered: the step stays begun, the next run settles it
                    closed[step.seq] = receipt
        # Deliveries of a job that is under way wait for its end.
        ended = {seq: r for seq, r in closed.items() if r.outcome is not Outcome.ACCEPTED}
        parts = {
            step.seq: _told_of(step, one.due.get(step.seq, 0), ended[step.seq])
            for one in settled
            for step in one.group.steps
            if step.seq in ended and _in_part(step, ended[step.seq])
        }
        with self.ledger.begin() as connection:
            self.plans.close(connection, plan_id, closed)
            self._mark_gone(connection, settled, closed)
            self.outbox.free(connection, plan_id, [seq for seq in ended if seq not in parts])
            self.outbox.settle(connection, plan_id, parts)

    def _mark_gone(
        self, connection: Connection, settled: Sequence[Settled], closed: Mapping[int, Receipt]
    ) -> None:
        """What went whole, or was gone before its step, stands in no later plan."""
        erased: list[int] = []
        missing: list[Ref] = []
        for one in settled:
            receipts = [(step, closed[step.seq]) for step in one.group.steps if step.seq in closed]
            if any(proof.went_whole(step, receipt) for step, receipt in receipts):
                erased.append(one.group.record)
            elif any(receipt.reason == lost.RECORD_GONE for _, receipt in receipts):
                missing.append(one.group.ref)
        self.index.mark_erased(connection, erased)
        self.index.mark_gone(connection, missing)

    def _finish(self, plan_id: int, waves: Sequence[Wave], only: int | None) -> None:
        with self.ledger.begin() as connection:
            # A plan of which one order was tried has begun too: nothing is planned beside the rest of it.
            states = (StepState.PLANNED, StepState.BEGUN)
            open_ = self.plans.steps(connection, plan_id, waves=waves, states=states)
            # What no approval covers any more, and had not begun, is due in the next plan.
            left = any(
                step.state is StepState.BEGUN or self.allowed.allows(step.step.wave, step.state)
                for step in open_
            )
            self.plans.set_state(connection, plan_id, PlanState.BEGUN if left else PlanState.FINISHED)
            if only is not None:
                self.ledger.event(connection, "applied_only", plan=plan_id, records=self.touched)
            else:
                records = self.plans.touched(connection, plan_id)
                self.ledger.event(
                    connection, "applied", plan=plan_id, records=records, waves=[str(w) for w in waves]
                )


def _redacted(group: Group) -> int:
    """The fields that this record's steps take of it, as a bit set; none of one that goes whole."""
    bits = 0
    for step in group.steps:
        bits |= step.step.fields if step.step.action is Action.REDACT else 0
    return bits


def _of_order(rows: Iterable[StepRow], record: int) -> list[StepRow]:
    """The steps of one order. Raises PlanError where no open step is its own."""
    found = [row for row in rows if row.record == record]
    if not found:
        raise PlanError("That order has no open step in this plan. The report lists samples that do.")
    return found


def _unread(group: Group, reason: str) -> Settled:
    """Nothing is known of this record: what has not begun is refused, what has begun stays begun.

    A begun step may have been written, so its handles stay sealed until the record can be read.
    """
    refused = Receipt(ref=group.ref, outcome=Outcome.REFUSED, reason=f"unread:{reason}")
    planned = [s.seq for s in group.steps if s.state is StepState.PLANNED]
    return Settled(group=group, due={}, receipts=dict.fromkeys(planned, refused))


def _not_looked_at(groups: Sequence[Group]) -> dict[Ref, Look]:
    """No record of a batch is looked at where it is not known what its person may still need."""
    return {group.ref: Unread(ref=group.ref, reason="incomplete") for group in groups}


def _must_show_something(platform: Platform, looks: Mapping[Ref, Look]) -> None:
    """Refuses a batch of which nothing could be read: the service shows nothing, so nothing is touched.

    A record that is there and malformed says nothing of the service, and stops only itself; so does a single
    one that the service refuses to show: else one such record, first in turn, would stop a shop for good.
    """
    reasons = [look.reason for look in looks.values() if isinstance(look, Unread)]
    of_one = ("rejected", "other_answer") if len(looks) == 1 else ()
    its_own = ("malformed", "more_than_was_read", NOT_IN_SETTINGS, ANOTHER, *of_one)
    lost = [reason for reason in reasons if not reason.startswith(its_own)]
    if lost and len(reasons) == len(looks):
        reason = lost[0]
        raise RemoteError(
            f"{platform.name}: none of the {len(looks)} records next in turn could be read ({reason}), so "
            "none of them is touched. Run `gallra check`, and `gallra apply` again once the service answers.",
            adapter=platform.name,
            operation="read before a write",
            code=reason,
        )


def _still(step: StepRow, live: Live, verdict: Verdict) -> Receipt | int:
    """What is still due of a step, as a bit set; or the receipt where nothing is."""
    ref, planned = step.step.ref, step.step.fields
    if step.step.action in (Action.DELETE, Action.UNSUBSCRIBE):
        whole = verdict.record
        if (
            step.step.action is Action.UNSUBSCRIBE
            and step.state is StepState.BEGUN
            and proof.unsubscribed(live)
        ):
            return Receipt(ref=ref, outcome=Outcome.DONE, done=frozenset(from_bits(planned)))
        if whole is None or whole.state is not State.DUE or whole.action is not step.step.action:
            return Receipt(ref=ref, outcome=Outcome.STALE, reason=_waits_for([whole] if whole else []))
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
        outcome = Outcome.DONE if step.state is StepState.BEGUN else Outcome.ALREADY_GONE
        return Receipt(ref=ref, outcome=outcome, done=frozenset(from_bits(planned)))
    due = to_bits(tuple(f.field for f in verdict.fields if f.field and f.state is State.DUE))
    if not carried & due:
        taken = frozenset(from_bits(proof.taken_before(step, live)))
        mine = [f for f in verdict.fields if f.field and FIELD_BITS[f.field] & carried]
        return Receipt(ref=ref, outcome=Outcome.STALE, reason=_waits_for(mine), done=taken)
    return carried & due


def _waits_for(verdicts: Sequence[FieldVerdict]) -> str:
    """Why a step is not carried out after all: a hold that cannot be read now, or what has changed."""
    unknown = any(one.reason == UNKNOWN_HOLDS for one in verdicts)
    return UNKNOWN_HOLDS if unknown else "no_longer_due"


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


def _receipt_of(step: StepRow, one: Settled, answer: Receipt | None) -> Receipt | None:
    """One step's share of what the platform answered for the record, and what an earlier try took of it."""
    if answer is None:
        return None
    mine = frozenset(from_bits(one.due.get(step.seq, 0)))
    earlier = frozenset(from_bits(one.earlier.get(step.seq, 0)))
    receipt = _share(step, mine, answer)
    return replace(receipt, done=receipt.done | earlier)


def _share(step: StepRow, mine: frozenset[Field], answer: Receipt) -> Receipt:
    """What the answer says of the fields that this step tried."""
    hands = frozenset(from_bits(step.step.by_hand))
    if step.step.action is Action.REDACT and answer.reason == WENT:  # gone since it was fetched
        return Receipt(ref=answer.ref, outcome=Outcome.ALREADY_GONE, reason=lost.RECORD_GONE)
    if step.step.action is not Action.REDACT:
        done = mine if answer.outcome in (Outcome.DONE, Outcome.STOPPED) else answer.done & mine
        refused = {field: why for field, why in answer.refused.items() if field in mine}
        return replace(answer, done=done, by_hand=(answer.by_hand & mine) | hands, refused=refused)
    if answer.outcome in (Outcome.STALE, Outcome.ACCEPTED):
        return replace(answer, done=answer.done & mine, by_hand=(answer.by_hand & mine) | hands, refused={})
    done, by_hand = answer.done & mine, (answer.by_hand & mine) - answer.done
    refused = {field: _why(answer, field) for field in sorted(mine - done - by_hand)}
    if answer.outcome is Outcome.ALREADY_GONE and not answer.refused:
        done, by_hand, refused = mine, frozenset(), {}
    return replace(
        answer, done=done, by_hand=by_hand | hands, refused=refused,
        outcome=_of_its_own(answer, done, by_hand, refused), reason=_reason_of(answer, refused),
    )  # fmt: skip


def _why(answer: Receipt, field: Field) -> str:
    return answer.refused.get(field) or answer.reason or "not_taken"


def _of_its_own(
    answer: Receipt, done: frozenset[Field], by_hand: frozenset[Field], refused: Mapping[Field, str]
) -> Outcome:
    """The outcome of one step: refused where any of its fields was, whatever became of the others."""
    if refused:
        return Outcome.REFUSED
    if done:
        return Outcome.DONE if answer.outcome in (Outcome.REFUSED, Outcome.BY_HAND) else answer.outcome
    return Outcome.BY_HAND if by_hand else answer.outcome


def _reason_of(answer: Receipt, refused: Mapping[Field, str]) -> str:
    """What a step is told with: the record is another than it was, or why a field of its own stayed."""
    if answer.reason.startswith(DEVIATES):
        return answer.reason
    if refused:
        return next(iter(refused.values()))
    return "" if answer.refused else answer.reason


def _in_part(step: StepRow, receipt: Receipt) -> bool:
    """Whether a step may have ended with a field undone: recipients then hear of the others only."""
    fields = step.step.action is Action.REDACT and bool(receipt.done)
    return receipt.outcome in NOT_WELL or (receipt.outcome is Outcome.DONE and fields)


def _told_of(step: StepRow, due: int, receipt: Receipt) -> int:
    """The fields that recipients are told of once a step has ended, as a bit set.

    Of the fields tried now, those that the receipt calls done; what an earlier try took is held still.
    """
    done = to_bits(receipt.done)
    if not due or step.step.action is not Action.REDACT:
        return done
    return step.step.fields & ~(due & ~done)


def _copy_gone_by(recipient: Recipient, live: Live) -> date | None:
    """The day by which the recipient's own copy should be gone, where the shop promised one."""
    facts = believed(live.record.facts)
    delivered = facts.delivered or facts.completed or facts.created
    if recipient.copy_months is None or delivered is None:
        return None
    return add_months(delivered, recipient.copy_months)
