"""Verdicts become steps, steps a plan with digests and limits: pure, JSON both ways.

A plan is the header; its steps are rows of the ledger. Each wave's digest is taken over the
canonical form of its steps, in order; the plan's over the header and the waves' digests.
"""

from connector.plan.digest import Digester, canonical, digest_of, from_json, sealed, to_json
from connector.plan.limits import USUAL, LimitCheck, Limits, check_limits
from connector.plan.model import (
    FORMAT_VERSION,
    LIFETIME,
    NO_LINE,
    Outlook,
    Plan,
    Step,
    Totals,
    WavePlan,
    Why,
    apply_line,
    approve_line,
    dry_run_stem,
)
from connector.plan.steps import (
    classify,
    concerned,
    done_to,
    hands,
    of_its_own,
    only_by_hand,
    steps_of,
    to_everybody,
    told,
    why_of,
)

__all__ = [
    "FORMAT_VERSION",
    "LIFETIME",
    "NO_LINE",
    "USUAL",
    "Digester",
    "LimitCheck",
    "Limits",
    "Outlook",
    "Plan",
    "Step",
    "Totals",
    "WavePlan",
    "Why",
    "apply_line",
    "approve_line",
    "canonical",
    "check_limits",
    "classify",
    "concerned",
    "digest_of",
    "done_to",
    "dry_run_stem",
    "from_json",
    "hands",
    "of_its_own",
    "only_by_hand",
    "sealed",
    "steps_of",
    "to_everybody",
    "to_json",
    "told",
    "why_of",
]
