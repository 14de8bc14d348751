"""The push stage: what the shop is done with is carried on to the recipients."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from connector.deciding.rounds import Round
from connector.errors import AccessDenied, RemoteError, RetryLater
from connector.ledger.lost_handles import LostHandle, lost_handles
from connector.ledger.outbox import Outbox
from connector.ledger.restricted import restricted_by_recipient
from connector.ledger.unsettled import held_by_begun
from connector.ports import Act, Delivery, DeliveryReceipt, Processor
from connector.ports.processor import TellsRectified
from connector.records import Outcome, Value

COMMIT_EVERY = 50
RECTIFY_BY_HAND = "rectify_by_hand"
"""The reason of what a person puts right at a recipient that has no call or letter for it."""


class PushResult(Value, frozen=True, kw_only=True):
    """How many deliveries were answered, and the recipients that did not answer at all.

    `put_off` are those that asked for patience, each with how many deliveries wait for the next push.
    `waiting` counts, by recipient, all that is still to be told once this push is over: what an earlier one
    put off too. `none_found` are those of a round that found nothing at all: nothing is known of them.
    `held` counts, by recipient, what waits for a step that has begun and is not settled; `lost` are those
    that cannot be told of a lost record, and that no person has seen to. `restricted` counts, by
    recipient, what waits until a restriction of its person is lifted (GDPR 18): no fault, told beside.
    """

    answered: int
    failed: tuple[tuple[str, RemoteError], ...] = ()
    put_off: tuple[tuple[str, int], ...] = ()
    waiting: tuple[tuple[str, int], ...] = ()
    none_found: tuple[tuple[str, int], ...] = ()
    held: tuple[tuple[str, int], ...] = ()
    lost: tuple[LostHandle, ...] = ()
    restricted: tuple[tuple[str, int], ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every recipient took what it was handed, and nothing else is still to be told."""
        return not (self.failed or self.put_off or self.waiting or self.held or self.lost)


def push(
    outbox: Outbox,
    processors: Mapping[str, Processor],
    *,
    today: date,
    progress: Callable[[int], None] | None = None,
) -> PushResult:
    """Pushes every delivery whose time has come; one silent recipient never stops the others.

    What a recipient did not take stays sealed, says why, and waits as long as the recipient asked for.
    """
    ledger, answered = outbox.ledger, 0
    failed: list[tuple[str, RemoteError]] = []
    put_off: dict[str, int] = {}
    unknown: dict[str, int] = {}
    for name, processor in processors.items():
        round_ = Round(ledger, name)
        try:
            for batch in outbox.due(name, now=ledger.now(), today=today):
                count, later = _push_batch(outbox, processor, batch, round_, today=today)
                answered += count
                if later:
                    put_off[name] = put_off.get(name, 0) + later
                if progress is not None:
                    progress(len(batch))
        except RemoteError as fault:
            failed.append((name, fault))
            with ledger.begin() as connection:
                outbox.answers.wait(connection, name, reason=_why(fault), seconds=_asked_for(fault))
                ledger.event(connection, "push_failed", recipient=name, error=type(fault).__name__)
        _store(outbox, round_.end(), today)
        if round_.unknown:
            unknown[name] = round_.unknown
    with ledger.begin() as connection:
        named = [name for name, _ in failed]
        ledger.event(connection, "pushed", answered=answered, failed=named, none_found=unknown)
        waiting = tuple(outbox.answers.waiting(connection).items())
        held = tuple(held_by_begun(connection, ledger.shop).items())
        lost = tuple(lost_handles(connection, ledger.shop))
        restricted = tuple(restricted_by_recipient(connection, ledger.shop).items())
    return PushResult(
        answered=answered,
        failed=tuple(failed),
        put_off=tuple(put_off.items()),
        waiting=waiting,
        none_found=tuple(unknown.items()),
        held=held,
        lost=lost,
        restricted=restricted,
    )


def _asked_for(fault: RemoteError) -> float:
    """The seconds that the recipient itself asked us to wait; 0 where it did not say."""
    return (fault.after if isinstance(fault, RetryLater) else None) or 0.0


def _why(fault: RemoteError) -> str:
    """Why a recipient did not take what is due; never a text of the service."""
    if isinstance(fault, AccessDenied):
        return "access_denied"
    return f"status_{fault.status}" if fault.status else "not_answered"


def _push_batch(
    outbox: Outbox, processor: Processor, batch: Sequence[Delivery], round_: Round, *, today: date
) -> tuple[int, int]:
    """Pushes a batch; receipts are on disk every few, so that a crash repeats little.

    Returns how many were answered, and how many of these are put off.
    """
    hands = [] if _tells_rectified(processor) else [one for one in batch if one.act is Act.RECTIFY]
    _store(outbox, [_by_hand(one) for one in hands], today)
    batch = [one for one in batch if one not in hands]
    noted = [replace(one, about_to=partial(_about_to, outbox, one.id)) for one in batch]
    asked = {delivery.id: delivery for delivery in noted}
    received: list[DeliveryReceipt] = []
    count = put_off = 0
    outbox.ledger.must_be_current()
    try:
        for receipt in processor.push(noted):
            received += round_.sift(asked, receipt)
            count += 1
            put_off += receipt.retry
            if len(received) >= COMMIT_EVERY:
                _store(outbox, received, today)
                received = []
    finally:
        _store(outbox, received, today)
    return count + len(hands), put_off


def _tells_rectified(processor: Processor) -> bool:
    """Whether an adapter knows what it is to tell of a rectification: one that does not might erase."""
    return isinstance(processor, TellsRectified) and processor.tells_rectified


def _by_hand(delivery: Delivery) -> DeliveryReceipt:
    return DeliveryReceipt(id=delivery.id, outcome=Outcome.BY_HAND, reason=RECTIFY_BY_HAND)


def _about_to(outbox: Outbox, id_: int, token: str) -> None:
    """What a recipient showed of a delivery is on disk before it is written to."""
    with outbox.ledger.begin() as connection:
        outbox.answers.about_to(connection, id_, token)


def _store(outbox: Outbox, receipts: Sequence[DeliveryReceipt], today: date) -> None:
    if receipts:
        with outbox.ledger.begin() as connection:
            outbox.answers.receive(connection, receipts, today=today)


__all__ = ["Outcome", "PushResult", "push"]
