"""The Shopify platform: one shop's orders, customers, subscribers, drafts, checkouts and gift cards."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from adapters.http import clock_of, earlier_clock
from adapters.kinds import by_kind
from adapters.shopify import customers, disclosing, gift_cards, orders, places, rectify, restore
from adapters.shopify.abilities import capabilities
from adapters.shopify.aftermath import Writing
from adapters.shopify.balances import Balances
from adapters.shopify.call_estimate import calls
from adapters.shopify.check import check
from adapters.shopify.client import Client
from adapters.shopify.erasure import Erasures
from adapters.shopify.faults import ADAPTER, UNINSTALLED
from adapters.shopify.fetch import Fetcher, Read, absent
from adapters.shopify.files import Files
from adapters.shopify.ids import batched, number
from adapters.shopify.nodes import Node
from adapters.shopify.pull import Begun, Pull, Shop
from adapters.shopify.sources import sources
from adapters.shopify.standing import PART, Standing
from adapters.shopify.write_drafts import DraftWriter
from adapters.shopify.write_gift_cards import GiftCardWriter
from adapters.shopify.write_orders import OrderWriter
from adapters.shopify.write_people import CustomerWriter
from adapters.shopify.writes import Writes
from connector.errors import Rejected, RemoteError
from connector.ports import (
    Access,
    Back,
    Capabilities,
    Clock,
    Controls,
    Kept,
    Keyer,
    Live,
    Look,
    MayGo,
    Page,
    Presence,
    Receipt,
    ShopIdentity,
    Task,
    Work,
    looked,
)
from connector.ports.disclosing import Shown
from connector.ports.rectifying import Part
from connector.records import FIELD_BITS, Field, Kind, Ref

_ADMIN_PAGES = {
    Kind.ORDER: "orders/{id}",
    Kind.CUSTOMER: "customers/{id}",
    Kind.SUBSCRIBER: "customers/{id}",
    Kind.DRAFT_ORDER: "draft_orders/{id}",
    Kind.CART: "checkouts/{id}",
    Kind.COUPON: "gift_cards/{id}",
}

_RESTORED = frozenset({Kind.ORDER, Kind.CUSTOMER})
_PROFILES = frozenset({Kind.CUSTOMER, Kind.SUBSCRIBER})


class Shopify:
    """One shop behind the GraphQL Admin API."""

    name = ADAPTER
    kinds: tuple[Kind, ...] = (
        Kind.ORDER, Kind.CUSTOMER, Kind.SUBSCRIBER, Kind.DRAFT_ORDER, Kind.CART, Kind.COUPON,
    )  # fmt: skip
    # A customer and a subscriber are one profile; a checkout has no address of its own but its customer's; a
    # draft and a gift card name their customer.
    shows_others: Mapping[Kind, frozenset[Kind]] = {
        Kind.CUSTOMER: frozenset({Kind.SUBSCRIBER}), Kind.SUBSCRIBER: frozenset({Kind.CUSTOMER}),
        **dict.fromkeys((Kind.CART, Kind.DRAFT_ORDER, Kind.COUPON), _PROFILES),
    }  # fmt: skip
    consents_of = _PROFILES
    batch = 5_000
    """Tasks that `apply` takes at once: from 50 on a bulk operation carries them."""

    def __init__(
        self, client: Client, files: Files, settings: Mapping[str, Any], *, keyer: Keyer, clock: Clock
    ) -> None:
        self._client = client
        self._files = files
        self._settings = settings
        clock = earlier_clock(client.http, clock)
        self._clock = clock
        self._sources = sources(
            settings,
            keyer=keyer,
            clock=clock,
            owed=Balances(client, clock).owed,
            scopes=client.scopes,
        )
        self._fetcher = Fetcher(client, clock)
        self._begun: Begun = {}  # walks that the other kind of the same list may join
        self._writes = writes = Writes(client, files)
        self._standing = Standing(client)
        attributes = places.attributes(settings)
        self._order_table = attributes | places.metafields(settings, "order")
        self._customer_table = attributes | places.metafields(settings, "customer")
        self._erasures = Erasures(client, clock, writes)

    @property
    def throttled(self) -> int:
        """How often Shopify has said THROTTLED, which the budget is kept to prevent."""
        return self._client.budget.throttled

    def asking(self, may_go: MayGo) -> "Shopify":
        """The same shop, which asks before an erasure: all these orders indexed, past their floor?"""
        other = copy(self)
        other._erasures = Erasures(self._client, self._clock, self._writes, may_go=may_go)
        return other

    def holding_against(self, controls: Callable[[Kind], Controls]) -> "Shopify":
        """The same shop, which holds absence against these; without them no record is called gone."""
        other = copy(self)
        other._fetcher = self._fetcher.holding_against(controls)
        return other

    def check(self) -> Access:
        """Token, permissions, versions and who listens; writes nothing."""
        return check(self._client, self._settings)

    def identity(self) -> ShopIdentity:
        """The shop's id, which is its for life, and its myshopify domain."""
        shop = self._client.look().get("shop") or {}
        ids = {"shop_id": number(str(shop.get("id") or "")), "domain": str(shop.get("myshopifyDomain") or "")}
        if not all(ids.values()):
            raise Rejected(
                "shopify: the shop does not say which it is. Run again; where it stays so, check url.",
                adapter=ADAPTER, operation="read shop",
            )  # fmt: skip
        return ShopIdentity(ids=ids, fixed=frozenset({"shop_id"}))

    def presence(self) -> Presence:
        """Whether this app is in this shop, by Shopify's own word; anything else is no answer."""
        try:
            shop = self._client.look().get("shop") or {}
        except RemoteError as error:
            told = (error.status, error.code) in UNINSTALLED
            return Presence.UNINSTALLED if told else Presence.NO_ANSWER
        return Presence.ANSWERS if shop.get("myshopifyDomain") else Presence.NO_ANSWER

    def service_time(self) -> datetime | None:
        """Shopify's clock now."""
        return self._client.service_time()

    def capabilities(self, kind: Kind) -> Capabilities:
        """What the API can do, per field."""
        return capabilities(kind, self._settings)

    def pull(self, kind: Kind, *, since: str | None) -> Iterator[Page]:
        """All records of a kind (since None) or those changed since a cursor."""
        clock = clock_of(self._client.http, self._clock)
        shop = Shop(self._client, self._files, self._fetcher, clock, self._begun)
        return Pull(shop, self._sources[kind]).pages(since)

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These records as they are now, by id."""
        return self._looks(refs, back=False)

    def read_back(self, refs: Sequence[Ref], *, notes: frozenset[Ref]) -> Iterator[Look]:
        """As `fetch`, which reads by id; an emptied profile that orders keep in the shop counts as gone."""
        return self._looks(refs, back=True)

    def _looks(self, refs: Sequence[Ref], *, back: bool) -> Iterator[Look]:
        for kind, some in by_kind(refs, lambda ref: ref.kind):
            yield from self._fetcher.looks(self._sources[kind], some, back=back)

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task; raises MoneyMoved where an order's money changed."""
        for kind, all_ in by_kind(tasks, lambda task: task.ref.kind):
            for some in batched(all_, PART):
                yield from self._writer(kind).apply(some)

    def _writer(self, kind: Kind) -> OrderWriter | CustomerWriter | GiftCardWriter | DraftWriter:
        writing = Writing(self._standing, self._writes, self._back)
        if kind is Kind.ORDER:
            deletes = bool(self._settings.get("delete_orders", False))
            return OrderWriter(writing, table=self._order_table, deletes=deletes)
        if kind in (Kind.CUSTOMER, Kind.SUBSCRIBER):
            return CustomerWriter(
                writing, self._erasures, table=self._customer_table, refetch=self._customers,
                clock=self._clock,
            )  # fmt: skip
        return GiftCardWriter(writing) if kind is Kind.COUPON else DraftWriter(writing)

    def overwritten(self, task: Task) -> Sequence[Kept]:
        """What a redaction overwrites and `restore` could put back: what an update of the record can set."""
        writer = self._writer(task.ref.kind) if task.ref.kind in _RESTORED else None
        return writer.overwritten(task) if isinstance(writer, OrderWriter | CustomerWriter) else ()

    def now_in(self, live: Live, kept: Sequence[Kept]) -> Mapping[str, str]:
        """What stands in these places now."""
        return restore.now_in(live, kept)

    def to_rectify(self, live: Live, part: Part, value: str) -> Kept | None:
        """Where a part of an order or profile stands that an update sets; asks nothing."""
        return rectify.to_rectify(live, part, value) if live.ref.kind in _RESTORED else None

    def restore(self, backs: Sequence[Back]) -> Iterator[Receipt]:
        """Puts back what stood in orders and profiles; raises MoneyMoved where an order's money changed."""
        for kind, some in by_kind(backs, lambda back: back.ref.kind):
            writer = self._writer(kind)
            if isinstance(writer, OrderWriter | CustomerWriter):
                yield from writer.restore(some)

    def withdraw(self, ref: Ref, token: str) -> Receipt:
        """Takes back an erasure that was asked for and is not carried out yet."""
        return self._erasures.withdraw(ref, token)

    def reconsider(self, lives: Sequence[Live]) -> Mapping[Ref, str]:
        """Why accepted erasures may no longer be carried out, of those that may not."""
        people = {one.ref: one.raw for one in lives if one.ref.kind is Kind.CUSTOMER}
        return {ref: why for ref, why in self._erasures.reconsider(people).items() if why}

    def before_erasure(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """The records while what was asked for is not carried out; gone once the person is, beside a control.

        A profile that was emptied, or looks like a newsletter contact's by now, is not an erased one.
        """
        for kind, some in by_kind(refs, lambda ref: ref.kind):
            if kind is not Kind.CUSTOMER:
                yield from self._fetcher.looks(self._sources[kind], some)
                continue
            for ref, found in self._fetcher.reads(self._sources[kind], some):
                yield self._not_erased(ref, found)

    def _not_erased(self, ref: Ref, found: Read) -> Look:
        if found.unread is not None:
            return found.unread
        if found.node is None or not customers.still_somebodys(found.node, self._customer_table):
            return absent(ref, found.doubt)
        live = self._sources[ref.kind].to_live(found.node)
        whole = replace(live.record, present=live.record.present | FIELD_BITS[Field.ACCOUNT])
        return Live(record=whole, handles=live.handles, raw=live.raw, money=live.money)

    def fetch_to_show(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """As `fetch`: nothing is read beside a record."""
        return self.fetch(refs)

    def shown(self, live: Live) -> Sequence[Shown]:
        """Every value of a record, each with the fields that an erasure would take it for."""
        node, kind = live.raw, live.ref.kind
        if kind is Kind.ORDER:
            return disclosing.shown(node, kind, orders.holdings(node, self._order_table), self._order_table)
        held = list(gift_cards.holdings(node)) if kind is Kind.COUPON else []
        if kind in _PROFILES:
            held = customers.holdings(node, self._customer_table)
        return disclosing.shown(node, kind, held, self._customer_table)

    def calls(self, works: Sequence[Work]) -> int:
        """Calls of an apply of all of it and of its read-back; asks nothing."""
        return calls(works)

    def admin_link(self, ref: Ref) -> str:
        """Where a person finds this record in the shop's admin."""
        return f"{str(self._settings['url']).rstrip('/')}/admin/{_ADMIN_PAGES[ref.kind].format(id=ref.id)}"

    def _back(self, refs: Sequence[Ref]) -> Mapping[Ref, Look]:
        """One look each at records that were just written."""
        return looked(self._looks(refs, back=True), refs)

    def _customers(self, numbers: Sequence[str]) -> Mapping[str, Node | None]:
        """These customers, read again: None for whoever is gone; whoever was not read is missing."""
        refs = [Ref(adapter=ADAPTER, kind=Kind.CUSTOMER, id=one) for one in numbers]
        found: dict[str, Node | None] = {}
        for ref, read in self._fetcher.reads(self._sources[Kind.CUSTOMER], refs):
            if read.unread is None and (read.node is not None or not read.doubt):
                found[ref.id] = read.node
        return found
