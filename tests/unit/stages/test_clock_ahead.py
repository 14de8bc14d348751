"""A clock set ahead since the last pull: nothing is forgotten, and no warning dated, by its word."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import ClockUnsure, GallraError
from connector.identity import make_keyer
from connector.stages.run import run_shop
from connector.stages.warn.told import record_warned
from connector.views.lint.refusing import must_be_sound
from tests.engine_support import SUBJECT_KEY, MemoryShop
from tests.unit.stages.opened import Opened

SIX_YEARS = timedelta(days=6 * 366)


class Timed(MemoryShop):
    """A shop that tells the time of its own clock."""

    now: datetime

    def service_time(self) -> datetime:
        """Its own clock."""
        return self.now


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A shop whose first plan was made just now."""
    made = Opened(tmp_path)
    memory = Timed(make_keyer(SUBJECT_KEY), name="woocommerce")
    memory.now = made.clock.now
    memory.order("1")
    made.memory = memory
    made.planned()
    return made


def plans(opened: Opened) -> int:
    """How many plans the ledger remembers."""
    with opened.open().ledger.begin() as connection:
        return int(connection.exec_driver_sql("select count(*) from plan").scalar() or 0)


def test_a_run_by_a_clock_set_ahead_forgets_no_plan(opened: Opened) -> None:
    before = plans(opened)
    opened.clock.now += SIX_YEARS
    with pytest.raises(GallraError):
        run_shop(opened.open(), must_be_sound)
    assert plans(opened) == before


def test_a_run_whose_clocks_agree_forgets_a_plan_of_six_years_ago(opened: Opened) -> None:
    opened.clock.now += SIX_YEARS
    opened.memory.now = opened.clock.now  # type: ignore[attr-defined]
    shop = opened.open()
    code = str(opened.gallra("show", "--json").json["digest"])
    run_shop(shop, must_be_sound)
    with shop.ledger.begin() as connection:
        assert code not in {row[0] for row in connection.exec_driver_sql("select digest from plan")}


def test_no_warning_is_dated_by_a_clock_that_stands_before_the_last_pull(opened: Opened) -> None:
    opened.clock.now -= timedelta(days=40)
    with pytest.raises(ClockUnsure):
        record_warned(opened.open(), ["9"], by="Disa Demo", on=opened.clock.now.date())
