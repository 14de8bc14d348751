"""Faults between a shop's file, its policy and its promises: recipients, promises, open questions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from connector.about.tables import Recipient
from connector.policy import Policy
from connector.policy.abroad import unread_since
from connector.policy.file_format import Rule
from connector.policy.goods import CONSUMABLE
from connector.records import Kind
from connector.report.shared import Both
from connector.settings import Settings
from connector.settings.promises import Promise
from connector.views.lint.codes import finding
from connector.views.lint.texts import Finding, recipients, words_of
from connector.views.papers.balancing import open_rows
from connector.views.processing import EEA
from connector.views.promises.bounds import bounds
from connector.views.promises.carried import PLATFORM, rules_of
from connector.views.promises.check import speaks_for_another
from connector.views.promises.mentions import Mentions
from connector.views.promises.public_text import public_text


def check_recipients(
    settings: Settings, policy: Policy, promises: Sequence[Promise] | None
) -> Iterator[Finding]:
    """Recipients that are named and not configured, and the other way round."""
    named = settings.recipients.named()
    told = _by_code(policy.rules)
    said = Mentions(promises or ())
    for name, where in said.missing(named):
        recipient = recipients().get(name) or Both(sv=name, en=name)
        yield finding("GA201", name, recipient=recipient, promises=", ".join(where))
    configured = {PLATFORM, *(one.code for one in named.values())}
    for code in [code for code in told if code not in configured and not said.of_kind(code)]:
        ids = dict.fromkeys(rule.id for rule in told[code])
        yield finding("GA202", code, recipient=recipients()[code], rules=", ".join(ids))
    for name, one in named.items():
        title = one.title or name
        if one.code not in told:
            yield finding("GA203", name, recipient=title, recipient_code=one.code)
        if promises is not None and not said.named(name, one):
            yield finding("GA204", name, recipient=title, recipient_code=one.code)
        yield from _untold(name, one, told)
        yield from _unsettled(name, one)


def _unsettled(name: str, one: Recipient) -> Iterator[Finding]:
    """A transfer that rests on nothing that is written down, and a role that nobody has stated."""
    title = one.title or name
    if one.country and one.country.strip().upper() not in EEA and not one.safeguard:
        yield finding("GA206", name, recipient=title)
    if one.role_assumed:
        yield finding("GA207", name, recipient=title)


def _by_code(rules: Sequence[Rule]) -> dict[str, list[Rule]]:
    told: dict[str, list[Rule]] = {}
    for rule in rules:
        for code in rule.recipients:
            told.setdefault(code, []).append(rule)
    return told


def _untold(name: str, one: Recipient, told: Mapping[str, Sequence[Rule]]) -> Iterator[Finding]:
    """Fields that a recipient is sent and that no rule takes back from it."""
    rules = told.get(one.code, ())
    if not rules or any(rule.whole_record and rule.kind is Kind.SUBSCRIBER for rule in rules):
        return
    covered = {field for rule in rules for field in rule.fields}
    left = [field for field in one.sends if field not in covered]
    if left:
        title = one.title or name
        yield finding("GA205", name, recipient=title, recipient_code=one.code, fields=words_of("field", left))


def check_promises(policy: Policy, promises: Sequence[Promise]) -> Iterator[Finding]:
    """Promises without a rule, with one that is off, or about a field that their rules leave alone."""
    rules = {rule.id for rule in policy.rules}
    attested = {row.id for row in policy.attestations}
    for promise in promises:
        if promise.how == "rule" and not promise.rules:
            yield finding("GA302", promise.id, promise=promise.id)
        for rule_id in promise.rules:
            if rule_id not in rules | attested:
                yield finding("GA301", promise.id, promise=promise.id, rule=rule_id)
        if promise.proposed:
            yield finding("GA311", promise.id, promise=promise.id)
        yield from _off(policy, promise)
        yield from _ungoverned(policy, promise)


def check_text(settings: Settings, promises: Sequence[Promise]) -> Iterator[Finding]:
    """Another company's name in the policy, the own one that is missing, and a text that has changed."""
    text = public_text(settings)
    for promise in promises:
        if speaks_for_another(promise, text):
            yield finding("GA308", promise.id, promise=promise.id, name=promise.other_controller)
    if text is None:
        return
    company = settings.company.name
    if company and not text.says(company):
        yield finding("GA309", "company.name", name=company)
    if text.changed:
        yield finding("GA310", "policy.text_sha256", sha256=text.sha256)


def check_bounds(policy: Policy, promises: Sequence[Promise], today: date) -> Iterator[Finding]:
    """Promises that end before the law allows, or before the rule acts (schedule §3)."""
    for promise in promises:
        for bound in bounds(policy, promise, today):
            field = words_of("field", (bound.field or f"whole_{bound.kind}",))
            values = {"promise": promise.id, "field": field, "latest": bound.latest}
            if bound.law_is_later:
                yield finding("GA306", promise.id, floor=bound.floor, law=bound.law, **values)
            elif bound.rule_is_later:
                yield finding("GA307", promise.id, act_by=bound.act_by, **values)


def _off(policy: Policy, promise: Promise) -> Iterator[Finding]:
    for rule in policy.rules:
        if rule.id in promise.rules and rule.optional:
            yield finding("GA303", promise.id, promise=promise.id, rule=rule.id)


def _ungoverned(policy: Policy, promise: Promise) -> Iterator[Finding]:
    own = rules_of(policy, promise)
    if promise.how != "rule" or not own or any(rule.whole_record for rule in own):
        return
    governed = {field for rule in own for field in rule.fields}
    for field in promise.fields:
        if field not in governed:
            yield finding("GA304", promise.id, promise=promise.id, field=words_of("field", (field,)))


def check_goods(settings: Settings, policy: Policy) -> Iterator[Finding]:
    """Goods that are soon used up, where no rule has a period of theirs (schedule T-02)."""
    named = [sku for sku, word in (settings.platform.goods or {}).items() if word == CONSUMABLE]
    if named and not any(one.consumables for rule in policy.rules for one in rule.purpose):
        yield finding("GA208", "platform.goods", goods=", ".join(named))


def check_statutes(settings: Settings, today: date) -> Iterator[Finding]:
    """Rules with a date that has come, whose Swedish statute nobody has read (R-92)."""
    since = unread_since(today)
    if since is not None and settings.company.oss != ():
        yield finding("GA404", "company.oss", since=since)


def check_balancing(settings: Settings, policy: Policy, today: date) -> Iterator[Finding]:
    """Rows on legitimate interest that nobody has weighed, or whose day of review has passed."""
    unfinished = ", ".join(dict.fromkeys(row.rule for row in open_rows(settings, policy, today)))
    if unfinished:
        yield finding("GA405", "balancing", rules=unfinished)


def check_answers(settings: Settings) -> Iterator[Finding]:
    """Questions that the law turns on and that the company has not answered."""
    if settings.company.financial_years is None:
        yield finding("GA401", "company.financial_years")
    if settings.company.oss is None:
        yield finding("GA402", "company.oss")
    if not settings.accountant.has_spoken:
        yield finding("GA403", "accountant.answer")
    if settings.policy.promises is None:
        yield finding("GA305", "policy.promises")
