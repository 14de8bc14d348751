"""How long each stage of a run took, and how many requests it sent: an event, however the run ends."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from connector.errors import GallraError
from connector.ledger.events import MEASURED
from connector.ports.traffic import Traffic, counting
from connector.shop import Shop


class Seconds:
    """The seconds that each stage took; one that ran twice is counted twice."""

    def __init__(self) -> None:
        self._took: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Takes the time of what runs inside, also where it fails."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._took[stage] += time.monotonic() - began

    @property
    def by_stage(self) -> dict[str, float]:
        """To the thousandth."""
        return {stage: round(seconds, 3) for stage, seconds in self._took.items()}


@contextmanager
def measured(shop: Shop) -> Iterator[Seconds]:
    """Measures a run; what it came to is written down however it ends, where a ledger is open."""
    seconds = Seconds()
    with counting() as traffic:
        try:
            yield seconds
        finally:
            if "ledger" in vars(shop):
                _note(shop, seconds, traffic)


def _note(shop: Shop, seconds: Seconds, traffic: Traffic) -> None:
    """A ledger that cannot be written is told of by what could not write in it first."""
    try:
        with shop.ledger.begin() as connection:
            shop.ledger.event(
                connection, MEASURED, seconds=seconds.by_stage, requests=traffic.requests,
                retries=traffic.retries,
            )  # fmt: skip
    except GallraError:
        return
