"""From a shop to its promise report: settings, policy and promises, with the ledger where there is one."""

from connector import __version__
from connector.errors import GallraError
from connector.policy import Policy
from connector.records import Kind
from connector.report.policy_text import Line, attested_lines, customers, on_platform, policy_lines
from connector.report.processing.model import RecordOfProcessing
from connector.report.promises.model import PromiseReport, WordingView
from connector.report.shared import PolicyRef
from connector.settings.promises import Promise
from connector.shop import Shop
from connector.views.dry_run import letterhead
from connector.views.lint.worlds import shown_to
from connector.views.papers import notice
from connector.views.papers.limits import unanswered
from connector.views.processing import record_of_processing
from connector.views.promises.attesting import why_no_word
from connector.views.promises.carried import confirmed_rows
from connector.views.promises.case import Case
from connector.views.promises.check import check
from connector.views.promises.public_text import public_text
from connector.views.promises.reading import attestations, existing_ledger, take_census

NOT_TOLD = frozenset({"T-64"})
"""Rows of the schedule that a customer's policy need not speak of: the company's own incidents."""


def promise_report(shop: Shop) -> PromiseReport:
    """Every promise with its state; raises GallraError where the shop's file names no promises."""
    promises = promises_of(shop)
    ledger = existing_ledger(shop)
    policy = shop.policy
    census = (
        take_census(ledger, policy, promises, shop.today, declared=shop.settings.declared) if ledger else None
    )
    case = Case(
        settings=shop.settings,
        policy=policy,
        today=shop.today,
        census=census,
        attested=attestations(ledger),
        text=public_text(shop.settings),
    )
    record = record_of_processing(
        shop.settings, policy, case.attested, letterhead=letterhead(shop, {}), made_at=shop.clock()
    )
    return PromiseReport(
        shop=letterhead(shop, {}),
        policy=policy_ref(policy),
        made_at=shop.clock(),
        promises=tuple(check(promise, case) for promise in promises),
        wording=wording(policy, shown_to(shop.settings), platform=str(shop.settings.platform.name)),
        ahead=tuple(notice.before(shop.settings, policy, record)),
        behind=tuple(notice.after(shop.settings)),
        within_days=policy.context.run_slack_days + 1,
        undo_days=policy.context.undo_days,
        backup_days=shop.settings.shop.backup_days,
        unanswered=unanswered(shop.settings),
        records=tuple(sorted(census.records.items())) if census else (),
        read=(census.known.read or shop.today) if census else None,
        archived=tuple(entry.year for entry in shop.settings.archive.elsewhere),
        tool_version=__version__,
    )


def processing_record(shop: Shop) -> RecordOfProcessing:
    """The record of processing of a shop, attestations of its ledger included."""
    ledger = existing_ledger(shop)
    return record_of_processing(
        shop.settings,
        shop.policy,
        attestations(ledger),
        letterhead=letterhead(shop, {}),
        made_at=shop.clock(),
    )


def promises_of(shop: Shop) -> tuple[Promise, ...]:
    """The promises that the shop's file names. Raises GallraError where it names none."""
    if shop.promises is None:
        raise GallraError('This shop\'s file names no promises. Add promises = "FILE" under [policy].')
    return shop.promises


def attestable(shop: Shop) -> tuple[str, ...]:
    """The rows that a person may confirm, then the promises that only a person's word carries."""
    policy, shown = shop.policy, shown_to(shop.settings)
    by_word = (one.id for one in _promised(shop) if not why_no_word(one, policy, shown))
    return (*_confirmable(shop), *by_word)


def refuse_to_attest(shop: Shop, row: str) -> None:
    """Raises GallraError that says why a person's word on this row would prove nothing; else does nothing."""
    if row in attestable(shop):
        return
    policy = shop.policy
    promise = next((one for one in _promised(shop) if one.id == row), None)
    if promise is not None:
        reason = why_no_word(promise, policy, shown_to(shop.settings))
        raise GallraError(f"{row} is nothing to attest: {reason}")
    if row in {rule.id for rule in policy.rules}:
        raise GallraError(f"{row} is nothing to attest: Gallra carries it out. See the protocol.")
    if row in {one.id for one in policy.attestations}:
        raise GallraError(f"{row} is nothing to attest: Gallra's own register keeps it.")
    raise GallraError(f"{row} is nothing to attest. Name one of: {', '.join(attestable(shop))}.")


def _confirmable(shop: Shop) -> tuple[str, ...]:
    """The rows of the policy that no API of this shop carries out."""
    policy = shop.policy
    by_hand = [rule.id for rule in policy.rules if rule.kind not in shown_to(shop.settings)]
    return tuple(sorted({*confirmed_rows(policy), *by_hand}))


def _promised(shop: Shop) -> tuple[Promise, ...]:
    return shop.promises or ()


def policy_ref(policy: Policy) -> PolicyRef:
    """The policy as documents name it."""
    return PolicyRef(name=policy.name, version=policy.version, digest=policy.digest)


def wording(policy: Policy, shown: frozenset[Kind], *, platform: str = "") -> tuple[WordingView, ...]:
    """The retention section line by line: what Gallra carries out first, then what a person does."""
    rows = [row for row in policy.attestations if row.id in confirmed_rows(policy)]
    books = attested_lines(policy, [row for row in rows if not row.period])
    others = attested_lines(policy, [row for row in rows if row.period and row.id not in NOT_TOLD])
    lines = policy_lines(policy, on_platform(customers(), platform))
    own = [line for line in lines if line.kind in shown]
    by_hand = [line for line in lines if line.kind not in shown]
    return (
        *(_wording(line) for line in (*own, *books)),
        *(_wording(line, by_hand=True) for line in (*by_hand, *others)),
    )


def _wording(line: Line, *, by_hand: bool = False) -> WordingView:
    return WordingView(
        rule=", ".join(line.rules),
        what_sv=line.what.sv,
        what_en=line.what.en,
        how_long_sv=line.how_long.sv,
        how_long_en=line.how_long.en,
        by_hand=by_hand,
    )
