"""The named folders, and what in them may be believed: which messages are there, and which are gone.

IMAP has no word for "no such message": a server leaves it out of its answer. So an absence counts only
beside three other words on the folder: its count, its list of every UID, and a message that it does show.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from adapters.imap.line import AT_ONCE, Line, Selected, Session
from adapters.imap.message import (
    ITEMS,
    PEOPLE,
    Own,
    Place,
    Reading,
    decoded_words,
    header_bytes,
    persons,
    place_of,
    read_headers,
)
from connector.ports import Gone, Live, Look, Unread
from connector.records import Record, Ref

NOT_NAMED = "folder_not_named"
RENUMBERED = "uidvalidity_changed"
LOOKS = 3  # at a folder whose count and list differ
NO_CONTROL, OTHER = "no_control", "other_answer"
_LINKS = ("NOT", "BODY", "://", "NOT", "BODY", "www.")


class Known(NamedTuple):
    """A message as its server shows it now: the record, and the answer that it was read from."""

    record: Record
    row: Mapping[bytes, Any]


class Folder(NamedTuple):
    """One folder: what the settings call it, and its name in the mailbox."""

    label: str
    name: str

    def open(self, session: Session, *, write: bool = False) -> Selected:
        """Opens it; nothing but an apply opens it for writing."""
        return session.select(self.name, write=write)

    def read(
        self, session: Session, reading: Reading, validity: int, uids: Sequence[int]
    ) -> dict[int, Known]:
        """These messages of the open folder, as far as the server tells of them."""
        rows = session.fetch(uids, ITEMS)
        asked = [uid for uid, row in rows.items() if reading.to_be_searched(self.label, row)]
        free = _free_of_links(session, asked)
        return {
            uid: Known(reading.record(Place(self.label, validity, uid), row, free_of_links=uid in free), row)
            for uid, row in rows.items()
        }

    def gone(self, session: Session, uids: Sequence[int], validity: int, *, write: bool = False) -> set[int]:
        """Those that the server no longer has, by all that it says; the folder is left open."""
        for _ in range(LOOKS):  # a message may arrive between the count and the list
            now = self.open(session, write=write)
            every = session.search("ALL")
            if len(every) == now.exists:
                break
        if now.validity != validity or len(every) != now.exists:
            return set()
        if every and not session.fetch(every[-1:], "FLAGS"):
            return set()
        shown = session.fetch(uids, "FLAGS")
        return {uid for uid in uids if uid not in shown} - set(every)


def _free_of_links(session: Session, uids: Sequence[int]) -> frozenset[int]:
    """Those of which the server says that no link stands in the text; what it leaves out may have one."""
    if not uids:
        return frozenset()
    return frozenset(session.search("UID", ",".join(map(str, uids)), *_LINKS)) & frozenset(uids)


class Folders:
    """The folders that the settings name, and no other."""

    def __init__(self, table: Mapping[str, Any], reading: Reading) -> None:
        named: Mapping[str, str] = table.get("folders") or {}
        self.named = tuple(Folder(label, str(name)) for label, name in named.items())
        self.reading = reading
        self._by_label = {one.label: one for one in self.named}

    def looks(
        self, line: Line, refs: Sequence[Ref], with_more: "More | None" = None
    ) -> Iterator[Look]:
        """One look per record, folder by folder; `with_more` reads something beside what a decision needs."""
        groups: dict[str, list[tuple[Ref, Place, str]]] = {}
        for ref in refs:
            found = place_of(ref)
            if found is None or found[0].label not in self._by_label:
                yield Unread(ref=ref, reason=NOT_NAMED)
            else:
                groups.setdefault(found[0].label, []).append((ref, *found))
        for label, asked in groups.items():
            waiting = iter(asked)
            while some := list(islice(waiting, AT_ONCE)):
                yield from line.ask(self._look(self._by_label[label], some, with_more))

    def _look(
        self, folder: Folder, asked: Sequence[tuple[Ref, Place, str]], with_more: "More | None"
    ) -> Callable[[Session], list[Look]]:
        def look(session: Session) -> list[Look]:
            validity = folder.open(session).validity
            uids = [place.uid for _, place, _ in asked if place.validity == validity]
            known = folder.read(session, self.reading, validity, uids)
            absent = [uid for uid in uids if uid not in known]
            gone = folder.gone(session, absent, validity) if absent else set()
            found: list[Look] = []
            for ref, place, _ in asked:
                if place.validity != validity:
                    found.append(Unread(ref=ref, reason=RENUMBERED))
                elif place.uid in gone:
                    found.append(Gone(ref=ref))
                elif place.uid not in known:
                    found.append(Unread(ref=ref, reason=NO_CONTROL))
                elif known[place.uid].record.ref != ref:
                    found.append(Unread(ref=ref, reason=OTHER))
                else:
                    found.append(self._live(known[place.uid], session, place, with_more))
            return found

        return look

    def _live(self, known: Known, session: Session, place: Place, with_more: "More | None") -> Live:
        more = with_more(session, place, known.row) if with_more else {}
        return live_of(known, self.reading.own, more)

    def of(self, label: str) -> Folder | None:
        """The folder of this name; None where the settings name none."""
        return self._by_label.get(label)


More = Callable[[Session, Place, Mapping[bytes, Any]], Mapping[str, Any]]
"""Reads more of one message of the open folder, to be shown to its person."""


def live_of(known: Known, own: Own, more: Mapping[str, Any]) -> Live:
    """The record with what its person is known by, and every value that was read."""
    headers = read_headers(header_bytes(known.row))
    owner = persons(headers, own).owner
    raw: dict[str, Any] = {
        name: [_written(said, address) for said, address in found]
        for name in PEOPLE if (found := headers.addresses(name))
    }  # fmt: skip
    raw |= {name: values for name in ("date", "message-id") if (values := headers.values(name))}
    handles = {"email": (owner,)} if known.record.copies and owner else {}
    return Live(record=known.record, handles=handles, raw={**raw, **more})


def _written(said: str, address: str) -> str:
    name = decoded_words(said).replace('"', "").strip()
    return f'"{name}" <{address}>' if name and address else name or address
