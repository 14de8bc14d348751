"""What is read of each kind: which operations, and how an answer becomes a record."""

from collections.abc import Callable, Collection, Container, Mapping
from functools import partial
from typing import Any, NamedTuple

from msgspec.structs import replace

from adapters.shopify import customers, gift_cards, orders, others, places, unlisted
from adapters.shopify.ids import number
from adapters.shopify.money import fingerprint
from adapters.shopify.nodes import Node
from adapters.shopify.reasons import emptied
from adapters.shopify.shape_of_orders import FetchedOrder, Order
from adapters.shopify.shape_of_others import Cart, Customer, Draft, GiftCard
from adapters.shopify.shapes import Shape
from connector.policy.goods import Goods, read_goods
from connector.ports import Clock, Keyer, Live
from connector.records import Field, Identifier, Kind, Record


class Source(NamedTuple):
    """One kind of record: its operations, its connection, its form, and how a node is read.

    `changes` says whether a search by `updated_at` finds what changed; without it every pull reads
    all. `days`: that search knows whole days only. `optional`: the permission without which a
    shop counts as having none, and `check` says so. `belongs`: which nodes are of this kind, None
    where all are. `emptied`: why one that is of this kind no more may stay, emptied. `parts` are asked
    for only with the permission beside them.
    """

    kind: Kind
    operation: str
    connection: str
    page: int
    to_record: Callable[[Node], Record]
    to_live: Callable[[Node], Live]
    identify: Callable[[Node], tuple[Identifier, ...]]
    shape: type[Shape]
    fetched_shape: type[Shape]
    belongs: Callable[[Node], bool] | None = None
    remains: Callable[[Node], bool] | None = None
    emptied: Callable[[], str] = str
    changes: bool = True
    days: bool = False
    slices: int = 1
    optional: str = ""
    parts: Mapping[str, str] = {}
    connections: tuple[str, ...] = ()

    def holds(self, node: Node) -> bool:
        """Whether a node of the form that was asked for is of this kind."""
        return self.belongs is None or self.belongs(node)

    def left(self, node: Node) -> bool:
        """Whether a node that is of this kind no more still is what a write was to take."""
        return self.remains is not None and self.remains(node)

    def asked(self, features: Collection[str]) -> tuple[str, ...]:
        """The connections that a shop with these features is asked for."""
        return tuple(name for name in self.connections if self.parts.get(name, "") in ("", *features))


_ORDER_PARTS = {"returns": "read_returns"}
_OF_CUSTOMERS = ("addressesV2", "paymentMethods", "storeCreditAccounts", "metafields")
_CUSTOMER_PARTS = {
    "companyContactProfiles": "read_companies", "paymentMethods": "read_customer_payment_methods",
    "storeCreditAccounts": "read_store_credit_accounts",
}  # fmt: skip
Readers = tuple[Callable[[Node], Record], Callable[[Node], Live]]


def sources(
    settings: Mapping[str, Any], *, keyer: Keyer, clock: Clock,
    owed: Callable[[], Container[str]] = frozenset, scopes: Callable[[], frozenset[str]] = frozenset,
) -> dict[Kind, Source]:  # fmt: skip
    """Every kind that a shop holds; `owed` are the numbers of customers who hold a gift card's balance."""
    table = places.attributes(settings) | places.metafields(settings, "customer")
    people = _People(table, places.harmless(settings), keyer, clock, owed, scopes)
    found = (_orders(settings, keyer, clock), people.customers(), people.contacts(), *_others(keyer, clock))
    return {source.kind: source for source in found}


def _orders(settings: Mapping[str, Any], keyer: Keyer, clock: Clock) -> Source:
    table = places.attributes(settings) | places.metafields(settings, "order")
    read, live = _order(table, keyer, clock, read_goods(settings))
    named = unlisted.named(read, table, harmless=places.harmless(settings), names=orders.names)
    return Source(
        Kind.ORDER, "orders", "orders", 250, *_again(named, live), partial(orders.identifiers, keyer=keyer),
        Order, FetchedOrder, slices=4, parts=_ORDER_PARTS,
        connections=("lineItems", "localizedFields", "returns", "metafields"),
    )  # fmt: skip


class _People(NamedTuple):
    """How the profiles of a shop are read: as customers, and those who never bought as mere contacts."""

    table: customers.Table
    harmless: frozenset[str]
    keyer: Keyer
    clock: Clock
    owed: Callable[[], Container[str]]
    scopes: Callable[[], frozenset[str]]

    def customers(self) -> Source:
        """The profiles that are a customer's."""
        return self._profiles(
            Kind.CUSTOMER, belongs=self._is_customer,
            remains=lambda node: customers.holds_data(node, self.table),
            emptied=lambda: emptied(self.scopes()),
        )  # fmt: skip

    def contacts(self) -> Source:
        """The profiles that are a newsletter contact's."""
        return self._profiles(
            Kind.SUBSCRIBER, remains=lambda _: True,
            belongs=lambda node: customers.is_subscriber(node, owed=self._is_owed(node)),
        )  # fmt: skip

    def _profiles(
        self, kind: Kind, *, belongs: Callable[[Node], bool], remains: Callable[[Node], bool],
        emptied: Callable[[], str] = str,
    ) -> Source:  # fmt: skip
        read = _person(kind, self.table, keyer=self.keyer, clock=self.clock, owed=self.owed)
        whole, live = _with_cards(read, self.scopes)
        named = unlisted.named(whole, self.table, harmless=self.harmless, names=customers.names)
        return Source(
            kind, "customers", "customers", 250, *_again(named, live),
            partial(customers.identifiers, keyer=self.keyer), Customer, Customer, belongs=belongs,
            remains=remains, emptied=emptied, days=True, parts=_CUSTOMER_PARTS, connections=_OF_CUSTOMERS,
        )  # fmt: skip

    def _is_owed(self, node: Node) -> bool:
        return number(node["id"]) in self.owed()

    def _is_customer(self, node: Node) -> bool:
        return customers.is_customer(node, self.table, self.clock().date(), owed=self._is_owed(node))


def _others(keyer: Keyer, clock: Clock) -> tuple[Source, ...]:
    """Drafts, abandoned checkouts and gift cards: no search finds what changed of them."""
    other = partial(others.identifiers, keyer=keyer)
    draft, cart = _other(Kind.DRAFT_ORDER, keyer), _other(Kind.CART, keyer)
    return (
        Source(Kind.DRAFT_ORDER, "draft_orders", "draftOrders", 250, *draft, other, Draft, Draft,
               belongs=others.is_open, changes=False, optional="read_draft_orders"),
        Source(Kind.CART, "carts", "abandonedCheckouts", 250, *cart, other, Cart, Cart, changes=False,
               optional="read_orders"),
        Source(Kind.COUPON, "gift_cards", "giftCards", 250, *_gift_card(keyer, clock),
               partial(gift_cards.identifiers, keyer=keyer), GiftCard, GiftCard, changes=False,
               optional="read_gift_cards"),
    )  # fmt: skip


def _order(table: Mapping[str, Field], keyer: Keyer, clock: Clock, goods: Goods) -> Readers:
    def record(node: Node) -> Record:
        return orders.to_record(node, table=table, keyer=keyer, clock=clock, goods=goods)

    def live(node: Node) -> Live:
        return Live(record=record(node), handles=orders.handles(node), raw=node, money=fingerprint(node))

    return record, live


def _person(
    kind: Kind, table: Mapping[str, Field], *, keyer: Keyer, clock: Clock, owed: Callable[[], Container[str]]
) -> Readers:
    def record(node: Node) -> Record:
        found = customers.to_record(node, kind=kind, table=table, keyer=keyer, today=clock().date())
        if kind is Kind.CUSTOMER and number(node["id"]) in owed():
            return replace(found, facts=customers.facts(node, owed=True))
        return found

    return record, lambda node: Live(record=record(node), handles=customers.handles(node), raw=node)


def _with_cards(readers: Readers, scopes: Callable[[], frozenset[str]]) -> Readers:
    """The same readers, which also tell of saved payment methods that the app cannot revoke."""
    read, live_of = readers

    def record(node: Node) -> Record:
        found, stuck = read(node), customers.cannot_revoke(node, scopes())
        return replace(found, residue=(*found.residue, *stuck)) if stuck else found

    return _again(record, live_of)


def _again(read: Callable[[Node], Record], live_of: Callable[[Node], Live]) -> Readers:
    """Readers whose record is another reader's; handles and money stay as they were read."""

    def live(node: Node) -> Live:
        before = live_of(node)
        return Live(record=read(node), handles=before.handles, raw=node, money=before.money)

    return read, live


def _other(kind: Kind, keyer: Keyer) -> Readers:
    def record(node: Node) -> Record:
        return others.to_record(node, kind=kind, keyer=keyer)

    return record, lambda node: Live(record=record(node), handles=others.handles(node), raw=node)


def _gift_card(keyer: Keyer, clock: Clock) -> Readers:
    def record(node: Node) -> Record:
        return gift_cards.to_record(node, keyer=keyer, today=clock().date())

    def live(node: Node) -> Live:
        found = gift_cards.money(node)
        return Live(record=record(node), handles=gift_cards.handles(node), raw=node, money=found)

    return record, live
