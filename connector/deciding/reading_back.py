"""Reads records back and says what is left of what a step took; apply and verify both look this way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection

from connector.deciding.lost import claimed_gone
from connector.deciding.proof import mailed
from connector.deciding.shown_beside import shown_beside
from connector.ledger import Ledger
from connector.ledger.index import Presence, Records
from connector.ledger.memory import Memory
from connector.ledger.plans import Plans, StepRow
from connector.ledger.states import StepState
from connector.ledger.undone import put_back_of
from connector.places.shared import out_of_reach
from connector.ports import EMPTIED, Gone, Live, Look, Platform, Unread
from connector.records import ALL_FIELDS, FIELD_BITS, Action, Field, Outcome, Record, Ref, Value
from connector.services.beside import Beside
from connector.services.shown import MOST as CONTROLS
from connector.services.shown import Shown, as_shown
from connector.services.witness import Witness

_BY_ITS_STAGE = (Action.RESTORE, Action.RECTIFY)
"""Read back by the stage itself, which holds the values."""

BATCH = 200  # records at once, controls among them: two requests of a hundred, side by side


class VerifyResult(Value, frozen=True, kw_only=True):
    """How many records were read back, and what was found; `unread` could not be read, so are not clean."""

    clean: int = 0
    left: int = 0
    left_labels: tuple[str, ...] = ()
    unread: int = 0
    unread_labels: tuple[str, ...] = ()
    refused: int = 0  # records not read at the first write, for the service refused a part of them
    # Recipients that did not answer: they are asked again by the next verify.
    silent: tuple[str, ...] = ()
    left_fields: Mapping[int, int] = {}  # step -> the fields that it took and that are still there
    left_lives: Mapping[int, Live] = {}  # step -> the record as it was then found
    # Records that a run of the shop has begun and not settled: nothing is known of them before apply settles.
    begun: tuple[str, ...] = ()
    # Copies found at recipients that had called them gone, by recipient: they are pushed again.
    still_there: tuple[tuple[str, int], ...] = ()


def read_back(
    ledger: Ledger,
    platform: Platform,
    plan_id: int,
    records: Sequence[int],
    *,
    beside: Beside | None = None,
) -> VerifyResult:
    """Reads these records back, and no others; one that was refused in part waits for `verify`.

    It marks none as read back: who wrote is no witness, and what comes back later is for `verify` to find.
    """
    reader = Reader(ledger, {platform.name: platform}, plan_id, marks=False, beside=beside)
    reader.read_all(again=True, progress=None, only=frozenset(records))
    return reader.result()


class Recorded(NamedTuple):
    """The steps of one record that are read back together."""

    record: int
    steps: Sequence[StepRow]

    @property
    def ref(self) -> Ref:
        """Where the record lives."""
        return self.steps[0].step.ref

    @property
    def named(self) -> str:
        """Its kind and number."""
        return self.steps[0].step.named


class Reader:
    """Reads back what a plan took, batch by batch; with `marks` it writes down what it saw."""

    def __init__(
        self,
        ledger: Ledger,
        platforms: Mapping[str, Platform],
        plan_id: int,
        *,
        marks: bool = True,
        beside: Beside | None = None,
    ) -> None:
        self.marks = marks
        self.beside = beside or Beside()
        self.ledger = ledger
        self.platforms = platforms
        self.plan_id = plan_id
        self.plans = Plans(ledger)
        self.presence = Presence(ledger)
        self.records = Records(ledger)
        self.memory = Memory(ledger)
        self.shown = Shown(ledger)
        self.witness = Witness(ledger)
        self.clean = 0
        self.left: list[str] = []
        self.left_fields: dict[int, int] = {}
        self.left_lives: dict[int, Live] = {}
        self.unread: list[str] = []
        self.refused = 0

    def read_all(
        self,
        *,
        again: bool,
        progress: Callable[[int], None] | None,
        only: frozenset[int] | None = None,
    ) -> None:
        """Reads back every record that was touched, in batches."""
        groups = self._groups(again, only)
        for (adapter, _), same in groupby(groups, key=_place):
            while batch := list(islice(same, BATCH - CONTROLS)):
                self._read_batch(self.platforms[adapter], batch)
                if progress is not None:
                    progress(len(batch))

    def result(self) -> VerifyResult:
        """What was seen of the records read so far."""
        return VerifyResult(
            clean=self.clean,
            left=len(self.left),
            left_labels=tuple(self.left),
            left_fields=self.left_fields,
            left_lives=self.left_lives,
            unread=len(self.unread),
            unread_labels=tuple(self.unread),
            refused=self.refused,
        )

    def _groups(self, again: bool, only: frozenset[int] | None) -> Iterator[Recorded]:
        """The steps to read back, record by record; what was refused is read with what was done."""
        rows = (
            row
            for row in self._without_put_back(self.plans.stream(self.plan_id, states=(StepState.CLOSED,)))
            if (row.written or row.refused)
            and row.step.action not in _BY_ITS_STAGE
            and (again or not row.read_back)
            and (only is None or row.record in only)
        )
        for record, steps in groupby(rows, key=lambda row: row.record):
            own = list(steps)
            if only is not None and any(step.refused for step in own):
                self.refused += 1
            elif any(step.written for step in own):
                yield Recorded(record, own)

    def _without_put_back(self, rows: Iterator[StepRow]) -> Iterator[StepRow]:
        """The steps without what an undo put back: that stands there rightly, and nobody calls it left."""
        with self.ledger.begin() as connection:
            digest = self.plans.by_id(connection, self.plan_id).digest
            back = put_back_of(self.ledger, connection, digest)
        for row in rows:
            done = row.done & ~back.get(row.record, 0)
            if done or not row.done:
                yield row if done == row.done else replace(row, done=done)

    def _read_batch(self, platform: Platform, groups: Sequence[Recorded]) -> None:
        looks = self._fetch(platform, groups)
        read = [one for one in groups if _can_be_told(looks[one.ref], one.steps)]
        there = {one.record: _there(looks[one.ref], one.steps) for one in read}
        still = [one for one in read if there[one.record]]
        clean = [one for one in read if not there[one.record]]
        refs = {one.record: one.ref for one in read}
        beside = shown_beside(self.ledger, platform, refs, beside=self.beside)
        now = {one.record: _record(looks[one.ref]) for one in read}
        with self.ledger.begin() as connection:
            self._mark_lost(connection, read, looks)
            mailed = self.memory.mailed_people(connection, list(now))
            left = self.records.settle_all(connection, {**beside, **now})
            self.memory.remember_erased(connection, left)
            self.memory.remember_parted(connection, mailed)
            for result, found in (("left", still), ("clean", clean)) if self.marks else ():
                seqs = [step.seq for one in found for step in one.steps]
                self.plans.read_back(connection, self.plan_id, seqs, result)
        for one in still:
            self.left_fields |= there[one.record]
            if isinstance(look := looks[one.ref], Live):
                self.left_lives |= dict.fromkeys(there[one.record], look)
        known = {one.record for one in read}
        self.left += [one.named for one in still]
        self.unread += [one.named for one in groups if one.record not in known]
        self.clean += len(clean)

    def _fetch(self, platform: Platform, groups: Sequence[Recorded]) -> Mapping[Ref, Look]:
        """The records as they are now, beside controls that show whether their fields are shown at all."""
        wanted = {one.ref: _taken(one.steps) for one in groups}
        controls = self.shown.controls(wanted)
        shown = self.beside.read_back(
            platform, [*(one.ref for one in groups), *controls], notes=_notes(groups)
        )
        return as_shown(self.witness.held(platform, shown), wanted, controls)

    def _mark_lost(self, connection: Connection, read: Sequence[Recorded], looks: Mapping[Ref, Look]) -> None:
        """A record that was to stay and is gone altogether ended otherwise than decided, and is named so."""
        kept = [
            one
            for one in read
            if self.marks and isinstance(looks[one.ref], Gone) and _kept_its_record(one.steps)
        ]
        ours = self.presence.erased(connection, [one.record for one in kept])
        lost = [one for one in kept if one.record not in ours]
        seqs = [step.seq for one in lost for step in one.steps]
        self.plans.deviates(connection, self.plan_id, seqs, "gone_since")
        self.presence.mark_gone(connection, [one.ref for one in lost])


def _there(look: Look, steps: Sequence[StepRow]) -> dict[int, int]:
    """What each of these steps answers for and is still there, by its sequence; nothing of a clean one."""
    reached = _within_reach(look, steps)
    return {step.seq: bits for step in steps if (bits := _still_there(step, reached))}


def _kept_its_record(steps: Sequence[StepRow]) -> bool:
    """Whether these steps took fields of a record that was to stay; one known to be gone has been told."""
    return all(step.step.action is Action.REDACT and step.outcome == Outcome.DONE for step in steps)


def _record(look: Look) -> Record | None:
    return look.record if isinstance(look, Live) else None


def _can_be_told(look: Look, steps: Sequence[StepRow]) -> bool:
    """Whether a look says of everything that was taken whether it is still there.

    A field that could not be read (order notes whose list did not answer) is not a clean one.
    """
    if isinstance(look, Unread):
        return False
    return not isinstance(look, Live) or not look.record.unread & _taken(steps)


def _taken(steps: Sequence[StepRow]) -> int:
    """The fields that these steps answer for, as a bit set; of what goes whole, none by itself."""
    taken = 0
    for step in steps:
        taken |= _answered_for(step) if step.step.action is not Action.DELETE else 0
    return taken


def _answered_for(step: StepRow) -> int:
    """What a step took, was refused, or never tried because its record was said to be gone."""
    missed = step.step.fields if claimed_gone(step) else 0
    if step.step.action not in (Action.REDACT, Action.NOTIFY):
        return 0
    return missed | (step.done | step.refused if step.step.action is Action.REDACT else 0)


def _place(group: Recorded) -> tuple[str, str]:
    return group.ref.adapter, str(group.ref.kind)


def _notes(groups: Sequence[Recorded]) -> frozenset[Ref]:
    """The orders whose notes were taken, and so must be read again."""
    bit = FIELD_BITS[Field.STAFF_NOTES]
    return frozenset(
        one.ref for one in groups if any((s.done | s.refused | _answered_for(s)) & bit for s in one.steps)
    )


def _within_reach(look: Look, steps: Sequence[StepRow]) -> Look:
    """The record without what rightly stays in it: where no call reaches, or beside what the law keeps."""
    if not isinstance(look, Live):
        return look
    taken = 0
    for step in steps:
        taken |= step.done | (step.step.fields if claimed_gone(step) else 0)
    present = look.record.present & ~out_of_reach(look.record, taken)
    return Live(record=replace(look.record, present=present), handles={}, raw=None)


def _still_there(step: StepRow, live: Look) -> int:
    """What this step answers for and is still there; all of a whole record.

    A record that was said to be gone and is there has lost nothing: what was planned of it is left.
    """
    if not isinstance(live, Live):
        return 0  # gone, by the service's own word
    if step.step.action is Action.DELETE:  # one that was refused may have been emptied all the same
        emptied = step.outcome == Outcome.REFUSED or step.reason.startswith(EMPTIED)
        return live.record.present & step.done if emptied else ALL_FIELDS
    if step.step.action is Action.UNSUBSCRIBE:
        return ALL_FIELDS if mailed(live, step.step.channel) else 0
    return live.record.present & (step.done | step.refused | _answered_for(step))
