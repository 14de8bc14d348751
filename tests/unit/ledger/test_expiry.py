"""How long the ledger keeps its own log, what the books lean on (schedule T-62), what never ends by time."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from connector.ledger import schema
from connector.ledger.expiry import expire
from connector.ledger.states import PlanState
from tests.engine_support import Engine, make_engine

FIVE_YEARS_ON, TEN_YEARS_ON, AFTER_THE_FLOOR = date(2032, 1, 2), date(2036, 12, 31), date(2037, 1, 1)


def planned(engine: Engine) -> None:
    """A plan of two orders that was carried out, in 2026."""
    engine.shop.order("1")
    engine.shop.order("2")
    engine.pull()
    engine.plan()
    with engine.ledger.begin() as connection:
        assert str(connection.scalar(select(schema.plan.c.created)))[:4] == "2026"
        connection.execute(update(schema.plan).values(state=PlanState.FINISHED))
        connection.execute(update(schema.step).values(outcome="done"))
        engine.ledger.event(connection, "apply_started", waves=[], archived=[{"year": "2024"}])
        engine.ledger.event(connection, "pending")


def deleted(engine: Engine, remote_id: str) -> None:
    """One of the orders went whole."""
    with engine.ledger.begin() as connection:
        one = schema.step.c.remote_id == remote_id
        connection.execute(update(schema.step).where(one).values(action="delete"))


def left(engine: Engine, today: date) -> tuple[int, list[str], list[str]]:
    """Plans, the orders of their steps, and the types of events, once the log is cut to its time."""
    with engine.ledger.begin() as connection:
        expire(engine.ledger, connection, today=today)
        plans = list(connection.scalars(select(schema.plan.c.id)))
        steps = sorted(set(connection.scalars(select(schema.step.c.label))))
        types = sorted(set(connection.scalars(select(schema.event.c.type))))
    return len(plans), steps, [one for one in types if one in ("apply_started", "pending")]


def test_after_five_years_a_plan_and_its_steps_are_gone(engine: Engine) -> None:
    planned(engine)
    plans, steps, _ = left(engine, FIVE_YEARS_ON)
    assert (plans, steps) == (0, [])


def test_the_number_of_an_order_that_went_whole_lives_to_the_end_of_the_longest_floor(engine: Engine) -> None:
    planned(engine)
    deleted(engine, "1")
    assert left(engine, FIVE_YEARS_ON)[:2] == (1, ["#1"])
    assert left(engine, TEN_YEARS_ON)[:2] == (1, ["#1"])
    assert left(engine, AFTER_THE_FLOOR)[:2] == (0, [])


def test_where_the_vouchers_were_said_to_lie_outlives_the_log(engine: Engine) -> None:
    planned(engine)
    assert left(engine, FIVE_YEARS_ON)[2] == ["apply_started"]
    assert left(engine, TEN_YEARS_ON)[2] == ["apply_started"]
    assert left(engine, AFTER_THE_FLOOR)[2] == []


@pytest.fixture(name="erased")
def _erased(tmp_path: Path) -> Iterator[Engine]:
    """An order that was erased and read back; its recipient has not been told."""
    engine = make_engine(tmp_path)
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    engine.apply()
    yield engine
    engine.ledger.engine.dispose()


def plans_after_six_years(engine: Engine) -> int:
    engine.clock.turn(days=6 * 366)
    with engine.ledger.begin() as connection:
        expire(engine.ledger, connection, today=engine.today)
        return int(connection.scalar(select(func.count()).select_from(schema.plan)) or 0)


def test_a_plan_that_is_done_with_is_forgotten_after_five_years(erased: Engine) -> None:
    erased.push()
    erased.verify()
    assert plans_after_six_years(erased) == 0


def test_what_a_recipient_is_still_to_be_told_is_never_forgotten_by_time(erased: Engine) -> None:
    assert plans_after_six_years(erased) == 1
    assert [sealed for *_, sealed in erased.deliveries()] == [True]


def test_an_erasure_that_a_platform_took_on_is_never_forgotten_by_time(tmp_path: Path) -> None:
    engine = make_engine(tmp_path)
    engine.recipients = []
    engine.shop.order("1")
    engine.shop.accepts = {"1": engine.today}
    engine.pull()
    engine.plan()
    engine.apply()
    assert plans_after_six_years(engine) == 1
    engine.ledger.engine.dispose()
