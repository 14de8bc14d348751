"""How many requests one account of a service is sent at once: by this process, or by every worker of a fleet.

Whoever opens the edge of a service takes the provider that is current then, so that runs side by side in one
process are each counted where they belong.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import NamedTuple, Protocol

Hold = Callable[[], AbstractContextManager[object]]
"""Gives what holds one place while a request is under way; it waits where all places are taken."""


class Account(NamedTuple):
    """Whose limit it is: the service with its address, and who the service knows by the key.

    `here` requests at once are sent by one process, `everywhere` by all of them together; 0 where the service
    has no such limit.
    """

    service: str
    name: str
    here: int
    everywhere: int

    def __repr__(self) -> str:
        """The service alone: a name may be a key."""
        return f"<Account {self.service}>"


class Slots(Protocol):
    """Where places come from."""

    def of(self, account: Account) -> Hold:
        """The places of this account."""


class InProcess:
    """Places of this process alone: nobody else asks the account."""

    def of(self, account: Account) -> Hold:
        """As many places as this process may take."""
        places = threading.BoundedSemaphore(account.here)
        return lambda: places


_current: ContextVar[Slots | None] = ContextVar("slots", default=None)


def current() -> Slots:
    """The provider that is current; of this process alone where nobody said otherwise."""
    return _current.get() or InProcess()


@contextmanager
def taken_from(slots: Slots) -> Iterator[None]:
    """Services that are opened inside take their places from this provider."""
    before = _current.set(slots)
    try:
        yield
    finally:
        _current.reset(before)


__all__ = ["Account", "Hold", "InProcess", "Slots", "current", "taken_from"]
