"""The walk over audiences: by date of last change, so that no page shifts under it.

Members come in the order of their last change. The next page begins where the last ended; only
where a thousand share one second does it count rows. A member changed meanwhile comes again, last.
A walk over all is held against the count of each audience when it began.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from adapters.cursors import read_cursor
from adapters.mailchimp.service import PAGE, Listed, Mailchimp
from connector.errors import Rejected
from connector.records import Value

_SECOND = timedelta(seconds=1)
_OVERLAP = timedelta(seconds=60)  # members of one bulk change become visible a little apart
_ROWS_AGAIN = 10  # rows read twice, for those deleted between two pages of one second

# A query without a status leaves archived members out.
_PASSES: tuple[Mapping[str, str], ...] = ({}, {"status": "archived"})


class Place(Value, frozen=True, kw_only=True):
    """How far a walk has come: the pass it is in, and per pass the last change it has seen.

    Of a walk over all, `counted` is how many members there were at its start (None where an answer gave
    no count) and `newest` when the latest of them had come; of a walk over changes, `missing` is how
    many were counted and not shown.
    """

    since: dict[str, str] = msgspec.field(default_factory=dict)
    at: int = 0
    offset: int = 0
    full: bool = False
    counted: int | None = None
    newest: str = ""
    missing: int = 0


class Batch(Value, frozen=True, kw_only=True):
    """Some members of one audience, and the place after them; `newer` came after the walk began."""

    list_id: str
    members: tuple[dict[str, Any], ...]
    place: Place
    total: int | None = None
    complete: bool = False
    counted: int | None = None
    newer: frozenset[str] = frozenset()
    missing: int = 0
    standing: int | None = None  # members of all audiences, after a walk over changes; None where not told


def encode(place: Place) -> str:
    """The place as a cursor."""
    return msgspec.json.encode(place).decode()


def _decoded(cursor: str) -> Place:
    """The place that the ledger kept. Raises Rejected where this is none."""
    if place := read_cursor(cursor, Place):
        return place
    raise Rejected(
        "mailchimp: read members cannot go on from this cursor. Pull everything again with --full.",
        adapter="mailchimp", operation="read members",
    )  # fmt: skip


def walk(service: Mailchimp, lists: Sequence[str], cursor: str | None) -> Iterator[Batch]:
    """The members from a cursor on (all where None), with the place to go on from after each batch.

    `complete` is set at the end of a walk that began at the beginning.
    """
    passes = [(list_id, query) for list_id in lists for query in _PASSES]
    place = _decoded(cursor) if cursor else _begin(service, passes)
    near = _Near()
    while place.at < len(passes):
        list_id, query = passes[place.at]
        name = f"{list_id}|{query.get('status', '')}"
        page = service.members(list_id, {**query, **_window(place, name)})
        following = _advance(place, name, page)
        new = near.sift(page.rows, following.since.get(name, "") if following.at == place.at else None)
        done = following.at == len(passes)
        yield Batch(
            list_id=list_id, members=new, place=_next_walk(following) if done else following,
            total=place.counted, complete=done and place.full,
            counted=place.counted if done and place.full else None,
            newer=frozenset(each["contact_id"] for each in new if place.full and _came(each) > place.newest),
            missing=following.missing if done and not place.full else 0,
            standing=_standing(service, passes) if done and not place.full else None,
        )  # fmt: skip
        place = following


def _begin(service: Mailchimp, passes: Sequence[tuple[str, Mapping[str, str]]]) -> Place:
    """The start of a walk over all: how many members there are, and when the latest of them came."""
    firsts = [service.count_members(list_id, query) for list_id, query in passes]
    totals = [first.total for first in firsts]
    known = [total for total in totals if total is not None]
    came = (_came(row) for first in firsts for row in first.rows)
    return Place(
        full=True, counted=sum(known) if len(known) == len(totals) else None, newest=max(came, default="")
    )


def _standing(service: Mailchimp, passes: Sequence[tuple[str, Mapping[str, str]]]) -> int | None:
    """How many members there are now, however little has changed; None where an answer gave no count."""
    totals = [service.count_members(list_id, query).total for list_id, query in passes]
    known = [total for total in totals if total is not None]
    return sum(known) if len(known) == len(totals) else None


class _Near:
    """The members already met that the next page can show again."""

    def __init__(self) -> None:
        self._changed: dict[str, str] = {}

    def sift(self, members: Sequence[dict[str, Any]], bound: str | None) -> tuple[dict[str, Any], ...]:
        """Those not met yet, or changed since; from `bound` on they are remembered, None forgets all."""
        before = self._changed
        now = before | {member["contact_id"]: _changed(member) for member in members}
        self._changed = {} if bound is None else {each: at for each, at in now.items() if at >= bound}
        return tuple(member for member in members if before.get(member["contact_id"]) != _changed(member))


def _window(place: Place, name: str) -> dict[str, Any]:
    window: dict[str, Any] = {
        "count": PAGE, "offset": place.offset, "sort_field": "last_changed", "sort_dir": "ASC",
    }  # fmt: skip
    since = place.since.get(name)
    return window | ({"since_last_changed": since} if since else {})


def _changed(member: Mapping[str, Any]) -> str:
    """When a member changed last; empty where that cannot be read, so that no walk turns on it."""
    moment = _text(member.get("last_changed"))
    try:
        datetime.fromisoformat(moment)
    except ValueError:
        return ""
    return moment


def _came(member: Mapping[str, Any]) -> str:
    """When a member came into the audience, by the service's own clock."""
    return _text(member.get("timestamp_signup")) or _text(member.get("timestamp_opt"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _advance(place: Place, name: str, page: Listed) -> Place:
    """The place after a page; only what the service counts as the last ends a pass, not a short page.

    It moves the window to a second before its last change, because whether the bound itself is
    included is not documented; where that is no step forward, rows are counted instead.
    """
    since = place.since.get(name, "")
    shown = place.offset + len(page.rows)
    last = max(map(_changed, page.rows), default="") or since
    over = len(page.rows) < PAGE if page.total is None else shown >= page.total
    if over or not page.rows:
        missing = place.missing + max(0, (page.total or 0) - shown)
        return _moved(place, at=place.at + 1, offset=0, since=_with(place, name, last), missing=missing)
    bound = _shift(last, _SECOND) if last else ""
    if bound > since:
        return _moved(place, offset=0, since=_with(place, name, bound))
    return _moved(place, offset=place.offset + max(1, len(page.rows) - _ROWS_AGAIN))


def _moved(place: Place, **changes: Any) -> Place:
    return msgspec.structs.replace(place, **changes)


def _with(place: Place, name: str, moment: str) -> dict[str, str]:
    return place.since | ({name: moment} if moment else {})


def _next_walk(place: Place) -> Place:
    return Place(since={name: _shift(moment, _OVERLAP) for name, moment in place.since.items()})


def _shift(moment: str, back: timedelta) -> str:
    return (datetime.fromisoformat(moment) - back).isoformat(timespec="seconds")
