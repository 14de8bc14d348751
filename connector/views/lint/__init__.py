"""What is wrong with a policy before it ever meets a record: codes, severities, remedies."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from connector.errors import Exit, PolicyError
from connector.policy import Policy, ShopContext, load_as_written
from connector.policy.file_format import PolicyFile, Rule
from connector.records import Kind
from connector.registry import recipient_codes
from connector.settings import Settings
from connector.settings.promises import Promise
from connector.views.lint.codes import code_row, code_table, every_code, finding
from connector.views.lint.probes import check_floors
from connector.views.lint.rules import check_rules, check_switches
from connector.views.lint.schedule import check_schedule
from connector.views.lint.shop import (
    check_answers,
    check_balancing,
    check_bounds,
    check_goods,
    check_promises,
    check_recipients,
    check_statutes,
    check_text,
)
from connector.views.lint.texts import Code, Finding, Severity
from connector.views.lint.worlds import SHOWN, shown_to

_GRAVEST_FIRST = {severity: position for position, severity in enumerate(Severity)}


def lint_policy(source: str | Path) -> tuple[Finding, ...]:
    """The faults of a preset or a policy file by itself, the gravest first."""
    try:
        policy = load_as_written(source, context=ShopContext(), codes=recipient_codes())
    except PolicyError as error:
        return _unusable(error)
    return _sorted(_of_policy(policy))


def lint_shop(settings: Settings, promises: Sequence[Promise] | None, *, today: date) -> tuple[Finding, ...]:
    """The faults of a shop's policy, its recipients and its promises, the gravest first."""
    try:
        policy = _as_written(settings)
    except PolicyError as error:
        return _unusable(error)
    found = [*_of_policy(policy, shown_to(settings)), *check_switches(policy.rules), *check_answers(settings)]
    found += check_statutes(settings, today)
    found += check_goods(settings, policy)
    found += check_balancing(settings, policy, today)
    found += check_recipients(settings, policy, promises)
    if promises is not None:
        found += check_promises(policy, promises)
        found += check_bounds(policy, promises, today)
        found += check_text(settings, promises)
    return _sorted(found)


def blockers(
    settings: Settings, promises: Sequence[Promise] | None, *, read: Callable[[], Policy] | None = None
) -> tuple[Finding, ...]:
    """The errors among the faults of a shop: what stops a plan from being made, approved or carried out.

    `read` gives the policy as the settings write it, where it was read before.
    """
    try:
        policy = read() if read else _as_written(settings)
    except PolicyError as error:
        return _unusable(error)
    found = [*_of_policy(policy, shown_to(settings)), *check_promises(policy, promises or ())]
    return _sorted(one for one in found if one.severity is Severity.ERROR)


def _as_written(settings: Settings) -> Policy:
    policy = settings.policy
    return load_as_written(
        policy.source, context=settings.context(), overrides=policy.overrides(), codes=recipient_codes()
    )


def exit_code(findings: Iterable[Finding]) -> Exit:
    """Blocked where any finding is an error."""
    return Exit.BLOCKED if any(one.severity is Severity.ERROR for one in findings) else Exit.DONE


def _of_policy(policy: Policy, shown: frozenset[Kind] = SHOWN) -> tuple[Finding, ...]:
    return _of_rules(policy.file, policy.rules, shown)


@lru_cache(maxsize=16)
def _of_rules(file: PolicyFile, rules: tuple[Rule, ...], shown: frozenset[Kind]) -> tuple[Finding, ...]:
    """What the rules by themselves say: every stage of a run asks for it."""
    schedule = check_schedule(rules, file.attestation)
    return (*check_rules(rules, shown), *schedule, *check_floors(file, rules))


def _unusable(error: PolicyError) -> tuple[Finding, ...]:
    return tuple(finding("GA101", "policy", fault=fault) for fault in error.faults)


def _sorted(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda one: (_GRAVEST_FIRST[one.severity], one.code)))


__all__ = [
    "Code",
    "Finding",
    "Severity",
    "blockers",
    "code_row",
    "code_table",
    "every_code",
    "exit_code",
    "lint_policy",
    "lint_shop",
]
