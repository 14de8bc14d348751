"""Checks the ledger against its own chain, offline: every event, every proven row, every sum."""

import base64
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from connector.ledger import schema
from connector.ledger.proof import forms, sshsig
from connector.ledger.proof.commitments import agree, joined
from connector.ledger.proof.cut import Kept, kept, last_cut, signed_text
from connector.ledger.proof.links import CHECKPOINT, SEALED, digest_of
from connector.ledger.proof.notes import differing
from connector.ledger.proof.sealer import Sealer
from connector.ledger.proof.sums import MODULUS, stored, sums_of


class Break(NamedTuple):
    """What is otherwise than it was written: in which part of the ledger, which row, and how."""

    of: str
    key: str
    how: str

    def __str__(self) -> str:
        return f"{self.of} {self.key}: {_HOW.get(self.how, self.how)}"


_HOW = {
    "digest": "is otherwise than its own digest says",
    "order": "does not follow the event before it",
    "beside": "a name beside it is another than the chain holds",
    "missing": "is missing from the chain",
    "head": "the chain does not end where its head says",
    "mac": "the seal key does not vouch for it",
    "kept": "what was kept from before the checkpoint is otherwise than it says",
    "signature": "its signature is not of it, or not by this ledger's key",
    "changed": "is otherwise than the chain says",
    "added": "stands in the ledger and the chain knows nothing of it",
    "taken": "is gone, and the chain says that it stands",
    "sum": "what came of it is otherwise than was written",
    "unreadable": "cannot be read",
}


def breaks(connection: Connection, shop: str, sealer: Sealer | None) -> Iterator[Break]:
    """Every break, the chain's own first; without the seal key what only it can show is left out."""
    try:
        yield from _of_chain(connection, shop)
        yield from _of_head(connection, shop, sealer)
        yield from (Break(of, key, how) for of, key, how in differing(connection, shop))
        if sealer is not None:
            yield from _of_sums(connection, shop, sealer)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError):
        yield Break("event", "?", "unreadable")


def _of_chain(connection: Connection, shop: str) -> Iterator[Break]:
    table = schema.event
    cut = last_cut(connection, shop) or {"through": 0, "digest": ""}
    through, previous = int(cut["through"]), str(cut["digest"])
    seq = through
    chosen = select(table).where(table.c.shop == shop).order_by(table.c.seq)
    for row in connection.execute(chosen.execution_options(yield_per=1000)):
        number = str(row.seq)
        if row.seq <= through:
            continue  # held together by the checkpoint
        if row.digest != digest_of(row):
            yield Break("event", number, "digest")
        if not agree(row.detail, row.beside):
            yield Break("event", number, "beside")
        if row.seq != seq + 1:
            yield Break("event", str(seq + 1), "missing")
        elif row.previous != previous:
            yield Break("event", number, "order")
        seq, previous = row.seq, row.digest
    yield from _of_cut(connection, shop, cut)


def _of_cut(connection: Connection, shop: str, cut: dict[str, Any]) -> Iterator[Break]:
    if not cut["through"]:
        if kept(connection, shop, 0).held:
            yield Break("event", "0", "order")
        return
    number = str(cut["seq"])
    if kept(connection, shop, int(cut["through"])) != Kept(cut["held"], cut["sha256"]):
        yield Break(CHECKPOINT, number, "kept")
    keys, text = public_keys(connection, shop), signed_text(shop, cut)
    by_us = [sshsig.is_signed(text, cut["signature"], key, namespace=sshsig.CHECKPOINT) for key in keys]
    if cut["signature"] and not any(by_us):
        yield Break(CHECKPOINT, number, "signature")


def _of_head(connection: Connection, shop: str, sealer: Sealer | None) -> Iterator[Break]:
    event, chain = schema.event, schema.chain
    last = connection.execute(
        select(event.c.seq, event.c.digest).where(event.c.shop == shop).order_by(event.c.seq.desc()).limit(1)
    ).first()
    head = connection.execute(select(chain).where(chain.c.shop == shop)).first()
    if head is None:
        if last is not None:
            yield Break("chain", shop, "taken")
        return
    if (head.seq, head.digest) != ((0, "") if last is None else (last.seq, last.digest)):
        yield Break("chain", shop, "head")
    if sealer is not None and head.mac != sealer.of_head(shop, head.seq, head.digest):
        yield Break("chain", shop, "mac")
    if sealer is not None and base64.b64decode(sealer.public) not in public_keys(connection, shop)[-1:]:
        yield Break(SEALED, shop, "mac")


def _of_sums(connection: Connection, shop: str, sealer: Sealer) -> Iterator[Break]:
    for of in forms.RECEIPTS:
        there, known = sums_of(connection, shop, sealer, of), stored(connection, shop, of)
        for plan in sorted(there.keys() | known.keys()):
            if there[plan] % MODULUS != known.get(plan, 0):
                yield Break(_OF_PLAN[of], code_of(connection, plan), "sum")


def code_of(connection: Connection, plan: int) -> str:
    """The code of a plan's row, or its number where it has none."""
    found = connection.scalar(select(schema.plan.c.code).where(schema.plan.c.id == plan))
    return str(found or plan)


def seals(connection: Connection, shop: str) -> list[dict[str, Any]]:
    """What each seal's event says, with its moment, oldest first."""
    table = schema.event
    chosen = select(table).where(table.c.shop == shop, table.c.type == SEALED).order_by(table.c.seq)
    return [{**joined(row.detail, row.beside), "at": row.at} for row in connection.execute(chosen)]


def public_keys(connection: Connection, shop: str) -> list[bytes]:
    """The keys that the chain says have signed, the newest last."""
    return [base64.b64decode(one["public"]) for one in seals(connection, shop)]


_OF_PLAN = {"step": "steps of plan", "delivery": "deliveries of plan"}


class Counts(NamedTuple):
    """How much was held against the chain."""

    events: int
    plans: int
    approvals: int
    holds: int
    steps: int
    deliveries: int


def counts(connection: Connection, shop: str) -> Counts:
    """How many rows of each kind a shop has."""
    tables = (schema.event, schema.plan, schema.approval, schema.hold, schema.step, schema.delivery)
    numbers = [
        connection.scalar(select(func.count()).select_from(table).where(forms.of_shop(table, shop))) or 0
        for table in tables
    ]
    return Counts(*numbers)
