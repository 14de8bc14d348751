"""The steps of one record together, and what a new look leaves of them."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from connector.deciding.drawing import THEN
from connector.errors import PlanError
from connector.ledger.plans import StepRow
from connector.ledger.states import StepState
from connector.ports import Platform, Receipt, TakesBatches, TakesMany
from connector.records import Facts, Kind, Ref, Value
from connector.services.shown import MOST as CONTROLS
from connector.stages.apply.means import Means, Share

OPEN = (StepState.PLANNED, StepState.BEGUN, StepState.ACCEPTED)
BATCH = 200  # records at once, controls among them: two requests of a hundred, side by side
ONE_REQUEST = 100  # the same of a batch that has others beside it


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
    channels: frozenset[str] = frozenset()  # by which mailings are to end at a person's word
    facts: Facts | None = None  # what the record says before it is touched; None where it is not there


def groups_of(means: Means, share: Share) -> Iterator[Group]:
    """The open steps of a share, record by record; streamed, so that the caller may write in between."""
    rows = means.plans.stream(share.plan, waves=share.waves, states=OPEN)
    if share.only is not None:
        rows = iter(steps_of_order(rows, share.only))
    for record, steps in groupby(rows, key=lambda row: row.record):
        own = tuple(steps)
        yield Group(record=record, steps=own, ref=own[0].step.ref)


def steps_of_order(rows: Iterable[StepRow], record: int) -> list[StepRow]:
    """The steps of one order. Raises PlanError where no open step is its own."""
    found = [row for row in rows if row.record == record]
    if not found:
        raise PlanError("That order has no open step in this plan. The report lists samples that do.")
    return found


def place(group: Group) -> tuple[str, Kind]:
    """Where the record lives, and its kind: what one batch has in common."""
    return group.ref.adapter, group.ref.kind


def batches_at_once(means: Means, platform: Platform, kind: Kind) -> int:
    """How many batches may be under way side by side; one of a kind before whose batches others are pulled.

    One beside the shop's own stops nobody, so that its batches go by themselves.
    """
    if kind in THEN or platform.name in means.beside.names or not isinstance(platform, TakesBatches):
        return 1
    return platform.side_by_side


def batch_size(platform: Platform, at_once: int = 1) -> int:
    """How many records at once: a platform that writes in bulk says so itself."""
    if isinstance(platform, TakesMany):
        return platform.batch
    return (BATCH if at_once == 1 else ONE_REQUEST) - CONTROLS
