"""What an apply works with, and which steps it carries out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from connector.deciding.allowed import EVERYTHING, Allowed
from connector.deciding.recount_person import PullOthers
from connector.deciding.request_scope import CarriedOut
from connector.deciding.withdrawn import Due
from connector.ledger import Ledger
from connector.ledger.holds import HoldsNow
from connector.ledger.index import Presence, Records, Rows
from connector.ledger.memory import Memory
from connector.ledger.outbox import Outbox
from connector.ledger.plans import Plans
from connector.ledger.undo import Copies
from connector.ledger.unread import Unreads
from connector.policy import Policy
from connector.ports import Keyer, Platform, Recipient
from connector.records import Kind, Value, Wave
from connector.services.beside import Beside
from connector.services.shown import Shown
from connector.services.witness import Witness


class Share(Value, frozen=True):
    """The waves of a plan that are carried out; `only` is the row of the one order that is meant."""

    plan: int
    waves: tuple[Wave, ...]
    only: int | None = None


def _everything_allowed() -> Allowed:
    return EVERYTHING


def _knows_nobody(_type: str, _value: str) -> bytes | None:
    return None


def _nothing_to_pull(_kind: Kind) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Means:
    """The services, the rules and the day of one apply.

    `left_out` are kinds whose facts are incomplete by now; before every batch `ask_approvals` says what the
    approvals allow, and `pull_others` reads what changed of a kind's other records.
    """

    ledger: Ledger
    outbox: Outbox
    policy: Policy
    platforms: Mapping[str, Platform]
    recipients: Sequence[Recipient]
    today: date
    key: str = ""  # the subject key's fingerprint
    # Purposes that count no longer: a request has ended them, or what is erased again was erased before.
    ended: frozenset[str] = frozenset()
    erases_again: bool = True  # of persons who were erased before, and nothing of one who came back
    asked: CarriedOut | None = None  # the request of a person that the plan carries out
    # What stands against a word, by row, of a plan that ends mailings: no rule is asked then.
    against: Mapping[int, Due] | None = None
    undo_days: int = 0  # for how long what is overwritten can be restored; 0 keeps no copy
    left_out: frozenset[Kind] = frozenset()
    accounts_unread: bool = False
    beside: Beside = field(default_factory=Beside)
    ask_approvals: Callable[[], Allowed] = _everything_allowed
    pull_others: PullOthers = _nothing_to_pull
    keyer: Keyer = _knows_nobody

    @cached_property
    def plans(self) -> Plans:
        """The ledger's plans and steps."""
        return Plans(self.ledger)

    @cached_property
    def rows(self) -> Rows:
        """The index as it is read."""
        return Rows(self.ledger)

    @cached_property
    def records(self) -> Records:
        """What the index knows of records, as it is written."""
        return Records(self.ledger)

    @cached_property
    def presence(self) -> Presence:
        """Which records are there."""
        return Presence(self.ledger)

    @cached_property
    def holds(self) -> HoldsNow:
        """The holds, as of the last time they were read."""
        return HoldsNow(self.ledger, carried_out=None if self.asked is None else self.asked.request)

    @cached_property
    def memory(self) -> Memory:
        """Who objected, and who was erased."""
        return Memory(self.ledger)

    @cached_property
    def copies(self) -> Copies:
        """What can be restored."""
        return Copies(self.ledger, self.outbox.vault)

    @cached_property
    def unreads(self) -> Unreads:
        """What could not be read."""
        return Unreads(self.ledger)

    @cached_property
    def shown(self) -> Shown:
        """Controls for fields that a service may hide."""
        return Shown(self.ledger)

    @cached_property
    def witness(self) -> Witness:
        """Holds each look to the ledger."""
        return Witness(self.ledger)
