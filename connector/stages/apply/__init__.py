"""The apply stage: each record is fetched anew, decided anew, and only what is still due is erased.

Handles are sealed on disk before the shop is touched; the shop's receipt frees them. Every
part may be repeated: a crash at any point, run again, ends in the same state.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice

from msgspec.structs import replace

from connector.deciding import proof
from connector.deciding.allowed import EVERYTHING, Allowed
from connector.deciding.reading_back import read_back
from connector.errors import Rejected, RemoteError
from connector.ledger.naming import said_of
from connector.ledger.plans.counts import touched
from connector.ledger.states import PlanState, StepState
from connector.ports import Platform, Task, living
from connector.records import Value
from connector.stages.apply.decide import decide_batch
from connector.stages.apply.fetch import catch_up_and_fetch, fetch_now
from connector.stages.apply.groups import (
    OPEN,
    Group,
    Settled,
    batch_size,
    batches_at_once,
    groups_of,
    place,
    steps_of_order,
)
from connector.stages.apply.means import Means, Share
from connector.stages.apply.receipts import keep_receipts
from connector.stages.apply.seal import all_drafts, seal_and_mark_begun
from connector.stages.apply.side_by_side import Course, SideBySide, alone
from connector.stages.apply.write import Written, confirmed, tasks_of, write_to_platform

Progress = Callable[[int], None]


class Carried(Value, frozen=True):
    """How many records an apply touched; `lapsed` is what was still allowed where an approval had ended."""

    touched: int
    lapsed: Allowed | None = None


def apply(means: Means, share: Share, *, progress: Progress | None = None) -> Carried:
    """Carries out what is left of a share of a plan.

    Raises MoneyMoved where a total changed, RetryLater where a service asks for patience;
    what was done by then stands in the ledger, and running again goes on from there.
    """
    if share.only is not None:
        steps_of_order(means.plans.stream(share.plan, waves=share.waves, states=OPEN), share.only)
    with means.ledger.begin() as connection:
        means.plans.set_state(connection, share.plan, PlanState.BEGUN)
    return _Run(means, share, progress or (lambda _count: None)).whole()


class _Run:
    """One apply under way: how far it came, and what the approvals allow by now."""

    def __init__(self, means: Means, share: Share, progress: Progress) -> None:
        self.means = means
        self.share = share
        self.progress = progress
        self.touched = 0
        self.allowed = EVERYTHING
        self.kept_back = False  # whether anything was left alone because its approval had ended
        self.batches = SideBySide()

    def whole(self) -> Carried:
        """Settles what an earlier try began, then batch after batch; the first write to a platform is one
        record, and it is read back before the next.
        """
        self._settle_begun()
        proven: set[str] = set()  # platforms whose first record was read back clean
        for (adapter, kind), groups in groupby(groups_of(self.means, self.share), key=place):
            platform = self.means.platforms[adapter]
            while adapter not in proven and (first := list(islice(groups, 1))):
                rows = alone(self._carry_out(platform, first))
                if rows and self._is_clean(platform, rows):
                    proven.add(adapter)
            at_once = batches_at_once(self.means, platform, kind)
            self.batches.run(self._courses(platform, groups, batch_size(platform, at_once)), at_once=at_once)
        self._finish()
        return Carried(self.touched, self.allowed if self.kept_back else None)

    def _courses(self, platform: Platform, groups: Iterator[Group], size: int) -> Iterator[Course[list[int]]]:
        while batch := list(islice(groups, size)):
            yield self._carry_out(platform, batch)

    def _carry_out(self, platform: Platform, batch: Sequence[Group]) -> Course[list[int]]:
        """Erases what is still due and allowed of these records; the rows of those that were written."""
        rows: list[int] = []
        if groups := self._still_allowed(batch):
            rows = yield from self._erase(platform, groups)
        self.progress(len(batch))
        return rows

    def _erase(self, platform: Platform, groups: Sequence[Group]) -> Course[list[int]]:
        looks = yield from catch_up_and_fetch(self.means, platform, groups)
        if self.batches.stopped is not None:
            return []
        settled = seal_and_mark_begun(self.means, self.share.plan, groups, looks)
        tasks = list(tasks_of(settled, living(looks)))
        written = confirmed(self.means, platform, (yield lambda: self._write(platform, tasks)))
        keep_receipts(self.means, self.share.plan, settled, written.receipts)
        self._count(settled, written)
        if written.fault is not None:
            self._stop(platform, written.fault)
        asked = {task.ref: task for task in tasks if task.ref in written.receipts}
        wrote = {ref for ref, task in asked.items() if proof.wrote(task, written.receipts[ref])}
        return [group.record for group in groups if group.ref in wrote]

    def _write(self, platform: Platform, tasks: Sequence[Task]) -> Written:
        """A fault stops the batches beside this one at once, before its receipts are kept."""
        self.means.ledger.must_be_current()
        written = write_to_platform(platform, tasks)
        if written.fault is not None and platform.name not in self.means.beside.names:
            self.batches.stop(written.fault)
        return written

    def _count(self, settled: Sequence[Settled], written: Written) -> None:
        self.touched += sum(proof.touched(receipt) for receipt in written.receipts.values())
        unasked = (one for one in settled if one.group.ref not in written.receipts)
        self.touched += sum(1 for one in unasked if proof.took(one.group.steps, one.receipts))

    def _stop(self, platform: Platform, fault: RemoteError) -> None:
        """Notes why the platform stopped; only one beside the shop's own lets the others go on."""
        ledger = self.means.ledger
        with ledger.begin() as connection:
            ledger.event(connection, "stopped", plan=self.share.plan, error=type(fault).__name__)
        with self.means.beside.without(platform.name):
            raise fault

    def _still_allowed(self, groups: Sequence[Group]) -> list[Group]:
        """What the approvals allow of a batch right now; once one has ended, it has for this run."""
        if not self.kept_back:
            self.allowed = self.means.ask_approvals()
        left = [
            replace(group, steps=steps)
            for group in groups
            if (steps := tuple(s for s in group.steps if self.allowed.allows(s.step.wave, s.state)))
        ]
        self.kept_back |= sum(len(g.steps) for g in groups) > sum(len(g.steps) for g in left)
        return left

    def _settle_begun(self) -> None:
        """What an earlier try wrote without hearing the answer is closed, whole batches at once."""
        begun = (
            group
            for group in groups_of(self.means, self.share)
            if any(step.state is StepState.BEGUN for step in group.steps)
        )
        for (adapter, _), same in groupby(begun, key=place):
            platform = self.means.platforms[adapter]
            while groups := list(islice(same, batch_size(platform))):
                self._settle(platform, groups)

    def _settle(self, platform: Platform, groups: Sequence[Group]) -> None:
        """Nothing is written: of a record with anything left to do, nothing is closed yet."""
        means, plan = self.means, self.share.plan
        looks = alone(fetch_now(means, platform, groups))
        with means.ledger.begin() as connection:
            settled = [one for one in decide_batch(means, connection, groups, looks) if not one.due]
            means.outbox.hold(connection, list(all_drafts(means, plan, settled, living(looks))))
        keep_receipts(means, plan, settled, {})
        self.touched += sum(1 for one in settled if proof.took(one.group.steps, one.receipts))
        self.progress(sum(1 for one in settled if one.receipts))

    def _is_clean(self, platform: Platform, records: Sequence[int]) -> bool:
        """Reads the first record written back before the rest is touched; whether it is clean.

        Raises Rejected where data is left at the shop's own platform. Mailings that a service goes on with
        take nothing from anybody: that one keeps no other from being asked, and verify names it.
        """
        if self.means.against is not None:
            return True
        with self.means.beside.without(platform.name):
            return self._read_first(platform, records)
        return False

    def _read_first(self, platform: Platform, records: Sequence[int]) -> bool:
        means = self.means
        result = read_back(means.ledger, platform, self.share.plan, records, beside=means.beside)
        if result.left:
            with means.ledger.begin() as connection:  # nobody is told of what was not done
                means.outbox.take_back(connection, self.share.plan, result.left_fields, result.left_lives)
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

    def _finish(self) -> None:
        means, share = self.means, self.share
        with means.ledger.begin() as connection:
            # A plan of which one order was tried has begun too: nothing is planned beside the rest of it.
            states = (StepState.PLANNED, StepState.BEGUN)
            open_ = means.plans.steps(connection, share.plan, waves=share.waves, states=states)
            # What no approval covers any more, and had not begun, is due in the next plan.
            left = any(
                step.state is StepState.BEGUN or self.allowed.allows(step.step.wave, step.state)
                for step in open_
            )
            means.plans.set_state(connection, share.plan, PlanState.BEGUN if left else PlanState.FINISHED)
            if share.only is not None:
                means.ledger.event(connection, "applied_only", plan=share.plan, records=self.touched)
            else:
                records = touched(connection, share.plan)
                waves = [str(wave) for wave in share.waves]
                means.ledger.event(connection, "applied", plan=share.plan, records=records, waves=waves)


__all__ = ["Carried", "Means", "Share", "apply"]
