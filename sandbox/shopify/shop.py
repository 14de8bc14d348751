"""What the stand-in Shopify holds, its clock, and what a write does on the side."""

import itertools
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.shopify.erasure import Erasure, erase_customer, erase_offer, erase_order
from sandbox.shopify.index import Entry, Index, entry_of_row
from sandbox.shopify.making import others
from sandbox.shopify.making.customers import make_customer
from sandbox.shopify.making.orders import bare_order, line_item, make_order
from sandbox.shopify.making.payments import settle
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
        self.plan, self.time_zone = "Grow", "Europe/Stockholm"
        self.search_lag = 1.0
        self._turned = 0.0
        self._started = time.monotonic()
        self._origin = datetime.combine(world.today, datetime.now(STOCKHOLM).time(), STOCKHOLM).timestamp()
        self.number = SHOP_ID
        orders, customers = world.sketches.numbers, world.customer_numbers
        self.orders = Rows(lambda number: make_order(world, number), orders)
        self.customers = Rows(lambda number: make_customer(world, number), customers)
        self.order_index = Index(_entry_in(self.orders), Rows(world.order_entry, orders))
        self.customer_index = Index(_entry_in(self.customers), Rows(world.customer_entry, customers))
        # Beside the world's own: untouched records are built from the world, so it never changes.
        self.orders_of = Linked(world.orders_of)
        self.draft_orders = others.make_draft_orders(world)
        self.abandoned_checkouts = others.make_abandoned_checkouts(world)
        self.gift_cards = others.make_gift_cards(world)
        self.company_contacts = others.make_company_contacts(world)
        self.webhooks = others.make_webhooks()
        self.erasures: dict[int, Erasure] = {}
        self.mails: list[Json] = []
        self._ids = itertools.count(900_000_001)

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
        """Erases a customer and what is linked, and cancels the contract."""
        customer = self.customers[number]
        erase_customer(customer, self.now())
        if customer["productSubscriberStatus"] == "ACTIVE":
            customer["productSubscriberStatus"] = "CANCELLED"
        self.touch_customer(number)
        for order in self.orders_of.read(number):
            erase_order(self.orders[order])
            self.touch_order(order)
        for row in (*self.draft_orders.values(), *self.abandoned_checkouts.values()):
            if row["customer_number"] == number:
                erase_offer(row)

    def settle(self) -> None:
        """Lets search see every write so far, without turning the clock."""
        for index in (self.order_index, self.customer_index):
            index.catch_up(float("inf"))

    def next_id(self) -> int:
        """A number that nothing has."""
        return next(self._ids)

    def shows_order(self, row: Json, all_orders: bool) -> bool:
        """Whether a caller sees an order: without read_all_orders only those of the last 60 days."""
        return bool(all_orders or row["createdAt"] >= iso(self.now() - ORDERS_SHOWN))

    def touch_order(self, number: int) -> None:
        """A write to an order: a new updatedAt, seen by search later."""
        self._touch(self.orders, self.order_index, number)

    def touch_customer(self, number: int) -> None:
        """A write to a customer: a new updatedAt, seen by search later."""
        self._touch(self.customers, self.customer_index, number)

    def _touch(self, rows: Rows[Json], index: Index, number: int) -> None:
        if number in rows:
            rows[number]["updatedAt"] = iso(self.now())
        index.note(number, self.now() + self.search_lag)

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
        recipients = (card["recipient"] for card in self.gift_cards.values() if card["recipient"])
        sent = (one["sendNotificationAt"] for one in recipients if one["customer_number"] == number)
        return _WAITING_GIFT if any(moment > iso(self.now()) for moment in sent) else ""

    def place_order(self, *, email: str, customer: int | None = None, **changes: Any) -> Json:
        """A new paid order, as a visitor places one while a run is going on; answers its living record."""
        with self.lock:
            number, cents = self.next_id(), 12500
            row = bare_order(number, 1001 + len(self.orders), int(self.now()))
            row["lineItems"] = [line_item(number * 10, "Skärbräda", cents)]
            row |= {"email": email, "customer_number": customer, "cents": cents}
            row |= dict.fromkeys(("totalPriceSet", "currentSubtotalPriceSet"), bag(cents))
            row |= dict.fromkeys(("totalShippingPriceSet", "totalDiscountsSet"), bag(0))
            row["currentTotalTaxSet"] = bag(cents // 5)
            settle(row, cents, 0)
            self.orders[number] = row | changes
            if customer:
                self.orders_of.link(customer, number)
                self.touch_customer(customer)
            self.order_index.note(number, self.now() + self.search_lag)
            return self.orders[number]

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

    def forget_customer(self, number: int) -> None:
        """Deletes a customer."""
        del self.customers[number]
        self.erasures.pop(number, None)
        self.touch_customer(number)


def _entry_in(rows: Rows[Json]) -> Callable[[int], Entry | None]:
    def entry(number: int) -> Entry | None:
        row = rows.find(number)
        return None if row is None else entry_of_row(number, row)

    return entry
