"""The pull stage: what is new or changed at each platform goes into the index, page by page.

Absence is never evidence. A walk over all records is complete only against the service's own count;
what it did not meet is asked for by id, and only the service's own word about that id makes it gone.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection

from connector.basis import FIELD_NOT_SHOWN, NOT_ANSWERED, fields_of
from connector.errors import RemoteError
from connector.ledger import Ledger
from connector.ledger.cursors import Cursor
from connector.ledger.index import Index
from connector.ledger.index.hidden_fields import Shown
from connector.ledger.unread import Unreads
from connector.ports import SCOPE_LOST, Gone, Live, Look, Page, Platform, Stock, Unread, living, looked
from connector.records import Kind, Ref, Value
from connector.services.beside import Beside
from connector.services.stock import Difference, difference

# Some kinds show no deletions in what changed: all of them are walked again this often.
WALK_AGAIN = {Kind.CUSTOMER: timedelta(days=7), Kind.SUBSCRIBER: timedelta(days=7)}
MOST_PAGES = 200_000
"""Pages of one walk: twenty million records; one that goes on beyond them goes round in circles."""
PASSES = 3
"""Walks over a kind before it is called incomplete."""
AFTER_DELETIONS = timedelta(days=1)
"""How old a walk over all may be once more is known than the service counts: what went hides what came."""
FEWER = "fewer"
"""Why a kind is incomplete of which the service suddenly counts far fewer than are known to live."""
DROPPED, DROP = 10, 0.1
"""Records, and their part of all that are known, that make a sudden drop: staff deletes a few at a time."""
ASK_AT_ONCE = 200
DOUBTED = 500
"""Records marked gone that one pull asks for once more, so that a wrong word ends by itself."""


class Pulled(Value, frozen=True, kw_only=True):
    """What a pull brought of one kind; `missing` is what the service counts and did not show.

    `asked_again` are the records that an earlier pull could not read and this one asked for by id.
    """

    adapter: str
    kind: Kind
    read: int
    changed: int
    gone: int = 0
    full: bool = False
    unread: int = 0
    asked_again: int = 0
    missing: int = 0
    why: str = ""

    @property
    def complete(self) -> bool:
        """Whether all was read that the service counts."""
        return not self.missing and not self.why

    def told(self) -> str:
        """What an incomplete pull means and what to do next."""
        if self.why == NOT_ANSWERED:
            return (
                "the service did not answer. Everything else was read; what depends on this stays out of the "
                "plan. Pull again later, and see `gallra check`."
            )
        return (
            f"{self._short()}. Nothing was marked gone, and what depends on it stays out of the plan. Pull "
            "again; if it stays so, see `gallra check`, or say in [[declared]] of the settings who vouches "
            "for it."
        )

    def _short(self) -> str:
        if self.why == SCOPE_LOST:
            by = f" by {self.missing}" if self.missing else ""
            return (
                f"incomplete{by}: a permission is lost that showed more records at the last complete pull. "
                "Give it back to the app"
            )
        if self.why == FEWER:
            return f"incomplete by {self.missing}: known here, and the service no longer counts or lists them"
        if fields := fields_of(self.why):
            return f"incomplete: no record shows {', '.join(fields)} any more, which nearly all of them held"
        if self.why:
            return "the service gave no count to hold the reading against"
        return f"incomplete by {self.missing}: the service counts them and did not show them"


Progress = Callable[[str, Kind, int, int | None], None]


def pull(
    ledger: Ledger,
    platforms: Mapping[str, Platform],
    *,
    key: str,
    full: bool = False,
    kinds: Sequence[Kind] = tuple(Kind),
    beside: Beside | None = None,
    progress: Progress | None = None,
    declared: Mapping[Kind, int] | None = None,
) -> tuple[Pulled, ...]:
    """Reads what changed since the last pull, or everything on the first; resumes where it was stopped.

    `key` is the subject key's fingerprint. A page and its cursor are stored together. One of `beside` that
    does not answer is incomplete, and stops no other. `declared` says how many records of a kind a person
    vouches for that no list shows: a gap of that size is looked at once.
    """
    beside, results = beside or Beside(), []
    for platform in platforms.values():
        for kind in (one for one in platform.kinds if one in kinds):
            puller = Puller(ledger, platform, kind, key=key, progress=progress)
            puller.vouched_for = (declared or {}).get(kind, 0)
            puller.vouched = kind in (declared or {})
            found = None
            if platform.name not in beside.faults:
                with beside.without(platform.name):
                    found = puller.pull(full=full)
            results.append(found or puller.not_answered())
    with ledger.begin() as connection:
        ledger.event(
            connection,
            "pulled",
            read={f"{r.adapter}.{r.kind}": [r.read, r.changed, r.gone] for r in results},
            missing={f"{r.adapter}.{r.kind}": r.missing for r in results if not r.complete},
        )
    return tuple(results)


class Puller:
    """One kind at one platform, pulled into the index."""

    def __init__(
        self, ledger: Ledger, platform: Platform, kind: Kind, *, key: str, progress: Progress | None
    ) -> None:
        self.ledger = ledger
        self.platform = platform
        self.kind = kind
        self.key = key
        self.progress = progress
        self.index = Index(ledger)
        self.unreads = Unreads(ledger)
        self.vouched_for = 0  # records that a person says no list shows
        self.vouched = False  # whether a person has said anything of this kind
        self.shown = Shown()
        self._usual: frozenset[int] = frozenset()  # sizes of a gap that a further walk would not close
        self.read = self.changed = self.gone = self.again = 0

    def pull(self, *, full: bool) -> Pulled:
        """What changed; or all records, walked until as many were met as the service counts."""
        place = (self.platform.name, self.kind)
        start = _start(self.index, *place, full=full, now=self.ledger.clock(), vouched=self.vouched)
        doubted, unread = self._open()
        self._usual = self._usual_gaps()
        last = self._walk(start)
        self._doubt(doubted, start.walk)
        missing, why = self._walked(start, last) if start.full else self._changed(start, last)
        if why == FEWER and not start.full:
            start = _afresh(start, self.ledger.clock())
            missing, why = self._walked(start, self._walk(start))
        if not start.full:
            self._ask_again(unread, start.walk, believed=not missing and not why)
        hidden = self._hidden(start.hidden)
        return self._end(start, missing, why or hidden)

    def _hidden(self, before: str) -> str:
        """The reason where fields that nearly all records held are empty in all that was brought."""
        hidden = ""
        if self.shown.candidates(before):
            with self.ledger.begin() as connection:
                known = self.index.by_fields(connection, self.platform.name, self.kind)
            hidden = self.shown.hidden(known, before)
        if hidden != before:
            self._note(hidden=hidden)
        return hidden

    def _usual_gaps(self) -> frozenset[int]:
        """None, the declared gap, and that of the last pull where it was within it."""
        stored = self.index.cursor(self.platform.name, self.kind)
        before = stored.missing if stored is not None else None
        known = {before} if before is not None and before <= self.vouched_for else set()
        return frozenset({0, self.vouched_for, *known})

    def _open(self) -> tuple[list[Ref], list[Ref]]:
        """What earlier pulls left open: what was called gone once, and what could not be read."""
        place = (self.platform.name, self.kind)
        with self.ledger.begin() as connection:
            return (
                self.index.in_doubt(connection, *place, limit=DOUBTED),
                self.unreads.of(connection, *place, limit=DOUBTED),
            )

    def _walked(self, start: Cursor, last: Page | None) -> tuple[int, str]:
        """Settles a walk over all, walked again while records are missing."""
        missing, why = self._settle(start.walk, last)
        for _ in range(PASSES - 1):
            if missing in self._usual:
                break
            last = self._walk(msgspec.structs.replace(start, value="", full=True, complete=False))
            missing, why = self._settle(start.walk, last)
        if missing and not why and self._called_back(start.walk):
            missing, why = self._settle(start.walk, last)
        if last is None or missing or why:
            return missing, why
        held = self._against(last)
        self._note(uneven=held.uneven, over=False)
        return (held.over, FEWER) if self._fell(held.over) else (0, "")

    def _fell(self, over: int) -> bool:
        """Whether so many more are known than the service counts that it may be hiding them."""
        if over < DROPPED or over <= self.vouched_for:
            return False
        with self.ledger.begin() as connection:
            known = sum(self.index.by_status(connection, self.platform.name, self.kind).values())
        return over >= DROP * known

    def _called_back(self, walk: int) -> int:
        """Asks for all that was ever called gone, where the service counts more than are known."""
        with self.ledger.begin() as connection:
            place = (self.platform.name, self.kind)
            refs = self.index.called_gone(connection, *place, limit=DOUBTED)
        return self._doubt(refs, walk)

    def _changed(self, start: Cursor, last: Page | None) -> tuple[int, str]:
        """Holds all that is known against what the service has: a list that shows no change proves nothing.

        What came between the list and the count is read by asking for the changes once more.
        """
        if last is None:  # the service shows nothing of this kind any more, not even that nothing changed
            return 0, "not_counted"
        missing = 0
        for again in range(PASSES):
            missing = max(missing, last.missing)
            held = self._against(last, usual=start.uneven)
            if held.short in self._usual or again == PASSES - 1:
                break
            last = self._walk(msgspec.structs.replace(start, value=last.cursor)) or last
        if held.short and self._called_back(start.walk):
            held = self._against(last, usual=start.uneven)
        self._note(uneven=start.uneven, over=held.over > 0)
        if last.why:
            return max(missing, held.short, held.over), last.why
        missing = max(missing, held.short)
        if not missing and self._fell(held.over):
            return held.over, FEWER
        return missing, "not_counted" if last.complete and last.counted is None and not missing else ""

    def _against(self, page: Page, *, usual: int = 0) -> Difference:
        """What is known, held against the counts of a pull's last page; a pull that read all has its own.

        `usual` is what the counts stood apart after the last complete walk.
        """
        place = (self.platform.name, self.kind)
        own = (Stock(count=page.counted),) if page.complete and page.counted is not None else ()
        with self.ledger.begin() as connection:
            unread = self.unreads.counts(connection).get((place[0], str(self.kind)), 0)
            met = self.index.by_status(connection, *place, beyond=False)
            known = self.index.by_status(connection, *place)
        read, now = difference(own, met, unread), difference(page.standing, known, unread)
        short = now.short - min(now.uneven, usual)
        return Difference(max(read.short, short), max(read.over, now.over), now.uneven)

    def _note(self, **ended: int | str) -> None:
        """Keeps with the cursor how the counts and the fields stood at the end."""
        place = (self.platform.name, self.kind)
        stored = self.index.cursor(*place)
        if stored is None:
            return
        cursor = msgspec.json.decode(stored.value, type=Cursor)
        noted = msgspec.structs.replace(cursor, **ended)
        with self.ledger.begin() as connection:
            self.index.set_cursor(connection, *place, msgspec.json.encode(noted).decode())

    def _end(self, start: Cursor, missing: int, why: str) -> Pulled:
        place = (self.platform.name, self.kind)
        with self.ledger.begin() as connection:
            self.index.pull_ended(connection, *place, missing=missing, why=why, full=start.full)
            unread = self.unreads.counts(connection).get((self.platform.name, str(self.kind)), 0)
        return Pulled(
            adapter=self.platform.name, kind=self.kind, read=self.read, changed=self.changed,
            gone=self.gone, full=start.full, unread=unread, asked_again=self.again, missing=missing, why=why,
        )  # fmt: skip

    def not_answered(self) -> Pulled:
        """The service did not answer: what was read up to there stays, and the next pull goes on from it."""
        place = (self.platform.name, self.kind)
        with self.ledger.begin() as connection:
            self.index.pull_failed(connection, *place, why=NOT_ANSWERED)
            unread = self.unreads.counts(connection).get((self.platform.name, str(self.kind)), 0)
        return Pulled(
            adapter=self.platform.name, kind=self.kind, read=self.read, changed=self.changed,
            gone=self.gone, unread=unread, why=NOT_ANSWERED,
        )  # fmt: skip

    def _walk(self, start: Cursor) -> Page | None:
        """Stores page after page with its cursor; returns the last."""
        last = None
        for number, page in enumerate(self.platform.pull(self.kind, since=start.value or None)):
            if number >= MOST_PAGES:
                raise self._endless()
            stored = self._looked_over(page)
            with self.ledger.begin() as connection:
                self._store(connection, stored, start)
            self.read += len(page.records)
            if self.progress is not None:
                self.progress(self.platform.name, self.kind, self.read, page.total)
            last = page
        return last

    def _looked_over(self, page: Page) -> Page:
        """The page as it is stored."""
        return page

    def _endless(self) -> RemoteError:
        operation = f"read {self.kind}s"
        return RemoteError(
            f"{self.platform.name}: {operation} brought {MOST_PAGES} pages and no end. Look "
            "for a cache, a plugin or a proxy that changes answers, then pull again.",
            adapter=self.platform.name, operation=operation, code="endless",
        )  # fmt: skip

    def _store(self, connection: Connection, page: Page, start: Cursor) -> None:
        self.changed += self.index.store(
            connection, page.records, key=self.key, walk=start.walk, newer=page.newer, shown=self.shown
        )
        self.unreads.read(connection, [record.ref for record in page.records])
        self.unreads.store(connection, page.unread, walk=start.walk, newer=page.newer)
        done = start.complete or page.complete
        cursor = msgspec.structs.replace(
            start, value=page.cursor, complete=done, full=start.full and not page.complete
        )
        encoded = msgspec.json.encode(cursor).decode()
        self.index.set_cursor(connection, self.platform.name, self.kind, encoded)

    def _settle(self, walk: int, last: Page | None) -> tuple[int, str]:
        """Asks for what a walk did not meet; returns how many are missing, and why where no count says so.

        Nothing is marked gone unless the walk met as many as the service counts.
        """
        unmet = self._unmet(walk)
        if last is not None and last.why:  # asked for by id it would show them as little
            return len(unmet), last.why
        looks = self._ask(unmet)
        self._keep(looks, walk)
        if last is None or not last.complete or last.counted is None:
            return 0, "not_counted"
        with self.ledger.begin() as connection:
            met = self.index.met(connection, self.platform.name, self.kind, walk)
            met += self.unreads.met(connection, self.platform.name, self.kind, walk)
            missing = max(0, last.counted - met)
            if not missing:
                gone = [ref for ref, look in looks.items() if isinstance(look, Gone)]
                self.gone += self.index.mark_gone(connection, gone)
                self.unreads.read(connection, gone)
        return missing, ""

    def _unmet(self, walk: int) -> list[Ref]:
        place = (self.platform.name, self.kind, walk)
        with self.ledger.begin() as connection:
            known = self.index.unmet(connection, *place) + self.unreads.unmet(connection, *place)
            shown = frozenset(self.unreads.shown(connection, *place))
        return [ref for ref in dict.fromkeys(known) if ref not in shown]

    def _ask(self, refs: Sequence[Ref]) -> dict[Ref, Look]:
        """One look at each of these, by id."""
        looks: dict[Ref, Look] = {}
        for start in range(0, len(refs), ASK_AT_ONCE):
            some = refs[start : start + ASK_AT_ONCE]
            looks |= looked(self.platform.fetch(some), some)
        return looks

    def _keep(self, looks: Mapping[Ref, Look], walk: int) -> None:
        """What was asked for by id and is there was met after all; what could not be read is named."""
        there = [live.record for live in living(looks).values()]
        unread = [look for look in looks.values() if isinstance(look, Unread)]
        with self.ledger.begin() as connection:
            self.changed += self.index.store(connection, there, key=self.key, walk=walk, shown=self.shown)
            self.unreads.read(connection, [record.ref for record in there])
            self.unreads.store(connection, unread, walk=walk)
        self.read += len(there)

    def _doubt(self, doubted: Sequence[Ref], walk: int) -> int:
        """What was called gone is asked for once more: a wrong word, whoever's, ends by itself.

        Never what this pull called gone: whatever made that word wrong would say it again. It is asked
        before anything is counted, so that what is back is not called missing. Returns how many are back.
        """
        looks = self._ask(doubted)
        back = [look.record for look in looks.values() if isinstance(look, Live)]
        with self.ledger.begin() as connection:
            self.changed += self.index.store(connection, back, key=self.key, walk=walk, shown=self.shown)
            self.index.confirm_gone(connection, [r for r, look in looks.items() if isinstance(look, Gone)])
        return len(back)

    def _ask_again(self, unread: Sequence[Ref], walk: int, *, believed: bool) -> None:
        """What could not be read is asked for by id: no list of changes shows it again.

        The service's word that one is gone counts where the kind has just been found complete (`believed`).
        """
        with self.ledger.begin() as connection:
            left = set(self.unreads.of(connection, self.platform.name, self.kind))
        looks = self._ask([ref for ref in unread if ref in left])
        self._keep(looks, walk)
        self.again = len(looks)
        gone = [ref for ref, look in looks.items() if isinstance(look, Gone)] if believed else []
        with self.ledger.begin() as connection:
            self.gone += self.index.mark_gone(connection, gone)
            self.unreads.read(connection, gone)


def _start(
    index: Index, adapter: str, kind: Kind, *, full: bool, now: datetime, vouched: bool = False
) -> Cursor:
    """Where to begin: anew, or where the last pull of this kind stood.

    A walk over all that was interrupted is taken up; one that ended incomplete is begun again, and so
    is one whose last word is too old. What a lost permission hides no walk would find: the adapter walks
    anew once it is back. Fields that are hidden and that a person vouches for (`vouched`) need none either.
    """
    stored = index.cursor(adapter, kind)
    if stored is None:
        return Cursor(walk=int(now.timestamp()), value="", full=True)
    cursor = msgspec.json.decode(stored.value, type=Cursor)
    if full:
        return _afresh(cursor, now)
    if cursor.full or (stored.why == SCOPE_LOST and stored.full_at is not None):
        return cursor
    known = stored.why in ("", NOT_ANSWERED) or (vouched and stored.why.startswith(FIELD_NOT_SHOWN))
    if stored.missing != 0 or not known or stored.full_at is None:
        return _afresh(cursor, now)
    again = AFTER_DELETIONS if cursor.over else WALK_AGAIN.get(kind)
    if again and abs(now - datetime.fromisoformat(stored.full_at)) > again:
        return _afresh(cursor, now)
    return cursor


def _afresh(before: Cursor, now: datetime) -> Cursor:
    """A walk over all; none has the number of an earlier one, whatever the clock says."""
    walk = max(int(now.timestamp()), before.walk + 1)
    return Cursor(walk=walk, value="", full=True, hidden=before.hidden)
