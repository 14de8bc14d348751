"""Batches: up to 100 items, no transaction, failures inside a 200."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sandbox.wire import Answer, Json, ServiceError
from sandbox.woocommerce.context import Call
from sandbox.woocommerce.errors import item_error, rest_error

_LIMIT = 100


def run_batch(
    call: Call, update: Callable[[Call, Json], Json], delete: Callable[[Call, int], Json]
) -> Answer:
    """Runs `update` and `delete` items in their order; each is saved or reported for itself."""
    body = call.body()
    updates, deletes = body.get("update") or [], body.get("delete") or []
    if len(updates) + len(deletes) + len(body.get("create") or []) > _LIMIT:
        message = f"Unable to accept more than {_LIMIT} items for this request."
        raise rest_error(413, "woocommerce_rest_request_entity_too_large", message)
    answer: Json = {}
    with call.shop.lock:
        if updates:
            answer["update"] = [
                _item(call, place, item.get("id"), partial(update, call, item))
                for place, item in enumerate(updates)
            ]
        if deletes:
            answer["delete"] = [
                _item(call, place, item, partial(delete, call, int(item)))
                for place, item in enumerate(deletes)
            ]
    return Answer(200, answer, writes=len(updates) + len(deletes))


def _item(call: Call, place: int, item_id: Any, run: Callable[[], Json]) -> Json:
    if call.fault and call.fault.kind == "half_batch" and place % 2:
        error = rest_error(500, "woocommerce_rest_cannot_save", "The item could not be saved.")
        return item_error(item_id, error)
    try:
        return run()
    except ServiceError as error:
        return item_error(item_id, error)
