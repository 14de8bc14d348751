"""Writing draft orders and abandoned checkouts."""

from collections.abc import Iterator, Sequence

from adapters.shopify.aftermath import Writing, deletions
from adapters.shopify.ids import batched, gid
from adapters.shopify.reasons import Reason
from adapters.shopify.standing import DELETED_TOGETHER
from connector.ports import Receipt, Task
from connector.records import Kind, Outcome

DRAFTS = "write_draft_orders"


class DraftWriter:
    """Deletes draft orders; an abandoned checkout no API removes."""

    def __init__(self, writing: Writing) -> None:
        self._standing, self._writes, self._looks = writing

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task."""
        for task in tasks:
            if task.ref.kind is not Kind.DRAFT_ORDER:
                yield Receipt(ref=task.ref, outcome=Outcome.BY_HAND, reason=Reason.GOES_BY_ITSELF)
        drafts = [task for task in tasks if task.ref.kind is Kind.DRAFT_ORDER]
        if drafts and not self._writes.may(DRAFTS):
            for task in drafts:
                reason = Reason.LACKS_SCOPE.of(DRAFTS)
                yield Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason)
            drafts = []
        for some in batched(drafts, DELETED_TOGETHER):
            same, changed = self._standing.settled(some)
            yield from changed
            inputs = [{"input": {"id": gid(Kind.DRAFT_ORDER, task.ref.id)}} for task in same]
            pairs = list(zip(same, self._writes.together("draft_delete", inputs), strict=True))
            yield from deletions(pairs, self._looks, name="deletedId")
