"""The WooCommerce platform: one shop's orders, customers, reviews and coupons."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, Protocol

import msgspec

from adapters.http import clock_of
from adapters.woocommerce import customers, goods, identity
from adapters.woocommerce.abilities import capabilities
from adapters.woocommerce.check import check
from adapters.woocommerce.client import ADAPTER, Client
from adapters.woocommerce.lanes import Lanes
from adapters.woocommerce.listing import Listing, changed_customers, decode
from adapters.woocommerce.people import CustomerWriter, GoodsWriter
from adapters.woocommerce.store import Orders
from adapters.woocommerce.walk import PER_PAGE, Row
from connector.errors import Rejected
from connector.ports import Access, Capabilities, Clock, Keyer, Live, Page, Receipt, ShopIdentity, Task
from connector.records import FIELD_BITS, Field, Kind, Record, Ref

_ADMIN_PAGES = {
    Kind.ORDER: "admin.php?page=wc-orders&action=edit&id={id}",
    Kind.CUSTOMER: "user-edit.php?user_id={id}",
    Kind.REVIEW: "comment.php?action=editcomment&c={id}",
    Kind.COUPON: "post.php?post={id}&action=edit",
}


class Holder(Protocol):
    """What holds one kind of record."""

    def pull(self, since: str | None) -> Iterator[Page]:
        """All of them, or those changed since a cursor."""
        ...

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Live]:
        """These, as they are now."""
        ...

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Carries out the tasks."""
        ...


class Customers:
    """Shop accounts."""

    def __init__(self, client: Client, keyer: Keyer, clock: Clock, lanes: Lanes) -> None:
        self._client, self._keyer, self._clock = client, keyer, clock
        self._listing = Listing(client, "customers", fields=customers.FIELDS, params={"role": "all"},
                                to_record=lambda row: customers.to_record(row, keyer))  # fmt: skip
        self._writer = CustomerWriter(client, refetch=self._bodies, lanes=lanes, pause=client.http.pause)

    def pull(self, since: str | None) -> Iterator[Page]:
        """All accounts, or those active or registered since a cursor."""
        cursor = decode(since)
        if cursor.phase == "done" and cursor.start:
            changed = self._changed(cursor.start)
            if changed is not None:
                yield changed
                return
        yield from self._listing.pages(since, self._clock())

    def _changed(self, start: str) -> Page | None:
        """The changed accounts; None where the shop has no analytics to ask."""
        now = self._clock()
        try:
            ids = changed_customers(self._client, start)
        except Rejected as error:
            if error.status != 404:
                raise
            return None
        return Page(records=self._listing.some(ids), cursor=self._listing.after(now))

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Live]:
        """These accounts as they are now."""
        for start in range(0, len(refs), PER_PAGE):
            for row in self._bodies([ref.id for ref in refs[start : start + PER_PAGE]]).values():
                yield Live(
                    record=customers.to_record(row, self._keyer), handles=customers.handles(row), raw=row
                )

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Redacts and deletes accounts."""
        return self._writer.apply(tasks)

    def _bodies(self, ids: Sequence[str]) -> dict[str, Row]:
        return _included(self._client, "customers", ids, {"role": "all"})


class Reviews:
    """Product reviews, whatever their status."""

    def __init__(self, client: Client, keyer: Keyer, clock: Clock) -> None:
        self._client, self._keyer, self._clock = client, keyer, clock
        self._listing = Listing(client, "products/reviews", fields=goods.REVIEW_FIELDS,
                                params={"status": "all"},
                                to_record=lambda row: goods.review_record(row, keyer))  # fmt: skip
        self._writer = GoodsWriter(client, now=clock)

    def pull(self, since: str | None) -> Iterator[Page]:
        """All reviews, every time: the list tells no changes."""
        yield from self._listing.pages(since, self._clock())

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Live]:
        """These reviews as they are now."""
        rows = _included(self._client, "products/reviews", [ref.id for ref in refs], {"status": "all"})
        for row in rows.values():
            yield Live(
                record=goods.review_record(row, self._keyer), handles=goods.review_handles(row), raw=row
            )

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Redacts and deletes reviews."""
        return self._writer.apply(tasks)


class Coupons:
    """Coupons; only those tied to an address hold a person."""

    def __init__(self, client: Client, keyer: Keyer, clock: Clock) -> None:
        self._client, self._keyer, self._clock = client, keyer, clock
        self._listing = Listing(client, "coupons", fields=goods.COUPON_FIELDS,
                                to_record=lambda row: goods.coupon_record(row, keyer))  # fmt: skip
        self._writer = GoodsWriter(client, now=clock)

    def pull(self, since: str | None) -> Iterator[Page]:
        """All coupons, every time: a search does not look at addresses."""
        yield from self._listing.pages(since, self._clock())

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Live]:
        """These coupons as they are now."""
        for row in _included(self._client, "coupons", [ref.id for ref in refs], {}).values():
            yield Live(
                record=goods.coupon_record(row, self._keyer), handles=goods.coupon_handles(row), raw=row
            )

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Frees coupons of their addresses."""
        return self._writer.apply(tasks)


def _included(client: Client, route: str, ids: Sequence[str], params: Mapping[str, Any]) -> dict[str, Row]:
    """The full rows of these ids; what is missing is gone."""
    found: dict[str, Row] = {}
    for start in range(0, len(ids), PER_PAGE):
        asked = {**params, "include": ",".join(ids[start : start + PER_PAGE]), "per_page": PER_PAGE}
        rows = client.get(route, asked, operation=f"read {route}").json() or ()
        found |= {str(row["id"]): row for row in rows}
    return found


def _with_notes(record: Record, count: int) -> Record:
    """The record once its notes were read: they are there, or they are not."""
    bit = FIELD_BITS[Field.STAFF_NOTES]
    present = record.present | bit if count else record.present & ~bit
    return msgspec.structs.replace(record, present=present, unread=record.unread & ~bit)


class WooCommerce:
    """One shop behind its REST API."""

    name = ADAPTER
    kinds: tuple[Kind, ...] = (Kind.ORDER, Kind.CUSTOMER, Kind.REVIEW, Kind.COUPON)

    def __init__(self, client: Client, settings: Mapping[str, Any], *, keyer: Keyer, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._settings = settings
        lanes = Lanes(lanes=client.http.connections, chunk=int(settings.get("batch", 50)))
        self._orders = Orders(client, settings, keyer, lanes)
        self._holders: Mapping[Kind, Holder] = {
            Kind.ORDER: self._orders,
            Kind.CUSTOMER: Customers(client, keyer, clock_of(client.http, clock), lanes),
            Kind.REVIEW: Reviews(client, keyer, clock),
            Kind.COUPON: Coupons(client, keyer, clock),
        }

    def check(self) -> Access:
        """Key, versions, storage, the shop's own retention and who listens; writes nothing."""
        return check(self._client, self._settings, self._clock)

    def identity(self) -> ShopIdentity:
        """The shop's home, which a copy may share."""
        return identity.identity(self._client)

    def first_days(self, ids: Sequence[str]) -> Mapping[str, date]:
        """The day each of these orders was made."""
        return identity.first_days(self._client, ids)

    def service_time(self) -> datetime | None:
        """The shop's web server's clock now."""
        return self._client.http.service_time()

    def capabilities(self, kind: Kind) -> Capabilities:
        """What the REST API can do, per field."""
        return capabilities(kind)

    def pull(self, kind: Kind, *, since: str | None) -> Iterator[Page]:
        """All records of a kind (since None) or those changed since a cursor."""
        return self._holders[kind].pull(since)

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Live]:
        """These records as they are now; what is missing from the answer is gone."""
        for kind, group in groupby(sorted(refs, key=lambda ref: ref.kind), key=lambda ref: ref.kind):
            yield from self._holders[kind].fetch(list(group))

    def fetch_notes(self, lives: Sequence[Live]) -> Iterator[tuple[Ref, int]]:
        """How many notes of these orders can hold a person; one request each."""
        return self._orders.fetch_notes(lives)

    def read_back(self, refs: Sequence[Ref], *, notes: frozenset[Ref]) -> Iterator[Live]:
        """These records after a write; of the orders in `notes` their notes are read too."""
        placed = sorted(refs, key=lambda ref: ref.kind)
        lives: list[Live] = []
        for kind, group in groupby(placed, key=lambda ref: ref.kind):
            some = list(group)
            lives += self._orders.look(some) if kind is Kind.ORDER else self._holders[kind].fetch(some)
        counted = dict(self.fetch_notes([live for live in lives if live.record.ref in notes]))
        for live in lives:
            if live.record.ref in counted:
                live.record = _with_notes(live.record, counted[live.record.ref])
            yield live

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task; raises MoneyMoved where an order's money changed."""
        by_kind = sorted(tasks, key=lambda task: task.ref.kind)
        for kind, group in groupby(by_kind, key=lambda task: task.ref.kind):
            yield from self._holders[kind].apply(list(group))

    def admin_link(self, ref: Ref) -> str:
        """Where a person finds this record in the shop's admin."""
        page = _ADMIN_PAGES[ref.kind].format(id=ref.id)
        return f"{str(self._settings['url']).rstrip('/')}/wp-admin/{page}"

    def log_lines(self, live: Live, fields: Collection[Field]) -> int:
        """How many lines of about 750 bytes a redaction adds to the shop's PHP error log."""
        return self._orders.log_lines(live, fields)
