"""Who bought what and when: enough to number, sort and search the records before any is built."""

import random
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.data.people import Person, make_person
from sandbox.shopify.index import Entry
from sandbox.shopify.making.sketches import FIRST_CUSTOMER, Owned, Sketch, Sketches, number_at

STOCKHOLM = ZoneInfo("Europe/Stockholm")
_YEARS = 12
_FRESH = {"unfulfilled": 78, "pending": 14, "cancelled": 8}
_SETTLED = {
    "fulfilled": 830, "refunded": 50, "partially_refunded": 35, "cancelled": 45, "pending": 20,
    "unfulfilled": 20,
}  # fmt: skip


class World:
    """The people and the sketches of one shop; the same seed, sizes and day give the same world."""

    def __init__(self, seed: int, customers: int, orders: int, today: date) -> None:
        self.seed = seed
        self.today = today
        self.customers = customers
        chance = random.Random(seed)
        strangers = max(1, orders // 25)
        self.people: list[Person] = [make_person(n, chance) for n in range(customers + strangers)]
        self.buyers = [n for n in range(customers) if not newsletter_only(n) and not quiet(n)]
        self.sketches = Sketches()
        self.orders_of = Owned(customers)
        start = datetime.combine(today, time(), STOCKHOLM)
        moments = sorted(_moment(start, chance) for _ in range(orders))
        for place, moment in enumerate(moments):
            self._add(place, moment, int(start.timestamp()), chance)

    def _add(self, place: int, created: int, today: int, chance: random.Random) -> None:
        stranger = not self.buyers or chance.random() < 0.04
        among = range(self.customers, len(self.people)) if stranger else self.buyers
        age = (today - created) / 86400
        mix = _FRESH if age < 8 else _SETTLED
        state = chance.choices(list(mix), list(mix.values()))[0]
        done = refunded = 0
        if state in ("fulfilled", "refunded", "partially_refunded"):
            done = min(created + chance.randint(86400, 6 * 86400), today - 7200)
        if state in ("refunded", "partially_refunded"):
            days = chance.randint(400, 900) if chance.random() < 0.12 else chance.randint(5, 30)
            refunded = min(done + days * 86400, today - 3600)
        person = among[int(chance.random() * len(among))]
        number = number_at(place)
        self.sketches.add(Sketch(number, place, person, not stranger, created, state, done, refunded))
        self.orders_of.add(None if stranger or at_the_till(place) else person)

    @property
    def customer_numbers(self) -> range:
        """The numbers of all customers."""
        return range(FIRST_CUSTOMER, FIRST_CUSTOMER + self.customers)

    def order_entry(self, number: int) -> Entry:
        """What search knows of an order that nobody has touched."""
        sketch = self.sketches[number]
        return Entry(number, sketch.created, sketch.updated)

    def subscribes(self, person: int) -> bool:
        """Whether a customer has a running contract: something bought on a selling plan within two years."""
        limit = datetime.combine(self.today - timedelta(days=730), time(), STOCKHOLM).timestamp()
        owned = map(self.sketches.__getitem__, self.orders_of.get(FIRST_CUSTOMER + person, []))
        return any(on_a_selling_plan(sketch.place) and sketch.created > limit for sketch in owned)

    def joined(self, person: int) -> int:
        """When a customer's record began: with the first order, or on a day of its own."""
        orders = self.orders_of.get(FIRST_CUSTOMER + person)
        if orders:
            return self.sketches[orders[0]].created
        start = datetime.combine(self.today, time(10), STOCKHOLM)
        return int((start - timedelta(days=30 + person * 37 % 3900)).timestamp())

    def customer_entry(self, number: int) -> Entry:
        """What search knows of a customer whom nobody has touched."""
        person = number - FIRST_CUSTOMER
        return Entry(number, self.joined(person), self.customer_updated(person))

    def customer_updated(self, person: int) -> int:
        """When a customer's record was last written: with the last order."""
        orders = self.orders_of.get(FIRST_CUSTOMER + person)
        return self.sketches[orders[-1]].created if orders else self.joined(person)


def newsletter_only(person: int) -> bool:
    """One customer in ten signed up for the newsletter and never bought."""
    return person % 10 == 9


def quiet(person: int) -> bool:
    """One in fifty has an account and nothing else."""
    return person % 50 == 48


def at_the_till(place: int) -> bool:
    """Some orders are rung up in the store and name nobody."""
    return place % 160 == 7


def on_a_selling_plan(place: int) -> bool:
    """Some orders are of something that comes every month."""
    return place % 120 == 17


def in_a_company(person: int) -> bool:
    """One buyer in forty orders for a company."""
    return person % 40 == 3


def _moment(start: datetime, chance: random.Random) -> int:
    days = int(_YEARS * 365 * chance.random() ** 1.25)
    moment = start - timedelta(days=days + 1) + timedelta(seconds=chance.randint(6 * 3600, 23 * 3600))
    return int(moment.timestamp())
