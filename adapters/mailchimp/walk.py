"""The walk over audiences: by date of last change, so that no page shifts under it.

Members come in the order of their last change. The next page begins where the last ended; only
where a thousand share one second does it count rows. A member changed meanwhile comes again, last.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from adapters.mailchimp.service import PAGE, Mailchimp
from connector.records import Value

_SECOND = timedelta(seconds=1)
_OVERLAP = timedelta(seconds=60)  # members of one bulk change become visible a little apart
_ROWS_AGAIN = 10  # rows read twice, for those deleted between two pages of one second

# A query without a status leaves archived members out.
_PASSES: tuple[Mapping[str, str], ...] = ({}, {"status": "archived"})


class Place(Value, frozen=True, kw_only=True):
    """How far a walk has come: the pass it is in, and per pass the last change it has seen."""

    since: dict[str, str] = msgspec.field(default_factory=dict)
    at: int = 0
    offset: int = 0


class Batch(Value, frozen=True, kw_only=True):
    """Some members of one audience, and the place after them."""

    list_id: str
    members: tuple[dict[str, Any], ...]
    place: Place
    total: int | None = None
    complete: bool = False


def encode(place: Place) -> str:
    """The place as a cursor."""
    return msgspec.json.encode(place).decode()


def walk(service: Mailchimp, lists: Sequence[str], cursor: str | None) -> Iterator[Batch]:
    """The members from a cursor on (all where None), with the place to go on from after each batch.

    `complete` is set where the walk began at the beginning and met as many as the service counts.
    """
    place = msgspec.json.decode(cursor, type=Place) if cursor else Place()
    passes = [(list_id, query) for list_id in lists for query in _PASSES]
    total = None if cursor else sum(service.count_members(*each) for each in passes)
    near = _Near()
    while place.at < len(passes):
        list_id, query = passes[place.at]
        name = f"{list_id}|{query.get('status', '')}"
        members = service.members(list_id, {**query, **_window(place, name)}).get("members") or []
        following = _advance(place, name, members)
        new = near.sift(members, following.since.get(name, "") if following.at == place.at else None)
        done = following.at == len(passes)
        yield Batch(
            list_id=list_id, members=new, place=_next_walk(following) if done else following,
            total=total, complete=done and total is not None and near.met >= total,
        )  # fmt: skip
        place = following


class _Near:
    """The members already met that the next page can show again."""

    def __init__(self) -> None:
        self.met = 0
        self._changed: dict[str, str] = {}

    def sift(self, members: Sequence[dict[str, Any]], bound: str | None) -> tuple[dict[str, Any], ...]:
        """Those not met yet, or changed since; from `bound` on they are remembered, None forgets all."""
        before = self._changed
        self.met += sum(1 for member in members if member["contact_id"] not in before)
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
    return str(member.get("last_changed") or "")


def _advance(place: Place, name: str, members: Sequence[Mapping[str, Any]]) -> Place:
    """The place after these members.

    A full page moves the window to a second before its last change, because whether the bound
    itself is included is not documented; where that is no step forward, rows are counted instead.
    """
    since = place.since.get(name, "")
    last = max((_changed(member) for member in members), default="") or since
    if len(members) < PAGE:
        return Place(since=_with(place, name, last), at=place.at + 1)
    bound = _shift(last, _SECOND) if last else ""
    if bound > since:
        return Place(since=_with(place, name, bound), at=place.at)
    return Place(since=place.since, at=place.at, offset=place.offset + len(members) - _ROWS_AGAIN)


def _with(place: Place, name: str, moment: str) -> dict[str, str]:
    return place.since | ({name: moment} if moment else {})


def _next_walk(place: Place) -> Place:
    return Place(since={name: _shift(moment, _OVERLAP) for name, moment in place.since.items()})


def _shift(moment: str, back: timedelta) -> str:
    return (datetime.fromisoformat(moment) - back).isoformat(timespec="seconds")
