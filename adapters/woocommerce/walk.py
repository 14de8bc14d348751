"""Walks over orders by date, never by page number: complete while orders come, change and go.

A position is a second and the ids already seen in it. The next request asks from one second
before (bounds are exclusive) and excludes those ids, so that pages stay full; a second with more
than 500 orders is walked by id within itself. Dates are compared as naive UTC text. A short page
ends no walk: the shop counts before it leaves out what it cannot show.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from adapters.http import Answer
from adapters.woocommerce.answers import PER_PAGE, Listed, Row, fault, listed, moment, unheeded
from adapters.woocommerce.client import Client
from adapters.woocommerce.dates import shift

MOST_EXCLUDED = 500  # ids; beyond that the address of a request grows too long for some servers
_OPERATION = "read orders"
_SLACK = 7_200  # seconds by which two rows may stand the wrong way round: the old storage sorts by local time


class Position(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """How far a walk has come; `over` once there is nothing behind it."""

    at: str = ""
    seen: tuple[int, ...] = ()
    over: bool = False
    inside: int = 0  # pages of a crowded second already read by id

    def behind(self, rows: list[Row], date: str, *, descending: bool) -> "Position":
        """The position behind these rows; a date that stands out of the row's place moves nothing."""
        here, seen = self.at, list(self.seen)
        for row, at in zip(rows, _in_order(rows, date, descending=descending), strict=True):
            ahead = bool(at) and (not here or (at < here if descending else at > here))
            if ahead:
                here, seen = at, []
            seen.append(int(row["id"]))
        return replace(self, at=here, seen=tuple(seen))


class Stretch(NamedTuple):
    """A page of a walk, the answer it came in, and the position behind it."""

    page: Listed
    answer: Answer
    position: Position


def _in_order(rows: list[Row], date: str, *, descending: bool) -> list[str]:
    """The dates of rows, none further ahead than any that follows."""
    found = [moment(row, date) for row in rows]
    nearest = max if descending else min
    bound = ""
    for place in range(len(found) - 1, -1, -1):
        at = found[place]
        bound = nearest(bound, at) if bound and at else bound or at
        found[place] = bound if at else ""
    return found


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
        self._before: list[int] = []  # ids of the page before, inside a crowded second
        self.date = "date_created_gmt" if by == "date" else "date_modified_gmt"

    def read_behind(self, position: Position, until: str = "") -> Stretch:
        """Asks for the next rows behind a position.

        `until` bounds the walk on its far side (exclusive). Raises RemoteError where the shop does not
        heed what it was asked.
        """
        if position.at and len(position.seen) > MOST_EXCLUDED:
            return self._read_crowded(position)
        near = shift(position.at, 1 if self._descending else -1) if position.at else ""
        excluded = frozenset(position.seen)
        answer = self._client.get("orders", self._params(position, near, until), operation=_OPERATION)
        page = listed(answer, _OPERATION)
        self._check(page.rows, near, until, excluded)
        behind = position.behind(page.rows, self.date, descending=self._descending)
        undated = not behind.at and len(behind.seen) > MOST_EXCLUDED
        over = page.all_of_them or _nowhere(page) or undated
        return Stretch(page, answer, replace(behind, over=over))

    def _params(self, position: Position, near: str, until: str) -> dict[str, Any]:
        behind, before = ("before", "after") if self._descending else ("after", "before")
        prefix = "" if self._by == "date" else "modified_"
        params: dict[str, Any] = {**self._common(), "orderby": self._by}
        params["order"] = "desc" if self._descending else "asc"
        if near:
            params[prefix + behind] = near
        if position.seen:
            params["exclude"] = ",".join(map(str, position.seen))
        if until:
            params[prefix + before] = until
        return params

    def _common(self) -> dict[str, Any]:
        return {
            "per_page": PER_PAGE,
            "status": self._status,
            "dates_are_gmt": "true",
            "_fields": self._fields,
        }

    def _check(self, rows: list[Row], near: str, until: str, excluded: frozenset[int]) -> None:
        """Raises where the answer is to another question: same rows again, other dates, another order.

        A row or two may have been edited between the question and the answer, so most rows must differ.
        """
        if any(row["id"] in excluded for row in rows):
            raise unheeded(_OPERATION, "exclude")
        dates = [at for row in rows if (at := moment(row, self.date))]
        low, high = (until, near) if self._descending else (near, until)
        if _most([bool((low and at <= low) or (high and at >= high)) for at in dates]):
            raise unheeded(_OPERATION, "after and before")
        if self._by == "date" and _most(_backwards(dates, descending=self._descending)):
            raise unheeded(_OPERATION, "order")
        wanted = frozenset(self._status.split(","))
        if self._status != "any" and _most([row.get("status") not in wanted for row in rows]):
            raise unheeded(_OPERATION, "status")
        if _most(["billing" not in row for row in rows]):
            raise unheeded(_OPERATION, "_fields")

    def _read_crowded(self, position: Position) -> Stretch:
        """Asks for the orders of one crowded second by id, page by page; then the walk goes on behind it."""
        prefix = "" if self._by == "date" else "modified_"
        params = {
            **self._common(), "orderby": "id", "order": "asc", "page": position.inside + 1,
            f"{prefix}after": shift(position.at, -1), f"{prefix}before": shift(position.at, 1),
        }  # fmt: skip
        answer = self._client.get("orders", params, operation=_OPERATION)
        page = listed(answer, _OPERATION)
        ids = [row["id"] for row in page.rows]
        if position.inside and len(ids) > 1 and ids == self._before:
            raise unheeded(_OPERATION, "page")
        self._before = ids
        inside = position.inside + 1
        read = PER_PAGE * inside
        if not page.brought or (page.brought < PER_PAGE and page.total is not None and page.total <= read):
            beyond = Position(at=shift(position.at, -1 if self._descending else 1))
            return Stretch(page, answer, beyond)
        return Stretch(page, answer, replace(position, inside=inside))


def _most(wrong: list[bool]) -> bool:
    """Whether most are wrong, and more than one: a single record may hold anything."""
    return sum(wrong) > max(1, len(wrong) // 2)


def _backwards(dates: list[str], *, descending: bool) -> list[bool]:
    """Which neighbours stand the other way round than was asked."""
    ordered = dates[::-1] if descending else dates
    return [later < shift(earlier, -_SLACK) for earlier, later in pairwise(ordered)]


def _nowhere(page: Listed) -> bool:
    """Whether a page has no row to go on from: rows without ids cannot be told from one another."""
    if page.rows or page.all_of_them:
        return False
    if page.brought == PER_PAGE:
        raise fault(_OPERATION, "answered orders without ids", "Look for a plugin that changes the REST API.")
    return True
