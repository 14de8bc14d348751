"""Two scopes of plans live side by side: nothing done in one reaches the other's plans or steps."""

from contextlib import suppress
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text

from connector.deciding import guards
from connector.ledger import schema
from connector.ledger.holds import Holds, HoldTerms, On
from connector.ledger.plans import Approval, Plans
from connector.ledger.states import PlanState
from connector.plan import sealed
from connector.records import HoldId, Wave
from tests.engine_support import Engine, make_engine

SCOPES = ("nightly", "request 1")
ACTS = ("draft", "seal", "begin", "finish", "give up")
Rows = list[tuple[object, ...]]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A shop with one order planned."""
    made = make_engine(tmp_path)
    made.shop.order("1")
    made.pull()
    made.plan()
    return made


def plans_of(connection: Connection, scope: str) -> Rows:
    asked = text(
        "SELECT p.id, p.state, p.digest, (SELECT count(*) FROM step WHERE plan = p.id), "
        "(SELECT count(*) FROM approval WHERE plan = p.id) FROM plan p WHERE scope = :scope ORDER BY p.id"
    )
    return [tuple(row) for row in connection.execute(asked, {"scope": scope})]


def act(engine: Engine, connection: Connection, what: str, scope: str) -> None:
    """One thing done to the newest plan of a scope, where it stands so that it may be done."""
    plans = Plans(engine.ledger)
    if what == "draft":
        plans.begin_draft(connection, scope=scope)
        return
    states = {"seal": PlanState.DRAFT, "begin": PlanState.OPEN}.get(what, PlanState.BEGUN)
    asked = text("SELECT max(id) FROM plan WHERE scope = :scope AND state = :state")
    plan_id = connection.scalar(asked, {"scope": scope, "state": states})
    if plan_id is None:
        return
    if what == "seal":
        made = plans.need(connection, _code(connection))[1]
        plans.seal(connection, plan_id, sealed(msgspec.structs.replace(made, tool=f"{scope} {plan_id}")))
        word = Approval(wave=Wave.TRACES, digest=made.digest, person="Disa Demo", role="owner")
        plans.approve(connection, plan_id, word)
    else:
        ends = {"begin": PlanState.BEGUN, "finish": PlanState.FINISHED, "give up": PlanState.ABANDONED}
        plans.set_state(connection, plan_id, ends[what])


def _code(connection: Connection) -> str:
    """The first plan that was made by deciding, whose header others are made from."""
    return str(
        connection.scalar(
            select(schema.plan.c.digest)
            .where(schema.plan.c.header != b"")
            .order_by(schema.plan.c.id)
            .limit(1)
        )
    )[:8]


class Undone(Exception):
    """Ends a transaction without keeping any of it."""


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A ledger whose one plan lends its header to the plans of both scopes, and is never replaced."""
    made = make_engine(tmp_path_factory.mktemp("lent"))
    made.shop.order("1")
    made.pull()
    made.plan()
    with made.ledger.begin() as connection:
        connection.execute(text("UPDATE plan SET scope = 'lent', state = 'finished'"))
    return made


@given(st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(SCOPES)), min_size=1, max_size=12))
def test_nothing_done_in_one_scope_changes_a_plan_of_the_other(
    lent: Engine, acts: list[tuple[str, str]]
) -> None:
    with suppress(Undone), lent.ledger.begin() as connection:
        for what, scope in acts:
            [other] = [one for one in SCOPES if one != scope]
            before = plans_of(connection, other)
            act(lent, connection, what, scope)
            assert plans_of(connection, other) == before
        raise Undone


def test_each_scope_finds_its_own_plan_and_its_own_begun_ones(lent: Engine) -> None:
    plans = Plans(lent.ledger)
    with suppress(Undone), lent.ledger.begin() as connection:
        for scope in SCOPES:
            for what in ("draft", "seal", "begin"):
                act(lent, connection, what, scope)
        for scope in SCOPES:
            current = plans.current(connection, scope=scope)
            assert current is not None
            assert [one.id for one in plans.begun(connection, scopes=(scope,))] == [current[0]]
        raise Undone


def test_a_hold_takes_a_record_out_of_a_plan_whose_digest_stays(engine: Engine) -> None:
    plans = Plans(engine.ledger)
    engine.approve()
    with engine.ledger.begin() as connection:
        row = next(plans.steps(connection, engine.plan_id)).record
        Holds(engine.ledger).add(
            connection,
            HoldTerms(
                hold=HoldId.LEGAL_CLAIM, reason="taken out", owner="Disa Demo", review=date(2027, 1, 1)
            ),
            On(record=row),
        )
        plan_id, plan, _ = plans.need(connection)
        guards.must_be_whole(plans, connection, plan_id, plan)
    engine.apply()
    assert not engine.shop.written
    assert set(engine.steps().values()) == {("closed", "stale")}
