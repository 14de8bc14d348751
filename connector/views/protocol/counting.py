"""Everything the steps of a plan say, counted in one pass."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from connector.deciding.lost import RECORD_GONE
from connector.ledger.plans import StepRow
from connector.plan import Plan, hands
from connector.ports import DEVIATES, EMPTIED, WENT
from connector.records import FIELD_BITS, Action, Field, Kind, Outcome, Wave, from_bits
from connector.report.protocol.model import (
    Deviation,
    Label,
    OutcomeCount,
    PutBackView,
    RuleResult,
    WaveResult,
)
from connector.shop import Shop
from connector.views.dry_run.counts import Hand

SAMPLES = 10
NOT_TAKEN = "not_taken"
# With the vouchers archived elsewhere the order number still leads to the person (schedule §1, §5).
COUNTERPARTY = ("T-01", "T-05")


class RuleKey(NamedTuple):
    """A rule, what it was applied to, and what was done."""

    rule: str
    kind: str
    field: str
    action: Action


class RuleTally(NamedTuple):
    """How often, between which days of their clocks, on what basis, and what of it is or can be undone."""

    times: int
    span: list[date]
    basis: str
    restored: int = 0
    restorable: int = 0
    until: date = date.min


class Undoable(NamedTuple):
    """By record: the fields of which copies live, and until when; the fields that were put back since."""

    copies: Mapping[int, tuple[int, date]]
    put_back: Mapping[int, int]


NOT_UNDOABLE = Undoable({}, {})


class Counted:
    """Everything the steps of a plan say, in one pass."""

    def __init__(
        self,
        shop: Shop,
        steps: Iterable[StepRow],
        plan: Plan,
        planned_hands: Mapping[str, int],
        *,
        undoable: Undoable = NOT_UNDOABLE,
    ) -> None:
        self._undoable = undoable
        self._undoes = plan.sets_values
        self.rectifies = plan.rectifies
        self._put_back: dict[tuple[str, str], int] = {}
        self.restored: set[int] = set()
        self.not_restored: dict[int, str] = {}
        self._rules: dict[RuleKey, RuleTally] = {}
        self._outcomes: dict[Wave, dict[Outcome, int]] = {}
        self._deviations: dict[tuple[Outcome, str], list[str]] = {}
        self._hands: dict[Hand, set[int]] = {}
        self._planned_hands = planned_hands
        self._at_once = {
            (str(kind), code) for (_, kind), able in shop.capabilities.items() for code in able.at_once
        }
        self._once: set[tuple[str, str]] = set()
        self.only_by_hand = min(plan.by_hand_records, self._of_their_own(planned_hands))
        self.clean: set[int] = set()
        self.left: dict[int, str] = {}
        self.unread: dict[int, str] = {}
        self.accepted: dict[int, str | None] = {}
        self.by_hand: set[int] = set()
        self._deleted: list[str] = []
        for row in steps:
            self._add(row)

    @property
    def tasks(self) -> int:
        """Records that need a hand of their own, and places that one act clears in every record."""
        return len(self.by_hand) + self.only_by_hand + len(self._once)

    def _of_their_own(self, planned: Mapping[str, int]) -> int:
        """The records of the plan's tasks without a step, those apart that one act does in every record."""
        own = 0
        for name, count in planned.items():
            kind, _, place = name.split("|", 2)
            own += count if self._is_own(kind, place) else 0
        return own

    def _is_own(self, kind: str, place: str) -> bool:
        if (kind, place.partition(":")[0]) not in self._at_once:
            return True
        self._once.add((kind, place))
        return False

    def _add(self, row: StepRow) -> None:
        if not row.outcome:
            return
        outcome = Outcome(row.outcome)
        counts = self._outcomes.setdefault(row.step.wave, {})
        counts[outcome] = counts.get(outcome, 0) + 1
        if row.written:
            self._count_rules(row)
            if row.step.action is Action.DELETE and row.step.ref.kind is Kind.ORDER:
                self._deleted.append(row.step.label)
        # A redacted record that is gone altogether is not what was decided: more went than was to go.
        lost = row.step.action is Action.REDACT and row.reason in (RECORD_GONE, WENT)
        other = row.reason.startswith(DEVIATES)
        if outcome in (Outcome.STALE, Outcome.REFUSED) or lost or other:
            self._deviations.setdefault((outcome, row.reason), []).append(row.step.named)
        if row.kept_beside:
            self._deviations.setdefault((Outcome.REFUSED, NOT_TAKEN), []).append(row.step.named)
        if outcome is Outcome.ACCEPTED:
            self.accepted[row.record] = row.due
        if self._undoes:
            self._add_put_back(row)
        else:
            self._add_read_back(row)
        if row.written or outcome not in (Outcome.STALE, Outcome.REFUSED):
            self._count_hands(row)

    def _add_read_back(self, row: StepRow) -> None:
        """A record of which a part was put back since is never clean; its other fields are read as any."""
        back = self._undoable.put_back.get(row.record, 0)
        if back and row.written:
            self.restored.add(row.record)
            if not row.done & ~back:
                return
        if row.read_back == "left":
            self.left[row.record] = row.step.named
        elif row.read_back == "clean":
            self.clean.add(row.record)
        elif row.written:
            self.unread[row.record] = row.step.named

    def _add_put_back(self, row: StepRow) -> None:
        """What an undo wrote is there again, or it is not: clean is no word for it."""
        kind = str(row.step.ref.kind)
        for field in from_bits(row.done):
            self._put_back[kind, str(field)] = self._put_back.get((kind, str(field)), 0) + 1
        if row.outcome == Outcome.DONE and row.read_back == "clean":
            self.restored.add(row.record)
        elif row.reason.startswith("unread:"):
            self.unread[row.record] = row.step.named
        else:
            self.not_restored[row.record] = row.step.named

    def _count_hands(self, row: StepRow) -> None:
        kind = str(row.step.ref.kind)
        told = [*hands(row.step), *(("", place) for place in row.places.split(",") if place)]
        for field, place in told:
            self._hands.setdefault(Hand(kind, field, place), set()).add(row.record)
            if self._is_own(kind, place):
                self.by_hand.add(row.record)

    def _count_rules(self, row: StepRow) -> None:
        if row.step.action is Action.NOTIFY:  # the shop did it; the recipients' table says the rest
            return
        done = {str(field) for field in from_bits(row.done)} | {"record"}
        for why in row.step.why:
            if why.field not in done:
                continue
            key = RuleKey(why.rule, str(row.step.ref.kind), why.field, _what_was_done(row))
            known = self._rules.get(key, RuleTally(0, [], why.basis))
            span = [*known.span, *([why.clock_date] if why.clock_date else [])]
            ends = [min(span), max(span)] if span else []
            back, copied, until = self._undone(row, key)
            self._rules[key] = known._replace(
                times=known.times + 1, span=ends, restored=known.restored + back,
                restorable=known.restorable + copied, until=max(known.until, until),
            )  # fmt: skip

    def _undone(self, row: StepRow, key: RuleKey) -> tuple[bool, bool, date]:
        """Whether this field of the record was put back, else whether a copy of it lives, and until when."""
        if key.action is not Action.REDACT or key.field == "record":
            return False, False, date.min
        bit = FIELD_BITS[Field(key.field)]
        copied, until = self._undoable.copies.get(row.record, (0, date.min))
        back, lives = bool(self._undoable.put_back.get(row.record, 0) & bit), bool(copied & bit)
        return back, lives and not back, until if lives and not back else date.min

    def put_back(self) -> tuple[PutBackView, ...]:
        """What an undo put back, by kind and field."""
        return tuple(
            PutBackView(kind=Kind(kind), field=Field(field), count=count)
            for (kind, field), count in sorted(self._put_back.items())
        )

    def rules(self, shop: Shop) -> tuple[RuleResult, ...]:
        """Per rule and field: how many, the honest label, oldest and youngest, and what of it is undone."""
        archived = bool(shop.settings.archive.elsewhere)
        labels = {
            Action.DELETE: Label.DELETED,
            Action.UNSUBSCRIBE: Label.UNSUBSCRIBED,
            Action.REDACT: Label.REDACTED,
        }
        return tuple(
            RuleResult(
                rule=rule,
                kind=Kind(kind),
                field=None if field == "record" else Field(field),
                count=one.times,
                label=Label.PSEUDONYMISED
                if archived and rule in COUNTERPARTY and action is Action.REDACT
                else labels[action],
                oldest=one.span[0] if one.span else None,
                youngest=one.span[-1] if one.span else None,
                basis=one.basis,
                restored=one.restored,
                restorable=one.restorable,
                restorable_until=one.until if one.restorable else None,
            )
            for (rule, kind, field, action), one in sorted(self._rules.items())
        )

    def waves(self, plan: Plan) -> tuple[WaveResult, ...]:
        """Per wave the outcomes of its steps."""
        return tuple(
            WaveResult(
                wave=w.wave,
                code=w.digest[:8],
                outcomes=tuple(
                    OutcomeCount(outcome=o, count=c)
                    for o, c in sorted(self._outcomes.get(w.wave, {}).items())
                ),
            )
            for w in plan.waves
            if w.wave in self._outcomes
        )

    def deviations(self) -> tuple[Deviation, ...]:
        """What did not go as planned, with a few order numbers."""
        return tuple(
            Deviation(outcome=o, reason=reason, count=len(labels), samples=tuple(labels[:SAMPLES]))
            for (o, reason), labels in sorted(self._deviations.items())
        )

    def deleted_orders(self) -> tuple[str, ...]:
        """The numbers of orders that are gone, in the order of their series."""
        return tuple(sorted(self._deleted, key=lambda number: (len(number), number)))

    def hands(self) -> dict[Hand, int]:
        """Records that need a hand, by kind, field and place."""
        counts = {key: len(records) for key, records in self._hands.items()}
        for name, count in self._planned_hands.items():
            hand = Hand(*name.split("|", 2))
            counts[hand] = counts.get(hand, 0) + count
        return counts


def _what_was_done(row: StepRow) -> Action:
    """A profile that its orders keep in the shop was emptied, not deleted, and is called so."""
    return Action.REDACT if row.reason.startswith(EMPTIED) else row.step.action
