"""Records by number, built when they are asked for and kept once somebody may have changed them."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Generic, TypeVar

T = TypeVar("T")


class Numbers:
    """The numbers of records: a range of those made up at the start, less some, and more."""

    def __init__(self, first: range) -> None:
        self._first = first
        self._gone: set[int] = set()
        self._more: dict[int, None] = {}

    def add(self, number: int) -> None:
        """Takes in a number."""
        self._gone.discard(number)
        if number not in self._first:
            self._more[number] = None

    def drop(self, number: int) -> None:
        """Takes out a number. Raises KeyError where it is not there."""
        if number not in self:
            raise KeyError(number)
        if number in self._first:
            self._gone.add(number)
        self._more.pop(number, None)

    def __contains__(self, number: object) -> bool:
        return number in self._more or (number in self._first and number not in self._gone)

    def __iter__(self) -> Iterator[int]:
        yield from (number for number in self._first if number not in self._gone)
        yield from list(self._more)

    def __len__(self) -> int:
        return len(self._first) - len(self._gone) + len(self._more)


class Rows(MutableMapping[int, T], Generic[T]):
    """Records of one kind, in the order of their numbers.

    `rows[number]` hands out the living record, which may be changed; `read` hands out one to look at.
    """

    def __init__(self, make: Callable[[int], T], numbers: range) -> None:
        self._make = make
        self._numbers = Numbers(numbers)
        self._kept: dict[int, T] = {}

    def __getitem__(self, number: int) -> T:
        row = self._kept.get(number)
        if row is None:
            row = self._kept[number] = self.read(number)
        return row

    def read(self, number: int) -> T:
        """The record to look at. Raises KeyError where there is none."""
        row = self._kept.get(number)
        if row is not None:
            return row
        if number not in self._numbers:
            raise KeyError(number)
        return self._make(number)

    def find(self, number: int | None) -> T | None:
        """The record to look at, or None."""
        return self.read(number) if number is not None and number in self._numbers else None

    def __setitem__(self, number: int, row: T) -> None:
        self._numbers.add(number)
        self._kept[number] = row

    def __delitem__(self, number: int) -> None:
        self._numbers.drop(number)
        self._kept.pop(number, None)

    def __contains__(self, number: object) -> bool:
        return number in self._numbers

    def __iter__(self) -> Iterator[int]:
        return iter(list(self._numbers))

    def __len__(self) -> int:
        return len(self._numbers)


class Linked(Mapping[int, list[int]]):
    """The orders linked to each customer; `linked[number]` is the living list, `read` one to look at."""

    def __init__(self, first: Mapping[int, list[int]]) -> None:
        self._first = first
        self._kept: dict[int, list[int]] = {}

    def __getitem__(self, customer: int) -> list[int]:
        if customer not in self._kept:
            self._kept[customer] = self._first[customer]
        return self._kept[customer]

    def read(self, customer: int) -> list[int]:
        """The orders to look at; none for a customer without any."""
        kept = self._kept.get(customer)
        return self._first.get(customer, []) if kept is None else kept

    def link(self, customer: int, order: int) -> None:
        """Adds an order to a customer's own."""
        self._kept[customer] = [*self.read(customer), order]

    def __iter__(self) -> Iterator[int]:
        yield from self._first
        yield from (customer for customer in list(self._kept) if customer not in self._first)

    def __len__(self) -> int:
        return sum(1 for _ in self)
