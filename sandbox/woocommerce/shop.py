"""What the stand-in WooCommerce shop holds, and what a write to it does on the side."""

import itertools
import threading
import time
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, Unpack

from sandbox.wire import Json
from sandbox.woocommerce.building import Bought, Line, build_order
from sandbox.woocommerce.params import STOCKHOLM
from sandbox.woocommerce.values import copy, gmt_text, stamp

STATUS_NAMES = {
    "pending": "Pending payment", "processing": "Processing", "on-hold": "On hold", "completed": "Completed",
    "cancelled": "Cancelled", "refunded": "Refunded", "failed": "Failed",
    "auto-draft": "Draft", "checkout-draft": "Draft",
}  # fmt: skip
MAILED = {
    "completed": "customer_completed_order",
    "processing": "customer_processing_order",
    "on-hold": "customer_on_hold_order",
    "refunded": "customer_refunded_order",
}


class Placed(TypedDict, total=False):
    """How an order is placed that is not a plain one: its state, its net price, who pays."""

    status: str
    net: str
    billing: Json


class Shop:
    """The state of the shop: plain dicts in the shape the API answers them, without `_links`.

    `notes` keeps the notes of orders that no longer exist, as wp_comments does.
    """

    def __init__(self, today: date) -> None:
        self.lock = threading.RLock()
        self.today = today
        self._started = time.monotonic()
        self._origin = datetime.combine(today, datetime.now(STOCKHOLM).time(), STOCKHOLM)
        self.orders: dict[int, Json] = {}
        self.customers: dict[int, Json] = {}
        self.notes: dict[int, list[Json]] = {}
        self.refunds: dict[int, Json] = {}
        self.reviews: dict[int, Json] = {}
        self.coupons: dict[int, Json] = {}
        self.webhooks: dict[int, Json] = {}
        self.products: dict[int, Json] = {}
        self.downloads: dict[int, list[Json]] = {}
        self.taxes: list[Json] = []
        self.stock: dict[int, int] = {}
        self.mails: list[Json] = []
        self.deliveries: list[Json] = []
        self.options: dict[str, Any] = {}
        self.plugins: list[Json] = [
            {"plugin": "woocommerce/woocommerce.php", "name": "WooCommerce", "version": "10.5.0"}
        ]
        # The statuses of orders that WooCommerce or a plugin registers; others are listed nowhere.
        self.statuses: list[str] = [status for status in STATUS_NAMES if status != "auto-draft"]
        self.any_lists_drafts = True  # until WooCommerce 10.8
        self.home = "https://sandbutiken.example"
        self.hpos = True
        self.hpos_sync = False
        self.frozen_posts = 0  # orders that a move to HPOS left in wp_posts
        self.php_log_lines = 0
        self._ids = itertools.count(1)

    def now(self) -> datetime:
        """The shop's clock: `today` at the time of day it is, running, as far as turned."""
        return self._origin + timedelta(seconds=time.monotonic() - self._started)

    def turn(self, **forward: float) -> None:
        """Turns the shop's clock forward, or back."""
        self._origin += timedelta(**forward)

    def reserve_ids(self) -> None:
        """Makes new ids start above every id in use."""
        used = [
            1000,
            *self.orders,
            *self.customers,
            *self.refunds,
            *self.reviews,
            *self.coupons,
            *self.webhooks,
        ]
        used += [note["id"] for notes in self.notes.values() for note in notes]
        used += [row["id"] for order in self.orders.values() for row in order["meta_data"]]
        self._ids = itertools.count(max(used) + 1)

    def next_id(self) -> int:
        """An id that nothing has."""
        return next(self._ids)

    def customer_named(self, email: str) -> Json | None:
        """The account with an e-mail address, whatever its letter case."""
        wanted = email.lower()
        return next((row for row in self.customers.values() if row["email"].lower() == wanted), None)

    def add_note(
        self, order_id: int, text: str, *, to_customer: bool = False, author: str = "WooCommerce"
    ) -> Json:
        """Adds an order note; like the real server it writes UTC in both of its dates."""
        now = gmt_text(self.now())
        note = {
            "id": self.next_id(), "author": author, "date_created": now, "date_created_gmt": now,
            "note": text, "customer_note": to_customer,
        }  # fmt: skip
        self.notes.setdefault(order_id, []).append(note)
        return note

    def touch(self, record: Json) -> None:
        """Moves date_modified to now."""
        stamp(record, "modified", self.now())

    def change_status(self, order: Json, status: str) -> None:
        """Moves an order to another status: a note, a date, and a mail to the customer where one is due."""
        before = order["status"]
        if status == before:
            return
        order["status"] = status
        order["is_editable"] = status in ("pending", "on-hold")
        order["needs_payment"] = status in ("pending", "failed")
        if status == "completed":
            stamp(order, "completed", self.now())
        if status in ("processing", "completed") and not order["date_paid"]:
            stamp(order, "paid", self.now())
        self.add_note(
            order["id"], f"Order status changed from {STATUS_NAMES[before]} to {STATUS_NAMES[status]}."
        )
        if status in MAILED and order["billing"]["email"]:
            self.mails.append(
                {"order_id": order["id"], "mail": MAILED[status], "to": order["billing"]["email"]}
            )

    def announce(self, topic: str, payload: Json) -> None:
        """Delivers an event to every active webhook that listens on it."""
        for hook in self.webhooks.values():
            if hook["topic"] == topic and hook["status"] == "active":
                self.deliveries.append({"webhook": hook["id"], "topic": topic, "payload": copy(payload)})

    def save_order(self, order: Json) -> None:
        """What every save of an order does: the e-mail refill, the new date_modified, the webhook.

        An empty billing e-mail is filled in again from the account for as long as customer_id is set.
        """
        account = self.customers.get(order["customer_id"])
        if account and not order["billing"]["email"]:
            order["billing"]["email"] = account["email"]
        self.touch(order)
        self.announce("order.updated", order)

    def forget_order(self, order_id: int) -> None:
        """Deletes an order and its refunds for good; under HPOS without sync its notes stay behind."""
        del self.orders[order_id]
        if not self.hpos or self.hpos_sync:
            self.notes.pop(order_id, None)
        for refund_id in [row["id"] for row in self.refunds.values() if row["parent_id"] == order_id]:
            del self.refunds[refund_id]

    def forget_customer(self, customer_id: int) -> None:
        """Deletes an account; its orders keep everything but the link to it."""
        del self.customers[customer_id]
        for order in self.orders.values():
            if order["customer_id"] == customer_id:
                order["customer_id"] = 0

    def orphaned_notes(self) -> int:
        """How many notes no request can reach any more."""
        return sum(len(notes) for order_id, notes in self.notes.items() if order_id not in self.orders)

    def place_order(
        self, *, email: str, customer_id: int = 0, when: datetime | None = None, meta: Json | None = None,
        **how: Unpack[Placed],
    ) -> Json:  # fmt: skip
        """A new order, as a visitor places one while a run is going on; answers its live dict."""
        lines: list[Line] = [("Skärbräda", how.get("net", "100.00"), 1, "")]
        bought = Bought(lines, {**how.get("billing", {}), "email": email})
        with self.lock:
            order = build_order(
                self.next_id(), when or self.now(), bought, taxes=self.taxes,
                status=how.get("status", "processing"),
            )  # fmt: skip
            order["customer_id"] = customer_id
            order["meta_data"] = [
                {"id": self.next_id(), "key": key, "value": value} for key, value in (meta or {}).items()
            ]
            self.orders[order["id"]] = order
            self.announce("order.created", order)
            return order

    def edit_order(self, order_id: int, **changes: Any) -> Json:
        """Changes an order as staff would in the admin: nested dicts are merged, and it is saved."""
        with self.lock:
            order = self.orders[order_id]
            status = changes.pop("status", None)
            for name, value in changes.items():
                if isinstance(value, dict):
                    order[name].update(value)
                else:
                    order[name] = value
            if status:
                self.change_status(order, status)
            self.save_order(order)
            return order
