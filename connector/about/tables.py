"""The tables that an adapter builds its own keys on: those of a shop system, and those of a recipient."""

from collections.abc import Iterator
from inspect import get_annotations
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, model_validator

from connector.about.refusing import refuse
from connector.about.secrets import Secret
from connector.about.values import Day, Text, TimeZone
from connector.about.web import CleanUrl, in_clear_text
from connector.records import Field as RecordField

UNKNOWN = "unknown"
"""The name of a shop system that nobody has filled in."""

Code = Annotated[StrictStr, Field(pattern=r"^[A-Z]{2}$")]
"""A kind of recipient: one of the schedule's codes, or that of an adapter, which is then its default."""

WarrantyMonths = Annotated[StrictInt, Field(ge=1, le=600)]
Connections = Annotated[StrictInt, Field(ge=1, le=20)]


class Table(BaseModel):
    """Base of every table: no unknown keys, no change after loading, no values in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Recipient(Table):
    """What is said of any recipient; alone, it is enough for letters and the register.

    `copy_months`: how long the shop has promised that the recipient's own copy lives. `role_assumed`:
    its role is inferred, and no source states it (rules R-82, R-83).
    """

    needs: ClassVar[tuple[str, ...]] = ()
    """The keys without which the recipient has no API and is told by letter."""

    title: Text | None = None
    code: Code
    role: Literal["processor", "controller"]
    email: Text | None = None
    address: Text | None = None
    letters: Literal["monthly", "at_once", "yearly"] | None = None
    sends: tuple[RecordField, ...] = ()
    country: Text | None = None
    safeguard: Text | None = None
    role_assumed: StrictBool = False
    agreement: Day | None = None
    # What last showed that it keeps to this, and when: an answer to a letter, an audit, its own report.
    evidence: Text | None = None
    evidence_on: Day | None = None
    copy_months: Annotated[StrictInt, Field(ge=1, le=240)] | None = None

    @property
    def by_api(self) -> bool:
        """Whether every key that its API needs is filled in."""
        return bool(self.needs) and all(getattr(self, key) for key in self.needs)


class ShopSystem(Table):
    """The shop system that holds the orders and customers: the keys that every one of them has."""

    needs: ClassVar[tuple[str, ...]] = ("url",)
    """The keys to fill in before this platform can be asked anything."""

    name: Text = UNKNOWN
    url: CleanUrl | None = None
    insecure: StrictBool = False
    connections: Connections = 2
    timezone: TimeZone = "Europe/Stockholm"
    # By article number (`*` stands for anything) what goods are: soon used up, or months of warranty.
    goods: dict[Text, Literal["consumable"] | WarrantyMonths] | None = None
    # Whether an order that was never paid may go whole; by default the person is blanked in it.
    delete_orders: StrictBool = False
    # Who hosts the shop, for the record of processing; a hosted shop system is its own host.
    host: Text | None = None
    country: Text | None = None
    safeguard: Text | None = None
    agreement: Day | None = None

    @model_validator(mode="after")
    def _safe(self) -> "ShopSystem":
        if self.url is not None and in_clear_text(self.url) and not self.insecure:
            text = "http would send the keys in clear text. Write https://, or set insecure = true."
            raise refuse(text, "url")
        return self

    def lacking(self) -> tuple[str, ...]:
        """The keys to fill in before this platform can be asked anything."""
        if self.name == UNKNOWN:
            return ("name", "url")
        return tuple(key for key in self.needs if getattr(self, key) is None)


_ENGINE_ALONE = frozenset({"name", "insecure", "host", "country", "safeguard", "agreement"})
"""What `[platform]` says to the engine; an adapter that has to know it too declares the key anew."""


def is_secret(table: type[Table], key: str) -> bool:
    """Whether a key of a table holds the source of a secret."""
    return Secret in _parts(table.model_fields[key].annotation)


def default_of(table: type[Table], key: str) -> str:
    """What a key of a table is without the shop's word; empty where the shop must say it."""
    field = table.model_fields[key]
    return "" if field.is_required() or field.default is None else str(field.default)


def is_list(table: type[Table], key: str) -> bool:
    """Whether a key of a table holds several values."""
    parts = _parts(table.model_fields[key].annotation)
    return any(get_origin(part) is tuple for part in parts)


def is_table(table: type[Table], key: str) -> bool:
    """Whether a key of a table holds values by names of the shop's own."""
    return any(get_origin(part) is dict for part in _parts(table.model_fields[key].annotation))


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def handed_over(table: type[Table]) -> tuple[str, ...]:
    """The keys that an adapter's builder takes as plain values: its own, and no secret."""
    beside = _beside(table)
    return tuple(key for key in table.model_fields if key not in beside and not is_secret(table, key))


def _beside(table: type[Table]) -> frozenset[str]:
    """The keys that are none of the adapter's business."""
    if issubclass(table, Recipient):
        return frozenset(Recipient.model_fields)
    return _ENGINE_ALONE - get_annotations(table).keys()
