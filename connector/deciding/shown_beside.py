"""Records that show what another of their person's holds: our write changed them, so they are read anew."""

from collections.abc import Collection, Mapping

from connector.ledger import Ledger
from connector.ledger.index import Rows
from connector.ports import Live, Platform, ShowsOthers, Unread
from connector.records import Kind, Record, Ref
from connector.services.beside import Beside
from connector.services.witness import Witness


def showing(platform: Platform, kind: Kind) -> frozenset[Kind]:
    """The kinds of record at a platform that show what records of this kind hold."""
    shown: Mapping[Kind, frozenset[Kind]] = platform.shows_others if isinstance(platform, ShowsOthers) else {}
    return frozenset(one for one, of in shown.items() if kind in of)


def shown_beside(
    ledger: Ledger, platform: Platform, refs: Mapping[int, Ref], *, beside: Beside
) -> dict[int, Record | None]:
    """Those records of the people behind these rows of one kind, as they are now, by row; None for one gone.

    To be asked before the rows are stored anew, which may take their person from them. One that is unread is
    left to the next pull.
    """
    written = {ref.kind for ref in refs.values()}
    kinds: Collection[Kind] = {one for kind in written for one in showing(platform, kind)}
    if not kinds:
        return {}
    with ledger.begin() as connection:
        others = Rows(ledger).of_same_people(connection, list(refs), adapter=platform.name, kinds=kinds)
    refs_beside = list(others.values())
    looks = Witness(ledger).held(platform, beside.fetch(platform, refs_beside)) if others else {}
    known = {row: looks[ref] for row, ref in others.items() if not isinstance(looks[ref], Unread)}
    return {row: look.record if isinstance(look, Live) else None for row, look in known.items()}
