"""What a look at a record proves of a step: what an earlier try took, and what went whole.

A step that has begun may have been written though nobody heard the answer: what it planned and what is
not there any more is done.
"""

from collections.abc import Mapping, Sequence

from connector.deciding.lost import RECORD_GONE
from connector.ledger.plans import StepRow
from connector.ledger.states import StepState
from connector.ports import EMPTIED, Live, Receipt, Task
from connector.records import Action, Outcome, from_bits


def gone(step: StepRow, *, emptied: str = "") -> Receipt:
    """The receipt of a step whose record is gone, by the service's own word, or `emptied`, with the reason.

    A deletion that had begun is done, by us: its answer was never heard.
    """
    ref = step.step.ref
    if step.step.action is Action.DELETE and step.state is not StepState.PLANNED:
        done, hands = frozenset(from_bits(step.step.fields)), frozenset(from_bits(step.step.by_hand))
        return Receipt(ref=ref, outcome=Outcome.DONE, done=done, by_hand=hands, reason=emptied)
    return Receipt(ref=ref, outcome=Outcome.ALREADY_GONE, reason=RECORD_GONE)


def went_whole(step: StepRow, receipt: Receipt) -> bool:
    """Whether a receipt says that the record is no more; a profile that was emptied is still there."""
    ended = receipt.outcome in (Outcome.DONE, Outcome.ALREADY_GONE) and receipt.reason != RECORD_GONE
    return step.step.action is Action.DELETE and ended and not receipt.reason.startswith(EMPTIED)


def taken_before(step: StepRow, live: Live) -> int:
    """The fields of a begun step that are empty now: an earlier try of it took them."""
    if step.state is not StepState.BEGUN or step.step.action is not Action.REDACT:
        return 0
    return step.step.fields & ~(live.record.present | live.record.unread)


def took(steps: Sequence[StepRow], receipts: Mapping[int, Receipt]) -> bool:
    """Whether an earlier try is shown to have taken anything of a record."""
    begun = {step.seq for step in steps if step.state is StepState.BEGUN}
    ended = (Outcome.DONE, Outcome.STOPPED)
    return any(r.done or r.outcome in ended for seq, r in receipts.items() if seq in begun)


def touched(receipt: Receipt) -> bool:
    """Whether a platform changed anything of a record, or has taken it on."""
    if receipt.outcome is Outcome.ALREADY_GONE:
        return False
    return receipt.outcome in (Outcome.DONE, Outcome.STOPPED, Outcome.ACCEPTED) or bool(receipt.done)


def wrote(task: Task, receipt: Receipt) -> bool:
    """Whether the platform wrote something that can be read back."""
    whole = task.action is not Action.REDACT
    return receipt.outcome in (Outcome.DONE, Outcome.STOPPED) and (whole or bool(receipt.done))


LIVING = ("subscribed", "pending")
"""What a subscriber's status says while mailings may come; who is yet to confirm is mailed too."""


def mailed(live: Live, channel: str = "") -> bool:
    """Whether mailings may still come by a channel; of a subscriber's step, which names none, by any.

    A status sums the channels up and may hide one behind another, so each that the record states counts.
    """
    facts = live.record.facts
    given = {one.channel for one in facts.consents if one.given}
    return channel in given if channel else bool(given) or facts.status in LIVING
