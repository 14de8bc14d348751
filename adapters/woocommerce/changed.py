"""Which accounts have changed: those that were active or registered since a time.

`/customers` takes date bounds without a word and ignores them; the analytics report does not
(same key). An edit by staff shows in neither: a walk over all finds it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from adapters.woocommerce.answers import PER_PAGE, Listed, listed, moment, unheeded, whole
from adapters.woocommerce.client import Client

# WooCommerce writes the day of the last visit, and the analytics table follows with a delay.
_ACTIVITY_MARGIN = timedelta(days=2)
_MOST_PAGES = 10_000


class Changed(NamedTuple):
    """The ids of accounts, and how many more the shop counted than it showed."""

    ids: list[int]
    missing: int


def read_changed_customers(client: Client, start: str) -> Changed:
    """The accounts that were active or registered since a time (naive UTC text).

    Raises Rejected with 404 where the shop has no analytics.
    """
    bound = datetime.fromisoformat(start) - _ACTIVITY_MARGIN
    active, missing = _read_active(client, bound)
    return Changed(sorted(active | _read_registered(client, bound)), missing)


def _read_active(client: Client, bound: datetime) -> tuple[set[int], int]:
    """The active accounts; guests stand in the same report, and count for its total."""
    given = {"last_active_after": f"{bound.isoformat(timespec='seconds')}Z", "_fields": "id,user_id",
             "orderby": "date_last_active", "order": "asc"}  # fmt: skip
    accounts: set[int] = set()
    people: set[int] = set()
    counted = 0
    for page in _read_pages(client, given):
        counted = max(counted, page.total or 0)
        people |= {int(row["id"]) for row in page.rows}
        accounts |= {user for row in page.rows if (user := whole(row.get("user_id")))}
    return accounts, max(0, counted - len(people))


def _read_pages(client: Client, given: Mapping[str, Any]) -> Iterator[Listed]:
    operation = "read active customers"
    before: list[int] = []
    for page in range(1, _MOST_PAGES):
        answer = client.get_from(
            "wc-analytics/reports/customers", {**given, "per_page": PER_PAGE, "page": page},
            operation=operation,
        )  # fmt: skip
        shown = listed(answer, operation)
        ids = [int(row["id"]) for row in shown.rows]
        if len(ids) > 1 and ids == before:
            raise unheeded(operation, "page")
        before = ids
        yield shown
        if shown.ends(page):
            return


def _read_registered(client: Client, bound: datetime) -> set[int]:
    """The accounts registered since; the list runs from the newest."""
    operation = "read customers"
    found: set[int] = set()
    since = bound.isoformat(timespec="seconds")
    before: list[int] = []
    for page in range(1, _MOST_PAGES):
        params = {"role": "all", "orderby": "registered_date", "order": "desc", "per_page": PER_PAGE,
                  "page": page, "_fields": "id,date_created_gmt"}  # fmt: skip
        shown = listed(client.get("customers", params, operation=operation), operation)
        ids = [int(row["id"]) for row in shown.rows]
        if len(ids) > 1 and ids == before:
            raise unheeded(operation, "page")
        before = ids
        fresh = {int(row["id"]) for row in shown.rows if (moment(row, "date_created_gmt") or since) >= since}
        found |= fresh
        if len(fresh) < len(shown.rows) or shown.ends(page):
            return found
    return found
