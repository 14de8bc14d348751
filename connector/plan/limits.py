"""How much one run may touch, held against what is planned."""

from collections.abc import Mapping
from math import ceil

from connector.records import (
    Kind,
    Value,
)


class LimitCheck(Value, frozen=True, kw_only=True):
    """One limit held against this plan."""

    name: str
    kind: str
    allowed: int
    planned: int

    @property
    def exceeded(self) -> bool:
        """Whether more is planned than allowed."""
        return self.planned > self.allowed


class Limits(Value, frozen=True, kw_only=True):
    """How much one run may touch: records, percent of a kind, times the last run (scaled by days)."""

    records: int = 500
    percent: float = 5.0
    jump: float = 5.0


USUAL = Limits()
"""What holds where the shop's file says nothing."""


def check_limits(
    touched: Mapping[Kind, int],
    totals: Mapping[Kind, int],
    limits: Limits,
    *,
    last_run: tuple[int, int] | None,
) -> tuple[LimitCheck, ...]:
    """Every limit with what is planned against it.

    `touched` and `totals` count records per kind; `last_run` is the records of the last run
    and the days since it, None on a first run. The jump is scaled by the days, at least one.
    """
    total = sum(touched.values())
    views = [LimitCheck(name="records", kind="", allowed=limits.records, planned=total)]
    for kind, count in sorted(touched.items()):
        allowed = ceil(totals.get(kind, 0) * limits.percent / 100)
        views.append(LimitCheck(name="percent", kind=str(kind), allowed=allowed, planned=count))
    if last_run is not None and last_run[0] > 0:
        records, days = last_run
        views.append(
            LimitCheck(name="jump", kind="", allowed=int(records * limits.jump * max(1, days)), planned=total)
        )
    return tuple(views)
