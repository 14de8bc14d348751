"""What a run waits for, told to whoever listens: no long wait is silent."""

from collections.abc import Callable

Heard = Callable[[str, str, float], None]
"""Takes whom it waits for, what for, and for how many seconds."""

WORTH_TELLING = 5.0
"""Seconds; a shorter wait is over before anybody has read of it."""

_listeners: list[Heard] = []


def listen(heard: Heard) -> None:
    """Tells this listener, and no other, of every wait from now on."""
    _listeners[:] = [heard]


def tell(who: str, what: str, seconds: float) -> None:
    """Says that a wait begins, where it is long enough to be noticed."""
    if seconds >= WORTH_TELLING:
        for heard in _listeners:
            heard(who, what, seconds)
