"""The time limits of the policy text: how long, what they wait for, and which of them nobody vouches for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from connector.policy import Policy
from connector.report.paper.model import Part
from connector.report.promises.model import WordingView
from connector.report.shared import AttestedView, Both, both
from connector.settings import Settings
from connector.views.papers.said import gap, joined, said


def limits(
    settings: Settings,
    policy: Policy,
    lines: Sequence[WordingView],
    *,
    attested: Mapping[str, AttestedView],
    today: date,
) -> Part:
    """Each line with its time; one that no rule carries is marked until a person's word on it is in force."""
    vouched = frozenset(row for row, one in attested.items() if one.due and today <= one.due)
    return Part(
        id="notice_limits",
        title=both("Så länge sparar vi dina uppgifter", "How long we keep your data"),
        text=tuple(_text(settings, policy)),
        facts=tuple((both(one.what_sv, one.what_en), _how_long(one, vouched)) for one in lines),
    )


def _text(settings: Settings, policy: Policy) -> Iterator[Both]:
    """Holds, the days of a run and the copies of it belong to the promise: else every time is too short."""
    yield said("promises.wording_holds", days=policy.context.run_slack_days + 1)
    if policy.context.undo_days:
        yield said("promises.wording_undo", days=policy.context.undo_days)
    if settings.shop.backup_days is not None:
        yield said("promises.wording_backups", days=settings.shop.backup_days)
    yield said("promises.wording_years")
    lacking = joined(map(gap, unanswered(settings)), ", ")
    if lacking.sv:
        yield both(f"Tiderna beror på {lacking.sv}.", f"The times depend on {lacking.en}.")


def unanswered(settings: Settings) -> tuple[str, ...]:
    """The keys of the shop's file that the times depend on and that nobody has filled in."""
    company = settings.company
    asked = {
        "company.financial_years": company.financial_years,
        "company.oss": company.oss,
        "shop.backup_days": settings.shop.backup_days,
    }
    return tuple(key for key, value in asked.items() if value is None)


def _how_long(one: WordingView, vouched: frozenset[str]) -> Both:
    lacking = [rule for rule in one.rule.split(", ") if rule not in vouched] if one.by_hand else []
    return joined((both(one.how_long_sv, one.how_long_en), _unvouched(lacking)), " ")


def _unvouched(rules: Sequence[str]) -> Both:
    ids = ", ".join(rules)
    if not ids:
        return both("", "")
    return both(f"[öppet: intyga {ids}, eller stryk raden]", f"[open: attest {ids}, or strike the line]")
