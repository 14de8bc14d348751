"""What holds records: what every platform answers, and what only some can do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connector.ports.abilities import Capabilities
from connector.ports.checks import Access
from connector.ports.looks import Live, Look, Page, Unread
from connector.ports.tasks import Receipt, Task
from connector.records import Facts, Kind, Ref, Value


class Platform(Protocol):
    """Holds records: a shop, or a mailing service that has subscribers."""

    name: str
    kinds: tuple[Kind, ...]

    def check(self) -> Access:
        """Credentials, versions and who listens; writes nothing."""
        ...

    def capabilities(self, kind: Kind) -> Capabilities:
        """What the service's API can do, per field."""
        ...

    def pull(self, kind: Kind, *, since: str | None) -> Iterator[Page]:
        """All records (since None) or those changed since a cursor; misses none."""
        ...

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These records as they are now, one look each; one that is left out counts as unread."""
        ...

    def read_back(self, refs: Sequence[Ref], *, notes: frozenset[Ref]) -> Iterator[Look]:
        """Like `fetch`, after a write; for the records in `notes` their notes are read too.

        Read with a living control beside each batch where an absence could be a lost permission.
        """
        ...

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Carries out the tasks, one receipt each; raises MoneyMoved where a total changed."""
        ...


class Work(Value, frozen=True, kw_only=True):
    """What a plan asks of one kind of record at one platform, each record counted once.

    `noted` are redacted records whose notes go too, and `notes` how many each has, on average; `known` how
    many records of the kind there are.
    """

    adapter: str
    kind: Kind
    redact: int = 0
    delete: int = 0
    unsubscribe: int = 0
    noted: int = 0
    notes: float = 0.0
    known: int = 0

    @property
    def records(self) -> int:
        """How many records are touched."""
        return self.redact + self.delete + self.unsubscribe


@runtime_checkable
class CountsCalls(Protocol):
    """A platform that says how many calls an apply and a verify of this much take.

    Controls, second looks and the pull that apply begins with count too.
    """

    def calls(self, works: Sequence[Work]) -> int:
        """Calls of one apply of all of it and of the read-back; asks nothing."""
        ...


@runtime_checkable
class SamplesNotes(Protocol):
    """A platform whose notes are read and deleted one by one, so that their number is worth knowing."""

    name: str

    def count_notes(self, refs: Mapping[Ref, bool]) -> Sequence[int]:
        """How many notes of each order would go; True where the order goes whole."""
        ...


MayGo = Callable[[Sequence[Ref]], str]
"""Whether these orders may all go with their person: empty where they may, else the reason."""


@runtime_checkable
class AsksBeforeErasure(Protocol):
    """A platform whose erasure of a person takes all of their orders with it."""

    def asking(self, may_go: MayGo) -> Platform:
        """The same platform, which asks this before it erases a person, or lets an erasure stand."""
        ...


@runtime_checkable
class TakesMany(Protocol):
    """A platform whose `apply` carries more records at once than a few requests do."""

    batch: int
    """Records of one `apply`; a hold placed meanwhile reaches the next."""


@runtime_checkable
class TakesBatches(Protocol):
    """A platform that several threads may ask at once: one batch is written while another is looked at."""

    side_by_side: int
    """Batches that may be under way side by side."""


@runtime_checkable
class MovesDates(Protocol):
    """A platform that gives a record another day of creation by itself."""

    moving_dates: frozenset[Kind]
    """Kinds of which the day says nothing of whether it is the same record."""


@runtime_checkable
class Withdraws(Protocol):
    """A platform whose accepted requests can be taken back until they are carried out."""

    def withdraw(self, ref: Ref, token: str) -> Receipt:
        """Takes a request back; `stale` where that worked, `refused` where it was too late."""
        ...


@runtime_checkable
class Reconsiders(Protocol):
    """A platform that can say of accepted requests whether it would take them on again today."""

    def reconsider(self, lives: Sequence[Live]) -> Mapping[Ref, str]:
        """Why requests may no longer be carried out; only those that may not stand in it."""
        ...


@runtime_checkable
class ShowsOthers(Protocol):
    """A platform some of whose records show what another record of the same person holds."""

    shows_others: Mapping[Kind, frozenset[Kind]]
    """Per kind whose records do, the kinds that they show something of: a write to those changes them too."""


class NewestOrder(Value, frozen=True, kw_only=True):
    """The newest order that the service shows of an account: which one, and when it was made and paid."""

    ref: Ref
    facts: Facts


@runtime_checkable
class ShowsNewestOrders(Protocol):
    """A platform that is asked, for each account that goes, whether it has an order that nobody read.

    A list may have left it out, a hand may have cut its tie to the person: the account would look unused.
    """

    newest_orders_of: Kind
    """The kind of record that this is asked of."""

    def newest_orders(self, refs: Sequence[Ref]) -> "Mapping[Ref, NewestOrder | Unread | None]":
        """The newest order of each of these accounts, asked for now; None where the service shows none.

        One that could not be asked for, or was answered with another account's, is Unread. Raises
        RemoteError where the service does not answer.
        """
        ...


@runtime_checkable
class ReadsBackErasures(Protocol):
    """A platform that tells a person who was erased from one who merely looks empty."""

    def before_erasure(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """Each record while its request is not carried out; Gone once it is, by the service's own word."""
        ...


class ShopIdentity(Value, frozen=True, kw_only=True):
    """Which shop, or account, answers: its own ids by name, never the address it was reached at.

    `fixed` names those of them that not even a real move changes.
    """

    ids: Mapping[str, str]
    fixed: frozenset[str] = frozenset()


@runtime_checkable
class Identified(Protocol):
    """A platform that says which shop or account it is."""

    name: str

    def identity(self) -> ShopIdentity:
        """The service's own ids, asked for now; raises RemoteError where it does not tell them."""
        ...


@runtime_checkable
class KnownByOrders(Protocol):
    """A platform whose own ids a copy shares, so that it is known by some of its orders too."""

    def first_days(self, ids: Sequence[str]) -> Mapping[str, date]:
        """The day each of these orders was made, of those that the service has; asked for now."""
        ...


class Presence(StrEnum):
    """What a shop says to an app that may have been uninstalled."""

    ANSWERS = "answers"
    UNINSTALLED = "uninstalled"  # the service's own word that this app is not in this shop
    NO_ANSWER = "no_answer"  # everything else: it proves nothing, either way


@runtime_checkable
class KnowsUninstalled(Protocol):
    """A platform that tells an app that was uninstalled from every other refusal."""

    name: str

    def presence(self) -> Presence:
        """Asks now, with the shop's own token; raises nothing that a service did or did not answer."""
        ...


@runtime_checkable
class TellsTime(Protocol):
    """A platform whose answers carry its own time."""

    name: str

    def service_time(self) -> datetime | None:
        """The service's clock now, by its latest answers; None where none told a usable time."""
        ...


def _no_days(refs: Sequence[Ref]) -> Mapping[Ref, date]:
    return {}


class Controls(Value, frozen=True, kw_only=True):
    """What absence is held against: where the last complete walk of a kind ended, and what is known to live.

    `cursor` is the adapter's own, as its pull gave it; empty where no walk was complete yet. `living` are
    records of that kind that the index holds and that no step is to delete, oldest first. `held` are some
    that no step has touched, with the fields of a person (a bit set) that the index knows each to hold.
    `newest` are the newest of those that live, and `last_days` tells of records the last day on which the
    index knows something to have happened to them: for a kind that the service itself lets run out.
    """

    cursor: str = ""
    living: tuple[Ref, ...] = ()
    held: Mapping[Ref, int] = {}
    newest: tuple[Ref, ...] = ()
    last_days: Callable[[Sequence[Ref]], Mapping[Ref, date]] = _no_days


@runtime_checkable
class NeedsControls(Protocol):
    """A platform whose null for an id may be a lost permission: living records are asked for beside it."""

    def holding_against(self, controls: Callable[[Kind], Controls]) -> Platform:
        """The same platform, which holds absence against these; without them no record is called gone."""
        ...
