"""Twelve years of made-up orders: who bought what, how it was paid, and what staff wrote about it."""

import random
import uuid
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sandbox.data import catalogue, traces
from sandbox.data.people import Person, make_person
from sandbox.wire import Json
from sandbox.woocommerce.building import Bought, build_order
from sandbox.woocommerce.params import STOCKHOLM
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.totals import recalculate
from sandbox.woocommerce.values import stamp

_YEARS = 12
METHODS = {
    "bacs": "Banköverföring", "paysoncheckout": "Payson", "klarna_payments": "Klarna",
    "kco": "Klarna Checkout",
    "swish": "Swish",
}  # fmt: skip
_FRESH = {"processing": 78, "pending": 9, "on-hold": 6, "failed": 5, "cancelled": 2}
_SETTLED = {
    "completed": 790, "cancelled": 80, "refunded": 55, "failed": 30, "pending": 22, "on-hold": 13,
    "processing": 10,
}  # fmt: skip


def make_shop(seed: int, customers: int, orders: int, today: date) -> tuple[Shop, list[Person]]:
    """A whole shop; the same seed, sizes and day give the same shop, letter by letter."""
    chance = random.Random(seed)
    shop = Shop(today)
    guests = max(1, int(orders * 0.3)) if orders else 0
    people = [make_person(number, chance) for number in range(customers + guests)]
    accounts = [traces.with_account(person, number + 2) for number, person in enumerate(people[:customers])]
    people[:customers] = accounts
    _share_a_phone(people, customers)
    catalogue.fill(shop, people)
    buyers = _buyers(people, customers, orders, chance)
    moments = sorted(_moment(today, chance) for _ in range(orders))
    for place, (person, when) in enumerate(zip(buyers, moments, strict=True)):
        _add_order(shop, person, when, place, chance)
    traces.add_accounts(shop, people[:customers], chance)
    shop.reserve_ids()
    return shop, people


def _share_a_phone(people: list[Person], customers: int) -> None:
    """Two accounts at one telephone number, as in a household."""
    if customers > 20:
        people[20] = replace(people[20], phone=people[19].phone)


def _buyers(people: list[Person], customers: int, orders: int, chance: random.Random) -> list[Person]:
    """One buyer an order: four in ten without an account, some of them people who do have one."""
    accounts, guests = people[:customers], people[customers:]
    buying = accounts[: max(1, int(customers * 0.85))]
    chosen = []
    for _ in range(orders):
        draw = chance.random()
        if buying and draw < 0.6:
            chosen.append(chance.choice(buying))
        elif buying and draw < 0.64:
            chosen.append(traces.as_guest(chance.choice(buying)))
        else:
            chosen.append(chance.choice(guests or buying))
    return chosen


def _moment(today: date, chance: random.Random) -> datetime:
    days = int(_YEARS * 365 * chance.random() ** 1.25)
    clock = time(chance.randint(0, 23), chance.randint(0, 59), chance.randint(0, 59))
    return datetime.combine(today - timedelta(days=days + 1), clock, STOCKHOLM)


def _add_order(shop: Shop, person: Person, when: datetime, place: int, chance: random.Random) -> None:
    order_id = 5000 + place * 3
    age = (shop.today - when.date()).days
    mix = _FRESH if age < 8 else _SETTLED
    status = chance.choices(list(mix), list(mix.values()))[0]
    lines, freight = _basket(chance), chance.choice(("49.00", "49.00", "0.00"))
    bought = Bought(lines, person.address(), freight=freight)
    order = build_order(order_id, when, bought, taxes=catalogue.tax_table(when.date()), status=status)
    order["customer_id"] = person.customer_id
    _set_payment(order, status, chance)
    _set_dates(order, when, age, chance)
    traces.add(shop, order, person, chance)
    if place % 160 == 7:
        traces.make_till_order(order)
        shop.notes[order_id] = shop.notes[order_id][:2]
    elif place % 170 == 11:
        _make_free(order)
    shop.orders[order_id] = order
    if status == "refunded" or (status == "completed" and chance.random() < 0.02):
        traces.add_refund(shop, order, person, when, chance)
    if status == "cancelled" and place % 12 == 0:
        _trash(shop, order, when)


def _basket(chance: random.Random) -> list[tuple[str, str, int, str]]:
    chosen = chance.sample(catalogue.GOODS, chance.randint(1, 3))
    return [(name, price, chance.choice((1, 1, 2)), kind) for name, price, kind in chosen]


def _set_payment(order: Json, status: str, chance: random.Random) -> None:
    method = "bacs" if status == "on-hold" else chance.choice(sorted(METHODS))
    order["payment_method"], order["payment_method_title"] = method, METHODS[method]
    paid = status in ("completed", "processing", "refunded")
    if paid:
        order["transaction_id"] = str(uuid.UUID(int=chance.getrandbits(128)))
    if method != "swish" and chance.random() < 0.25:
        order["created_via"] = "store-api"


def _set_dates(order: Json, when: datetime, age: int, chance: random.Random) -> None:
    """Delivery a few days after the order; never later than today."""
    if order["status"] in ("completed", "refunded"):
        done = when + timedelta(days=min(chance.randint(1, 6), max(age - 1, 0)))
        stamp(order, "completed", done)
        stamp(order, "modified", done)


def _make_free(order: Json) -> None:
    """An order of nothing, as a replacement is sent out."""
    for line in [*order["line_items"], *order["shipping_lines"]]:
        line["total"] = "0.00"
    recalculate(order, catalogue.tax_table(date.fromisoformat(order["date_created"][:10])))


def _trash(shop: Shop, order: Json, when: datetime) -> None:
    marks = {
        "_wp_trash_meta_status": f"wc-{order['status']}",
        "_wp_trash_meta_time": f"{when.timestamp() + 86400:.0f}",
    }
    traces.add_meta(order, marks)
    order["status"] = "trash"
