"""Who is to be warned before an account goes or a consent ends: by facts, rules and what was tried."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from connector.ledger.index import Row
from connector.ledger.states import WARNED, WarningState
from connector.ledger.warnings import WarningRow, Whom
from connector.policy import Policy, decide
from connector.policy.facts import stated_of
from connector.records import Kind, Record, Value
from connector.verdicts import FieldVerdict, Verdict

BY_MAIL = (None, WarningState.WAITING)
"""Who is mailed unasked: nobody has tried yet, or surely nothing left."""


class ToWarn(Value, frozen=True, kw_only=True):
    """One who is to be warned now: which rule's alert, the first day it goes, and how the last try stands.

    `goes` is None where no day can be told; `why_not` says why a mail would be untrue, if it would.
    """

    whom: Whom
    label: str
    goes: date | None
    tried: WarningState | None = None
    why_not: str = ""

    @property
    def by_mail(self) -> bool:
        """Whether a mail is sent without anybody asking for another."""
        return self.tried in BY_MAIL and not self.why_not


def codes_of(policy: Policy) -> Mapping[Kind, frozenset[str]]:
    """By kind the alerts of the rules that ask for a warning."""
    kinds = {rule.kind for rule in policy.rules if rule.warning}
    return {
        kind: frozenset(rule.warning.alert for rule in policy.rules if rule.warning and rule.kind is kind)
        for kind in kinds
    }


def to_warn(row: Row, policy: Policy, newest: WarningRow | None, *, today: date) -> ToWarn | None:
    """Whether the person behind a row, its holds on it, is to be warned today."""
    record = row.record
    verdict = decide(record, policy, today=today)
    asked = sorted(
        codes_of(policy).get(record.ref.kind, frozenset()) & {*verdict.alerts, *_of_whole(verdict)}
    )
    whole = verdict.record
    if not asked or whole is None:
        return None
    tried = _since(newest, whole, asked[0])
    if tried in WARNED:
        return None  # of a kind whose facts do not say it
    return ToWarn(
        whom=Whom(record=row.id, ref=record.ref, code=asked[0]),
        label=record.label or record.ref.id,
        goes=_goes(record, policy, today=today),
        tried=tried,
        why_not=_why_not(whole),
    )


def _of_whole(verdict: Verdict) -> Collection[str]:
    return verdict.record.alerts if verdict.record is not None else ()


def _since(newest: WarningRow | None, whole: FieldVerdict, code: str) -> WarningState | None:
    """How the last try stands; one from before the last sign of life was another time's."""
    if newest is None or newest.code != code:
        return None
    since = whole.clock.on if whole.clock is not None else None
    return None if since is not None and newest.on < since else newest.state


def _goes(record: Record, policy: Policy, *, today: date) -> date | None:
    """The first day on which it may go where its person is warned today; None where none can be told."""
    if "warned" in stated_of(record.ref.kind):
        record = replace(record, facts=replace(record.facts, warned=today))
    whole = decide(record, policy, today=today).record
    return whole.eligible_from if whole is not None else None


def _why_not(whole: FieldVerdict) -> str:
    """Why it would not be true that the record goes; empty where it would."""
    if whole.holds:
        return "hold"
    return "unknown_holds" if whole.unknown_holds else ""


def chosen(found: Sequence[ToWarn], again: Collection[str], *, most: int) -> tuple[ToWarn, ...]:
    """Those who are mailed now: no more than so many, and who was tried before only where asked for by id."""
    return tuple(one for one in found if _is_mailed(one, again))[:most]


def _is_mailed(one: ToWarn, again: Collection[str]) -> bool:
    if one.why_not or one.goes is None:
        return False
    return one.whom.ref.id in again if again else one.by_mail
