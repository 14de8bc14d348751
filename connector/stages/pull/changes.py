"""What changed since a run's own pull, read once more in the middle of it.

Lighter than a pull: nothing is walked whole, nothing is believed to be gone, and what was in doubt stays so.
Two things are otherwise than at the beginning of a run: whose shop answers was asked a while ago, and among
what changed is what this run has written itself, which is no sign of life.
"""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from connector.errors import RemoteError
from connector.ledger import Ledger, queries
from connector.ledger.cursors import Cursor
from connector.ledger.unsettled import not_read_back
from connector.ports import Page, Platform
from connector.records import Kind
from connector.services.beside import Beside
from connector.services.witness import Witness
from connector.stages.pull import Puller


def pull_changes(
    ledger: Ledger,
    platforms: Mapping[str, Platform],
    *,
    key: str,
    kinds: Sequence[Kind],
    beside: Beside | None = None,
    declared: Mapping[Kind, int] | None = None,
) -> bool:
    """Reads what changed of these kinds since the last pull; whether all of it could be read.

    Raises OtherShop where what changed is not the ledger's.
    """
    beside = beside or Beside()
    whole = True
    for platform in platforms.values():
        for kind in (one for one in platform.kinds if one in kinds):
            changes = _Changes(ledger, platform, kind, key=key, progress=None)
            changes.vouched_for = (declared or {}).get(kind, 0)
            try:
                whole &= platform.name not in beside.faults and changes.read_all()
            except RemoteError:
                whole = False
    return whole


class _Changes(Puller):
    """What changed of one kind at one platform."""

    def read_all(self) -> bool:
        """Whether all that changed since the last pull was read; that one must have been whole."""
        stored = self.index.cursor(self.platform.name, self.kind)
        if stored is None or stored.full_at is None or stored.missing is None:
            return False
        start = msgspec.json.decode(stored.value, type=Cursor)
        if start.full:
            return False
        self._usual = self._usual_gaps()
        missing, why = self._changed(start, self._walk(start))
        self._end(start, missing, why)
        return missing in self._usual and not why

    def _looked_over(self, page: Page) -> Page:
        """The page, held to the ledger; what this run wrote keeps the day it was last changed by others."""
        Witness(self.ledger).must_be_same(self.platform, page.records)
        with self.ledger.begin() as connection:
            ids = queries.row_ids(connection, self.ledger.shop, [record.ref for record in page.records])
            ours = self.index.rows(connection, not_read_back(connection, ids))
        days = {row.record.ref: row.record.facts.modified for row in ours.values()}
        records = tuple(
            replace(one, facts=replace(one.facts, modified=days[one.ref])) if one.ref in days else one
            for one in page.records
        )
        return replace(page, records=records)


__all__ = ["pull_changes"]
