"""The tables of a shop's settings file; `meanings.toml` says each key in words."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import stdnum.se.orgnr
from pydantic import AfterValidator, Field, StrictBool, StrictInt, StrictStr, model_validator

from connector.about.refusing import refuse, refuse_repeated
from connector.about.secrets import Secret
from connector.about.tables import Table
from connector.about.values import Day, Text
from connector.about.web import SecureUrl
from connector.plan import USUAL
from connector.policy.file_format import Override
from connector.records import Field as RecordField
from connector.records import HoldId, Kind, Wave
from connector.settings.outgoing import Webhooks
from connector.settings.years import Oss, Years

Percent = Annotated[float, Field(gt=0, le=100, strict=True)]
Count = Annotated[StrictInt, Field(ge=1)]

ERASED_DAYS = 400
"""How long it is remembered who was erased."""

UNDO_DAYS, UNDO_MOST = 14, 30
"""How long what was overwritten can be restored, and the most (schedule T-63)."""

LEAST_SAMPLED = 10
"""Orders looked up in the archive before a year counts as archived elsewhere (schedule §1)."""

STANDING_MONTHS = 12
"""The longest life of a standing approval."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RULE = re.compile(r"T-\d\d[a-z]?")


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise refuse("may hold only a-z, 0-9 and hyphens. Choose a short name that never changes.")
    return value


def _organisation_number(value: str) -> str:
    if not stdnum.se.orgnr.is_valid(value):
        raise refuse("is no organisation number (its check digit is wrong). Compare with the register.")
    return str(stdnum.se.orgnr.format(value))


def _rule_name(value: str) -> str:
    if not _RULE.fullmatch(value):
        raise refuse('is no rule. Write [policy.rules."T-03"]; `gallra policy` lists them.')
    return value


def _sha256(value: str) -> str:
    if not _SHA256.fullmatch(value):
        raise refuse("is no SHA-256 (64 digits and letters a-f). `gallra promises` shows the text's own.")
    return value


RuleName = Annotated[StrictStr, AfterValidator(_rule_name)]


class Shop(Table):
    """Which shop this is; `id` is its identity for ever, never its address."""

    id: Annotated[StrictStr, AfterValidator(_slug)]
    name: Text
    language: Literal["sv", "en"] = "sv"
    till: StrictBool = False
    # Whether the shop can show that it told of the right of withdrawal; else it lasts a year longer.
    withdrawal_told: StrictBool = True
    # Days until the web host destroys a backup; none where nobody has asked.
    backup_days: Annotated[StrictInt, Field(ge=1, le=3660)] | None = None


class Company(Table):
    """The controller (Art. 4(7)) and what its books demand."""

    name: Text | None = None
    organisation_number: Annotated[StrictStr, AfterValidator(_organisation_number)] | None = None
    contact: Text | None = None
    address: Text | None = None
    data_protection_officer: Text | None = None
    representative: Text | None = None
    joint_controller: Text | None = None
    # What automated decisions it makes (Art. 22), or that it makes none; in the words of the policy.
    automated_decisions: Text | None = None
    # Where data about customers comes from (Art. 14(2)(f), 15(1)(g)), in the company's words.
    sources: Text | None = None
    # That what is kept after an erasure is used for nothing else: said in an answer only where it is so.
    kept_for_nothing_else: StrictBool = False
    # What a customer must give to buy (Art. 13(2)(e)).
    must_be_given: tuple[RecordField, ...] = ()
    # What the company does itself, so that no recipient of the kind is missing in the record.
    without: tuple[Literal["BK", "HD", "PA", "PN", "host"], ...] = ()
    financial_years: Years | None = None
    oss: Oss | None = None


class Answer(Table):
    """What the accountant answered: whether the shop's order is the voucher, and where the archive lies."""

    by: Text
    on: Day
    order_is_underlag: StrictBool
    archive: Text


class WithoutAnswer(Table):
    """The owner's choice to go on before the accountant has answered."""

    by: Text
    role: Text
    on: Day
    reason: Text


class Accountant(Table):
    """The accountant's answer, or the choice to go on without one: no order changes before (rules §6.0)."""

    answer: Answer | None = None
    without: WithoutAnswer | None = None

    @property
    def has_spoken(self) -> bool:
        """Whether either stands in the file."""
        return self.answer is not None or self.without is not None

    def word(self) -> dict[str, str]:
        """What stands in the file, as the ledger keeps it; the answer outweighs the choice."""
        found = self.answer or self.without
        return {key: str(value) for key, value in found.model_dump().items()} if found else {}


class Agency(Table):
    """Who runs Gallra on the company's behalf: its processor (Art. 28), with a record of its own (30(2))."""

    name: Text
    organisation_number: Annotated[StrictStr, AfterValidator(_organisation_number)] | None = None
    contact: Text | None = None
    address: Text | None = None
    data_protection_officer: Text | None = None
    country: Text | None = None
    safeguard: Text | None = None
    agreement: Day | None = None
    # Other processors that the agency itself engages (Art. 28(2)).
    engages: tuple[Text, ...] = ()


class Balancing(Table):
    """A named person's finished balancing of interests for one row of the policy (Art. 6(1)(f))."""

    rule: RuleName
    purpose: Text | None = None
    weighing: Text
    outcome: Literal["prevails", "does_not_prevail", "rests_elsewhere"]
    by: Text
    role: Text
    on: Day
    review: Day


class ArchivedYear(Table):
    """A financial year whose vouchers a named person found complete outside the shop."""

    year: StrictInt
    by: Text
    role: Text
    on: Day
    sampled: Annotated[StrictInt, Field(ge=LEAST_SAMPLED)]


def _once_each(entries: tuple[ArchivedYear, ...]) -> tuple[ArchivedYear, ...]:
    refuse_repeated([entry.year for entry in entries], "year", "Keep one entry.")
    return entries


class Archive(Table):
    """Years whose vouchers lie elsewhere (mode B); every other year lies in the shop (mode A)."""

    elsewhere: Annotated[tuple[ArchivedYear, ...], AfterValidator(_once_each)] = ()

    def word(self) -> dict[str, list[dict[str, str]]]:
        """The decisions in the file, as the ledger keeps them to the end of the floor; empty without one."""
        years = [{key: str(value) for key, value in one.model_dump().items()} for one in self.elsewhere]
        return {"archived": years} if years else {}


class Policy(Table):
    """Which preset the shop follows, at which version, with which rules of its own."""

    preset: Text = "swedish-webshop"
    version: Text = "2026.2"
    run_slack_days: Annotated[StrictInt, Field(ge=0, le=92)] = 31
    promises: Path | None = None
    # A copy of the public policy's text, and the SHA-256 of the text that the promises were read from.
    text: Path | None = None
    # Where the text is published: fetched once a week by `run`, and only where this is filled in.
    text_url: SecureUrl | None = None
    text_sha256: Annotated[StrictStr, AfterValidator(_sha256)] | None = None
    rules: dict[RuleName, Override] = Field(default_factory=dict)

    @property
    def source(self) -> str:
        """What `load_policy` takes: the preset at its version, or the path of a file of the shop's own."""
        return self.preset if self.preset.endswith(".toml") else f"{self.preset}@{self.version}"

    def overrides(self) -> dict[str, dict[str, Any]]:
        """What the file changes of each rule, as `load_policy` takes it."""
        return {rule: change.model_dump(exclude_unset=True) for rule, change in self.rules.items()}


class Smtp(Table):
    """The mail server that letters leave through; without it they are written to the folder."""

    host: Text
    port: Annotated[StrictInt, Field(ge=1, le=65535)] = 587
    user: Text | None = None
    password: Secret | None = None
    sender: Text
    security: Literal["starttls", "tls", "none"] = "starttls"


class Letters(Table):
    """Letters to recipients that have no API for it."""

    folder: Path = Path("letters")
    period: Literal["monthly", "at_once", "yearly"] = "monthly"
    keep_months: Annotated[StrictInt, Field(ge=1, le=60)] = 36
    smtp: Smtp | None = None


class Limits(Table):
    """The brakes on one run."""

    records: Count = USUAL.records
    percent: Percent = USUAL.percent
    jump: Annotated[float, Field(gt=0, strict=True)] = USUAL.jump


class Ledger(Table):
    """Where the ledger lies, the two keys it needs, and the one that shows whether it was changed by hand."""

    path: Path = Path("gallra.sqlite")
    url: Secret | None = None
    key: Secret | None = None
    subject_key: Secret | None = None
    seal_key: Secret | None = None

    @property
    def named(self) -> str:
        """Where it lies, as a person is told; an address with its password is never shown."""
        return str(self.path) if self.url is None else "the database that ledger.url names"


class Memory(Table):
    """How long it is remembered, as keyed hashes, who was erased."""

    erased_days: Annotated[StrictInt, Field(ge=1, le=1100)] = ERASED_DAYS


class Undo(Table):
    """For how many days what a run overwrites can be restored; 0 keeps no copy."""

    days: Annotated[StrictInt, Field(ge=0, le=UNDO_MOST)] = UNDO_DAYS


class Attested(Table):
    """A named person's word that a shop has nothing of the kind a hold looks for."""

    hold: HoldId
    by: Text
    on: Day


class Attest(Table):
    """What the shop has none of, where no signal shows it."""

    none: tuple[Attested, ...] = ()


class Declared(Table):
    """A named person's word that the shop's API will not list some records of a kind: at most so many."""

    kind: Kind
    at_most: Annotated[StrictInt, Field(ge=1)]
    by: Text
    on: Day


class Listener(Table):
    """A named person's judgement of something that hears of changed orders.

    It is named by its number in the shop, or by what it is anywhere: a plugin, or the host it sends to.
    """

    id: Text | None = None
    plugin: Text | None = None
    host: Text | None = None
    mark: Literal["tested", "paused", "harmless"]
    by: Text
    on: Day

    @model_validator(mode="after")
    def _one_name(self) -> "Listener":
        if sum(name is not None for name in (self.id, self.plugin, self.host)) != 1:
            raise refuse("is needed, or plugin or host, and only one of the three. Correct it.", "id")
        return self


class Standing(Table):
    """What every standing approval says: who gave it, for whom, on what evidence, until when."""

    by: Text
    role: Text
    on_behalf: Text
    evidence: Text
    on: Day
    until: Day

    @model_validator(mode="after")
    def _at_most_a_year(self) -> "Standing":
        if self.until < self.on:
            raise refuse("lies before the day it was given. Correct one of the two.", "until")
        if self.until > _years_later(self.on):
            raise refuse(f"is more than {STANDING_MONTHS} months after `on`. Write an earlier day.", "until")
        return self

    def not_today(self, today: date) -> str:
        """Why it does not hold on a day; empty where it does."""
        if today < self.on:
            return f"it begins {self.on}"
        return f"it ended {self.until}" if today > self.until else ""


class Objections(Standing):
    """A standing approval of its own kind: whoever objects to mailings gets none, and no run waits.

    It rests on no policy: the right is the person's (GDPR 21(2) and (3)).
    """


class Approval(Standing):
    """A standing approval of what the policy makes due: of which rounds, under which preset version."""

    version: Text
    waves: Annotated[tuple[Wave, ...], Field(min_length=1)]
    irreversible: tuple[Kind, ...] = ()

    def suspended(self, *, today: date, version: str) -> str:
        """Why the approval does not hold today; empty where it does."""
        if why := self.not_today(today):
            return why
        if version != self.version:
            return f"it was given for preset version {self.version}, the shop follows {version}"
        return ""


def _years_later(day: date) -> date:
    leap_day = day.month == 2 and day.day == 29
    return date(day.year + STANDING_MONTHS // 12, day.month, 28 if leap_day else day.day)


class Ping(Table):
    """Addresses called when a run starts, ends well or fails; nothing is sent in them."""

    start: SecureUrl | None = None
    ok: SecureUrl | None = None
    fail: SecureUrl | None = None


class Network(Table):
    """How every service is reached: how long a run waits, and whom https trusts besides the usual."""

    # Seconds that a run waits where a service asks for patience; a longer wait ends it with 75.
    patience: Annotated[StrictInt, Field(ge=0, le=3600)] = 120
    ca_file: Path | None = None


class Alerts(Table):
    """Who hears of a run."""

    ping: Ping = Ping()
    mail: tuple[Text, ...] = ()
    webhook: Webhooks = ()


class Reports(Table):
    """Where reports are written, and the address under which others find that folder."""

    folder: Path = Path("reports")
    url: SecureUrl | None = None
