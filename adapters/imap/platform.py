"""A mailbox as a platform: the messages of the named folders, which go whole and are looked for after."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from msgspec.structs import replace

from adapters.imap.checking import check_mailbox
from adapters.imap.folders import Folders
from adapters.imap.line import AT_ONCE, NAME, Line, Session
from adapters.imap.message import Place, Reading
from adapters.imap.showing import ATTACHED, is_cut, more_of, shown
from adapters.imap.walk import walk
from adapters.imap.writes import Writer
from connector.ports import (
    Ability,
    Access,
    Capabilities,
    Keyer,
    Live,
    Look,
    Page,
    Receipt,
    ShopIdentity,
    Task,
    Work,
)
from connector.ports.disclosing import Shown
from connector.records import Field, Kind, Ref

_WHOLE = (Field.NAME, Field.EMAIL, Field.CUSTOMER_NOTE)
_READS, _WRITES = 3, 12  # commands of one look at a batch, and of its removal with all that is asked around


class Mailbox:
    """The messages of the named folders, and of no other."""

    name = NAME
    kinds: tuple[Kind, ...] = (Kind.SUPPORT_MESSAGE,)
    batch = AT_ONCE

    def __init__(
        self, settings: Mapping[str, Any], *, keyer: Keyer, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._reading = Reading(settings, keyer)
        self._folders = Folders(settings, self._reading)

    def check(self) -> Access:
        """The login and the folders."""
        with self._line() as line:
            return check_mailbox(line, self._folders)

    def identity(self) -> ShopIdentity:
        """The mailbox that the login opens: IMAP gives none an id, so a sign of host and login is taken."""
        with self._line() as line:
            line.ask(_nothing)
        host, user = (str(self._settings.get(key) or "").strip().lower() for key in ("host", "user"))
        return ShopIdentity(ids={"mailbox": hashlib.sha256(f"{host}\0{user}".encode()).hexdigest()[:16]})

    def capabilities(self, kind: Kind) -> Capabilities:
        """A message goes whole; nothing in it is blanked."""
        if kind is not Kind.SUPPORT_MESSAGE:
            return Capabilities(kind=kind, fields={}, deletes=False)
        return Capabilities(kind=kind, fields=dict.fromkeys(_WHOLE, Ability.DELETE), deletes=True)

    def pull(self, kind: Kind, *, since: str | None) -> Iterator[Page]:
        """All messages of the named folders, or those that have come since a cursor."""
        if kind is not Kind.SUPPORT_MESSAGE or not self._folders.named:
            return
        with self._line() as line:
            yield from walk(line, self._folders, since)

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These messages as they are now; gone only by all that the server says of the folder."""
        if refs:
            with self._line() as line:
                yield from self._folders.looks(line, refs)

    def read_back(self, refs: Sequence[Ref], *, notes: frozenset[Ref]) -> Iterator[Look]:
        """As `fetch`: a message has nothing beside it."""
        return self.fetch(refs)

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Removes messages, and looks whether they are gone."""
        if tasks:
            with self._line() as line:
                yield from Writer(line, self._folders).apply(tasks)

    def fetch_to_show(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """As `fetch`, with subject and text; what is attached or too long is named as a place."""
        if refs:
            with self._line() as line:
                for look in self._folders.looks(line, refs, _to_show):
                    yield _with_places(look) if isinstance(look, Live) else look

    def shown(self, live: Live) -> Sequence[Shown]:
        """Every value of a message that was read."""
        owner = next(iter(live.handles.get("email", ())), "")
        return shown(live.raw, owner, self._reading.own)

    def calls(self, works: Sequence[Work]) -> int:
        """Commands: a batch is read, removed and looked for, and read back; a folder's pull is a few."""
        own = sum(work.delete for work in works)
        batches = ceil(own / AT_ONCE) * max(1, len(self._folders.named)) if own else 0
        return batches * (2 * _READS + _WRITES) + (4 * len(self._folders.named) if own else 0)

    def _line(self) -> Line:
        return Line(self._settings, self._sleep)


def _nothing(_session: Session) -> None:
    """A login is all that is asked for."""


def _to_show(session: Session, place: Place, row: Mapping[bytes, Any]) -> Mapping[str, Any]:
    more = more_of(session, place, row)
    return {**more, "_cut": is_cut(more, row)}


def _with_places(live: Live) -> Live:
    raw = {key: value for key, value in live.raw.items() if key != "_cut"}
    residue = (ATTACHED,) if live.raw.get("_cut") else ()
    record = replace(live.record, residue=residue)
    return Live(record=record, handles=live.handles, raw=raw)
