"""The chain of events of a shop: each event carries the digest of the one before."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, insert, update

from connector.ledger import schema
from connector.ledger.proof.commitments import parted
from connector.ledger.proof.sealer import Sealer
from connector.ledger.upserts import upsert

FORM = 1
"""The version of an event's canonical form."""
SEALED, CHAINED, CHECKPOINT, STANDS = "sealed", "chained", "checkpoint", "stands"
"""Events that prove: the key began to vouch, older events were chained, a cut, a row as it stands."""
WIDENED = "widened"
"""The event from which on the chain speaks of more tables than it did before."""


class Place(NamedTuple):
    """Whose chain is written, when, and who vouches for it; nobody where the ledger has no seal key."""

    shop: str
    at: str
    sealer: Sealer | None


class _Linked(msgspec.Struct):
    """An event as its digest is taken: the names in their order."""

    at: str
    detail: msgspec.Raw
    form: int
    plan: int | None
    previous: str
    seq: int
    shop: str
    type: str


_encode = msgspec.json.Encoder().encode


def digest_of(event: Any) -> str:
    """SHA-256 over an event's canonical JSON; `event` is its row, or anything with the same names."""
    linked = _Linked(
        event.at, msgspec.Raw(event.detail.encode()), FORM, event.plan, event.previous, event.seq, event.shop,
        event.type,
    )  # fmt: skip
    return hashlib.sha256(_encode(linked)).hexdigest()


class _Event(NamedTuple):
    shop: str
    at: str
    type: str
    plan: int | None
    detail: str
    seq: int
    previous: str


def append(
    connection: Connection, place: Place, type: str, detail: Mapping[str, Any], *, plan: int | None = None
) -> int:
    """Adds an event to the chain, in the caller's transaction; returns its number."""
    chained, beside = parted(detail)
    return append_parted(connection, place, type, (chained, beside), plan=plan)


def append_parted(
    connection: Connection, place: Place, type: str, detail: tuple[str, str], *, plan: int | None = None
) -> int:
    """Adds an event whose detail is canonical already, with what is said beside."""
    seq, previous = _next(connection, place.shop)
    event = _Event(place.shop, place.at, type, plan, detail[0], seq, previous)
    digest = digest_of(event)
    connection.execute(insert(schema.event).values(**event._asdict(), digest=digest, beside=detail[1]))
    set_head(connection, place, seq, digest)
    return seq


def _next(connection: Connection, shop: str) -> tuple[int, str]:
    """The next event's number, and the digest of the last. It writes first, so that writers take turns."""
    table = schema.chain
    first = upsert(connection, table).values(shop=shop, seq=1, digest="", mac="")
    counted = first.on_conflict_do_update(index_elements=["shop"], set_={"seq": table.c.seq + 1})
    row = connection.execute(counted.returning(table.c.seq, table.c.digest)).one()
    return int(row.seq), str(row.digest)


def set_head(connection: Connection, place: Place, seq: int, digest: str) -> None:
    """Writes where the chain ends, and what vouches for it."""
    mac = place.sealer.of_head(place.shop, seq, digest) if place.sealer else ""
    here = update(schema.chain).where(schema.chain.c.shop == place.shop)
    connection.execute(here.values(seq=seq, digest=digest, mac=mac))
