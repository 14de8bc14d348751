"""What a promise of a shop is judged against, and what any judgement of it asks."""

from collections.abc import Mapping, Sequence
from datetime import date

from connector.policy import Policy
from connector.records import Field, Value
from connector.report.promises.model import BoundView, CountView, Remark, RemarkView, State
from connector.report.shared import AttestedView
from connector.settings import Settings
from connector.settings.promises import Promise
from connector.views.promises.bounds import slots_of
from connector.views.promises.census import NUMBERS, Census
from connector.views.promises.public_text import PublicText

Outcome = tuple[State, tuple[RemarkView, ...]]
Counts = Sequence[CountView]
Bounds = Sequence[BoundView]


class Case(Value, frozen=True, kw_only=True):
    """What every promise of a shop is judged against."""

    settings: Settings
    policy: Policy
    today: date
    census: Census | None = None
    attested: Mapping[str, AttestedView] = {}
    text: PublicText | None = None


def is_shown(promise: Promise, case: Case) -> bool:
    """Whether the shop's platforms have shown a kind of record that the promise is judged by."""
    slots = slots_of(case.policy, promise)
    return case.census is not None and any(slot.kind in case.census.known.kinds for slot in slots)


def cards_found(census: Census) -> RemarkView:
    """How many records hold a number like a card's; where none does, how many were searched."""
    if census.known.card_numbers:
        return RemarkView(code=Remark.CARD_NUMBERS, count=census.known.card_numbers)
    return RemarkView(code=Remark.NO_CARD_NUMBERS, count=census.records_read)


def by_invoice_alone(promise: Promise) -> tuple[Field, ...]:
    """Numbers of purchases by invoice alone: a personal number by law, others where it is promised."""
    asked = {Field.PERSONAL_NUMBER} | (NUMBERS if promise.only_with == "invoice" else set())
    return tuple(field for field in promise.fields if field in asked)


def is_never(promise: Promise) -> bool:
    """Whether it says that such data is never stored at all."""
    return promise.latest == "0 days"


def of_cards(promise: Promise) -> bool:
    """Whether it speaks of payment data, and so of card numbers."""
    return promise.about == "payment" and Field.PAYMENT_DETAILS in promise.fields
