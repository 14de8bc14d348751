"""What both documents and the annex say: who, under what policy, approved by whom."""

from datetime import date, datetime
from enum import StrEnum

from connector.about.both import Both as Both
from connector.about.both import both as both
from connector.records import Field, HoldId, Kind, Value

Language = str
"""`sv` or `en`."""

LANGUAGES: tuple[Language, ...] = ("sv", "en")
FORMAT_VERSION = 1
CODE_LENGTH = 8


def short_code(digest: str) -> str:
    """The first eight characters of a digest: what a person types to approve."""
    return digest.removeprefix("sha256:")[:CODE_LENGTH]


class Standing(StrEnum):
    """How one field of one record stands against a promise; the first five exclude each other.

    `NO_TIME` is of a promise that sets no day, which is nothing to count.
    """

    WITHIN = "within"
    OVER = "over"
    BY_LAW = "by_law"
    HELD = "held"
    ENDLESS = "endless"
    LAW_AHEAD = "law_ahead"
    LATE_AHEAD = "late_ahead"
    NO_TIME = "no_time"


class SurpriseView(Value, frozen=True, kw_only=True):
    """A type of finding and its place, never a value; `samples` are order numbers."""

    code: str
    place: str
    count: int
    samples: tuple[str, ...] = ()


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


class BasisView(Value, frozen=True, kw_only=True):
    """What is known of one kind at one service: read to its end as of when, or incomplete by how many.

    `missing` is None where no pull has ended; `why` is a code where there is no number (`not_counted`).
    `declared_by` names who said in the settings that what is missing may stay so.
    """

    service: str
    kind: Kind
    as_of: datetime | None = None
    missing: int | None = None
    why: str = ""
    unread: int = 0
    declared_by: str = ""
    declared_on: date | None = None

    @property
    def complete(self) -> bool:
        """Whether all of it was read."""
        return self.missing == 0 and not self.why


class HoldView(Value, frozen=True, kw_only=True):
    """Records that wait for one reason; `review` is the next date to look at it again."""

    id: HoldId
    count: int
    review: date | None = None


class HeldCount(Value, frozen=True, kw_only=True):
    """Records that wait, each once; `unread` of them for no hold, but until what decides on them was read."""

    records: int
    unread: int = 0


class KeptTogether(Value, frozen=True, kw_only=True):
    """Persons of a platform that erases all orders of a person at once, or none.

    `customers` bought on several days and one order must stay, so all do; `past` of them have
    orders whose own time is over.
    """

    platform: str
    customers: int
    past: int = 0


class ByHandView(Value, frozen=True, kw_only=True):
    """What no API reaches: the field, the exact place, and how many records; None where it is not told."""

    field: Field | None
    place: str
    count: int | None


class ApprovalView(Value, frozen=True, kw_only=True):
    """Who approved, in what role, on whose behalf, and how long it holds."""

    by: str
    role: str
    at: datetime
    valid_through: datetime | None = None
    on_behalf: str = ""
    standing: bool = False
    typed_by: str = ""  # the system's user who typed the name; empty where a file holds it


class UndoneView(Value, frozen=True, kw_only=True):
    """An undo of a run: its plan's code, when it put things back, and of how many records."""

    code: str
    at: datetime
    records: int


class AnnexRow(Value, frozen=True, kw_only=True):
    """One field of one record in the CSV annex, or one place that no call reaches.

    `order_id` is the shop's own number. `action` is what the step does, `by_hand` where only a person can,
    `cannot` where nobody can. `place` is a code; a row with one has no field.
    """

    order_id: str
    kind: Kind
    field: Field | None
    rule: str
    clock_from: date | None = None
    keep_through: date | None = None
    action: str = ""
    holds: tuple[HoldId, ...] = ()
    place: str = ""


class AttestedView(Value, frozen=True, kw_only=True):
    """A person's word on a row that no API carries out; `due` is when it is to be given again."""

    row: str
    by: str = ""
    role: str = ""
    on: date | None = None
    due: date | None = None
