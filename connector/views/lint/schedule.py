"""What a policy lacks that the schedule has: rows, holds, and rows that nobody carries out."""

from collections.abc import Iterator, Sequence
from functools import cache

from connector.policy.file_format import Attestation, PolicyFile, Rule, Title
from connector.policy.read_file import read_policy
from connector.records import HoldId, Kind
from connector.report.shared import Both
from connector.views.lint.codes import finding
from connector.views.lint.texts import Finding

SCHEDULE = "swedish-webshop"
"""The preset that holds every row of the schedule; a test holds it to the schedule's text."""

CARRIED = frozenset({"T-37b", "T-62", "T-63"})
"""The rows that Gallra's own register keeps, so that nobody need confirm them."""


@cache
def _schedule() -> PolicyFile:
    return read_policy(SCHEDULE)[1]


def check_schedule(rules: Sequence[Rule], attestations: Sequence[Attestation]) -> Iterator[Finding]:
    """Rows that a policy leaves out, holds that its rules leave out, and rows that nobody carries out."""
    rows: tuple[Rule | Attestation, ...] = (*_schedule().rule, *_schedule().attestation)
    own = {rule.id for rule in rules} | {row.id for row in attestations}
    missing = {row.id: row.title for row in rows if row.id not in own}
    for name, title in missing.items():
        yield finding("GA113", name, row=name, title=_title(title))
    yield from _holds(rules)
    for row in attestations:
        if row.carried_by == "gallra" and row.id not in CARRIED:
            yield finding("GA115", row.id, row=row.id, title=_title(row.title))


def _holds(rules: Sequence[Rule]) -> Iterator[Finding]:
    """A rule that leaves a hold out acts while the reason to wait stands."""
    named: dict[tuple[str, Kind], tuple[HoldId, ...]] = {
        (rule.id, rule.kind): rule.holds for rule in _schedule().rule
    }
    for rule in rules:
        left_out = [hold for hold in named.get((rule.id, rule.kind), ()) if hold not in rule.holds]
        if left_out:
            yield finding("GA114", rule.id, rule=rule.id, holds=", ".join(left_out))


def _title(title: Title) -> Both:
    return Both(sv=title.sv, en=title.en)
