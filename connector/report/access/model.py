"""The answer to a request for access, as JSON of a published schema; the page is written from the same value.

Art. 15(1): purposes, categories, recipients, periods, rights, source, automated decisions; 15(3): the copy.
"""

from datetime import date, datetime
from typing import Literal

from connector.ports.disclosing import Given
from connector.records import Field, Kind, Value
from connector.report.shared import Both, Shop

SCHEMA = "gallra.access/1"
"""Grows when a name changes meaning."""


class RecordCopy(Value, frozen=True, kw_only=True):
    """One record: where it lies, its number in the shop, every value; what of it is only named.

    `by_hand` are fields that no call shows, `places` codes of places that no API reaches; `notes` is empty,
    `read`, `masked`, `unread`.
    """

    service: str
    kind: Kind
    number: str
    created: str
    values: tuple[Given, ...]
    by_hand: tuple[Field, ...] = ()
    places: tuple[str, ...] = ()
    notes: str = ""


class Purpose(Value, frozen=True, kw_only=True):
    """One activity: why, on what basis, with whom, for how long (Art. 15(1)(a), (c), (d))."""

    title: Both
    purpose: Both
    bases: tuple[str, ...]
    law: tuple[str, ...]
    data: tuple[Field, ...]
    recipients: tuple[str, ...]
    periods: tuple[tuple[Both, Both], ...]


class RecipientCopy(Value, frozen=True, kw_only=True):
    """Somebody whom data was given to, by name, and what they let be copied out; else how to ask them.

    `how` is an address or a form that they publish; `reasons` why nothing, or not all, was copied.
    """

    name: str
    role: str
    country: str = ""
    third_country: bool | None = None
    safeguard: str = ""
    fields: tuple[Field, ...] = ()
    how: str = ""
    copies: tuple[tuple[Given, ...], ...] = ()
    reasons: tuple[str, ...] = ()


class Answer(Value, frozen=True, kw_only=True):
    """The whole answer. `schema` and `scope` say how to read it; `made_at` is the moment of the look.

    `automated` (Art. 15(1)(h)) and `sources` (15(1)(g)) are the company's own words, or empty.
    `scope` is `access` (everything) or `portability` (what the person gave, by consent or contract).
    """

    schema: Literal["gallra.access/1"] = "gallra.access/1"
    scope: Literal["access", "portability"] = "access"
    request: str
    received: date
    made_at: datetime
    level: int
    shop: Shop
    records: tuple[RecordCopy, ...]
    purposes: tuple[Purpose, ...] = ()
    recipients: tuple[RecipientCopy, ...] = ()
    automated: str = ""
    sources: str = ""
    tool_version: str = ""


__all__ = ["SCHEMA", "Answer", "Purpose", "RecipientCopy", "RecordCopy"]
