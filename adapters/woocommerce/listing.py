"""Walks over lists that know no date cursor (customers, reviews, coupons): by offset, overlapping.

Each page begins with the last row of the one before. Where that row is not there, rows before it
have gone and the list has moved up: the walk steps back until it meets what it has seen.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from adapters.woocommerce.client import Client
from adapters.woocommerce.walk import PER_PAGE, Row
from connector.ports import Page
from connector.records import Record

_STEP_BACK = PER_PAGE // 2
# WooCommerce writes the day of the last visit, and the analytics table follows with a delay.
_ACTIVITY_MARGIN = timedelta(days=2)

ToRecord = Callable[[Row], Record]


class Cursor(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where a walk stands; after it, the time its changes are asked from."""

    v: int = 1
    phase: Literal["all", "done"] = "all"
    offset: int = 0
    last: int = 0
    start: str = ""


class Listing:
    """One list of a shop: its route, what to ask for, and how a row becomes a record."""

    def __init__(
        self, client: Client, route: str, *, fields: str, to_record: ToRecord,
        params: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self._client = client
        self._route = route
        self._params = {**(params or {}), "per_page": PER_PAGE, "orderby": "id", "order": "asc",
                        "_fields": fields}  # fmt: skip
        self._to_record = to_record

    def pages(self, since: str | None, now: datetime) -> Iterator[Page]:
        """Every row, from a cursor of an interrupted walk on, or from the start."""
        cursor = decode(since)
        if cursor.phase == "done":
            cursor = Cursor()
        cursor.start = cursor.start or _naive(now)
        seen: set[int] = {cursor.last} if cursor.last else set()
        while cursor.phase == "all":
            rows, total = self._rows(cursor.offset)
            if cursor.offset and not (rows and int(rows[0]["id"]) in seen):
                cursor.offset = max(0, cursor.offset - _STEP_BACK)
                continue
            fresh = [row for row in rows if int(row["id"]) not in seen]
            seen.update(int(row["id"]) for row in rows)
            if rows:
                cursor.offset, cursor.last = cursor.offset + len(rows) - 1, int(rows[-1]["id"])
            if len(rows) < PER_PAGE:
                cursor.phase = "done"
            yield Page(
                records=tuple(map(self._to_record, fresh)),
                cursor=encode(cursor),
                total=total,
                complete=cursor.phase == "done",
            )

    def _rows(self, offset: int) -> tuple[list[Row], int | None]:
        answer = self._client.get(
            self._route, {**self._params, "offset": offset}, operation=f"read {self._route}"
        )
        total = answer.headers.get("X-WP-Total", "")
        return answer.json() or [], int(total) if total.isdigit() else None

    def after(self, now: datetime) -> str:
        """The cursor behind a pull that began now."""
        return encode(Cursor(phase="done", start=_naive(now)))

    def some(self, ids: list[int]) -> tuple[Record, ...]:
        """These rows, in hundreds."""
        found: list[Record] = []
        for start in range(0, len(ids), PER_PAGE):
            include = ",".join(map(str, ids[start : start + PER_PAGE]))
            answer = self._client.get(
                self._route, {**self._params, "include": include}, operation=f"read {self._route}"
            )
            found += map(self._to_record, answer.json() or ())
        return tuple(found)


def _naive(now: datetime) -> str:
    return now.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def decode(since: str | None) -> Cursor:
    """The cursor of this text; an empty one for None and for texts that are none."""
    try:
        return msgspec.json.decode(since, type=Cursor) if since else Cursor()
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Cursor()


def encode(cursor: Cursor) -> str:
    """The cursor as the ledger keeps it."""
    if cursor.phase == "done":
        cursor = Cursor(phase="done", start=cursor.start)
    return msgspec.json.encode(cursor).decode()


def changed_customers(client: Client, start: str) -> list[int]:
    """The ids of accounts that were active or registered since a time (naive UTC text).

    `/customers` takes date bounds without a word and ignores them; the analytics report does not
    (same key). An edit by staff shows in neither: a walk over all finds it.
    """
    bound = datetime.fromisoformat(start) - _ACTIVITY_MARGIN
    return sorted(_active(client, bound) | _registered(client, bound))


def _active(client: Client, bound: datetime) -> set[int]:
    found: set[int] = set()
    page = 1
    while True:
        params = {
            "last_active_after": f"{bound.isoformat(timespec='seconds')}Z",
            "per_page": PER_PAGE, "page": page, "_fields": "id,user_id",
            "orderby": "date_last_active", "order": "asc",
        }  # fmt: skip
        rows = client.get_from(
            "wc-analytics/reports/customers", params, operation="read active customers"
        ).json()
        found |= {int(row["user_id"]) for row in rows or () if row.get("user_id")}
        if len(rows or ()) < PER_PAGE:
            return found
        page += 1


def _registered(client: Client, bound: datetime) -> set[int]:
    found: set[int] = set()
    page = 1
    while True:
        params = {"role": "all", "orderby": "registered_date", "order": "desc", "per_page": PER_PAGE,
                  "page": page, "_fields": "id,date_created_gmt"}  # fmt: skip
        rows = client.get("customers", params, operation="read customers").json() or []
        fresh = {int(row["id"]) for row in rows if (row.get("date_created_gmt") or "") > bound.isoformat()}
        found |= fresh
        if len(rows) < PER_PAGE or len(fresh) < len(rows):
            return found
        page += 1
