"""The engine that reads a policy and judges each field of a record; the rules lie in `config/policies`."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from connector.calendar import FinancialYears
from connector.errors import PolicyError
from connector.policy.context import ShopContext
from connector.policy.file_format import Attestation, PolicyFile, Purpose, Rule
from connector.policy.judge import OF_CONSUMABLES, Day
from connector.policy.minima import BASIS, Shortfall, shortfalls
from connector.policy.one_day import Session
from connector.policy.read_file import check_context, override, read_policy, unknown_recipients
from connector.records import Field, HoldId, Kind, Record
from connector.verdicts import Verdict

MARKETING = "marketing"
"""The purpose of the mailings' rules (schedule T-30, T-33)."""

ARITHMETIC = 5
"""Part of every digest: raised when a change of this code changes a verdict."""


class Policy:
    """A policy bound to one shop.

    `digest` is over what persons have said: rules, archive, years, attested holds. An approval rests on it.
    `decided_by` is also over what the last check could not read, which only tightens a run.
    """

    def __init__(self, *, file: PolicyFile, rules: tuple[Rule, ...], context: ShopContext) -> None:
        self.file = file
        self.name = file.name
        self.version = file.version
        self.rules = rules
        self.attestations: tuple[Attestation, ...] = file.attestation
        self.context = context
        self.digest = _digest(self)
        self.decided_by = _digest(self, unknown=True)
        self.after_contract = frozenset(r.id for r in rules if HoldId.SUBSCRIPTION in r.holds)
        """The rules under which nothing goes while a contract runs (H7)."""
        self._session: Session | None = None

    def within(self, context: ShopContext) -> "Policy":
        """The same rules, bound to what is known of the shop now."""
        return self if context == self.context else Policy(file=self.file, rules=self.rules, context=context)

    def rule(self, rule_id: str, kind: Kind | None = None) -> Rule:
        """A rule by its id, of a kind where several share it. Raises KeyError where there is none."""
        for rule in self.rules:
            if rule.id == rule_id and (kind is None or rule.kind is kind):
                return rule
        raise KeyError(rule_id)

    def rule_of(self, kind: Kind, field: Field) -> Rule | None:
        """The rule that governs a field by itself, None where it goes with the whole record."""
        return next((rule for rule in self.rules if rule.kind is kind and field in rule.fields), None)

    def purposes(self) -> frozenset[str]:
        """The names of all purposes, each also with its rule before it: `claims`, `T-10.claims`."""
        plain = {purpose.id for rule in self.rules for purpose in rule.purpose}
        consumed = {name + OF_CONSUMABLES for name, one in self._named() if one.survives_erasure}
        return frozenset(plain | consumed | {name for name, _ in self._named()})

    def ended_by_erasure(self) -> frozenset[str]:
        """The purposes that a person's request to erase ends (schedule §3; GDPR 17(1), 17(3)(b), (e)).

        A legal duty stands, and so does the claim on what was bought, by name, e-mail and place of delivery;
        not the one on goods that are soon used up.
        """
        return frozenset(
            name + OF_CONSUMABLES if one.survives_erasure else name
            for name, one in self._named()
            if one.legal_basis != "l"
        )

    def ended_by_loosening(self) -> frozenset[str]:
        """The same where the owner keeps nothing for claims: all but a legal duty (schedule §3)."""
        ended = {name for name, one in self._named() if one.legal_basis != "l"}
        return self.ended_by_erasure() | ended

    def ended_by_objection(self) -> frozenset[str]:
        """The purposes that an objection to marketing ends at once (GDPR 21(2)–(3))."""
        return frozenset(name for name, one in self._named() if one.id == MARKETING)

    def _named(self) -> Iterator[tuple[str, Purpose]]:
        return ((f"{rule.id}.{one.id}", one) for rule in self.rules for one in rule.purpose)

    def session(self, today: date, without: frozenset[str]) -> Session:
        """The rules made ready for a day; kept until another day is asked for."""
        session = self._session
        if session is None or session.day.today != today or session.day.without != without:
            unknown = sorted(without - self.purposes())
            if unknown:
                known = ", ".join(sorted(self.purposes()))
                raise PolicyError([f"{unknown[0]} is no purpose of {self.name}. Name one of: {known}."])
            session = self._session = Session(self.rules, Day(today, self.context, without))
        return session


def load_policy(
    source: str | Path,
    *,
    context: ShopContext,
    overrides: Mapping[str, Any] | None = None,
    codes: Collection[str] | None = None,
) -> Policy:
    """A preset ("swedish-webshop", "swedish-webshop@2026.2") or a TOML file, bound to a shop.

    Raises PolicyError that lists every fault with file, rule and remedy; a rule that lets go of
    something before a legal minimum is one.
    """
    policy = load_as_written(source, context=context, overrides=overrides, codes=codes)
    refuse_unlawful(policy, source)
    return policy


def refuse_unlawful(policy: Policy, source: str | Path) -> None:
    """Refuses rules that let go of something before a legal minimum. Raises PolicyError that lists them."""
    faults = [_below(source, short) for short in shortfalls(policy.rules)]
    if faults:
        raise PolicyError(faults)


def load_as_written(
    source: str | Path,
    *,
    context: ShopContext,
    overrides: Mapping[str, Any] | None = None,
    codes: Collection[str] | None = None,
) -> Policy:
    """The same, not held against the law: for the lint, which says what is wrong with it.

    `codes` are the kinds of recipient that there are; None takes any. Raises PolicyError that lists every
    other fault.
    """
    name, file = read_policy(source)
    faults = [*check_context(context), *unknown_recipients(name, file, codes)]
    rules = file.rule
    try:
        rules = override(name, file.rule, overrides or {})
    except PolicyError as error:
        faults += error.faults
    if faults:
        raise PolicyError(faults)
    return Policy(file=file, rules=rules, context=context)


def _below(source: str | Path, short: Shortfall) -> str:
    what = f"{short.field} of {short.kind}" if short.field else f"the whole {short.kind}"
    return (
        f"{Path(source).name}: {short.rule}: {what} would go before the legal minimum {short.floor} "
        f"({BASIS[short.floor]}), for one where {short.case}. Add [[rule.floor]] with "
        f'id = "{short.floor}" to {short.rule}.'
    )


def decide(record: Record, policy: Policy, *, today: date, without: frozenset[str] = frozenset()) -> Verdict:
    """What the policy says of one record today, leaving out the purposes a request has ended."""
    return policy.session(today, without).decide(record)


def _digest(policy: Policy, *, unknown: bool = False) -> str:
    seen = policy.context.unknown_holds if unknown else frozenset()
    content = {
        "arithmetic": ARITHMETIC,
        "name": policy.name,
        "version": policy.version,
        "rules": [rule.model_dump(mode="json", exclude={"title", "note"}) for rule in policy.rules],
        "context": replace(policy.context, unknown_holds=seen, undo_days=0),  # moves no verdict
    }
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


__all__ = [
    "FinancialYears",
    "Policy",
    "ShopContext",
    "decide",
    "load_as_written",
    "load_policy",
    "refuse_unlawful",
]
