"""Answers that look well and are not true: what a lost permission, a cache or a cut file makes of them."""

from typing import Any

from sandbox.wire import Json

BEFORE = frozenset({"cursor_ignored", "other_query"})
"""Faults that change what is asked."""

FILES = frozenset({"file_short", "file_gap", "file_repeats", "file_garbled"})
"""Faults of a bulk operation's result."""

KINDS = BEFORE | FILES | frozenset(
    {"nodes_null", "nodes_short", "list_empty", "list_gap", "count_low", "count_high"}
)  # fmt: skip


def asked_otherwise(kind: str, variables: Json) -> Json:
    """The variables as they arrive behind a program that drops or forgets some of them."""
    if kind == "cursor_ignored":
        return {**variables, "after": None}
    return {**variables, "query": "id:<0"} if "query" in variables else variables


def told_otherwise(kind: str, body: Json) -> Json:
    """The body of an answer with what the fault makes of its data."""
    data = body.get("data")
    if not isinstance(data, dict):
        return body
    return {**body, "data": {name: _value(kind, name, value) for name, value in data.items()}}


def _value(kind: str, name: str, value: Any) -> Any:
    if name == "nodes" and isinstance(value, list):
        return _nodes(kind, value)
    if isinstance(value, dict) and "edges" in value:
        return _list(kind, value)
    if isinstance(value, dict) and set(value) == {"count", "precision"}:
        return _count(kind, value)
    return value


def _nodes(kind: str, rows: list[Any]) -> list[Any]:
    if kind == "nodes_null":
        return [None] * len(rows)
    return rows[1:] if kind == "nodes_short" else rows


def _list(kind: str, found: Json) -> Json:
    if kind == "list_empty":
        return {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    return {**found, "edges": found["edges"][:-1]} if kind == "list_gap" else found


def _count(kind: str, found: Json) -> Json:
    if kind == "count_low":
        return {**found, "count": max(0, found["count"] - 5)}
    return {**found, "count": found["count"] + 5} if kind == "count_high" else found


def file_of(kind: str, content: bytes) -> bytes:
    """A bulk result as a storage or a program on the way gives it out."""
    lines = content.splitlines(keepends=True)
    middle = len(lines) // 2
    if kind == "file_short":
        return b"".join(lines[: max(1, middle)])
    if kind == "file_gap":
        return b"".join(lines[:middle] + lines[middle + 1 :])
    if kind == "file_repeats":
        return b"".join(lines[:middle] + lines[max(0, middle - 1) :])
    return content[: len(content) - 20]
