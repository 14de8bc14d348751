"""Whether the records just read are those of the ledger, or another shop's under the same ids.

A run asks once, when it begins, whose shop answers (connector/services/binding.py). A copy, or a shop made
anew, can come up behind the same address in the middle of it. So every look that something follows from is
held to what the ledger has of the same ids: the day a record was made. It needs no request of its own.

Why one is not enough to stop a run, and two are. The day is the one thing of a record that no status, no
payment and no write of ours moves; but in WooCommerce a merchant can type another date of an order, and a
program can import one anew under its old number. A pull takes such a date in as it takes in any change, so
that what is left are the seconds between a pull and a look, or a change that left no trace of itself. One
such record says nothing of the shop and must not stop it night after night: it alone is left untouched. Two
in one batch, in those seconds, are no merchant's hand: the run stops, before anything of the batch is
written. Where a batch is one record (the first write to a shop is), the next that differs is the second,
unless a record in between was the ledger's own; and what such a batch calls gone is not believed.
"""

from collections.abc import Callable, Mapping, Sequence

from connector.errors import OtherShop
from connector.ledger import Ledger
from connector.ledger.index import Rows
from connector.ports import Live, Look, MovesDates, Platform, Unread
from connector.records import Facts, Kind, Record, Ref

ANOTHER = "another_record"
"""Why a record is unread: another one than the ledger's stands under its id."""
MOST = 1  # records of a batch that may differ before it is another shop's


Asked = Callable[[Sequence[Ref]], Mapping[Ref, Facts]]


class Witness:
    """Holds one run's looks to the ledger; what was odd in one batch is remembered in the next."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._alone: dict[str, set[Ref]] = {}

    def held(self, platform: Platform, looks: Mapping[Ref, Look]) -> dict[Ref, Look]:
        """The looks; unread where another record stands under an id. Raises OtherShop where several do."""
        records = [look.record for look in looks.values() if isinstance(look, Live)]
        same, others = _compared(platform, records, self._known)
        odd = {*others, *(() if same else self._alone.get(platform.name, ()))}
        if others and len(odd) > MOST:
            raise _other(platform.name, same=len(same), others=len(odd))
        self._alone[platform.name] = set() if same else odd
        if not others:
            return dict(looks)
        doubted = others if same else list(looks)
        return {**looks, **{ref: Unread(ref=ref, reason=ANOTHER) for ref in doubted}}

    def must_be_same(self, platform: Platform, records: Sequence[Record]) -> None:
        """For what is taken into the ledger in the middle of a run. Raises OtherShop where several differ."""
        same, others = _compared(platform, records, self._known)
        if len(others) > MOST:
            raise _other(platform.name, same=len(same), others=len(others))

    def _known(self, refs: Sequence[Ref]) -> Mapping[Ref, Facts]:
        with self._ledger.begin() as connection:
            return Rows(self._ledger).facts_of(connection, refs)


def _compared(platform: Platform, records: Sequence[Record], known: Asked) -> tuple[list[Ref], list[Ref]]:
    """Those made on the day the ledger knows, and those made on another; of a day unknown neither."""
    moving = platform.moving_dates if isinstance(platform, MovesDates) else frozenset[Kind]()
    dated = {r.ref: day for r in records if r.ref.kind not in moving and (day := r.facts.created) is not None}
    before = {ref: facts.created for ref, facts in known(list(dated)).items() if facts.created is not None}
    same = [ref for ref, day in before.items() if dated[ref] == day]
    return same, [ref for ref, day in before.items() if dated[ref] != day]


def _other(adapter: str, *, same: int, others: int) -> OtherShop:
    return OtherShop(
        f"{adapter} is another shop than this ledger belongs to: of {same + others} records just read, "
        f"{others} were made on another day than the ledger's records of those ids. Nothing of this batch "
        "was written. "
        "Correct the address and the keys in the shop's file, or wait until the shop itself answers there, "
        "and run again; where a program in the shop has given its records other dates, run "
        "`gallra pull --full` first."
    )


__all__ = ["ANOTHER", "Witness"]
