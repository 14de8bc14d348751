"""A round in which a recipient found nothing of what it was asked about proves nothing.

A wrong store, a key of another account, numbers of another kind and a place that was emptied all answer like
a place where these people never were. So "never there" is believed only beside something that was found by
the same kind of handle, in this round, or where the ledger knows why it is not there.
"""

from collections.abc import Mapping, Sequence

import msgspec

from connector.ledger import Ledger
from connector.ledger.found_there import NONE_FOUND, done_before, ever_found
from connector.ports import NEVER_THERE, WENT, Delivery, DeliveryReceipt
from connector.records import Outcome

FEW = 10
"""Fewer that were never there are no surprise at a recipient that has found such handles before."""

_FOUND = (Outcome.DONE, Outcome.STOPPED, Outcome.ACCEPTED, Outcome.STALE)


class Round:
    """The answers of one push to one recipient; "never there" is kept back until something was found."""

    def __init__(self, ledger: Ledger, recipient: str) -> None:
        self._ledger = ledger
        self._recipient = recipient
        self._found: set[str] = set()  # kinds of handle of which something was there
        self._kept_back: dict[str, list[DeliveryReceipt]] = {}
        self.unknown = 0

    def sift(self, batch: Mapping[int, Delivery], receipt: DeliveryReceipt) -> list[DeliveryReceipt]:
        """The receipts that may be believed now that this one came."""
        handle = batch[receipt.id].handle if receipt.id in batch else ""
        absent = receipt.outcome is Outcome.ALREADY_GONE and receipt.reason == NEVER_THERE
        if absent and handle not in self._found:
            self._kept_back.setdefault(handle, []).append(receipt)
            return []
        went = receipt.outcome is Outcome.ALREADY_GONE and receipt.reason == WENT  # it was there a moment ago
        if went or receipt.outcome in _FOUND:
            self._found.add(handle)
            return [*self._kept_back.pop(handle, ()), receipt]
        return [receipt]

    def end(self) -> list[DeliveryReceipt]:
        """What was kept back to the last: explained by the ledger, or not known, which is asked again."""
        judged = [one for handle, kept in self._kept_back.items() for one in self._judged(handle, kept)]
        self._kept_back = {}
        return judged

    def _judged(self, handle: str, kept: Sequence[DeliveryReceipt]) -> list[DeliveryReceipt]:
        ledger, recipient = self._ledger, self._recipient
        with ledger.begin() as connection:
            ours = done_before(connection, ledger.shop, recipient, [one.id for one in kept])
            strange = [one for one in kept if one.id not in ours]
            few = len(strange) < FEW and ever_found(connection, ledger.shop, recipient, handle)
        if few:
            return list(kept)
        self.unknown += len(strange)
        return [one if one.id in ours else _unknown(one) for one in kept]


def _unknown(receipt: DeliveryReceipt) -> DeliveryReceipt:
    return msgspec.structs.replace(receipt, outcome=Outcome.REFUSED, reason=NONE_FOUND, retry=True)


def told(recipient: str, count: int) -> str:
    """What a person reads of deliveries that no answer of the recipient's explains."""
    return (
        f"{recipient}: {count} copies were to go and none of what was asked for was found there, so whether "
        "they are gone cannot be known. See that the settings name the right account, audience, store and "
        f"order number; then `gallra push`, or `gallra ack --none-found {recipient} --by NAME` where nothing "
        "was ever there."
    )
