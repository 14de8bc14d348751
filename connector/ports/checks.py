"""What a check of one service finds: problems, listeners, rights."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal
from urllib.parse import quote

import msgspec

from connector.records import HoldId, Kind, Value
from connector.text.plain_text import said


def _tell(value: Value, *names: str, longest: int) -> None:
    """Puts what a service wrote of itself into one line in which nothing is hidden."""
    for name in names:
        msgspec.structs.force_setattr(value, name, said(getattr(value, name), longest=longest))


class Problem(Value, frozen=True, kw_only=True):
    """One thing `check` found: severity, stable code, one English and one Swedish sentence.

    `later`: the service did not answer, and nothing need be mended here. `denied`: it answered, and did not
    take the key.
    """

    severity: Literal["error", "warning", "info"]
    code: str
    en: str
    sv: str
    later: bool = False
    denied: bool = False

    def __post_init__(self) -> None:
        _tell(self, "code", "en", "sv", longest=1000)


class Listener(Value, frozen=True, kw_only=True):
    """Something that hears of a changed order: a webhook or a known plugin.

    `id` is stable between runs; it is what a named person marks tested, paused or harmless.
    `hears` is the platform's own topic, or a code that the reports have words for.
    All three are the shop's words, whichever adapter read them: said in one line, without controls.
    """

    id: str
    name: str
    kind: Literal["webhook", "plugin"]
    hears: str
    active: bool = True
    plugin: str = ""  # the plugin's folder, the same in every shop
    host: str = ""  # of the address that it sends to, never the rest of it

    def __post_init__(self) -> None:
        _tell(self, "id", "name", "hears", "plugin", "host", longest=80)


class Beyond(Value, frozen=True, kw_only=True):
    """A place of the whole service that its API does not reach, and how many it holds where that is told.

    `place` is a code that the reports have words for.
    """

    place: str
    count: int | None = None


class Access(Value, frozen=True, kw_only=True):
    """What a check of one service found; it writes nothing."""

    adapter: str
    reachable: bool
    can_read: bool
    can_write: bool | None = None  # None: cannot be known without writing
    version: str = ""
    timezone: str = ""
    problems: tuple[Problem, ...] = ()
    listeners: tuple[Listener, ...] = ()
    # Whether the service said in full who hears of changes; where not, `listeners` are only some of them.
    listeners_read: bool = True
    unreadable_holds: frozenset[HoldId] = frozenset()
    links: Mapping[Kind, str] = {}  # to a record in the service's own admin; {id} is filled in
    beyond: tuple[Beyond, ...] = ()

    def __post_init__(self) -> None:
        _tell(self, "version", "timezone", longest=80)


    def link(self, kind: Kind, id: str) -> str:
        """Where a record is in the service's own admin; empty where no page of it is known."""
        return self.links[kind].format(id=quote(id, safe="")) if kind in self.links and id else ""


class Mark(Value, frozen=True, kw_only=True):
    """What a named person found of one listener: tested on one order, paused or harmless.

    It is of the listener with this id, or of every one that is this plugin or sends to this host.
    """

    mark: str
    by: str
    on: date
    id: str = ""
    plugin: str = ""
    host: str = ""
    place: str = ""  # the file and line where it was said

    def is_of(self, listener: Listener) -> bool:
        """Whether this is said of a listener; an empty name is nobody's."""
        named = ((self.id, listener.id), (self.plugin, listener.plugin), (self.host, listener.host))
        return any(mine and mine.casefold() == theirs.casefold() for mine, theirs in named)


def mark_of(listener: Listener, marks: Sequence[Mark]) -> Mark | None:
    """What was found of a listener: by its own id where that was said, else by what it is."""
    found = sorted((one for one in marks if one.is_of(listener)), key=lambda one: not one.id)
    return found[0] if found else None
