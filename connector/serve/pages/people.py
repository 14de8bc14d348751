"""Who may see the pages: people, their passkeys, sessions and invitations, in one file beside the shops.

No password, address or customer stands in it. What is given out (a session, an invitation) is kept as its
SHA-256 alone.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from connector.errors import GallraError
from connector.ledger.store import BESIDE
from connector.machine.files import made_private, narrow
from connector.ports import Clock
from connector.records import Value
from connector.serve.own_file import DURABLE, opened

FILE = "gallra-people.sqlite"
"""The file's name; it lies in the folder of the shops' files."""

INVITED, SESSION, IDLE = timedelta(hours=24), timedelta(hours=8), timedelta(hours=1)
"""How long an invitation may be taken up, a session lasts, and may lie idle."""

_NOTED = timedelta(minutes=1)  # a session's last use is written no more often
_SCHEMA = """CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS person (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, roles TEXT NOT NULL, since TEXT NOT NULL, ended TEXT
);
CREATE TABLE IF NOT EXISTS passkey (
  id BLOB PRIMARY KEY, person TEXT NOT NULL REFERENCES person(id), public BLOB NOT NULL,
  used INTEGER NOT NULL, since TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS invitation (
  digest BLOB PRIMARY KEY, person TEXT NOT NULL REFERENCES person(id), until TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS session (
  digest BLOB PRIMARY KEY, person TEXT NOT NULL REFERENCES person(id), until TEXT NOT NULL, seen TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS spent (digest BLOB PRIMARY KEY, until TEXT NOT NULL);
"""


class Role(StrEnum):
    """What somebody may do beside reading."""

    READER = "reader"
    APPROVER = "approver"
    ANSWERER = "answerer"


class Person(Value, frozen=True, kw_only=True):
    """Somebody who may sign in."""

    id: str
    name: str
    roles: frozenset[Role]
    passkeys: int = 0
    ended: str = ""

    def may(self, role: Role) -> bool:
        """Whether this is theirs to do; everybody may read."""
        return role is Role.READER or role in self.roles


class Passkey(Value, frozen=True, kw_only=True):
    """One passkey: its id, its public key, how often it says it was used, and whose it is."""

    id: bytes
    public: bytes
    used: int
    person: Person

    @property
    def code(self) -> str:
        """A short name of it, as an approval's evidence has it."""
        return hashlib.sha256(self.id).hexdigest()[:8]


class People:
    """The file of people; every call opens it anew, so any thread may ask."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """`folder` is that of the shops' files. Raises GallraError where the file cannot be written."""
        self.path = folder / FILE
        self._clock = clock
        made_private(self.path)
        with self._open() as connection:
            connection.executescript(_SCHEMA)
            fresh = ("key", secrets.token_bytes(32))
            connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", fresh)
        for ending in BESIDE:
            narrow(self.path.with_name(self.path.name + ending))

    @property
    def key(self) -> bytes:
        """What the forms' tokens are made with."""
        with self._open() as connection:
            return bytes(connection.execute("SELECT value FROM meta WHERE name = 'key'").fetchone()[0])

    def invite(self, name: str, roles: Sequence[Role]) -> str:
        """The secret of an invitation; who is known by this name gets another passkey, and these roles."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        told = ",".join(sorted({*map(str, roles), str(Role.READER)}))
        with self._open() as connection:
            found = connection.execute("SELECT id FROM person WHERE name = ?", (name,)).fetchone()
            person = found[0] if found else secrets.token_hex(16)
            connection.execute(
                "INSERT INTO person VALUES (?, ?, ?, ?, NULL) "
                "ON CONFLICT (id) DO UPDATE SET roles = excluded.roles, ended = NULL",
                (person, name, told, _text(now)),
            )
            connection.execute("DELETE FROM invitation WHERE until < ?", (_text(now),))
            connection.execute(
                "INSERT INTO invitation VALUES (?, ?, ?)", (_digest(secret), person, _text(now + INVITED))
            )
        return secret

    def invited(self, secret: str) -> Person | None:
        """Whose invitation this is; None where it is none, is over, or was taken up."""
        with self._open() as connection:
            return self._invited(connection, secret)

    def _invited(self, connection: sqlite3.Connection, secret: str) -> Person | None:
        row = connection.execute(
            "SELECT person FROM invitation WHERE digest = ? AND until >= ?",
            (_digest(secret), _text(self._clock())),
        ).fetchone()
        return _person(connection, row[0]) if row else None

    def enrol(self, secret: str, *, id: bytes, public: bytes, used: int) -> Person:
        """Takes an invitation up with a passkey. Raises GallraError where it is none any more."""
        with self._open() as connection:
            person = self._invited(connection, secret)
            if person is None:
                raise GallraError("This invitation is over or was taken up. Ask for another one.")
            values = (id, person.id, public, used, _text(self._clock()))
            try:
                connection.execute("INSERT INTO passkey VALUES (?, ?, ?, ?, ?)", values)
            except sqlite3.IntegrityError:
                raise GallraError("This passkey is in use already. Sign in with it.") from None
            connection.execute("DELETE FROM invitation WHERE digest = ?", (_digest(secret),))
        return person

    def passkey(self, id: bytes) -> Passkey | None:
        """A passkey by its id; None where it is not known, or its person has gone."""
        with self._open() as connection:
            row = connection.execute(
                "SELECT person, public, used FROM passkey WHERE id = ?", (id,)
            ).fetchone()
            person = _person(connection, row[0]) if row else None
            return None if person is None else Passkey(id=id, public=row[1], used=row[2], person=person)

    def passkeys_of(self, person: Person) -> tuple[bytes, ...]:
        """The ids of somebody's passkeys."""
        with self._open() as connection:
            rows = connection.execute("SELECT id FROM passkey WHERE person = ?", (person.id,)).fetchall()
            return tuple(bytes(row[0]) for row in rows)

    def was_used(self, key: Passkey, used: int) -> None:
        """How often a passkey says by now that it was used."""
        with self._open() as connection:
            connection.execute("UPDATE passkey SET used = ? WHERE id = ?", (used, key.id))

    def begin_session(self, person: Person) -> str:
        """The secret of a session that begins now."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        with self._open() as connection:
            connection.execute("DELETE FROM session WHERE until < ?", (_text(now),))
            values = (_digest(secret), person.id, _text(now + SESSION), _text(now))
            connection.execute("INSERT INTO session VALUES (?, ?, ?, ?)", values)
        return secret

    def of_session(self, secret: str) -> Person | None:
        """Whose session this is; None where it is over."""
        now = self._clock()
        with self._open() as connection:
            row = connection.execute(
                "SELECT person, seen FROM session WHERE digest = ? AND until >= ? AND seen >= ?",
                (_digest(secret), _text(now), _text(now - IDLE)),
            ).fetchone()
            if row is None:
                return None
            if row[1] < _text(now - _NOTED):
                seen = (_text(now), _digest(secret))
                connection.execute("UPDATE session SET seen = ? WHERE digest = ?", seen)
            return _person(connection, row[0])

    def end_session(self, secret: str) -> None:
        """Ends a session."""
        with self._open() as connection:
            connection.execute("DELETE FROM session WHERE digest = ?", (_digest(secret),))

    def spend(self, nonce: str, until: datetime) -> bool:
        """Notes that a nonce was used; False where it was before."""
        with self._open() as connection:
            connection.execute("DELETE FROM spent WHERE until < ?", (_text(self._clock()),))
            noted = connection.execute(
                "INSERT OR IGNORE INTO spent VALUES (?, ?)", (_digest(nonce), _text(until))
            )
            return noted.rowcount == 1

    def list(self) -> tuple[Person, ...]:
        """Everybody who was ever invited, by name."""
        with self._open() as connection:
            rows = connection.execute("SELECT id FROM person ORDER BY name").fetchall()
            found = (_person(connection, row[0], ended=True) for row in rows)
            return tuple(one for one in found if one is not None)

    def end(self, name: str) -> None:
        """Lets somebody go: passkeys, sessions, invitations. Raises GallraError where nobody is so named."""
        with self._open() as connection:
            row = connection.execute("SELECT id FROM person WHERE name = ?", (name,)).fetchone()
            if row is None:
                raise GallraError("Nobody by that name is invited. `gallra web people` lists everybody.")
            for table in ("passkey", "session", "invitation"):
                connection.execute(f"DELETE FROM {table} WHERE person = ?", row)  # noqa: S608  our own names
            connection.execute("UPDATE person SET ended = ? WHERE id = ?", (_text(self._clock()), row[0]))

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction that is on disk when the block ends."""
        return opened(self.path, ("journal_mode=WAL", "foreign_keys=ON", *DURABLE), unusable=_unreadable)


def _unreadable(path: Path) -> GallraError:
    return GallraError(
        f"{path} cannot be used now. See that this user may write it and that its disk has room; where it is "
        "damaged, move it away and invite everybody anew."
    )


def _person(connection: sqlite3.Connection, id: str, *, ended: bool = False) -> Person | None:
    row = connection.execute(
        "SELECT name, roles, ended, (SELECT count(*) FROM passkey WHERE passkey.person = person.id) "
        "FROM person WHERE id = ?",
        (id,),
    ).fetchone()
    if row is None or (row[2] and not ended):
        return None
    roles = frozenset(map(Role, row[1].split(",")))
    return Person(id=id, name=row[0], roles=roles, passkeys=row[3], ended=row[2] or "")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _text(moment: datetime) -> str:
    """A moment in UTC, so that texts compare as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
