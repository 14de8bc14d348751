"""The days of a shop's refunds, which its orders name without them; each is asked for once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from adapters.woocommerce.answers import PER_PAGE, Listed, Row, listed, row_of
from adapters.woocommerce.client import Client
from adapters.woocommerce.dates import naive, to_stockholm
from connector.errors import AccessDenied, Rejected

_READ_ALL, _READ, _READ_ONE = "read all refunds", "read refunds", "read a refund"
_FIELDS = "id,date_created_gmt"


class Refunds:
    """The refunds of one shop: `days` holds the day of each that was met."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.days: dict[int, date] = {}

    def read_all(self) -> None:
        """Asks for all, a hundred at a time, oldest first; a shop without the list has none."""
        try:
            first = self._read_page(1)
            if not first.ends(1):
                self._read_rest(first)
        except Rejected as error:
            if error.status != 404:  # before WooCommerce 9.0 there is no list: order by order
                raise

    def _read_rest(self, before: Listed) -> None:
        """Asks for the pages behind the first, two at once where the shop counts so many.

        What is left out here is asked for by its order.
        """
        number = 2
        with ThreadPoolExecutor(max_workers=2) as pool:
            while True:
                two = before.total is not None and before.total > number * PER_PAGE
                numbers = range(number, number + (2 if two else 1))
                for number, shown in zip(numbers, pool.map(self._read_page, numbers), strict=True):
                    # A shop that does not heed the number shows the same page again.
                    if _ids(shown) == _ids(before) or shown.ends(number):
                        return
                    before = shown
                number += 1

    def _read_page(self, number: int) -> Listed:
        params = {"per_page": PER_PAGE, "page": number, "orderby": "id", "order": "asc", "_fields": _FIELDS}
        shown = listed(self._client.get("refunds", params, operation=_READ_ALL), _READ_ALL)
        self._keep(shown.rows)
        return shown

    def read_of(self, orders: Sequence[Row]) -> None:
        """Asks for those not met yet: together, and what that leaves order by order."""
        undated = [order for order in orders if self._undated(order)]
        if len(undated) > 1:
            self._read_some([id_ for order in undated for id_ in self._undated(order)])
        for order in undated:
            if self._undated(order):
                self._read_of_order(order)
            for id_ in self._undated(order):
                self._read_one(order, id_)

    def _undated(self, order: Row) -> list[int]:
        """The refunds of an order whose days are not known yet."""
        ids = (int(row["id"]) for row in order.get("refunds") or ())
        return [id_ for id_ in ids if id_ not in self.days]

    def _read_some(self, ids: Sequence[int]) -> None:
        """Asks for these; a shop that has no such list, or ignores the ids, is asked by order."""
        for start in range(0, len(ids), PER_PAGE):
            some = ids[start : start + PER_PAGE]
            params = {"include": ",".join(map(str, some)), "per_page": PER_PAGE, "_fields": _FIELDS}
            try:
                answer = self._client.get("refunds", params, operation=_READ, fresh=True)
                self._keep(listed(answer, _READ).rows)
            except Rejected:
                return

    def _read_of_order(self, order: Row) -> None:
        params = {"per_page": PER_PAGE, "_fields": _FIELDS}
        try:
            answer = self._client.get(f"orders/{order['id']}/refunds", params, operation=_READ, fresh=True)
            self._keep(listed(answer, _READ).rows)
        except Rejected:
            return  # gone meanwhile, or not readable: the record says undated_refunds

    def _read_one(self, order: Row, id_: int) -> None:
        """Asks for one that the order names and no list shows."""
        route = f"orders/{order['id']}/refunds/{id_}"
        try:
            row = row_of(self._client.get(route, {"_fields": _FIELDS}, operation=_READ_ONE))
        except (Rejected, AccessDenied):
            return  # the record says undated_refunds, and waits
        if row is not None and row["id"] == id_:
            self._keep([row])

    def _keep(self, rows: Sequence[Row]) -> None:
        for row in rows:
            day = to_stockholm(naive(row.get("date_created_gmt")))
            if day:
                self.days[int(row["id"])] = day


def _ids(page: Listed) -> list[int]:
    return [row["id"] for row in page.rows]
