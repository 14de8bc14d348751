"""Reads a policy file, applies a shop's own settings to it, and lists every fault."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connector.errors import PolicyError
from connector.machine.resources import config_names, config_text, file_text
from connector.policy.context import ShopContext
from connector.policy.file_format import Override, PolicyFile, Purpose, Rule, read_period
from connector.policy.who_judges import SLOTS
from connector.records import Field, Kind
from connector.text.decoding import toml_table
from connector.text.printable import printable

FOLDER = "policies"


def read_policy(source: str | Path) -> tuple[str, PolicyFile]:
    """The file's short name and its content, checked. Raises PolicyError with every fault."""
    name, text, version = _text(source)
    return name, _checked(name, text, version)


@lru_cache(maxsize=16)
def _checked(name: str, text: str, version: str) -> PolicyFile:
    """The content of a policy's text; a run asks for the same one many times over."""
    try:
        table = toml_table(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([f"{name}: is no TOML ({error}). Correct the file at that place."]) from None
    try:
        found = PolicyFile.model_validate(table, strict=False)
    except ValidationError as error:
        raise PolicyError([_fault(name, table, one) for one in error.errors()]) from None
    faults = [*_wrong_version(name, found, version), *_crossed(name, found)]
    if faults:
        raise PolicyError(faults)
    return found


def _text(source: str | Path) -> tuple[str, str, str]:
    """The name, the text and the wanted version of a preset or a file."""
    if isinstance(source, str) and not source.endswith(".toml"):
        preset, _, version = source.partition("@")
        known = config_names(FOLDER)
        text = config_text(FOLDER, f"{preset}.toml") if preset in known else None
        remedy = f"Name one of {', '.join(known)}, or a .toml file."
    else:
        preset, version = Path(source).name, ""
        text, remedy = file_text(Path(source)), "Correct the path."
    if text is None:
        raise PolicyError([f"{preset}: no such policy. {remedy}"])
    return preset if preset.endswith(".toml") else f"{preset}.toml", text, version


def _wrong_version(name: str, found: PolicyFile, version: str) -> Iterator[str]:
    if version and version != found.version:
        yield (
            f"{name}: is version {found.version}, and {version} was asked for. Read what changed, "
            f'then write "{found.name}@{found.version}".'
        )


def _crossed(name: str, found: PolicyFile) -> Iterator[str]:
    """Faults between rules: a field with two rules, a clock that a kind cannot show."""
    owners: dict[tuple[Kind, Field], str] = {}
    whole: set[tuple[Kind, str]] = set()
    for rule in found.rule:
        for field in rule.fields:
            owner = owners.setdefault((rule.kind, field), rule.id)
            if owner != rule.id or rule.fields.count(field) > 1:
                yield f"{name}: {rule.id}: {owner} governs {field} of {rule.kind} too. Leave it to one rule."
        if rule.whole_record and (rule.kind, rule.id) in whole:
            yield f"{name}: {rule.id}: stands twice for {rule.kind}. Keep one of them."
        whole.add((rule.kind, rule.id))
        for purpose in rule.purpose:
            if purpose.clock not in SLOTS[rule.kind]:
                known = ", ".join(SLOTS[rule.kind])
                yield f"{name}: {rule.id}: {rule.kind} has no clock {purpose.clock}. Use one of {known}."


def unknown_recipients(name: str, found: PolicyFile, codes: Collection[str] | None) -> Iterator[str]:
    """Faults of rules that pass on to a kind of recipient that nobody knows."""
    for rule in found.rule:
        for code in rule.recipients:
            if codes is not None and code not in codes:
                known = ", ".join(codes)
                yield f"{name}: {rule.id}: recipients: {code} is no kind of recipient. Use one of {known}."


def _fault(name: str, table: Mapping[str, Any], error: Any) -> str:
    """One line: file, rule, key, what is wrong, and what to do."""
    where = list(error["loc"])
    rule = ""
    if where[:1] in (["rule"], ["attestation"]) and len(where) > 1:
        rule = f"{_rule_id(table, where)}: "
        where = where[2:]
    key = ".".join(str(part) for part in where)
    message = str(error["msg"]).removeprefix("Value error, ")
    remedy = "Remove it." if error["type"] == "extra_forbidden" else "Correct it."
    return printable(f"{name}: {rule}{key + ': ' if key else ''}{message}. {remedy}")


def _rule_id(table: Mapping[str, Any], where: list[Any]) -> str:
    try:
        return str(table[where[0]][where[1]]["id"])
    except (KeyError, TypeError, IndexError):
        return f"{where[0]} {where[1] + 1}"


def override(name: str, rules: tuple[Rule, ...], overrides: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules with a shop's own settings. Raises PolicyError with every fault."""
    faults: list[str] = []
    known = {rule.id for rule in rules}
    changes: dict[str, Override] = {}
    for rule_id, table in overrides.items():
        if rule_id not in known:
            text = f"no such rule. Known: {', '.join(sorted(known))}."
            faults.append(f'{name}: policy.rules."{rule_id}": {text}')
            continue
        try:
            changes[rule_id] = Override.model_validate(table)
        except ValidationError as error:
            faults += [
                f'{name}: policy.rules."{rule_id}": {_fault("", {}, one).removeprefix(": ")}'
                for one in error.errors()
            ]
    unchanged = Override.model_validate({})
    changed = tuple(_changed(name, rule, changes.get(rule.id, unchanged), faults) for rule in rules)
    if faults:
        raise PolicyError(faults)
    return changed


def _changed(name: str, rule: Rule, change: Override, faults: list[str]) -> Rule:
    place = f'{name}: policy.rules."{rule.id}"'
    update: dict[str, Any] = {}
    if change.on is not None:
        if not rule.optional:
            faults.append(f"{place}.on: only optional rules can be turned on or off. Remove it.")
        update["optional"] = not change.on
    if change.waive_warning is not None:
        if rule.warning is None or not rule.warning.required:
            faults.append(f"{place}.waive_warning: this rule waits for no warning. Remove it.")
        elif change.waive_warning:
            update["warning"] = rule.warning.model_copy(update={"required": False})
    periods = _periods(place, rule, change, faults)
    if change.consumables and not any(one.consumables for one in rule.purpose):
        faults.append(f"{place}.consumables: this rule has no period of its own for them. Remove it.")
    if periods or change.consumables:
        update["purpose"] = tuple(_with_periods(one, periods, change) for one in rule.purpose)
    return rule.model_copy(update=update)


def _with_periods(purpose: Purpose, periods: Mapping[str, str], change: Override) -> Purpose:
    update = {"period": periods[purpose.id]} if purpose.id in periods else {}
    if change.consumables and purpose.consumables:
        update["consumables"] = change.consumables
    return purpose.model_copy(update=update)


def _periods(place: str, rule: Rule, change: Override, faults: list[str]) -> dict[str, str]:
    """The new periods by purpose, within what the rule allows."""
    tunable = {purpose.id: purpose for purpose in rule.purpose if purpose.tunable}
    periods = dict(change.periods)
    if change.period is not None:
        if len(tunable) == 1:
            periods.update(dict.fromkeys(tunable, change.period))
        else:
            known = ", ".join(tunable) or "none"
            faults.append(f"{place}.period: write periods.NAME instead, one of: {known}.")
    for purpose_id, text in periods.items():
        purpose = tunable.get(purpose_id)
        if purpose is None:
            known = ", ".join(tunable) or "none"
            faults.append(f"{place}.periods.{purpose_id}: cannot be changed. Can be: {known}.")
        elif purpose.longest and read_period(text).about_days > read_period(purpose.longest).about_days:
            faults.append(f"{place}: {text} is longer than {purpose.longest}, the most allowed. Shorten it.")
    return periods


def check_context(context: ShopContext) -> list[str]:
    """What a shop's side lacks or contradicts."""
    years = set(context.financial_years.years)
    return [
        f"archived year {first} to {last} is no listed financial year. List it, or correct its dates."
        for first, last in context.archived_years
        if (first, last) not in years
    ]
