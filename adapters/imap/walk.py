"""The walk over the named folders: by UID, which only grows, so that no page shifts under it.

A walk over all is held against the count of each folder when it began, and goes no further than the UID that
was next then. A folder whose generation of UIDs has changed is walked from its beginning.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from adapters.cursors import read_cursor
from adapters.imap.folders import Folder, Folders
from adapters.imap.line import AT_ONCE, NAME, Line, Session
from connector.errors import Rejected
from connector.ports import Page, Stock
from connector.records import Record, Value


class Reached(Value, frozen=True, kw_only=True):
    """How far a walk has come in a folder: the generation, the UID to go on from, and the one to stop at."""

    validity: int = 0
    upto: int = 1
    at: int = 1


class Cursor(Value, frozen=True, kw_only=True):
    """How far a walk has come; of a walk over all, `counted` is how many messages there were at its start."""

    folders: dict[str, Reached] = msgspec.field(default_factory=dict)
    full: bool = True
    begun: bool = False
    counted: int = 0


def walk(line: Line, folders: Folders, since: str | None) -> Iterator[Page]:
    """The messages from a cursor on (all where None), each page with the cursor to go on from.

    `complete` is set at the end of a walk that began at the beginning.
    """
    cursor = _decoded(since) if since else Cursor()
    if not cursor.begun:
        cursor = line.ask(lambda session: _begin(session, folders, cursor))
    for folder in folders.named:
        while True:
            records, cursor, over = line.ask(_step(folder, folders, cursor))
            if over:
                break
            total = cursor.counted if cursor.full else None
            yield Page(records=records, cursor=_encoded(cursor), total=total)
    following, counted = _encoded(Cursor(folders=cursor.folders, full=False)), cursor.counted
    if cursor.full:
        yield Page(records=(), cursor=following, total=counted, complete=True, counted=counted)
        return
    count = line.ask(lambda session: sum(folder.open(session).exists for folder in folders.named))
    yield Page(records=(), cursor=following, standing=(Stock(count=count),))


def _begin(session: Session, folders: Folders, before: Cursor) -> Cursor:
    """Where each folder is to be walked from, and to."""
    reached, counted = {}, 0
    for folder in folders.named:
        now = folder.open(session)
        known = before.folders.get(folder.label, Reached())
        at = known.upto if known.validity == now.validity else 1
        reached[folder.label] = Reached(validity=now.validity, upto=now.next_uid, at=at)
        counted += now.exists
    return Cursor(folders=reached, full=before.full, begun=True, counted=counted)


Step = tuple[tuple[Record, ...], Cursor, bool]
"""Some records of a folder, the cursor after them, and whether the folder had come to its end before."""


def _step(folder: Folder, folders: Folders, cursor: Cursor) -> Callable[[Session], Step]:
    def step(session: Session) -> Step:
        reached = cursor.folders.get(folder.label, Reached())
        now = folder.open(session)
        if now.validity != reached.validity:  # renumbered since: what comes next is read from the beginning
            reached = Reached(validity=now.validity, upto=now.next_uid)
        if reached.at >= reached.upto:
            return (), _with(cursor, folder, reached), True
        uids = _next(session, reached)
        known = folder.read(session, folders.reading, now.validity, uids)
        at = uids[-1] + 1 if uids else reached.upto
        after = msgspec.structs.replace(reached, at=at)
        return tuple(one.record for one in known.values()), _with(cursor, folder, after), False

    return step


def _next(session: Session, reached: Reached) -> Sequence[int]:
    """The next UIDs; `n:*` names the last message whatever its number, so the end is written out."""
    found = session.search("UID", f"{reached.at}:{reached.upto - 1}")
    return [uid for uid in found if reached.at <= uid < reached.upto][:AT_ONCE]


def _with(cursor: Cursor, folder: Folder, reached: Reached) -> Cursor:
    return msgspec.structs.replace(cursor, folders={**cursor.folders, folder.label: reached})


def _encoded(cursor: Cursor) -> str:
    return msgspec.json.encode(cursor).decode()


def _decoded(text: str) -> Cursor:
    """The cursor that the ledger kept. Raises Rejected where this is none."""
    if found := read_cursor(text, Cursor):
        return found
    raise Rejected(
        "imap: read messages cannot go on from this cursor. Pull everything again with --full.",
        adapter=NAME, operation="read messages",
    )  # fmt: skip
