"""Between the fetch and the write: what has changed meanwhile is left as it is, and what an answer shows.

A batch is fetched whole before any of it is written, and a bulk operation waits its turn; so each record is
looked at once more right before, by id, for the search lags behind. That look covers a part of a batch only,
and where the record itself is deleted, which no answer can take back, a few requests' worth.
"""

from collections.abc import Iterator, Mapping, Sequence

from adapters.http import CACHED
from adapters.shopify.answers import OddAnswer
from adapters.shopify.client import Client
from adapters.shopify.ids import gid
from adapters.shopify.nodes import Node
from adapters.shopify.reasons import Reason
from connector.errors import Rejected
from connector.ports import DEVIATES, Receipt, Task
from connector.records import Kind, Outcome

_OPERATIONS: Mapping[Kind, str] = {
    Kind.ORDER: "now_orders",
    Kind.CUSTOMER: "now_customers",
    Kind.SUBSCRIBER: "now_customers",
    Kind.DRAFT_ORDER: "now_draft_orders",
    Kind.COUPON: "now_gift_cards",
}
PART = 1_000
"""Records of a batch that are looked at, and then written, before the next are."""
DELETED_TOGETHER = 100
"""Orders or drafts that are looked at before they are deleted: five requests, seconds."""
_AT_ONCE = 250
_FEWEST = 10
_STATUS = ("cancelledAt", "displayFinancialStatus", "displayFulfillmentStatus", "returnStatus")


def deviations(before: Node, after: Node) -> tuple[str, ...]:
    """What an order's answer shows otherwise than its fetch did, as reasons; its money is apart."""
    found = []
    if any(name in after and after[name] != before.get(name) for name in _STATUS):
        found.append("other_status")
    if "customer" in after and _person(after) != _person(before):
        found.append("other_person")
    return tuple(found)


def changed_person(before: Node, after: Node) -> tuple[str, ...]:
    """What a customer read after the write shows otherwise than the fetch did, as reasons.

    Only what no write of ours changes: an account's state may follow its address.
    """
    return ("other_status",) if after.get("numberOfOrders") != before.get("numberOfOrders") else ()


def named(found: Sequence[str]) -> str:
    """The reason of a receipt whose record shows these deviations; empty where none."""
    return f"{DEVIATES}:{','.join(found)}" if found else ""


def _person(order: Node) -> str:
    return str((order.get("customer") or {}).get("id") or "")


class Standing:
    """Looks once more at records that are about to be written."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._at_once = _AT_ONCE

    def settled(self, tasks: Sequence[Task]) -> tuple[list[Task], list[Receipt]]:
        """The tasks whose records are as fetched, and the receipts of the others; all are of one kind.

        Raises OddAnswer where the answer is not about these records.
        """
        if not tasks or tasks[0].ref.kind not in _OPERATIONS:
            return list(tasks), []
        same: list[Task] = []
        changed: list[Receipt] = []
        for task, node in self._read_now(tasks):
            if node is None:
                changed.append(Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=Reason.NOT_FOUND))
            elif any(task.live.raw.get(name) != value for name, value in node.items()):
                changed.append(Receipt(ref=task.ref, outcome=Outcome.STALE, reason=Reason.CHANGED_MEANWHILE))
            else:
                same.append(task)
        return same, changed

    def _read_now(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Node | None]]:
        left = list(tasks)
        while left:
            some = left[: self._at_once]
            yield from zip(some, self._read_some(some), strict=True)
            left = left[len(some) :]

    def _read_some(self, tasks: list[Task]) -> list[Node | None]:
        operation = _OPERATIONS[tasks[0].ref.kind]
        ids = [gid(task.ref.kind, task.ref.id) for task in tasks]
        try:
            nodes = self._client.run(operation, {"ids": ids}).get("nodes")
        except Rejected as error:
            if error.code == CACHED:
                raise OddAnswer(operation) from None
            if error.code != "MAX_COST_EXCEEDED" or len(tasks) <= _FEWEST:
                raise
            self._at_once = middle = len(tasks) // 2
            return self._read_some(tasks[:middle]) + self._read_some(tasks[middle:])
        if not isinstance(nodes, list) or len(nodes) != len(ids):
            raise OddAnswer(operation)
        return [_of(node, id_, operation) for node, id_ in zip(nodes, ids, strict=True)]


def _of(node: object, id_: str, operation: str) -> Node | None:
    """The node without its type's name. Raises OddAnswer where it is another's."""
    if node is None:
        return None
    if not isinstance(node, Mapping) or node.get("id") != id_ or "updatedAt" not in node:
        raise OddAnswer(operation)
    return {name: value for name, value in node.items() if name != "__typename"}
