"""How unattended runs ended: the last one, the last good one, and since when none was good."""

from sqlalchemy import Connection

from connector.ledger.store import Ledger
from connector.records import Value
from connector.text.printable import printable

RUN_ENDED = "run_ended"
"""The event of one run that has ended, however it did."""

LONGEST = 300
"""Characters that are kept of what a run said; the whole of it stands in its report or its mail."""

_WELL = (0, 2)
_BLOCKED = 4


class RunEnd(Value, frozen=True, kw_only=True):
    """How one run ended; `fault` names the kind of error that stopped it, `said` what a person reads."""

    at: str
    code: int
    fault: str = ""
    said: str = ""

    @property
    def good(self) -> bool:
        """Whether it ran through with nothing failed; waiting for a person's approval is no failure."""
        return self.code in _WELL or (self.code == _BLOCKED and not self.fault)


class RunEnds(Value, frozen=True, kw_only=True):
    """The last run, the last good one, and the first of those that have failed since."""

    last: RunEnd | None = None
    good: RunEnd | None = None
    failing: RunEnd | None = None


def note_end(ledger: Ledger, *, code: int, fault: str, said: str) -> None:
    """Keeps how a run ended; of one that ended well only that it did."""
    end = RunEnd(at="", code=code, fault=fault)
    kept = "" if end.good else printable(said).replace("\n", " ")[:LONGEST]
    with ledger.begin() as connection:
        ledger.event(connection, RUN_ENDED, code=code, fault=fault, said=kept)


def run_ends(ledger: Ledger, connection: Connection) -> RunEnds:
    """How the runs of this shop ended, as far as any was kept."""
    ends = [RunEnd(at=at, **detail) for at, detail in ledger.events(connection, RUN_ENDED)]
    if not ends:
        return RunEnds()
    good = next((one for one in reversed(ends) if one.good), None)
    since = ends[ends.index(good) + 1 :] if good else ends
    return RunEnds(last=ends[-1], good=good, failing=since[0] if since else None)
