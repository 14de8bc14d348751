"""Services that earlier runs wrote to and that the settings no longer name: nothing is known of them."""

from collections.abc import Iterator, Sequence

from connector.ports import Access, Capabilities, Look, Page, Platform, Receipt, Task, Unread
from connector.records import Kind, Outcome, Ref

NOT_IN_SETTINGS = "not_in_settings"
"""Why a record is unread whose service was taken out of the shop's file."""


class Absent:
    """Stands where a platform was: every record of it is unread, and none is touched."""

    kinds: tuple[Kind, ...] = ()

    def __init__(self, name: str) -> None:
        self.name = name

    def check(self) -> Access:
        """It cannot be asked."""
        return Access(adapter=self.name, reachable=False, can_read=False)

    def capabilities(self, kind: Kind) -> Capabilities:
        """Nothing can be done there."""
        return Capabilities(kind=kind, fields={}, deletes=False)

    def pull(self, kind: Kind, *, since: str | None) -> Iterator[Page]:
        """No page: it shows nothing."""
        return iter(())

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """Every one is unread."""
        return (Unread(ref=ref, reason=NOT_IN_SETTINGS) for ref in refs)

    def read_back(self, refs: Sequence[Ref], *, notes: frozenset[Ref]) -> Iterator[Look]:
        """Every one is unread."""
        return self.fetch(refs)

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Nothing is written."""
        for task in tasks:
            yield Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=f"unread:{NOT_IN_SETTINGS}")


class Platforms(dict[str, Platform]):
    """The platforms that the settings name; any other that the ledger knows is absent."""

    def __missing__(self, name: str) -> Platform:
        return Absent(name)


class Abilities(dict[tuple[str, Kind], Capabilities]):
    """What each platform can do with each kind; nothing where the settings do not name it."""

    def __missing__(self, place: tuple[str, Kind]) -> Capabilities:
        return Absent(place[0]).capabilities(place[1])
