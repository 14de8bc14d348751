"""The questions of a pull of orders; each asks the shop."""

from adapters.woocommerce.answers import PER_PAGE, Row, listed
from adapters.woocommerce.client import Client
from adapters.woocommerce.counting import read_totals
from adapters.woocommerce.pull.cursor import Cursor
from adapters.woocommerce.walk import Walk


class Asking:
    """One shop, asked for these fields of its orders; the walks of one question are one."""

    def __init__(self, client: Client, fields: str) -> None:
        self.client = client
        self._fields = fields
        self._walks: dict[tuple[str, str, bool], Walk] = {}

    def walk(self, statuses: str, *, by: str = "date", descending: bool = False) -> Walk:
        """The walk over the orders of these statuses; asks nothing yet."""
        key = (statuses, by, descending)
        if key not in self._walks:
            self._walks[key] = Walk(
                self.client, status=statuses, fields=self._fields, by=by, descending=descending
            )
        return self._walks[key]

    def count_before(self, cursor: Cursor) -> int | None:
        """Asks for the shop's own count of the orders from before the start."""
        operation = "count orders"
        params = {"status": cursor.statuses, "before": cursor.start, "dates_are_gmt": "true",
                  "per_page": 1, "_fields": "id"}  # fmt: skip
        total = listed(self.client.get("orders", params, operation=operation), operation, most=1).total
        if total is not None:
            return total
        report = read_totals(self.client, "orders")
        return max(0, report.sum - cursor.newer) if report else None

    def count_hidden(self, cursor: Cursor, shown: int | None) -> int:
        """How many orders the totals report counts and the list leaves out; asks the report once more.

        One may have come or gone between the two questions.
        """
        if shown is None or cursor.hidden <= shown:
            return 0
        again = read_totals(self.client, "orders")
        return max(0, min(cursor.hidden, again.sum if again else 0) - shown)

    def count_listed(self, rows: list[Row]) -> int:
        """Asks how many of these drafts `any` lists too, and so are counted already."""
        drafts = [str(row["id"]) for row in rows if row.get("status") == "checkout-draft"]
        if not drafts:
            return 0
        params = {"status": "any", "include": ",".join(drafts), "per_page": PER_PAGE, "_fields": "id"}
        operation = "count drafts"
        shown = listed(self.client.get("orders", params, operation=operation), operation).rows
        return sum(str(row["id"]) in drafts for row in shown)
