"""The sealing: what recipients will be told of is on disk, sealed, before the shop is touched."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection

from connector.calendar import add_months
from connector.deciding import lost
from connector.deciding.undoing import copy_of, last_day
from connector.ledger.drafts import Draft
from connector.ledger.memory import digests_of, objecting
from connector.ledger.plans import StepRow
from connector.ledger.states import StepState
from connector.plan import Step, concerned, told
from connector.policy.clocks import believed
from connector.ports import Act, Live, Look, Recipient, living
from connector.records import Action, Field, Record, Ref, from_bits
from connector.stages.apply.decide import decide_batch
from connector.stages.apply.groups import Group, Settled
from connector.stages.apply.means import Means
from connector.stages.apply.write import tasks_of


def seal_and_mark_begun(
    means: Means, plan_id: int, groups: Sequence[Group], looks: Mapping[Ref, Look]
) -> list[Settled]:
    """Decides a batch by the holds of now, seals its handles and marks it begun: all in one turn.

    A hold placed up to here keeps its records out; one placed after binds from the next batch.
    """
    lives = living(looks)
    objections: list[Record] = []
    with means.ledger.begin() as connection:
        settled = decide_batch(means, connection, groups, looks)
        objections = objecting({one.group.ref: lives[one.group.ref].record for one in settled if _goes(one)})
        means.memory.remember_objections(connection, objections, key=means.key)
        shown = {one.group.record: one.facts for one in settled if one.due and one.facts is not None}
        means.records.before_our_write(connection, shown)
        for one in settled:
            _wipe_what_keeps(means, connection, plan_id, one, lives)
        means.outbox.hold(connection, list(all_drafts(means, plan_id, settled, lives)))
        _seal_again(means, connection, plan_id, settled)
        _seal_copies(means, connection, plan_id, settled, lives)
        means.plans.mark_begun(connection, plan_id, [seq for one in settled for seq in one.due])
    means.memory.must_know(objections)
    return settled


def _seal_copies(
    means: Means, connection: Connection, plan_id: int, settled: Sequence[Settled], lives: Mapping[Ref, Live]
) -> None:
    """What this batch is about to overwrite is on disk, sealed, for as long as it can be restored."""
    if not means.undo_days:
        return
    rows = {one.group.ref: one.group.record for one in settled}
    until = last_day(means.today, means.undo_days)
    tasks = [task for task in tasks_of(settled, lives) if task.action is Action.REDACT]
    left = means.memory.objections(connection, digests_of([task.live.record for task in tasks]))
    for task in tasks:
        if not left & digests_of([task.live.record]):
            platform, row = means.platforms[task.ref.adapter], rows[task.ref]
            new = copy_of(platform, task, plan=plan_id, record=row, until=until)
            if new is not None:
                means.copies.seal(connection, new)


def _goes(one: Settled) -> bool:
    """Whether a record goes whole, and with it what says that its person objected."""
    return any(step.seq in one.due and step.step.action is Action.DELETE for step in one.group.steps)


def _seal_again(means: Means, connection: Connection, plan_id: int, settled: Sequence[Settled]) -> None:
    """What an earlier read-back took back, and this batch erases again, is told by the handle it had."""
    taken = means.outbox.taken_back(connection)
    for one in settled:
        for step in one.group.steps if one.group.ref in taken else ():
            if step.seq in one.due:
                whole = step.step.action is not Action.REDACT
                fields = frozenset[Field]() if whole else frozenset(from_bits(one.due[step.seq]))
                draft = Draft(
                    plan=plan_id, step=step.seq, ref=one.group.ref, fields=fields, planned=means.today,
                    recipient="", act=Act.NOTIFY, handle="", value="",
                )  # fmt: skip
                means.outbox.hold(connection, means.outbox.revive(connection, draft))


def all_drafts(
    means: Means, plan_id: int, settled: Sequence[Settled], lives: Mapping[Ref, Live]
) -> Iterator[Draft]:
    """What recipients are to be told of a batch: of what is still due, and of records that were lost."""
    for one in settled:
        for step in one.group.steps:
            if step.seq in one.due:
                yield from _drafts(means, plan_id, step, one.due[step.seq], lives[one.group.ref])
            elif one.group.ref not in lives and lost.is_lost(one.receipts.get(step.seq)):
                yield from lost.drafts(
                    plan_id, step, means.recipients, means.today, means.policy.after_contract
                )


def _wipe_what_keeps(
    means: Means, connection: Connection, plan_id: int, one: Settled, lives: Mapping[Ref, Live]
) -> None:
    """What an earlier try sealed for fields that keep after all is destroyed; what is gone still goes."""
    for step in one.group.steps:
        if step.state is StepState.BEGUN and step.seq in one.due and step.step.action is Action.REDACT:
            record = lives[one.group.ref].record
            kept = (record.present | record.unread) & ~one.due[step.seq]
            means.outbox.narrow(connection, plan_id, step.seq, step.step.fields & ~kept)


def _drafts(means: Means, plan_id: int, step: StepRow, due: int, live: Live) -> Iterator[Draft]:
    still = _only(step.step, due)
    for recipient in means.recipients:
        after = means.policy.after_contract
        for interest in told(still, recipient.processor.interests, recipient.code, after_contract=after):
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
                    planned=means.today,
                    copy_gone_by=_copy_gone_by(recipient, live),
                )


def _only(step: Step, due: int) -> Step:
    """The step as far as it is still due: a field that keeps tells no recipient."""
    names = {str(field) for field in from_bits(due)}
    if step.action is not Action.REDACT:
        return step
    return msgspec.structs.replace(step, fields=due, why=tuple(w for w in step.why if w.field in names))


def _copy_gone_by(recipient: Recipient, live: Live) -> date | None:
    """The day by which the recipient's own copy should be gone, where the shop promised one."""
    facts = believed(live.record.facts)
    delivered = facts.delivered or facts.completed or facts.created
    if recipient.copy_months is None or delivered is None:
        return None
    return add_months(delivered, recipient.copy_months)
