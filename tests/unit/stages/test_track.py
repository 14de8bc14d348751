"""Carriers asked which parcels arrived: by turns, and none of their faults ends anything."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy import select

from connector.errors import AccessDenied, RetryLater
from connector.ledger import schema
from connector.records import Facts, Field, Kind, Record
from connector.stages import track as tracking
from connector.stages.track import track
from tests.engine_support import NOON, Engine, Held, MemoryShop

MADE = NOON.date() - timedelta(days=3)
ARRIVED = NOON.date() - timedelta(days=2)
LATER = NOON.date() - timedelta(days=1)


class Carrier:
    """Knows the parcels it is given; says what it was asked."""

    def __init__(self, name: str = "carrier", *, fault: Exception | None = None) -> None:
        self.name = name
        self.fault = fault
        self.asked: list[list[str]] = []

    def delivered(self, numbers: Sequence[str]) -> Iterator[tuple[str, date | None]]:
        self.asked.append(list(numbers))
        for number in numbers:
            yield number, None
        if self.fault is not None:
            raise self.fault


class Arrives(Carrier):
    def delivered(self, numbers: Sequence[str]) -> Iterator[tuple[str, date | None]]:
        self.asked.append(list(numbers))
        yield from ((number, ARRIVED) for number in numbers)
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def waiting(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Five open orders, each with a parcel on its way."""
    inner = MemoryShop.handles

    def handles(self: MemoryShop, held: Held) -> dict[str, tuple[str, ...]]:
        more = {"tracking_number": (f"PARCEL{held.ref.id}",)} if held.ref.kind is Kind.ORDER else {}
        return inner(self, held) | more

    monkeypatch.setattr(MemoryShop, "handles", handles)
    facts = Facts(created=MADE, modified=MADE, status="processing", paid=MADE, payment="card", ship_to="SE")
    for id_ in "12345":
        engine.shop.put(Kind.ORDER, id_, {Field.NAME: "Alva"}, facts, label=f"#{id_}")
    engine.pull()
    engine.plan()  # finds the open orders
    return engine


def asked(engine: Engine, carrier: Carrier) -> list[str]:
    track(engine.ledger, {"shop": engine.shop}, [carrier])  # type: ignore[list-item]
    return [number.removeprefix("PARCEL") for number in carrier.asked[-1]]


def test_each_pull_asks_of_the_next_orders_and_then_round(
    waiting: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "AT_ONCE", 2)
    carrier = Carrier()
    assert [asked(waiting, carrier) for _ in range(4)] == [["1", "2"], ["3", "4"], ["5", "1"], ["2", "3"]]


def test_each_carrier_has_a_turn_of_its_own(waiting: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "AT_ONCE", 2)
    one, other = Carrier("one"), Carrier("other")
    asked(waiting, one)
    assert asked(waiting, other) == ["1", "2"]


FAULTS = [
    RetryLater("later", adapter="carrier", operation="track", after=9999),
    AccessDenied("no", adapter="carrier", operation="track"),
    TypeError("no shipments"), KeyError("items"), RecursionError(), msgspec.DecodeError("x"), OSError(5, "x"),
]  # fmt: skip


def test_no_fault_of_a_carrier_ends_a_pull(waiting: Engine) -> None:
    for fault in FAULTS:
        carriers = [Carrier(fault=fault), Carrier("other")]
        found = track(waiting.ledger, {"shop": waiting.shop}, carriers)  # type: ignore[arg-type]
        assert found.failed == ("carrier",)


def test_what_a_carrier_said_before_it_failed_counts(waiting: Engine) -> None:
    found = track(waiting.ledger, {"shop": waiting.shop}, [Arrives(fault=FAULTS[0])])  # type: ignore[list-item]
    assert (found.arrived, found.failed) == (5, ("carrier",))


def test_a_carrier_that_is_slow_is_left_after_its_time(waiting: Engine) -> None:
    ticks = iter([0.0, 200.0, 301.0])
    found = track(
        waiting.ledger,
        {"shop": waiting.shop},
        [Arrives()],
        clock=lambda: next(ticks),  # type: ignore[list-item]
    )
    assert (found.arrived, found.failed) == (2, ("carrier",))


def test_a_parcel_that_nobody_asked_about_arrives_nowhere(waiting: Engine) -> None:
    class Talkative(Carrier):
        def delivered(self, numbers: Sequence[str]) -> Iterator[tuple[str, date | None]]:
            yield "PARCEL99", ARRIVED

    assert track(waiting.ledger, {"shop": waiting.shop}, [Talkative()]).arrived == 0  # type: ignore[list-item]


class Says(Carrier):
    """Says these days and no others."""

    def __init__(self, **days: date) -> None:
        super().__init__()
        self.days = days

    def delivered(self, numbers: Sequence[str]) -> Iterator[tuple[str, date | None]]:
        yield from ((number, self.days.get(number)) for number in numbers)


def delivered(engine: Engine) -> dict[str, date]:
    """The orders that have arrived, each with its day."""
    with engine.ledger.begin() as connection:
        bodies = connection.scalars(select(schema.record.c.body)).all()
    records = [msgspec.json.decode(body, type=Record) for body in bodies]
    return {one.ref.id: one.facts.delivered for one in records if one.facts.delivered}


def two_parcels(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every order went in two parcels."""
    inner = MemoryShop.handles

    def handles(self: MemoryShop, held: Held) -> dict[str, tuple[str, ...]]:
        return inner(self, held) | {"tracking_number": (f"A{held.ref.id}", f"B{held.ref.id}")}

    monkeypatch.setattr(MemoryShop, "handles", handles)


def test_an_order_has_arrived_with_the_last_of_its_parcels(
    waiting: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_parcels(monkeypatch)
    carrier = Says(A1=ARRIVED, A2=LATER, B2=ARRIVED)
    found = track(waiting.ledger, {"shop": waiting.shop}, [carrier])  # type: ignore[list-item]
    assert found.arrived == 1
    assert delivered(waiting) == {"2": LATER}


@pytest.mark.parametrize("day", [MADE - timedelta(days=1), NOON.date() + timedelta(days=1)])
def test_a_day_before_the_order_or_after_today_is_another_parcel_s(waiting: Engine, day: date) -> None:
    carrier = Says(PARCEL1=day, PARCEL2=ARRIVED)
    track(waiting.ledger, {"shop": waiting.shop}, [carrier])  # type: ignore[list-item]
    assert delivered(waiting) == {"2": ARRIVED}
