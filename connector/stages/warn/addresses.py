"""The addresses of a list, fetched from the shop right before each is used; kept nowhere."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from connector.deciding.anew import as_of_now
from connector.deciding.recount_person import PullOthers, recount
from connector.deciding.warning import ToWarn, to_warn
from connector.ledger.holds import Holds
from connector.ledger.index import Row, Rows
from connector.ledger.states import WarningState
from connector.ledger.unread import Unreads
from connector.ledger.warnings import WarningRow, Warnings, who_has
from connector.ports import Gone, Live, Look
from connector.records import Kind, Ref
from connector.services.witness import Witness
from connector.shop import Shop
from connector.stages.warn.lists import Listed

BATCH = 20
"""Who is looked at together: few, so that seconds lie between the look at a person and the mail."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Address:
    """One who is to be warned, with the address of this moment; never stored, never printed."""

    one: ToWarn
    to: str
    goes: date

    def __repr__(self) -> str:
        return "<Address>"


def addresses(shop: Shop, found: Listed, skipped: Counter[str], pull_others: PullOthers) -> Iterator[Address]:
    """Batch by batch: looked at now, decided anew, and only then given out, one by one."""
    witness = Witness(shop.ledger)
    for some in _batches(shop, found):
        looks = _looked(shop, witness, some, pull_others)
        for id in [row.id for row in some]:
            # Decided when its turn comes: the holds of now, and what the one before may have shown.
            one = _decided(shop, found, id, looks)
            if isinstance(one, str):
                skipped[one] += 1
            else:
                yield one


def _batches(shop: Shop, found: Listed) -> Iterator[list[Row]]:
    """The rows of a list, some of one service and kind at a time."""
    with shop.ledger.begin() as connection:
        rows = Rows(shop.ledger).rows(connection, found.records)
    alike: dict[tuple[str, Kind], list[Row]] = {}
    for id in found.records:
        if id in rows:
            ref = rows[id].record.ref
            alike.setdefault((ref.adapter, ref.kind), []).append(rows[id])
    for group in alike.values():
        yield from (group[at : at + BATCH] for at in range(0, len(group), BATCH))


def _looked(shop: Shop, witness: Witness, some: Sequence[Row], pull_others: PullOthers) -> Mapping[Ref, Look]:
    """The records as they are now; none where it is not known what their persons have ordered since."""
    ref = some[0].record.ref
    if not pull_others(ref.kind):
        return {}
    with shop.ledger.begin() as connection:
        holds = Holds(shop.ledger).open(connection)
    recount(shop.ledger, shop.policy, holds, [row.id for row in some], today=shop.today)
    platform = shop.platforms[ref.adapter]
    return witness.held(platform, shop.beside.fetch(platform, [row.record.ref for row in some]))


def _decided(shop: Shop, found: Listed, id: int, looks: Mapping[Ref, Look]) -> Address | str:
    """Whom to write to; or why not."""
    warnings = Warnings(shop.ledger)
    with shop.ledger.begin() as connection:
        row = Rows(shop.ledger).rows(connection, [id]).get(id)
        newest = warnings.newest(connection, [id]).get(id)
        holds = Holds(shop.ledger).open(connection)
        barred = row is not None and Unreads(shop.ledger).barred(connection).bars(id, row.subject, row.record)
    look = looks.get(row.record.ref) if row is not None else None
    if row is None or isinstance(look, Gone):
        return "gone"
    if newest is not None and _is_done(newest, found):
        return "done"
    if barred or not isinstance(look, Live):
        return "unread"
    now = replace(row, record=holds.on(as_of_now(row, look.record)))
    known = None if newest is not None and newest.id <= found.through else newest
    one = to_warn(now, shop.policy, known, today=shop.today)
    if one is None:
        return "no_longer"
    if one.why_not or one.goes is None:
        return one.why_not or "no_day"
    return _addressed(shop, row, look, one, one.goes)


def _is_done(newest: WarningRow, found: Listed) -> bool:
    """Whether this list, or something since it was made, has tried already."""
    return newest.id > found.through and newest.state is not WarningState.WAITING


def _addressed(shop: Shop, row: Row, live: Live, one: ToWarn, goes: date) -> Address | str:
    """The one address of the person whom the index knows behind this row; or why there is none."""
    named = live.handles.get("email", ())
    digest = shop.keyer("email", named[0]) if len(named) == 1 else None
    if digest is None:
        return "no_address"
    with shop.ledger.begin() as connection:
        same = row.subject is not None and who_has(connection, shop.ledger, digest) == row.subject
    return Address(one=one, to=named[0], goes=goes) if same else "other_address"
