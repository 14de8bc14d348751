"""The record of processing (Art. 30(1)): one row per activity, the recipients, and people's attestations."""

from datetime import date, datetime

from connector.records import Field, Kind, Value
from connector.report.shared import AttestedView, Both, PolicyRef, Shop

__all__ = ["ActivityView", "Both", "RecipientRow", "RecordOfProcessing", "RetentionView"]


class RetentionView(Value, frozen=True, kw_only=True):
    """What is erased when (Art. 30(1)(f)), from the live policy or as a row that people attest."""

    rule: str
    what: Both
    how_long: Both


class RecipientRow(Value, frozen=True, kw_only=True):
    """One recipient: who, in what role, what it is sent, where, under which agreement.

    `missing` is the key that would name it, where nobody has; `keys` the table its own keys stand in.
    `channel` is where it is reached by hand, `evidence` what last showed that it keeps to this, and when.
    """

    name: str
    code: str
    role: str
    fields: tuple[Field, ...] = ()
    country: str = ""
    third_country: bool | None = None
    safeguard: str = ""
    agreement: date | None = None
    told_by: str = ""
    role_assumed: bool = False
    missing: str = ""
    keys: str = ""
    channel: str = ""
    evidence: str = ""
    evidence_on: date | None = None


class ActivityView(Value, frozen=True, kw_only=True):
    """One activity: purpose, basis, people, data, recipients, time limits.

    `transfers` are the recipients in a third country, and those whose country nobody has given.
    """

    id: str
    title: Both
    purpose: Both
    bases: tuple[str, ...]
    paragraphs: tuple[str, ...]
    people: Both
    kinds: tuple[Kind, ...]
    fields: tuple[Field, ...]
    data: Both
    recipients: tuple[str, ...]
    transfers: tuple[str, ...]
    retention: tuple[RetentionView, ...]
    attested: tuple[AttestedView, ...] = ()


class RecordOfProcessing(Value, frozen=True, kw_only=True):
    """The whole record; `missing` are keys of the shop's file that are still to be filled in."""

    shop: Shop
    address: str
    data_protection_officer: str = ""
    representative: str = ""
    joint_controller: str = ""
    policy: PolicyRef
    made_at: datetime
    activities: tuple[ActivityView, ...]
    recipients: tuple[RecipientRow, ...]
    attestations: tuple[AttestedView, ...]
    titles: dict[str, Both]
    safeguards: tuple[Both, ...]
    missing: tuple[str, ...] = ()
    # Balancings of interests that nobody has finished.
    open: tuple[Both, ...] = ()
    archived: tuple[int, ...] = ()
    tool_version: str = ""
