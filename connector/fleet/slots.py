"""Places at an account for every worker of a fleet: numbered advisory locks, held by a worker's connection.

A worker that dies takes its connection with it, and its places are free. Each worker has one connection for
all its places.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

import psycopg

from connector.errors import RetryLater
from connector.fleet.database import Connection, no_answer
from connector.ports.slots import Account, Hold, InProcess

_PATIENCE = 600.0  # seconds that a request waits for a place
_SHORTEST, _LONGEST = 0.02, 0.25  # seconds between two looks


class Place:
    """One place that is held: of which account, its number, and on which of the worker's connections."""

    __slots__ = ("account", "connection", "number")

    def __init__(self, account: int, number: int, connection: Connection) -> None:
        self.account, self.number, self.connection = account, number, connection


class FleetSlots:
    """The places of one worker; any thread may take one."""

    def __init__(
        self, connect: Callable[[], Connection], *, patience: float = _PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._connect, self._patience, self._sleep = connect, patience, sleep
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._held: dict[int, set[int]] = {}

    def of(self, account: Account) -> Hold:
        """Places of this account: as many here as one process may take, and together as many as all may."""
        if not account.everywhere:
            return InProcess().of(account)
        here = threading.BoundedSemaphore(account.here)
        number = number_of(account)

        @contextmanager
        def hold() -> Iterator[object]:
            with here:
                place = self._waited_for(number, account)
                try:
                    yield place
                finally:
                    self._give_back(place)

        return hold

    def close(self) -> None:
        """Gives every place back."""
        with self._lock:
            self._drop()

    def _waited_for(self, number: int, account: Account) -> Place:
        until, pause = time.monotonic() + self._patience, _SHORTEST
        while True:
            place = self._take(number, account.everywhere)
            if place is not None:
                return place
            if time.monotonic() > until:
                raise RetryLater(
                    "Other shops have used every connection to this account for ten minutes. "
                    "Try again later.",
                    adapter="fleet", operation="slot",
                )  # fmt: skip
            self._sleep(pause * random.uniform(0.5, 1))  # noqa: S311 (no secret: workers do not wait in step)
            pause = min(pause * 1.5, _LONGEST)

    def _take(self, number: int, most: int) -> Place | None:
        with self._lock:
            for last in (False, True):
                try:
                    return self._asked(number, most)
                except (psycopg.OperationalError, psycopg.InterfaceError):
                    self._drop()  # its places are free, whoever believes to hold one
                    if last:
                        raise no_answer() from None
        return None

    def _asked(self, number: int, most: int) -> Place | None:
        if self._connection is None:
            self._connection = self._connect()
        held = self._held.setdefault(number, set())
        row = self._connection.execute(
            "SELECT gallra_fleet_slot(%s, %s, %s)", [number, most, sorted(held)]
        ).fetchone()
        if row is None or row[0] is None:
            return None
        held.add(row[0])
        return Place(number, row[0], self._connection)

    def _give_back(self, place: Place) -> None:
        with self._lock:
            if place.connection is not self._connection:
                return  # it went with its connection
            self._held[place.account].discard(place.number)
            try:
                place.connection.execute("SELECT pg_advisory_unlock(%s, %s)", [place.account, place.number])
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._held = {}


def number_of(account: Account) -> int:
    """The account as a number of PostgreSQL's locks: a digest, from which nobody finds the key again.

    Two accounts of the same number share their places: slower, and nothing else.
    """
    digest = sha256(f"{account.service}\0{account.name}".encode()).digest()
    return int.from_bytes(digest[:4], "big", signed=True)
