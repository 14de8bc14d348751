"""A hold counts from the moment it is placed, also by another process in the middle of an apply."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connector.ledger import Ledger, open_ledger
from connector.ledger.holds import Holds, HoldTerms, On, Reach
from connector.ledger.index import Rows
from connector.ledger.store import Around
from connector.records import Field, HoldId, Kind, Outcome
from tests.engine_support import JUST_NOW, LONG_AGO, Engine, TurnableClock, sealed

REVIEW = date(2027, 5, 1)


@pytest.fixture
def another(engine: Engine, tmp_path: Path) -> Iterator[Ledger]:
    """The same ledger as another process has it open."""
    ledger = open_ledger(
        tmp_path / "ledger.sqlite", shop="egg", clock=TurnableClock(), around=Around(seal=sealed)
    )
    yield ledger
    ledger.engine.dispose()


def place(ledger: Ledger, number: str = "", digest: bytes | None = None) -> Reach:
    """Places a hold on an order, or on a person."""
    with ledger.begin() as connection:
        rows = [] if digest else Rows(ledger).find(connection, kind=Kind.ORDER, number=number)
        record = rows[0].id if rows else None
    with ledger.begin() as connection:
        placed = Holds(ledger).add(
            connection,
            HoldTerms(hold=HoldId.LEGAL_CLAIM, reason="claim", owner="Disa Demo", review=REVIEW),
            On(record=record, digest=digest),
        )
        return Holds(ledger).reach(connection, placed)


def planned(engine: Engine, orders: int = 3) -> None:
    """Old orders, one a batch, pulled and planned."""
    for number in range(1, orders + 1):
        engine.shop.order(str(number), LONG_AGO)
    engine.shop.batch = 1  # type: ignore[attr-defined]
    engine.pull()
    engine.plan()


def test_a_hold_placed_between_two_batches_keeps_its_order(engine: Engine, another: Ledger) -> None:
    planned(engine)
    once = iter([True])
    engine.shop.before_apply = lambda _tasks: next(once, False) and place(another, "#3")
    engine.apply()
    assert Field.NAME not in engine.shop.of("1").values
    assert Field.NAME in engine.shop.of("3").values
    assert engine.outcome("3") == Outcome.STALE


def test_a_hold_placed_after_the_record_was_fetched_still_keeps_it(engine: Engine, another: Ledger) -> None:
    planned(engine, orders=1)
    fetch = engine.shop.fetch

    def fetched(refs):  # type: ignore[no-untyped-def]
        yield from fetch(refs)
        place(another, "#1")

    engine.shop.fetch = fetched  # type: ignore[method-assign]
    engine.apply()
    assert Field.NAME in engine.shop.of("1").values
    assert [state for _, _, state, _ in engine.deliveries() if state != "cancelled"] == []


def test_a_hold_on_a_person_between_two_batches_keeps_the_account_too(
    engine: Engine, another: Ledger
) -> None:
    engine.shop.customer("9")
    engine.shop.order("8", LONG_AGO, account="9", email="person9@kund.example")
    planned(engine)
    digest = engine.keyer("email", "person9@kund.example")
    once = iter([True])
    engine.shop.before_apply = lambda _tasks: next(once, False) and place(another, digest=digest)
    engine.apply()
    assert Field.EMAIL in engine.shop.of("9", Kind.CUSTOMER).values


def test_a_hold_on_what_is_being_erased_says_so(engine: Engine, another: Ledger) -> None:
    planned(engine)
    seen: list[Reach] = []
    engine.shop.before_apply = lambda tasks: seen.append(place(another, f"#{tasks[0].ref.id}"))
    engine.apply()
    assert (seen[0].records, seen[0].begun, bool(seen[0].plan)) == (1, 1, True)


def test_a_hold_waits_for_a_batch_that_is_being_sealed_and_a_batch_for_a_hold(
    engine: Engine, another: Ledger
) -> None:
    planned(engine, orders=1)
    order: list[str] = []
    placed = threading.Thread(target=lambda: (place(another, "#1"), order.append("held")))
    with engine.ledger.begin() as connection:
        engine.ledger.turn(connection)
        placed.start()
        placed.join(0.3)
        order.append("sealed")
    placed.join(10)
    assert order == ["sealed", "held"]


def test_a_hold_on_a_person_stays_on_the_record_whose_address_is_read_anew(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.pull()
    digest = engine.keyer("email", "person1@kund.example")
    assert place(engine.ledger, digest=digest).records == 1
    held = engine.shop.of("1")
    held.values[Field.EMAIL] = "other@kund.example"
    engine.shop.touch(held)
    engine.pull()
    engine.plan()
    assert ("1", "email_address") not in engine.steps()


def test_a_hold_on_an_address_that_nobody_has_is_on_no_record(engine: Engine) -> None:
    engine.shop.order("1", JUST_NOW)
    engine.pull()
    assert place(engine.ledger, digest=engine.keyer("email", "nobody@kund.example")).records == 0


def test_a_release_frees_the_records_that_a_persons_hold_was_placed_on(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.pull()
    place(engine.ledger, digest=engine.keyer("email", "person1@kund.example"))
    with engine.ledger.begin() as connection:
        Holds(engine.ledger).release(connection, 1, by="Disa Demo")
    engine.plan()
    assert ("1", "email_address") in engine.steps()
