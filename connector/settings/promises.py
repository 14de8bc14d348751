"""A shop's public promises, each as something that can be checked."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictStr, ValidationError

from connector.about.refusing import refuse, refuse_repeated
from connector.about.tables import Table
from connector.about.values import Text
from connector.errors import SettingsError
from connector.records import Field as RecordField
from connector.registry import recipient_codes
from connector.settings.faults import from_pydantic
from connector.settings.recipients import KnownCode
from connector.settings.settings import fault_line
from connector.settings.source import read_document

How = Literal["rule", "scan", "request", "worklist", "own_output", "text", "register", "attest", "wording"]
"""What carries a promise: a rule of the policy, a scan, a person's request, a worklist, Gallra's own
output, the policy text, the register of recipients, a person's word, or only another wording."""

About = Literal[
    "order", "customer", "subscriber", "review", "cart", "support_message", "payment", "shipment",
    "visit", "cookie", "consent", "request", "recipient", "company", "policy", "statistics",
]  # fmt: skip

_LONGEST = re.compile(r"\d{1,3} (days|weekdays|months|years)")
_RECIPIENT = re.compile(r"[a-z][a-z0-9-]*")
_RULE = re.compile(r"T-\d\d[a-z]?")


def _longest(value: str) -> str:
    if not _LONGEST.fullmatch(value):
        raise refuse('is no period. Write "36 months", "10 years", "2 weekdays" or "0 days".')
    return value


def _rule(value: str) -> str:
    if not _RULE.fullmatch(value):
        raise refuse('is no rule of the schedule. Write "T-03".')
    return value


def _named(value: str) -> str:
    if value not in recipient_codes() and not _RECIPIENT.fullmatch(value):
        raise refuse('is no recipient. Write its name as under [recipients], or a code such as "PN".')
    return value


class Advice(Table):
    """What to write in the policy instead."""

    sv: Text
    en: Text


class Promise(Table):
    """One promise: its words (paraphrased), what carries it, and its verdicts.

    Verdicts: E enforced, P partly, A attested by a person, L legally defective or untrue.
    `latest` is the promise's own upper bound, counted from `clock`; law may still keep longer.
    `names` are those that the policy's own words name: a recipient as under [recipients], or a kind of
    recipient by its code. `only_with` is the payment without which its numbers are not to be saved.
    `quote` is the policy's own sentence; `proposed` is one that nobody has confirmed.
    `recipients` are where the data goes, named or not. `other_controller` is
    another company's name that the policy's text gives as the one responsible, where it does.
    """

    id: Annotated[StrictStr, Field(pattern=r"^S\d+-\d\d$")]
    sv: Text
    en: Text
    verdict: Annotated[tuple[Literal["E", "P", "A", "L"], ...], Field(min_length=1)]
    how: How
    about: About
    fields: tuple[RecordField, ...] = ()
    clock: Text | None = None
    latest: Annotated[StrictStr, AfterValidator(_longest)] | None = None
    rules: tuple[Annotated[StrictStr, AfterValidator(_rule)], ...] = ()
    names: tuple[Annotated[StrictStr, AfterValidator(_named)], ...] = ()
    recipients: tuple[KnownCode, ...] = ()
    other_controller: Text | None = None
    only_with: Literal["invoice"] | None = None
    quote: Text | None = None
    proposed: StrictBool = False
    advice: Advice | None = None

    def latest_period(self) -> tuple[int, str] | None:
        """The upper bound as a number and its unit; None where the policy gives none."""
        if self.latest is None:
            return None
        number, unit = self.latest.split()
        return int(number), unit


def _once_each(promises: tuple[Promise, ...]) -> tuple[Promise, ...]:
    refuse_repeated([promise.id for promise in promises], "id", "Give each promise its own id.")
    return promises


class Promises(Table):
    """Every promise of one shop's policy."""

    shop: Text
    promise: Annotated[tuple[Promise, ...], AfterValidator(_once_each)]


def load_promises(path: Path) -> tuple[Promise, ...]:
    """The promises of a file. Raises SettingsError with every fault, each with its line."""
    document = read_document(path)
    try:
        return Promises.model_validate(document.table).promise
    except ValidationError as error:
        faults = from_pydantic(error.errors(include_url=False), Promises)
        raise SettingsError([fault_line(document, fault.where, fault.text) for fault in faults]) from None
