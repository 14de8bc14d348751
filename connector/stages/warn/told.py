"""What persons say: that somebody was warned, or that a mail came back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from connector.deciding.warning import codes_of
from connector.ledger import learned
from connector.ledger.index import Row, Rows
from connector.ledger.states import WarningState
from connector.ledger.warnings import Said, Warnings, Whom, who_has
from connector.records import Kind
from connector.services.timekeeping import must_agree, must_not_go_back
from connector.shop import Shop

Codes = Mapping[Kind, frozenset[str]]
_OPEN = (WarningState.BEGUN, WarningState.WAITING, WarningState.EXPORTED)


def record_warned(shop: Shop, ids: Sequence[str], *, by: str, on: date) -> int:
    """Notes that a named person says these were warned on a day; returns how many were known.

    Raises ClockUnsure: an account goes so long after its warning, and a day too early would shorten that.
    """
    must_not_go_back(shop.ledger, shop.clock())
    must_agree(shop.ledger)
    warnings, said, codes = Warnings(shop.ledger), Said(on=on, by=by), codes_of(shop.policy)
    with shop.ledger.begin() as connection:
        some = _named(shop, connection, codes, ids)
        for whom in some:
            _told(warnings, connection, whom, said)
        shop.ledger.event(connection, "warned", by=by, on=on, count=len(some))
    return len(some)


def _told(warnings: Warnings, connection: Connection, whom: Whom, said: Said) -> None:
    """A person's word closes what is open, else stands in a row of its own."""
    newest = warnings.newest(connection, [whom.record]).get(whom.record)
    if newest is not None and newest.state in _OPEN:
        warnings.close(connection, newest.id, WarningState.TOLD, said.on)
    else:
        warnings.add(connection, whom, said, WarningState.TOLD)


def record_bounced(shop: Shop, ids: Sequence[str], digests: Sequence[bytes], *, by: str) -> int:
    """Notes that mails to these came back: what was a warning is none; returns how many were one."""
    warnings, codes = Warnings(shop.ledger), codes_of(shop.policy)
    with shop.ledger.begin() as connection:
        some = [*_named(shop, connection, codes, ids), *_behind(shop, connection, codes, digests)]
        back = sum(_bounced(warnings, connection, whom, by, shop.today) for whom in dict.fromkeys(some))
        shop.ledger.event(connection, "warn_bounced", by=by, count=back)
    return back


def _bounced(warnings: Warnings, connection: Connection, whom: Whom, by: str, today: date) -> int:
    """One that only an older Gallra has noted stands in no row: it gets one that says so."""
    newest = warnings.newest(connection, [whom.record]).get(whom.record)
    if newest is not None:
        return warnings.takes_back(connection, [newest])
    warnings.add(connection, whom, Said(on=today, by=by), WarningState.BOUNCED)
    return 1


def _named(shop: Shop, connection: Connection, codes: Codes, ids: Sequence[str]) -> list[Whom]:
    """The records of these ids, of the kinds that are warned."""
    wanted = {*ids}
    rows = _rows(shop, connection, codes) if wanted else ()
    return [_whom(row, codes) for row in rows if row.record.ref.id in wanted]


def _behind(shop: Shop, connection: Connection, codes: Codes, digests: Sequence[bytes]) -> list[Whom]:
    """The records of the persons who have these addresses."""
    rows = _rows(shop, connection, codes) if digests else ()
    persons = {subject for one in digests if (subject := who_has(connection, shop.ledger, one)) is not None}
    return [_whom(row, codes) for row in rows if row.subject in persons]


def _rows(shop: Shop, connection: Connection, codes: Codes) -> Iterable[Row]:
    ids = learned.rows_of(connection, shop.ledger, codes.keys())
    return Rows(shop.ledger).rows(connection, ids).values()


def _whom(row: Row, codes: Codes) -> Whom:
    ref = row.record.ref
    return Whom(record=row.id, ref=ref, code=min(codes[ref.kind]))
