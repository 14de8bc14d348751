"""Connections: pages of a list, with cursors that say where the list went on."""

import base64
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from sandbox.shopify.refusals import bad_request
from sandbox.wire import Json

Keys = Sequence[tuple[int, int]]  # the value that a list is sorted by, and the number of the record
PAGE_LIMIT = 250
LIST_LIMIT = 25_000  # objects that can be paged through
ALL = "__all"  # an argument that no client can give: the whole list, as bulk operations read it


def page_size(args: Json) -> int:
    """How many are asked for. Raises the recorded refusals."""
    size = args.get("first")
    if size is None:
        raise bad_request("you must provide one of first or last")
    if not 0 <= size <= PAGE_LIMIT:
        raise bad_request(f"first must be between 0 and {PAGE_LIMIT}")
    return int(size)


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


def paginate(keys: Keys, args: Json, read: Callable[[int], Any]) -> Json:
    """One page of a sorted list; `read` answers the record of a number."""
    if args.get(ALL):
        return {"keys": keys, "read": read}
    size, backwards, start = page_size(args), args.get("reverse"), 0
    if args.get("after"):
        place = read_cursor(args["after"])
        start = len(keys) - bisect_left(keys, place) if backwards else bisect_right(keys, place)
    last = min(len(keys), LIST_LIMIT)
    chosen = (keys[::-1] if backwards else keys)[start : min(last, start + size)]
    nodes = [read(number) for _, number in chosen]
    return {
        "nodes": nodes, "edges": [{"node": node} for node in nodes],
        "pageInfo": {
            "hasNextPage": start + size < last, "endCursor": cursor_of(chosen[-1]) if chosen else None,
        },
    }  # fmt: skip


def paginate_list(rows: list[Any], args: Json) -> Json:
    """One page of a list that belongs to a record."""
    return paginate([(place, place) for place in range(len(rows))], args, rows.__getitem__)
