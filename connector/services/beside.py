"""Platforms beside the shop's own (a mailing service that is a recipient too): a run can do without them.

Only the shop's own platform stops a run. One beside it that does not answer is asked nothing more in this
run: what stands there is unread, and everything else goes on.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from connector.basis import NOT_ANSWERED
from connector.errors import MoneyMoved, RemoteError
from connector.ports import Access, Look, Platform, Unread, looked
from connector.records import Ref


class Beside:
    """The platforms that a run can do without, and why those of them that failed are asked nothing more."""

    def __init__(self, names: Collection[str] = ()) -> None:
        self.names = frozenset(names)
        self.faults: dict[str, str] = {}

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """A fault of a platform beside the shop's own ends its part only; the own one's is raised."""
        try:
            yield
        except MoneyMoved:
            raise
        except RemoteError as fault:
            if name not in self.names:
                raise
            self.faults.setdefault(name, str(fault))

    def leave(self, accesses: Mapping[str, Access]) -> None:
        """Asks nothing more of those that a check found silent or closed to its key."""
        for name in self.names & accesses.keys():
            access = accesses[name]
            if not access.reachable or not access.can_read or access.can_write is False:
                told = next((p.en for p in access.problems if p.severity == "error"), "")
                self.faults.setdefault(name, told or f"{name} does not answer. See `gallra check`.")

    def fetch(self, platform: Platform, refs: Sequence[Ref]) -> dict[Ref, Look]:
        """One look at each of these, as the platform's `fetch`; all unread where it does not answer."""
        looks: dict[Ref, Look] = {ref: Unread(ref=ref, reason=NOT_ANSWERED) for ref in refs}
        if platform.name not in self.faults:
            with self.without(platform.name):
                looks = looked(platform.fetch(refs), refs)
        return looks

    def read_back(
        self, platform: Platform, refs: Sequence[Ref], *, notes: frozenset[Ref] = frozenset()
    ) -> dict[Ref, Look]:
        """Like `fetch`, as the platform's `read_back`."""
        looks: dict[Ref, Look] = {ref: Unread(ref=ref, reason=NOT_ANSWERED) for ref in refs}
        if platform.name not in self.faults:
            with self.without(platform.name):
                looks = looked(platform.read_back(refs, notes=notes), refs)
        return looks

    def told(self) -> tuple[str, ...]:
        """What a person reads of each that was left aside."""
        return tuple(
            f"{name} was left aside, and what stands there is not touched: {why}"
            for name, why in sorted(self.faults.items())
        )
