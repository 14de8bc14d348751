"""What is written: a message is marked and removed by its UID, and counts as gone once it is seen gone.

A plain EXPUNGE would remove what others have marked, so that a server without UIDPLUS is written nothing to.
Everything is read once more on the connection that writes: generation, sign, flags and content.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from adapters.imap.folders import NO_CONTROL, NOT_NAMED, OTHER, RENUMBERED, Folder, Folders, Known
from adapters.imap.line import AT_ONCE, Line, Session
from adapters.imap.message import Place, header_bytes, place_of, read_headers
from connector.ports import Receipt, Task, went
from connector.records import Action, Field, Outcome, Record, Ref, from_bits

MESSAGE, TRASH = "imap_message", "imap_trash"
NO_UIDPLUS, READ_ONLY, MOVED = "no_uidplus", "read_only", "moved_to_trash"
_TRASH_FLAG = b"\\trash"

Receipts = dict[Ref, Receipt]


class Writer:
    """One apply over one line."""

    def __init__(self, line: Line, folders: Folders) -> None:
        self._line = line
        self._folders = folders

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt each; none for a message that was removed and could not be looked for."""
        groups: dict[str, list[tuple[Task, Place]]] = {}
        for task in tasks:
            found = place_of(task.ref)
            if task.action is not Action.DELETE:
                yield _by_hand(task, "goes_only_whole", MESSAGE, task.fields)
            elif found is None or self._folders.of(found[0].label) is None:
                yield _refused(task, f"unread:{NOT_NAMED}")
            else:
                groups.setdefault(found[0].label, []).append((task, found[0]))
        for label, own in groups.items():
            folder = self._folders.of(label)
            waiting = iter(own)
            while folder is not None and (some := list(islice(waiting, AT_ONCE))):
                yield from _Batch(folder, self._folders, some).written(self._line).values()


class _Batch:
    """Some messages of one folder; what was begun is remembered when the connection breaks."""

    def __init__(self, folder: Folder, folders: Folders, own: Sequence[tuple[Task, Place]]) -> None:
        self._folder = folder
        self._folders = folders
        self._own = own
        self._begun: set[int] = set()
        self._ids: dict[int, str] = {}  # Message-IDs of what was begun, for a look into the trash
        self._trash: tuple[str, int] | None = None

    def written(self, line: Line) -> Receipts:
        """The receipts, settled on a new connection where one broke."""
        return line.ask(self._write)

    def _write(self, session: Session) -> Receipts:
        if not session.uidplus:
            return {t.ref: _by_hand(t, NO_UIDPLUS, MESSAGE, _held(t.live.record)) for t, _ in self._own}
        opened = self._folder.open(session, write=True)
        done: Receipts = {}
        tasks: dict[int, Task] = {}
        for task, place in self._own:
            if place.validity != opened.validity:
                done[task.ref] = _refused(task, f"unread:{RENUMBERED}")
            elif not opened.writable:
                done[task.ref] = _by_hand(task, READ_ONLY, MESSAGE, _held(task.live.record))
            else:
                tasks[place.uid] = task
        if tasks:
            done |= self._held_to_now(session, opened.validity, tasks)
            ready = [uid for uid, task in tasks.items() if task.ref not in done]
            done |= self._remove(session, opened.validity, {uid: tasks[uid] for uid in ready})
        return done

    def _held_to_now(self, session: Session, validity: int, tasks: Mapping[int, Task]) -> Receipts:
        """The receipts of those that are not what was planned any more; the rest may go."""
        known = self._folder.read(session, self._folders.reading, validity, list(tasks))
        absent = [uid for uid in tasks if uid not in known]
        gone = self._folder.gone(session, absent, validity, write=True) if absent else set()
        done: Receipts = {}
        for uid, task in tasks.items():
            if uid in gone:
                done[task.ref] = self._removed(session, task, uid) if uid in self._begun else went(task)
            elif uid not in known:
                done[task.ref] = _refused(task, f"unread:{NO_CONTROL}")
            elif known[uid].record.ref != task.ref:
                done[task.ref] = _refused(task, f"unread:{OTHER}")
            elif not _same(known[uid].record, task.live.record):
                done[task.ref] = Receipt(ref=task.ref, outcome=Outcome.STALE, reason="changed_meanwhile")
            else:
                self._ids[uid] = _message_id(known[uid])
        return done

    def _remove(self, session: Session, validity: int, tasks: Mapping[int, Task]) -> Receipts:
        if not tasks:
            return {}
        uids = list(tasks)
        self._trash = self._trash or _trash_of(session, self._folder.name)
        self._begun |= set(uids)
        session.mark(uids)
        session.expunge(uids)
        gone = self._folder.gone(session, uids, validity, write=True)
        left = session.fetch([uid for uid in uids if uid not in gone], "FLAGS")
        if left:  # a later EXPUNGE of somebody else's must not take them unseen
            session.unmark(list(left))
        done = {tasks[uid].ref: _refused(tasks[uid], "still_there") for uid in left}
        moved = self._in_trash(session, sorted(gone))
        return done | {tasks[uid].ref: _gone(tasks[uid], moved=uid in moved) for uid in sorted(gone)}

    def _removed(self, session: Session, task: Task, uid: int) -> Receipt:
        """The receipt of a message whose removal was begun before the connection broke."""
        moved = self._in_trash(session, [uid])
        self._folder.open(session, write=True)
        return _gone(task, moved=uid in moved)

    def _in_trash(self, session: Session, uids: Sequence[int]) -> set[int]:
        """Those that lie in the trash now; one without an id of its own, where the trash has grown."""
        if self._trash is None or not uids:
            return set()
        name, before = self._trash
        if session.count(name) <= before:
            return set()
        session.select(name)
        found = set()
        for uid in uids:
            own = self._ids.get(uid, "")
            if not own or session.search("HEADER", "Message-ID", own):
                found.add(uid)
        return found


def _trash_of(session: Session, name: str) -> tuple[str, int] | None:
    """Another folder to which this server may move what is removed, and how many messages it has."""
    for flags, folder in session.folders():
        if _TRASH_FLAG in {flag.lower() for flag in flags} and folder != name:
            return folder, session.count(folder)
    return None


def _same(now: Record, then: Record) -> bool:
    """Whether a message is what the plan was held to: its day, its marks, whose it is."""
    facts, before = now.facts, then.facts
    return (
        facts.created == before.created
        and facts.return_open == before.return_open
        and facts.may_be_voucher == before.may_be_voucher
        and now.present == then.present
    )


def _message_id(known: Known) -> str:
    values = read_headers(header_bytes(known.row)).values("message-id")
    return values[0].strip() if len(values) == 1 and values[0].isascii() and values[0].isprintable() else ""


def _held(record: Record) -> frozenset[Field]:
    return frozenset(from_bits(record.present))


def _gone(task: Task, *, moved: bool) -> Receipt:
    """Done where it is gone; a hand is needed where the server has kept it in its trash."""
    held = _held(task.live.record)
    if moved:
        return _by_hand(task, MOVED, TRASH, held)
    return Receipt(ref=task.ref, outcome=Outcome.DONE, done=held)


def _by_hand(task: Task, reason: str, place: str, fields: frozenset[Field]) -> Receipt:
    return Receipt(ref=task.ref, outcome=Outcome.BY_HAND, by_hand=fields, places=(place,), reason=reason)


def _refused(task: Task, reason: str) -> Receipt:
    return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason)
