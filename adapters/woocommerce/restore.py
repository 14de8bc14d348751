"""What a redaction overwrites, as copies, and the items of a batch that put it back by the same keys.

Orders are written by internal meta keys, as `redact` writes them, so that WooCommerce recalculates nothing;
accounts by the properties of their blocks.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from adapters.woocommerce.holdings import Holding
from adapters.woocommerce.meta import meta_rows
from adapters.woocommerce.receipts import Item, refusal
from adapters.woocommerce.writes import Batches
from connector.ports import Back, Kept, Receipt, Task
from connector.records import Action, Field, Outcome

_BLOCKS = ("_billing_", "_shipping_")
_INTERNAL = {"_customer_ip_address": "customer_ip_address", "_customer_user_agent": "customer_user_agent"}
PROPERTY, META, OWN_ROW = "property:", "meta:", "row:"
"""How the name of a place begins: a property (of a block, with a point), an internal key, a meta row."""

ACCOUNT = f"{PROPERTY}customer_id"
ACCOUNT_GONE = "account_gone"
"""Why an order does not belong to its account again: that was deleted."""


class Restored(NamedTuple):
    """A record that was put back: its receipt, and the record as the answer shows it."""

    back: Back
    receipt: Receipt
    answer: Item


def overwritten(task: Task, body: Item | None, holdings: Iterable[Holding]) -> tuple[Kept, ...]:
    """What an item of a batch overwrites of a record, place by place."""
    record: Item = task.live.raw
    fields: dict[str, dict[Field, None]] = {}
    for one in holdings:
        if one.field in task.fields:
            fields.setdefault(one.key, {})[one.field] = None
    return tuple(
        Kept(
            place=place, key=key, fields=tuple(fields.get(key, ())), before=json.dumps(before),
            after=json.dumps(after),
        )
        for place, key, after in _places(body or {})
        if (before := _now(record, place, key)) not in (None, after)
    )  # fmt: skip


def _places(body: Item) -> Iterator[tuple[str, str, Any]]:
    """Each place that an item writes: its name, its key, and what it becomes."""
    for name, value in body.items():
        if name == "id":
            continue
        if name == "meta_data":
            for row in value:
                yield _place_of_row(row), row["key"], row["value"]
        elif isinstance(value, Mapping):
            yield from ((f"{PROPERTY}{name}.{part}", f"{name}.{part}", new) for part, new in value.items())
        else:
            yield f"{PROPERTY}{name}", name, value


def _place_of_row(row: Item) -> str:
    key = str(row["key"])
    if _is_internal(key):
        return f"{META}{key}"
    return f"{OWN_ROW}{row.get('id', 0)}:{key}"


def _is_internal(key: str) -> bool:
    return key.startswith(_BLOCKS) or key in _INTERNAL


def now_in(record: Item, kept: Sequence[Kept]) -> dict[str, str]:
    """What stands in these places of a record now.

    A meta row that was deleted comes back under another id: any row of its key with its value is it.
    """
    return {one.place: json.dumps(_found(record, one)) for one in kept}


def _found(record: Item, one: Kept) -> Any:
    if one.place.startswith(OWN_ROW) and one.after == "null":
        before = json.loads(one.before)
        same = [row.value for row in meta_rows(record.get("meta_data")) if row.key == one.key]
        return before if before in same else None
    return _now(record, one.place, one.key)


def _now(record: Item, place: str, key: str) -> Any:
    if place.startswith(OWN_ROW):
        id_ = _row_id(place)
        rows = [row for row in meta_rows(record.get("meta_data")) if row.key == key]
        return next((row.value for row in rows if row.id == id_ or not id_), None)
    if place.startswith(META):
        return _of_internal(record, key)
    block, _, part = key.rpartition(".")
    return (record.get(block) or {}).get(part) if block else record.get(part)


def _row_id(place: str) -> int:
    return int(place.removeprefix(OWN_ROW).partition(":")[0])


def _of_internal(record: Item, key: str) -> Any:
    """What an internal key holds, which stands in the answer under another name."""
    if key in _INTERNAL:
        return record.get(_INTERNAL[key])
    _, block, part = key.split("_", 2)
    own = record.get(block)
    return own.get(part) if isinstance(own, Mapping) else None


def put_back(batches: Batches, backs: Sequence[Back], gone: Collection[str] = ()) -> Iterator[Restored]:
    """Puts back what stood in these records; an order's account that is `gone` stays away.

    Raises RetryLater where the shop does not say what came of an item.
    """
    kept = {back.ref.id: [one for one in back.kept if not _of_gone(one, gone)] for back in backs}
    bodies = {id_: _body(int(id_), own) for id_, own in kept.items() if own}
    answers = batches.update(bodies, lambda id_, row: _left(row, kept[id_])) if bodies else {}
    for back in backs:
        task = Task(live=back.live, action=Action.RESTORE, fields=frozenset())
        item = answers.get(back.ref.id) if kept[back.ref.id] else back.live.raw
        beyond = {field: ACCOUNT_GONE for one in back.kept if _of_gone(one, gone) for field in one.fields}
        done = Receipt(ref=back.ref, outcome=Outcome.DONE, refused=beyond)
        yield Restored(back, refusal(task, item) or done, item or {})


def _of_gone(one: Kept, gone: Collection[str]) -> bool:
    return one.place == ACCOUNT and one.before in gone


def accounts_of(backs: Iterable[Back]) -> set[str]:
    """The accounts that orders belonged to, by id."""
    return {one.before for back in backs for one in back.kept if one.place == ACCOUNT}


def _left(record: Item, kept: Sequence[Kept]) -> bool:
    """Whether something is still to be put back."""
    now = now_in(record, kept)
    return any(now[one.place] != one.before for one in kept)


def _body(id_: int, kept: Sequence[Kept]) -> dict[str, Any]:
    """One item of a batch that puts these places back."""
    body: dict[str, Any] = {"id": id_}
    for one in kept:
        value = json.loads(one.before)
        if one.place.startswith(PROPERTY):
            block, _, part = one.key.rpartition(".")
            (body.setdefault(block, {}) if block else body)[part] = value
            continue
        row = {"key": one.key, "value": value}
        if one.place.startswith(OWN_ROW) and one.after != "null" and (own := _row_id(one.place)):
            row["id"] = own
        body.setdefault("meta_data", []).append(row)
    return body


__all__ = ["ACCOUNT_GONE", "Restored", "accounts_of", "now_in", "overwritten", "put_back"]
