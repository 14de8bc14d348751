"""The shop's own counts: WooCommerce's totals reports, which a list is held against.

`reports/orders/totals` counts orders by each status that WooCommerce or a plugin registers (neither
trash nor auto-drafts); `reports/customers/totals` accounts without administrators and shop managers;
`reports/reviews/totals` rated reviews; `reports/coupons/totals` coupons by type.
"""

from collections.abc import Mapping
from typing import NamedTuple

from adapters.http import Answer
from adapters.woocommerce.answers import decoded, listed, whole
from adapters.woocommerce.client import Client
from connector.errors import AccessDenied, Rejected
from connector.ports import Stock

# Not counted by the accounts' report.
STAFF = frozenset({"administrator", "shop_manager"})
# Listed by name only: no totals report counts them.
ASIDE = ("trash", "auto-draft")
# Deleted by WooCommerce itself, a day after it was left: no count of it holds for long.
_FLEETING = "checkout-draft"
# Every shop registers these: a report without one of them was cut, or is of something else.
_CORE = frozenset({"pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed"})


class Totals(NamedTuple):
    """What a report counts, by its slugs, and the answer it came in."""

    by_slug: Mapping[str, int]
    answer: Answer

    @property
    def sum(self) -> int:
        """All of them."""
        return sum(self.by_slug.values())


def read_totals(client: Client, kind: str) -> Totals | None:
    """The counts of `reports/{kind}/totals`; None where the shop does not answer them."""
    try:
        answer = client.get(f"reports/{kind}/totals", operation=f"read the totals of {kind}")
        rows = decoded(answer)
    except (Rejected, AccessDenied):
        return None
    counts: dict[str, int] = {}
    for row in rows if isinstance(rows, list) else ():
        slug = row.get("slug") if isinstance(row, dict) else None
        count = whole(row["total"]) if isinstance(slug, str) and slug and "total" in row else None
        if count is None:
            return None
        counts[str(slug)] = count
    whole_report = counts.keys() >= _CORE if kind == "orders" else bool(counts)
    return Totals(counts, answer) if whole_report else None


def recount_by_report(client: Client, kind: str, others: int) -> int | None:
    """How many there are by the report, and `others` beside it; None where the shop does not answer."""
    report = read_totals(client, kind)
    return None if report is None else max(0, report.sum + others)


def count_orders(client: Client) -> tuple[Stock, ...]:
    """How many orders of each status there are now; nothing where the shop does not tell."""
    report = read_totals(client, "orders")
    counts = report.by_slug if report else {}
    return tuple(
        Stock(count=count, only=frozenset((slug,))) for slug, count in counts.items() if slug != _FLEETING
    )


def count_accounts(client: Client) -> tuple[Stock, ...]:
    """How many accounts there are now but for the staff; one with two roles is counted twice."""
    report = read_totals(client, "customers")
    return () if report is None else (Stock(count=report.sum, apart=STAFF, exact=False),)


class Unlisted(NamedTuple):
    """How many orders the shop counts, and how many of them its list shows."""

    counted: int
    shown: int


def count_unlisted(client: Client) -> Unlisted | None:
    """Both counts; None where the shop tells one of them not."""
    first = read_totals(client, "orders")
    if first is None:
        return None
    operation = "count orders"
    params = {"status": ",".join(first.by_slug), "per_page": 1, "_fields": "id"}
    shown = listed(client.get("orders", params, operation=operation), operation, most=1).total
    again = read_totals(client, "orders")  # an order may have come or gone between the two questions
    if shown is None or again is None:
        return None
    return Unlisted(min(first.sum, again.sum), shown)
