"""A write that says its record is no more: the word of whoever wrote is no witness, so the record is read.

Only what a read right after, beside records known to live, says with the service's own word is gone.
"""

from collections.abc import Callable, Mapping, Sequence

from connector.errors import RemoteError
from connector.ports import WENT, Gone, Live, Look, Receipt
from connector.records import Outcome, Ref

STILL_THERE = "still_there"
"""The reason of a record that its write called gone and that a read shows: nothing of it is done."""

Looks = Callable[[Sequence[Ref]], Mapping[Ref, Look]]


def says_gone(receipt: Receipt) -> bool:
    """Whether a receipt says that the record itself was not there any more."""
    return receipt.outcome is Outcome.ALREADY_GONE and receipt.reason == WENT


def held_to_a_look(receipts: Mapping[Ref, Receipt], looks: Looks) -> dict[Ref, Receipt]:
    """The receipts, those that say gone held to a read; one whose record cannot be read gets none.

    Its step then stays begun, and the next run settles it.
    """
    claimed = [ref for ref, receipt in receipts.items() if says_gone(receipt)]
    seen = _seen(claimed, looks) if claimed else {}
    held = {
        ref: _held(receipt, seen.get(ref)) if ref in claimed else receipt for ref, receipt in receipts.items()
    }
    return {ref: receipt for ref, receipt in held.items() if receipt is not None}


def _seen(claimed: Sequence[Ref], looks: Looks) -> Mapping[Ref, Look]:
    try:
        return looks(claimed)
    except RemoteError:  # not readable now: the receipts of the others must not be lost
        return {}


def _held(receipt: Receipt, look: Look | None) -> Receipt | None:
    if isinstance(look, Gone):
        return receipt
    if isinstance(look, Live):
        return Receipt(ref=receipt.ref, outcome=Outcome.REFUSED, reason=STILL_THERE)
    return None
