"""What the shop's lists answer, believed only where it is an answer: arrays of rows with ids, and a count.

An empty body is never "no rows"; a page that does not heed what it was asked stops the pull.
"""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from adapters.http import HTML, Answer
from adapters.woocommerce.dates import naive
from connector.errors import Rejected, RemoteError

ADAPTER = "woocommerce"
PER_PAGE = 100
TORN = "\0torn"  # marks a row with letters that could not be decoded
_LETTERS = re.compile("[\ud800-\udfff]")
Row = Mapping[str, Any]


class Listed(NamedTuple):
    """One answer of a list: its rows that have an id, how many it brought, and the service's own count.

    A number below the rows beside it is no count of them.
    """

    rows: list[Row]
    brought: int
    total: int | None

    @property
    def all_of_them(self) -> bool:
        """Whether this answer ends a list: past its end, or the rest that was counted, on one short page.

        A short page alone ends nothing: the shop leaves out what it may not show after it has counted.
        """
        return not self.brought or (self.brought < PER_PAGE and self.brought == self.total)

    def ends(self, page: int) -> bool:
        """Whether nothing is behind this page of a list that is read by page number."""
        if self.total is None or not self.brought:
            return not self.brought
        return self.brought < PER_PAGE and self.total <= page * PER_PAGE


def listed(answer: Answer, operation: str, *, most: int = PER_PAGE) -> Listed:
    """The rows of a list; raises RemoteError where the answer is no array, or brings more than asked."""
    body = decoded(answer)
    if not isinstance(body, list):
        raise fault(
            operation, "answered nothing" if body is None else "answered something else than a list",
            "Look for a cache, a plugin or a proxy that changes the shop's answers, then run again.",
        )  # fmt: skip
    if len(body) > most:
        raise unheeded(operation, "per_page")
    rows = [row for row in map(with_id, body) if row is not None]
    total = total_of(answer)
    return Listed(rows, len(body), None if total is not None and total < len(body) else total)


def row_of(answer: Answer) -> Row | None:
    """The one row of an answer about one record; None where it is no row."""
    return with_id(decoded(answer))


def with_id(row: Any) -> Row | None:
    """The row with its id as a number; None where it is no row, or has none."""
    number = whole(row.get("id")) if isinstance(row, dict) else None
    return {**row, "id": number} if number else None


def whole(value: Any) -> int | None:
    """A whole number, also where a plugin writes it as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None


def total_of(answer: Answer) -> int | None:
    """The service's own count of what the list holds; None where it tells none."""
    text = str(answer.headers.get("X-WP-Total", "")).strip()
    return int(text) if text.isascii() and text.isdigit() else None


def decoded(answer: Answer) -> Any:
    """The body, also where one row of it holds letters that JSON should not have."""
    try:
        return answer.json()
    except Rejected as error:
        if error.code != HTML:
            raise
        try:
            body = json.loads(answer.content.decode("utf-8", errors="surrogateescape"))
        except (ValueError, RecursionError):
            raise error from None
    return [_marked(row) for row in body] if isinstance(body, list) else _marked(body)


def _marked(row: Any) -> Any:
    """A row as it is; one with letters that no text has is marked, and those letters are replaced."""
    mended = _mended(row)
    return {**mended, TORN: True} if isinstance(row, dict) and mended != row else mended


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _LETTERS.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_mended(key): _mended(part) for key, part in value.items()}
    return [_mended(part) for part in value] if isinstance(value, list) else value


def moment(row: Row, name: str) -> str:
    """A date of a row as naive UTC text; empty where it has none that can be compared."""
    return naive(row.get(name))


def asked_only(rows: Collection[Row], ids: Collection[str]) -> bool:
    """Whether a list that was asked for these ids brought no other: a cache answers other questions."""
    wanted = frozenset(ids)
    return all(str(row["id"]) in wanted for row in rows)


def fault(operation: str, what: str, advice: str) -> RemoteError:
    """An answer that cannot be used, and what to do next."""
    return RemoteError(
        f"{ADAPTER}: {operation} {what}. {advice}", adapter=ADAPTER, operation=operation, status=200,
        code="not_an_answer",
    )  # fmt: skip


def unheeded(operation: str, names: str) -> RemoteError:
    """The shop answers without heeding what it was asked."""
    return RemoteError(
        f"{ADAPTER}: {operation}: the shop does not heed {names}. Look for a cache, a plugin or a proxy that "
        "drops or ignores query strings, exempt the REST API from it, then run again.",
        adapter=ADAPTER, operation=operation, status=200, code="query_not_heeded",
    )  # fmt: skip
