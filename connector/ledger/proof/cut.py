"""Cutting the chain: what is past its time goes, and a signed checkpoint says from where it goes on."""

import hashlib
import json
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, select

from connector.ledger import schema
from connector.ledger.proof.commitments import canonical
from connector.ledger.proof.links import CHECKPOINT, SEALED, WIDENED, Place, append, digest_of
from connector.ledger.proof.notes import words
from connector.ledger.proof.sshsig import CHECKPOINT as NAMESPACE

_AT_ONCE = 500


class Kept(NamedTuple):
    """The events that outlast a cut: how many, and one digest over all of them as they stand."""

    held: int
    digest: str


def kept(connection: Connection, shop: str, through: int) -> Kept:
    """What is left of the events up to a number."""
    table = schema.event
    chosen = select(table).where(table.c.shop == shop, table.c.seq <= through).order_by(table.c.seq)
    count, digest = 0, hashlib.sha256()
    for row in connection.execute(chosen):
        beside = hashlib.sha256(row.beside.encode()).hexdigest()
        digest.update(f"{row.seq}:{digest_of(row)}:{row.digest}:{beside}\n".encode())
        count += 1
    return Kept(count, digest.hexdigest())


def forget(connection: Connection, place: Place, *, before: str, spared: Collection[int]) -> int:
    """Deletes the events that all lie before a moment (ISO), cuts the chain there; returns how many.

    Spared are the numbers given, the newest word on every row that is there, and what says who sealed and
    what the chain speaks of.
    """
    table = schema.event
    mine = table.c.shop == place.shop
    younger = connection.scalar(select(func.min(table.c.seq)).where(mine, table.c.at >= before))
    last = connection.scalar(select(func.max(table.c.seq)).where(mine)) or 0
    through = last if younger is None else younger - 1
    before_it = last_cut(connection, place.shop)
    if before_it is not None and through < before_it["through"]:
        return 0  # the clock has gone back
    needed = {*spared, *(word.seq for word in words(connection, place.shop).values() if word.committed)}
    old = select(table.c.seq).where(mine, table.c.seq <= through, table.c.type.not_in((SEALED, WIDENED)))
    going = [seq for seq in connection.scalars(old) if seq not in needed]
    if not going:
        return 0
    anchor = _digest_at(connection, place.shop, through)
    if before_it is not None and through == before_it["through"]:
        anchor = before_it["digest"]
    for start in range(0, len(going), _AT_ONCE):
        connection.execute(delete(table).where(mine, table.c.seq.in_(going[start : start + _AT_ONCE])))
    cut(connection, place, through, anchor)
    return len(going)


def _digest_at(connection: Connection, shop: str, seq: int) -> str:
    table = schema.event
    here = (table.c.shop == shop, table.c.seq == seq)
    return str(connection.scalar(select(table.c.digest).where(*here)) or "")


def last_cut(connection: Connection, shop: str) -> dict[str, Any] | None:
    """The newest checkpoint; none where the chain is whole. Raises ValueError where it cannot be read."""
    table = schema.event
    chosen = select(table.c.seq, table.c.detail).where(table.c.shop == shop, table.c.type == CHECKPOINT)
    row = connection.execute(chosen.order_by(table.c.seq.desc()).limit(1)).first()
    return None if row is None else {**json.loads(row.detail), "seq": row.seq}


def head_of(connection: Connection, shop: str) -> tuple[int, str]:
    """The number and the digest of the last event; (0, "") before the first."""
    table = schema.chain
    row = connection.execute(select(table.c.seq, table.c.digest).where(table.c.shop == shop)).first()
    return (0, "") if row is None else (int(row.seq), str(row.digest))


def cut(connection: Connection, place: Place, through: int, digest: str) -> None:
    """Says, signed where there is a key, that the chain goes on behind an event from its digest."""
    left = kept(connection, place.shop, through)
    said: dict[str, Any] = {"through": through, "digest": digest, "held": left.held, "sha256": left.digest}
    signature = place.sealer.sign(signed_text(place.shop, said), namespace=NAMESPACE) if place.sealer else ""
    append(connection, place, CHECKPOINT, {**said, "signature": signature})


def signed_text(shop: str, said: dict[str, Any]) -> bytes:
    """What a checkpoint's signature is of."""
    return canonical({"shop": shop, **{name: said[name] for name in _SIGNED}}).encode()


_SIGNED = ("through", "digest", "held", "sha256")
