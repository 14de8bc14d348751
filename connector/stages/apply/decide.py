"""The decision: what is still due of each step by the rules, the holds and the records of this moment."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from connector.deciding import proof
from connector.deciding.anew import as_if_with_account, as_of_now
from connector.ledger.index import Row
from connector.ledger.plans import StepRow
from connector.ledger.states import StepState
from connector.ledger.unread import Barred
from connector.policy import decide
from connector.ports import Gone, Live, Look, Receipt, Unread
from connector.records import FIELD_BITS, Action, Field, Outcome, Ref, from_bits, to_bits
from connector.stages.apply.groups import Group, Settled
from connector.stages.apply.means import Means
from connector.stages.apply.objected import decide_objected
from connector.verdicts import FieldVerdict, State, Verdict

UNKNOWN_HOLDS = "unknown_holds"
ANOTHERS = "anothers"
OWN_WILL = "own_will"
"""Why nothing is erased again of a person: an order or consent since the erasure is their own."""


def decide_batch(
    means: Means, connection: Connection, groups: Sequence[Group], looks: Mapping[Ref, Look]
) -> list[Settled]:
    """Each group by the holds, the rows and the unread records of this moment."""
    means.holds.refresh(connection)
    rows = means.rows.rows(connection, [g.record for g in groups])
    if (against := means.against) is not None:
        return [
            decide_objected(one, looks[one.ref], rows.get(one.record), against.get(one.record))
            for one in groups
        ]
    barred = means.unreads.barred(connection)
    settled = [_decide_anew(means, g, looks[g.ref], rows.get(g.record), barred) for g in groups]
    return _but_of_own_will(means, connection, settled) if means.ended and means.erases_again else settled


def _but_of_own_will(means: Means, connection: Connection, settled: Sequence[Settled]) -> list[Settled]:
    """What is erased again is left alone where its person has come back by own will since it was planned."""
    back = means.memory.came_back(connection)
    still = {row for one in back if not one.own_will for row in one.rows}
    return [
        one if not one.due or one.group.record in still else _left_alone(one, OWN_WILL) for one in settled
    ]


def _left_alone(one: Settled, reason: str) -> Settled:
    stale = Receipt(ref=one.group.ref, outcome=Outcome.STALE, reason=reason)
    return replace(one, due={}, receipts={**one.receipts, **dict.fromkeys(one.due, stale)})


def _decide_anew(means: Means, group: Group, look: Look, row: Row | None, barred: Barred) -> Settled:
    if why := _not_known(means, group, row, barred):
        return _unread(group, why)
    if isinstance(look, Unread):
        return _unread(group, look.reason)
    if isinstance(look, Gone) or row is None:
        emptied = look.emptied if isinstance(look, Gone) else ""
        receipts = {step.seq: proof.gone(step, emptied=emptied) for step in group.steps}
        return Settled(group=group, due={}, receipts=receipts)
    begun = any(step.state is StepState.BEGUN for step in group.steps)
    if means.asked is not None and not begun and not means.asked.is_theirs(row.id, look.record):
        return _anothers(group)
    record = means.holds.open.on(as_of_now(row, look.record))
    record = as_if_with_account(record) if means.accounts_unread else record
    verdict = decide(record, means.policy, today=means.today, without=_ended(means, row))
    due: dict[int, int] = {}
    receipts = {}
    earlier = {step.seq: bits for step in group.steps if (bits := proof.taken_before(step, look))}
    for step in group.steps:
        outcome = _still(step, look, verdict)
        if isinstance(outcome, Receipt):
            receipts[step.seq] = outcome
        else:
            due[step.seq] = outcome
    return Settled(group=group, due=due, receipts=receipts, earlier=earlier, facts=record.facts)


def _ended(means: Means, row: Row) -> frozenset[str]:
    """The purposes that count no longer for a record: on an order whose claims are loosened, those too."""
    loosened = means.asked is not None and row.id in means.asked.loosened
    return means.ended | means.policy.ended_by_loosening() if loosened else means.ended


def _anothers(group: Group) -> Settled:
    """The record carries another's address by now: nothing of it is taken at this person's request."""
    stale = Receipt(ref=group.ref, outcome=Outcome.STALE, reason=ANOTHERS)
    return Settled(group=group, due={}, receipts={step.seq: stale for step in group.steps})


def _not_known(means: Means, group: Group, row: Row | None, barred: Barred) -> str:
    """Why it is not known what this record's person may still need; empty where it is."""
    if group.ref.kind in means.left_out:
        return "incomplete"
    return "person" if row is not None and barred.bars(row.id, row.subject, row.record) else ""


def _unread(group: Group, reason: str) -> Settled:
    """Nothing is known of this record: what has not begun is refused, what has begun stays begun.

    A begun step may have been written, so its handles stay sealed until the record can be read.
    """
    refused = Receipt(ref=group.ref, outcome=Outcome.REFUSED, reason=f"unread:{reason}")
    planned = [s.seq for s in group.steps if s.state is StepState.PLANNED]
    return Settled(group=group, due={}, receipts=dict.fromkeys(planned, refused))


def _still(step: StepRow, live: Live, verdict: Verdict) -> Receipt | int:
    """What is still due of a step, as a bit set; or the receipt where nothing is."""
    ref, planned = step.step.ref, step.step.fields
    if step.step.action in (Action.DELETE, Action.UNSUBSCRIBE):
        whole = verdict.record
        if (
            step.step.action is Action.UNSUBSCRIBE
            and step.state is StepState.BEGUN
            and not proof.mailed(live)
        ):
            return Receipt(ref=ref, outcome=Outcome.STOPPED, done=frozenset(from_bits(planned)))
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
        if step.state is not StepState.BEGUN:
            return Receipt(ref=ref, outcome=Outcome.ALREADY_GONE, done=frozenset(from_bits(planned)))
        hands = frozenset(from_bits(step.step.by_hand))  # an earlier try wrote it, and no answer said so
        return Receipt(ref=ref, outcome=Outcome.DONE, done=frozenset(from_bits(planned)), by_hand=hands)
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
