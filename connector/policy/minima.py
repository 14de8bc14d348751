"""What the law keeps of a record in every case, and the rules that would let go of it earlier."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from connector.policy.file_format import Condition, FloorId, FloorUse, Purpose, Rule
from connector.policy.possible_records import World, whole_rule, worlds
from connector.records import Field, Kind, Value

BASIS = {FloorId.F1: "BFL 7:2", FloorId.F2: "ML 22:76–77"}

_C = Condition
_ALWAYS: frozenset[Condition] = frozenset()
_IN_THE_BOOKS = (_ALWAYS,)
_INVOICED = (frozenset({_C.UNDER_OSS, _C.INVOICED}),)
"""What an invoice under OSS states is kept as long as the sale (art. 63c(1)(j) of Reg. 282/2011)."""
Bindings = tuple[tuple[FloorId, tuple[World, ...]], ...]
"""Floors, each with the cases in which it binds."""

_ORDER: dict[Field, Bindings] = {
    Field.NAME: (
        (FloorId.F1, (frozenset({_C.SHOP_IS_ARCHIVE}), frozenset({_C.BUSINESS, _C.NO_COMPANY_NAME}))),
        (FloorId.F2, _INVOICED),
    ),
    Field.BILLING_ADDRESS: (
        (FloorId.F1, (frozenset({_C.SHOP_IS_ARCHIVE}), frozenset({_C.BUSINESS}))),
        (FloorId.F2, _INVOICED),
    ),
    Field.COMPANY: ((FloorId.F1, _IN_THE_BOOKS), (FloorId.F2, _INVOICED)),
    Field.ORGANISATION_NUMBER: ((FloorId.F1, _IN_THE_BOOKS), (FloorId.F2, _INVOICED)),
    Field.GIFT_RECIPIENT: ((FloorId.F2, _INVOICED),),
    Field.PAYMENT_REFERENCE: ((FloorId.F1, _IN_THE_BOOKS),),
    Field.SHIPPING_ADDRESS: (
        (FloorId.F2, (frozenset({_C.UNDER_OSS}),)),
        (FloorId.F1, (frozenset({_C.ABROAD_WITHOUT_OSS}),)),
    ),
    Field.TRACKING_NUMBER: (
        (FloorId.F2, (frozenset({_C.UNDER_OSS}),)),
        (FloorId.F1, (frozenset({_C.ABROAD_WITHOUT_OSS}),)),
    ),
}  # fmt: skip
"""The floors of an order's fields (schedule T-01 to T-15)."""

_ORDER_WHOLE: Bindings = ((FloorId.F1, _IN_THE_BOOKS), (FloorId.F2, (frozenset({_C.UNDER_OSS}),)))
_COUPON_WHOLE: Bindings = ((FloorId.F1, _IN_THE_BOOKS),)


class Shortfall(Value, frozen=True, kw_only=True):
    """A rule that lets go of a field (None: the whole record) before a legal minimum, and one such case."""

    rule: str
    kind: Kind
    field: Field | None
    floor: FloorId
    world: World

    @property
    def case(self) -> str:
        """What is true of such a record, in the words of a rule's `when`."""
        return ", ".join(sorted(self.world)) or "none of the conditions"


@lru_cache(maxsize=16)
def shortfalls(rules: tuple[Rule, ...]) -> tuple[Shortfall, ...]:
    """Every rule, field and floor that falls short in some case, each once.

    An order that was never paid is in no books. A field that no rule ends, or that a rule gives
    no purpose, keeps: that falls short of nothing.
    """
    return tuple(_shortfalls(rules))


def _shortfalls(rules: Sequence[Rule]) -> Iterator[Shortfall]:
    seen: set[tuple[str, Field | None, FloorId]] = set()
    for kind in (Kind.ORDER, Kind.COUPON):
        own = [rule for rule in rules if rule.kind is kind]
        # The plainest case first: it is the one that is told.
        for world in sorted(worlds(kind), key=len):
            if _C.NEVER_PAID in world:
                continue
            for rule, field, floor in _short(kind, own, world):
                if (rule.id, field, floor) not in seen:
                    seen.add((rule.id, field, floor))
                    yield Shortfall(rule=rule.id, kind=kind, field=field, floor=floor, world=world)


def _short(kind: Kind, own: Sequence[Rule], world: World) -> Iterator[tuple[Rule, Field | None, FloorId]]:
    whole = whole_rule(own, world)
    if whole is not None:
        cases = _ORDER_WHOLE if kind is Kind.ORDER else _COUPON_WHOLE
        yield from _unfloored(whole, None, cases, world)
    for field, cases in _ORDER.items() if kind is Kind.ORDER else ():
        rule = next((rule for rule in own if field in rule.fields), None)
        governing = whole if whole is not None and (rule is None or whole.takes_every_field) else rule
        if governing is not None:
            yield from _unfloored(governing, field, cases, world)


def _unfloored(
    rule: Rule,
    field: Field | None,
    cases: Bindings,
    world: World,
) -> Iterator[tuple[Rule, Field | None, FloorId]]:
    """The floors that bind in this case and that the rule does not stand on, though it ends the field."""
    stands_on = {floor.id for floor in rule.floor if _counts(floor, field, world)}
    if not stands_on and not any(_counts(purpose, field, world) for purpose in rule.purpose):
        return
    for floor, binding in cases:
        if floor not in stands_on and any(world >= case for case in binding):
            yield rule, field, floor


def _counts(part: Purpose | FloorUse, field: Field | None, world: World) -> bool:
    return (not part.fields or field in part.fields) and world.issuperset(part.when)
