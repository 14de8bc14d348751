"""What changed since a run's own pull, read once more in the middle of it.

Lighter than a pull: nothing is walked whole, nothing is believed to be gone, and what was in doubt stays so.
Two things are otherwise than at the beginning of a run: whose shop answers was asked a while ago, and among
what changed is what this run has written itself, which is no sign of life.
"""

from collections.abc import Sequence
from functools import partial

import msgspec
from msgspec.structs import replace

from connector.errors import RemoteError
from connector.ledger import Ledger, queries
from connector.ledger.cursors import Cursor
from connector.ledger.index import Rows
from connector.ledger.unsettled import not_read_back
from connector.ports import Page, Platform
from connector.records import Kind
from connector.services.witness import Witness
from connector.stages.pull.counting import Counts
from connector.stages.pull.intake import Intake
from connector.stages.pull.reading import Reading


def pull_changes(ledger: Ledger, reading: Reading, *, kinds: Sequence[Kind]) -> bool:
    """Reads what changed of these kinds since the last pull; whether all of it could be read.

    Raises OtherShop where what changed is not the ledger's.
    """
    whole = True
    for source in reading.sources(kinds):
        as_stored = partial(_as_stored, ledger, source.platform)
        intake = Intake(ledger, source, key=reading.key, as_stored=as_stored)
        try:
            whole &= source.platform.name not in reading.beside.faults and _read_all(
                intake, vouched_for=reading.declared.get(source.kind, 0)
            )
        except RemoteError:
            whole = False
    return whole


def _read_all(intake: Intake, *, vouched_for: int) -> bool:
    """Whether all that changed since the last pull was read; that one must have been whole."""
    stored = intake.where_it_stood()
    if stored is None or stored.full_at is None or stored.missing is None:
        return False
    start = msgspec.json.decode(stored.value, type=Cursor)
    if start.full:
        return False
    counts = Counts(intake, vouched_for)
    missing, why = counts.changed(start, intake.walk_and_store(start))
    intake.end(start, missing, why)
    return missing in counts.usual and not why


def _as_stored(ledger: Ledger, platform: Platform, page: Page) -> Page:
    """The page, held to the ledger; what this run wrote keeps the day it was last changed by others."""
    Witness(ledger).must_be_same(platform, page.records)
    with ledger.begin() as connection:
        ids = queries.row_ids(connection, ledger.shop, [record.ref for record in page.records])
        ours = Rows(ledger).rows(connection, not_read_back(connection, ids))
    days = {row.record.ref: row.record.facts.modified for row in ours.values()}
    records = tuple(
        replace(one, facts=replace(one.facts, modified=days[one.ref])) if one.ref in days else one
        for one in page.records
    )
    return replace(page, records=records)


__all__ = ["pull_changes"]
