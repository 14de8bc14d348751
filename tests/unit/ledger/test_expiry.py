"""What the ledger forgets after five years, and what never ends by time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from connector.ledger import schema
from connector.ledger.expiry import expire
from tests.engine_support import Engine, make_engine


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
