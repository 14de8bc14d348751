"""What a run did, and how it was read back."""

from datetime import date, datetime
from enum import StrEnum

from connector.ports import Role
from connector.records import Field, Kind, Outcome, Value, Wave
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
from connector.report.todo.model import TasksAt, TaskView


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
    # Of how many it was put back since, and of how many a copy lives.
    restored: int = 0
    restorable: int = 0
    # The last day on which those can be restored: until then they are not gone.
    restorable_until: date | None = None


class PutBackView(Value, frozen=True, kw_only=True):
    """In how many records of a kind an undo put a field back."""

    kind: Kind
    field: Field
    count: int


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
    """What came of one recipient's deliveries; each delivery counts once.

    `kept` counts what the recipient still needs for the person's other orders, and so was left.
    """

    name: str
    code: str
    role: Role
    instructed: int = 0
    confirmed: int = 0
    stopped: int = 0
    notified: int = 0
    accepted: int = 0
    accepted_due: date | None = None
    kept: int = 0
    failed: int = 0
    by_hand: int = 0
    none_found: int = 0  # of `failed`: what no answer of the recipient's explains
    restricted: int = 0  # of all: what waits until a restriction of its person is lifted (GDPR 18)

    @property
    def deliveries(self) -> int:
        """All deliveries to this recipient."""
        told = self.instructed + self.confirmed + self.stopped + self.notified
        return told + self.accepted + self.kept + self.failed + self.by_hand


class UnsentView(Value, frozen=True, kw_only=True):
    """A notice of this run that has not left: its letter (empty where there is none), and where it goes."""

    name: str
    letter: str
    count: int
    to: tuple[str, ...] = ()


class UntoldView(Value, frozen=True, kw_only=True):
    """Lost records that a recipient could not be told of: `handle` went with them, and a person must look.

    `labels` are their numbers there, `deliveries` what `gallra ack` closes.
    """

    name: str
    kind: Kind
    handle: str
    labels: tuple[str, ...]
    deliveries: tuple[int, ...]
    reason: str = "handle_gone"  # or key_lost: it was sealed, and its key is no more
    to: tuple[str, ...] = ()


class Deviation(Value, frozen=True, kw_only=True):
    """Steps that did not go as planned (`stale`, `refused`), with the reason code."""

    outcome: Outcome
    reason: str
    count: int
    samples: tuple[str, ...] = ()


class ReadBack(Value, frozen=True, kw_only=True):
    """What reading the records again showed; `left_labels` are order numbers.

    `read` is `clean` and `left` together. `unread` could not be read and is neither; `accepted`,
    `notified` and `by_hand` count what cannot be read back. Of a run that has not ended `begun` were begun
    without an answer and may have been written; `to_begin` it never came to. `asked` says that a read-back
    was tried since the run wrote. `restored` hold again what was put back and are not clean; `not_restored`
    do not, though an undo was to put it back. Of a plan that `rectifies` these two are what was put right,
    and what was not.
    """

    clean: int = 0
    left: int = 0
    left_labels: tuple[str, ...] = ()
    unread: int = 0
    unread_labels: tuple[str, ...] = ()
    asked: bool = True
    restored: int = 0
    not_restored: int = 0
    not_restored_labels: tuple[str, ...] = ()
    rectifies: bool = False
    begun: int = 0
    begun_labels: tuple[str, ...] = ()
    to_begin: int = 0
    accepted: int = 0
    accepted_due: date | None = None
    notified: int = 0
    by_hand: int = 0
    # What no rule names and the records read back still hold: nobody calls that clean without saying it.
    told: tuple[SurpriseView, ...] = ()

    @property
    def read(self) -> int:
        """Everything that was read back."""
        return self.clean + self.left + self.restored + self.not_restored

    @property
    def ended(self) -> bool:
        """Whether the run that was read back has come to its end."""
        return not (self.begun or self.to_begin)


class AccountantWord(Value, frozen=True, kw_only=True):
    """What the run rested on: the accountant's answer, or the owner's `reason` to go on without one."""

    by: str
    on: date
    role: str = ""
    reason: str = ""
    # None where nobody has answered.
    order_is_underlag: bool | None = None
    archive: str = ""


class Protocol(Value, frozen=True, kw_only=True):
    """What a run did: the deletion certificate, kept five years (schedule T-62)."""

    number: str
    shop: Shop
    policy: PolicyRef
    started: datetime
    ended: datetime
    digest: str
    approval: ApprovalView
    tool_version: str
    # None for a run that touched no order, or began before the question was asked.
    accountant: AccountantWord | None = None
    rules: tuple[RuleResult, ...] = ()
    # Of an undo: the code of the run that it took back, and what it put back.
    undoes: str = ""
    put_back: tuple[PutBackView, ...] = ()
    # Of a rectification: the code of the request that it carries out; `put_back` is what was put right.
    rectifies: str = ""
    # Of a run: the undos that took it back, or a part of it.
    undone: tuple[UndoneView, ...] = ()
    waves: tuple[WaveResult, ...] = ()
    recipients: tuple[RecipientResult, ...] = ()
    unsent: tuple[UnsentView, ...] = ()
    untold: tuple[UntoldView, ...] = ()
    # None where nobody counted the holds: never to be read as "no record waited".
    held: tuple[HoldView, ...] | None = None
    held_records: HeldCount | None = None
    kept_together: tuple[KeptTogether, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    read_back: ReadBack | None = None
    rests_on: tuple[BasisView, ...] = ()
    by_hand: tuple[ByHandView, ...] = ()
    # Of the newest run: what is still to do by hand, by place, and how many tasks wait for a hold.
    tasks: tuple[TasksAt, ...] = ()
    tasks_held: int = 0
    # What persons have done by hand since the run before this one began.
    tasks_done: tuple[TaskView, ...] = ()
    # Whether no run came before this one.
    first_run: bool = False
    # Numbers of orders that were deleted whole, so that a gap in the series explains itself (T-17).
    deleted_orders: tuple[str, ...] = ()
    # Last day on which a backup copy may still hold what went; None where nobody has said.
    backups_through: date | None = None
    previous: str = ""
    # Runs before this one that no protocol tells of.
    gaps: tuple[str, ...] = ()
    # Of one that was written anew: when it was first written, and when this version was.
    first: datetime | None = None
    updated: datetime | None = None
    # Its checksum when it was first written, where other is said now; the next one refers to that.
    earlier: str = ""
    # The checksum of the version that this one replaces: what stood there is told better here.
    replaces: str = ""
    # Where the ledger's chain of events ended when this was written.
    head: str = ""
    chain: str = ""

    @property
    def sets_values(self) -> str:
        """`undo` or `rectify` where nothing was erased and values were written; empty for any other run."""
        return "undo" if self.undoes else "rectify" if self.rectifies else ""

    @property
    def code(self) -> str:
        """The short code of the plan that ran."""
        return short_code(self.digest)
