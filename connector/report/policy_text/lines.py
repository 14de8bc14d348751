"""The time limits line by line: what is kept, how long, by which rules."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connector.calendar import BOOKKEEPING_YEARS, OSS_YEARS
from connector.policy import Policy
from connector.policy.schema import (
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
from connector.report.policy_text.customers import CUSTOMERS
from connector.report.policy_text.said import Said, Voice, said

_SMALL_SV = ("noll", "en", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv")
_SMALL_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINAL_SV = {7: "sjunde", 10: "tionde"}
_ORDINAL_EN = {7: "seventh", 10: "tenth"}


class Line(Value, frozen=True, kw_only=True):
    """One line: what is kept, how long, by which rules; `kind` is None for a row that people attest."""

    rules: tuple[str, ...]
    what: Said
    how_long: Said
    kind: Kind | None = None


_F1 = said(
    f"till och med den 31 december det {_ORDINAL_SV[BOOKKEEPING_YEARS]} året efter det kalenderår då "
    "räkenskapsåret slutade (bokföringslagen 7 kap. 2 §)",
    f"through 31 December of the {_ORDINAL_EN[BOOKKEEPING_YEARS]} year after the calendar year in which "
    "the financial year ended (Bookkeeping Act 7:2)",
)
_F2 = said(
    f"till och med den 31 december det {_ORDINAL_SV[OSS_YEARS]} året efter leveransåret "
    "(mervärdesskattelagen 22 kap.)",
    f"through 31 December of the {_ORDINAL_EN[OSS_YEARS]} year after the year of delivery (VAT Act, ch. 22)",
)
_FLOORS: Mapping[str, Said] = {"F1": _F1, "F2": _F2}
_ENDLESS = said("utan bestämd tid, för regeln är avstängd", "for no set time, since the rule is off")
PERIODS: Mapping[str, str] = {
    "account end; tokens 24 hours": "tills kontot upphör; engångsnycklar 24 timmar",
    "6 months from the visit": "6 månader från besöket",
    "12 months from the mailing": "12 månader från utskicket",
    "24 months after the consent ended": "24 månader efter att samtycket upphörde",
    "as long as the objection stands; reviewed every 10 years": (
        "så länge invändningen står; ses över vart tionde år"
    ),
    "none is kept: it goes with the person's last record": (
        "sparas inte för sig, utan försvinner med personens sista post"
    ),
    "38 months from the end of the withdrawal": "38 månader från att ångerärendet avslutades",
    "180 days from the upload; at once after an objection": (
        "180 dagar från uppladdningen; genast efter en invändning"
    ),
    "30 days from the entry; security logs 90 days": "30 dagar från noteringen; säkerhetsloggar 90 dagar",
    "until the consent is withdrawn": "tills samtycket återkallas",
    "36 months from the answer; identity 12 months": "36 månader från svaret; identiteten 12 månader",
    "5 years": "5 år",
    "none are made": "inga görs",
    "5 years after the incident was closed": "5 år efter att incidenten avslutades",
    "12 months from the last download; IP address 90 days": (
        "12 månader från senaste nedladdningen; IP-adress 90 dagar"
    ),
}
"""The preset's periods of rows without a rule, in Swedish; another is shown as it is written."""
_WHOLE: Mapping[str, str] = {
    "account end; tokens 24 hours": "until the account ends; one-time tokens 24 hours",
}
"""Periods that the preset abbreviates, as an English sentence needs them."""


def period_words(period: str) -> Said:
    """The period of a row without a rule, in both languages."""
    return said(PERIODS.get(period, period), _WHOLE.get(period, period))


def policy_lines(policy: Policy, voice: Voice = CUSTOMERS) -> tuple[Line, ...]:
    """One line per way of keeping: fields kept alike stand together; what a rule that is off leaves, too."""
    groups: dict[tuple[Kind, str], tuple[Said, list[Said], list[str]]] = {}
    for rule in policy.rules:
        for what, how_long in _of_rule(rule, policy, voice):
            _, names, rules = groups.setdefault((rule.kind, how_long.sv), (how_long, [], []))
            names += [what] if what not in names else []
            rules += [rule.id] if rule.id not in rules else []
    return tuple(
        Line(rules=tuple(rules), what=_begun(_joined(names)), how_long=how_long, kind=kind)
        for (kind, _), (how_long, names, rules) in groups.items()
    )


def _of_rule(rule: Rule, policy: Policy, voice: Voice) -> Iterator[tuple[Said, Said]]:
    """What a rule is about and how long that is kept, field by field."""
    for field in rule.fields or (None,):
        what, how_long = _what(rule, field, voice), _how_long(rule, field, policy, voice)
        if what is not None and how_long is not None:
            runs = _while_off(rule, voice) if rule.optional else _as_it_runs(rule, field, how_long, voice)
            yield what, runs


def _as_it_runs(rule: Rule, field: Field | None, how_long: Said, voice: Voice) -> Said:
    """The time of the platform where its API does not let the rule's run."""
    besides = voice.besides.get((rule.kind, field)) if field else None
    if besides:
        return said(f"{how_long.sv}; {besides.sv}", f"{how_long.en}; {besides.en}")
    return voice.instead.get(rule.kind, how_long)


def _while_off(rule: Rule, voice: Voice) -> Said:
    """A rule that is off ends nothing: a subscription lives until it is left (Art. 13(2)(a))."""
    return voice.until_left if rule.kind is Kind.SUBSCRIBER else _ENDLESS


def rule_lines(
    policy: Policy, rules: Iterable[str], kinds: Iterable[Kind], voice: Voice = CUSTOMERS
) -> tuple[Line, ...]:
    """The lines of these rules only."""
    wanted, of_kinds = frozenset(rules), frozenset(kinds)
    chosen = tuple(rule for rule in policy.rules if rule.id in wanted and rule.kind in of_kinds)
    return policy_lines(Policy(file=policy.file, rules=chosen, context=policy.context), voice)


def attested_lines(policy: Policy, rows: Iterable[Attestation], voice: Voice = CUSTOMERS) -> tuple[Line, ...]:
    """A line for each row that no rule carries; one without a period is kept as long as the books."""
    return tuple(
        Line(
            rules=(row.id,),
            what=_begun(voice.records.get(row.id) or said(row.title.sv, row.title.en)),
            how_long=period_words(row.period) if row.period else _as_the_books(policy, voice),
        )
        for row in rows
    )


def _as_the_books(policy: Policy, voice: Voice) -> Said:
    """What the books carry: seven years, and ten of sales under OSS."""
    if not policy.context.oss:
        return _F1
    under_oss = _case((Condition.UNDER_OSS,), _F2, voice)
    return said(f"{_F1.sv}; {under_oss.sv}", f"{_F1.en}; {under_oss.en}")


def _what(rule: Rule, field: Field | None, voice: Voice) -> Said | None:
    if field is None:
        return voice.records.get(rule.id) or _lowered(rule.title)
    return voice.fields.get((rule.kind, field))


def _lowered(title: Title) -> Said:
    return said(title.sv[:1].lower() + title.sv[1:], title.en[:1].lower() + title.en[1:])


def _joined(names: Sequence[Said]) -> Said:
    return said(_and([one.sv for one in names], "och"), _and([one.en for one in names], "and"))


def _and(names: Sequence[str], word: str) -> str:
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else names[0]


def _begun(one: Said) -> Said:
    return said(one.sv[:1].upper() + one.sv[1:], one.en[:1].upper() + one.en[1:])


def _how_long(rule: Rule, field: Field | None, policy: Policy, voice: Voice) -> Said | None:
    """The longest unconditional purpose of each clock, then floors and cases that keep it longer."""
    parts = [purpose for purpose in rule.purpose if not purpose.fields or field in purpose.fields]
    cases = [_with_case(_period(one, rule, voice), one.when, voice) for one in parts if one.when]
    cases += _of_consumables(parts, rule, policy, voice)
    floors = [floor for floor in rule.floor if _stands(floor, field, policy)]
    unconditional = _whichever_is_later(parts, rule, voice)
    base = _floor_of_all(floors, policy) or unconditional
    if base is None and not cases:
        return None
    extra = [_case(floor.when, _FLOORS[floor.id], voice) for floor in floors if _is_case(floor, policy)]
    archived = _archived(floors, unconditional, policy, voice)
    warned = (voice.warned,) if rule.warning and rule.warning.required else ()
    phrases = [one for one in (base, *cases, *_unique(extra), *archived, *warned) if one]
    return said("; ".join(one.sv for one in phrases), "; ".join(one.en for one in phrases))


def _of_consumables(parts: Iterable[Purpose], rule: Rule, policy: Policy, voice: Voice) -> list[Said]:
    """The shorter time of goods that are soon used up, of a shop that says it sells such (schedule T-02)."""
    if not policy.context.sells_consumables:
        return []
    shorter = [one.model_copy(update={"period": one.consumables}) for one in parts if one.consumables]
    return [_with_case(_period(one, rule, voice), (Condition.CONSUMABLES,), voice) for one in shorter]


def _whichever_is_later(parts: Iterable[Purpose], rule: Rule, voice: Voice) -> Said | None:
    """What keeps a field in any case: of each clock the longest, joined where there are several."""
    longest: dict[Clock, Purpose] = {}
    for one in parts:
        known = longest.get(one.clock)
        if not one.when and (known is None or _days(one) > _days(known)):
            longest[one.clock] = one
    phrases = [_period(one, rule, voice) for one in longest.values()]
    if not phrases:
        return None
    return said(
        " eller, om det är längre, ".join(one.sv for one in phrases),
        " or, if that is longer, ".join(one.en for one in phrases),
    )


def _days(purpose: Purpose) -> int:
    return read_period(purpose.period).about_days


def _archived(
    floors: Sequence[FloorUse], otherwise: Said | None, policy: Policy, voice: Voice
) -> tuple[Said, ...]:
    """How long a field stays of years whose vouchers lie elsewhere, where mode A is all that keeps it.

    A sale to a business may stand on the floor in both modes: then it is named (schedule T-01, T-05).
    """
    kept = any(tuple(floor.when) == (Condition.SHOP_IS_ARCHIVE,) for floor in floors)
    if not kept or not policy.context.archived_years or otherwise is None:
        return ()
    years = ", ".join(str(last.year) for _, last in policy.context.archived_years)
    always = [_case(one.when, _FLOORS[one.id], voice) for one in floors if Condition.BUSINESS in one.when]
    business_sv = "".join(f", men {one.sv}" for one in always)
    business_en = "".join(f", but {one.en}" for one in always)
    return (
        said(
            f"för räkenskapsår som slutade {years}: {otherwise.sv}{business_sv}",
            f"for financial years that ended {years}: {otherwise.en}{business_en}",
        ),
    )


def _stands(floor: FloorUse, field: Field | None, policy: Policy) -> bool:
    """Whether a floor is of this field, and the shop makes such sales at all."""
    never_oss = Condition.UNDER_OSS in floor.when and not policy.context.oss
    return not never_oss and (not floor.fields or field in floor.fields)


def _floor_of_all(floors: Iterable[FloorUse], policy: Policy) -> Said | None:
    """The floor that every sale stands on, where one does: it outlasts the shorter purposes."""
    for floor in floors:
        if not _is_case(floor, policy) and floor.id == "F1":
            return _F1
    return None


def _is_case(floor: FloorUse, policy: Policy) -> bool:
    """Whether a floor is for some sales only; with every year archived elsewhere mode A says nothing."""
    in_shop = policy.context.archive == "shop"
    if tuple(floor.when) == (Condition.SHOP_IS_ARCHIVE,):
        return not in_shop
    return bool(floor.when) and not (Condition.BUSINESS in floor.when and in_shop)


def _case(when: Sequence[Condition], how_long: Said, voice: Voice) -> Said:
    words = _condition(when, voice)
    return said(f"{words.sv} {how_long.sv}".strip(), f"{words.en}, {how_long.en}".removeprefix(", "))


def _with_case(how_long: Said, when: Sequence[Condition], voice: Voice) -> Said:
    words = _condition(when, voice)
    return said(f"{how_long.sv}, {words.sv}", f"{how_long.en}, {words.en}") if words.sv else how_long


def _condition(when: Sequence[Condition], voice: Voice) -> Said:
    known = [voice.when[condition] for condition in when if condition in voice.when]
    return said(" ".join(one.sv for one in known), " ".join(one.en for one in known))


def _unique(phrases: Iterable[Said]) -> tuple[Said, ...]:
    return tuple(dict.fromkeys(phrases))


def _period(purpose: Purpose, rule: Rule, voice: Voice) -> Said:
    period = read_period(purpose.period)
    if period.unit != "claims" and period.number == 0:
        return voice.at_once.get(purpose.clock) or voice.begin(rule.kind, purpose.clock)
    length, start = _length(period), voice.begin(rule.kind, purpose.clock)
    return said(f"{length.sv} {start.sv}", f"{length.en} {start.en}")


def _length(period: Period) -> Said:
    if period.unit == "claims":
        return said("tre år, två månader och 14 dagar", "three years, two months and 14 days")
    if period.unit == "days":
        return said(f"{period.number} dagar", f"{period.number} days")
    if period.number % 12 == 0:
        years = period.number // 12
        return said(f"{_small(years, _SMALL_SV, 'ett')} år", f"{_small(years, _SMALL_EN)} {_years(years)}")
    return said(f"{period.number} månader", f"{period.number} months")


def _years(number: int) -> str:
    return "year" if number == 1 else "years"


def _small(number: int, words: Sequence[str], one: str = "") -> str:
    if number == 1 and one:
        return one
    return words[number] if number < len(words) else str(number)
