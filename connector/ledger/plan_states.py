"""Where a plan and a step can stand, and which state may follow which.

The database refuses any other word (CHECK), and each write names the states that it may start from.
"""

from collections.abc import Mapping
from enum import StrEnum


class PlanState(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"  # being drawn
    OPEN = "open"  # frozen: may be approved
    BEGUN = "begun"  # something of it may have been written
    FINISHED = "finished"  # nothing approved is left to do
    REPLACED = "replaced"  # by a newer one, before it had begun
    ABANDONED = "abandoned"  # given up, what had begun read back


class StepState(StrEnum):
    """Where a step stands."""

    PLANNED = "planned"
    BEGUN = "begun"  # its handles are sealed, and it may have been written
    ACCEPTED = "accepted"  # the platform took it on until a day
    CLOSED = "closed"  # it has its receipt


_P, _S = PlanState, StepState

PLAN_ARROWS: Mapping[PlanState, frozenset[PlanState]] = {
    _P.DRAFT: frozenset({_P.OPEN, _P.REPLACED}),
    _P.OPEN: frozenset({_P.BEGUN, _P.REPLACED}),
    _P.BEGUN: frozenset({_P.BEGUN, _P.FINISHED, _P.ABANDONED}),
    _P.FINISHED: frozenset({_P.BEGUN}),  # a further wave of it was approved
    _P.REPLACED: frozenset(),
    _P.ABANDONED: frozenset(),
}
STEP_ARROWS: Mapping[StepState, frozenset[StepState]] = {
    _S.PLANNED: frozenset({_S.BEGUN, _S.CLOSED}),
    _S.BEGUN: frozenset({_S.BEGUN, _S.ACCEPTED, _S.CLOSED}),
    _S.ACCEPTED: frozenset({_S.BEGUN, _S.ACCEPTED, _S.CLOSED}),  # begun: it is asked for again
    _S.CLOSED: frozenset(),
}


__all__ = ["PLAN_ARROWS", "STEP_ARROWS", "PlanState", "StepState"]
