"""What was asked by the form and is not confirmed: sealed, few, for days alone, in one file beside the shops.

No address stands in it in the clear: who asks is a keyed hash, what they wrote is sealed under the shop's own
vault key, and of the link in the mail the file has the SHA-256 alone.
"""

import hashlib
import secrets
import sqlite3
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.errors import GallraError
from connector.ledger.store import BESIDE
from connector.machine.files import made_private, narrow
from connector.ports import Clock
from connector.records import Value
from connector.request import RequestKind
from connector.serve.own_file import DURABLE, opened

FILE = "gallra-form.sqlite"
"""The file's name; it lies in the folder of the shops' files."""

KEPT = timedelta(days=3)
"""How long somebody may confirm; what was not confirmed by then is destroyed."""

A_DAY = timedelta(days=1)
"""The time within which mails are counted."""

MOST, MAILS_A_DAY, MAILS_TO_ONE = 500, 200, 3
"""Of one shop: wishes that wait to be confirmed, mails within a day, and of these to one address."""

TRIES = 5
"""How often a mail is begun that the server would not take just then."""

_SCHEMA = """CREATE TABLE IF NOT EXISTS wish (
  mark TEXT PRIMARY KEY, shop TEXT NOT NULL, kind TEXT NOT NULL, person BLOB NOT NULL, sealed BLOB NOT NULL,
  sent TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, link BLOB UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'mailed', 'confirmed'))
);
CREATE INDEX IF NOT EXISTS wish_shop ON wish (shop, state);
CREATE TABLE IF NOT EXISTS mail (shop TEXT NOT NULL, person BLOB NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS mail_shop ON mail (shop, at);
"""


class Wish(Value, frozen=True, kw_only=True):
    """What somebody asked by the form, sealed; `sent` is when the form first came in, in UTC."""

    mark: str
    shop: str
    kind: RequestKind
    person: bytes
    sealed: bytes
    sent: datetime

    @property
    def bound(self) -> str:
        """What it is sealed to."""
        return bound_to(self.shop, self.mark)


def bound_to(shop: str, mark: str) -> str:
    """What a wish is sealed to: its own row, so that no other row opens it."""
    return f"wish|{shop}|{mark}"


class Wishes:
    """The file of wishes; every call opens it anew, so any thread may ask."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """`folder` is that of the shops' files. Raises GallraError where the file cannot be written."""
        self.path = folder / FILE
        self._clock = clock
        made_private(self.path)
        with self._open() as connection:
            connection.executescript(_SCHEMA)
        for ending in BESIDE:
            narrow(self.path.with_name(self.path.name + ending))

    def keep(self, wish: Wish) -> bool:
        """Keeps a wish until it is confirmed; False, and nothing is kept, where too many wait already."""
        row = (wish.mark, wish.shop, str(wish.kind), wish.person, wish.sealed, _text(wish.sent))
        with self._open() as connection:
            waiting = "SELECT count(*) FROM wish WHERE shop = ? AND state <> 'confirmed'"
            if connection.execute(waiting, (wish.shop,)).fetchone()[0] >= MOST:
                return False
            insert = (
                "INSERT INTO wish (mark, shop, kind, person, sealed, sent, state) "
                "VALUES (?, ?, ?, ?, ?, ?, 'waiting')"
            )
            connection.execute(insert, row)
        return True

    def now(self) -> datetime:
        """The moment at which something comes in."""
        return self._clock().astimezone(UTC)

    def to_mail(self, shop: str) -> tuple[Wish, ...]:
        """The wishes of which no mail has gone, the oldest first."""
        return self._of(shop, "waiting")

    def confirmed(self, shop: str) -> tuple[Wish, ...]:
        """The wishes that somebody confirmed and that are no request yet."""
        return self._of(shop, "confirmed")

    def begin_mail(self, wish: Wish) -> str:
        """The secret of the link that goes out now; empty, and the wish is destroyed, where none may.

        It is counted before it leaves, so that no crash lets one more go to the same address.
        """
        secret, now = secrets.token_urlsafe(32), self.now()
        since = _text(now - A_DAY)
        with self._open() as connection:
            count = "SELECT count(*), coalesce(sum(person = ?), 0) FROM mail WHERE shop = ? AND at > ?"
            every, theirs = connection.execute(count, (wish.person, wish.shop, since)).fetchone()
            tries = connection.execute("SELECT tries FROM wish WHERE mark = ?", (wish.mark,)).fetchone()
            if every >= MAILS_A_DAY or theirs >= MAILS_TO_ONE or tries is None or tries[0] >= TRIES:
                connection.execute("DELETE FROM wish WHERE mark = ?", (wish.mark,))
                return ""
            connection.execute("INSERT INTO mail VALUES (?, ?, ?)", (wish.shop, wish.person, _text(now)))
            begun = "UPDATE wish SET state = 'mailed', link = ?, tries = tries + 1 WHERE mark = ?"
            connection.execute(begun, (_digest(secret), wish.mark))
        return secret

    def not_mailed(self, wish: Wish) -> None:
        """The server surely has not taken the mail: it is begun again, and counts for nobody."""
        with self._open() as connection:
            back = "UPDATE wish SET state = 'waiting', link = NULL WHERE mark = ? AND state = 'mailed'"
            connection.execute(back, (wish.mark,))
            last = (
                "DELETE FROM mail "
                "WHERE rowid = (SELECT max(rowid) FROM mail WHERE shop = ? AND person = ?)"
            )
            connection.execute(last, (wish.shop, wish.person))

    def confirm(self, shop: str, secret: str) -> bool:
        """Notes that the link came back; False where it is none of this shop's, was used or is over.

        It came in on the day on which the same person first asked for the same: what was sent again since
        then is this one.
        """
        alive = _text(self.now() - KEPT)
        with self._open() as connection:
            found = connection.execute(
                "SELECT mark, kind, person FROM wish WHERE shop = ? AND link = ? AND state = 'mailed' "
                "AND sent > ?",
                (shop, _digest(secret), alive),
            ).fetchone()
            if found is None:
                return False
            mark, kind, person = found
            same = (shop, kind, person, alive)
            earliest = (
                "SELECT min(sent) FROM wish "
                "WHERE shop = ? AND kind = ? AND person = ? AND sent > ? AND state <> 'confirmed'"
            )
            first = connection.execute(earliest, same).fetchone()[0]
            others = (
                "DELETE FROM wish WHERE shop = ? AND kind = ? AND person = ? AND sent > ? "
                "AND state <> 'confirmed' AND mark <> ?"
            )
            connection.execute(others, (*same, mark))
            done = "UPDATE wish SET state = 'confirmed', link = NULL, sent = ? WHERE mark = ?"
            connection.execute(done, (first, mark))
        return True

    def destroy(self, wish: Wish) -> None:
        """What has become a request, or cannot be opened any more, is there no longer."""
        with self._open() as connection:
            connection.execute("DELETE FROM wish WHERE mark = ?", (wish.mark,))

    def destroy_old(self) -> int:
        """Destroys what nobody confirmed in time, and the counts of mails of yesterday; how many wishes."""
        now = self.now()
        with self._open() as connection:
            connection.execute("DELETE FROM mail WHERE at <= ?", (_text(now - A_DAY),))
            over = "DELETE FROM wish WHERE state <> 'confirmed' AND sent <= ?"
            return connection.execute(over, (_text(now - KEPT),)).rowcount

    def is_full(self, shop: str) -> bool:
        """Whether nothing more is taken in today, from anybody and for any address."""
        with self._open() as connection:
            waiting = "SELECT count(*) FROM wish WHERE shop = ? AND state <> 'confirmed'"
            mails = "SELECT count(*) FROM mail WHERE shop = ? AND at > ?"
            today = (shop, _text(self.now() - A_DAY))
            return bool(
                connection.execute(waiting, (shop,)).fetchone()[0] >= MOST
                or connection.execute(mails, today).fetchone()[0] >= MAILS_A_DAY
            )

    def _of(self, shop: str, state: str) -> tuple[Wish, ...]:
        with self._open() as connection:
            rows = connection.execute(
                "SELECT mark, shop, kind, person, sealed, sent FROM wish WHERE shop = ? AND state = ? "
                "ORDER BY sent, mark",
                (shop, state),
            ).fetchall()
        return tuple(
            Wish(
                mark=mark, shop=own, kind=RequestKind(kind), person=bytes(person), sealed=bytes(sealed),
                sent=datetime.fromisoformat(sent),
            )
            for mark, own, kind, person, sealed, sent in rows
        )  # fmt: skip

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction that is on disk when the block ends; what is deleted is overwritten."""
        return opened(self.path, DURABLE, unusable=_unusable)


def _unusable(path: Path) -> GallraError:
    return GallraError(
        f"{path} cannot be used now. See that this user may write it and that its disk has room; where it is "
        "damaged, move it away: who had not confirmed asks again."
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _text(moment: datetime) -> str:
    """A moment in UTC, so that texts compare as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


__all__ = ["FILE", "KEPT", "MAILS_A_DAY", "MAILS_TO_ONE", "MOST", "TRIES", "Wish", "Wishes", "bound_to"]
