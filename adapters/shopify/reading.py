"""From an answer to a record: checked, completed, and read; or unread, with the reason and whose it is."""

from collections.abc import Mapping
from typing import Any

from adapters.shopify.client import Client
from adapters.shopify.faults import ADAPTER
from adapters.shopify.ids import GID, TYPES, gid, number
from adapters.shopify.nodes import Node
from adapters.shopify.shapes import fault_of, sound_parts
from adapters.shopify.sources import Source
from adapters.shopify.whole import completed
from connector.ports import Unread
from connector.records import Ref


def checked(client: Client, source: Source, node: Any, *, fetched: bool = False) -> Node | Unread | None:
    """The record with all that was asked for; else why it is unread; None where not even its id is one."""
    shape = source.fetched_shape if fetched else source.shape
    wanted = [part for part, feature in source.parts.items() if feature in client.features()]
    fault = fault_of(node, shape, wanted)
    if fault:
        return unread(source, node, f"malformed:{fault}")
    whole, left = completed(client, node)
    if left:
        return unread(source, node, f"more_than_was_read:{left}")
    fault = "" if whole is node else fault_of(whole, shape, wanted)
    return unread(source, node, f"malformed:{fault}") if fault else whole


def unread(source: Source, node: Any, reason: str, *, ref: Ref | None = None) -> Unread | None:
    """The record as one that was not read; with its number and persons as far as they are readable."""
    place = ref or _ref(source, node)
    if place is None:
        return None
    # Every part here is of its own type, and one that is missing reads as an empty one.
    parts = {**sound_parts(node, source.shape), "id": gid(place.kind, place.id)}
    label = str(parts.get("name") or "").lstrip("#") or place.id
    return Unread(ref=place, reason=reason, label=label, identifiers=source.identify(parts))


def _ref(source: Source, node: Any) -> Ref | None:
    id_ = node.get("id") if isinstance(node, Mapping) else None
    match = GID.match(id_) if isinstance(id_, str) else None
    if match is None or match[1] != TYPES[source.kind]:
        return None
    return Ref(adapter=ADAPTER, kind=source.kind, id=number(id_))
