"""An account that is itself the newsletter's subscriber stays until its consent ends."""

import pytest

from connector.ledger import schema
from connector.records import Kind
from tests.engine_support import Engine


@pytest.fixture(name="two")
def _two(engine: Engine) -> Engine:
    """Two accounts that nobody uses; the first gets the newsletter."""
    engine.shop.touch(engine.shop.customer("1"), subscribes=True)
    engine.shop.customer("2")
    return engine


def accounts(engine: Engine) -> set[str]:
    return {ref.id for ref in engine.shop.held if ref.kind is Kind.CUSTOMER}


def ran(engine: Engine) -> set[str]:
    """The accounts that are left after a whole run."""
    engine.pull()
    engine.plan()
    engine.apply()
    with engine.ledger.begin() as connection:
        connection.execute(schema.plan.update().values(state="finished"))
    return accounts(engine)


def test_no_run_takes_a_living_subscriber(two: Engine) -> None:
    assert ran(two) == {"1"}


def test_once_the_consent_has_ended_the_account_goes(two: Engine) -> None:
    assert ran(two) == {"1"}
    two.shop.touch(two.shop.of("1", Kind.CUSTOMER), subscribes=False)
    assert ran(two) == set()


def test_who_subscribed_after_the_plan_was_approved_is_not_taken(two: Engine) -> None:
    two.pull()
    two.plan()
    two.approve()
    two.shop.touch(two.shop.of("2", Kind.CUSTOMER), subscribes=True)
    two.apply()
    assert accounts(two) == {"1", "2"}
