"""Mailings that end at a person's word: each channel as its record says it now, and as the word stands now.

No rule, hold or other record is asked: whoever objects is not mailed (GDPR 21(3)).
"""

from collections.abc import Mapping
from datetime import date

from connector.deciding import proof
from connector.deciding.withdrawn import Due
from connector.ledger.index import Row
from connector.ledger.plans import StepRow
from connector.ledger.states import StepState
from connector.ports import Gone, Live, Look, Receipt, Unread
from connector.records import FIELD_BITS, Field, Outcome, from_bits
from connector.stages.apply.groups import Group, Settled

ACCOUNT = FIELD_BITS[Field.ACCOUNT]
"""What stands for a channel among a step's fields: it is no field of a record."""

ANOTHERS, ENDED, NEWER = "anothers", "not_subscribed", "own_will"


def decide_objected(group: Group, look: Look, row: Row | None, against: Due | None) -> Settled:
    """What is left to end of a record; `against` is what stands against a word there, None for nothing."""
    if isinstance(look, Unread):
        refused = Receipt(ref=group.ref, outcome=Outcome.REFUSED, reason=f"unread:{look.reason}")
        planned = [one.seq for one in group.steps if one.state is StepState.PLANNED]
        return Settled(group=group, due={}, receipts=dict.fromkeys(planned, refused))
    if isinstance(look, Gone) or row is None:
        return Settled(group=group, due={}, receipts={one.seq: proof.gone(one) for one in group.steps})
    due: dict[int, int] = {}
    receipts: dict[int, Receipt] = {}
    theirs = against is None or any(one.digest in against.digests for one in look.record.identifiers)
    since = {} if against is None else against.since
    for step in group.steps:
        if (receipt := _settled(step, look, since, theirs=theirs)) is not None:
            receipts[step.seq] = receipt
        else:
            due[step.seq] = ACCOUNT
    channels = frozenset(one.step.channel for one in group.steps if one.seq in due)
    return Settled(group=group, due=due, receipts=receipts, channels=channels)


def _settled(step: StepRow, live: Live, since: Mapping[str, date], *, theirs: bool) -> Receipt | None:
    """The receipt of a channel that is not ended now; None where it is to be."""
    ref, channel = step.step.ref, step.step.channel
    begun = step.state is StepState.BEGUN
    if not proof.mailed(live, channel):
        if begun:  # an earlier try ended it, and no answer said so
            return Receipt(ref=ref, outcome=Outcome.STOPPED, done=frozenset(from_bits(ACCOUNT)))
        return Receipt(ref=ref, outcome=Outcome.ALREADY_GONE, reason=ENDED)
    if not theirs:
        return Receipt(ref=ref, outcome=Outcome.STALE, reason=ANOTHERS)
    day = next(iter(why.since for why in step.step.why if why.since), date.min)
    until = since.get(channel, day)
    given = [one.changed for one in live.record.facts.consents if one.given and one.channel == channel]
    if any(changed is not None and changed > until for changed in given):
        return Receipt(ref=ref, outcome=Outcome.STALE, reason=NEWER)
    if channel not in since and not begun:
        return Receipt(ref=ref, outcome=Outcome.STALE, reason="no_longer_due")
    return None


__all__ = ["ACCOUNT", "decide_objected"]
