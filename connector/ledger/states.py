"""Where a delivery and a message can stand, and which state may follow which.

The database refuses any other word (CHECK), and each write names the states that it may start from.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    HELD = "held"  # sealed; the shop is not done
    READY = "ready"  # the shop is done; to be told
    WAITING = "waiting"  # the recipient, or its next letter, took it on until a day
    BY_HAND = "by_hand"  # written or known, and a person must send or do it
    FAILED = "failed"  # refused, or to be tried again
    CLOSED = "closed"
    # Its step did not happen, or was not done after all; sealed anew where the step is tried again.
    CANCELLED = "cancelled"


class MessageState(StrEnum):
    """Where a platform's message stands."""

    RECEIVED = "received"
    PROBED = "probed"  # says that the shop is no more, and the shop is asked run by run
    CONFIRMED = "confirmed"  # the shop has let the person go
    PLANNED = "planned"  # its copies stand in a plan
    OPEN = "open"  # a person must answer
    CLOSED = "closed"


_D, _M = DeliveryState, MessageState
_ANSWERED = frozenset({_D.WAITING, _D.BY_HAND, _D.FAILED, _D.CLOSED})

DELIVERY_ARROWS: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    _D.HELD: frozenset({_D.READY, _D.CANCELLED}),
    _D.READY: _ANSWERED | {_D.CANCELLED},  # a read-back found that the shop had not done it
    _D.WAITING: _ANSWERED,
    _D.BY_HAND: _ANSWERED,
    _D.FAILED: _ANSWERED,
    _D.CLOSED: frozenset({_D.READY, _D.CLOSED}),  # ready: verify found it still there
    _D.CANCELLED: frozenset({_D.HELD}),
}
MESSAGE_ARROWS: Mapping[MessageState, frozenset[MessageState]] = {
    _M.RECEIVED: frozenset({_M.PROBED, _M.CONFIRMED, _M.OPEN, _M.CLOSED}),
    _M.PROBED: frozenset({_M.PROBED, _M.CLOSED}),
    _M.CONFIRMED: frozenset({_M.CONFIRMED, _M.PLANNED, _M.CLOSED}),
    _M.PLANNED: frozenset({_M.CONFIRMED, _M.CLOSED}),
    _M.OPEN: frozenset({_M.CLOSED}),
    _M.CLOSED: frozenset(),
}

UNTOLD = (_D.READY, _D.WAITING, _D.BY_HAND, _D.FAILED)
"""States in which somebody is still to be told, or to see to it."""

S = TypeVar("S", bound=StrEnum)


def before(state: S, arrows: Mapping[S, frozenset[S]]) -> tuple[S, ...]:
    """The states that this one may follow."""
    return tuple(one for one, after in arrows.items() if state in after)


def one_of(states: type[StrEnum]) -> str:
    """The CHECK of a column `state`."""
    return f"state IN ({', '.join(repr(str(one)) for one in states)})"
