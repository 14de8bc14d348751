"""The orders of one shop: pulled, fetched, written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from adapters.woocommerce import orders, places
from adapters.woocommerce.apply import OrderWriter
from adapters.woocommerce.client import Client
from adapters.woocommerce.dates import to_stockholm
from adapters.woocommerce.holdings import Holding
from adapters.woocommerce.lanes import Lanes
from adapters.woocommerce.money import fingerprint
from adapters.woocommerce.notes import Notes
from adapters.woocommerce.pull import OrderPull
from adapters.woocommerce.redact import internal_keys, order_update
from adapters.woocommerce.walk import PER_PAGE, Row
from connector.errors import Rejected
from connector.ports import Keyer, Live, Page, Receipt, Task
from connector.records import Field, Kind, Record, Ref


class Orders:
    """Orders, in the trash too."""

    def __init__(self, client: Client, settings: Mapping[str, Any], keyer: Keyer, lanes: Lanes) -> None:
        self._client = client
        self._keyer = keyer
        self._table = places.order_meta(settings)
        self._refund_dates: dict[int, date] = {}
        self._notes = Notes(client)
        self._writer = OrderWriter(
            client, holdings=self.holdings, refetch=self._bodies, lanes=lanes, pause=client.http.pause
        )

    def holdings(self, order: Row) -> list[Holding]:
        """Every place of an order with personal data."""
        return orders.holdings(order, self._table)

    def pull(self, since: str | None) -> Iterator[Page]:
        """All orders, or those changed since a cursor."""
        if since is None:
            self._read_refunds()
        yield from OrderPull(self._client, self._records).pages(since)

    def fetch(self, refs: Sequence[Ref], *, fields: str = orders.FETCH_FIELDS) -> Iterator[Live]:
        """These orders as they are now; with the fields of a pull they carry no lines and no money."""
        chunks = [refs[start : start + PER_PAGE] for start in range(0, len(refs), PER_PAGE)]
        with ThreadPoolExecutor(max_workers=self._client.http.connections) as pool:
            for bodies in pool.map(lambda chunk: self._bodies([ref.id for ref in chunk], fields), chunks):
                self._date_refunds(list(bodies.values()))
                yield from map(self._live, bodies.values())

    def fetch_notes(self, lives: Sequence[Live]) -> Iterator[tuple[Ref, int]]:
        """How many notes of each order can hold a person."""
        chosen = [live for live in lives if live.record.ref.kind is Kind.ORDER]
        with ThreadPoolExecutor(max_workers=self._client.http.connections) as pool:
            counts = pool.map(self._count_notes, chosen)
            yield from zip((live.record.ref for live in chosen), counts, strict=True)

    def _count_notes(self, live: Live) -> int:
        return len(self._notes.personal(live.record.ref.id, orders.names(live.raw)))

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Redacts and deletes orders."""
        return self._writer.apply(tasks)

    def log_lines(self, live: Live, fields: Collection[Field]) -> int:
        """How many lines a redaction of these fields adds to the shop's PHP error log."""
        if live.record.ref.kind is not Kind.ORDER:
            return 0
        return internal_keys(order_update(int(live.record.ref.id), self.holdings(live.raw), fields))

    def look(self, refs: Sequence[Ref]) -> Iterator[Live]:
        """These orders after a write: what a pull reads of them, which is all a read-back compares."""
        return self.fetch(refs, fields=orders.PULL_FIELDS)

    def _bodies(self, ids: Sequence[str], fields: str = orders.FETCH_FIELDS) -> dict[str, Row]:
        """These orders by id, trimmed to the fields; what is missing is gone."""
        found: dict[str, Row] = {}
        for status in ("any", "trash"):
            wanted = [id_ for id_ in ids if id_ not in found]
            if wanted:
                params = {
                    "include": ",".join(wanted),
                    "per_page": PER_PAGE,
                    "status": status,
                    "_fields": fields,
                }
                rows = self._client.get("orders", params, operation="read orders").json() or ()
                found |= {str(row["id"]): row for row in rows}
        return found

    def _live(self, order: Row) -> Live:
        return Live(
            record=self._record(order),
            handles=orders.handles(order),
            raw=order,
            money=fingerprint(order),
        )

    def _record(self, order: Row) -> Record:
        return orders.to_record(order, table=self._table, keyer=self._keyer, refund_dates=self._refund_dates)

    def _records(self, rows: list[Row]) -> tuple[Record, ...]:
        self._date_refunds(rows)
        return tuple(map(self._record, rows))

    def _read_refunds(self) -> None:
        """The dates of all refunds, a hundred at a time, oldest first; a shop without the list has none."""
        page = 1
        while True:
            params = {"per_page": PER_PAGE, "page": page, "orderby": "id", "order": "asc",
                      "_fields": "id,date_created_gmt"}  # fmt: skip
            try:
                rows = self._client.get("refunds", params, operation="read all refunds").json() or []
            except Rejected as error:
                if error.status != 404:
                    raise
                return  # before WooCommerce 9.0: order by order
            self._keep_dates(rows)
            if len(rows) < PER_PAGE:
                return
            page += 1

    def _date_refunds(self, rows: Sequence[Row]) -> None:
        """The dates of refunds not met yet: asked for together, and what that leaves order by order."""
        undated = [order for order in rows if self._undated(order)]
        if len(undated) > 1:
            self._read_some_refunds([id_ for order in undated for id_ in self._undated(order)])
        for order in undated:
            if self._undated(order):
                params = {"per_page": PER_PAGE, "_fields": "id,date_created_gmt"}
                route = f"orders/{order['id']}/refunds"
                try:
                    self._keep_dates(self._client.get(route, params, operation="read refunds").json() or [])
                except Rejected:
                    continue  # gone meanwhile, or not readable: the record says undated_refunds

    def _undated(self, order: Row) -> list[int]:
        """The refunds of an order whose dates are not known yet."""
        ids = (int(row["id"]) for row in order.get("refunds") or ())
        return [id_ for id_ in ids if id_ not in self._refund_dates]

    def _read_some_refunds(self, ids: Sequence[int]) -> None:
        """The dates of these refunds; a shop that has no such list, or ignores the ids, is asked by order."""
        for start in range(0, len(ids), PER_PAGE):
            some = ids[start : start + PER_PAGE]
            params = {"include": ",".join(map(str, some)), "per_page": PER_PAGE,
                      "_fields": "id,date_created_gmt"}  # fmt: skip
            try:
                self._keep_dates(self._client.get("refunds", params, operation="read refunds").json() or [])
            except Rejected:
                return

    def _keep_dates(self, rows: Sequence[Row]) -> None:
        for row in rows:
            day = to_stockholm(row.get("date_created_gmt"))
            if day:
                self._refund_dates[int(row["id"])] = day
