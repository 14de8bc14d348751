"""The cost budget of one shop: asked before each request, so that none is throttled.

Shopify takes points for each request and gives them back per second; `throttleStatus` of every
answer says how many are left (shopify.dev/docs/api/usage/rate-limits).
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from adapters.patience import PATIENCE, come_back
from adapters.shopify.faults import ADAPTER
from connector.errors import RetryLater
from connector.ports.waiting import tell

_FIRST_GUESS = 100.0  # points of an operation not seen yet
_DEAR = {"orders": 700.0, "customers": 400.0}  # as pages of 250
_UNKNOWN_RATE = 50.0


def first_guess(name: str) -> float:
    """The points of an operation that no answer has priced yet, rather too many than too few."""
    return _DEAR.get(name, _FIRST_GUESS)


class Budget:
    """What is left of the budget, as far as the answers have told."""

    def __init__(
        self, *, sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic, patience: float = PATIENCE,
    ) -> None:  # fmt: skip
        self._patience = patience
        self._sleep = sleep
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._costs: dict[str, float] = {}
        self._available = self._maximum = 0.0
        self._rate = 0.0
        self._at = 0.0
        self.waited = 0.0  # seconds, in all
        self.throttled = 0  # answers that came too early after all

    def reserve(self, name: str, cost: float | None = None) -> float:
        """Waits until an operation fits, and takes its points; returns them.

        Raises RetryLater where that takes longer than the run's patience.
        """
        with self._lock:
            points = cost if cost is not None else self._costs.get(name, first_guess(name))
            wait = self._seconds_until(points)
            self._available -= points
        self._wait(name, wait)
        return points

    def learn(self, name: str, cost: Mapping[str, Any] | None, *, reserved: float = 0.0) -> None:
        """Takes over what an answer says of the cost of its operation and of what is left."""
        if not cost:
            return
        status = cost.get("throttleStatus") or {}
        with self._lock:
            if isinstance(cost.get("requestedQueryCost"), int | float):
                self._costs[name] = float(cost["requestedQueryCost"])
            if "currentlyAvailable" in status:
                self._maximum = float(status.get("maximumAvailable") or 0)
                self._available = float(status["currentlyAvailable"])
                self._rate = float(status.get("restoreRate") or _UNKNOWN_RATE)
                self._at = self._monotonic()

    def wait_out(self, name: str) -> None:
        """Waits after a THROTTLED until the operation fits by the budget that came with it."""
        with self._lock:
            self.throttled += 1
            wait = max(1.0, self._seconds_until(self._costs.get(name, first_guess(name))))
        self._wait(name, wait)

    def _seconds_until(self, points: float) -> float:
        if not self._rate:
            return 0.0  # no answer yet: nothing is known to be short
        now = self._monotonic()
        self._available = min(self._maximum, self._available + (now - self._at) * self._rate)
        self._at = now
        wanted = min(points, self._maximum)
        return max(0.0, (wanted - self._available) / self._rate)

    def _wait(self, name: str, seconds: float) -> None:
        if seconds > self._patience:
            operation = name.replace("_", " ")
            raise RetryLater(
                f"{ADAPTER}: {operation} has to wait until {come_back(seconds)} for the shop's budget of "
                "requests. Run again then; what is done stays done.",
                adapter=ADAPTER, operation=operation, code="THROTTLED", after=seconds,
            )  # fmt: skip
        if seconds > 0:
            self.waited += seconds
            tell(ADAPTER, f"the shop's budget of requests ({name.replace('_', ' ')})", seconds)
            self._sleep(seconds)
