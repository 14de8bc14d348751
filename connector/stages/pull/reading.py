"""Where a pull reads: the platforms, under which key, and what persons vouch for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connector.ports import Platform
from connector.records import Kind
from connector.services.beside import Beside
from connector.stages.pull.intake import Source


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The platforms that are read, and under which subject key, by its fingerprint.

    One of `beside` that does not answer is incomplete, and stops no other. `declared` says how many records
    of a kind a person vouches for that no list shows: a gap of that size is looked at once.
    """

    platforms: Mapping[str, Platform]
    key: str
    beside: Beside = field(default_factory=Beside)
    declared: Mapping[Kind, int] = field(default_factory=dict)

    def sources(self, kinds: Sequence[Kind]) -> Iterator[Source]:
        """Each of these kinds at each platform that holds it."""
        return (Source(one, kind) for one in self.platforms.values() for kind in one.kinds if kind in kinds)
