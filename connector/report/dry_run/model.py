"""What a plan would do: counts, dates, codes and order numbers."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from connector.plan import Totals
from connector.ports import Act, Problem, Role
from connector.records import Action, Field, Kind, Value, Wave
from connector.report.shared import (
    ApprovalView,
    BasisView,
    ByHandView,
    HeldCount,
    HoldView,
    KeptTogether,
    PolicyRef,
    Shop,
    SurpriseView,
    UndoneView,
    short_code,
)


class KindTotals(Value, frozen=True, kw_only=True):
    """The totals of one kind of record."""

    kind: Kind
    totals: Totals


class LimitView(Value, frozen=True, kw_only=True):
    """A brake as it is read: `records` (a count), `share` (per cent of a kind), `jump` (times the last)."""

    name: str
    value: float
    allowed: float
    exceeded: bool
    kind: Kind | None = None


class FieldCount(Value, frozen=True, kw_only=True):
    """How many records lose this field; `field` is None where the whole record of `kind` goes."""

    field: Field | None
    action: Action
    count: int
    kind: Kind | None = None


class SampleField(Value, frozen=True, kw_only=True):
    """One field of a sample: what is done to it, its rule, clock and date, and since when it is due."""

    field: Field | None
    rule: str
    action: str
    clock: str
    on: date | None
    since: date | None


class SampleView(Value, frozen=True, kw_only=True):
    """One record to look at in the shop's own admin; `label` is the order number."""

    label: str
    link: str
    kind: Kind
    fields: tuple[SampleField, ...]


class WaveView(Value, frozen=True, kw_only=True):
    """One wave of the plan: approved together, by its code.

    `notices` and `irreversible` are codes of the text catalogue (`notice.*`,
    `irreversible.*`); a sentence that is no code is shown as it is. One record may stand in
    several waves, so `steps` sum over the waves and `records` do not.
    """

    wave: Wave
    code: str
    records: int
    steps: int
    counts: tuple[FieldCount, ...] = ()
    notices: tuple[str, ...] = ()
    irreversible: tuple[str, ...] = ()
    samples: tuple[SampleView, ...] = ()
    kinds: Mapping[Kind, int] = {}


class KeptView(Value, frozen=True, kw_only=True):
    """Fields that stay, with the reason; `reason` is a code such as `floor` or `purpose`."""

    rule: str
    field: Field | None
    reason: str
    count: int
    basis: str = ""
    earliest_through: date | None = None
    latest_through: date | None = None
    kind: Kind | None = None


class AlertView(Value, frozen=True, kw_only=True):
    """Something that the owner should act on, by code (`paid_and_forgotten`, `over_retention`…)."""

    code: str
    count: int
    samples: tuple[str, ...] = ()


class ListenerView(Value, frozen=True, kw_only=True):
    """Something that hears of changed orders; `mark` is `tested`, `paused`, `harmless` or None."""

    name: str
    kind: str
    hears: str
    mark: str | None = None
    by: str = ""
    at: date | None = None
    active: bool = True


class RecipientView(Value, frozen=True, kw_only=True):
    """What a recipient will be told: how many times, by what handle, and by letter when."""

    name: str
    code: str
    role: Role
    act: Act
    count: int
    handle: str = ""
    irreversible: bool = False
    letter_due: date | None = None


class Cost(Value, frozen=True, kw_only=True):
    """What carrying out the plan takes; `log_lines` is what it adds to the server's PHP log."""

    requests: int
    minutes: float
    log_lines: int = 0


class DueView(Value, frozen=True, kw_only=True):
    """How many records have a field of this wave falling due in this year."""

    year: int
    wave: Wave
    count: int


class DifferenceView(Value, frozen=True, kw_only=True):
    """Steps of a wave in the last dry run and now; `before` is None where there was none."""

    wave: Wave
    before: int | None
    now: int


class Stands(StrEnum):
    """What became of a plan: a document that is read later says so before anything else."""

    PROPOSED = "proposed"
    IN_PART = "in_part"  # some of its waves are approved
    APPROVED = "approved"
    EXPIRED = "expired"
    OTHER_POLICY = "other_policy"
    BEGUN = "begun"
    FINISHED = "finished"
    ABANDONED = "abandoned"

    @property
    def touched_nothing(self) -> bool:
        """Whether nothing of the plan was begun."""
        return self not in (Stands.BEGUN, Stands.FINISHED, Stands.ABANDONED)

    @property
    def waits(self) -> bool:
        """Whether some of it may still be approved."""
        return self in (Stands.PROPOSED, Stands.IN_PART)


class StepsDone(Value, frozen=True, kw_only=True):
    """How many of a plan's steps have ended, of how many."""

    done: int = 0
    of: int = 0


class DryRun(Value, frozen=True, kw_only=True):
    """What a plan would do: the document that is read before anything is approved."""

    shop: Shop
    policy: PolicyRef
    made_at: datetime
    expires: datetime
    digest: str
    kinds: tuple[KindTotals, ...]
    waves: tuple[WaveView, ...] = ()
    first_run: bool = False
    # What was read of each kind, and how many records are left out of the plan because it was not all.
    rests_on: tuple[BasisView, ...] = ()
    withheld: Mapping[Kind, int] = {}
    limits: tuple[LimitView, ...] = ()
    # What the shop's file says of the share of a kind, and the day on which the matters were counted.
    percent: float | None = None
    shown_on: date | None = None
    # Codes or sentences that belong to no wave; those of the waves are shown as well.
    irreversible: tuple[str, ...] = ()
    kept: tuple[KeptView, ...] = ()
    holds: tuple[HoldView, ...] = ()
    held: HeldCount | None = None
    unknown_holds: tuple[HoldView, ...] = ()
    kept_together: tuple[KeptTogether, ...] = ()
    surprises: tuple[SurpriseView, ...] = ()
    alerts: tuple[AlertView, ...] = ()
    listeners: tuple[ListenerView, ...] = ()
    own_retention: tuple[Problem, ...] = ()
    recipients: tuple[RecipientView, ...] = ()
    by_hand: tuple[ByHandView, ...] = ()
    cost: Cost | None = None
    timeline: tuple[DueView, ...] = ()
    difference: tuple[DifferenceView, ...] = ()
    approval: ApprovalView | None = None
    stands: Stands = Stands.PROPOSED
    steps: StepsDone = StepsDone()
    # For how many days after the run what it blanks in orders and accounts can be restored; 0 for never.
    undo_days: int = 0
    never_copied: tuple[Field, ...] = ()
    # The undos that put back what this plan took.
    undone: tuple[UndoneView, ...] = ()
    # The shop's file, in which the limits stand.
    file: str = ""
    problems: tuple[Problem, ...] = ()
    # The command that approves this plan, as it should be typed; empty where it would be refused.
    approve_command: str = ""
    # The command that shows who would be warned; empty where nobody is to be.
    warn_command: str = ""
    tool_version: str = ""

    @property
    def code(self) -> str:
        """The short code of the plan."""
        return short_code(self.digest)

    @property
    def totals(self) -> Totals:
        """All kinds together."""
        return sum((each.totals for each in self.kinds), start=Totals())
