"""Walks over orders by date, never by page number: complete while orders come, change and go.

A position is a second and the ids already seen in it. The next request asks from one second
before (bounds are exclusive) and excludes those ids, so that pages stay full; a second with more
than 500 orders is walked by id within itself. Dates are compared as naive UTC text.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from adapters.http import Answer
from adapters.woocommerce.client import Client
from adapters.woocommerce.dates import shift

PER_PAGE = 100
MOST_EXCLUDED = 500  # ids; beyond that the address of a request grows too long for some servers

Row = Mapping[str, Any]


class Position(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How far a walk has come; `over` once a page was not full."""

    at: str = ""
    seen: list[int] = msgspec.field(default_factory=list)
    over: bool = False
    inside: int = 0  # pages of a crowded second already read by id

    def advance(self, rows: list[Row], date: str) -> None:
        """Moves behind these rows."""
        for row in rows:
            moment = str(row.get(date) or self.at)
            if moment != self.at:
                self.at, self.seen = moment, []
            self.seen.append(int(row["id"]))
        self.over = len(rows) < PER_PAGE


class Walk:
    """One direction of one walk: which orders, by which of their dates, with which fields."""

    def __init__(
        self, client: Client, *, status: str, fields: str, by: str = "date", descending: bool = False
    ) -> None:
        self._client = client
        self._status = status
        self._fields = fields
        self._by = by
        self._descending = descending
        self.date = "date_created_gmt" if by == "date" else "date_modified_gmt"

    def page(self, position: Position, until: str = "") -> tuple[list[Row], Answer]:
        """The next rows behind a position, and the answer they came in; moves the position.

        `until` bounds the walk on its far side (exclusive).
        """
        if len(position.seen) > MOST_EXCLUDED:
            return self._crowded(position)
        params = self._params(position, until)
        answer = self._client.get("orders", params, operation="read orders")
        rows: list[Row] = answer.json() or []
        position.advance(rows, self.date)
        position.over |= answer.headers.get("X-WP-Total") == str(len(rows))
        return rows, answer

    def _params(self, position: Position, until: str) -> dict[str, Any]:
        near, far = ("before", "after") if self._descending else ("after", "before")
        prefix = "" if self._by == "date" else "modified_"
        params: dict[str, Any] = {**self._common(), "orderby": self._by}
        params["order"] = "desc" if self._descending else "asc"
        if position.at:
            params[prefix + near] = shift(position.at, 1 if self._descending else -1)
        if position.seen:
            params["exclude"] = ",".join(map(str, position.seen))
        if until:
            params[prefix + far] = until
        return params

    def _common(self) -> dict[str, Any]:
        return {
            "per_page": PER_PAGE,
            "status": self._status,
            "dates_are_gmt": "true",
            "_fields": self._fields,
        }

    def _crowded(self, position: Position) -> tuple[list[Row], Answer]:
        """The orders of one crowded second by id, page by page; then the walk goes on behind it."""
        prefix = "" if self._by == "date" else "modified_"
        params = {
            **self._common(), "orderby": "id", "order": "asc", "page": position.inside + 1,
            f"{prefix}after": shift(position.at, -1), f"{prefix}before": shift(position.at, 1),
        }  # fmt: skip
        answer = self._client.get("orders", params, operation="read orders")
        rows: list[Row] = answer.json() or []
        position.inside += 1
        if len(rows) < PER_PAGE:
            position.at = shift(position.at, -1 if self._descending else 1)
            position.seen, position.inside = [], 0
            position.over = False
        return rows, answer
