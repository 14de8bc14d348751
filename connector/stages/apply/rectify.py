"""What a person says is wrong is put right: looked at, written, read back, and the values destroyed.

Each part may be repeated: a place that is right is done, and one that somebody has changed since it was
planned is left as it is, and the request is decided anew. A record is written and read back before the next.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from connector.deciding.rectifying import Standing, drafts, standing
from connector.errors import Rejected, RemoteError
from connector.ledger.naming import said_of
from connector.ledger.plans import StepRow
from connector.ledger.states import PlanState, StepState
from connector.ports import Back, Kept, Live, Look, Platform, Receipt, Unread
from connector.ports.rectifying import Rectifies
from connector.records import Field, Outcome, Ref, to_bits
from connector.stages.apply.means import Means, Share

OPEN = (StepState.PLANNED, StepState.BEGUN)
CHANGED, GONE, NO_VALUE, OTHERS = "changed_since", "gone", "copy_gone", "not_theirs"
"""Why nothing is put right: a place was changed since, record or value is gone, or it is another person's."""


class _Ended(NamedTuple):
    """A step with its receipt, whether something is left of it, and its record after it."""

    step: StepRow
    receipt: Receipt
    left: bool
    live: Live | None = None


def rectify(means: Means, share: Share, *, progress: Callable[[int], None] | None = None) -> int:
    """Writes what a person gave into these records, each read back; returns how many hold it.

    Raises RetryLater where a service asks for patience, MoneyMoved where a total changed.
    """
    with means.ledger.begin() as connection:
        means.plans.set_state(connection, share.plan, PlanState.BEGUN)
    writing, done = _Writing(means, share.plan), 0
    for step in means.plans.stream(share.plan, waves=share.waves, states=OPEN):
        done += writing.carry_out(step)
        if progress is not None:
            progress(1)
    with means.ledger.begin() as connection:
        means.plans.set_state(connection, share.plan, PlanState.FINISHED)
        means.ledger.event(connection, "rectified", plan=share.plan, records=done)
    return done


class _Writing:
    """The records of one plan, one after the other."""

    def __init__(self, means: Means, plan: int) -> None:
        self.means = means
        self.plan = plan

    def carry_out(self, step: StepRow) -> bool:
        """Puts one record right and reads it back; whether it holds what it should."""
        platform = self.means.platforms[step.step.ref.adapter]
        kept = self._values(step)
        look = self._look(platform, step.step.ref)
        if not isinstance(look, Live) or not kept or not self._is_theirs(step, look):
            return self._keep(_cannot(step, look, kept))
        stands = self._stands(platform, look, kept)
        if stands.changed:
            return self._keep(_stale(step, stands))
        answer = None
        if stands.as_planned:
            self._begin(step, look)
            answer, fault = self._write(platform, look, stands)
            if fault is not None:
                raise fault
            look = self._look(platform, step.step.ref)
        if not isinstance(look, Live):  # it stays begun, and is looked at again
            raise self._not_read(step, platform)
        ended = _ended(step, self._stands(platform, look, kept), answer, look)
        held = self._keep(ended)
        if ended.left and answer is not None and answer.outcome is Outcome.DONE:
            raise _not_held(step, platform)
        return held

    def _values(self, step: StepRow) -> Sequence[Kept]:
        with self.means.ledger.begin() as connection:
            return self.means.copies.open(connection, self.plan, [step.record]).get(step.record, ())

    def _look(self, platform: Platform, ref: Ref) -> Look:
        fetched = self.means.beside.fetch(platform, [ref])
        return self.means.witness.held(platform, fetched)[ref]

    def _is_theirs(self, step: StepRow, look: Live) -> bool:
        """Whether the record is not another's by now. One that is written already may carry a new address."""
        asked = self.means.asked
        begun = step.state is StepState.BEGUN
        return begun or (asked is not None and asked.is_theirs(step.record, look.record))

    def _stands(self, platform: Platform, live: Live, kept: Sequence[Kept]) -> Standing:
        now = platform.now_in(live, kept) if isinstance(platform, Rectifies) else {}
        return standing(kept, now)

    def _begin(self, step: StepRow, live: Live) -> None:
        """Whoever is to be told is on disk, sealed, by the handles of before, and then the step begins."""
        means = self.means
        told = drafts(self.plan, step, live, means.recipients, today=means.today)
        with means.ledger.begin() as connection:
            means.outbox.hold(connection, list(told))
            means.plans.mark_begun(connection, self.plan, [step.seq])

    def _write(
        self, platform: Platform, live: Live, stands: Standing
    ) -> tuple[Receipt | None, RemoteError | None]:
        """What the platform answered. A fault is told after what is proven is on disk: it stays begun."""
        assert isinstance(platform, Rectifies)
        try:
            return next(iter([*platform.restore([Back(live, stands.as_planned)])]), None), None
        except RemoteError as fault:
            return None, fault

    def _keep(self, one: _Ended) -> bool:
        """Writes the receipt down, frees what recipients are told, and destroys the values."""
        means, seq, record = self.means, one.step.seq, one.step.record
        with means.ledger.begin() as connection:
            means.plans.close(connection, self.plan, {seq: one.receipt})
            means.plans.read_back(connection, self.plan, [seq], "left" if one.left else "clean")
            means.outbox.settle(connection, self.plan, {seq: to_bits(one.receipt.done)})
            if one.live is not None:
                known = means.rows.rows(connection, [record])[record].record.facts.modified
                facts = replace(one.live.record.facts, modified=known)  # our write is no sign of life
                stored = replace(one.live.record, facts=facts)
                means.records.restored(connection, record, stored, key=means.key)
            means.copies.forget(connection, self.plan, [record])
        return one.receipt.outcome is Outcome.DONE

    def _not_read(self, step: StepRow, platform: Platform) -> Rejected:
        return Rejected(
            f"The {said_of(step.step.named)} was written and cannot be read back now. Run `gallra apply` "
            "again: it is read before anything more is written.",
            adapter=platform.name, operation="read back",
        )  # fmt: skip


def _cannot(step: StepRow, look: Look, kept: Sequence[Kept]) -> _Ended:
    """A step of which nothing can be put right: it is decided anew."""
    ref = step.step.ref
    if isinstance(look, Unread):
        return _Ended(step, Receipt(ref=ref, outcome=Outcome.REFUSED, reason=f"unread:{look.reason}"), True)
    reason = GONE if not isinstance(look, Live) else OTHERS if kept else NO_VALUE
    return _Ended(step, Receipt(ref=ref, outcome=Outcome.STALE, reason=reason), True)


def _stale(step: StepRow, stands: Standing) -> _Ended:
    """Somebody has changed a place since it was planned: what they wrote stays."""
    right = _fields(stands.right) - _fields((*stands.changed, *stands.as_planned))
    receipt = Receipt(ref=step.step.ref, outcome=Outcome.STALE, reason=CHANGED, done=right)
    return _Ended(step, receipt, True)


def _ended(step: StepRow, now: Standing, answer: Receipt | None, live: Live) -> _Ended:
    """How a step ended, by what the record shows now and by nothing else."""
    open_ = (*now.as_planned, *now.changed)
    right = _fields(now.right) - _fields(open_)
    if open_:
        reason = answer.reason if answer is not None and answer.reason else "not_taken"
        refused = Receipt(ref=step.step.ref, outcome=Outcome.REFUSED, done=right, reason=reason)
        return _Ended(step, refused, True, live)
    return _Ended(step, Receipt(ref=step.step.ref, outcome=Outcome.DONE, done=right), False, live)


def _fields(kept: Sequence[Kept]) -> frozenset[Field]:
    return frozenset(field for one in kept for field in one.fields)


def _not_held(step: StepRow, platform: Platform) -> Rejected:
    """A service said that it wrote what is not there."""
    return Rejected(
        f"The {said_of(step.step.named)} was written and does not hold what was given, so nothing more is "
        "put right. Look at it in the shop, then decide the request anew.",
        adapter=platform.name, operation="read back",
    )  # fmt: skip


__all__ = ["CHANGED", "GONE", "NO_VALUE", "OTHERS", "rectify"]
