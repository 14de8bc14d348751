"""The retention schedule to sign (law/documents §1): every row, who decided, and what changed since."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date

from connector.papers.balancing import law, open_rows, said_open
from connector.papers.said import DASH, both, code, codes, gap, given, joined, same
from connector.policy import Policy
from connector.policy.schema import Attestation, Rule
from connector.policy_text import REGISTER, attested_lines, on_platform, rule_lines
from connector.records import Value
from connector.report.model.paper import Part
from connector.report.model.record import Both
from connector.settings import Settings

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
    title: Both
    fields: Both
    how_long: Both
    clocks: Both
    basis: Both
    floor: Both
    action: Both
    recipients: Both

    @property
    def digest(self) -> str:
        """What changes when anything that the row says changes; in Swedish, the language that is signed."""
        said = (self.title, self.fields, self.how_long, self.clocks, self.basis, self.floor, self.action)
        text = "\n".join(one.sv for one in (*said, self.recipients))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def plan_rows(settings: Settings, policy: Policy) -> tuple[PlanRow, ...]:
    """Every rule and every row that a person carries out, in the order of the policy."""
    rules = (_of_rule(settings, policy, rule) for rule in policy.rules)
    return (*rules, *(_of_attestation(policy, row) for row in policy.attestations))


def _of_rule(settings: Settings, policy: Policy, rule: Rule) -> PlanRow:
    voice = on_platform(REGISTER, str(settings.platform.name))
    alone = Policy(file=policy.file, rules=(rule,), context=policy.context)
    lines = rule_lines(alone, [rule.id], [rule.kind], voice)
    off = both("regeln är avstängd", "the rule is off") if rule.optional else both("", "")
    letters = dict.fromkeys(one.legal_basis for one in rule.purpose)
    return PlanRow(
        key=f"{rule.id} {rule.kind}",
        title=both(rule.title.sv, rule.title.en),
        fields=codes("field", rule.fields) if rule.fields else code("field", f"whole_{rule.kind}"),
        how_long=joined((*(both(one.how_long.sv, one.how_long.en) for one in lines), off)),
        clocks=codes("clock", dict.fromkeys(str(one.clock) for one in rule.purpose)),
        basis=joined((codes("basis", letters), law(rule.basis))),
        floor=_floors(rule),
        action=code("action", rule.action),
        recipients=_recipients(settings, rule),
    )


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
    (line,) = attested_lines(policy, [row], REGISTER)
    person = row.carried_by == "person"
    return PlanRow(
        key=row.id,
        title=both(row.title.sv, row.title.en),
        fields=both(line.what.sv, line.what.en),
        how_long=both(line.how_long.sv, line.how_long.en),
        clocks=DASH,
        basis=law(row.basis) if law(row.basis).sv else DASH,
        floor=DASH,
        action=both("intygas av en person", "attested by a person") if person else same("Gallra"),
        recipients=DASH,
    )


_COLUMNS = (
    both("Uppgift", "Data"),
    both("Lagringstid", "Kept"),
    both("Tiden räknas från", "Counted from"),
    both("Rättslig grund", "Legal basis"),
    both("Lägsta tid enligt lag", "Floor by law"),
    both("Åtgärd", "Action"),
    both("Mottagare", "Recipients"),
    both("Sedan förra", "Since the last"),
)


def parts(settings: Settings, policy: Policy, signed: SignedPlan | None) -> Iterator[Part]:
    """The schedule: who and what, every row, rows that went, and the lines to sign on."""
    rows = plan_rows(settings, policy)
    yield Part(id="schedule_of", title=both("Vad planen gäller", "What the schedule is for"),
               facts=tuple(_facts(settings, policy, signed)))  # fmt: skip
    yield Part(
        id="schedule_rows",
        title=both("Gallringsregler", "Retention rules"),
        columns=_COLUMNS,
        rows=tuple(_cells(row, signed) for row in rows),
    )
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
    name = both(f"{row.title.sv}\n{row.key}: {row.fields.sv}", f"{row.title.en}\n{row.key}: {row.fields.en}")
    clocks = row.clocks if row.clocks.sv else DASH
    cells = (row.how_long, clocks, row.basis, row.floor, row.action, row.recipients)
    return (name, *cells, _since(row, signed))


def _since(row: PlanRow, signed: SignedPlan | None) -> Both:
    if signed is None:
        return DASH
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
