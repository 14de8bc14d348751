"""The WooCommerce platform: one shop's orders, customers, reviews and coupons."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from msgspec.structs import replace

from adapters.http import clock_of
from adapters.kinds import by_kind
from adapters.woocommerce import (
    customers,
    disclosing,
    goods,
    identity,
    opt_in,
    places,
    rectify,
    restore,
    told,
)
from adapters.woocommerce.abilities import capabilities
from adapters.woocommerce.answers import Row
from adapters.woocommerce.call_estimate import calls
from adapters.woocommerce.changed import read_changed_customers
from adapters.woocommerce.check import check
from adapters.woocommerce.client import ADAPTER, Client
from adapters.woocommerce.counting import STAFF, count_accounts, recount_by_report
from adapters.woocommerce.fetch import Looker
from adapters.woocommerce.lanes import Lanes
from adapters.woocommerce.listing import Listing, Lists, decode
from adapters.woocommerce.newest_orders import newest_orders
from adapters.woocommerce.reading import Reader
from adapters.woocommerce.standing import held_to_a_look
from adapters.woocommerce.store import Orders
from adapters.woocommerce.write_consents import ConsentWriter
from adapters.woocommerce.write_goods import GoodsWriter
from adapters.woocommerce.write_people import CustomerWriter
from connector.errors import Rejected
from connector.ports import (
    Access,
    Back,
    Capabilities,
    Clock,
    Gone,
    Kept,
    Keyer,
    Live,
    Look,
    NewestOrder,
    Page,
    Receipt,
    ShopIdentity,
    Task,
    Unread,
    Work,
)
from connector.ports.disclosing import Shown
from connector.ports.rectifying import Part
from connector.records import Action, Field, Kind, Record, Ref

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

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These, as they are now."""
        ...

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Carries out the tasks."""
        ...


class Customers:
    """Shop accounts."""

    def __init__(
        self, client: Client, settings: Mapping[str, Any], keyer: Keyer, *, clock: Clock, lanes: Lanes
    ) -> None:
        self._client, self._clock = client, clock
        table, keys = places.customer_meta(settings), opt_in.keys_of(Kind.CUSTOMER, settings)

        def record(row: Row) -> Record:
            return opt_in.with_consents(customers.to_record(row, keyer, table), row, keys)

        self._reader = Reader(
            Kind.CUSTOMER, keyer, to_record=record,
            to_live=lambda row: Live(record=record(row), handles=customers.handles(row), raw=row),
        )  # fmt: skip
        everybody = Lists("customers", customers.FIELDS, ({"role": "all"},), heeds={"role": "administrator"})
        self._looker = Looker(client, "customers", self._reader, lists=everybody.each)
        self._listing = Listing(
            client, self._reader, everybody,
            recount=lambda others: recount_by_report(client, "customers", others),
            uncounted=lambda row: row.get("role") in STAFF,
        )  # fmt: skip
        self._writer = CustomerWriter(client, refetch=self._looker.seen, lanes=lanes, table=table)
        self._consents = ConsentWriter(
            client, Kind.CUSTOMER, refetch=self._looker.seen, lanes=lanes, keys=keys
        )

    def pull(self, since: str | None) -> Iterator[Page]:
        """All accounts, or those active or registered since a cursor."""
        cursor = decode(since)
        if cursor.phase == "done" and cursor.start:
            changed = self._changed(cursor.start)
            if changed is not None:
                yield changed
                return
        for page in self._listing.pages(since, self._clock()):
            yield replace(page, standing=count_accounts(self._client)) if page.complete else page

    def _changed(self, start: str) -> Page | None:
        """The changed accounts; None where the shop has no analytics to ask."""
        now = self._clock()
        try:
            changed = read_changed_customers(self._client, start)
        except Rejected as error:
            if error.status != 404:
                raise
            return None
        looks = list(self._looker.lives([str(id_) for id_ in changed.ids], fields=customers.FIELDS))
        return Page(
            records=tuple(look.record for look in looks if isinstance(look, Live)),
            unread=tuple(look for look in looks if isinstance(look, Unread)),
            cursor=self._listing.after(now),
            missing=changed.missing,
            standing=count_accounts(self._client),
        )

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These accounts as they are now."""
        return self._looker.lives([ref.id for ref in refs])

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Redacts and deletes accounts, and ends the mailings that they say yes to."""
        return held_to_a_look(self._written(tasks), self._looker.confirmed)

    def _written(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        yield from self._consents.end([one for one in tasks if one.action is Action.UNSUBSCRIBE])
        yield from self._writer.apply([one for one in tasks if one.action is not Action.UNSUBSCRIBE])

    def overwritten(self, task: Task) -> Sequence[Kept]:
        """What a redaction overwrites of an account and `restore` could put back."""
        return self._writer.overwritten(task)

    def restore(self, backs: Sequence[Back]) -> Iterator[Receipt]:
        """Puts back what stood in accounts."""
        return self._writer.restore(backs)


class Goods:
    """Product reviews or coupons, whatever their status: the lists tell no changes, all are read."""

    def __init__(
        self, client: Client, clock: Clock, reader: Reader, lists: Lists, *,
        table: Mapping[str, Field] = places.COUPON_META,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._looker = Looker(client, lists.route, reader, lists=lists.each)
        counted = lists.route.rpartition("/")[2]
        self._listing = Listing(
            client, reader, lists, recount=lambda others: recount_by_report(client, counted, others)
        )
        self._writer = GoodsWriter(client, refetch=self._looker.seen, now=clock, table=table)

    def pull(self, since: str | None) -> Iterator[Page]:
        """All of them, every time; a search for coupons does not look at addresses."""
        yield from self._listing.pages(since, self._clock())

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These, as they are now."""
        return self._looker.lives([ref.id for ref in refs])

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Redacts and deletes reviews; frees coupons of their addresses."""
        return held_to_a_look(self._writer.apply(tasks), self._looker.confirmed)


def _reviews(client: Client, keyer: Keyer, clock: Clock) -> Goods:
    """`all` lists what is approved or waits; spam and trash are listed by name."""
    reader = Reader(
        Kind.REVIEW, keyer, to_record=lambda row: goods.review_record(row, keyer),
        to_live=lambda row: Live(
            record=goods.review_record(row, keyer), handles=goods.review_handles(row), raw=row
        ),
    )  # fmt: skip
    each = ({"status": "all"}, {"status": "spam"}, {"status": "trash"})
    return Goods(client, clock, reader, Lists("products/reviews", goods.REVIEW_FIELDS, each))


def _coupons(client: Client, settings: Mapping[str, Any], keyer: Keyer, clock: Clock) -> Goods:
    """Only coupons tied to an address hold a person; drafts and trash are listed by name."""
    table = places.coupon_meta(settings)
    reader = Reader(
        Kind.COUPON, keyer, to_record=lambda row: goods.coupon_record(row, keyer, table),
        to_live=lambda row: Live(
            record=goods.coupon_record(row, keyer, table), handles=goods.coupon_handles(row), raw=row
        ),
    )  # fmt: skip
    each: tuple[Mapping[str, str], ...] = ({}, {"status": "draft"}, {"status": "trash"})
    return Goods(client, clock, reader, Lists("coupons", goods.COUPON_FIELDS, each), table=table)


class WooCommerce:
    """One shop behind its REST API."""

    name = ADAPTER
    kinds: tuple[Kind, ...] = (Kind.ORDER, Kind.CUSTOMER, Kind.REVIEW, Kind.COUPON)
    newest_orders_of = Kind.CUSTOMER
    consents_of = frozenset({Kind.ORDER, Kind.CUSTOMER})

    def __init__(self, client: Client, settings: Mapping[str, Any], *, keyer: Keyer, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._settings = settings
        # One more than there are connections: it is decided and sealed while the others hold them.
        self.side_by_side = client.http.connections + 1
        lanes = Lanes(lanes=client.http.connections, chunk=int(settings.get("batch", 50)))
        self._orders = Orders(client, settings, keyer, lanes)
        own_clock = clock_of(client.http, clock)
        self._customers = Customers(client, settings, keyer, clock=own_clock, lanes=lanes)
        self._holders: Mapping[Kind, Holder] = {
            Kind.ORDER: self._orders,
            Kind.CUSTOMER: self._customers,
            Kind.REVIEW: _reviews(client, keyer, clock),
            Kind.COUPON: _coupons(client, settings, keyer, clock),
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

    def newest_orders(self, refs: Sequence[Ref]) -> Mapping[Ref, NewestOrder | Unread | None]:
        """The newest order that the shop shows of each of these accounts."""
        return newest_orders(self._client, refs)

    def service_time(self) -> datetime | None:
        """The shop's web server's clock now."""
        return self._client.http.service_time()

    def capabilities(self, kind: Kind) -> Capabilities:
        """What the REST API can do, per field."""
        return capabilities(kind, self._settings)

    def pull(self, kind: Kind, *, since: str | None) -> Iterator[Page]:
        """All records of a kind (since None) or those changed since a cursor."""
        return self._holders[kind].pull(since)

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These records as they are now; gone only by WooCommerce's own word about that id."""
        for kind, some in by_kind(refs, lambda ref: ref.kind):
            yield from self._holders[kind].fetch(some)

    def read_back(self, refs: Sequence[Ref], *, notes: frozenset[Ref]) -> Iterator[Look]:
        """These records after a write; of the orders in `notes` their notes are read too."""
        looks: list[Look] = []
        for kind, some in by_kind(refs, lambda ref: ref.kind):
            looks += self._orders.look(some) if kind is Kind.ORDER else self._holders[kind].fetch(some)
        noted: list[Live] = []
        for look in looks:
            if isinstance(look, Live) and look.ref.kind is Kind.ORDER and look.ref in notes:
                noted.append(look)
            else:
                yield look
        yield from self._orders.with_notes(noted)

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task; raises MoneyMoved where an order's money changed."""
        for kind, some in by_kind(tasks, lambda task: task.ref.kind):
            yield from self._holders[kind].apply(some)

    def overwritten(self, task: Task) -> Sequence[Kept]:
        """What a redaction overwrites and `restore` could put back: of orders and accounts, no notes."""
        if task.ref.kind is Kind.ORDER:
            return self._orders.overwritten(task)
        return self._customers.overwritten(task) if task.ref.kind is Kind.CUSTOMER else ()

    def now_in(self, live: Live, kept: Sequence[Kept]) -> Mapping[str, str]:
        """What stands in these places now."""
        return restore.now_in(live.raw, kept)

    def to_rectify(self, live: Live, part: Part, value: str) -> Kept | None:
        """Where a part of an order or account stands that a key sets without moving money; asks nothing."""
        if live.ref.kind not in (Kind.ORDER, Kind.CUSTOMER):
            return None
        return rectify.to_rectify(live.ref.kind, live.raw, part, value)

    def restore(self, backs: Sequence[Back]) -> Iterator[Receipt]:
        """Puts back what stood in orders and accounts; raises MoneyMoved where an order's money changed."""
        for kind, some in by_kind(backs, lambda back: back.ref.kind):
            if kind is Kind.CUSTOMER:
                yield from self._customers.restore(some)
            else:
                yield from self._orders.restore(some, self._gone(restore.accounts_of(some)))

    def _gone(self, accounts: Collection[str]) -> frozenset[str]:
        """Those of these accounts that the shop no longer has, by its own word."""
        refs = [Ref(adapter=ADAPTER, kind=Kind.CUSTOMER, id=one) for one in sorted(accounts)]
        looks = self._customers.fetch(refs) if refs else ()
        return frozenset(look.ref.id for look in looks if isinstance(look, Gone))

    def fetch_to_show(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These records as they are now; the days of refunds are not asked for."""
        for kind, some in by_kind(refs, lambda ref: ref.kind):
            show = self._orders.fetch_to_show if kind is Kind.ORDER else self._holders[kind].fetch
            yield from show(some)

    def shown(self, live: Live) -> Sequence[Shown]:
        """Every value of a record, each with the fields that a redaction would take it for."""
        row, kind = live.raw, live.ref.kind
        if kind is Kind.ORDER:
            table = places.order_meta(self._settings)
            held = [*self._orders.holdings(row), *told.line_holdings(row, table)]
            return disclosing.shown(row, held, table)
        if kind is Kind.CUSTOMER:
            table = places.customer_meta(self._settings)
            return disclosing.shown(row, customers.holdings(row, table), table)
        table = places.coupon_meta(self._settings)
        found = goods.review_holdings(row) if kind is Kind.REVIEW else goods.coupon_holdings(row, table)
        return disclosing.shown(row, found, table)

    def notes_of(self, lives: Sequence[Live]) -> Iterator[tuple[Ref, Sequence[Shown] | None]]:
        """The notes of each order that can hold a person, one request an order, side by side."""
        return self._orders.notes_of(lives)

    def calls(self, works: Sequence[Work]) -> int:
        """Calls of an apply of all of it and of its read-back; asks nothing."""
        return calls(works, batch=int(self._settings.get("batch", 50)), lanes=self._client.http.connections)

    def count_notes(self, refs: Mapping[Ref, bool]) -> Sequence[int]:
        """How many notes of each order would go; True where the order goes whole."""
        return self._orders.count_notes(refs)

    def admin_link(self, ref: Ref) -> str:
        """Where a person finds this record in the shop's admin."""
        page = _ADMIN_PAGES[ref.kind].format(id=ref.id)
        return f"{str(self._settings['url']).rstrip('/')}/wp-admin/{page}"

    def log_lines(self, live: Live, fields: Collection[Field]) -> int:
        """How many lines of about 750 bytes a redaction adds to the shop's PHP error log."""
        return self._orders.log_lines(live, fields)
