"""What the approvals of a plan allow at one moment: which records may be begun, which begun ones finished."""

from connector.errors import NotApproved, PlanError, PlanStale, Vetoed
from connector.ledger.states import StepState
from connector.plan import Plan
from connector.records import Value, Wave


class Allowed(Value, frozen=True, kw_only=True):
    """What approvals allow at one moment: waves of which records may be begun, and finished where begun.

    `ended` says why a standing approval no longer holds, `old` that the plan is past its last day, `vetoed`
    what who was asked said instead of yes.
    """

    begin: frozenset[Wave]
    finish: frozenset[Wave]
    ended: str = ""
    old: bool = False
    vetoed: Vetoed | None = None

    def allows(self, wave: Wave, state: StepState) -> bool:
        """Whether a step of this wave may be written."""
        return wave in (self.begin if state is StepState.PLANNED else self.finish)

    def error(self, plan: Plan, *, line: str) -> PlanError:
        """What a person reads where it stopped the work; `line` would approve the plan."""
        if self.vetoed is not None:
            return self.vetoed
        rest = (
            "Nothing more was begun; what had been done stands, is told of and read back. "
            "The rest is due in the next plan"
        )
        if self.ended:
            if not line:
                return NotApproved(
                    f"The standing approval does not hold any more: {self.ended}. {rest}. It cannot be "
                    "approved as it stands: over the limits, or past its seven days. If its report is right, "
                    "see [limits] in the shop's file, and plan again. What had begun and "
                    "was not done is given up by `gallra plan --abandon`."
                )
            return NotApproved(
                f"The standing approval does not hold any more: {self.ended}. {rest}. Renew it in the shop's "
                f"file, or run `{line}`, then `gallra apply`. What had begun and was "
                "not done is given up by `gallra plan --abandon`."
            )
        return PlanStale(f"The approval of plan {plan.code} is older than seven days. {rest}: `gallra plan`.")


EVERYTHING = Allowed(begin=frozenset(Wave), finish=frozenset(Wave))
