"""The verify stage: every record touched is read again, and every recipient that can be asked is asked."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from connector.errors import RemoteError
from connector.ledger import Ledger
from connector.ledger.index import Index
from connector.ledger.outbox import Outbox
from connector.ledger.plans import Plans, StepRow
from connector.ports import Delivery, Live, Platform, Processor
from connector.records import FIELD_BITS, Action, Field, Outcome, Ref, Value

BATCH = 100
READABLE = frozenset({Outcome.DONE, Outcome.ALREADY_GONE, Outcome.STOPPED})


class VerifyResult(Value, frozen=True, kw_only=True):
    """How many records were read back, and what was found."""

    clean: int = 0
    left: int = 0
    left_labels: tuple[str, ...] = ()
    # Recipients that did not answer: they are asked again by the next verify.
    silent: tuple[str, ...] = ()


def verify(
    ledger: Ledger,
    outbox: Outbox,
    platforms: Mapping[str, Platform],
    processors: Mapping[str, Processor],
    *,
    plan_id: int,
    again: bool = False,
    progress: Callable[[int], None] | None = None,
) -> VerifyResult:
    """Reads back what the plan did; `again` also what was read back before."""
    reader = _Reader(ledger, platforms, plan_id)
    reader.run(again=again, progress=progress)
    silent: list[str] = []
    for name, processor in processors.items():
        try:
            _read_recipient(ledger, outbox, processor, outbox.to_verify(name))
        except RemoteError as fault:
            silent.append(name)
            with ledger.begin() as connection:
                ledger.event(connection, "verify_failed", recipient=name, error=type(fault).__name__)
    with ledger.begin() as connection:
        ledger.event(connection, "verified", plan=plan_id, clean=reader.clean, left=len(reader.left))
    return VerifyResult(
        clean=reader.clean, left=len(reader.left), left_labels=tuple(reader.left), silent=tuple(silent)
    )


def read_back(ledger: Ledger, platform: Platform, plan_id: int, records: Sequence[int]) -> list[str]:
    """Reads these records back; returns the numbers of those that still hold what was erased."""
    reader = _Reader(ledger, {platform.name: platform}, plan_id)
    reader.run(again=True, progress=None, only=frozenset(records))
    return reader.left


def _read_recipient(
    ledger: Ledger, outbox: Outbox, processor: Processor, deliveries: Sequence[Delivery]
) -> None:
    """Asks a recipient about what it was told to do, some at a time."""
    for start in range(0, len(deliveries), 500):
        findings = list(processor.verify(deliveries[start : start + 500]))
        with ledger.begin() as connection:
            outbox.found(connection, findings)


class _Reader:
    def __init__(self, ledger: Ledger, platforms: Mapping[str, Platform], plan_id: int) -> None:
        self.ledger = ledger
        self.platforms = platforms
        self.plan_id = plan_id
        self.plans = Plans(ledger)
        self.index = Index(ledger)
        self.clean = 0
        self.left: list[str] = []

    def run(
        self,
        *,
        again: bool,
        progress: Callable[[int], None] | None,
        only: frozenset[int] | None = None,
    ) -> None:
        """Reads back every record that was touched, in batches."""
        with self.ledger.begin() as connection:
            rows = [
                r
                for r in self.plans.steps(connection, self.plan_id, states=("closed",))
                if r.outcome in READABLE and (again or not r.read_back) and (only is None or r.record in only)
            ]
        groups = [(record, list(steps)) for record, steps in groupby(rows, key=lambda r: r.record)]
        for (adapter, _), same in groupby(
            groups, key=lambda g: (g[1][0].step.ref.adapter, g[1][0].step.ref.kind)
        ):
            batch = list(same)
            for start in range(0, len(batch), BATCH):
                self._read(self.platforms[adapter], batch[start : start + BATCH])
                if progress is not None:
                    progress(min(BATCH, len(batch) - start))

    def _read(self, platform: Platform, groups: Sequence[tuple[int, list[StepRow]]]) -> None:
        refs = [steps[0].step.ref for _, steps in groups]
        lives: dict[Ref, Live] = {
            live.record.ref: live for live in platform.read_back(refs, notes=_notes(groups))
        }
        with self.ledger.begin() as connection:
            for record, steps in groups:
                live = lives.get(steps[0].step.ref)
                left = any(_left(step, live) for step in steps)
                self.plans.read_back(
                    connection, self.plan_id, [s.seq for s in steps], "left" if left else "clean"
                )
                self.index.settle(connection, record, None if live is None else live.record)
                if left:
                    self.left.append(steps[0].step.label)
                else:
                    self.clean += 1


def _place(group: tuple[int, list[StepRow]]) -> tuple[str, str]:
    ref = group[1][0].step.ref
    return ref.adapter, str(ref.kind)


def _notes(groups: Sequence[tuple[int, list[StepRow]]]) -> frozenset[Ref]:
    """The orders whose notes were taken, and so must be read again."""
    bit = FIELD_BITS[Field.STAFF_NOTES]
    return frozenset(steps[0].step.ref for _, steps in groups if any(s.done & bit for s in steps))


def _left(step: StepRow, live: Live | None) -> bool:
    """Whether anything that this step took is still there."""
    if live is None:
        return False
    if step.step.action is Action.DELETE:
        return True
    if step.step.action is Action.UNSUBSCRIBE:
        return live.record.facts.status == "subscribed"
    return bool(live.record.present & step.done)
