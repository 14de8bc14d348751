"""What was decided of a request, record by record and field by field: what goes, what stays, by which law."""

from collections.abc import Iterator, Sequence
from datetime import date

from connector.about.both import Both
from connector.deciding.request_verdicts import Decided, Does
from connector.records import Kind, Value
from connector.shop import Shop
from connector.verdicts import FieldVerdict, State
from connector.views.request_erased import law_of, names_of, said_of


class FieldLine(Value, frozen=True, kw_only=True):
    """One field: whether it goes; else its last day (None while a hold keeps it, or none is known)."""

    what: Both
    goes: bool
    rule: str
    law: Both
    until: date | None = None


class RecordLine(Value, frozen=True, kw_only=True):
    """One record, by its kind and number, and its fields; one line where it goes whole."""

    kind: Kind
    number: str
    fields: tuple[FieldLine, ...]


def lines_of(shop: Shop, records: Sequence[Decided]) -> tuple[RecordLine, ...]:
    """Every record of a decision, in both languages."""
    bases = {rule.id: rule.basis for rule in shop.policy.rules}
    return tuple(
        RecordLine(kind=one.ref.kind, number=one.label, fields=tuple(_fields(one, bases))) for one in records
    )


def _fields(one: Decided, bases: dict[str, str]) -> Iterator[FieldLine]:
    whole = [
        each for each in one.fields
        if each.field is None and each.state is State.DUE and one.does(each).does is Does.ERASED
    ]  # fmt: skip
    for each in whole or one.fields:
        due, coming = each.state is State.DUE, one.does(each)
        goes = due and coming.does is Does.ERASED
        yield FieldLine(
            what=names_of([each.field], one.ref.kind), goes=goes, rule=each.rule,
            law=said_of(coming) if due and not goes else law_of(each, bases), until=_until(each),
        )  # fmt: skip


def _until(one: FieldVerdict) -> date | None:
    return None if one.holds or one.state is State.DUE else one.keep_through


__all__ = ["FieldLine", "RecordLine", "lines_of"]
