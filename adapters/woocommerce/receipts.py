"""From what the shop says of an item to its receipt. Nothing here asks the shop."""

from collections.abc import Mapping
from typing import Any

from adapters.woocommerce.client import GONE
from connector.places.shared import out_of_reach
from connector.ports import Receipt, Task, went
from connector.records import Field, Outcome, from_bits, to_bits

Item = Mapping[str, Any]
# Error codes of WooCommerce that say what to do; the reports have words for the reasons.
REASONS = {
    "woocommerce_rest_cannot_delete": "staff_account",
    "woocommerce_rest_cannot_edit": "may_not_edit",
    "internal_server_error": "plugin_crashed",
}


def waiting(task: Task) -> frozenset[Field]:
    """The fields of a task that stand only in places that wait for others, which are not in it."""
    beyond = out_of_reach(task.live.record, to_bits(task.fields)) & ~task.live.record.stuck
    return task.fields & set(from_bits(beyond))


def stuck(task: Task) -> frozenset[Field]:
    """The fields of a task that stand only where no call changes anything."""
    return task.fields & set(from_bits(task.live.record.stuck))


def refusal(task: Task, item: Item | None) -> Receipt | None:
    """The receipt of an item that was not done; None where it was."""
    if item is None:
        return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason="left_out")
    error = item.get("error")
    if not isinstance(error, dict):
        return None
    code = str(error.get("code", ""))
    if code in GONE[task.ref.kind]:
        return went(task)
    reason = REASONS.get(code, f"rejected:{code[:60]}")
    return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason)
