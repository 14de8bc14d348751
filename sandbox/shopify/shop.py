"""What the stand-in Shopify holds, its clock, and what a write does on the side."""

import itertools
import threading
import time
from datetime import datetime
from typing import Any

from sandbox.shopify.erasure import Erasure, erase_customer, erase_offer, erase_order
from sandbox.shopify.index import Entry, Index, entry_of_row
from sandbox.shopify.making import others
from sandbox.shopify.making.customers import make_customer
from sandbox.shopify.making.orders import bare_order, line_item, make_order
from sandbox.shopify.making.payments import settle
from sandbox.shopify.making.sketches import FIRST_CUSTOMER
from sandbox.shopify.making.world import STOCKHOLM, World
from sandbox.shopify.rows import Linked, Rows
from sandbox.shopify.values import bag, epoch, iso
from sandbox.wire import Json

DAY = 86400
SHOP_ID = 548380009
ORDERS_SHOWN = 60 * DAY  # without read_all_orders
CHECKOUTS_KEPT = 90 * DAY  # Shopify drops abandoned checkouts by itself
_WAITING_GIFT = "Customer can't be deleted because they are the recipient of an unsent scheduled gift card"


class Shop:
    """The state of the shop; `orders` and `customers` are built when they are asked for."""

    def __init__(self, world: World) -> None:
        self.lock = threading.RLock()
        self.world = world
        self.name, self.domain = "Sandbutiken", "sandbutiken.myshopify.com"
        self.number = SHOP_ID
        self.plan, self.time_zone, self.currency = "Grow", "Europe/Stockholm", "SEK"
        self.search_lag = 1.0
        self.refuses_empty_order_email = False
        self._turned = 0.0
        self._started = time.monotonic()
        self._origin = datetime.combine(world.today, datetime.now(STOCKHOLM).time(), STOCKHOLM).timestamp()
        self.orders = Rows(lambda number: make_order(world, number), world.sketches.numbers)
        first = FIRST_CUSTOMER
        self.customers = Rows(
            lambda number: make_customer(world, number), range(first, first + world.customers)
        )
        # Beside the world's own: untouched records are built from the world, so it never changes.
        self.orders_of = Linked(world.orders_of)
        self.draft_orders = others.make_draft_orders(world)
        self.abandoned_checkouts = others.make_abandoned_checkouts(world)
        self.gift_cards = others.make_gift_cards(world)
        self.companies, self.company_contacts, self.company_locations = others.make_companies(world)
        self.webhooks = others.make_webhooks()
        self.jobs: dict[str, bool] = {}
        self.erasures: dict[int, Erasure] = {}
        self.cancelled_contracts: list[int] = []
        self.mails: list[Json] = []
        self.deliveries: list[Json] = []
        self._ids = itertools.count(900_000_001)
        self._make_indexes()

    def _make_indexes(self) -> None:
        world, first = self.world, FIRST_CUSTOMER
        orders = Rows(world.order_entry, world.sketches.numbers)
        people = Rows(world.customer_entry, range(first, first + world.customers))
        self.order_index = Index(self._order_entry, orders)
        self.customer_index = Index(self._customer_entry, people)

    def _order_entry(self, number: int) -> Entry | None:
        row = self.orders.find(number)
        if row is None:
            return None
        return entry_of_row(number, row, row["customer_number"] or 0, row["email"] or "")

    def _customer_entry(self, number: int) -> Entry | None:
        row = self.customers.find(number)
        if row is None:
            return None
        return entry_of_row(number, row, number, (row["defaultEmail"] or {}).get("emailAddress", ""))

    def now(self) -> float:
        """The shop's clock in seconds since 1970: `today` at this time of day, running, as far as turned."""
        return self._origin + time.monotonic() - self._started + self._turned

    def turn(self, *, days: float = 0, seconds: float = 0) -> None:
        """Turns the clock on; search catches up, erasures that fall due are carried out."""
        with self.lock:
            self._turned += days * DAY + seconds
            self._erase_who_is_due()
            limit = iso(self.now() - CHECKOUTS_KEPT)
            for number in [n for n, row in self.abandoned_checkouts.items() if row["createdAt"] < limit]:
                del self.abandoned_checkouts[number]

    def _erase_who_is_due(self) -> None:
        for erasure in list(self.erasures.values()):
            orders = map(self.orders.read, self.orders_of.read(erasure.customer))
            last = max((epoch(order["createdAt"]) for order in orders), default=0)
            if erasure.due(last) <= self.now():
                del self.erasures[erasure.customer]
                self._erase(erasure.customer)

    def _erase(self, number: int) -> None:
        """Erases a customer and what is linked, announces customers/redact, cancels the contract."""
        customer, orders = self.customers[number], list(self.orders_of.read(number))
        self.announce_redaction(number, orders)
        erase_customer(customer, self.now())
        if customer["productSubscriberStatus"] == "ACTIVE":
            customer["productSubscriberStatus"] = "CANCELLED"
            self.cancelled_contracts.append(number)
        self.touch_customer(number)
        for order in orders:
            erase_order(self.orders[order])
            self.touch_order(order)
        for row in (*self.draft_orders.values(), *self.abandoned_checkouts.values()):
            if row["customer_number"] == number:
                erase_offer(row)

    def settle(self) -> None:
        """Lets search see every write so far, without turning the clock."""
        for index in (self.order_index, self.customer_index):
            index.catch_up(float("inf"))

    def customers_with(self, email: str) -> list[int]:
        """The customers whom search knows under an address."""
        self.customer_index.catch_up(self.now())
        entries = self.customer_index.entries
        return [number for number in entries if entries.read(number).email == email.lower()]

    def next_id(self) -> int:
        """A number that nothing has."""
        return next(self._ids)

    def shows_order(self, row: Json, all_orders: bool) -> bool:
        """Whether a caller sees an order: without read_all_orders only those of the last 60 days."""
        return all_orders or row["createdAt"] >= iso(self.now() - ORDERS_SHOWN)

    def touch_order(self, number: int) -> None:
        """A write to an order: a new updatedAt, seen by search later."""
        if number in self.orders:
            self.orders[number]["updatedAt"] = iso(self.now())
            self._announce("ORDERS_UPDATED", self.orders[number]["id"])
        self.order_index.note(number, self.now() + self.search_lag)

    def touch_customer(self, number: int) -> None:
        """A write to a customer: a new updatedAt, seen by search later."""
        if number in self.customers:
            self.customers[number]["updatedAt"] = iso(self.now())
            self._announce("CUSTOMERS_UPDATE", self.customers[number]["id"])
        self.customer_index.note(number, self.now() + self.search_lag)

    def _announce(self, topic: str, record: str) -> None:
        """Keeps an event for every subscription that listens on it."""
        for number, hook in self.webhooks.items():
            if hook["topic"] == topic:
                self.deliveries.append({"topic": topic, "webhook": number, "id": record})

    def unlink_order(self, number: int) -> None:
        """Takes an order from its customer."""
        row = self.orders[number]
        if row["customer_number"]:
            self.orders_of[row["customer_number"]].remove(number)
            self.touch_customer(row["customer_number"])
        row["customer_number"] = None

    def can_delete(self, number: int) -> str:
        """Why a customer cannot be deleted, or nothing."""
        if self.orders_of.read(number):
            return "Customer can’t be deleted because they have associated orders"
        waiting = iso(self.now())
        for card in self.gift_cards.values():
            recipient = card["recipient"]
            if (
                recipient
                and recipient["customer_number"] == number
                and recipient["sendNotificationAt"] > waiting
            ):
                return _WAITING_GIFT
        return ""

    def compliance_payload(self, topic: str, number: int = 0, orders: list[int] | None = None) -> Json:
        """What Shopify sends for customers/redact, customers/data_request or shop/redact."""
        payload: Json = {"shop_id": self.number, "shop_domain": self.domain}
        if topic == "shop/redact":
            return payload
        customer = self.customers.read(number)
        email, phone = customer["defaultEmail"], customer["defaultPhone"]
        payload["customer"] = {
            "id": number, "email": email and email["emailAddress"], "phone": phone and phone["phoneNumber"],
        }  # fmt: skip
        linked = list(self.orders_of.read(number)) if orders is None else orders
        if topic == "customers/data_request":
            return {**payload, "orders_requested": linked, "data_request": {"id": self.next_id()}}
        return {**payload, "orders_to_redact": linked}

    def announce_redaction(self, number: int, orders: list[int]) -> None:
        """Keeps customers/redact as Shopify would send it."""
        payload = self.compliance_payload("customers/redact", number, orders)
        self.deliveries.append({"topic": "customers/redact", "payload": payload})

    def place_order(
        self, *, email: str, customer: int | None = None, when: float | None = None, cents: int = 12500,
        **changes: Any,
    ) -> Json:  # fmt: skip
        """A new paid order, as a visitor places one while a run is going on; answers its living record."""
        with self.lock:
            number = self.next_id()
            row = bare_order(number, 1001 + len(self.orders), int(when if when is not None else self.now()))
            row["lineItems"] = [line_item(number * 10, "Skärbräda", cents, 1)]
            row |= {"email": email, "customer_number": customer, "cents": cents}
            row |= dict.fromkeys(("totalPriceSet", "currentSubtotalPriceSet"), bag(cents))
            row |= dict.fromkeys(("totalShippingPriceSet", "totalDiscountsSet"), bag(0))
            row["currentTotalTaxSet"] = bag(cents // 5)
            settle(row, cents, 0)
            self.orders[number] = row | changes
            row = self.orders[number]
            if customer:
                self.orders_of.link(customer, number)
                self.touch_customer(customer)
            self.order_index.note(number, self.now() + self.search_lag)
            return row

    def edit_order(self, number: int, **changes: Any) -> Json:
        """Changes an order as staff would in the admin."""
        with self.lock:
            self.orders[number] |= changes
            self.touch_order(number)
            return self.orders[number]

    def edit_customer(self, number: int, **changes: Any) -> Json:
        """Changes a customer as staff would in the admin."""
        with self.lock:
            self.customers[number] |= changes
            self.touch_customer(number)
            return self.customers[number]

    def request_erasure(self, customer: int, *, app: str = "admin") -> None:
        """Asks for an erasure as staff would in the admin, or another app."""
        with self.lock:
            self.erasures[customer] = Erasure(customer, app, self.now())

    def forget_customer(self, number: int) -> None:
        """Deletes a customer."""
        del self.customers[number]
        self.erasures.pop(number, None)
        self.touch_customer(number)

    def merge_customers(self, kept: int, gone: int) -> None:
        """Joins two customers as staff would: what is announced is the same as for an erasure."""
        with self.lock:
            for number in list(self.orders_of.read(gone)):
                self.unlink_order(number)
                self.orders[number]["customer_number"] = kept
                self.orders_of.link(kept, number)
                self.touch_order(number)
            self.announce_redaction(gone, [])
            self.forget_customer(gone)
            self.touch_customer(kept)
