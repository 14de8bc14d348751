"""The chain of protocols: every run has one, each carries the checksum of the one before.

A run is a plan that was begun under somebody's approval, whatever came of it. Its protocol's first
checksum is what the next one refers to; a protocol that is written anew, because more was done or read
back since, names that first checksum too, and the one of the version that it replaces.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from connector.ledger import Ledger, schema
from connector.ledger.plans import RAN
from connector.ledger.undone import undoings
from connector.records import Value

_GOES_ON = ("applied", "applied_only", "stopped", "verified", "undone")
"""Events of a run after which its protocol has more to say; so it has after an undo of it."""


class Run(Value, frozen=True, kw_only=True):
    """A plan that was begun: its row and its digest."""

    plan: int
    digest: str

    @property
    def code(self) -> str:
        """The short code that an approval named."""
        return self.digest[:8]


class Link(Value, frozen=True, kw_only=True):
    """A protocol's place in the chain.

    `versions` are its checksums, each time that it was written otherwise, and `heads` where the chain of
    events ended then; `first` is when it was written first, `updates` when each version was (empty for
    the first); `gaps` the codes of runs before it that have no protocol.
    """

    number: str
    previous: str = ""
    versions: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    first: str = ""
    updates: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def runs(ledger: Ledger, connection: Connection) -> tuple[Run, ...]:
    """Every plan that was begun, oldest first."""
    table, approval = schema.plan, schema.approval
    rows = connection.execute(
        select(table.c.id, table.c.digest)
        .where(table.c.shop == ledger.shop, table.c.state.in_(RAN))
        .where(table.c.id.in_(select(approval.c.plan)))
        .order_by(table.c.id)
    )
    return tuple(Run(plan=row.id, digest=row.digest) for row in rows)


def unwritten(ledger: Ledger, connection: Connection) -> tuple[Run, ...]:
    """The runs, oldest first, that have no protocol, or that did or read back more since theirs."""
    written = {detail["of"]: at for at, detail in ledger.events(connection, "protocol")}
    return tuple(
        run
        for run in runs(ledger, connection)
        if run.digest not in written or _went_on(ledger, connection, run, written[run.digest])
    )


def _went_on(ledger: Ledger, connection: Connection, run: Run, at: str) -> bool:
    later = [on for name in _GOES_ON for on, _ in ledger.events(connection, name, plan=run.plan)]
    later += [undo.at for undo in undoings(ledger, connection, of=run.digest)]
    return any(on > at for on in later)


def link(ledger: Ledger, connection: Connection, run: Run, *, series: str) -> Link:
    """Where the protocol of a run stands; `series` is what its number begins with."""
    events = ledger.events(connection, "protocol")
    written = [detail for _, detail in events]
    mine = [detail for detail in written if detail["of"] == run.digest]
    before = written[: written.index(mine[0])] if mine else written
    known = {detail["of"] for detail in before}
    return Link(
        number=mine[0]["number"] if mine else f"{series}-{len(known) + 1:03d}",
        previous=_first_of_last(before),
        versions=tuple(detail["digest"] for detail in mine),
        heads=tuple(detail.get("head", "") for detail in mine),
        first=next((at for at, detail in events if detail["of"] == run.digest), ""),
        updates=tuple(detail.get("updated", "") for detail in mine),
        gaps=_gaps(ledger, connection, run),
    )


def _first_of_last(written: Sequence[dict[str, Any]]) -> str:
    """The first checksum of the protocol that joined the chain last; empty where there is none."""
    firsts: dict[str, str] = {}
    for detail in written:
        firsts.setdefault(detail["of"], detail["digest"])
    return list(firsts.values())[-1] if firsts else ""


def _gaps(ledger: Ledger, connection: Connection, run: Run) -> tuple[str, ...]:
    """The earlier runs that nothing in the chain tells of."""
    written = {detail["of"] for _, detail in ledger.events(connection, "protocol")}
    return tuple(
        one.code for one in runs(ledger, connection) if one.plan < run.plan and one.digest not in written
    )


__all__ = ["Link", "Run", "link", "runs", "unwritten"]
