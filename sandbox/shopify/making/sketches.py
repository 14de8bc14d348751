"""The orders of a shop before any is built, packed: a million take some thirty megabytes."""

from array import array
from collections.abc import Iterator, Mapping
from typing import NamedTuple

FIRST_ORDER, FIRST_CUSTOMER = 5_000_001, 7_000_001
_STEP = 3  # between the numbers of two orders


def number_at(place: int) -> int:
    """The number of the order at a place in the order of creation."""
    return FIRST_ORDER + _STEP * place


class Sketch(NamedTuple):
    """One order before it is built; moments in seconds since 1970, 0 for none."""

    number: int
    place: int
    person: int
    linked: bool
    created: int
    state: str
    done: int
    refunded: int

    @property
    def customer(self) -> int:
        """The customer's number, or 0 for an order that belongs to nobody."""
        return FIRST_CUSTOMER + self.person if self.linked else 0

    @property
    def updated(self) -> int:
        """When it was last written."""
        return max(self.created, self.done, self.refunded)


class Sketches(Mapping[int, Sketch]):
    """Sketches by the numbers of their orders, in the order of creation."""

    def __init__(self) -> None:
        self._people, self._linked = array("I"), bytearray()
        self._created, self._done, self._refunded = array("I"), array("I"), array("I")
        self._states = bytearray()
        self._names: list[str] = []

    @property
    def numbers(self) -> range:
        """The numbers of all orders."""
        return range(FIRST_ORDER, number_at(len(self._people)), _STEP)

    def add(self, sketch: Sketch) -> None:
        """Appends the next order's."""
        if sketch.state not in self._names:
            self._names.append(sketch.state)
        self._people.append(sketch.person)
        self._linked.append(sketch.linked)
        self._created.append(sketch.created)
        self._states.append(self._names.index(sketch.state))
        self._done.append(sketch.done)
        self._refunded.append(sketch.refunded)

    def __getitem__(self, number: int) -> Sketch:
        if number not in self.numbers:
            raise KeyError(number)
        place = (number - FIRST_ORDER) // _STEP
        return Sketch(
            number, place, self._people[place], bool(self._linked[place]), self._created[place],
            self._names[self._states[place]], self._done[place], self._refunded[place],
        )  # fmt: skip

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self._people)


class Owned(Mapping[int, list[int]]):
    """The orders of each customer who has any, oldest first; every look makes a list of its own."""

    def __init__(self, customers: int) -> None:
        self._last = array("I", bytes(4 * customers))  # the newest order's place, from 1 on; 0 for none
        self._before = array("I")  # behind each order, the place of the same customer's last one before it

    def add(self, person: int | None) -> None:
        """Notes the next order: a customer's, or nobody's."""
        self._before.append(0 if person is None else self._last[person])
        if person is not None:
            self._last[person] = len(self._before)

    def __getitem__(self, customer: int) -> list[int]:
        if customer not in range(FIRST_CUSTOMER, FIRST_CUSTOMER + len(self._last)):
            raise KeyError(customer)
        found, place = list[int](), self._last[customer - FIRST_CUSTOMER]
        while place:
            found.append(number_at(place - 1))
            place = self._before[place - 1]
        if not found:
            raise KeyError(customer)
        return found[::-1]

    def __iter__(self) -> Iterator[int]:
        return (FIRST_CUSTOMER + place for place, newest in enumerate(self._last) if newest)

    def __len__(self) -> int:
        return sum(1 for newest in self._last if newest)
