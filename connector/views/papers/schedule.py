"""The retention schedule to sign (law/documents §1): every row, who decided, and what changed since."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from connector.policy import Policy
from connector.policy.file_format import Attestation, Rule
from connector.records import Value
from connector.report.paper.model import Part
from connector.report.policy_text import Line, attested_lines, on_platform, register, rule_lines
from connector.report.shared import Both, both
from connector.report.tables import lower_first
from connector.settings import Settings
from connector.views.papers.balancing import law, open_rows, said_open
from connector.views.papers.said import (
    DASH,
    EMPTY,
    clock_names,
    code,
    codes,
    field_names,
    gap,
    given,
    joined,
    same,
    words,
)

SIGNED = "policy_signed"
"""The event under which the ledger keeps who decided the schedule, and a digest of each row."""


class SignedPlan(Value, frozen=True, kw_only=True):
    """The schedule as it was last signed: by whom, when, which version, and each row's digest."""

    by: str
    role: str
    on: date
    version: str
    rows: Mapping[str, str]


class PlanRow(Value, frozen=True, kw_only=True):
    """One row of the schedule in words."""

    key: str
    id: str
    kind: Both
    title: Both
    fields: Both
    how_long: Both
    clocks: Both
    basis: Both
    floor: Both
    action: Both
    recipients: Both
    holds: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What changes when anything that the row says changes; in Swedish, the language that is signed."""
        said = (self.title, self.fields, self.how_long, self.clocks, self.basis, self.floor, self.action)
        text = "\n".join((*(one.sv for one in (*said, self.recipients)), *self.holds))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def plan_rows(settings: Settings, policy: Policy) -> tuple[PlanRow, ...]:
    """Every rule and every row that a person carries out, in the order of the policy."""
    rules = (_of_rule(settings, policy, rule) for rule in policy.rules)
    return (*rules, *(_of_attestation(policy, row) for row in policy.attestations))


def _of_rule(settings: Settings, policy: Policy, rule: Rule) -> PlanRow:
    voice = on_platform(register(), str(settings.platform.name))
    alone = Policy(file=policy.file, rules=(rule,), context=policy.context)
    lines = rule_lines(alone, [rule.id], [rule.kind], voice)
    off = both("regeln är avstängd", "the rule is off") if rule.optional else both("", "")
    purposes = voice.met(rule.purpose)
    # What the law keeps rests on a legal obligation, whatever else the row is for.
    letters = dict.fromkeys((*(one.legal_basis for one in purposes), *("l" for _ in rule.floor)))
    return PlanRow(
        key=f"{rule.id} {rule.kind}",
        id=rule.id,
        title=both(rule.title.sv, rule.title.en),
        kind=code("single", rule.kind),
        fields=field_names(rule.fields, rule.kind) if rule.fields else code("field", f"whole_{rule.kind}"),
        how_long=joined((*_limits(lines), off)),
        clocks=clock_names((one.clock for one in purposes), rule.kind),
        basis=joined((codes("basis", letters), law(rule.basis))),
        floor=_floors(rule),
        action=code("action", rule.action),
        recipients=_recipients(settings, rule),
        holds=tuple(rule.holds),
    )


def _limits(lines: Sequence[Line]) -> Iterator[Both]:
    """How long, and of what where the fields of a rule are not kept alike."""
    for one in lines:
        yield joined((one.what, one.how_long), ": ") if len(lines) > 1 else one.how_long


def _floors(rule: Rule) -> Both:
    found = [
        joined((same(str(one.id)), code("floor", one.id), codes("condition", one.when)), ", ")
        for one in rule.floor
    ]
    return joined(found) if found else DASH


def _recipients(settings: Settings, rule: Rule) -> Both:
    named = settings.recipients.named()
    titles = [same(one.title or name) for name, one in named.items() if one.code in rule.recipients]
    others = [code("recipient_code", one) for one in rule.recipients if one not in _codes(settings)]
    return joined((*titles, *others), ", ") if rule.recipients else DASH


def _codes(settings: Settings) -> frozenset[str]:
    return frozenset(one.code for one in settings.recipients.named().values())


def _of_attestation(policy: Policy, row: Attestation) -> PlanRow:
    (line,) = attested_lines(policy, [row], register())
    person = row.carried_by == "person"
    return PlanRow(
        key=row.id,
        id=row.id,
        kind=EMPTY,
        title=both(row.title.sv, row.title.en),
        fields=line.what if line.what.sv != row.title.sv else EMPTY,
        how_long=line.how_long,
        clocks=DASH,
        basis=joined((_attested_bases(row.legal_basis), law(row.basis))),
        floor=DASH if row.period else _floors_of_the_books(policy),
        action=both("intygas av en person", "attested by a person") if person else same("Gallra"),
        recipients=DASH,
    )


def _attested_bases(given: str) -> Both:
    """The letters of an attested row in words; either of two where the schedule leaves the choice."""
    first, _, other = given.partition("/")
    if not other:
        return codes("basis", given)
    return both(
        f"{words('sv').code('basis', first)} eller {lower_first(words('sv').code('basis', other))}",
        f"{words('en').code('basis', first)} or {lower_first(words('en').code('basis', other))}",
    )


def _floors_of_the_books(policy: Policy) -> Both:
    """Rows that last as long as the books: F1, and F2 where the shop sells under OSS."""
    oss = joined((same("F2"), code("floor", "F2"), code("condition", "under_oss")), ", ")
    return joined((joined((same("F1"), code("floor", "F1")), ", "), *((oss,) if policy.context.oss else ())))


_COLUMNS = (
    both("Uppgift", "Data"),
    both("Lagringstid", "Kept"),
    both("Tiden räknas från", "Counted from"),
    both("Rättslig grund", "Legal basis"),
    both("Lägsta tid enligt lag", "Floor by law"),
    both("Åtgärd och mottagare", "Action and recipients"),
)
_SINCE = both("Sedan förra", "Since the last")


def parts(settings: Settings, policy: Policy, signed: SignedPlan | None) -> Iterator[Part]:
    """The schedule: who and what, every row, rows that went, and the lines to sign on."""
    rows = plan_rows(settings, policy)
    yield Part(id="schedule_of", title=both("Vad planen gäller", "What the schedule is for"),
               facts=tuple(_facts(settings, policy, signed)))  # fmt: skip
    yield Part(
        id="schedule_rows",
        title=both("Gallringsregler", "Retention rules"),
        columns=(*_COLUMNS, _SINCE) if signed else _COLUMNS,
        rows=tuple(_cells(row, signed) for row in rows),
    )
    yield _holds(policy)
    gone = [key for key in (signed.rows if signed else {}) if key not in {row.key for row in rows}]
    if gone:
        title = both(
            "Borttaget sedan den senast undertecknade planen", "Removed since the last signed schedule"
        )
        yield Part(id="schedule_gone", title=title, items=tuple(map(same, gone)))
    yield Part(
        id="schedule_sign",
        title=both("Beslut", "Decision"),
        text=(
            both(
                "Genom underskriften beslutas planen. Anteckna beslutet med `gallra policy document --sign`.",
                "The signature decides the schedule. Record it with `gallra policy document --sign`.",
            ),
        ),
        signature=(both("Beslutad av", "Decided by"), both("Roll", "Role"), both("Datum", "Date")),
    )


def _holds(policy: Policy) -> Part:
    """Which holds wait with which rows: part of what is signed, since they lengthen every time."""
    by_hold: dict[str, list[str]] = {}
    for rule in policy.rules:
        for hold in rule.holds:
            by_hold.setdefault(hold, []).append(rule.id)
    return Part(
        id="schedule_holds",
        title=both("Spärrar", "Holds"),
        text=(
            both(
                "En spärr väntar bara med de rader som nämner den.",
                "A hold keeps only the rows that name it waiting.",
            ),
        ),
        columns=(both("Spärr", "Hold"), both("Rader", "Rows")),
        rows=tuple(
            (joined((code("hold", hold), same(hold)), "\n"), same(", ".join(sorted(set(by_hold[hold])))))
            for hold in sorted(by_hold)
        ),
    )


def _facts(settings: Settings, policy: Policy, signed: SignedPlan | None) -> Iterator[tuple[Both, Both]]:
    years, oss = settings.company.financial_years, settings.company.oss
    yield both("Version", "Version"), same(f"{policy.name}@{policy.version}")
    yield both("SHA-256", "SHA-256"), same(policy.digest)
    yield (
        both("Räkenskapsår", "Financial years"),
        _years(settings) if years else gap("company.financial_years"),
    )
    yield both("OSS", "OSS"), gap("company.oss") if oss is None else _oss(oss)
    archived = ", ".join(str(entry.year) for entry in settings.archive.elsewhere)
    where = both(f"på annat håll för {archived}: uppgivet", f"elsewhere for {archived}: declared")
    yield (
        both("Verifikationer", "Vouchers"),
        where if archived else both("i butiken (läge A)", "in the shop (mode A)"),
    )
    yield both("Butik", "Shop"), given(settings.shop.name, "shop.name")
    last = f"{signed.by} ({signed.role}), {signed.on}, version {signed.version}" if signed else ""
    yield (
        both("Senast beslutad av", "Last decided by"),
        same(last) if last else both("ingen har undertecknat planen", "nobody has signed the schedule"),
    )


def _years(settings: Settings) -> Both:
    found = settings.financial_years()
    return same(f"{found[0][0]} – {found[-1][1]}") if found else gap("company.financial_years")


def _oss(periods: tuple[tuple[date, date | None], ...]) -> Both:
    if not periods:
        return both("nej", "no")
    text = ", ".join(f"{first} – {last or ''}".strip() for first, last in periods)
    return both(f"ja: {text}", f"yes: {text}")


def _cells(row: PlanRow, signed: SignedPlan | None) -> tuple[Both, ...]:
    about = joined((same(row.id), row.kind), " ")
    name = joined((row.title, joined((about, row.fields), ": ")), "\n")
    clocks = row.clocks if row.clocks.sv else DASH
    told = joined((row.action, row.recipients if row.recipients != DASH else EMPTY), "\n")
    cells = (row.how_long, clocks, row.basis, row.floor, told)
    return (name, *cells, _since(row, signed)) if signed else (name, *cells)


def _since(row: PlanRow, signed: SignedPlan) -> Both:
    if row.key not in signed.rows:
        return both("ny", "new")
    return (
        both("oförändrad", "unchanged") if signed.rows[row.key] == row.digest else both("ändrad", "changed")
    )


def still_open(settings: Settings, policy: Policy, today: date) -> tuple[Both, ...]:
    """What is to be filled in or finished before anybody signs."""
    asked = {
        "company.name": settings.company.name,
        "company.organisation_number": settings.company.organisation_number,
        "company.financial_years": settings.company.financial_years,
        "company.oss": settings.company.oss,
    }
    lacking = [gap(key) for key, value in asked.items() if value is None]
    return (*lacking, *said_open(open_rows(settings, policy, today)))
