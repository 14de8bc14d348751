"""A step as a row of the ledger, and what a plan and its steps are handed on as."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row

from connector.errors import PlanError
from connector.ledger.states import PlanState, StepState
from connector.ledger.tasks import NewTask
from connector.plan import Plan, Step, Why
from connector.ports import Receipt
from connector.records import Action, Kind, Outcome, Placed, Ref, Value, Wave, to_bits

READABLE = frozenset({Outcome.DONE, Outcome.ALREADY_GONE, Outcome.STOPPED})
_encode = msgspec.json.Encoder(order="deterministic").encode


class PlanRow(NamedTuple):
    """A plan with its row and where it stands."""

    id: int
    plan: Plan
    state: PlanState


class NewStep(NamedTuple):
    """A step about to be stored: its sequence number, and its record's row."""

    seq: int
    record: int
    step: Step


class LastRun(NamedTuple):
    """How many records the last run that touched any touched, and when."""

    records: int
    at: datetime


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """What a step's row keeps as one text; rows of before have no `placed`, and no `channel`."""

    why: tuple[Why, ...]
    copies: tuple[str, ...]
    residue: tuple[str, ...]
    placed: tuple[Placed, ...] = ()
    channel: str = ""


class _Rule(msgspec.Struct, frozen=True):
    rule: str


class _Rules(msgspec.Struct, frozen=True, array_like=True):
    """The rules alone of what a step's row keeps: a third of the time, where all steps are looked through."""

    why: tuple[_Rule, ...]


_decode_rules = msgspec.json.Decoder(_Rules).decode
_decode_why = msgspec.json.Decoder(_Kept).decode


class StepRow(Value, frozen=True, kw_only=True):
    """One step with where it stands."""

    seq: int
    record: int
    step: Step
    state: StepState
    outcome: str = ""
    done: int = 0
    left: int = 0  # what needs a hand, and what the service refused
    places: str = ""
    reason: str = ""
    token: str = ""
    due: str | None = None
    read_back: str = ""

    @property
    def refused(self) -> int:
        """The fields that the service was asked to let go and kept; a bit set."""
        if self.outcome != Outcome.REFUSED or self.step.action is not Action.REDACT:
            return 0
        return self.left & ~self.step.by_hand

    @property
    def kept_beside(self) -> int:
        """The fields that the service kept though it took the request for the whole on; a bit set."""
        return self.left & ~self.step.by_hand if self.outcome == Outcome.ACCEPTED else 0

    @property
    def written(self) -> bool:
        """Whether anything of this step was done, so that it can be read back."""
        took = self.outcome == Outcome.REFUSED or self.step.action is Action.REDACT
        return self.outcome in READABLE or bool(self.done and took)


def rules_of(why: bytes) -> tuple[str, ...]:
    """The rules that a step rests on, each once, out of what its row keeps."""
    return tuple(dict.fromkeys([one.rule for one in _decode_rules(why).why]))


class Accepted(NamedTuple):
    """A step that a platform took on and has not finished, and the plan it is of."""

    plan: int
    row: StepRow


def not_run(code: str) -> PlanError:
    """What is said where a run is meant and there is only its plan."""
    return PlanError(
        f"Plan {code} has not run. `gallra show` shows it, and how it is approved; then run `gallra apply`."
    )


def no_plan(code: str | None, shop: str, *, waits: PlanRow | None = None) -> PlanError:
    """What is said where a shop has no such plan; `waits` is one that has not run, where a run is meant."""
    if waits is not None:
        return not_run(waits.plan.code)
    what = f"plan {code}" if code else "plan"
    return PlanError(f"There is no {what} for shop {shop}. Run `gallra plan` first.")


def closed_rows(plan_id: int, receipts: Mapping[int, Receipt]) -> list[dict[str, Any]]:
    """What is written of steps that have come to something, by sequence."""
    return [
        {
            "plan_": plan_id,
            "seq_": seq,
            "state": StepState.ACCEPTED if receipt.outcome is Outcome.ACCEPTED else StepState.CLOSED,
            "outcome": receipt.outcome,
            "done": to_bits(receipt.done),
            "left": to_bits(receipt.by_hand | receipt.refused.keys()),
            "places": ",".join(receipt.places),
            "reason": receipt.reason,
            "token": receipt.token,
            "due": receipt.due.isoformat() if receipt.due else None,
        }
        for seq, receipt in receipts.items()
    ]


def row_of(plan_id: int, new: NewStep) -> dict[str, Any]:
    """The columns of a step that was just planned."""
    seq, record, step = new
    return {
        "plan": plan_id,
        "seq": seq,
        "record": record,
        "adapter": step.ref.adapter,
        "kind": step.ref.kind,
        "remote_id": step.ref.id,
        "label": step.label,
        "wave": step.wave,
        "action": step.action,
        "fields": step.fields,
        "by_hand": step.by_hand,
        "why": _encode(_Kept(step.why, step.copies, step.residue, step.placed, step.channel)),
        "state": StepState.PLANNED,
        **dict.fromkeys(("outcome", "places", "reason", "token", "read_back"), ""),
        "done": 0,
        "left": 0,
    }


def step_row(row: Row[Any]) -> StepRow:
    """A step as its row has it."""
    kept = _decode_why(row.why)
    return StepRow(
        seq=row.seq,
        record=row.record,
        step=Step(
            ref=Ref(adapter=row.adapter, kind=Kind(row.kind), id=row.remote_id),
            label=row.label,
            wave=Wave(row.wave),
            action=Action(row.action),
            fields=row.fields,
            by_hand=row.by_hand,
            why=kept.why,
            copies=kept.copies,
            residue=kept.residue,
            placed=kept.placed,
            channel=kept.channel,
        ),
        state=StepState(row.state),
        outcome=row.outcome,
        done=row.done,
        left=row.left,
        places=row.places,
        reason=row.reason,
        token=row.token,
        due=row.due,
        read_back=row.read_back,
    )


def receipt_tasks(row: StepRow) -> Iterator[NewTask]:
    """The places that a step's receipt named and that no plan foresaw, each a task of its own."""
    ref = row.step.ref
    days = [why.since for why in row.step.why if why.since]
    for place in () if row.step.needs_hand else filter(None, row.places.split(",")):
        yield NewTask(
            adapter=ref.adapter, kind=str(ref.kind), remote_id=ref.id, record=row.record,
            label=row.step.label, place=place, since=min(days, default=None),
        )  # fmt: skip
