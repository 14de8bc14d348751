"""Records by number, built when they are asked for and kept once somebody may have changed them."""

from collections.abc import Callable, Iterator, MutableMapping

from sandbox.wire import Json


class Rows(MutableMapping[int, Json]):
    """Records of one kind, in the order of their numbers.

    `rows[number]` hands out the living record, which may be changed; `read` hands out one to look at.
    """

    def __init__(
        self, make: Callable[[int], Json] | None = None, numbers: "range | list[int]" = range(0)
    ) -> None:
        self._make = make
        self._numbers: dict[int, None] = dict.fromkeys(numbers)
        self._kept: dict[int, Json] = {}

    def __getitem__(self, number: int) -> Json:
        row = self._kept.get(number)
        if row is None:
            row = self._kept[number] = self.read(number)
        return row

    def read(self, number: int) -> Json:
        """The record to look at. Raises KeyError where there is none."""
        row = self._kept.get(number)
        if row is not None:
            return row
        if number not in self._numbers or self._make is None:
            raise KeyError(number)
        return self._make(number)

    def find(self, number: int | None) -> Json | None:
        """The record to look at, or None."""
        return self.read(number) if number in self._numbers else None

    def __setitem__(self, number: int, row: Json) -> None:
        self._numbers[number] = None
        self._kept[number] = row

    def __delitem__(self, number: int) -> None:
        del self._numbers[number]
        self._kept.pop(number, None)

    def __contains__(self, number: object) -> bool:
        return number in self._numbers

    def __iter__(self) -> Iterator[int]:
        return iter(list(self._numbers))

    def __len__(self) -> int:
        return len(self._numbers)
