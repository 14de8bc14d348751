"""The shape of a policy file: one schema that checks it and says what each key means."""

import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from connector.records import Action, HoldId, Kind, Wave
from connector.records import Field as RecordField


class Clock(StrEnum):
    """The date a period is counted from; `connector/policy/clocks.py` says how each is read."""

    DELIVERED = "delivered"
    CREATED = "created"
    SETTLED = "settled"
    LAST_PAYMENT = "last_payment"
    LAST_CHANGE = "last_change"
    LAST_PURCHASE = "last_purchase"
    LAST_ACTIVITY = "last_activity"
    CREATED_OR_CONSENT = "created_or_consent"
    LAST_CLICK_OR_PURCHASE = "last_click_or_purchase"
    IDENTITY_END = "identity_end"
    CLOSED = "closed"
    CASE_CLOSED = "case_closed"
    CONSENT_END = "consent_end"
    NEWSLETTER_END = "newsletter_end"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    SUBSCRIBED = "subscribed"


class Condition(StrEnum):
    """What must be true of a record for a purpose, a floor or a whole rule to apply."""

    SHOP_IS_ARCHIVE = "shop_is_archive"
    BUSINESS = "business"
    NO_COMPANY_NAME = "no_company_name"
    UNDER_OSS = "under_oss"
    ABROAD_WITHOUT_OSS = "abroad_without_oss"
    NEVER_PAID = "never_paid"
    CLOSED_BY_CUSTOMER = "closed_by_customer"
    HAS_PURCHASE = "has_purchase"
    NO_PURCHASE = "no_purchase"
    SOFT_OPT_IN = "soft_opt_in"
    CONSENT = "consent"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    NEVER_CONFIRMED = "never_confirmed"
    NOT_AN_INVOICE = "not_an_invoice"
    INVOICED = "invoiced"
    LOGIN_SEEN = "login_seen"
    LOGIN_UNSEEN = "login_unseen"
    SUBSCRIBES = "subscribes"
    CONSUMABLES = "consumables"


class FloorId(StrEnum):
    """The legal minima a rule may name; F3 takes F1's place for orders outside the books."""

    F1 = "F1"
    F2 = "F2"


_PERIOD = re.compile(r"claims|(\d{1,4}) (days|months)")


class Period(BaseModel):
    """A length of time: days, months, or the claims window of schedule §2.4."""

    model_config = ConfigDict(frozen=True)

    unit: Literal["days", "months", "claims"]
    number: int = 0

    @property
    def about_days(self) -> int:
        """Its length for comparing two periods, a month counted as 31 days."""
        return {"days": self.number, "months": 31 * self.number, "claims": 31 * 38 + 14}[self.unit]

    def __str__(self) -> str:
        return "claims" if self.unit == "claims" else f"{self.number} {self.unit}"


def read_period(text: str) -> Period:
    """A period from its text. Raises ValueError where it is none."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise ValueError('is no period: write "14 days", "38 months" or "claims"')
    if found.group(1) is None:
        return Period(unit="claims")
    unit: Literal["days", "months"] = "days" if found.group(2) == "days" else "months"
    return Period(unit=unit, number=int(found.group(1)))


def _checked(text: str) -> str:
    read_period(text)
    return text


PeriodText = Annotated[str, AfterValidator(_checked)]
RuleId = Annotated[str, StringConstraints(pattern=r"^T-\d\d[a-z]?$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_0-9]*$")]
Recipient = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Table(BaseModel):
    """Base of the tables: no unknown keys, no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(Table):
    """What the row is called on screen."""

    sv: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Purpose(Table):
    """One reason to keep, and how long it lasts: `period` from `clock`, last day inclusive."""

    id: Name = Field(description="Name of the purpose; a person's request may drop it.")
    clock: Clock = Field(description="The date the period is counted from.")
    period: PeriodText = Field(description='"14 days", "38 months" or "claims".')
    legal_basis: Literal["c", "l", "i", "s", "p"] = Field(description="Letters of schedule §4.")
    fields: tuple[RecordField, ...] = Field((), description="Only these fields of the rule; empty: all.")
    when: tuple[Condition, ...] = Field((), description="All must be true; empty: always.")
    tunable: bool = Field(False, description="A shop's file may set another period.")
    longest: PeriodText | None = Field(None, description="The longest period a shop's file may set.")
    consumables: PeriodText | None = Field(
        None, description="A shorter period where every line is of goods that are soon used up."
    )
    survives_erasure: bool = Field(
        False, description="A request to erase leaves it: a claim may still be made (GDPR 17(3)(e))."
    )
    never_unwarned: bool = Field(
        False, description="Ends only after a recorded warning, which no file waives."
    )


class FloorUse(Table):
    """A legal minimum that the rule stands on."""

    id: FloorId
    fields: tuple[RecordField, ...] = Field((), description="Only these fields of the rule; empty: all.")
    when: tuple[Condition, ...] = Field((), description="All must be true; empty: always.")


class Forewarning(Table):
    """A mail that the shop sends a month before the end."""

    alert: Name = Field(description="The alert under which the record is listed from then on.")
    required: bool = Field(False, description="Nothing goes before a month after a recorded warning.")


class Alert(Table):
    """Something the owner should know wherever the rule applies and all of `when` is true."""

    code: Name
    when: tuple[Condition, ...]


class Rule(Table):
    """One row of the schedule for one kind of record."""

    id: RuleId
    kind: Kind
    title: Title
    basis: str = Field(min_length=1, description="The paragraph it rests on.")
    fields: tuple[RecordField, ...] = Field((), description="The fields it governs.")
    whole_record: bool = Field(False, description="Takes the record, and every field no other rule names.")
    takes_every_field: bool = Field(False, description="Where it applies, no rule of a field counts.")
    when: tuple[Condition, ...] = Field((), description="For whole records: all must be true.")
    action: Action
    wave: Wave
    holds: tuple[HoldId, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    optional: bool = Field(False, description="Off until the shop's file turns it on.")
    waits_for_unknown_holds: bool = Field(False, description="Waits while a hold it names cannot be read.")
    purpose: tuple[Purpose, ...] = ()
    floor: tuple[FloorUse, ...] = ()
    warning: Forewarning | None = None
    alert: tuple[Alert, ...] = ()
    ignores_aftermath: bool = Field(False, description="A hold binds it only while its cause is open.")
    keeps: tuple[str, ...] = Field((), description="What stays of the field, such as the country.")
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> "Rule":
        if self.whole_record == bool(self.fields):
            raise ValueError("must either list `fields` or set whole_record = true")
        if not self.purpose and not self.floor:
            raise ValueError("has neither a purpose nor a floor: add a [[rule.purpose]]")
        parts: tuple[Purpose | FloorUse, ...] = (*self.purpose, *self.floor)
        for part in parts:
            odd = [field for field in part.fields if field not in self.fields]
            if odd:
                raise ValueError(f"{odd[0]} is named by a part of the rule but not by its `fields`: add it")
        if self.warning is None and any(purpose.never_unwarned for purpose in self.purpose):
            raise ValueError("has a purpose that is never_unwarned and no `warning`: add one")
        names = [purpose.id for purpose in self.purpose]
        if len(set(names)) < len(names) and not all(purpose.when for purpose in self.purpose):
            raise ValueError("names a purpose twice: give each its own id, or a `when`")
        return self


class Attestation(Table):
    """A row that no rule carries out: a person confirms it once a year, or Gallra keeps it."""

    id: RuleId
    title: Title
    basis: str = Field(min_length=1)
    legal_basis: Annotated[str, StringConstraints(pattern=r"^[clisp]+(/[clisp]+)?$")] = Field(
        description="Letters of schedule §4; either of two, `l/i`, where it leaves the choice."
    )
    period: str = ""
    carried_by: Literal["person", "gallra"] = Field(
        "person", description="`gallra`: its own register keeps the row, and nobody need confirm it."
    )


class PolicyFile(Table):
    """A whole policy file."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    version: Annotated[str, StringConstraints(pattern=r"^\d{4}\.\d+$")]
    rule: tuple[Rule, ...]
    attestation: tuple[Attestation, ...] = ()

    @model_validator(mode="after")
    def _some(self) -> "PolicyFile":
        if not self.rule:
            raise ValueError("holds no rule: add a [[rule]]")
        return self


class Override(Table):
    """What a shop's file may change of one rule: `[policy.rules."T-03"]`."""

    period: PeriodText | None = Field(None, description="Another period for the rule's one tunable purpose.")
    periods: dict[str, PeriodText] = Field(default_factory=dict, description="Periods by purpose.")
    consumables: PeriodText | None = Field(None, description="Another period of goods that are soon used up.")
    on: bool | None = Field(None, description="Turns an optional rule on or off.")
    waive_warning: bool | None = Field(None, description="Lets the rule act without a recorded warning.")


def reference() -> dict[str, Any]:
    """The schema as JSON Schema, for the documentation."""
    return PolicyFile.model_json_schema()
