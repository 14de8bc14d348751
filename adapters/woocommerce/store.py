"""The orders of one shop: pulled, fetched, written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from adapters.woocommerce import opt_in, orders, places, told
from adapters.woocommerce.answers import PER_PAGE, Row, listed
from adapters.woocommerce.client import NOTES_ORDER_GONE, Client, says_gone
from adapters.woocommerce.counting import read_totals
from adapters.woocommerce.fetch import Looker, Seen
from adapters.woocommerce.holdings import Holding
from adapters.woocommerce.lanes import Lanes
from adapters.woocommerce.money import fingerprint
from adapters.woocommerce.notes import Notes, note_shown
from adapters.woocommerce.pull import pull_orders
from adapters.woocommerce.reading import Read, Reader
from adapters.woocommerce.redact import internal_keys, order_update
from adapters.woocommerce.refunds import Refunds
from adapters.woocommerce.standing import held_to_a_look
from adapters.woocommerce.write_consents import ConsentWriter
from adapters.woocommerce.write_orders import OrderWriter
from connector.errors import Rejected, RemoteError, RetryLater
from connector.policy.goods import read_goods
from connector.ports import Back, Gone, Kept, Keyer, Live, Look, Page, Receipt, Task, Unread
from connector.ports.disclosing import Shown
from connector.records import FIELD_BITS, Action, Field, Kind, Record, Ref

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
        self._refunds = Refunds(client)
        self._registered: frozenset[str] | None = None
        self._notes = Notes(client)
        self._reader = Reader(Kind.ORDER, keyer, to_record=self._record, to_live=self._live)
        self._looker = Looker(client, "orders", self._reader, lists=_LISTS, explains=self._unlisted)
        self._writer = OrderWriter(
            client, holdings=self.holdings, refetch=self._refetch, lanes=lanes,
            deletes=bool(settings.get("delete_orders", False)),
        )  # fmt: skip
        self._opt_in = opt_in.keys_of(Kind.ORDER, settings)
        self._consents = ConsentWriter(
            client, Kind.ORDER, refetch=self._refetch, lanes=lanes, keys=self._opt_in
        )

    def holdings(self, order: Row) -> list[Holding]:
        """Every place of an order with personal data."""
        return orders.holdings(order, self._table)

    def pull(self, since: str | None) -> Iterator[Page]:
        """All orders, or those changed since a cursor."""
        fields = self._read_beside() if since is None else self._fields(orders.PULL_FIELDS)
        yield from pull_orders(self._client, self._records, since, fields=fields)

    def _read_beside(self) -> str:
        """Asks for all refunds, and meanwhile for what plugins add to an order; the fields to pull."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            refunds = pool.submit(self._refunds.read_all)
            fields = self._fields(orders.PULL_FIELDS)
            refunds.result()
        return fields

    def fetch(self, refs: Sequence[Ref], *, fields: str = orders.FETCH_FIELDS) -> Iterator[Look]:
        """These orders as they are now; with the fields of a pull they carry no lines and no money."""
        asked = self._fields(fields)
        return self._looker.lives([ref.id for ref in refs], fields=asked, prepare=self._refunds.read_of)

    def fetch_to_show(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These orders with every field, without the days of their refunds."""
        return self._looker.lives([ref.id for ref in refs], fields=self._fields(orders.FETCH_FIELDS))

    def _fields(self, fields: str) -> str:
        """These fields, and those that plugins add to an order: seen on the newest orders, once."""
        if self._added is None:
            self._added = "".join(f",{name}" for name in self._read_added_names())
        return fields + self._added

    def _read_added_names(self) -> list[str]:
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
            report = read_totals(self._client, "orders")
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

    def notes_of(self, lives: Sequence[Live]) -> Iterator[tuple[Ref, Sequence[Shown] | None]]:
        """The texts of the notes that can hold a person, by order; None where they cannot be read."""
        with ThreadPoolExecutor(max_workers=self._client.http.connections) as pool:
            yield from pool.map(self._notes_of, lives)

    def _notes_of(self, live: Live) -> tuple[Ref, Sequence[Shown] | None]:
        try:
            rows = self._notes.personal_rows(live.ref.id, orders.names(live.raw))
        except RetryLater:
            raise
        except RemoteError:
            return live.ref, None
        return live.ref, tuple(map(note_shown, rows))

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
        """Redacts and deletes orders, and ends the mailings that they say yes to."""
        return held_to_a_look(self._written(tasks), self._looker.confirmed)

    def _written(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        yield from self._consents.end([one for one in tasks if one.action is Action.UNSUBSCRIBE])
        yield from self._writer.apply([one for one in tasks if one.action is not Action.UNSUBSCRIBE])

    def overwritten(self, task: Task) -> Sequence[Kept]:
        """What a redaction overwrites of an order and `restore` could put back."""
        return self._writer.overwritten(task)

    def restore(self, backs: Sequence[Back], gone: Collection[str]) -> Iterator[Receipt]:
        """Puts back what stood in orders; what belonged to accounts that are `gone` stays without one."""
        return self._writer.restore(backs, gone)

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
        record = orders.to_record(
            order, table=self._table, keyer=self._keyer, refund_dates=self._refunds.days, goods=self._goods
        )
        return opt_in.with_consents(record, order, self._opt_in)

    def _records(self, rows: list[Row]) -> Read:
        return self._reader.records(rows, self._refunds.read_of)


def _with_notes(record: Record, count: int) -> Record:
    """The record once its notes were read: they are there, or they are not."""
    bit = FIELD_BITS[Field.STAFF_NOTES]
    present = record.present | bit if count else record.present & ~bit
    return msgspec.structs.replace(record, present=present, unread=record.unread & ~bit)
