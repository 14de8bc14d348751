"""The orders of one shop: pulled, fetched, written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import msgspec

from adapters.woocommerce import orders, places, told
from adapters.woocommerce.answers import PER_PAGE, Row, listed, row_of
from adapters.woocommerce.apply import OrderWriter
from adapters.woocommerce.client import NOTES_ORDER_GONE, Client, says_gone
from adapters.woocommerce.dates import naive, to_stockholm
from adapters.woocommerce.holdings import Holding
from adapters.woocommerce.lanes import Lanes
from adapters.woocommerce.look import Looker, Seen
from adapters.woocommerce.money import fingerprint
from adapters.woocommerce.notes import Notes
from adapters.woocommerce.pull import OrderPull
from adapters.woocommerce.reading import Read, Reader
from adapters.woocommerce.redact import internal_keys, order_update
from adapters.woocommerce.standing import held_to_a_look
from adapters.woocommerce.totals import totals
from connector.errors import AccessDenied, Rejected, RemoteError, RetryLater
from connector.policy.goods import read_goods
from connector.ports import Gone, Keyer, Live, Look, Page, Receipt, Task, Unread
from connector.records import FIELD_BITS, Field, Kind, Record, Ref

# What every version of WooCommerce registers and lists; anything else a plugin has added, or left behind.
_KNOWN = frozenset({
    "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft",
    "trash", "auto-draft",
})  # fmt: skip
_LOOK = "look at the newest orders"
_LISTS = ({"status": "any"}, {"status": "trash"}, {"status": "auto-draft,checkout-draft"})


class Orders:
    """Orders, in the trash too."""

    def __init__(self, client: Client, settings: Mapping[str, Any], keyer: Keyer, lanes: Lanes) -> None:
        self._client = client
        self._keyer = keyer
        self._table = places.order_meta(settings)
        self._goods = read_goods(settings)
        self._added: str | None = None
        self._refund_dates: dict[int, date] = {}
        self._registered: frozenset[str] | None = None
        self._notes = Notes(client)
        self._reader = Reader(Kind.ORDER, keyer, to_record=self._record, to_live=self._live)
        self._looker = Looker(client, "orders", self._reader, lists=_LISTS, explains=self._unlisted)
        self._writer = OrderWriter(
            client, holdings=self.holdings, refetch=self._refetch, lanes=lanes,
            deletes=bool(settings.get("delete_orders", False)),
        )  # fmt: skip

    def holdings(self, order: Row) -> list[Holding]:
        """Every place of an order with personal data."""
        return orders.holdings(order, self._table)

    def pull(self, since: str | None) -> Iterator[Page]:
        """All orders, or those changed since a cursor."""
        if since is None:
            self._read_refunds()
        fields = self._asked(orders.PULL_FIELDS)
        yield from OrderPull(self._client, self._records, fields=fields).pages(since)

    def fetch(self, refs: Sequence[Ref], *, fields: str = orders.FETCH_FIELDS) -> Iterator[Look]:
        """These orders as they are now; with the fields of a pull they carry no lines and no money."""
        asked = self._asked(fields)
        return self._looker.lives([ref.id for ref in refs], fields=asked, prepare=self._date_refunds)

    def _asked(self, fields: str) -> str:
        """These fields, and those that plugins add to an order: seen on the newest orders, once."""
        if self._added is None:
            self._added = "".join(f",{name}" for name in self._added_names())
        return fields + self._added

    def _added_names(self) -> list[str]:
        """What stands on the newest orders beside WooCommerce's own; none where they cannot be read."""
        params = {"per_page": PER_PAGE, "status": "any"}
        try:
            answer = self._client.get("orders", params, operation=_LOOK)
            rows = listed(answer, _LOOK).rows
        except (Rejected, RetryLater):
            return []
        return sorted({name for row in rows for name in told.added_names(row) if "," not in name})

    def _unlisted(self, order: Row) -> bool:
        """Whether no list shows this order: no plugin registers its status any more."""
        status = str(order["status"])
        if status in _KNOWN:
            return False
        if self._registered is None:
            report = totals(self._client, "orders")
            self._registered = frozenset(report.by_slug) if report else frozenset((status,))
        return status not in self._registered

    def with_notes(self, lives: Sequence[Live]) -> Iterator[Live | Gone | Unread]:
        """The orders with what their notes hold; an order whose notes cannot be read is unread."""
        with ThreadPoolExecutor(max_workers=self._client.http.connections) as pool:
            yield from pool.map(self._noted, lives)

    def _noted(self, live: Live) -> Live | Gone | Unread:
        """An empty answer is not "no notes": only a list of notes is."""
        try:
            count = len(self._notes.personal(live.ref.id, orders.names(live.raw)))
        except RetryLater:
            raise
        except RemoteError as error:
            if says_gone(error, NOTES_ORDER_GONE):
                return Gone(ref=live.ref)
            return self._reader.unread(live.raw, "notes_unread")
        live.record = _with_notes(live.record, count)
        return live

    def count_notes(self, refs: Mapping[Ref, bool]) -> list[int]:
        """How many notes of each order would go; True where the order goes whole. Gone ones are left out."""
        looks = [look for look in self.fetch(list(refs)) if isinstance(look, Live)]
        with ThreadPoolExecutor(max_workers=self._client.http.connections) as pool:
            counts = pool.map(lambda live: self._count_notes(live, whole=refs[live.ref]), looks)
            return [count for count in counts if count is not None]

    def _count_notes(self, live: Live, *, whole: bool) -> int | None:
        try:
            if whole:
                return len(self._notes.all(live.ref.id))
            return len(self._notes.personal(live.ref.id, orders.names(live.raw)))
        except Rejected:
            return None

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Redacts and deletes orders."""
        return held_to_a_look(self._writer.apply(tasks), self._looker.confirmed)

    def log_lines(self, live: Live, fields: Collection[Field]) -> int:
        """How many lines a redaction of these fields adds to the shop's PHP error log."""
        if live.record.ref.kind is not Kind.ORDER:
            return 0
        return internal_keys(order_update(int(live.record.ref.id), self.holdings(live.raw), fields))

    def look(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These orders after a write: what a pull reads of them, which is all a read-back compares."""
        return self.fetch(refs, fields=orders.PULL_FIELDS)

    def _refetch(self, ids: Sequence[str]) -> dict[str, Seen]:
        return self._looker.seen(ids, fields=orders.FETCH_FIELDS)

    def _live(self, order: Row) -> Live:
        return Live(
            record=self._record(order),
            handles=orders.handles(order),
            raw=order,
            money=fingerprint(order),
        )

    def _record(self, order: Row) -> Record:
        return orders.to_record(
            order, table=self._table, keyer=self._keyer, refund_dates=self._refund_dates, goods=self._goods
        )

    def _records(self, rows: list[Row]) -> Read:
        return self._reader.records(rows, self._date_refunds)

    def _read_refunds(self) -> None:
        """The dates of all refunds, a hundred at a time, oldest first; a shop without the list has none."""
        operation = "read all refunds"
        page, before = 1, [0]
        while True:
            params = {"per_page": PER_PAGE, "page": page, "orderby": "id", "order": "asc",
                      "_fields": "id,date_created_gmt"}  # fmt: skip
            try:
                shown = listed(self._client.get("refunds", params, operation=operation), operation)
            except Rejected as error:
                if error.status != 404:
                    raise
                return  # before WooCommerce 9.0: order by order
            self._keep_dates(shown.rows)
            ids = [row["id"] for row in shown.rows]
            if ids == before or shown.ends(page):
                return  # what is left out here is asked for by its order
            page, before = page + 1, ids

    def _date_refunds(self, rows: Sequence[Row]) -> None:
        """The dates of refunds not met yet: asked for together, and what that leaves order by order."""
        undated = [order for order in rows if self._undated(order)]
        if len(undated) > 1:
            self._read_some_refunds([id_ for order in undated for id_ in self._undated(order)])
        for order in undated:
            if self._undated(order):
                self._read_refunds_of(order)
            for id_ in self._undated(order):
                self._read_refund(order, id_)

    def _read_refunds_of(self, order: Row) -> None:
        operation = "read refunds"
        params = {"per_page": PER_PAGE, "_fields": "id,date_created_gmt"}
        try:
            answer = self._client.get(
                f"orders/{order['id']}/refunds", params, operation=operation, fresh=True
            )
            self._keep_dates(listed(answer, operation).rows)
        except Rejected:
            return  # gone meanwhile, or not readable: the record says undated_refunds

    def _read_refund(self, order: Row, id_: int) -> None:
        """One refund that the order names and no list shows."""
        params = {"_fields": "id,date_created_gmt"}
        try:
            row = row_of(
                self._client.get(f"orders/{order['id']}/refunds/{id_}", params, operation="read a refund")
            )
        except (Rejected, AccessDenied):
            return  # the record says undated_refunds, and waits
        if row is not None and row["id"] == id_:
            self._keep_dates([row])

    def _undated(self, order: Row) -> list[int]:
        """The refunds of an order whose dates are not known yet."""
        ids = (int(row["id"]) for row in order.get("refunds") or ())
        return [id_ for id_ in ids if id_ not in self._refund_dates]

    def _read_some_refunds(self, ids: Sequence[int]) -> None:
        """The dates of these refunds; a shop that has no such list, or ignores the ids, is asked by order."""
        operation = "read refunds"
        for start in range(0, len(ids), PER_PAGE):
            some = ids[start : start + PER_PAGE]
            params = {"include": ",".join(map(str, some)), "per_page": PER_PAGE,
                      "_fields": "id,date_created_gmt"}  # fmt: skip
            try:
                answer = self._client.get("refunds", params, operation=operation, fresh=True)
                self._keep_dates(listed(answer, operation).rows)
            except Rejected:
                return

    def _keep_dates(self, rows: Sequence[Row]) -> None:
        for row in rows:
            day = to_stockholm(naive(row.get("date_created_gmt")))
            if day:
                self._refund_dates[int(row["id"])] = day


def _with_notes(record: Record, count: int) -> Record:
    """The record once its notes were read: they are there, or they are not."""
    bit = FIELD_BITS[Field.STAFF_NOTES]
    present = record.present | bit if count else record.present & ~bit
    return msgspec.structs.replace(record, present=present, unread=record.unread & ~bit)
