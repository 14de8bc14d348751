"""Of one record: what the policy decides, which holds are on it, and what the shop has promised."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from msgspec.structs import replace

from connector.deciding.recount_person import as_counted_now
from connector.ledger.fate import put_back_of_record
from connector.ledger.holds import Holds
from connector.ledger.index import Row
from connector.ledger.naming import Choose, meant
from connector.policy import Policy, decide
from connector.records import SHOWS_RECIPIENT, Field, Kind, Record
from connector.report.explanation.model import (
    Explanation,
    FieldExplanation,
    PlacedView,
    PromisedView,
    PutBackView,
)
from connector.report.shared import Standing
from connector.settings.promises import Promise
from connector.shop import Shop
from connector.verdicts import FieldVerdict, Verdict
from connector.views.promises.bounds import Slot, last_day_of, slots_of
from connector.views.promises.census import census_of

_AHEAD = (Standing.LAW_AHEAD, Standing.LATE_AHEAD)
_STANDINGS = (*_AHEAD, Standing.OVER, Standing.BY_LAW, Standing.HELD, Standing.ENDLESS, Standing.WITHIN)
"""The gravest that a census of one record can say stands first; what lies ahead is also within."""


def find(
    shop: Shop, kind: Kind, number: str, *, by_id: bool = False, choose: Choose | None = None
) -> tuple[Row, tuple[PlacedView, ...]]:
    """The record that is meant, with every hold on it. Raises GallraError where none or several may be."""
    row = meant(shop.ledger, kind, number, by_id=by_id, choose=choose)
    holds, policy, today = Holds(shop.ledger), shop.policy, shop.today
    with shop.ledger.begin() as connection:
        placed = holds.on_row(connection, row)
        record = holds.open(connection).on(row)
        held = replace(row, record=record)
        record = as_counted_now(shop.ledger, connection, policy, held, today=today)
    views = tuple(
        PlacedView(id=one.id, hold=one.hold, reason=one.reason, owner=one.owner, review=one.review)
        for one in placed
    )
    return Row(id=row.id, record=record, subject=row.subject), views


def explain(shop: Shop, row: Row, placed: tuple[PlacedView, ...]) -> tuple[Verdict, Explanation]:
    """The verdict on a record, and the same with names, holds and promises."""
    record, policy, today = row.record, shop.policy, shop.today
    verdict = decide(record, policy, today=today)
    told = _Promised(policy, shop.promises or (), record, verdict, today=today)
    every = (verdict.record, *verdict.fields) if verdict.record else verdict.fields
    view = Explanation(
        kind=record.ref.kind,
        number=record.label or record.ref.id,
        id=record.ref.id,
        today=today,
        fields=tuple(_field(one, policy, record.ref.kind, told) for one in every),
        placed=placed,
        alerts=verdict.alerts,
        next_due=verdict.next_due,
        promised=shop.promises is not None,
        told=tuple(one for one in dict.fromkeys(record.surprises) if one.code != SHOWS_RECIPIENT),
        put_back=_put_back(shop, row.id),
    )
    return verdict, view


def _put_back(shop: Shop, record: int) -> tuple[PutBackView, ...]:
    """What undos put back of a record."""
    with shop.ledger.begin() as connection:
        found = put_back_of_record(shop.ledger, connection, record)
    return tuple(
        PutBackView(code=one.plan, at=datetime.fromisoformat(one.at), fields=tuple(map(Field, one.fields)))
        for one in found
    )


def _field(one: FieldVerdict, policy: Policy, kind: Kind, told: "_Promised") -> FieldExplanation:
    rules = [rule for rule in policy.rules if rule.id == one.rule and rule.kind is kind]
    return FieldExplanation(
        verdict=one,
        rule_sv=rules[0].title.sv if rules else "",
        rule_en=rules[0].title.en if rules else "",
        promises=tuple(told.of(one)),
        off=bool(rules) and rules[0].optional,
    )


class _Promised:
    """Every promise against one record, by the same count as the promise report."""

    def __init__(
        self, policy: Policy, promises: Sequence[Promise], record: Record, verdict: Verdict, *, today: date
    ) -> None:
        self._record = record
        self._slots = [(one, slot) for one in promises for slot in slots_of(policy, one)]
        self._census = census_of(policy, promises, decided=[(record, verdict)], today=today)

    def of(self, verdict: FieldVerdict) -> Iterator[PromisedView]:
        """The promises about a field; of the whole record, those its rule carries."""
        for promise, slot in self._slots:
            if slot.kind is self._record.ref.kind and _about(slot, verdict):
                yield PromisedView(
                    id=promise.id,
                    sv=promise.sv,
                    en=promise.en,
                    standing=self._standing(slot),
                    latest=last_day_of(slot, self._record.facts),
                )

    def _standing(self, slot: Slot) -> Standing:
        if last_day_of(slot, self._record.facts) is None:
            return Standing.NO_TIME
        [counted] = self._census.views((slot,))
        return next((one for one in _STANDINGS if getattr(counted, one)), Standing.ENDLESS)


def _about(slot: Slot, verdict: FieldVerdict) -> bool:
    if verdict.field is None:
        return slot.field is None and slot.rule == verdict.rule
    return slot.field is verdict.field
