"""Why one record stays or goes: each field's verdict, the holds on it, and what was promised of it."""

from datetime import date, datetime

from connector.records import Field, HoldId, Kind, Surprise, Value
from connector.report.shared import Standing
from connector.verdicts import FieldVerdict


class PromisedView(Value, frozen=True, kw_only=True):
    """One promise about a field; `latest` is the last day it allows of this record."""

    id: str
    sv: str
    en: str
    standing: Standing
    latest: date | None = None


class PlacedView(Value, frozen=True, kw_only=True):
    """A hold that a person placed and that is on this record."""

    id: int
    hold: HoldId
    reason: str
    owner: str
    review: date


class PutBackView(Value, frozen=True, kw_only=True):
    """What an undo put back of this record: its plan's code, when, and the fields."""

    code: str
    at: datetime
    fields: tuple[Field, ...]


class FieldExplanation(Value, frozen=True, kw_only=True):
    """One field, or the whole record: its verdict, the rule's name, and its promises.

    `off` says that the rule is optional and the shop has not switched it on: it acts on no day.
    """

    verdict: FieldVerdict
    rule_sv: str = ""
    rule_en: str = ""
    promises: tuple[PromisedView, ...] = ()
    off: bool = False

    @property
    def field(self) -> Field | None:
        """The field; None for the whole record."""
        return self.verdict.field


class Explanation(Value, frozen=True, kw_only=True):
    """One record; `promised` is false where the shop's file names no promises."""

    kind: Kind
    number: str
    today: date
    id: str = ""
    fields: tuple[FieldExplanation, ...] = ()
    placed: tuple[PlacedView, ...] = ()
    alerts: tuple[str, ...] = ()
    next_due: date | None = None
    promised: bool = True
    # What was erased and put back since, by undo.
    put_back: tuple[PutBackView, ...] = ()
    # What the record holds that no rule names, by type and place.
    told: tuple[Surprise, ...] = ()
