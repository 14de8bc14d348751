"""What a report says, before anyone decides how it looks: the dry run and the protocol.

Counts, dates, codes and order numbers; no direct identifier. Approvers are named on purpose.
"""

from datetime import date, datetime
from enum import StrEnum

from connector.ports import Act, Problem, Role
from connector.records import Action, Field, HoldId, Kind, Outcome, Value, Wave

Language = str
"""`sv` or `en`."""

LANGUAGES: tuple[Language, ...] = ("sv", "en")
FORMAT_VERSION = 1
CODE_LENGTH = 8


def short_code(digest: str) -> str:
    """The first eight characters of a digest: what a person types to approve."""
    return digest.removeprefix("sha256:")[:CODE_LENGTH]


class Shop(Value, frozen=True, kw_only=True):
    """The letterhead: the shop, and the company that answers for it."""

    name: str
    id: str
    company: str
    organisation_number: str
    platform: str
    version: str = ""
    contact: str = ""


class PolicyRef(Value, frozen=True, kw_only=True):
    """The policy that was read, by name, version and SHA-256."""

    name: str
    version: str
    digest: str


class Totals(Value, frozen=True, kw_only=True):
    """Every record once: deleted > redacted > held > kept by law > nothing due.

    A record that is only unsubscribed counts as redacted. `by_hand` counts records that need
    a person as well; it overlaps the others and is left out of the sum.
    """

    delete: int = 0
    redact: int = 0
    held: int = 0
    kept_by_law: int = 0
    nothing_due: int = 0
    by_hand: int = 0

    @property
    def records(self) -> int:
        """All records: the five counts summed."""
        return self.delete + self.redact + self.held + self.kept_by_law + self.nothing_due

    @property
    def going(self) -> int:
        """Records that lose something."""
        return self.delete + self.redact

    def __add__(self, other: "Totals") -> "Totals":
        """Both counts together."""
        return Totals(
            delete=self.delete + other.delete,
            redact=self.redact + other.redact,
            held=self.held + other.held,
            kept_by_law=self.kept_by_law + other.kept_by_law,
            nothing_due=self.nothing_due + other.nothing_due,
            by_hand=self.by_hand + other.by_hand,
        )


class KindTotals(Value, frozen=True, kw_only=True):
    """The totals of one kind of record."""

    kind: Kind
    totals: Totals


class LimitView(Value, frozen=True, kw_only=True):
    """One brake: `records` (a count), `share` (per cent of a kind) or `jump` (times the last run)."""

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
    """One field of a sample: its rule, the clock and its date, and since when it is due."""

    field: Field | None
    rule: str
    action: Action
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


class HoldView(Value, frozen=True, kw_only=True):
    """Records that wait for one reason; `review` is the next date to look at it again."""

    id: HoldId
    count: int
    review: date | None = None


class SurpriseView(Value, frozen=True, kw_only=True):
    """A type of finding and its place, never a value; `samples` are order numbers."""

    code: str
    place: str
    count: int
    samples: tuple[str, ...] = ()


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


class ByHandView(Value, frozen=True, kw_only=True):
    """What no API reaches: the field, the exact place, and in how many records."""

    field: Field | None
    place: str
    count: int


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


class Approval(Value, frozen=True, kw_only=True):
    """Who approved, in what role, on whose behalf, and how long it holds."""

    by: str
    role: str
    at: datetime
    valid_through: datetime | None = None
    on_behalf: str = ""
    standing: bool = False


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
    limits: tuple[LimitView, ...] = ()
    # Codes or sentences that belong to no wave; those of the waves are shown as well.
    irreversible: tuple[str, ...] = ()
    kept: tuple[KeptView, ...] = ()
    holds: tuple[HoldView, ...] = ()
    unknown_holds: tuple[HoldView, ...] = ()
    surprises: tuple[SurpriseView, ...] = ()
    alerts: tuple[AlertView, ...] = ()
    listeners: tuple[ListenerView, ...] = ()
    own_retention: tuple[Problem, ...] = ()
    recipients: tuple[RecipientView, ...] = ()
    by_hand: tuple[ByHandView, ...] = ()
    cost: Cost | None = None
    timeline: tuple[DueView, ...] = ()
    difference: tuple[DifferenceView, ...] = ()
    approval: Approval | None = None
    problems: tuple[Problem, ...] = ()
    # The command that approves this plan, as it should be typed.
    approve_command: str = ""
    tool_version: str = ""

    @property
    def code(self) -> str:
        """The short code of the plan."""
        return short_code(self.digest)

    @property
    def totals(self) -> Totals:
        """All kinds together."""
        return sum((each.totals for each in self.kinds), start=Totals())


class Label(StrEnum):
    """What may honestly be said of a field or record after a run (schedule §5)."""

    DELETED = "deleted"
    REDACTED = "redacted"
    PSEUDONYMISED = "pseudonymised"
    ANONYMISED = "anonymised"
    RESTRICTED = "restricted"
    UNSUBSCRIBED = "unsubscribed"


class RuleResult(Value, frozen=True, kw_only=True):
    """What one rule did to one field: how many, and the oldest and youngest clock date."""

    rule: str
    field: Field | None
    count: int
    label: Label
    oldest: date | None = None
    youngest: date | None = None
    basis: str = ""
    kind: Kind | None = None


class OutcomeCount(Value, frozen=True, kw_only=True):
    """How many steps ended in one way."""

    outcome: Outcome
    count: int


class WaveResult(Value, frozen=True, kw_only=True):
    """The outcomes of one wave's steps; they sum to the wave."""

    wave: Wave
    code: str
    outcomes: tuple[OutcomeCount, ...]

    @property
    def steps(self) -> int:
        """All steps of the wave."""
        return sum(each.count for each in self.outcomes)


class RecipientResult(Value, frozen=True, kw_only=True):
    """What came of one recipient's deliveries; each delivery counts once."""

    name: str
    code: str
    role: Role
    instructed: int = 0
    confirmed: int = 0
    stopped: int = 0
    notified: int = 0
    accepted: int = 0
    accepted_due: date | None = None
    failed: int = 0
    by_hand: int = 0

    @property
    def deliveries(self) -> int:
        """All deliveries to this recipient."""
        told = self.instructed + self.confirmed + self.stopped + self.notified
        return told + self.accepted + self.failed + self.by_hand


class Deviation(Value, frozen=True, kw_only=True):
    """Steps that did not go as planned (`stale`, `refused`), with the reason code."""

    outcome: Outcome
    reason: str
    count: int
    samples: tuple[str, ...] = ()


class ReadBack(Value, frozen=True, kw_only=True):
    """What reading the records again showed; `left_labels` are order numbers.

    `read` is `clean` and `left` together. `accepted`, `notified` and `by_hand` count what
    cannot be read back.
    """

    clean: int = 0
    left: int = 0
    left_labels: tuple[str, ...] = ()
    accepted: int = 0
    accepted_due: date | None = None
    notified: int = 0
    by_hand: int = 0

    @property
    def read(self) -> int:
        """Everything that was read back."""
        return self.clean + self.left


class Protocol(Value, frozen=True, kw_only=True):
    """What a run did: the deletion certificate, kept five years (schedule T-62)."""

    number: str
    shop: Shop
    policy: PolicyRef
    started: datetime
    ended: datetime
    digest: str
    approval: Approval
    tool_version: str
    rules: tuple[RuleResult, ...] = ()
    waves: tuple[WaveResult, ...] = ()
    recipients: tuple[RecipientResult, ...] = ()
    # None where nobody counted the holds: never to be read as "no record waited".
    held: tuple[HoldView, ...] | None = None
    deviations: tuple[Deviation, ...] = ()
    read_back: ReadBack | None = None
    by_hand: tuple[ByHandView, ...] = ()
    # Last day on which a backup copy may still hold what went; None where nobody has said.
    backups_through: date | None = None
    previous: str = ""
    chain: str = ""

    @property
    def code(self) -> str:
        """The short code of the plan that ran."""
        return short_code(self.digest)


class AnnexRow(Value, frozen=True, kw_only=True):
    """One field of one record in the CSV annex; `order_id` is the shop's own number."""

    order_id: str
    field: Field | None
    rule: str
    clock_from: date | None = None
    keep_through: date | None = None
    action: Action | None = None
    holds: tuple[HoldId, ...] = ()
