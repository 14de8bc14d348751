"""Every protocol the engine speaks through; adapters implement them, stages use nothing else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from connector.records import Action, Field, HoldId, Identifier, Kind, Outcome, Record, Ref, Value, Wave
from connector.text.plain_text import said

EMPTIED = "emptied"
"""Begins the reason of a person who is not erased: the profile was emptied, the orders stay."""

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
    # Fields that nobody can clear by themselves, in the service's admin neither: no task for anyone.
    nobody: frozenset[Field] = frozenset()
    # Places of a record that no API reaches, by code: a hand is needed once one of the fields goes.
    residue: Mapping[str, frozenset[Field]] = {}
    # Those of them that the platform's own erasure of the person takes, by request.
    erased: frozenset[str] = frozenset()
    # Those of them that stay where the record goes whole, as a profile that its orders keep.
    outlives: frozenset[str] = frozenset()
    # Those of them that one act clears in every record at once: a task for the shop, not for each record.
    at_once: frozenset[str] = frozenset()
    # Lines that clearing a field adds to the shop server's own log, at most.
    log_lines: Mapping[Field, int] = {}


def _tell(value: Value, *names: str, longest: int) -> None:
    """Puts what a service wrote of itself into one line in which nothing is hidden."""
    for name in names:
        msgspec.structs.force_setattr(value, name, said(getattr(value, name), longest=longest))


class Problem(Value, frozen=True, kw_only=True):
    """One thing `check` found: severity, stable code, one English and one Swedish sentence."""

    severity: Literal["error", "warning", "info"]
    code: str
    en: str
    sv: str

    def __post_init__(self) -> None:
        _tell(self, "code", "en", "sv", longest=1000)


class Listener(Value, frozen=True, kw_only=True):
    """Something that hears of a changed order: a webhook or a known plugin.

    `id` is stable between runs; it is what a named person marks tested, paused or harmless.
    `hears` is the platform's own topic, or a code that the reports have words for.
    All three are the shop's words, whichever adapter read them: said in one line, without controls.
    """

    id: str
    name: str
    kind: Literal["webhook", "plugin"]
    hears: str
    active: bool = True

    def __post_init__(self) -> None:
        _tell(self, "id", "name", "hears", longest=80)


class Beyond(Value, frozen=True, kw_only=True):
    """A place of the whole service that its API does not reach, and how many it holds where that is told.

    `place` is a code that the reports have words for.
    """

    place: str
    count: int | None = None


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
    # Whether the service said in full who hears of changes; where not, `listeners` are only some of them.
    listeners_read: bool = True
    unreadable_holds: frozenset[HoldId] = frozenset()
    admin_url: str = ""  # {kind} and {id} are filled in for a link to a record
    beyond: tuple[Beyond, ...] = ()

    def __post_init__(self) -> None:
        _tell(self, "version", "timezone", longest=80)


class Stock(Value, frozen=True, kw_only=True):
    """How many records of a kind the service says that it has now: of `only` these statuses, but for `apart`.

    `exact` is False where the service counts some of them more than once: then only a change of the
    difference says anything.
    """

    count: int
    only: frozenset[str] | None = None
    apart: frozenset[str] = frozenset()
    exact: bool = True


SCOPE_LOST = "scope_lost"
"""Why a kind is incomplete of which the service showed more under permissions that are lost since."""


class Page(Value, frozen=True, kw_only=True):
    """Some records, and the cursor to go on from once they are stored.

    `total` is the service's own count, for progress. `complete` marks the last page of a walk over
    all records; it alone makes nothing gone. On that page `counted` is the service's own count of what
    existed when the walk began (None where it gives none: such a walk is never complete), and `newer`
    names on every page the records that came into being after that moment, which the count leaves out.
    `unread` are records that are there and could not be read: kept, named, and no fault of the walk.
    `missing` is for the last page of a pull of changes: how many the service counted and did not show;
    `standing` what it counts of the whole kind at the end, however little has changed. `why` is there the
    code of what keeps the service from showing all that it once showed (SCOPE_LOST): no count tells that.
    """

    records: tuple[Record, ...]
    cursor: str
    total: int | None = None
    complete: bool = False
    counted: int | None = None
    unread: "tuple[Unread, ...]" = ()
    newer: frozenset[Ref] = frozenset()
    missing: int = 0
    standing: tuple[Stock, ...] = ()
    why: str = ""


class Live:
    """A record fetched right now, with its handles: never stored, never printed.

    `handles` maps names (`email`, `order_number`, `tracking_number` …) to values that a
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

    @property
    def ref(self) -> Ref:
        """Where the record lives."""
        return self.record.ref

    def __repr__(self) -> str:
        return f"<Live {self.record.ref.adapter} {self.record.ref.kind} {self.record.ref.id}>"


class Gone(Value, frozen=True, kw_only=True):
    """The service's own word about this one id: it has no such record.

    Only the service's own code for that object makes one (WooCommerce's 404 with its code for the
    kind, Mailchimp's 404 with its title, Shopify's null beside a living control). A row left out of a
    list, an empty answer, a page of a proxy or a missing permission never does: those are Unread.
    """

    ref: Ref


class Unread(Value, frozen=True, kw_only=True):
    """A record that could not be read, and why: never gone, never clean, and it frees nothing.

    `reason` is a code that the reports have words for, with a detail behind a colon where there is
    one (`malformed:meta_data`, `not_answered`, `no_control`). `label` and `identifiers` are what could
    still be read of it: the number, and whose it is.
    """

    ref: Ref
    reason: str
    label: str = ""
    identifiers: tuple[Identifier, ...] = ()


Look = Live | Gone | Unread
"""What a look at one record came to: present, gone by the service's own word, or unread."""


def looked(looks: Iterator[Look], refs: Sequence[Ref]) -> dict[Ref, Look]:
    """One look per record asked for; one that the adapter left out was not answered, so it is unread."""
    found: dict[Ref, Look] = {ref: Unread(ref=ref, reason="not_answered") for ref in refs}
    asked = frozenset(refs)
    found.update((look.ref, look) for look in looks if look.ref in asked)
    return found


def living(looks: Mapping[Ref, Look]) -> dict[Ref, Live]:
    """The records that are there."""
    return {ref: look for ref, look in looks.items() if isinstance(look, Live)}


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


DEVIATES = "deviates"
"""Begins the reason of a record whose answer showed another `status`, `total` or `person` than its fetch."""

WENT = "gone"
"""The reason of a receipt whose record was itself gone when its write came, by the service's own word."""


class Receipt(Value, frozen=True, kw_only=True):
    """What came of one task; `done`, `by_hand` and `refused` name fields, each of them one only.

    `done` was written and is seen to be gone; `by_hand` no call reaches, and `places` says where a hand is
    needed; `refused` the service was asked for and kept, each with its reason. A field of the task that
    stands in none of them counts as refused. `places` and reasons are codes that the reports have texts
    for, with a detail behind a colon where there is one: `wordpress_user:17`, `rejected:status_404`.
    Never a text of the service.
    `token` and `due` come with `accepted`: the ledger keeps them and hands them back.
    """

    ref: Ref
    outcome: Outcome
    done: frozenset[Field] = frozenset()
    by_hand: frozenset[Field] = frozenset()
    refused: Mapping[Field, str] = {}
    places: tuple[str, ...] = ()
    reason: str = ""
    token: str = ""
    due: date | None = None


def went(task: Task) -> Receipt:
    """The receipt of a task whose record was gone when its write came, by the service's own word."""
    return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, reason=WENT, done=task.fields)


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

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These records as they are now, one look each; one that is left out counts as unread."""
        ...

    def read_back(self, refs: Sequence[Ref], *, notes: frozenset[Ref]) -> Iterator[Look]:
        """Like `fetch`, after a write; for the records in `notes` their notes are read too.

        Read with a living control beside each batch where an absence could be a lost permission.
        """
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


NEVER_THERE = "never_there"
"""The reason of an `already_gone` that no earlier look found: believed only beside something that was."""


class DeliveryReceipt(Value, frozen=True, kw_only=True):
    """What a recipient answered to one delivery.

    `notified` means sent: a mail server took the letter. One that is only written is `by_hand`, which
    keeps the handle until a named person says that it left. `already_gone` is the recipient's own word
    about that one id, never an absence.
    """

    id: int
    outcome: Outcome
    reason: str = ""
    token: str = ""
    due: date | None = None
    retry: bool = False  # not done, try again later
    after: float | None = None  # seconds that the recipient itself asked us to wait


class Seen(StrEnum):
    """What a look at a recipient shows of a delivered handle."""

    GONE = "gone"  # the recipient's own word about that one id
    STILL_THERE = "still_there"
    CANNOT_BE_KNOWN = "cannot_be_known"  # today or ever: it is not asked again
    UNREAD = "unread"  # not answered, or not in a way that can be believed: it is asked again


class Finding(Value, frozen=True, kw_only=True):
    """What a look at a recipient shows of one delivery."""

    id: int
    seen: Seen
    reason: str = ""


class Role(StrEnum):
    """Whose the data is at the recipient: it decides between instruct and notify."""

    PROCESSOR = "processor"
    CONTROLLER = "controller"


class Channel(Value, frozen=True, kw_only=True):
    """Where a recipient takes in a notice: an address or a form, on whose word, and when that was read.

    An adapter ships what its service publishes in its description.
    """

    address: str = ""
    form: str = ""
    source: str = ""
    read: date | None = None


class Processor(Protocol):
    """Is told: a service that has an adapter, or the reader of a plain letter.

    Where telling takes calls, `calls_each` says how many a delivery takes with its read-back.
    """

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


class Work(Value, frozen=True, kw_only=True):
    """What a plan asks of one kind of record at one platform, each record counted once.

    `noted` are redacted records whose notes go too, and `notes` how many each has, on average; `known` how
    many records of the kind there are.
    """

    adapter: str
    kind: Kind
    redact: int = 0
    delete: int = 0
    unsubscribe: int = 0
    noted: int = 0
    notes: float = 0.0
    known: int = 0

    @property
    def records(self) -> int:
        """How many records are touched."""
        return self.redact + self.delete + self.unsubscribe


@runtime_checkable
class CountsCalls(Protocol):
    """A platform that says how many calls an apply and a verify of this much take.

    Controls, second looks and the pull that apply begins with count too.
    """

    def calls(self, works: Sequence[Work]) -> int:
        """Calls of one apply of all of it and of the read-back; asks nothing."""
        ...


@runtime_checkable
class SamplesNotes(Protocol):
    """A platform whose notes are read and deleted one by one, so that their number is worth knowing."""

    name: str

    def count_notes(self, refs: Mapping[Ref, bool]) -> Sequence[int]:
        """How many notes of each order would go; True where the order goes whole."""
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
    """A platform that can say of accepted requests whether it would take them on again today."""

    def reconsider(self, lives: Sequence[Live]) -> Mapping[Ref, str]:
        """Why requests may no longer be carried out; only those that may not stand in it."""
        ...


@runtime_checkable
class ReadsBackErasures(Protocol):
    """A platform that tells a person who was erased from one who merely looks empty."""

    def before_erasure(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """Each record while its request is not carried out; Gone once it is, by the service's own word."""
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


class Presence(StrEnum):
    """What a shop says to an app that may have been uninstalled."""

    ANSWERS = "answers"
    UNINSTALLED = "uninstalled"  # the service's own word that this app is not in this shop
    NO_ANSWER = "no_answer"  # everything else: it proves nothing, either way


@runtime_checkable
class KnowsUninstalled(Protocol):
    """A platform that tells an app that was uninstalled from every other refusal."""

    name: str

    def presence(self) -> Presence:
        """Asks now, with the shop's own token; raises nothing that a service did or did not answer."""
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


def _no_days(refs: Sequence[Ref]) -> Mapping[Ref, date]:
    return {}


class Controls(Value, frozen=True, kw_only=True):
    """What absence is held against: where the last complete walk of a kind ended, and what is known to live.

    `cursor` is the adapter's own, as its pull gave it; empty where no walk was complete yet. `living` are
    records of that kind that the index holds and that no step is to delete, oldest first. `held` are some
    that no step has touched, with the fields of a person (a bit set) that the index knows each to hold.
    `newest` are the newest of those that live, and `last_days` tells of records the last day on which the
    index knows something to have happened to them: for a kind that the service itself lets run out.
    """

    cursor: str = ""
    living: tuple[Ref, ...] = ()
    held: Mapping[Ref, int] = {}
    newest: tuple[Ref, ...] = ()
    last_days: Callable[[Sequence[Ref]], Mapping[Ref, date]] = _no_days


@runtime_checkable
class NeedsControls(Protocol):
    """A platform whose null for an id may be a lost permission: living records are asked for beside it."""

    def hold_against(self, controls: Callable[[Kind], Controls]) -> None:
        """Hands it what absence is held against, by kind; without it no record is ever called gone."""
        ...


class Clock(Protocol):
    """Now, with its zone; an argument so that tests can turn it."""

    def __call__(self) -> datetime:
        """The present moment, aware."""
        ...


CapabilityTable = Mapping[tuple[str, Kind], Capabilities]


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """What planning needs to know of a recipient: its name, code and interests."""

    name: str
    code: str
    processor: Processor
    # Months after delivery by which the shop promised that this recipient's copy is gone.
    copy_months: int | None = None


class Mark(Value, frozen=True, kw_only=True):
    """What a named person found of one listener: tested on one order, paused or harmless."""

    id: str
    mark: str
    by: str
    on: date


__all__ = [
    "DEVIATES",
    "Ability",
    "Access",
    "Act",
    "AsksBeforeErasure",
    "Capabilities",
    "Channel",
    "Clock",
    "Controls",
    "CountsCalls",
    "Delivery",
    "DeliveryReceipt",
    "Finding",
    "Gone",
    "Identified",
    "Interest",
    "Keyer",
    "KnownByOrders",
    "KnowsUninstalled",
    "Listener",
    "Live",
    "Look",
    "NeedsControls",
    "Page",
    "Platform",
    "Presence",
    "Problem",
    "Processor",
    "Receipt",
    "Reconsiders",
    "Role",
    "SamplesNotes",
    "Seen",
    "ShopIdentity",
    "Task",
    "TellsTime",
    "Tracker",
    "Unread",
    "Wave",
    "Withdraws",
    "Work",
    "living",
    "looked",
]  # fmt: skip
