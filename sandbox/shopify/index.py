"""What search knows of the records: a little of each, and later than the records themselves."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from sandbox.shopify.rows import Rows
from sandbox.shopify.values import epoch
from sandbox.wire import Json


class Entry(NamedTuple):
    """What search keeps of one record; moments in seconds since 1970."""

    number: int
    created: int
    updated: int


class Index:
    """The entries of one kind of record; a write shows after the lag."""

    def __init__(self, entry_of: Callable[[int], Entry | None], entries: Rows[Entry]) -> None:
        self.entries = entries
        self._entry_of = entry_of
        self._pending: deque[tuple[float, int]] = deque()
        self._sorted: dict[str, list[tuple[int, int]]] = {}

    def note(self, number: int, shows_at: float) -> None:
        """Remembers that a record was written, to be seen from a moment on."""
        self._pending.append((shows_at, number))

    def catch_up(self, now: float) -> None:
        """Takes in every write whose moment has come."""
        while self._pending and self._pending[0][0] <= now:
            number = self._pending.popleft()[1]
            if entry := self._entry_of(number):
                self.entries[number] = entry
            elif number in self.entries:
                del self.entries[number]
            self._sorted.clear()

    def sorted_by(self, column: str) -> list[tuple[int, int]]:
        """(value, number) of every record, ascending by a column of the entries."""
        found = self._sorted.get(column)
        if found is None:
            entries = map(self.entries.read, self.entries)
            found = self._sorted[column] = sorted_by(column, entries)
        return found


def sorted_by(column: str, entries: Iterable[Entry]) -> list[tuple[int, int]]:
    """(value, number) of every entry, ascending by a column."""
    place = Entry._fields.index(column)
    return sorted((entry[place], entry.number) for entry in entries)


def entry_of_row(number: int, row: Json) -> Entry:
    """The entry of a record as it is now."""
    return Entry(number, epoch(row["createdAt"]), epoch(row["updatedAt"]))
