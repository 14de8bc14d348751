"""Places at an account, for every worker of a fleet."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Lock, Thread

import psycopg
import pytest

from adapters.http import Http
from adapters.mailchimp.service.wire import Wire
from adapters.shopify import client as shopify
from adapters.woocommerce import client as woocommerce
from connector.errors import RetryLater
from connector.fleet.database import Connection, connect
from connector.fleet.slots import FleetSlots, number_of
from connector.ports.slots import Account, current, taken_from

TEN = Account("letters https://letters.example/", "key", here=10, everywhere=3)


@pytest.fixture
def workers(url: str) -> Iterator[tuple[FleetSlots, FleetSlots]]:
    """Two workers of one fleet, which lose patience soon."""
    two = tuple(FleetSlots(lambda: connect(url), patience=0.3) for _ in range(2))
    yield two[0], two[1]
    for one in two:
        one.close()


def _locks(database: Connection) -> int:
    row = database.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s",
                           [number_of(TEN) % 2**32]).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def test_all_workers_together_hold_no_more_places_than_the_account_allows(
    workers: tuple[FleetSlots, FleetSlots], database: Connection
) -> None:
    one, other = workers
    with ExitStack() as held:
        held.enter_context(one.of(TEN)())
        held.enter_context(one.of(TEN)())
        held.enter_context(other.of(TEN)())
        assert _locks(database) == 3
        for worker in workers:
            with pytest.raises(RetryLater, match="Try again later"):
                held.enter_context(worker.of(TEN)())
    assert _locks(database) == 0


def test_a_place_is_free_for_the_other_when_it_was_given_back(
    workers: tuple[FleetSlots, FleetSlots],
) -> None:
    one, other = workers
    for _ in range(3):
        with ExitStack() as held:
            for _ in range(3):
                held.enter_context(one.of(TEN)())
        with other.of(TEN)():
            pass


def test_another_account_has_places_of_its_own(workers: tuple[FleetSlots, FleetSlots]) -> None:
    one, _ = workers
    with ExitStack() as held:
        for name in ("key", "other"):
            for _ in range(3):
                held.enter_context(one.of(TEN._replace(name=name))())


def test_threads_of_one_worker_never_hold_the_same_place(workers: tuple[FleetSlots, FleetSlots]) -> None:
    at_once, most, lock = [0], [0], Lock()
    hold = FleetSlots.of(workers[0], TEN)

    def ask() -> None:
        with hold():
            with lock:
                at_once[0] += 1
                most[0] = max(most[0], at_once[0])
            time.sleep(0.02)
            with lock:
                at_once[0] -= 1

    threads = [Thread(target=ask) for _ in range(9)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most[0] == 3


HOLDING = """
import sys, time
from connector.fleet.database import connect
from connector.fleet.slots import FleetSlots
from tests.unit.fleet.test_slots import TEN
slots = FleetSlots(lambda: connect(sys.argv[1]))
held = [slots.of(TEN)() for _ in range(3)]
for one in held:
    one.__enter__()
print("held", flush=True)
time.sleep(60)
"""


def test_a_worker_that_is_killed_takes_no_place_with_it(url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDING, url], stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        killed.stdout.readline()
        impatient = FleetSlots(lambda: connect(url), patience=0.1)
        with pytest.raises(RetryLater), impatient.of(TEN)():
            pass
        killed.kill()
    patient = FleetSlots(lambda: connect(url), patience=20)
    with patient.of(TEN)():
        pass
    for one in (impatient, patient):
        one.close()


def test_a_connection_that_is_cut_is_made_anew_and_what_it_held_is_free(
    workers: tuple[FleetSlots, FleetSlots], database: Connection
) -> None:
    one, _ = workers
    with one.of(TEN)():
        database.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                         "AND classid = %s", [number_of(TEN) % 2**32])  # fmt: skip
        with one.of(TEN)(), one.of(TEN)(), one.of(TEN)():
            assert _locks(database) == 3
    assert _locks(database) == 0


def test_a_database_that_is_gone_puts_the_request_off() -> None:
    def nowhere() -> Connection:
        raise psycopg.OperationalError

    with pytest.raises(RetryLater, match="does not answer"), FleetSlots(nowhere).of(TEN)():
        pass


def test_a_service_without_such_a_limit_asks_no_database() -> None:
    def never() -> Connection:
        raise AssertionError

    with FleetSlots(never).of(TEN._replace(everywhere=0))():
        pass


class Noting:
    """Notes the accounts that edges are opened with."""

    def __init__(self) -> None:
        self.asked: list[Account] = []

    def of(self, account: Account) -> object:
        """Takes no place anywhere."""
        self.asked.append(account)
        return lambda: None


def test_an_edge_takes_its_places_from_whoever_is_current_when_it_is_opened() -> None:
    noting = Noting()
    with taken_from(noting):  # type: ignore[arg-type]
        Http(adapter="letters", base="https://letters.example", account="k", connections=2, everywhere=5)
    Http(adapter="letters", base="https://letters.example")
    assert noting.asked == [Account("letters https://letters.example/", "k", here=2, everywhere=5)]


def test_without_a_fleet_a_process_counts_for_itself() -> None:
    hold = current().of(TEN._replace(here=1))
    with hold():
        assert not hold().acquire(blocking=False)  # type: ignore[attr-defined]
    assert hold().acquire(blocking=False)  # type: ignore[attr-defined]


SHOP = {"url": "https://egg.example", "key": "ck_1", "secret": "cs_1", "connections": 3}
MAILS = {"key": "0123456789abcdef0123456789abcdef-us1"}


def _asked(open_edge: Callable[[], object]) -> Account:
    noting = Noting()
    with taken_from(noting):  # type: ignore[arg-type]
        open_edge()
    return noting.asked[-1]


def test_a_shop_is_sent_no_more_by_all_workers_than_its_own_settings_say() -> None:
    for account in (
        _asked(lambda: woocommerce.connect(SHOP)),
        _asked(lambda: shopify.connect({**SHOP, "url": "egg.myshopify.com", "token": "t"})),
    ):
        assert (account.here, account.everywhere) == (3, 3)
        assert "egg" in account.service


def test_shops_with_the_same_key_at_mailchimp_share_its_ten_connections() -> None:
    one, other = (_asked(lambda key=key: Wire({"key": key})) for key in (MAILS["key"], "f" * 32 + "-us1"))  # type: ignore[misc]
    assert one.here <= one.everywhere <= 10
    assert one == _asked(lambda: Wire(MAILS))
    assert number_of(one) != number_of(other)


def test_a_key_is_in_no_text_of_an_account() -> None:
    account = _asked(lambda: Wire(MAILS))
    assert MAILS["key"] not in f"{account} {account!r} {number_of(account)}"
