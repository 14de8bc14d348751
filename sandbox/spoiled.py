"""Answers spoiled on their way: what caches, plugins and proxies in front of a service leave of them.

Each is a 200 (or a 404) that looks like an answer. The rows of an answer are its first list of objects:
a bare list, Mailchimp's `members`, the nodes of a GraphQL connection.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from sandbox.wire import Answer, Json

_TOTALS = ("X-WP-Total", "X-WP-TotalPages")
_IDS = ("id", "contact_id", "web_id", "unique_email_id", "email_address", "node", "cursor", "__typename")


def spoil(kind: str, answer: Answer, row: str = "") -> Answer:
    """The answer as this fault leaves it; `row` is the id that it is about, else the first row's."""
    change = KINDS[kind]
    if kind == "bare_404":
        return Answer(404, {}, dict(answer.headers), answer.content_type, answer.route)
    if answer.status != 200 and kind != "empty_body":
        return answer
    body = b"" if kind == "empty_body" else _changed(change, answer, row)
    headers = dict(answer.headers)
    if kind in ("no_total", "answers_nothing", "low_total", "high_total"):
        _recount(kind, headers)
    status = 200 if kind == "empty_body" else answer.status
    return Answer(status, body, headers, answer.content_type, answer.route, answer.rows, answer.writes)


Change = Callable[[list[Json], str], list[Json]]


def _changed(change: Change, answer: Answer, row: str) -> bytes:
    """The body with its rows changed."""
    try:
        body = msgspec.json.decode(answer.content())
    except msgspec.DecodeError:
        return answer.content()
    if isinstance(body, dict) and "id" in body:  # one record: it has no rows to leave out
        if change in (_malformed, _bare):
            body = change([body], row)[0]
        return msgspec.json.encode(body)
    rows = _rows(body)
    if rows is not None:
        rows[:] = change(list(rows), row)
    return msgspec.json.encode(body)


def _rows(body: Any) -> list[Json] | None:
    """The list of rows in a body: the first that holds objects, or nothing."""
    if isinstance(body, list):
        return body if not body or isinstance(body[0], dict) else None
    if isinstance(body, dict) and "id" not in body:
        return next((found for value in body.values() if (found := _rows(value)) is not None), None)
    return None


def _which(rows: list[Json], row: str) -> int | None:
    """The place of the row that a fault is about."""
    if not rows:
        return None
    if not row:
        return 0
    return next((place for place, one in enumerate(rows) if str(_inner(one).get("id")) == row), None)


def _inner(row: Json) -> Json:
    node = row.get("node")
    return node if isinstance(node, dict) else row


def _leaves_out(rows: list[Json], row: str) -> list[Json]:
    place = _which(rows, row)
    return rows if place is None else rows[:place] + rows[place + 1 :]


def _malformed(rows: list[Json], row: str) -> list[Json]:
    """One row whose parts have other types: objects and lists as numbers, or else texts as lists."""
    place = _which(rows, row)
    if place is not None:
        one = _inner(rows[place])
        parts = [name for name, value in one.items() if isinstance(value, dict | list)]
        for name in parts or [name for name, value in one.items() if isinstance(value, str)]:
            if name not in _IDS:
                one[name] = 7 if parts else []
    return rows


def _bare(rows: list[Json], row: str) -> list[Json]:
    return [{name: value for name, value in one.items() if name in _IDS} for one in rows]


def _recount(kind: str, headers: dict[str, str]) -> None:
    """The service's count of a list: left out, none, half, or fifty more than there are."""
    for name in _TOTALS:
        if kind == "no_total":
            headers.pop(name, None)
        elif name in headers:
            total = int(headers[name])
            headers[name] = {"low_total": str(total // 2), "high_total": str(total + 50)}.get(kind, "0")


def _as_it_was(rows: list[Json], row: str) -> list[Json]:
    return rows


KINDS: dict[str, Change] = {
    "leaves_out": _leaves_out,
    "answers_nothing": lambda rows, row: [],
    "empty_body": _as_it_was,
    "short_page": lambda rows, row: rows[: len(rows) // 2],
    "no_total": _as_it_was,
    "low_total": _as_it_was,
    "high_total": _as_it_was,
    "bare_404": _as_it_was,
    "malformed": _malformed,
    "fields_missing": _bare,
}
"""Faults that change an answer; "cached" and "query_dropped" are asked of the server and the service."""
