"""The push stage: what the shop is done with is carried on to the recipients."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from connector.errors import RemoteError
from connector.ledger import Ledger
from connector.ledger.outbox import Outbox
from connector.ports import Delivery, DeliveryReceipt, Processor
from connector.records import Outcome, Value

COMMIT_EVERY = 50


class PushResult(Value, frozen=True, kw_only=True):
    """How many deliveries were answered, and the recipients that did not answer at all."""

    answered: int
    failed: tuple[tuple[str, RemoteError], ...] = ()


def push(
    ledger: Ledger,
    outbox: Outbox,
    processors: Mapping[str, Processor],
    *,
    today: date,
    progress: Callable[[int], None] | None = None,
) -> PushResult:
    """Pushes every delivery whose time has come; one silent recipient never stops the others."""
    answered = 0
    failed = []
    for name, processor in processors.items():
        try:
            for batch in outbox.due(name, now=ledger.now(), today=today):
                answered += _push_batch(ledger, outbox, processor, batch, today)
                if progress is not None:
                    progress(len(batch))
        except RemoteError as fault:
            failed.append((name, fault))
            with ledger.begin() as connection:
                ledger.event(connection, "push_failed", recipient=name, error=type(fault).__name__)
    with ledger.begin() as connection:
        ledger.event(connection, "pushed", answered=answered, failed=[name for name, _ in failed])
    return PushResult(answered=answered, failed=tuple(failed))


def _push_batch(
    ledger: Ledger, outbox: Outbox, processor: Processor, batch: Sequence[Delivery], today: date
) -> int:
    """Pushes a batch; receipts are on disk every few, so that a crash repeats little."""
    received: list[DeliveryReceipt] = []
    count = 0
    try:
        for receipt in processor.push(batch):
            received.append(receipt)
            count += 1
            if len(received) >= COMMIT_EVERY:
                _store(ledger, outbox, received, today)
                received = []
    finally:
        _store(ledger, outbox, received, today)
    return count


def _store(ledger: Ledger, outbox: Outbox, receipts: Sequence[DeliveryReceipt], today: date) -> None:
    if receipts:
        with ledger.begin() as connection:
            outbox.receive(connection, receipts, today=today)


__all__ = ["Outcome", "PushResult", "push"]
