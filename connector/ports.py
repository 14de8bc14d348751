"""Every protocol the engine speaks through; adapters implement them, stages use nothing else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Protocol, runtime_checkable

from connector.records import Action, Field, HoldId, Kind, Outcome, Record, Ref, Value, Wave

Keyer = Callable[[Literal["email", "phone", "account"], str], bytes | None]
"""Turns an identifier into its keyed digest; None for empty values and placeholders."""


class Ability(StrEnum):
    """What a platform's API can do with a field of a kind of record."""

    REDACT = "redact"
    DELETE = "delete"  # goes only with the whole record
    BY_REQUEST = "by_request"
    CANNOT = "cannot"


class Capabilities(Value, frozen=True, kw_only=True):
    """Per field what can be done; `deletes` whether a whole record can be removed.

    `places` names, per field, the code of the place a person must go to where the API cannot;
    the reports have a text for each code.
    """

    kind: Kind
    fields: Mapping[Field, Ability]
    deletes: bool
    unsubscribes: bool = False
    places: Mapping[Field, str] = {}
    # Places of a record that no API reaches, by code: a hand is needed once one of the fields goes.
    residue: Mapping[str, frozenset[Field]] = {}
    # Those of them that stay where the record goes whole, as a profile that its orders keep.
    outlives: frozenset[str] = frozenset()
    # Lines that clearing a field adds to the shop server's own log, at most.
    log_lines: Mapping[Field, int] = {}


class Problem(Value, frozen=True, kw_only=True):
    """One thing `check` found: severity, stable code, one English and one Swedish sentence."""

    severity: Literal["error", "warning", "info"]
    code: str
    en: str
    sv: str


class Listener(Value, frozen=True, kw_only=True):
    """Something that hears of a changed order: a webhook or a known plugin.

    `id` is stable between runs; it is what a named person marks tested, paused or harmless.
    `hears` is the platform's own topic, or a code that the reports have words for.
    """

    id: str
    name: str
    kind: Literal["webhook", "plugin"]
    hears: str
    active: bool = True


class Access(Value, frozen=True, kw_only=True):
    """What a check of one service found; it writes nothing."""

    adapter: str
    reachable: bool
    can_read: bool
    can_write: bool | None = None  # None: cannot be known without writing
    version: str = ""
    timezone: str = ""
    problems: tuple[Problem, ...] = ()
    listeners: tuple[Listener, ...] = ()
    unreadable_holds: frozenset[HoldId] = frozenset()
    admin_url: str = ""  # {kind} and {id} are filled in for a link to a record


class Page(Value, frozen=True, kw_only=True):
    """Some records, and the cursor to go on from once they are stored.

    `total` is the service's own count where it gives one. `complete` marks the last page of a
    walk over all records: what the walk did not see is gone from the service.
    """

    records: tuple[Record, ...]
    cursor: str
    total: int | None = None
    complete: bool = False


class Live:
    """A record fetched right now, with its handles: never stored, never printed.

    `handles` maps names (`email`, `klarna_order`, `tracking_number` …) to values that a
    recipient needs; `raw` is the adapter's own; `money` a fingerprint of totals, taxes, lines.
    """

    __slots__ = ("handles", "money", "raw", "record")

    def __init__(
        self, *, record: Record, handles: Mapping[str, tuple[str, ...]], raw: Any, money: str = ""
    ) -> None:
        self.record = record
        self.handles = handles
        self.raw = raw
        self.money = money

    def __repr__(self) -> str:
        return f"<Live {self.record.ref.adapter} {self.record.ref.kind} {self.record.ref.id}>"


class Task:
    """What to do to one live record: the fields that are due and still planned."""

    __slots__ = ("action", "fields", "live", "token")

    def __init__(self, *, live: Live, action: Action, fields: frozenset[Field], token: str = "") -> None:
        self.live = live
        self.action = action
        self.fields = fields
        self.token = token

    @property
    def ref(self) -> Ref:
        """Where the record lives."""
        return self.live.record.ref


class Receipt(Value, frozen=True, kw_only=True):
    """What came of one task; `done` and `by_hand` name fields, `places` where a hand is needed.

    `places` and `reason` are codes that the reports have texts for, with a detail behind a colon
    where there is one: `wordpress_user:17`, `rejected:status_404`. Never a text of the service.
    `token` and `due` come with `accepted`: the ledger keeps them and hands them back.
    """

    ref: Ref
    outcome: Outcome
    done: frozenset[Field] = frozenset()
    by_hand: frozenset[Field] = frozenset()
    places: tuple[str, ...] = ()
    reason: str = ""
    token: str = ""
    due: date | None = None


class Platform(Protocol):
    """Holds records: a shop, or a mailing service that has subscribers."""

    name: str
    kinds: tuple[Kind, ...]

    def check(self) -> Access:
        """Credentials, versions and who listens; writes nothing."""
        ...

    def capabilities(self, kind: Kind) -> Capabilities:
        """What the service's API can do, per field."""
        ...

    def pull(self, kind: Kind, *, since: str | None) -> Iterator[Page]:
        """All records (since None) or those changed since a cursor; misses none."""
        ...

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Live]:
        """These records as they are now; what is missing from the answer is gone."""
        ...

    def read_back(self, refs: Sequence[Ref], *, notes: frozenset[Ref]) -> Iterator[Live]:
        """Like `fetch`, after a write; for the records in `notes` their notes are read too."""
        ...

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Carries out the tasks, one receipt each; raises MoneyMoved where a total changed."""
        ...


class Act(StrEnum):
    """What a recipient is asked to do (schedule §5 has the honest labels)."""

    ERASE = "erase"
    STOP = "stop"
    NOTIFY = "notify"


class Interest(Value, frozen=True, kw_only=True):
    """When a recipient is told: a record of `kind` loses one of `fields` (or goes whole).

    `handle` is the name of the handle it needs; `irreversible` is shown first in the report.
    """

    act: Act
    kind: Kind
    handle: str
    fields: frozenset[Field] = frozenset()
    on_delete: bool = False
    irreversible: bool = False


class Delivery:
    """One row of the outbox, opened: this handle, to this recipient; never printed."""

    __slots__ = ("act", "copy_gone_by", "fields", "handle", "id", "kind", "planned", "ref", "token", "value")

    def __init__(
        self,
        *,
        id: int,
        act: Act,
        kind: Kind,
        handle: str,
        value: str,
        ref: Ref,
        planned: date,
        fields: frozenset[Field] = frozenset(),
        token: str = "",
        copy_gone_by: date | None = None,
    ) -> None:
        self.id = id
        self.act = act
        self.kind = kind
        self.handle = handle
        self.value = value
        self.ref = ref
        self.planned = planned
        self.fields = fields
        self.token = token
        self.copy_gone_by = copy_gone_by

    def __repr__(self) -> str:
        return f"<Delivery {self.id} {self.act} {self.handle}>"


class DeliveryReceipt(Value, frozen=True, kw_only=True):
    """What a recipient answered to one delivery."""

    id: int
    outcome: Outcome
    reason: str = ""
    token: str = ""
    due: date | None = None
    retry: bool = False  # not done, try again later


class Seen(StrEnum):
    """What a look at a recipient shows of a delivered handle."""

    GONE = "gone"
    STILL_THERE = "still_there"
    CANNOT_BE_KNOWN = "cannot_be_known"


class Finding(Value, frozen=True, kw_only=True):
    """What a look at a recipient shows of one delivery."""

    id: int
    seen: Seen
    reason: str = ""


class Role(StrEnum):
    """Whose the data is at the recipient: it decides between instruct and notify."""

    PROCESSOR = "processor"
    CONTROLLER = "controller"


class Processor(Protocol):
    """Is told: Mailchimp, Klarna, Payson, PostNord, or a plain letter."""

    name: str
    role: Role
    recipient: str  # the schedule's code: MC KL PA PN SH BK HD AD AN
    interests: tuple[Interest, ...]

    def check(self) -> Access:
        """Credentials and reachability; writes nothing."""
        ...

    def push(self, deliveries: Sequence[Delivery]) -> Iterator[DeliveryReceipt]:
        """Tells the recipient; one receipt each; may be repeated."""
        ...

    def verify(self, deliveries: Sequence[Delivery]) -> Iterator[Finding]:
        """Reads back what can be read back."""
        ...


@runtime_checkable
class AsksBeforeErasure(Protocol):
    """A platform whose erasure of a person takes all of their orders with it."""

    def erase_only_if(self, may_go: Callable[[Sequence[Ref]], str]) -> None:
        """Hands it the question to ask first: empty where these orders may go, else the reason."""
        ...


@runtime_checkable
class Withdraws(Protocol):
    """A platform whose accepted requests can be taken back until they are carried out."""

    def withdraw(self, ref: Ref, token: str) -> Receipt:
        """Takes a request back; `stale` where that worked, `refused` where it was too late."""
        ...


@runtime_checkable
class Reconsiders(Protocol):
    """A platform that can say of an accepted request whether it would take it on again today."""

    def reconsider(self, live: Live) -> str:
        """Why the request may no longer be carried out; empty where it may."""
        ...


@runtime_checkable
class ReadsBackErasures(Protocol):
    """A platform that tells a person who was erased from one who merely looks empty."""

    def before_erasure(self, ref: Ref) -> Live | None:
        """The record while the request is not carried out; None once it is."""
        ...


class ShopIdentity(Value, frozen=True, kw_only=True):
    """Which shop, or account, answers: its own ids by name, never the address it was reached at.

    `fixed` names those of them that not even a real move changes.
    """

    ids: Mapping[str, str]
    fixed: frozenset[str] = frozenset()


@runtime_checkable
class Identified(Protocol):
    """A platform that says which shop or account it is."""

    name: str

    def identity(self) -> ShopIdentity:
        """The service's own ids, asked for now; raises RemoteError where it does not tell them."""
        ...


@runtime_checkable
class KnownByOrders(Protocol):
    """A platform whose own ids a copy shares, so that it is known by some of its orders too."""

    def first_days(self, ids: Sequence[str]) -> Mapping[str, date]:
        """The day each of these orders was made, of those that the service has; asked for now."""
        ...


@runtime_checkable
class TellsTime(Protocol):
    """A platform whose answers carry its own time."""

    name: str

    def service_time(self) -> datetime | None:
        """The service's clock now, by its latest answers; None where none told a usable time."""
        ...


@runtime_checkable
class Tracker(Protocol):
    """A carrier that can say, read-only, when a parcel was delivered."""

    name: str

    def delivered(self, numbers: Sequence[str]) -> Iterator[tuple[str, date | None]]:
        """Each tracking number with its delivery date (Stockholm), None where not known."""
        ...


class Clock(Protocol):
    """Now, with its zone; an argument so that tests can turn it."""

    def __call__(self) -> datetime:
        """The present moment, aware."""
        ...


__all__ = [
    "Ability", "Access", "Act", "AsksBeforeErasure", "Capabilities", "Clock", "Delivery",
    "DeliveryReceipt", "Finding", "Identified",
    "Interest", "Keyer", "KnownByOrders", "Listener", "Live", "Page", "Platform", "Problem", "Processor",
    "Receipt",    "Reconsiders",    "Role", "Seen", "ShopIdentity", "Task", "TellsTime", "Tracker", "Wave",
    "Withdraws",
]  # fmt: skip
