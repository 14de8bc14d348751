"""Writing orders: only what is due, nothing mailed, nothing unlinked, money compared."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.shopify import orders
from adapters.shopify.customers import metafield_ids
from adapters.shopify.faults import ADAPTER
from adapters.shopify.holdings import Holding, changes
from adapters.shopify.ids import gid
from adapters.shopify.money import fingerprint
from adapters.shopify.nodes import Node, nodes
from adapters.shopify.orders import METAFIELD, TRACKING, Table
from adapters.shopify.reasons import Reason, kept
from adapters.shopify.writes import Answer, Writes, is_gone, refusal
from connector.errors import MoneyMoved
from connector.ports import Receipt, Task
from connector.records import Action, Kind, Outcome

_METAFIELDS_TOGETHER = 25
TRACKS = "write_merchant_managed_fulfillment_orders"
_NO_TRACKING: Mapping[str, Any] = {"numbers": [], "urls": []}


class OrderWriter:
    """Redacts orders, and deletes them only where the settings say so."""

    def __init__(self, writes: Writes, *, table: Table, deletes: bool) -> None:
        self._writes = writes
        self._table = table
        self._deletes = deletes

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task; raises MoneyMoved after the receipts of what was written."""
        yield from self._delete([task for task in tasks if task.action is Action.DELETE])
        redactions = [task for task in tasks if task.action is not Action.DELETE]
        if redactions:
            yield from self._redact(redactions)

    def _redact(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        changed = [changes(self._holdings(task.live.raw), task.fields, kind="order") for task in tasks]
        tracking = self._tracking(changed)
        self._metafields(tasks, changed)
        inputs = [
            orders.order_input(task.live.raw, change) for task, change in zip(tasks, changed, strict=True)
        ]
        sent = [one for one in inputs if one is not None]
        answers = iter(self._writes.run("order_update", [{"input": one} for one in sent]))
        moved = ""
        for task, change, one in zip(tasks, changed, inputs, strict=True):
            answer = next(answers) if one is not None else {}
            after = _after(task.live.raw, change, answer, tracking)
            yield self._judge(task, answer, after, written=bool(change))
            if answer and answer.get("order") and fingerprint(answer["order"]) != task.live.money:
                moved = moved or task.ref.id
        if moved:
            raise _money_error(moved)

    def _holdings(self, order: Node) -> list[Holding]:
        return orders.holdings(order, self._table)

    def _tracking(self, changed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The tracking information that fulfillments hold after their change, by fulfillment."""
        ids = [place.removeprefix(TRACKING) for one in changed for place in one if place.startswith(TRACKING)]
        variables = [{"fulfillmentId": id_, "tracking": _NO_TRACKING} for id_ in ids]
        if not self._writes.may(TRACKS):  # they stay, and the receipts say so
            return {}
        answers = self._writes.run("tracking_update", variables)
        found = {}
        for id_, answer in zip(ids, answers, strict=True):
            if answer and answer.get("fulfillment") and not refusal(answer):
                found[id_] = answer["fulfillment"].get("trackingInfo") or []
        return found

    def _metafields(self, tasks: Sequence[Task], changed: list[dict[str, Any]]) -> None:
        """Deletes metafields; a change whose deletion was refused is dropped, so that it counts as left."""
        ids = [
            one
            for task, change in zip(tasks, changed, strict=True)
            for one in metafield_ids(task.live.raw, change)
        ]
        parts = [ids[at : at + _METAFIELDS_TOGETHER] for at in range(0, len(ids), _METAFIELDS_TOGETHER)]
        answers = self._writes.run("metafields_delete", [{"metafields": part} for part in parts])
        refused = {
            row["ownerId"]
            for part, answer in zip(parts, answers, strict=True)
            if refusal(answer)
            for row in part
        }
        for task, change in zip(tasks, changed, strict=True):
            if task.live.raw["id"] in refused:
                for place in [place for place in change if place.startswith(METAFIELD) and not change[place]]:
                    del change[place]

    def _judge(self, task: Task, answer: Answer | None, after: Node, *, written: bool) -> Receipt:
        """The receipt of a redaction: what the answer still holds is not done."""
        if answer is not None and is_gone(answer):
            return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, done=task.fields)
        reason = refusal(answer) if answer != {} else ""
        held = [holding for holding in self._holdings(after) if holding.field in task.fields]
        left = frozenset(holding.field for holding in held)
        stuck = {holding.field for holding in held if not holding.fixed}
        done = task.fields - left
        if not left and not reason:
            outcome = Outcome.DONE if written else Outcome.ALREADY_GONE
            return Receipt(ref=task.ref, outcome=outcome, done=done)
        if stuck and not reason:
            reason = kept(stuck)
        if not done:
            return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason)
        return Receipt(
            ref=task.ref, outcome=Outcome.DONE, done=done, by_hand=left, reason=reason,
            places=(f"order:{task.live.record.label}",),
        )  # fmt: skip

    def _delete(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        if not self._deletes:
            for task in tasks:
                yield Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=Reason.DELETE_ORDERS_OFF)
            return
        ids = [{"orderId": gid(Kind.ORDER, task.ref.id)} for task in tasks]
        for task, answer in zip(tasks, self._writes.run("order_delete", ids), strict=True):
            yield deleted(task, answer)


def deleted(task: Task, answer: Answer | None) -> Receipt:
    """The receipt of a record that was to go whole."""
    if answer is not None and is_gone(answer):
        return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, done=task.fields)
    reason = refusal(answer)
    if reason:
        return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason)
    return Receipt(ref=task.ref, outcome=Outcome.DONE, done=task.fields)


def _after(
    order: Node, change: Mapping[str, Any], answer: Answer | None, tracking: Mapping[str, Any]
) -> Node:
    """The order as the answers show it."""
    after = {**order, **((answer or {}).get("order") or {})}
    after["fulfillments"] = [
        {**row, "trackingInfo": tracking.get(row["id"], row.get("trackingInfo"))}
        for row in order.get("fulfillments") or ()
    ]
    after["metafields"] = _metafields_after(order, change, written=not refusal(answer) if answer else False)
    return after


def _metafields_after(order: Node, change: Mapping[str, Any], *, written: bool) -> list[Node]:
    """The metafields that are left: not those deleted; those rewritten, where the input was taken."""
    found = []
    for row in nodes(order, "metafields"):
        place = f"{METAFIELD}{row['namespace']}.{row['key']}"
        if place not in change:
            found.append(row)
        elif change[place]:
            found.append({**row, "value": change[place]} if written else row)
    return found


def _money_error(order_id: str) -> MoneyMoved:
    return MoneyMoved(
        f"{ADAPTER}: order {order_id} shows other totals, taxes or refunds after a write. Nothing more is "
        "written: compare the order with the books, then report it.",
        adapter=ADAPTER, operation="update orders", status=200, code="money_moved",
    )  # fmt: skip
