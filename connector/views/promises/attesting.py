"""Which promises a person's word carries: where rules, scans or other words do, it would prove nothing."""

from collections.abc import Mapping

from connector.policy import Policy
from connector.records import Kind
from connector.settings.promises import Promise
from connector.views.promises.bounds import of_use, slots_of
from connector.views.promises.carried import rules_of

NO_WORD: Mapping[str, str] = {
    "rule": "rules carry it, and `gallra promises` shows what the data says.",
    "scan": "the shop's data is searched for it, and `gallra promises` shows what was found.",
    "wording": "only another text helps, and `gallra promises` shows which.",
}
"""Why a person's word on a promise proves nothing, by what carries it."""


def why_no_word(promise: Promise, policy: Policy, shown: frozenset[Kind]) -> str:
    """Why nobody can attest a promise; empty where a person's word is what carries it."""
    if "L" in promise.verdict:
        return NO_WORD["wording"]
    if promise.how in ("rule", "scan") and _by_word(promise, policy, shown):
        return ""
    return NO_WORD.get(promise.how, "")


def _by_word(promise: Promise, policy: Policy, shown: frozenset[Kind]) -> bool:
    """Whether its rules cannot speak: it is about use, about kinds no platform shows, or of attested rows."""
    if of_use(promise):
        return True
    if any(not rule.optional for rule in rules_of(policy, promise)):
        return not any(slot.kind in shown for slot in slots_of(policy, promise))
    off = any(rule.id in promise.rules for rule in policy.rules)
    return not off and any(row.id in promise.rules for row in policy.attestations)
