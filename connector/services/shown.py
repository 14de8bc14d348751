"""Whether a service still shows a field, or a lost permission or a program in between takes it out.

Beside every batch some records are read that no step has touched, of which the index knows that they hold
the fields in question. A field that neither they nor any record of the batch show was not read: by such an
answer none of the batch is empty of it, neither before a write (gone already) nor after it (clean). The
controls go with the batch's own ids, so that no request is added.
"""

from collections.abc import Mapping

from connector.ledger import Ledger
from connector.ledger.index import Rows
from connector.ports import Live, Look, Unread
from connector.records import Kind, Ref, from_bits

MOST = 8
"""Controls beside one batch: an order or two hold most of the fields that there are."""
_EACH = 2  # controls of one field: what the shop itself has emptied since the last pull is no word of all
HIDDEN = "field_not_shown"


class Shown:
    """The controls of one run, kept by kind and field: what a step is to take is one in none."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[tuple[str, Kind, int], Mapping[Ref, int]] = {}

    def controls(self, wanted: Mapping[Ref, int]) -> dict[Ref, int]:
        """Some records that hold the fields wanted of these (bit sets), all of one place and kind."""
        chosen: dict[Ref, int] = {}
        for bit in _bits(wanted):
            if sum(bool(present & bit) for present in chosen.values()) < _EACH:
                place = next(iter(wanted))
                chosen |= self._of(place.adapter, place.kind, bit)
        return dict(list(chosen.items())[:MOST])

    def _of(self, adapter: str, kind: Kind, bit: int) -> Mapping[Ref, int]:
        if (adapter, kind, bit) not in self._known:
            with self._ledger.begin() as connection:
                index = Rows(self._ledger)
                self._known[adapter, kind, bit] = index.holding(connection, adapter, kind, bit, limit=_EACH)
        return self._known[adapter, kind, bit]


def as_shown(
    looks: Mapping[Ref, Look], wanted: Mapping[Ref, int], controls: Mapping[Ref, int]
) -> dict[Ref, Look]:
    """The looks at the records wanted; unread where a field of theirs is shown by nothing that holds it."""
    hidden = sum(bit for bit in _bits(wanted) if _is_hidden(bit, looks, controls))
    return {ref: _judged(looks[ref], wanted[ref] & hidden) for ref in wanted}


def _is_hidden(bit: int, looks: Mapping[Ref, Look], controls: Mapping[Ref, int]) -> bool:
    """Whether a control that holds this field answered, and no record shows it or calls it unread."""
    read = [look for look in looks.values() if isinstance(look, Live)]
    answered = any(controls.get(look.ref, 0) & bit for look in read)
    return answered and not any((look.record.present | look.record.unread) & bit for look in read)


def _judged(look: Look, hidden: int) -> Look:
    if not hidden or not isinstance(look, Live):
        return look
    first = next(iter(sorted(from_bits(hidden))))
    record = look.record
    return Unread(
        ref=look.ref, reason=f"{HIDDEN}:{first}", label=record.label, identifiers=record.identifiers
    )


def _bits(wanted: Mapping[Ref, int]) -> list[int]:
    """Every field that is wanted of any of these, as a bit."""
    together = 0
    for bits in wanted.values():
        together |= bits
    return [1 << at for at in range(together.bit_length()) if together >> at & 1]
