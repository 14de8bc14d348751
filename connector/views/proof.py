"""The audit of a shop's ledger as a value: what was checked, what could not be, and every break."""

from typing import Any

from sqlalchemy import Connection

from connector.errors import Exit
from connector.ledger.head import forgotten
from connector.ledger.proof import audit as checks
from connector.ledger.proof.audit import Counts
from connector.ledger.proof.gate import is_sealed
from connector.ledger.proof.head import chain_head
from connector.ledger.proof.sealer import Sealer
from connector.records import Value
from connector.shop import Shop
from connector.views.protocol.signature import checked

_WRONG = {
    "altered": "is not the one that the chain knows",
    "not_ours": "its signature is not of it, or not by this ledger's key",
}


class Audit(Value, frozen=True, kw_only=True):
    """What an audit found; `breaks` has the first one first."""

    seq: int
    head: str
    counts: Counts
    protocols: int
    sealed: str = ""
    unchecked: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()

    @property
    def exit(self) -> Exit:
        """0 all is whole, 3 whole as far as could be checked, 5 something was changed."""
        return Exit.STALE if self.breaks else Exit.PARTIAL if self.unchecked else Exit.DONE

    @property
    def sentence(self) -> str:
        """The last line: one sentence that can be searched for."""
        if self.breaks:
            more = f" (and {len(self.breaks) - 1} more)" if len(self.breaks) > 1 else ""
            return f"Audit: broken at {self.breaks[0]}{more}."
        of = self.counts
        whole = "whole" if not self.unchecked else "whole as far as could be checked"
        return (
            f"Audit: {whole}; {of.events} events, {of.plans} plans, {of.approvals} approvals, "
            f"{of.holds} holds, {of.steps} steps, {of.deliveries} deliveries, {self.protocols} protocols."
        )


def audit(shop: Shop, sealer: Sealer | None, *, lacking: str) -> Audit:
    """Holds a shop's ledger and its protocols against the chain; `lacking` says why there is no key."""
    ledger = shop.ledger
    with ledger.begin() as connection:
        head = chain_head(ledger, connection)
        sealed = is_sealed(connection)
        known, unchecked = _known(connection, ledger.shop, sealer if sealed else None, lacking, sealed=sealed)
        found = [str(one) for one in checks.breaks(connection, ledger.shop, sealer if sealed else None)]
        if sealer is not None and not sealed:
            found.insert(0, "seal: the shop's file names a seal key, and nothing is sealed with it")
        if lost := forgotten(ledger, connection, shop.settings.reports.folder):
            found.append(f"head: {lost}")
        counted = checks.counts(connection, ledger.shop)
    papers = list(checked(shop)) if not found else []
    found += [f"protocol {one.number}: {_WRONG[one.state]}" for one in papers if one.state in _WRONG]
    return Audit(
        seq=head.seq, head=head.digest, counts=counted, protocols=len(papers), sealed=known,
        unchecked=(*unchecked, *_papers_unchecked(papers)), breaks=tuple(found),
    )  # fmt: skip


def _known(
    connection: Connection, shop: str, sealer: Sealer | None, lacking: str, *, sealed: bool
) -> tuple[str, list[str]]:
    """Since when the ledger is sealed, and what cannot be checked without its key."""
    unchecked = []
    if not sealed:
        unchecked.append(
            "whether somebody wrote the chain anew, and what came of steps and deliveries: the ledger has no "
            "seal (`gallra ledger seal --by NAME`)"
        )
    elif sealer is None:
        unchecked.append(
            f"whether the seal vouches for the chain's end, and what came of steps and deliveries: {lacking}"
        )
    found = checks.seals(connection, shop) if sealed else []
    return (_since(found[-1]) if found else ""), unchecked


def _since(newest: dict[str, Any]) -> str:
    through = int(newest["through"])
    if not through:
        return "from the first event"
    by = newest.get("by", "")
    who = f" by {by}" if isinstance(by, str) and by else ""
    return f"on {str(newest['at'])[:10]}{who}; events 1 to {through} were sealed at upgrade, not proven"


def _papers_unchecked(papers: list[Any]) -> list[str]:
    told = {
        "no_file": "no file in the reports folder of protocol",
        "unsigned": "no signature of protocol",
    }
    return [
        f"{told[state]} {', '.join(one.number for one in papers if one.state == state)}"
        for state in told
        if any(one.state == state for one in papers)
    ]
