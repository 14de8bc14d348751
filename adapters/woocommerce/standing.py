"""Between the fetch and the write: before anything is deleted a record is read again, and answers compared.

A batch is fetched whole before any of it is written; what a buyer or the staff did meanwhile is not undone.
What takes one call a record takes minutes for a batch: such records are looked at again a few at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from adapters.woocommerce.fetch import Seen
from connector.errors import GallraError
from connector.ports import DEVIATES, WENT, Gone, Receipt, Task, Unread, went
from connector.records import Field, Kind, Outcome

Item = Mapping[str, Any]
# What must be the same right before a deletion, or a write of a whole text, as at the fetch.
_STANDING: Mapping[Kind, tuple[str, ...]] = {
    Kind.ORDER: ("status", "total", "customer_id", "date_modified_gmt"),
    Kind.CUSTOMER: ("role", "email", "is_paying_customer", "date_modified_gmt"),
    Kind.REVIEW: ("status", "reviewer", "reviewer_email", "review"),
    Kind.COUPON: ("status", "amount", "email_restrictions", "description", "date_modified_gmt"),
}
FEW = 10
"""Records that are looked at together right before calls of their own: seconds of work, not minutes."""


def few(tasks: Sequence[Task]) -> Iterator[Sequence[Task]]:
    """The tasks, a few at a time."""
    return (tasks[at : at + FEW] for at in range(0, len(tasks), FEW))


def standing(
    tasks: Sequence[Task], refetch: Callable[[Sequence[str]], Mapping[str, Seen]]
) -> tuple[list[Task], list[Receipt]]:
    """The tasks whose records are as fetched, and the receipts of the others: those are left as they are."""
    if not tasks:
        return [], []
    seen = refetch([task.ref.id for task in tasks])
    changed = {task.ref: receipt for task in tasks if (receipt := _otherwise(task, seen.get(task.ref.id)))}
    return [task for task in tasks if task.ref not in changed], list(changed.values())


def _otherwise(task: Task, now: Seen | None) -> Receipt | None:
    if isinstance(now, Gone):
        return went(task)
    if now is None or isinstance(now, Unread):
        reason = now.reason if now is not None else "not_answered"
        return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=f"unread:{reason}")
    before = task.live.raw
    if any(now.get(name) != before.get(name) for name in _STANDING[task.ref.kind] if name in before):
        return Receipt(ref=task.ref, outcome=Outcome.STALE, reason="changed_meanwhile")
    return None


def held_to_a_look(
    receipts: Iterator[Receipt], confirmed: Callable[[Sequence[str]], Mapping[str, Seen]]
) -> Iterator[Receipt]:
    """The receipts; those that say gone come last, each held to a read of its record by its id.

    A code of WooCommerce's own in the answer to a write is a word about the write, not about the record.
    """
    claimed: list[Receipt] = []
    stop: GallraError | None = None
    try:
        for receipt in receipts:
            if receipt.reason == WENT:
                claimed.append(receipt)
            else:
                yield receipt
    except GallraError as error:
        stop = error
    seen = confirmed([receipt.ref.id for receipt in claimed]) if claimed else {}
    yield from (_held(receipt, seen.get(receipt.ref.id)) for receipt in claimed)
    if stop:
        raise stop


def _held(receipt: Receipt, now: Seen | None) -> Receipt:
    if isinstance(now, Gone):
        return receipt
    reason = f"unread:{now.reason}" if isinstance(now, Unread) else "still_there"
    return Receipt(ref=receipt.ref, outcome=Outcome.REFUSED, reason=reason)


def deviation(task: Task, item: Item | None) -> str:
    """The reason of a record whose answer shows another status or person than its fetch; empty where none.

    Another total is no reason on a receipt: it stops the run.
    """
    found = list(_deviating(task, item)) if item is not None else []
    return f"{DEVIATES}:{','.join(found)}" if found else ""


def _deviating(task: Task, item: Item) -> Iterator[str]:
    before = task.live.raw
    status = "role" if task.ref.kind is Kind.CUSTOMER else "status"
    if status in before and status in item and item[status] != before[status]:
        yield "other_status"
    ours = Field.ACCOUNT in task.fields and item.get("customer_id") == 0
    other = "customer_id" in item and item["customer_id"] != before.get("customer_id")
    if task.ref.kind is Kind.ORDER and other and not ours:
        yield "other_person"
