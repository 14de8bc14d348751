"""What a redaction overwrites, as copies, and the inputs of `orderUpdate` and `customerUpdate` that undo it.

Parcels' numbers, saved addresses, company contacts and payment methods are deleted by calls of their own that
nothing takes back: of those there is no copy.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from adapters.shopify import addresses, customers
from adapters.shopify.holdings import Holding, changes
from adapters.shopify.nodes import Node, nodes
from adapters.shopify.orders import ATTRIBUTE, METAFIELD
from connector.ports import Back, Kept, Live, Receipt, Task
from connector.records import Action, Field, Kind, Outcome

_OF_ORDER = ("email", "phone", "poNumber", "note", "tags")
_OF_PROFILE = ("firstName", "lastName", "email", "phone", "note", "tags", "multipassIdentifier")


def overwritten(task: Task, holdings: Sequence[Holding]) -> tuple[Kept, ...]:
    """What a redaction makes of a record, place by place, of those that an update can set again."""
    of_order = task.ref.kind is Kind.ORDER
    changed = changes(holdings, task.fields, kind="order" if of_order else "customer")
    due = [one for one in holdings if one.field in task.fields]
    return tuple(
        _kept(task, place, value, [one.field for one in due if one.place == place])
        for place, value in changed.items()
        if _can_be_set(place, of_order=of_order)
    )


def _kept(task: Task, place: str, value: Any, fields: Sequence[Field]) -> Kept:
    before, after = _standing(task.live.raw, place, of_order=task.ref.kind is Kind.ORDER), value
    key, name = place, place
    if isinstance(before, Mapping):
        key = str(before.get("key") or place.removeprefix(METAFIELD))
        after = {**before, "value": str(value)} if value else None
        name = f"{place}:{key}" if place.startswith(ATTRIBUTE) else place
    return Kept(
        place=name, key=key, fields=tuple(dict.fromkeys(fields)), before=json.dumps(before),
        after=json.dumps(after),
    )  # fmt: skip


def _can_be_set(place: str, *, of_order: bool) -> bool:
    own = _OF_ORDER if of_order else _OF_PROFILE
    return place in own or place.startswith((addresses.SHIPPING, ATTRIBUTE, METAFIELD))


def _standing(record: Node, place: str, *, of_order: bool) -> Any:
    """What stands in a place: a value, or the row with its key, or its type."""
    if place.startswith(ATTRIBUTE):
        row = (record.get("customAttributes") or ())[int(place.removeprefix(ATTRIBUTE))]
        return {"key": row["key"], "value": row.get("value")}
    if place.startswith(METAFIELD):
        return _metafield(record, place.removeprefix(METAFIELD))
    if place.startswith(addresses.SHIPPING):
        return (record.get("shippingAddress") or {}).get(place.removeprefix(addresses.SHIPPING))
    if not of_order and place in ("email", "phone"):
        read: Callable[[Node], str] = customers.email_of if place == "email" else customers.phone_of
        return read(record) or None
    return record.get(place)


def _metafield(record: Node, name: str) -> dict[str, Any] | None:
    for row in nodes(record, "metafields"):
        if f"{row['namespace']}.{row['key']}" == name:
            return {"type": row["type"], "value": row.get("value")}
    return None


def now_in(live: Live, kept: Sequence[Kept]) -> dict[str, str]:
    """What stands in these places of a record now; an attribute that went may come back in another place."""
    of_order = live.ref.kind is Kind.ORDER
    return {one.place: json.dumps(_now(live.raw, one, of_order=of_order)) for one in kept}


def _now(record: Node, one: Kept, *, of_order: bool) -> Any:
    if not one.place.startswith(ATTRIBUTE):
        return _standing(record, one.place, of_order=of_order)
    rows = [{"key": row["key"], "value": row.get("value")} for row in record.get("customAttributes") or ()]
    before, mine = json.loads(one.before), [row for row in rows if row["key"] == one.key]
    if before in mine:
        return before
    return mine[0] if mine and one.after != "null" else None


def input_of(back: Back) -> dict[str, Any]:
    """The OrderInput or CustomerInput that puts these places back, and says nothing of the others."""
    record = back.live.raw
    found: dict[str, Any] = {"id": record["id"]}
    parts: dict[str, Any] = {}
    for one in back.kept:
        value = json.loads(one.before)
        if one.place.startswith(addresses.SHIPPING):
            parts[one.place.removeprefix(addresses.SHIPPING)] = value
        elif one.place.startswith(METAFIELD):
            namespace, _, key = one.place.removeprefix(METAFIELD).rpartition(".")
            row = {"namespace": namespace, "key": key, **value}
            found.setdefault("metafields", []).append(row)
        elif not one.place.startswith(ATTRIBUTE):
            found[one.place] = value
    if parts:
        found["shippingAddress"] = addresses.to_input(record.get("shippingAddress") or {}, parts)
    attributes = [one for one in back.kept if one.place.startswith(ATTRIBUTE)]
    if attributes:
        found["customAttributes"] = _attributes(record, attributes)
    return found


def _attributes(order: Node, kept: Sequence[Kept]) -> list[dict[str, str]]:
    """Every attribute, those that went at their old places, and those that were cut as they were."""
    rows = [
        {"key": row["key"], "value": str(row.get("value") or "")}
        for row in order.get("customAttributes") or ()
    ]
    for at, one in sorted(((_index(one), one) for one in kept), key=lambda pair: pair[0]):
        before = json.loads(one.before)
        cut = next((row for row in rows if row["key"] == one.key), None) if one.after != "null" else None
        if cut is None:
            rows.insert(at, before)
        else:
            cut["value"] = before["value"]
    return rows


def _index(one: Kept) -> int:
    return int(one.place.removeprefix(ATTRIBUTE).partition(":")[0])


def tasks_of(backs: Sequence[Back]) -> list[Task]:
    """The records as tasks, for the look right before their write."""
    return [Task(live=back.live, action=Action.RESTORE, fields=frozenset()) for back in backs]


def receipts(backs: Sequence[Back], refused: Sequence[str]) -> Iterator[Receipt]:
    """One receipt each: put back, or refused for this reason."""
    for back, why in zip(backs, refused, strict=True):
        yield Receipt(ref=back.ref, outcome=Outcome.REFUSED if why else Outcome.DONE, reason=why)


__all__ = ["input_of", "now_in", "overwritten", "receipts", "tasks_of"]
