"""The time limits line by line: what is kept, how long, by which rules."""

from collections.abc import Iterable, Iterator, Sequence

from connector.policy import Policy
from connector.policy.file_format import (
    Attestation,
    Clock,
    Condition,
    FloorUse,
    Period,
    Purpose,
    Rule,
    Title,
    read_period,
)
from connector.records import Field, Kind, Value
from connector.report.policy_text.voices import Voice, customers, endless, floor_words, period_words
from connector.report.shared import Both, both

_SMALL_SV = ("noll", "en", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv")
_SMALL_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Line(Value, frozen=True, kw_only=True):
    """One line: what is kept, how long, by which rules; `kind` is None for a row that people attest."""

    rules: tuple[str, ...]
    what: Both
    how_long: Both
    kind: Kind | None = None


def policy_lines(policy: Policy, voice: Voice | None = None) -> tuple[Line, ...]:
    """One line per way of keeping: fields kept alike stand together; what a rule that is off leaves, too."""
    spoken = voice or customers()
    groups: dict[tuple[Kind, str], tuple[Both, list[Both], list[str]]] = {}
    for rule in policy.rules:
        for what, how_long in _of_rule(rule, policy, spoken):
            _, names, rules = groups.setdefault((rule.kind, how_long.sv), (how_long, [], []))
            names += [what] if what not in names else []
            rules += [rule.id] if rule.id not in rules else []
    return tuple(
        Line(rules=tuple(rules), what=_begun(_joined(names)), how_long=how_long, kind=kind)
        for (kind, _), (how_long, names, rules) in groups.items()
    )


def _of_rule(rule: Rule, policy: Policy, voice: Voice) -> Iterator[tuple[Both, Both]]:
    """What a rule is about and how long that is kept, field by field."""
    for field in rule.fields or (None,):
        what, how_long = _what(rule, field, voice), _how_long(rule, field, policy, voice)
        if what is not None and how_long is not None:
            runs = _while_off(rule, voice) if rule.optional else _as_it_runs(rule, field, how_long, voice)
            yield what, runs


def _as_it_runs(rule: Rule, field: Field | None, how_long: Both, voice: Voice) -> Both:
    """The time of the platform where its API does not let the rule's run."""
    besides = voice.besides.get((rule.kind, field)) if field else None
    if besides:
        return both(f"{how_long.sv}; {besides.sv}", f"{how_long.en}; {besides.en}")
    return voice.instead.get(rule.kind, how_long)


def _while_off(rule: Rule, voice: Voice) -> Both:
    """A rule that is off ends nothing: a subscription lives until it is left (Art. 13(2)(a))."""
    return voice.until_left if rule.kind is Kind.SUBSCRIBER else endless()


def rule_lines(
    policy: Policy, rules: Iterable[str], kinds: Iterable[Kind], voice: Voice | None = None
) -> tuple[Line, ...]:
    """The lines of these rules only."""
    wanted, of_kinds = frozenset(rules), frozenset(kinds)
    chosen = tuple(rule for rule in policy.rules if rule.id in wanted and rule.kind in of_kinds)
    return policy_lines(Policy(file=policy.file, rules=chosen, context=policy.context), voice)


def attested_lines(
    policy: Policy, rows: Iterable[Attestation], voice: Voice | None = None
) -> tuple[Line, ...]:
    """A line for each row that no rule carries; one without a period is kept as long as the books."""
    spoken = voice or customers()
    return tuple(
        Line(
            rules=(row.id,),
            what=_begun(spoken.records.get(row.id) or both(row.title.sv, row.title.en)),
            how_long=period_words(row.period) if row.period else _as_the_books(policy, spoken),
        )
        for row in rows
    )


def _as_the_books(policy: Policy, voice: Voice) -> Both:
    """What the books carry: seven years, and ten of sales under OSS."""
    if not policy.context.oss:
        return floor_words("F1")
    always, under_oss = floor_words("F1"), _case((Condition.UNDER_OSS,), floor_words("F2"), voice)
    return both(f"{always.sv}; {under_oss.sv}", f"{always.en}; {under_oss.en}")


def _what(rule: Rule, field: Field | None, voice: Voice) -> Both | None:
    if field is None:
        return voice.records.get(rule.id) or _lowered(rule.title)
    return voice.fields.get((rule.kind, field))


def _lowered(title: Title) -> Both:
    return both(title.sv[:1].lower() + title.sv[1:], title.en[:1].lower() + title.en[1:])


def _joined(names: Sequence[Both]) -> Both:
    return both(_and([one.sv for one in names], "och"), _and([one.en for one in names], "and"))


def _and(names: Sequence[str], word: str) -> str:
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else names[0]


def _begun(one: Both) -> Both:
    return both(one.sv[:1].upper() + one.sv[1:], one.en[:1].upper() + one.en[1:])


def _how_long(rule: Rule, field: Field | None, policy: Policy, voice: Voice) -> Both | None:
    """The longest unconditional purpose of each clock, then floors and cases that keep it longer."""
    parts = [one for one in voice.met(rule.purpose) if not one.fields or field in one.fields]
    cases = [_with_case(_period(one, rule, voice), one.when, voice) for one in parts if one.when]
    cases += _of_consumables(parts, rule, policy, voice)
    floors = [floor for floor in rule.floor if _stands(floor, field, policy)]
    unconditional = _whichever_is_later(parts, rule, voice)
    base = _floor_of_all(floors, policy) or unconditional
    if base is None and not cases:
        return None
    extra = [_case(floor.when, floor_words(floor.id), voice) for floor in floors if _is_case(floor, policy)]
    archived = _archived(floors, unconditional, policy, voice)
    warned = (voice.warned,) if rule.warning and rule.warning.required else ()
    phrases = [one for one in (base, *cases, *_unique(extra), *archived, *warned) if one]
    return both("; ".join(one.sv for one in phrases), "; ".join(one.en for one in phrases))


def _of_consumables(parts: Iterable[Purpose], rule: Rule, policy: Policy, voice: Voice) -> list[Both]:
    """The shorter time of goods that are soon used up, of a shop that says it sells such (schedule T-02)."""
    if not policy.context.sells_consumables:
        return []
    shorter = [one.model_copy(update={"period": one.consumables}) for one in parts if one.consumables]
    return [_with_case(_period(one, rule, voice), (Condition.CONSUMABLES,), voice) for one in shorter]


def _whichever_is_later(parts: Iterable[Purpose], rule: Rule, voice: Voice) -> Both | None:
    """What keeps a field in any case: of each clock the longest, joined where there are several."""
    longest: dict[Clock, Purpose] = {}
    for one in parts:
        known = longest.get(one.clock)
        if not one.when and (known is None or _days(one) > _days(known)):
            longest[one.clock] = one
    phrases = [_period(one, rule, voice) for one in longest.values()]
    if not phrases:
        return None
    return both(
        " eller, om det är längre, ".join(one.sv for one in phrases),
        " or, if that is longer, ".join(one.en for one in phrases),
    )


def _days(purpose: Purpose) -> int:
    return read_period(purpose.period).about_days


def _archived(
    floors: Sequence[FloorUse], otherwise: Both | None, policy: Policy, voice: Voice
) -> tuple[Both, ...]:
    """How long a field stays of years whose vouchers lie elsewhere, where mode A is all that keeps it.

    A sale to a business may stand on the floor in both modes: then it is named (schedule T-01, T-05).
    """
    kept = any(tuple(floor.when) == (Condition.SHOP_IS_ARCHIVE,) for floor in floors)
    if not kept or not policy.context.archived_years or otherwise is None:
        return ()
    years = ", ".join(str(last.year) for _, last in policy.context.archived_years)
    always = [_case(one.when, floor_words(one.id), voice) for one in floors if Condition.BUSINESS in one.when]
    business_sv = "".join(f", men {one.sv}" for one in always)
    business_en = "".join(f", but {one.en}" for one in always)
    return (
        both(
            f"för räkenskapsår som slutade {years}: {otherwise.sv}{business_sv}",
            f"for financial years that ended {years}: {otherwise.en}{business_en}",
        ),
    )


def _stands(floor: FloorUse, field: Field | None, policy: Policy) -> bool:
    """Whether a floor is of this field, and the shop makes such sales at all."""
    never_oss = Condition.UNDER_OSS in floor.when and not policy.context.oss
    return not never_oss and (not floor.fields or field in floor.fields)


def _floor_of_all(floors: Iterable[FloorUse], policy: Policy) -> Both | None:
    """The floor that every sale stands on, where one does: it outlasts the shorter purposes."""
    for floor in floors:
        if not _is_case(floor, policy) and floor.id == "F1":
            return floor_words("F1")
    return None


def _is_case(floor: FloorUse, policy: Policy) -> bool:
    """Whether a floor is for some sales only; with every year archived elsewhere mode A says nothing."""
    in_shop = policy.context.archive == "shop"
    if tuple(floor.when) == (Condition.SHOP_IS_ARCHIVE,):
        return not in_shop
    return bool(floor.when) and not (Condition.BUSINESS in floor.when and in_shop)


def _case(when: Sequence[Condition], how_long: Both, voice: Voice) -> Both:
    words = _condition(when, voice)
    return both(f"{words.sv} {how_long.sv}".strip(), f"{words.en}, {how_long.en}".removeprefix(", "))


def _with_case(how_long: Both, when: Sequence[Condition], voice: Voice) -> Both:
    words = _condition(when, voice)
    return both(f"{how_long.sv}, {words.sv}", f"{how_long.en}, {words.en}") if words.sv else how_long


def _condition(when: Sequence[Condition], voice: Voice) -> Both:
    known = [voice.when[condition] for condition in when if condition in voice.when]
    return both(" ".join(one.sv for one in known), " ".join(one.en for one in known))


def _unique(phrases: Iterable[Both]) -> tuple[Both, ...]:
    return tuple(dict.fromkeys(phrases))


def _period(purpose: Purpose, rule: Rule, voice: Voice) -> Both:
    period = read_period(purpose.period)
    if period.unit != "claims" and period.number == 0:
        return voice.at_once.get(purpose.clock) or voice.begin(rule.kind, purpose.clock)
    length, start = _length(period), voice.begin(rule.kind, purpose.clock)
    return both(f"{length.sv} {start.sv}", f"{length.en} {start.en}")


def _length(period: Period) -> Both:
    if period.unit == "claims":
        return both("tre år, två månader och 14 dagar", "three years, two months and 14 days")
    if period.unit == "days":
        return both(f"{period.number} dagar", f"{period.number} days")
    if period.number % 12 == 0:
        years = period.number // 12
        return both(f"{_small(years, _SMALL_SV, 'ett')} år", f"{_small(years, _SMALL_EN)} {_years(years)}")
    return both(f"{period.number} månader", f"{period.number} months")


def _years(number: int) -> str:
    return "year" if number == 1 else "years"


def _small(number: int, words: Sequence[str], one: str = "") -> str:
    if number == 1 and one:
        return one
    return words[number] if number < len(words) else str(number)
