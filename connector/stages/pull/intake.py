"""One kind at one platform, taken into the index: pages, records asked for by id, and how a pull ended."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from connector.basis import NOT_ANSWERED
from connector.errors import RemoteError
from connector.ledger import Ledger
from connector.ledger.cursors import Cursor
from connector.ledger.index import Presence, Pulls, Records
from connector.ledger.index.hidden_fields import Shown
from connector.ledger.index.records import Met
from connector.ledger.index.rows import Standing
from connector.ledger.unread import Unreads
from connector.ports import Gone, Live, Look, Page, Platform, Unread, living, looked
from connector.records import Kind, Ref
from connector.stages.pull.pulled import Pulled

MOST_PAGES = 200_000
"""Pages of one walk: twenty million records; one that goes on beyond them goes round in circles."""
ASK_AT_ONCE = 200
DOUBTED = 500
"""Records marked gone that one pull asks for once more, so that a wrong word ends by itself."""

Progress = Callable[[str, Kind, int, int | None], None]


class Source(NamedTuple):
    """One kind of record at one platform."""

    platform: Platform
    kind: Kind

    @property
    def place(self) -> tuple[str, Kind]:
        """The platform's name, and the kind."""
        return self.platform.name, self.kind


def _as_it_is(page: Page) -> Page:
    return page


class Intake:
    """What a pull reads and stores, and how much of it; `as_stored` makes of a page what the index holds."""

    def __init__(
        self,
        ledger: Ledger,
        source: Source,
        *,
        key: str,
        progress: Progress | None = None,
        as_stored: Callable[[Page], Page] = _as_it_is,
    ) -> None:
        self.ledger = ledger
        self.source = source
        self.presence = Presence(ledger)
        self.pulls = Pulls(ledger)
        self.records = Records(ledger)
        self.unreads = Unreads(ledger)
        self.shown = Shown()
        self.changed = self.gone = self.again = 0
        self._met: set[int] = set()  # hashes of ids: a shop has many, and none is needed again
        self._key = key
        self._progress = progress
        self._as_stored = as_stored

    @property
    def read(self) -> int:
        """How many records were read, each once, however often this pull saw it."""
        return len(self._met)

    # What is read and stored --------------------------------------------------------------

    def walk_and_store(self, start: Cursor) -> Page | None:
        """Stores page after page with its cursor; returns the last."""
        last = None
        platform, kind = self.source
        for number, page in enumerate(platform.pull(kind, since=start.value or None)):
            if number >= MOST_PAGES:
                raise _endless(self.source)
            stored = self._as_stored(page)
            with self.ledger.begin() as connection:
                self._store(connection, stored, start)
            self._met.update(hash(record.ref.id) for record in page.records)
            if self._progress is not None:
                self._progress(platform.name, kind, self.read, page.total)
            last = page
        return last

    def _store(self, connection: Connection, page: Page, start: Cursor) -> None:
        self.changed += self.records.store(
            connection, page.records, Met(start.walk, page.newer), key=self._key, shown=self.shown
        )
        self.unreads.read(connection, [record.ref for record in page.records])
        self.unreads.store(connection, page.unread, walk=start.walk, newer=page.newer)
        done = start.complete or page.complete
        cursor = msgspec.structs.replace(
            start, value=page.cursor, complete=done, full=start.full and not page.complete
        )
        self.pulls.set_cursor(connection, *self.source.place, msgspec.json.encode(cursor).decode())

    def fetch(self, refs: Sequence[Ref]) -> dict[Ref, Look]:
        """One look at each of these, by id."""
        looks: dict[Ref, Look] = {}
        for start in range(0, len(refs), ASK_AT_ONCE):
            some = refs[start : start + ASK_AT_ONCE]
            looks |= looked(self.source.platform.fetch(some), some)
        return looks

    def store_looks(self, looks: Mapping[Ref, Look], walk: int) -> None:
        """What was asked for by id and is there was met after all; what could not be read is named."""
        there = [live.record for live in living(looks).values()]
        unread = [look for look in looks.values() if isinstance(look, Unread)]
        with self.ledger.begin() as connection:
            self.changed += self.records.store(connection, there, Met(walk), key=self._key, shown=self.shown)
            self.unreads.read(connection, [record.ref for record in there])
            self.unreads.store(connection, unread, walk=walk)
        self._met.update(hash(record.ref.id) for record in there)

    def fetch_doubted(self, doubted: Sequence[Ref], walk: int) -> int:
        """What was called gone is asked for once more: a wrong word, whoever's, ends by itself.

        Never what this pull called gone: whatever made that word wrong would say it again. It is asked
        before anything is counted, so that what is back is not called missing. Returns how many are back.
        """
        looks = self.fetch(doubted)
        back = [look.record for look in looks.values() if isinstance(look, Live)]
        with self.ledger.begin() as connection:
            self.changed += self.records.store(connection, back, Met(walk), key=self._key, shown=self.shown)
            self.presence.confirm_gone(connection, [r for r, look in looks.items() if isinstance(look, Gone)])
        return len(back)

    def fetch_all_called_gone(self, walk: int) -> int:
        """Asks for all that was ever called gone, where the service counts more than are known."""
        with self.ledger.begin() as connection:
            refs = self.presence.called_gone(connection, *self.source.place, limit=DOUBTED)
        return self.fetch_doubted(refs, walk)

    def fetch_unread(self, unread: Sequence[Ref], walk: int, *, believed: bool) -> None:
        """What could not be read is asked for by id: no list of changes shows it again.

        The service's word that one is gone counts where the kind has just been found complete (`believed`).
        """
        with self.ledger.begin() as connection:
            left = set(self.unreads.of(connection, *self.source.place))
        looks = self.fetch([ref for ref in unread if ref in left])
        self.store_looks(looks, walk)
        self.again = len(looks)
        gone = [ref for ref, look in looks.items() if isinstance(look, Gone)] if believed else []
        with self.ledger.begin() as connection:
            self._mark_gone(connection, gone)

    def settle_unmet(self, walk: int, last: Page | None) -> tuple[int, str]:
        """Asks for what a walk did not meet; returns how many are missing, and why where no count says so.

        Nothing is marked gone unless the walk met as many as the service counts.
        """
        unmet = self._unmet(walk)
        if last is not None and last.why:  # asked for by id it would show them as little
            return len(unmet), last.why
        looks = self.fetch(unmet)
        self.store_looks(looks, walk)
        if last is None or not last.complete or last.counted is None:
            return 0, "not_counted"
        with self.ledger.begin() as connection:
            met = self.presence.met(connection, *self.source.place, walk)
            met += self.unreads.met(connection, *self.source.place, walk)
            missing = max(0, last.counted - met)
            if not missing:
                self._mark_gone(connection, [ref for ref, look in looks.items() if isinstance(look, Gone)])
        return missing, ""

    def _unmet(self, walk: int) -> list[Ref]:
        place = (*self.source.place, walk)
        with self.ledger.begin() as connection:
            known = self.presence.unmet(connection, *place) + self.unreads.unmet(connection, *place)
            shown = frozenset(self.unreads.shown(connection, *place))
        return [ref for ref in dict.fromkeys(known) if ref not in shown]

    def _mark_gone(self, connection: Connection, gone: Sequence[Ref]) -> None:
        self.gone += self.presence.mark_gone(connection, gone)
        self.unreads.read(connection, gone)

    # What the ledger knows ----------------------------------------------------------------

    def where_it_stood(self) -> Standing | None:
        """Where the last pull of this kind stood."""
        return self.pulls.cursor(*self.source.place)

    def left_open(self) -> tuple[list[Ref], list[Ref]]:
        """What earlier pulls left open: what was called gone once, and what could not be read."""
        with self.ledger.begin() as connection:
            return (
                self.presence.in_doubt(connection, *self.source.place, limit=DOUBTED),
                self.unreads.of(connection, *self.source.place, limit=DOUBTED),
            )

    def unread(self, connection: Connection) -> int:
        """How many records of this kind could not be read."""
        adapter, kind = self.source.place
        return self.unreads.counts(connection).get((adapter, str(kind)), 0)

    # How it ended -------------------------------------------------------------------------

    def note_at_cursor(self, **ended: int | str) -> None:
        """Keeps with the cursor how the counts and the fields stood at the end."""
        stored = self.where_it_stood()
        if stored is None:
            return
        cursor = msgspec.json.decode(stored.value, type=Cursor)
        noted = msgspec.structs.replace(cursor, **ended)
        with self.ledger.begin() as connection:
            self.pulls.set_cursor(connection, *self.source.place, msgspec.json.encode(noted).decode())

    def end(self, start: Cursor, missing: int, why: str) -> Pulled:
        """The pull ran to its end: what it came to stands in the ledger."""
        adapter, kind = self.source.place
        with self.ledger.begin() as connection:
            self.pulls.pull_ended(connection, self.source.place, missing=missing, why=why, full=start.full)
            unread = self.unread(connection)
        return Pulled(
            adapter=adapter, kind=kind, read=self.read, changed=self.changed, gone=self.gone,
            full=start.full, unread=unread, asked_again=self.again, missing=missing, why=why,
        )  # fmt: skip

    def not_answered(self) -> Pulled:
        """The service did not answer: what was read up to there stays, and the next pull goes on from it."""
        adapter, kind = self.source.place
        with self.ledger.begin() as connection:
            self.pulls.pull_failed(connection, adapter, kind, why=NOT_ANSWERED)
            unread = self.unread(connection)
        return Pulled(
            adapter=adapter, kind=kind, read=self.read, changed=self.changed, gone=self.gone, unread=unread,
            why=NOT_ANSWERED,
        )  # fmt: skip


def _endless(source: Source) -> RemoteError:
    adapter, operation = source.platform.name, f"read {source.kind}s"
    return RemoteError(
        f"{adapter}: {operation} brought {MOST_PAGES} pages and no end. Look "
        "for a cache, a plugin or a proxy that changes answers, then pull again.",
        adapter=adapter, operation=operation, code="endless",
    )  # fmt: skip
