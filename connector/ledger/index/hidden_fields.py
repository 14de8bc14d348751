"""Which fields a pull shows and no longer shows: an empty answer may be an empty field, or a hidden one."""

from collections import Counter
from collections.abc import Mapping, Sequence

from connector.basis import FIELD_NOT_SHOWN, fields_of
from connector.ledger.index.rows import Stored
from connector.records import FIELD_BITS, Record, Ref, from_bits, to_bits

CARRIERS = 20
"""Records that must have carried a field before its absence says anything."""
NEARLY_ALL = 0.9
FEW = 3
"""Records that lost a field at once: one or two are what a shop's own staff does."""

ByFields = Sequence[tuple[int, bool, int]]
"""Fields, whether a step touches such records, and how many there are."""


class Shown:
    """What one pull of a kind showed of its records' fields, held against what was known of them."""

    def __init__(self) -> None:
        self.any = 0  # fields that at least one record carries
        self.lost: Counter[int] = Counter()  # records that carried a field and do not now, by its bit

    def note(self, newest: Mapping[Ref, Record], stored: Mapping[Ref, Stored]) -> None:
        """Some records as they were brought, and what the index knew of them."""
        for ref, record in newest.items():
            self.any |= record.present
            before = stored.get(ref)
            # What a pull cannot see (order notes) is no field that it does not show.
            if before is not None and not before.gone and (lost := before.present & ~record.present):
                self.lost.update(FIELD_BITS[field] for field in from_bits(lost & ~record.unread))

    def candidates(self, before: str) -> bool:
        """Whether the index must be asked: some records lost a field that none shows."""
        return bool(before) or any(count >= FEW and not bit & self.any for bit, count in self.lost.items())

    def hidden(self, known: ByFields, before: str) -> str:
        """The reason, with the fields that nothing showed though nearly all carried them; else empty.

        `known` is what the index holds now, `before` the reason of the last pull: what was not shown then
        stays so until something shows it.
        """
        bits = to_bits(fields_of(before)) & ~self.any
        for bit, lost in self.lost.items():
            if lost >= FEW and not bit & self.any and self._carried(bit, lost, known):
                bits |= bit
        names = ",".join(from_bits(bits))
        return f"{FIELD_NOT_SHOWN}:{names}" if names else ""

    def _carried(self, bit: int, lost: int, known: ByFields) -> bool:
        """Whether nearly all that no step touches carried it, or nearly all that carried it lost it now.

        What lost it counts as untouched: a step's own erasure is in the index before the next pull.
        """
        left = sum(count for present, _, count in known if present & bit)
        free = sum(count for _, touched, count in known if not touched)
        carried = lost + sum(count for present, touched, count in known if present & bit and not touched)
        mostly = carried >= CARRIERS and carried >= NEARLY_ALL * max(free, 1)
        return mostly or (lost >= CARRIERS and lost >= NEARLY_ALL * (lost + left))
