"""The restore stage: what a run overwrote is put back, read back, and then forgotten by the vault.

Every part may be repeated: a place that stands as it was is done, and one that somebody has filled since is
left as it is. The first write to a platform is one record, read back before the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection

from connector.deciding.undoing import Standing, persons_in, standing
from connector.errors import Rejected, RemoteError
from connector.ledger.memory import digests_of
from connector.ledger.naming import said_of
from connector.ledger.plans import StepRow
from connector.ledger.plans.counts import seqs_of
from connector.ledger.states import PlanState, StepState
from connector.ports import Back, Kept, Live, Look, Platform, Receipt, Restores, Unread
from connector.records import Field, Outcome, Ref, to_bits
from connector.stages.apply.means import Means, Share

BATCH = 100
OPEN = (StepState.PLANNED, StepState.BEGUN)
FILLED, NO_COPY, GONE, OBJECTED = "filled_since", "copy_gone", "gone", "objected_since"
"""Why nothing is put back: somebody has filled the place since, the copy is gone, or the record is, or its
person has objected since."""


class _Found(NamedTuple):
    """A step, its record as it is now, and what of its copy stands how."""

    step: StepRow
    live: Live
    stands: Standing

    @property
    def ref(self) -> Ref:
        """Where the record lives."""
        return self.step.step.ref


class _Ended(NamedTuple):
    """A step with its receipt; `live` is the record after it, `open` says that something is left to do."""

    step: StepRow
    receipt: Receipt
    live: Live | None = None
    open: bool = False


def restore(means: Means, share: Share, *, undoes: str, progress: Callable[[int], None] | None = None) -> int:
    """Puts back what the run of this digest took; returns how many records were restored.

    Raises RetryLater where a service asks for patience, MoneyMoved where a total changed.
    """
    with means.ledger.begin() as connection:
        means.plans.set_state(connection, share.plan, PlanState.BEGUN)
        run = means.plans.need(connection, undoes).id
    restored, proven = 0, set[str]()
    steps = means.plans.stream(share.plan, waves=share.waves, states=OPEN)
    for adapter, own in groupby(steps, key=lambda row: row.step.ref.adapter):
        batches = _Batches(means, share.plan, run, means.platforms[adapter])
        while batch := list(islice(own, BATCH if adapter in proven else 1)):
            done = batches.carry_out(batch)
            restored += done
            proven |= {adapter} if done else set()
            if progress is not None:
                progress(len(batch))
    with means.ledger.begin() as connection:
        means.plans.set_state(connection, share.plan, PlanState.FINISHED)
        means.ledger.event(connection, "undone", plan=share.plan, records=restored)
    return restored


class _Batches:
    """What a run took at one platform, put back some records at a time."""

    def __init__(self, means: Means, plan: int, run: int, platform: Platform) -> None:
        self.means = means
        self.plan = plan
        self.run = run
        self.platform = platform

    def carry_out(self, steps: Sequence[StepRow]) -> int:
        """Puts back and reads back; returns how many records hold again what was taken."""
        looks = self._look([row.step.ref for row in steps])
        copies, objected = self._copies(steps, looks)
        found = self._found(steps, looks, copies)
        known = {one.step.seq for one in found}
        ended = [
            _cannot(row, looks[row.step.ref], objected=row.record in objected)
            for row in steps
            if row.seq not in known
        ]
        answers, fault = self._write([one for one in found if one.stands.taken])
        asked = [one for one in found if one.ref in answers or not one.stands.taken]
        now = self._look([one.ref for one in asked])
        ended += [end for one in asked if (end := self._ended(one, now[one.ref], answers.get(one.ref)))]
        self._keep(ended)
        if fault is not None:
            raise fault
        _must_hold(ended, self.platform.name)
        return sum(1 for one in ended if one.receipt.outcome is Outcome.DONE)

    def _copies(
        self, steps: Sequence[StepRow], looks: Mapping[Ref, Look]
    ) -> tuple[Mapping[int, Sequence[Kept]], frozenset[int]]:
        """The copies that live, by record, and apart from them the records whose persons have objected.

        A run that took only a telephone left the address by which its person objected in the record itself.
        """
        means, refs = self.means, {row.record: row.step.ref for row in steps}
        still = {ref: digests_of([look.record]) for ref, look in looks.items() if isinstance(look, Live)}
        with means.ledger.begin() as connection:
            copies = means.copies.open(connection, self.run, list(refs))
            persons = {
                record: persons_in(kept, means.keyer) | still.get(refs[record], frozenset())
                for record, kept in copies.items()
            }
            left = means.memory.objections(connection, frozenset().union(*persons.values()))
        objected = frozenset(record for record, digests in persons.items() if digests & left)
        return {record: kept for record, kept in copies.items() if record not in objected}, objected

    def _found(
        self, steps: Sequence[StepRow], looks: Mapping[Ref, Look], copies: Mapping[int, Sequence[Kept]]
    ) -> list[_Found]:
        """The records that are there, of which a copy lives."""
        return [
            _Found(row, look, self._stands(look, copies[row.record]))
            for row in steps
            if isinstance(look := looks[row.step.ref], Live) and row.record in copies
        ]

    def _look(self, refs: Sequence[Ref]) -> Mapping[Ref, Look]:
        if not refs:
            return {}
        return self.means.witness.held(self.platform, self.means.beside.fetch(self.platform, refs))

    def _stands(self, live: Live, kept: Sequence[Kept]) -> Standing:
        now = self.platform.now_in(live, kept) if isinstance(self.platform, Restores) else {}
        return standing(kept, now)

    def _write(self, found: Sequence[_Found]) -> tuple[dict[Ref, Receipt], RemoteError | None]:
        """What the platform answered, and the fault that ended it before all was answered."""
        answers: dict[Ref, Receipt] = {}
        if not found or not isinstance(self.platform, Restores):
            return answers, None
        with self.means.ledger.begin() as connection:
            self.means.plans.mark_begun(connection, self.plan, [one.step.seq for one in found])
        try:
            for receipt in self.platform.restore([Back(one.live, one.stands.taken) for one in found]):
                answers[receipt.ref] = receipt
        except RemoteError as error:
            return answers, error
        return answers, None

    def _ended(self, one: _Found, look: Look, answer: Receipt | None) -> _Ended | None:
        """How a step ended, by what the record shows now; None where it could not be read: it stays begun."""
        if not isinstance(look, Live):
            return None
        beyond = frozenset() if answer is None else answer.refused.keys()
        wanted = [*one.stands.as_it_was, *one.stands.taken]
        now = self._stands(look, [kept for kept in wanted if not set(kept.fields) <= beyond])
        fields = frozenset(field for kept in now.as_it_was for field in kept.fields)
        fields -= frozenset(field for kept in now.taken for field in kept.fields)
        return _Ended(one.step, _receipt(one, now, fields, answer), look, bool(now.taken))

    def _keep(self, ended: Sequence[_Ended]) -> None:
        """Writes the receipts down, and forgets the copies of which nothing is left to restore."""
        means = self.means
        back = {one.step.record: one.live for one in ended if one.live is not None and one.receipt.done}
        with means.ledger.begin() as connection:
            means.plans.close(connection, self.plan, {one.step.seq: one.receipt for one in ended})
            for result, open_ in (("clean", False), ("left", True)):
                seqs = [one.step.seq for one in ended if one.live is not None and one.open is open_]
                means.plans.read_back(connection, self.plan, seqs, result)
            means.memory.take_back(connection, [live.record for live in back.values()])
            self._store(connection, back)
            self._tell_nobody(connection, ended)
            done_with = (one for one in ended if one.live is not None or one.receipt.reason == OBJECTED)
            over = [one.step.record for one in done_with if not one.open]
            means.copies.forget(connection, self.run, over)

    def _tell_nobody(self, connection: Connection, ended: Sequence[_Ended]) -> None:
        """Recipients that were not told yet of what is restored now are not told of it."""
        back = {one.step.record: one for one in ended if one.live is not None and one.receipt.done}
        steps = seqs_of(connection, self.run, list(back))
        fields = {seq: to_bits(back[record].receipt.done) for seq, record in steps.items()}
        shown = {seq: live for seq, record in steps.items() if (live := back[record].live) is not None}
        self.means.outbox.take_back(connection, self.run, fields, shown)

    def _store(self, connection: Connection, lives: Mapping[int, Live]) -> None:
        """The index learns what the records hold again, and whose they are; our write is no sign of life."""
        known = self.means.rows.rows(connection, list(lives))
        for row_id, live in lives.items():
            modified = known[row_id].record.facts.modified
            record = replace(live.record, facts=replace(live.record.facts, modified=modified))
            self.means.records.restored(connection, row_id, record, key=self.means.key)


def _cannot(row: StepRow, look: Look, *, objected: bool) -> _Ended:
    """A step of which nothing can be put back: its person objected, or record or copy is gone, or unread."""
    ref = row.step.ref
    if objected:
        return _Ended(row, Receipt(ref=ref, outcome=Outcome.STALE, reason=OBJECTED))
    if isinstance(look, Unread):
        reason = f"unread:{look.reason}"
        return _Ended(row, Receipt(ref=ref, outcome=Outcome.REFUSED, reason=reason), open=True)
    reason = NO_COPY if isinstance(look, Live) else GONE
    return _Ended(row, Receipt(ref=ref, outcome=Outcome.STALE, reason=reason))


def _receipt(one: _Found, now: Standing, fields: frozenset[Field], answer: Receipt | None) -> Receipt:
    """What came of a step: all that can be restored is there, or why it is not."""
    if now.taken:
        reason = answer.reason if answer is not None and answer.reason else "not_taken"
        return Receipt(ref=one.ref, outcome=Outcome.REFUSED, done=fields, reason=reason)
    beyond = next(iter(answer.refused.values()), "") if answer is not None else ""
    reason = FILLED if one.stands.filled else beyond
    outcome = Outcome.DONE if fields else Outcome.STALE
    return Receipt(ref=one.ref, outcome=outcome, done=fields, reason=reason)


def _must_hold(ended: Sequence[_Ended], adapter: str) -> None:
    """Refuses to go on where a service said that it put back what is not there. Raises Rejected."""
    for one in ended:
        if one.live is not None and one.open and one.receipt.reason == "not_taken":
            raise Rejected(
                f"The {said_of(one.step.step.named)} was written and does not hold what was put back, so "
                "nothing more is restored. Look at it in the shop, then report it with the shop's version.",
                adapter=adapter, operation="read back",
            )  # fmt: skip


__all__ = ["FILLED", "GONE", "NO_COPY", "OBJECTED", "restore"]
