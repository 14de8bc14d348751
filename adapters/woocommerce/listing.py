"""Walks over lists that know no date cursor (customers, reviews, coupons): by offset, overlapping.

Each page begins with the last row of the one before. Where that row is not there, rows before it
have gone and the list has moved up: the walk steps back until it meets what it has seen. A walk is held
against the list's own count; rows newer than the newest at the start are told apart by their ids.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from adapters.cursors import read_cursor
from adapters.woocommerce.answers import PER_PAGE, Listed, Row, listed, unheeded
from adapters.woocommerce.client import Client
from adapters.woocommerce.reading import Reader
from connector.errors import Rejected
from connector.ports import Page

_STEP_BACK = PER_PAGE // 2
_BLANK = 3  # windows without a new row, although more are counted, that end a walk


class Cursor(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """Where a walk stands; after it, the time its changes are asked from. No part of it is changed."""

    v: int = 1
    phase: Literal["all", "done"] = "all"
    list: int = 0  # which of the lists that together hold all
    begun: bool = False  # this list has been counted
    offset: int = 0
    last: int = 0
    blank: int = 0  # windows behind one another that brought nothing new
    newest: int = 0  # id in this list when it was counted; 0 where it could not be told
    counted: int = 0  # rows that existed, in the lists begun so far
    uncounted: bool = False
    lost: bool = False  # a list was asked for and another came: no report counts what it would have shown
    newer: int = 0  # rows met that came later
    staff: int = 0  # rows met that the totals report leaves out
    start: str = ""


class Lists(NamedTuple):
    """The lists that together hold one kind: their route, and what to ask each for.

    `each` are the parameters of each list; none of them shows what stands in another. `heeds` is
    asked at a walk's end: a list of rows of that value, or the parameter is dropped on its way.
    """

    route: str
    fields: str
    each: Sequence[Mapping[str, Any]] = ({},)
    heeds: Mapping[str, str] | None = None


class Listing:
    """The walk over one kind's lists, and how a row becomes a record.

    `recount` is asked where the answers tell no total; it is handed the rows that its report leaves out.
    """

    def __init__(
        self, client: Client, reader: Reader, lists: Lists, *,
        recount: Callable[[int], int | None] = lambda _: None,
        uncounted: Callable[[Row], bool] = lambda _: False,
    ) -> None:  # fmt: skip
        self._client = client
        self._route = lists.route
        self._operation = f"read {lists.route}"
        self._reader = reader
        self._fields = lists.fields
        self._lists = lists.each
        self._recount = recount
        self._uncounted = uncounted
        self._heeds = lists.heeds
        self._seen: set[int] = set()

    def pages(self, since: str | None, now: datetime) -> Iterator[Page]:
        """Every row, from a cursor of an interrupted walk on, or from the start."""
        cursor = _begun(decode(since), now)
        self._seen = {cursor.last} if cursor.last else set()
        before: list[int] = []
        while cursor.phase == "all":
            cursor, page = self._ask(cursor)
            ids = [int(row["id"]) for row in page.rows]
            if cursor.offset and len(ids) > 1 and ids == before:
                raise unheeded(self._operation, "offset")
            before = ids
            if self._slipped(cursor, page, ids):
                cursor = replace(cursor, offset=max(0, cursor.offset - _STEP_BACK))
                continue
            if not cursor.begun:
                cursor = self._begin(cursor, page)
            if cursor.begun:
                cursor, fresh = self._step(cursor, page)
                yield self._shown(cursor, fresh, page.total)
            else:
                cursor = self._next_list(cursor)
                if cursor.phase == "done":
                    yield self._shown(cursor, [], page.total)

    def _ask(self, cursor: Cursor) -> tuple[Cursor, Listed]:
        params = {**self._lists[cursor.list], "per_page": PER_PAGE, "orderby": "id", "order": "asc",
                  "_fields": self._fields, "offset": cursor.offset}  # fmt: skip
        try:
            page = listed(self._client.get(self._route, params, operation=self._operation), self._operation)
        except Rejected as error:
            if error.status != 400 or error.code != "rest_invalid_param" or not cursor.list:
                raise
            return cursor, Listed([], 0, 0)  # a status that this version of WooCommerce does not know
        if page.brought and page.total is not None and page.total < cursor.offset + page.brought:
            return replace(cursor, uncounted=True), page._replace(total=None)
        return cursor, page

    def _heeded(self, wanted: Mapping[str, str]) -> bool:
        """Whether the shop heeds this parameter: the rows are what was asked for, or there are none."""
        params = {**wanted, "per_page": PER_PAGE, "_fields": ",".join(("id", *wanted))}
        page = listed(self._client.get(self._route, params, operation=self._operation), self._operation)
        if not page.rows:
            return not page.total
        return any(all(row.get(name) == value for name, value in wanted.items()) for row in page.rows)

    def _slipped(self, cursor: Cursor, page: Listed, ids: list[int]) -> bool:
        """Whether the list has moved up, so that rows between the pages were not met."""
        if not cursor.offset or cursor.blank:
            return False
        if ids:
            return ids[0] not in self._seen
        return not page.brought and not (page.total or 0) > cursor.offset

    def _begin(self, cursor: Cursor, page: Listed) -> Cursor:
        """Counts a list and notes its newest row; not begun where it is not the list that was asked for."""
        if cursor.list and not self._own(cursor, page):
            return replace(cursor, lost=True)
        newest, total = max((int(row["id"]) for row in page.rows), default=0), page.total
        if total is None or page.brought < total or page.brought == PER_PAGE:
            newest, total = self._newest(cursor)
        if total is None and not page.brought:
            total = 0
        return replace(
            cursor, begun=True, newest=newest, counted=cursor.counted + (total or 0),
            uncounted=cursor.uncounted or total is None,
        )  # fmt: skip

    def _newest(self, cursor: Cursor) -> tuple[int, int | None]:
        params = {**self._lists[cursor.list], "per_page": 1, "orderby": "id", "order": "desc",
                  "_fields": "id"}  # fmt: skip
        page = listed(
            self._client.get(self._route, params, operation=self._operation), self._operation, most=1
        )
        return (int(page.rows[0]["id"]) if page.rows else 0), page.total

    def _own(self, cursor: Cursor, page: Listed) -> bool:
        """Whether this list holds what it was asked for, and the first list does not show it already.

        A shop that drops what it was asked answers the same rows to each of them, and hides the rest.
        """
        wanted = self._lists[cursor.list].get("status")
        rows = [row for row in page.rows if row.get("status") == wanted]
        if 2 * len(rows) <= len(page.rows):
            return not page.rows
        ids = {str(row["id"]) for row in rows}
        params = {**self._lists[0], "include": ",".join(sorted(ids)), "per_page": PER_PAGE, "_fields": "id"}
        first = listed(self._client.get(self._route, params, operation=self._operation), self._operation)
        return not any(str(row["id"]) in ids for row in first.rows)

    def _step(self, cursor: Cursor, page: Listed) -> tuple[Cursor, list[Row]]:
        """Moves behind a page: to its last row, over what the list counts and leaves out, or to the end."""
        fresh = [row for row in page.rows if int(row["id"]) not in self._seen]
        self._seen.update(int(row["id"]) for row in fresh)
        more = page.total is not None and cursor.offset + PER_PAGE < page.total
        if fresh:
            cursor = replace(cursor, offset=cursor.offset + page.brought - 1, last=_last(page), blank=0)
            over = page.total is not None and not more and page.brought < PER_PAGE
        else:
            cursor = replace(cursor, offset=cursor.offset + PER_PAGE - 1, blank=cursor.blank + 1)
            over = not more or cursor.blank >= _BLANK
        cursor = replace(
            cursor, newer=cursor.newer + len(_newer(cursor, fresh)),
            staff=cursor.staff + sum(map(self._uncounted, fresh)),
        )  # fmt: skip
        return self._next_list(cursor) if over else cursor, fresh

    def _next_list(self, cursor: Cursor) -> Cursor:
        """Goes on to the next list; behind the last the walk is over, and its count is settled."""
        self._seen = set()
        cursor = replace(cursor, list=cursor.list + 1, begun=False, offset=0, last=0, blank=0)
        if cursor.list < len(self._lists):
            return cursor
        uncounted, counted = cursor.uncounted, cursor.counted
        if self._heeds:  # last: a cache would answer the walk with what it was asked before
            uncounted |= not self._heeded(self._heeds)
        if uncounted:
            report = self._recount(cursor.staff - cursor.newer)
            counted, uncounted = max(counted, report or 0), report is None
        return replace(cursor, phase="done", counted=counted, uncounted=uncounted or cursor.lost)

    def _shown(self, cursor: Cursor, fresh: list[Row], total: int | None) -> Page:
        read = self._reader.records(fresh)
        done = cursor.phase == "done"
        return Page(
            records=read.records,
            unread=read.unread,
            cursor=encode(cursor),
            total=total,
            complete=done,
            counted=cursor.counted if done and not cursor.uncounted else None,
            newer=frozenset(map(self._reader.ref, _newer(cursor, fresh))),
        )

    def after(self, now: datetime) -> str:
        """The cursor behind a pull that began now."""
        return encode(Cursor(phase="done", start=naive_text(now)))


def _begun(cursor: Cursor, now: datetime) -> Cursor:
    """The cursor to walk from: its own, or a new one behind a walk that is over."""
    if cursor.phase == "done":
        cursor = Cursor()
    uncounted = bool(cursor.last and not cursor.begun)  # begun by a version that did not count
    return replace(
        cursor, uncounted=cursor.uncounted or uncounted, start=cursor.start or naive_text(now)
    )  # fmt: skip


def _newer(cursor: Cursor, fresh: list[Row]) -> frozenset[int]:
    """Of these rows those that came after their list was counted."""
    return frozenset(int(row["id"]) for row in fresh if 0 < cursor.newest < int(row["id"]))


def _last(page: Listed) -> int:
    return int(page.rows[-1]["id"])


def naive_text(now: datetime) -> str:
    """A moment as naive UTC text."""
    return now.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def decode(since: str | None) -> Cursor:
    """The cursor of this text; an empty one for None and for texts that are none."""
    return (read_cursor(since, Cursor) if since else None) or Cursor()


def encode(cursor: Cursor) -> str:
    """The cursor as the ledger keeps it."""
    if cursor.phase == "done":
        cursor = Cursor(phase="done", start=cursor.start)
    return msgspec.json.encode(cursor).decode()
