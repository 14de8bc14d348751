"""Who is told: recipients, what they are asked to do, and what they answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec

from connector.ports.checks import Access
from connector.records import Field, Kind, Outcome, Ref, Value


class Act(StrEnum):
    """What a recipient is asked to do (schedule §5 has the honest labels)."""

    ERASE = "erase"
    STOP = "stop"
    NOTIFY = "notify"
    RECTIFY = "rectify"

    @property
    def is_notice(self) -> bool:
        """Whether it is a notice to people (GDPR 19): of what was erased, or of what was put right."""
        return self in NOTICES


NOTICES = (Act.NOTIFY, Act.RECTIFY)


class Interest(Value, frozen=True, kw_only=True):
    """When a recipient is told: a record of `kind` loses one of `fields` (or goes whole).

    `handle` is the name of the handle it needs; `irreversible` is shown first in the report. One that is
    `asked` is told of any step on such a record, and only where its person has asked to be erased.
    """

    act: Act
    kind: Kind
    handle: str
    fields: frozenset[Field] = frozenset()
    on_delete: bool = False
    irreversible: bool = False
    asked: bool = False


def _unnoted(_token: str) -> None:
    """Outside a push nothing is noted."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Delivery:
    """One row of the outbox, opened: this handle, to this recipient; never printed."""

    id: int
    act: Act
    kind: Kind
    handle: str
    value: str
    ref: Ref
    planned: date
    fields: frozenset[Field] = frozenset()
    token: str = ""
    copy_gone_by: date | None = None
    # Called before a write, with the token that a later try gets should this one's answer be lost: what was
    # found there is on disk when it returns.
    about_to: Callable[[str], None] = _unnoted

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


@runtime_checkable
class TellsRectified(Protocol):
    """A recipient whose adapter tells it of what was put right; of any other that is for a hand."""

    tells_rectified: bool


@runtime_checkable
class TakesCalls(Protocol):
    """A recipient that is told by calls, so that their number is worth knowing."""

    calls_each: float
    """Calls of one delivery with its read-back, on average."""


class Processor(Protocol):
    """Is told: a service that has an adapter, or the reader of a plain letter."""

    name: str
    role: Role
    recipient: str  # its code: one of the schedule's (`connector.ports.codes`), or its adapter's own
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


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """What planning needs to know of a recipient: its name, code and interests."""

    name: str
    code: str
    processor: Processor
    # Months after delivery by which the shop promised that this recipient's copy is gone.
    copy_months: int | None = None


@runtime_checkable
class Tracker(Protocol):
    """A carrier that can say, read-only, when a parcel was delivered."""

    name: str

    def delivered(self, numbers: Sequence[str]) -> Iterator[tuple[str, date | None]]:
        """Each tracking number with its delivery date (Stockholm), None where not known."""
        ...
