"""Where a plan, a step, a delivery and a message can stand, and which state may follow which.

The database refuses any other word (CHECK), and each write names the states that it may start from. These
tables stand in docs/how/house.md too (tests/unit/docs/generated.py).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self, TypeVar


class Stated(StrEnum):
    """A state: the word that the ledger keeps, and what it means."""

    meaning: str

    def __new__(cls, word: str, meaning: str = "") -> Self:
        state = str.__new__(cls, word)
        state._value_ = word
        state.meaning = meaning
        return state


class PlanState(Stated):
    """Where a plan stands."""

    DRAFT = "draft", "being drawn"
    OPEN = "open", "frozen, may be approved"
    BEGUN = "begun", "something of it may have been written"
    FINISHED = "finished", "nothing approved is left to do"
    REPLACED = "replaced", "by a newer one, before it had begun"
    ABANDONED = "abandoned", "given up, what had begun read back"


class StepState(Stated):
    """Where a step stands."""

    PLANNED = "planned", "nothing of it was written"
    BEGUN = "begun", "its handles are sealed, and it may have been written"
    ACCEPTED = "accepted", "the platform took it on until a day"
    CLOSED = "closed", "it has its receipt"


class DeliveryState(Stated):
    """Where a delivery stands."""

    HELD = "held", "sealed, the shop is not done"
    READY = "ready", "the shop is done, to be told"
    WAITING = "waiting", "the recipient, or its next letter, took it on until a day"
    BY_HAND = "by_hand", "written or known, and a person must send or do it"
    FAILED = "failed", "refused, or to be tried again"
    CLOSED = "closed", "the recipient has answered, or nothing is left to tell"
    CANCELLED = "cancelled", "its step did not happen, or was not done after all"


class MessageState(Stated):
    """Where a platform's message stands."""

    RECEIVED = "received", "not looked at yet"
    PROBED = "probed", "says that the shop is no more, and the shop is asked run by run"
    CONFIRMED = "confirmed", "the shop has let the person go"
    PLANNED = "planned", "its copies stand in a plan"
    OPEN = "open", "a person must answer"
    CLOSED = "closed", "settled"


class WarningState(Stated):
    """Where the warning of a person stands, before an account goes or a consent ends."""

    BEGUN = "begun", "on its way to the mail server: until its answer is here, it may have left or not"
    WAITING = "waiting", "surely not sent: the mail server would not take it just then"
    EXPORTED = "exported", "the address was given out once, and nobody has said yet that it was written to"
    SENT = "sent", "the mail server has answered 250 after the message"
    TOLD = "told", "a named person says that the person was warned"
    REFUSED = "refused", "the mail server refused it at once, or the address is none"
    BOUNCED = "bounced", "it came back: it is no warning"


class PostState(Stated):
    """Where a message to a monitor stands."""

    WAITING = "waiting", "to be sent, or to be tried again"
    SENT = "sent", "its receiver took it"
    DEAD = "dead", "given up: tried too often, or its receiver wants no more"


class RequestState(Stated):
    """Where a person's request stands; that its time was extended is told beside."""

    RECEIVED = "received", "taken in, its clock runs, and what it names is held"
    IDENTIFIED = "identified", "who asks is known as surely as what is asked for needs"
    SCOPED = "scoped", "the records that carry what was proven are known"
    DECIDED = "decided", "what is done, and what is kept and why, is shown"
    APPROVED = "approved", "a named person approved what is to be done"
    DONE = "done", "nothing approved is left to do in the shop"
    TOLD = "told", "the recipients were told"
    READ_BACK = "read_back", "what was done was read again"
    ANSWERED = "answered", "the person has the answer, in full or in part"
    REFUSED = "refused", "the person has the refusal, its ground, and where to complain"
    WITHDRAWN = "withdrawn", "the person asks for it no more"
    CLOSED = "closed", "nothing is held for it any more"


class LetterState(Stated):
    """Where a letter to somebody who made a request stands; a written one has not left."""

    WRITTEN = "written", "written as a file, and nobody has said yet that it left"
    BEGUN = "begun", "on its way to the mail server: until its answer is here, it may have left or not"
    WAITING = "waiting", "surely not sent: the mail server would not take it just then"
    SENT = "sent", "the mail server has answered 250 after the message"
    TOLD = "told", "a named person says that it left another way"
    REFUSED = "refused", "the mail server refused it at once, or the address is none"


_P, _S, _D, _M, _W = PlanState, StepState, DeliveryState, MessageState, WarningState
_ANSWERED = frozenset({_D.WAITING, _D.BY_HAND, _D.FAILED, _D.CLOSED})

PLAN_ARROWS: Mapping[PlanState, frozenset[PlanState]] = {
    _P.DRAFT: frozenset({_P.OPEN, _P.REPLACED}),
    _P.OPEN: frozenset({_P.BEGUN, _P.REPLACED}),
    _P.BEGUN: frozenset({_P.BEGUN, _P.FINISHED, _P.ABANDONED}),
    _P.FINISHED: frozenset({_P.BEGUN}),  # a further wave of it was approved
    _P.REPLACED: frozenset(),
    _P.ABANDONED: frozenset(),
}
STEP_ARROWS: Mapping[StepState, frozenset[StepState]] = {
    _S.PLANNED: frozenset({_S.BEGUN, _S.CLOSED}),
    _S.BEGUN: frozenset({_S.BEGUN, _S.ACCEPTED, _S.CLOSED}),
    _S.ACCEPTED: frozenset({_S.BEGUN, _S.ACCEPTED, _S.CLOSED}),  # begun: it is asked for again
    _S.CLOSED: frozenset(),
}
DELIVERY_ARROWS: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    _D.HELD: frozenset({_D.READY, _D.CANCELLED}),
    _D.READY: _ANSWERED | {_D.CANCELLED},  # a read-back found that the shop had not done it
    _D.WAITING: _ANSWERED,
    _D.BY_HAND: _ANSWERED,
    _D.FAILED: _ANSWERED,
    _D.CLOSED: frozenset({_D.READY, _D.CLOSED}),  # ready: verify found it still there
    _D.CANCELLED: frozenset({_D.HELD}),  # sealed anew where its step is tried again
}
MESSAGE_ARROWS: Mapping[MessageState, frozenset[MessageState]] = {
    _M.RECEIVED: frozenset({_M.PROBED, _M.CONFIRMED, _M.OPEN, _M.CLOSED}),
    _M.PROBED: frozenset({_M.PROBED, _M.CLOSED}),
    _M.CONFIRMED: frozenset({_M.CONFIRMED, _M.PLANNED, _M.CLOSED}),
    _M.PLANNED: frozenset({_M.CONFIRMED, _M.CLOSED}),
    _M.OPEN: frozenset({_M.CLOSED}),
    _M.CLOSED: frozenset(),
}
WARNING_ARROWS: Mapping[WarningState, frozenset[WarningState]] = {
    _W.BEGUN: frozenset({_W.SENT, _W.WAITING, _W.REFUSED, _W.TOLD, _W.BOUNCED}),
    _W.WAITING: frozenset({_W.TOLD}),  # a later try has a row of its own
    _W.EXPORTED: frozenset({_W.TOLD, _W.BOUNCED}),
    _W.SENT: frozenset({_W.BOUNCED}),
    _W.TOLD: frozenset({_W.BOUNCED}),
    _W.REFUSED: frozenset(),
    _W.BOUNCED: frozenset(),
}

WARNED = (_W.SENT, _W.TOLD)
"""States in which a warning counts."""

_R = RequestState
_STOPS = frozenset({_R.REFUSED, _R.WITHDRAWN})
REQUEST_ARROWS: Mapping[RequestState, frozenset[RequestState]] = {
    _R.RECEIVED: frozenset({_R.IDENTIFIED}) | _STOPS,
    _R.IDENTIFIED: frozenset({_R.IDENTIFIED, _R.SCOPED}) | _STOPS,  # known more surely than before
    _R.SCOPED: frozenset({_R.IDENTIFIED, _R.SCOPED, _R.DECIDED}) | _STOPS,
    # Answered without a plan: nothing is to be done.
    _R.DECIDED: frozenset({_R.SCOPED, _R.DECIDED, _R.APPROVED, _R.ANSWERED}) | _STOPS,
    _R.APPROVED: frozenset({_R.SCOPED, _R.DONE}),  # scoped: its plan was replaced or given up
    _R.DONE: frozenset({_R.TOLD, _R.SCOPED}),  # scoped: a record was left alone
    _R.TOLD: frozenset({_R.READ_BACK}),
    _R.READ_BACK: frozenset({_R.SCOPED, _R.ANSWERED}),  # scoped: something was left
    _R.ANSWERED: frozenset({_R.CLOSED}),
    _R.REFUSED: frozenset({_R.CLOSED}),
    _R.WITHDRAWN: frozenset({_R.CLOSED}),
    _R.CLOSED: frozenset(),
}

UNANSWERED = (
    _R.RECEIVED, _R.IDENTIFIED, _R.SCOPED, _R.DECIDED, _R.APPROVED, _R.DONE, _R.TOLD, _R.READ_BACK,
)  # fmt: skip
"""States in which the person still waits for an answer."""
_L = LetterState
LETTER_ARROWS: Mapping[LetterState, frozenset[LetterState]] = {
    _L.WRITTEN: frozenset({_L.BEGUN, _L.TOLD}),
    # Begun again where a named person asks for it: the first may have been sent.
    _L.BEGUN: frozenset({_L.BEGUN, _L.SENT, _L.WAITING, _L.REFUSED, _L.TOLD}),
    _L.WAITING: frozenset({_L.BEGUN, _L.TOLD}),
    _L.SENT: frozenset(),
    _L.TOLD: frozenset(),
    _L.REFUSED: frozenset({_L.BEGUN, _L.TOLD}),
}

POST_ARROWS: Mapping[PostState, frozenset[PostState]] = {
    PostState.WAITING: frozenset({PostState.WAITING, PostState.SENT, PostState.DEAD}),
    PostState.SENT: frozenset(),
    PostState.DEAD: frozenset(),
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
