"""The facts of now: a row of the index and the record just read, as the one record to decide on.

The shop says what it holds and how things stand; the ledger what it was told elsewhere, what the same
person's other records say, and what our own writes took the traces of. Plan, apply and pending decide on
nothing else, so that none of them forgets what another knew.
"""

from msgspec.structs import replace

from connector.ledger.index import Row
from connector.ledger.index.rows import decode_facts
from connector.policy.lasting import with_kept, with_learnt
from connector.records import Record


def as_of_now(row: Row, live: Record, *, under_way: bool = False) -> Row:
    """The row with the record as it was just read, and all that a read of the shop cannot show.

    The day of change stays the index's where the version is the one it knows, or where a request of ours
    is `under_way`, which may have changed the record itself: our own write is no sign of life.
    """
    known = row.record.facts
    facts = with_learnt(live.facts, known)
    if row.kept:
        facts = with_kept(facts, decode_facts(row.kept))
    ours = under_way or live.version == row.record.version
    facts = replace(facts, subject=known.subject, modified=known.modified if ours else facts.modified)
    return replace(row, record=replace(live, facts=facts))


def as_if_with_account(record: Record) -> Record:
    """The record of a person whose account may not have been read: what goes with an account's end stays."""
    person = record.facts.subject
    if person is None or person.has_account:
        return record
    return replace(record, facts=replace(record.facts, subject=replace(person, has_account=True)))


__all__ = ["as_if_with_account", "as_of_now"]
