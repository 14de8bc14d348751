"""Plans and steps stand in known states and move along known arrows; the database refuses the rest."""

from pathlib import Path

import pytest
from sqlalchemy import text

from connector.errors import LedgerError
from connector.ledger.plans import Plans
from connector.ledger.states import PLAN_ARROWS, STEP_ARROWS, PlanState, StepState
from connector.ports import Receipt
from connector.records import Outcome
from tests.engine_support import Engine, make_engine


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A shop with one order planned."""
    made = make_engine(tmp_path)
    made.shop.order("1")
    made.pull()
    made.plan()
    return made


def test_every_state_has_its_arrows() -> None:
    assert set(PLAN_ARROWS) == set(PlanState)
    assert set(STEP_ARROWS) == set(StepState)


@pytest.mark.parametrize("table", ["plan", "step"])
def test_the_database_refuses_a_state_that_is_none(engine: Engine, table: str) -> None:
    with pytest.raises(LedgerError, match="cannot be read or written"), engine.ledger.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET state = 'half done'"))


@pytest.mark.parametrize("state", [PlanState.FINISHED, PlanState.ABANDONED])
def test_a_plan_that_has_not_begun_does_not_end(engine: Engine, state: PlanState) -> None:
    with pytest.raises(LedgerError, match="gallra status"), engine.ledger.begin() as connection:
        Plans(engine.ledger).set_state(connection, engine.plan_id, state)


def test_a_plan_that_was_given_up_never_begins_again(engine: Engine) -> None:
    plans, plan_id = Plans(engine.ledger), engine.plan_id
    with engine.ledger.begin() as connection:
        plans.set_state(connection, plan_id, PlanState.BEGUN)
        plans.set_state(connection, plan_id, PlanState.ABANDONED)
    with pytest.raises(LedgerError), engine.ledger.begin() as connection:
        plans.set_state(connection, plan_id, PlanState.BEGUN)


def test_the_first_receipt_of_a_step_stands(engine: Engine) -> None:
    plans, plan_id = Plans(engine.ledger), engine.plan_id
    ref = engine.shop.of("1").ref
    with engine.ledger.begin() as connection:
        [seq, *_] = [row.seq for row in plans.steps(connection, plan_id)]
        for outcome in (Outcome.DONE, Outcome.STALE):
            plans.close(connection, plan_id, {seq: Receipt(ref=ref, outcome=outcome)})
        plans.mark_begun(connection, plan_id, [seq])
        [row] = [row for row in plans.steps(connection, plan_id) if row.seq == seq]
    assert (row.state, row.outcome) == (StepState.CLOSED, Outcome.DONE)


def test_a_plan_of_one_scope_destroys_none_of_another(engine: Engine) -> None:
    plans, nightly = Plans(engine.ledger), engine.plan_id
    with engine.ledger.begin() as connection:
        plans.begin_draft(connection, scope="request 1")
        assert list(plans.steps(connection, nightly))
        assert plans.current(connection, states=(PlanState.OPEN,)) is not None
    engine.plan()
    with engine.ledger.begin() as connection:
        found = connection.execute(text("SELECT scope, state FROM plan ORDER BY id")).all()
    assert [tuple(row) for row in found] == [
        ("nightly", "replaced"),
        ("request 1", "draft"),
        ("nightly", "open"),
    ]
