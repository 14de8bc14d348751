"""Ending mailings: the opt-in fields of accounts and orders are set to no, and nothing else is written."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.moved import money_moved
from adapters.woocommerce import opt_in
from adapters.woocommerce.client import ADAPTER, Client
from adapters.woocommerce.lanes import Lanes, Worked
from adapters.woocommerce.money import fingerprint
from adapters.woocommerce.receipts import Item, refusal
from adapters.woocommerce.writes import Batches, Refetch
from connector.errors import GallraError
from connector.ports import Receipt, Task
from connector.records import Kind, Outcome


class ConsentWriter:
    """Sets the opt-in fields of one kind of record to no."""

    def __init__(
        self, client: Client, kind: Kind, *, refetch: Refetch, lanes: Lanes, keys: Mapping[str, str]
    ) -> None:
        self._kind = kind
        self._name = f"end mailings of {kind}s"
        self._keys = keys
        self._batches = Batches(client, kind, f"{kind}s", refetch)
        self._lanes = lanes

    def end(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task; raises MoneyMoved, after the receipts, where an order's total changed."""
        yield from self._lanes.run(self._name, tasks, self._end) if tasks else ()

    def _end(self, tasks: Sequence[Task]) -> Worked:
        by_id = {task.ref.id: task for task in tasks}
        bodies = {id_: self._body(task, task.live.raw) for id_, task in by_id.items()}
        sent = {id_: body for id_, body in bodies.items() if body is not None}
        try:
            answers = self._batches.update(
                sent, lambda id_, row: self._body(by_id[id_], row) is not None
            ) if sent else {}  # fmt: skip
        except GallraError as error:
            return Worked([], error)
        receipts = [self._judge(task, answers.get(id_), id_ in sent) for id_, task in by_id.items()]
        moved = next((id_ for id_ in sent if self._moved(by_id[id_], answers.get(id_))), "")
        return Worked(receipts, _money_error(moved) if moved else None)

    def _body(self, task: Task, row: Mapping[str, Any]) -> dict[str, Any] | None:
        return opt_in.withdrawn(row, self._keys, task.channels)

    def _judge(self, task: Task, item: Item | None, written: bool) -> Receipt:
        if not written:
            return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, reason="not_subscribed")
        if refused := refusal(task, item):
            return refused
        if self._body(task, item or {}) is not None:
            return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason="not_taken")
        return Receipt(ref=task.ref, outcome=Outcome.STOPPED, done=task.fields)

    def _moved(self, task: Task, item: Item | None) -> bool:
        if self._kind is not Kind.ORDER or item is None or item.get("error"):
            return False
        return fingerprint(item) != task.live.money


def _money_error(number: str) -> GallraError:
    return money_moved(
        ADAPTER, f"order {number}", shows="other totals, taxes or lines", operation="update orders",
        report="it with the shop's WooCommerce version",
    )  # fmt: skip
