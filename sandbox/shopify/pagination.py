"""Connections: pages of a list, with cursors that say where the list went on."""

import base64
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from sandbox.shopify.refusals import bad_request
from sandbox.wire import Json

PAGE_LIMIT = 250
LIST_LIMIT = 25_000  # objects that can be paged through
ALL = "__all"  # an argument that no client can give: the whole list, as bulk operations read it


def page_size(args: Json) -> int:
    """How many are asked for. Raises the recorded refusals."""
    given = [name for name in ("first", "last") if args.get(name) is not None]
    if not given:
        raise bad_request("you must provide one of first or last")
    if len(given) > 1:
        raise bad_request("providing both first and last is not supported")
    size = int(args[given[0]])
    if not 0 <= size <= PAGE_LIMIT:
        raise bad_request(f"{given[0]} must be between 0 and {PAGE_LIMIT}")
    return size


def cursor_of(key: tuple[int, int]) -> str:
    """The cursor of a place in a sorted list."""
    return base64.b64encode(msgspec.json.encode({"last_id": key[1], "last_value": key[0]})).decode()


def read_cursor(text: str) -> tuple[int, int]:
    """The place that a cursor names. Raises the recorded refusal for anything else."""
    try:
        content = msgspec.json.decode(base64.b64decode(text, validate=True))
        return int(content["last_value"]), int(content["last_id"])
    except (ValueError, KeyError, TypeError, msgspec.DecodeError):
        raise bad_request("Malformed cursor") from None


def paginate(keys: Sequence[tuple[int, int]], args: Json, read: Callable[[int], Any]) -> Json:
    """One page of a list that is sorted by (value, number); `read` answers the record of a number."""
    if args.get(ALL):
        return {"keys": keys, "read": read}
    size = page_size(args)
    order = keys[::-1] if args.get("reverse") else keys
    low, high = 0, min(len(order), LIST_LIMIT)
    if args.get("after"):
        low = _after(keys, order, read_cursor(args["after"]))
    if args.get("before"):
        high = min(high, _before(keys, order, read_cursor(args["before"])))
    start = low if args.get("first") is not None else max(low, high - size)
    end = min(high, start + size)
    chosen = order[start:end]
    nodes = [read(number) for _, number in chosen]
    cursors = [cursor_of(key) for key in chosen]
    return {
        "nodes": nodes,
        "edges": [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, nodes, strict=True)],
        "pageInfo": {
            "hasNextPage": end < high, "hasPreviousPage": start > 0,
            "startCursor": cursors[0] if cursors else None, "endCursor": cursors[-1] if cursors else None,
        },
    }  # fmt: skip


def _after(keys: Sequence[tuple[int, int]], order: Sequence[tuple[int, int]], place: tuple[int, int]) -> int:
    return bisect_right(order, place) if order is keys else len(keys) - bisect_left(keys, place)


def _before(keys: Sequence[tuple[int, int]], order: Sequence[tuple[int, int]], place: tuple[int, int]) -> int:
    return bisect_left(order, place) if order is keys else len(keys) - bisect_right(keys, place)


def paginate_list(rows: list[Any], args: Json) -> Json:
    """One page of a list that belongs to a record."""
    return paginate([(place, place) for place in range(len(rows))], args, rows.__getitem__)
