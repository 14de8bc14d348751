"""All records of one person, asked for by id: what no list of changes shows is known of them too."""

from collections.abc import Sequence

import msgspec

from connector.errors import RemoteError
from connector.ledger import Ledger
from connector.ledger.cursors import Cursor
from connector.ports import Unread
from connector.records import Kind, Ref
from connector.stages.pull.intake import Intake, Source
from connector.stages.pull.reading import Reading


def read_again(ledger: Ledger, reading: Reading, refs: Sequence[Ref]) -> int:
    """Takes these records into the index as they are now; how many could not be read.

    None is believed to be gone by it. Raises RemoteError where the shop's own platform does not answer.
    """
    unread = 0
    for source in reading.sources(tuple(Kind)):
        own = [ref for ref in refs if (ref.adapter, ref.kind) == source.place]
        if own:
            unread += _read(ledger, reading, source, own)
    return unread


def _read(ledger: Ledger, reading: Reading, source: Source, own: Sequence[Ref]) -> int:
    intake = Intake(ledger, source, key=reading.key)
    stood = intake.where_it_stood()
    if stood is None or source.platform.name in reading.beside.faults:
        return len(own)
    try:
        looks = intake.fetch(own)
    except RemoteError:
        with reading.beside.without(source.platform.name):
            raise
        return len(own)
    intake.store_looks(looks, msgspec.json.decode(stood.value, type=Cursor).walk)
    return sum(isinstance(look, Unread) for look in looks.values())


__all__ = ["read_again"]
