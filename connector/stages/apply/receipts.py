"""The record: each step's share of the answer is written down, and its deliveries are freed by it."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from connector.deciding import lost, proof
from connector.ledger.plans import StepRow
from connector.ports import DEVIATES, WENT, Receipt
from connector.records import Action, Field, Outcome, Ref, from_bits, to_bits
from connector.stages.apply.groups import Settled
from connector.stages.apply.means import Means

NOT_WELL = (Outcome.STALE, Outcome.REFUSED, Outcome.BY_HAND)


def keep_receipts(
    means: Means, plan_id: int, settled: Sequence[Settled], receipts: Mapping[Ref, Receipt]
) -> None:
    """Closes the steps of a batch that were answered, and frees or narrows what recipients are told."""
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
    with means.ledger.begin() as connection:
        means.plans.close(connection, plan_id, closed)
        _mark_gone(means, connection, settled, closed)
        means.outbox.free(connection, plan_id, [seq for seq in ended if seq not in parts])
        means.outbox.settle(connection, plan_id, parts)


def _mark_gone(
    means: Means, connection: Connection, settled: Sequence[Settled], closed: Mapping[int, Receipt]
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
    means.presence.mark_erased(connection, erased)
    means.presence.mark_gone(connection, missing)


def _receipt_of(step: StepRow, one: Settled, answer: Receipt | None) -> Receipt | None:
    """One step's share of what the platform answered for the record, and what an earlier try took of it."""
    if answer is None:
        return None
    mine = frozenset(from_bits(one.due.get(step.seq, 0)))
    earlier = frozenset(from_bits(one.earlier.get(step.seq, 0)))
    receipt = _share(step, mine, answer)
    outcome = receipt.outcome
    if earlier and outcome is Outcome.ALREADY_GONE and receipt.reason != lost.RECORD_GONE:
        outcome = Outcome.DONE  # an earlier try wrote it; that nothing is left for this one was its doing
    return replace(receipt, outcome=outcome, done=receipt.done | earlier)


def _share(step: StepRow, mine: frozenset[Field], answer: Receipt) -> Receipt:
    """What the answer says of the fields that this step tried."""
    hands = frozenset(from_bits(step.step.by_hand))
    if step.step.action is Action.REDACT and answer.reason == WENT:  # gone since it was fetched
        return Receipt(ref=answer.ref, outcome=Outcome.ALREADY_GONE, reason=lost.RECORD_GONE)
    if step.step.channel and answer.still_given:
        answer = _of_channel(answer, step.step.channel)
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


def _of_channel(answer: Receipt, channel: str) -> Receipt:
    """What an answer says of one channel, where it ended some and others live on."""
    reason = answer.still_given.get(channel)
    if reason is None:
        return replace(answer, outcome=Outcome.STOPPED, reason="", places=())
    return replace(answer, outcome=Outcome.REFUSED, reason=reason)


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
