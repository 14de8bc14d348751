"""The pull stage: what is new or changed at each platform goes into the index, page by page."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from connector.errors import RemoteError
from connector.ledger import Ledger, learned
from connector.ledger.index import Index
from connector.ports import Platform, Tracker
from connector.records import Kind, Value

# Some kinds show no deletions in what changed: all of them are walked again this often.
WALK_AGAIN = {Kind.CUSTOMER: timedelta(days=7), Kind.SUBSCRIBER: timedelta(days=7)}
TRACK_AT_ONCE = 100


class Cursor(Value, frozen=True, kw_only=True):
    """Where a pull stands: the adapter's own cursor, and the walk it belongs to."""

    walk: int
    value: str
    complete: bool = False


class Pulled(Value, frozen=True, kw_only=True):
    """What a pull brought of one kind."""

    adapter: str
    kind: Kind
    read: int
    changed: int
    gone: int = 0
    full: bool = False


Progress = Callable[[str, Kind, int, int | None], None]


def pull(
    ledger: Ledger,
    platforms: Mapping[str, Platform],
    *,
    key: str,
    full: bool = False,
    kinds: Sequence[Kind] | None = None,
    progress: Progress | None = None,
) -> tuple[Pulled, ...]:
    """Reads what changed since the last pull, or everything on the first; resumes where it was stopped.

    `key` is the subject key's fingerprint. A page and its cursor are stored together.
    """
    results = []
    for platform in platforms.values():
        for kind in platform.kinds:
            if kinds is None or kind in kinds:
                results.append(_pull_kind(ledger, platform, kind, key=key, full=full, progress=progress))
    with ledger.begin() as connection:
        ledger.event(
            connection, "pulled", read={f"{r.adapter}.{r.kind}": [r.read, r.changed, r.gone] for r in results}
        )
    return tuple(results)


def _pull_kind(
    ledger: Ledger, platform: Platform, kind: Kind, *, key: str, full: bool, progress: Progress | None
) -> Pulled:
    index = Index(ledger)
    start = _start(index, platform.name, kind, full=full, now=ledger.clock())
    read = changed = gone = 0
    for page in platform.pull(kind, since=start.value or None):
        with ledger.begin() as connection:
            changed += index.store(connection, page.records, key=key, walk=start.walk)
            if page.complete:
                gone += index.forget_unseen(connection, platform.name, kind, start.walk)
            cursor = msgspec.structs.replace(
                start, value=page.cursor, complete=start.complete or page.complete
            )
            index.set_cursor(
                connection, platform.name, kind, msgspec.json.encode(cursor).decode(), full=page.complete
            )
        read += len(page.records)
        if progress is not None:
            progress(platform.name, kind, read, page.total)
    return Pulled(
        adapter=platform.name, kind=kind, read=read, changed=changed, gone=gone, full=not start.value
    )


def _start(index: Index, adapter: str, kind: Kind, *, full: bool, now: datetime) -> Cursor:
    """Where to begin: anew, or where the last pull of this kind stood."""
    fresh = Cursor(walk=int(now.timestamp()), value="")
    stored = index.cursor(adapter, kind)
    if stored is None or full:
        return fresh
    cursor = msgspec.json.decode(stored[0], type=Cursor)
    again = WALK_AGAIN.get(kind)
    if again and stored[1] and now - datetime.fromisoformat(stored[1]) > again:
        return fresh
    return cursor


def track(ledger: Ledger, platforms: Mapping[str, Platform], trackers: Sequence[Tracker]) -> int:
    """Asks carriers about parcels whose order still waits for its delivery; returns how many arrived."""
    index = Index(ledger)
    arrived = 0
    for tracker in trackers:
        with ledger.begin() as connection:
            waiting = index.undelivered(connection, limit=TRACK_AT_ONCE)
        for adapter, refs in waiting.items():
            lives = {live.record.ref: live for live in platforms[adapter].fetch([ref for _, ref in refs])}
            numbers = {
                number: row_id
                for row_id, ref in refs
                if ref in lives
                for number in lives[ref].handles.get("tracking_number", ())
            }
            with ledger.begin() as connection:
                try:
                    for number, day in tracker.delivered(list(numbers)):
                        if day is not None:
                            learned.delivered(connection, numbers[number], day)
                            arrived += 1
                except RemoteError as fault:  # a carrier that is down never ends a run: the next one asks
                    kind = type(fault).__name__
                    ledger.event(connection, "track_failed", recipient=tracker.name, error=kind)
    return arrived
