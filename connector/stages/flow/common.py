"""What every stage of the flow needs: the lock, what is told meanwhile, what was read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from connector.basis import Basis, bases_of
from connector.deciding.copies import Copies
from connector.deciding.erasure_gate import orders_may_go
from connector.keys import Lies
from connector.ledger import Ledger
from connector.ledger.in_order import must_not_go_back
from connector.ledger.inbox import Inbox
from connector.ledger.index import Pulls
from connector.ledger.memory import Memory
from connector.ledger.shredding import NOT_EMPTIED, at_start, shred
from connector.ledger.unread import Unreads
from connector.machine.lock import only_run
from connector.ports import AsksBeforeErasure
from connector.services.absent import Platforms
from connector.services.returned import returned_lines
from connector.shop import Shop
from connector.stages.pull.reading import Reading

Tell = Callable[[str, int, int | None], None]


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Says nothing."""


@contextmanager
def locked(shop: Shop) -> Iterator[None]:
    """Holds the shop's lock, so that two runs never overlap. Raises RetryLater where another runs.

    What may no longer be in the ledger is destroyed before anything else, and what was destroyed meanwhile
    at the end, however that comes.
    """
    with alone(shop.place, shop.settings.shop.id, lambda: shop.ledger):
        if shop.has_ledger and not at_start(shop.ledger, erased_days=shop.settings.memory.erased_days):
            _not_emptied(shop)
        shop.look_again()
        try:
            yield
        finally:
            if "ledger" in vars(shop):  # one that could not be opened has its own fault
                shredded(shop)


@contextmanager
def alone(place: Lies, shop: str, opened: Callable[[], Ledger]) -> Iterator[None]:
    """Holds the lock of the file that the ledger is, or the server's, where it lies on one."""
    if isinstance(place, Path):
        with only_run(Path(f"{place}.lock"), shop):
            yield
    else:
        ledger = opened()
        with ledger.dialect.one_run(ledger):
            yield


def may_write(shop: Shop) -> None:
    """Refuses to note anything of a person's wish by a clock that went back, or in a changed ledger.

    Before anything is read anew, for a pull sets by what time the clock is judged. Raises Altered,
    ClockUnsure.
    """
    shop.unchanged()
    with shop.ledger.begin() as connection:
        must_not_go_back(shop.ledger, connection)


def shredded(shop: Shop) -> None:
    """What was destroyed so far is gone from every file of the ledger, or a notice says why it is not."""
    if not shred(shop.ledger):
        _not_emptied(shop)


def _not_emptied(shop: Shop) -> None:
    if NOT_EMPTIED not in shop.notices:
        shop.notices.append(NOT_EMPTIED)


def tell_who_came_back(shop: Shop) -> None:
    """Says once who is in the shop again and should not be."""
    shop.notices.extend([line for line in who_came_back(shop) if line not in shop.notices])


def who_came_back(shop: Shop) -> list[str]:
    """What a person must know now of who is in the shop again and should not be."""
    with shop.ledger.begin() as connection:
        return list(returned_lines(connection, Memory(shop.ledger)))


def counted(what: str, total: int | None, tell: Tell) -> Callable[[int], None]:
    """Tells the sum of what it is given so far."""
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        tell(what, done, total)

    return advance


def reading_of(shop: Shop) -> Reading:
    """What a pull of this shop reads from, and for how many records a person vouches."""
    return Reading(
        platforms=shop.platforms,
        key=shop.key,
        beside=shop.beside,
        declared={one.kind: one.at_most for one in shop.settings.declared},
    )


def what_was_read(shop: Shop, connection: Connection) -> tuple[Basis, ...]:
    """What a plan made now would rest on, kind by kind."""
    return bases_of(
        Pulls(shop.ledger).bases(connection),
        {name: platform.kinds for name, platform in shop.platforms.items()},
        shop.settings.declared,
        Unreads(shop.ledger).counts(connection),
    )


def copies_of(shop: Shop) -> Copies:
    """What recipients hold of customers that the shop let go by itself."""
    return Copies(shop.ledger, Inbox(shop.ledger, shop.outbox.vault), shop.outbox)


def asking_first(shop: Shop) -> Platforms:
    """The platforms; one that erases whole persons asks the engine of every order behind them."""
    may_go = orders_may_go(shop.ledger, shop.policy, today=shop.today)
    return Platforms(
        (name, one.asking(may_go) if isinstance(one, AsksBeforeErasure) else one)
        for name, one in shop.platforms.items()
    )
