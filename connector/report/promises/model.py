"""Whether each public promise is true: its state, what the shop's data shows, and both bounds."""

from datetime import date, datetime
from enum import StrEnum

from connector.records import Field, Kind, Value
from connector.report.paper.model import Part
from connector.report.shared import PolicyRef, Shop


class State(StrEnum):
    """What may be said of a promise, the best first (law/documents §10)."""

    KEPT = "kept"
    # No record holds what the promise is about: neither kept nor broken.
    NOTHING = "nothing"
    IN_PART = "in_part"
    BROKEN = "broken"
    AGAINST_LAW = "against_law"
    ATTEST = "attest"
    NO_RULE = "no_rule"
    # What the law asks the policy to say does not stand in its text.
    MISSING = "missing"
    # Nothing that could show it has been read: neither kept nor broken.
    NOT_TESTED = "not_tested"


class Remark(StrEnum):
    """Why a promise stands as it does; each has one sentence in the catalogue."""

    LAW_WINS = "law_wins"
    LAW_FORBIDS = "law_forbids"
    OVER_RETENTION = "over_retention"
    WILL_BE_LATE = "will_be_late"
    RULE_LATER = "rule_later"
    ON_HOLD = "on_hold"
    NO_END = "no_end"
    OPEN_ENDED = "open_ended"
    RULE_OFF = "rule_off"
    NOT_SHOWN = "not_shown"
    NOTHING_HELD = "nothing_held"
    WITHOUT_INVOICE = "without_invoice"
    CARD_NUMBERS = "card_numbers"
    NO_CARD_NUMBERS = "no_card_numbers"
    NOT_CONFIGURED = "not_configured"
    SHOWN_BY_ORDERS = "shown_by_orders"
    SENDS_MORE = "sends_more"
    DECLARED = "declared"
    SENDS_UNSAID = "sends_unsaid"
    AGREED = "agreed"
    NO_AGREEMENT = "no_agreement"
    EVIDENCE = "evidence"
    COMPANY_NOT_IN_TEXT = "company_not_in_text"
    COMPANY_IN_TEXT = "company_in_text"
    READ_IN_PART = "read_in_part"
    READ_LONG_AGO = "read_long_ago"
    POLICY_DATED = "policy_dated"
    PROPOSED = "proposed"
    ROWS_UNCONFIRMED = "rows_unconfirmed"
    OLD_POLICY = "old_policy"
    OWN_OUTPUT = "own_output"
    ANSWER_BY = "answer_by"
    ANSWER_BY_LAW = "answer_by_law"
    BY_HAND_BEFORE = "by_hand_before"
    OF_USE = "of_use"
    TOLD = "told"
    CONFIRMED = "confirmed"
    TO_CONFIRM = "to_confirm"
    CONFIRM_AGAIN = "confirm_again"
    ONLY_WORDS = "only_words"
    OTHER_CONTROLLER = "other_controller"
    TEXT_CHANGED = "text_changed"
    TEXT_SAME = "text_same"
    TEXT_NOT_PINNED = "text_not_pinned"
    TEXT_NOT_GIVEN = "text_not_given"


class RemarkView(Value, frozen=True, kw_only=True):
    """One remark with what fills its sentence."""

    code: Remark
    count: int = 0
    day: date | None = None
    other: date | None = None
    name: str = ""
    fields: tuple[Field, ...] = ()
    kind: Kind | None = None
    reason: str = ""


class CountView(Value, frozen=True, kw_only=True):
    """One field in the shop's data (None: the whole record), each record counted once.

    `over` is kept longer than promised; `by_law` and `held` have a reason to be. Of those
    `within`, `law_ahead` will be kept longer by law and `late_ahead` by the rule itself.
    """

    field: Field | None
    kind: Kind
    rule: str = ""
    records: int = 0
    within: int = 0
    over: int = 0
    by_law: int = 0
    held: int = 0
    endless: int = 0
    law_ahead: int = 0
    late_ahead: int = 0
    oldest: date | None = None


class BoundView(Value, frozen=True, kw_only=True):
    """The two bounds of one field on a sample day: the promise is the latest, the law the earliest."""

    field: Field | None
    kind: Kind
    case: str
    on: date
    latest: date
    act_by: date | None = None
    law: date | None = None
    floor: str = ""

    @property
    def law_is_later(self) -> bool:
        """Whether the policy promises what the law forbids."""
        return self.law is not None and self.law > self.latest

    @property
    def rule_is_later(self) -> bool:
        """Whether the rule acts later than promised, the law aside."""
        return not self.law_is_later and self.act_by is not None and self.act_by > self.latest


class PromiseView(Value, frozen=True, kw_only=True):
    """One promise: its words, what carries it, its state and why."""

    id: str
    sv: str
    en: str
    state: State
    how: str
    rules: tuple[str, ...] = ()
    # How many records were read and held against this promise; none is kept without any.
    evidence: int = 0
    counts: tuple[CountView, ...] = ()
    bounds: tuple[BoundView, ...] = ()
    remarks: tuple[RemarkView, ...] = ()
    advice_sv: str = ""
    advice_en: str = ""


class WordingView(Value, frozen=True, kw_only=True):
    """One line of the proposed policy text: what, how long, and the rule it is written from.

    `by_hand` says that no platform of the shop shows such data: a person carries the line out.
    """

    rule: str
    what_sv: str
    what_en: str
    how_long_sv: str
    how_long_en: str
    by_hand: bool = False


class PromiseReport(Value, frozen=True, kw_only=True):
    """Every promise of a shop's policy; `read` is the day of the oldest reading, None where there is none."""

    shop: Shop
    policy: PolicyRef
    made_at: datetime
    promises: tuple[PromiseView, ...]
    wording: tuple[WordingView, ...] = ()
    # The rest of the proposed policy text: what stands ahead of the time limits, and behind them.
    ahead: tuple[Part, ...] = ()
    behind: tuple[Part, ...] = ()
    # The days within which what is over goes, and the keys of the shop's file that the text waits for.
    within_days: int = 0
    # How long what was removed can be put back, and lies in backups; None where nobody has said.
    undo_days: int = 0
    backup_days: int | None = None
    unanswered: tuple[str, ...] = ()
    records: tuple[tuple[Kind, int], ...] = ()
    read: date | None = None
    # Years whose vouchers a person declares to lie elsewhere: declared, never proven.
    archived: tuple[int, ...] = ()
    tool_version: str = ""

    def count(self, *states: State) -> int:
        """How many promises stand so."""
        return sum(one.state in states for one in self.promises)

    @property
    def tested(self) -> int:
        """How many promises the shop's data was held against."""
        return sum(one.evidence > 0 for one in self.promises)
