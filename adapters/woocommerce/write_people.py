"""Writing accounts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.woocommerce import customers
from adapters.woocommerce.client import Client
from adapters.woocommerce.holdings import still_to_write
from adapters.woocommerce.lanes import Lanes, Worked
from adapters.woocommerce.receipts import refusal, stuck, waiting
from adapters.woocommerce.restore import overwritten, put_back
from adapters.woocommerce.standing import deviation, standing
from adapters.woocommerce.writes import Batches, Refetch
from connector.errors import GallraError
from connector.places.shared import SHARED
from connector.ports import Back, Kept, Receipt, Task
from connector.records import Action, Field, Kind, Outcome


class CustomerWriter:
    """Redacts and deletes shop accounts in batches; orders stay, as orders of a guest."""

    def __init__(self, client: Client, *, refetch: Refetch, lanes: Lanes, table: Mapping[str, Field]) -> None:
        self._table = table
        self._batches = Batches(client, Kind.CUSTOMER, "customers", refetch)
        self._refetch = refetch
        self._lanes = lanes

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task; raises what stopped the run after the receipts of what was done."""
        redactions = [task for task in tasks if task.action is not Action.DELETE]
        deletions = [task for task in tasks if task.action is Action.DELETE]
        yield from self._lanes.run("redact accounts", redactions, self._redact)
        yield from self._lanes.run("delete accounts", deletions, self._delete)

    def _redact(self, tasks: Sequence[Task]) -> Worked:
        by_id = {task.ref.id: task for task in tasks}
        bodies = {
            id_: customers.update(task.live.raw, task.fields, self._table) for id_, task in by_id.items()
        }
        sent = {id_: body for id_, body in bodies.items() if body is not None}
        try:
            answers = self._batches.update(sent, lambda id_, row: self._left(by_id[id_], row)) if sent else {}
        except GallraError as error:
            return Worked([], error)
        return Worked([self._judge(task, answers, sent) for task in tasks])

    def overwritten(self, task: Task) -> Sequence[Kept]:
        """What a redaction overwrites and `restore` could put back."""
        body = customers.update(task.live.raw, task.fields, self._table)
        return overwritten(task, body, customers.holdings(task.live.raw, self._table))

    def restore(self, backs: Sequence[Back]) -> Iterator[Receipt]:
        """Puts back what stood in accounts."""
        return (one.receipt for one in put_back(self._batches, backs))

    def _left(self, task: Task, row: Any) -> bool:
        return customers.update(row, task.fields, self._table) is not None

    def _judge(self, task: Task, answers: dict[str, Any], sent: dict[str, Any]) -> Receipt:
        item = answers.get(task.ref.id) if task.ref.id in sent else task.live.raw
        refused = refusal(task, item)
        if refused:
            return refused
        held = customers.holdings(item or {}, self._table)
        left = {one.field for one in held if one.field in customers.WHOLE_ONLY} & task.fields
        left |= still_to_write(held, task.fields - customers.WHOLE_ONLY) | stuck(task)
        waits = waiting(task)
        if waits == task.fields:
            return Receipt(ref=task.ref, outcome=Outcome.STALE, reason=SHARED)
        done = task.fields - left - waits
        reason = deviation(task, item)
        if not left:
            outcome = Outcome.DONE if task.ref.id in sent else Outcome.ALREADY_GONE
            return Receipt(ref=task.ref, outcome=outcome, done=done, reason=reason)
        by_hand = frozenset(left & (customers.WHOLE_ONLY | stuck(task)))
        outcome = Outcome.DONE if done else Outcome.BY_HAND if left == by_hand else Outcome.REFUSED
        return Receipt(
            ref=task.ref, outcome=outcome, done=done, by_hand=by_hand, reason=reason,
            refused=dict.fromkeys(left - by_hand, "not_taken"),
            places=(f"wordpress_user:{task.ref.id}",) if by_hand else (),
        )  # fmt: skip

    def _delete(self, tasks: Sequence[Task]) -> Worked:
        try:
            same, changed = standing(tasks, self._refetch)
            answers = self._batches.delete([task.ref.id for task in same]) if same else {}
        except GallraError as error:
            return Worked([], error)
        done = [
            refusal(task, answers.get(task.ref.id))
            or Receipt(ref=task.ref, outcome=Outcome.DONE, done=task.fields)
            for task in same
        ]
        return Worked(done + changed)
