"""A named person puts a ledger of before under the seal key, or answers for one that was changed."""

from sqlalchemy import Connection, select

from connector.errors import Altered, LedgerError, WrongKey
from connector.ledger import schema
from connector.ledger.proof.audit import Break, breaks
from connector.ledger.proof.cut import cut, head_of
from connector.ledger.proof.links import SEALED, Place, append
from connector.ledger.proof.notes import note, note_all, note_gone
from connector.ledger.proof.sealer import SEAL_KEY, Sealer
from connector.ledger.proof.sums import sum_anew
from connector.ledger.store import Ledger
from connector.ledger.upserts import upsert
from connector.records import Value


class Seal(Value, frozen=True, kw_only=True):
    """What a seal was set on: the shops, their events till then, and the breaks that a person answers for."""

    shops: tuple[str, ...]
    events: int
    breaks: tuple[str, ...] = ()


def seal(ledger: Ledger, *, by: str, as_it_stands: bool = False) -> Seal:
    """Puts every shop of a ledger under the seal key at hand; older rows are *sealed, not proven*.

    Raises LedgerError where it is sealed and whole already, or has no key; Altered where it was changed by
    hand and nobody answers for it (`as_it_stands`); WrongKey for another key.
    """
    sealer = ledger.seal()
    if sealer is None:
        raise LedgerError("There is no seal key at hand. Write ledger.seal_key in the shop's file first.")
    with ledger.begin() as connection:
        known = connection.scalar(select(schema.meta.c.value).where(schema.meta.c.name == SEAL_KEY))
        if known not in (None, sealer.fingerprint) and not as_it_stands:
            raise WrongKey(
                "Another seal key is at hand than the one this ledger is sealed with. Restore the old key; "
                "where it is lost for good, add --as-it-stands."
            )
        shops = sorted({ledger.shop, *connection.scalars(select(schema.chain.c.shop))})
        own = sealer if known == sealer.fingerprint else None
        found = {shop: tuple(breaks(connection, shop, own)) for shop in shops}
        _must_be_answered_for(found, is_sealed=known == sealer.fingerprint, as_it_stands=as_it_stands)
        _bind(connection, ledger, sealer)
        places = [Place(shop, ledger.now(), sealer) for shop in shops]
        events = [_sealed(connection, place, by, found[place.shop]) for place in places]
        for place in places:
            note(connection, place, "meta", SEAL_KEY)
    named = tuple(f"{shop}: {one}" for shop, some in found.items() for one in some)
    return Seal(shops=tuple(shops), events=sum(events), breaks=named)


def _must_be_answered_for(
    found: dict[str, tuple[Break, ...]], *, is_sealed: bool, as_it_stands: bool
) -> None:
    first = next((one for some in found.values() for one in some), None)
    if first is not None and not as_it_stands:
        raise Altered(
            f"The ledger was changed by hand: {first}. Restore it from a backup; where it is right as it "
            "stands, add --as-it-stands, and it is on record who answers for it."
        )
    if first is None and is_sealed:
        raise LedgerError("This ledger is sealed and whole already. There is nothing to do.")


def _bind(connection: Connection, ledger: Ledger, sealer: Sealer) -> None:
    values = {"value": sealer.fingerprint}
    one = ledger.upsert(schema.meta).values(name=SEAL_KEY, **values)
    connection.execute(one.on_conflict_do_update(index_elements=["name"], set_=values))
    ledger.place(connection)


def _sealed(connection: Connection, place: Place, by: str, found: tuple[Break, ...]) -> int:
    """Seals one shop's chain; where it was broken it goes on from what is there now."""
    through, digest = head_of(connection, place.shop)
    if found:
        last = connection.execute(
            select(schema.event.c.seq, schema.event.c.digest)
            .where(schema.event.c.shop == place.shop)
            .order_by(schema.event.c.seq.desc())
            .limit(1)
        ).first()
        through, digest = (0, "") if last is None else (last.seq, last.digest)
        _end_at(connection, place, through, digest)
    said = {"public": place.sealer.public if place.sealer else "", "through": through, "by": by}
    answered = {"as_it_stands": [str(one) for one in found[:20]]} if found else {}
    append(connection, place, SEALED, {**said, **answered})
    if found:
        cut(connection, place, through, digest)
        note_all(connection, place)
        note_gone(connection, place)
    sum_anew(connection, place)
    return through


def _end_at(connection: Connection, place: Place, seq: int, digest: str) -> None:
    values = {"seq": seq, "digest": digest, "mac": ""}
    one = upsert(connection, schema.chain).values(shop=place.shop, **values)
    connection.execute(one.on_conflict_do_update(index_elements=["shop"], set_=values))
