"""Where a pull of one kind begins: anew, or where the last one stood."""

from datetime import datetime, timedelta

import msgspec

from connector.basis import FIELD_NOT_SHOWN, NOT_ANSWERED
from connector.ledger.cursors import Cursor
from connector.ledger.index.rows import Standing
from connector.ports import SCOPE_LOST
from connector.records import Kind

# Some kinds show no deletions in what changed: all of them are walked again this often.
WALK_AGAIN = dict.fromkeys((Kind.CUSTOMER, Kind.SUBSCRIBER, Kind.SUPPORT_MESSAGE), timedelta(days=7))
AFTER_DELETIONS = timedelta(days=1)
"""How old a walk over all may be once more is known than the service counts: what went hides what came."""


def start_of(stored: Standing | None, kind: Kind, *, full: bool, now: datetime, vouched: bool) -> Cursor:
    """Where to begin: anew, or where the last pull of this kind stood.

    A walk over all that was interrupted is taken up; one that ended incomplete is begun again, and so
    is one whose last word is too old. What a lost permission hides no walk would find: the adapter walks
    anew once it is back. Fields that are hidden and that a person vouches for (`vouched`) need none either.
    """
    if stored is None:
        return Cursor(walk=int(now.timestamp()), value="", full=True)
    cursor = msgspec.json.decode(stored.value, type=Cursor)
    if full:
        return afresh(cursor, now)
    if cursor.full or (stored.why == SCOPE_LOST and stored.full_at is not None):
        return cursor
    known = stored.why in ("", NOT_ANSWERED) or (vouched and stored.why.startswith(FIELD_NOT_SHOWN))
    if stored.missing != 0 or not known or stored.full_at is None:
        return afresh(cursor, now)
    again = AFTER_DELETIONS if cursor.over else WALK_AGAIN.get(kind)
    if again and abs(now - datetime.fromisoformat(stored.full_at)) > again:
        return afresh(cursor, now)
    return cursor


def afresh(before: Cursor, now: datetime) -> Cursor:
    """A walk over all; none has the number of an earlier one, whatever the clock says."""
    walk = max(int(now.timestamp()), before.walk + 1)
    return Cursor(walk=walk, value="", full=True, hidden=before.hidden)
