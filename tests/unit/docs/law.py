"""The schedule as it runs, row by row, as docs/law.md shows it."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby

from connector.policy import Policy, ShopContext, load_policy
from connector.policy.file_format import Rule
from connector.records import HoldId
from connector.report.words import Words

PRESET = "swedish-webshop"


@cache
def preset() -> Policy:
    """The schedule that comes with Gallra."""
    return load_policy(PRESET, context=ShopContext())


def schedule() -> Iterator[str]:
    """Every rule, by the kind of record that it is about."""
    yield f"`{PRESET}` version {preset().version}, {len(preset().rules)} rules."
    for kind, rules in groupby(preset().rules, key=lambda rule: rule.kind):
        yield from ("", f"#### {Words('en').code('kind', kind).capitalize()}", "")
        yield "| Row | What | Kept for | Then | Waits for | Told | Law |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_row(rule) for rule in rules)


def _row(rule: Rule) -> str:
    fields = ", ".join(f"`{field}`" for field in rule.fields) or "the whole record"
    cells = (
        rule.id, f"{rule.title.en}: {fields}", "; ".join(_kept(rule)),
        f"{rule.action}, round `{rule.wave}`", ", ".join(rule.holds) or "–",
        ", ".join(rule.recipients) or "–", rule.basis,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _kept(rule: Rule) -> Iterator[str]:
    """Each purpose with its period, clock and basis, then the floors."""
    for one in rule.purpose:
        of = f" of {', '.join(f'`{field}`' for field in one.fields)}" if one.fields else ""
        yield f"{one.period} from `{one.clock}`{of}{_where(one.when)} ({one.legal_basis})"
        if one.consumables:
            yield f"{one.consumables} for consumables"
    for floor in rule.floor:
        yield f"floor {floor.id}{_where(floor.when)}"
    if rule.optional:
        yield "off until turned on"


def _where(conditions: Sequence[str]) -> str:
    return f" where {', '.join(f'`{one}`' for one in conditions)}" if conditions else ""


def attestations() -> Iterator[str]:
    """The rows that no rule carries out."""
    yield "| Row | What | Kept for | Carried out by | Law |"
    yield "|---|---|---|---|---|"
    for row in preset().attestations:
        by = "Gallra's own register" if row.carried_by == "gallra" else "a person, confirmed once a year"
        yield f"| {row.id} | {row.title.en} | {row.period or 'as long as the books'} | {by} | {row.basis} |"


def holds() -> Iterator[str]:
    """Every reason to wait."""
    yield "| Hold | Reason | Rows that wait for it |"
    yield "|---|---|---|"
    for hold in HoldId:
        rows = dict.fromkeys(rule.id for rule in preset().rules if hold in rule.holds)
        yield f"| {hold} | {Words('en').code('hold', hold)} | {', '.join(rows) or '–'} |"
