"""Holds that people place bind by what is true: when planned, and right before a record is touched."""

from datetime import date

import pytest
from sqlalchemy import event, select, update

from connector.deciding.erasure_gate import ON_HOLD, orders_may_go
from connector.errors import LedgerError
from connector.ledger import schema
from connector.ledger.holds import Holds, HoldTerms, On
from connector.ledger.index import Rows
from connector.policy.hold_query import read_query
from connector.records import Field, HoldId, Kind, Outcome, Ref, Wave
from tests.engine_support import JUST_NOW, LONG_AGO, Engine

OLD = "kind=order created<=2015-12-31"
REFUNDED = "kind=order status=refunded"
REVIEW = date(2027, 5, 1)


def hold(engine: Engine, query: str, hold: HoldId = HoldId.LEGAL_CLAIM) -> int:
    """Places a hold on what a query says."""
    with engine.ledger.begin() as connection:
        return Holds(engine.ledger).add(
            connection,
            HoldTerms(hold=hold, reason="claim", owner="Disa Demo", review=REVIEW),
            On(query=read_query(query)),
        )


def hold_order(engine: Engine, number: str) -> int:
    """Places a hold on one order."""
    with engine.ledger.begin() as connection:
        [row] = Rows(engine.ledger).find(connection, kind=Kind.ORDER, number=number)
        return Holds(engine.ledger).add(
            connection,
            HoldTerms(hold=HoldId.LEGAL_CLAIM, reason="claim", owner="Disa Demo", review=REVIEW),
            On(record=row.id),
        )


def release(engine: Engine, number: int) -> None:
    with engine.ledger.begin() as connection:
        Holds(engine.ledger).release(connection, number, by="Disa Demo")


def undecided(engine: Engine) -> set[str]:
    """The records that the next plan must look at."""
    table = schema.record
    with engine.ledger.begin() as connection:
        return set(connection.scalars(select(table.c.remote_id).where(table.c.next_due == "")))


def test_a_hold_by_query_keeps_what_it_is_true_of_and_nothing_else(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.shop.order("2", date(2017, 3, 3))
    engine.pull()
    hold(engine, OLD)
    engine.plan()
    assert "1" not in {record for record, wave in engine.steps() if wave == Wave.EMAIL_ADDRESS}
    assert ("2", "email_address") in engine.steps()


def test_a_record_that_is_pulled_later_is_held_too(engine: Engine) -> None:
    hold(engine, OLD)
    engine.shop.order("1", LONG_AGO)
    engine.pull()
    engine.plan()
    assert ("1", "email_address") not in engine.steps()


def test_a_record_that_comes_to_match_is_held_from_then_on(engine: Engine) -> None:
    held = engine.shop.order("1", LONG_AGO)
    engine.pull()
    hold(engine, REFUNDED)
    engine.plan()
    assert ("1", "email_address") in engine.steps()
    engine.shop.touch(held, status="refunded")
    engine.pull()
    engine.plan()
    assert ("1", "email_address") not in engine.steps()


def test_a_record_that_no_longer_matches_is_free(engine: Engine) -> None:
    held = engine.shop.order("1", LONG_AGO)
    engine.shop.touch(held, status="refunded")
    engine.pull()
    hold(engine, REFUNDED)
    engine.plan()
    assert ("1", "email_address") not in engine.steps()
    engine.shop.touch(held, status="completed")
    engine.pull()
    engine.plan()
    assert ("1", "email_address") in engine.steps()


def test_placing_and_releasing_have_only_the_matching_rows_decided_anew(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.shop.order("2", JUST_NOW)
    engine.pull()
    engine.plan()
    assert undecided(engine) == set()
    number = hold(engine, OLD)
    assert undecided(engine) == {"1"}
    engine.plan()
    assert undecided(engine) == set()
    release(engine, number)
    assert undecided(engine) == {"1"}
    engine.plan()
    assert ("1", "email_address") in engine.steps()


def test_a_hold_by_query_placed_between_plan_and_apply_makes_the_step_stale(engine: Engine) -> None:
    held = engine.shop.order("1", LONG_AGO)
    engine.pull()
    engine.plan()
    hold(engine, OLD)
    engine.apply([Wave.EMAIL_ADDRESS])
    assert engine.outcome("1") == Outcome.STALE
    assert Field.NAME in held.values


def test_a_record_that_comes_to_match_right_before_it_is_touched_is_stale(engine: Engine) -> None:
    held = engine.shop.order("1", LONG_AGO)
    engine.pull()
    hold(engine, REFUNDED)
    engine.plan()
    engine.shop.touch(held, status="refunded")
    engine.apply([Wave.EMAIL_ADDRESS])  # without a pull: the record is read when it is fetched
    assert engine.outcome("1") == Outcome.STALE
    assert Field.NAME in held.values


def dormant_buyer(engine: Engine) -> None:
    """An account that is due, and the old order of its owner."""
    engine.shop.customer("9")
    engine.shop.order("1", LONG_AGO, account="9", email="person9@kund.example")
    engine.pull()
    engine.plan()
    assert engine.outcome("9", Wave.ACCOUNTS) == "planned"


def test_a_hold_on_an_order_after_the_plan_keeps_the_persons_account_too(engine: Engine) -> None:
    dormant_buyer(engine)
    hold_order(engine, "#1")
    engine.apply()
    assert engine.outcome("9", Wave.ACCOUNTS) == Outcome.STALE


def test_a_hold_by_query_after_the_plan_keeps_the_persons_account_too(engine: Engine) -> None:
    dormant_buyer(engine)
    hold(engine, OLD)
    engine.apply()
    assert engine.outcome("9", Wave.ACCOUNTS) == Outcome.STALE


def test_an_order_that_comes_to_match_after_the_plan_keeps_the_persons_account_too(engine: Engine) -> None:
    hold(engine, REFUNDED)
    dormant_buyer(engine)
    order = engine.shop.of("1")
    engine.shop.touch(order, status="refunded")
    engine.pull()
    engine.apply()
    assert engine.outcome("9", Wave.ACCOUNTS) == Outcome.STALE


def test_a_purchase_pulled_after_the_plan_keeps_the_account_at_apply(engine: Engine) -> None:
    engine.shop.customer("9")
    engine.pull()
    engine.plan()
    engine.shop.order("1", JUST_NOW, account="9", email="person9@kund.example")
    engine.pull()
    engine.apply()
    assert engine.outcome("9", Wave.ACCOUNTS) == Outcome.STALE


def test_a_released_hold_lets_the_account_go_with_the_next_plan(engine: Engine) -> None:
    dormant_buyer(engine)
    number = hold(engine, OLD)
    engine.plan()
    assert ("9", "accounts") not in engine.steps()
    release(engine, number)
    engine.plan()
    assert ("9", "accounts") in engine.steps()


def test_a_hold_by_query_keeps_a_platforms_own_erasure_from_the_order(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.pull()
    hold(engine, OLD)
    may_go = orders_may_go(engine.ledger, engine.policy, today=engine.today)
    assert may_go([Ref(adapter="shop", kind=Kind.ORDER, id="1")]) == ON_HOLD


def test_the_list_says_what_each_hold_is_on(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.pull()
    hold_order(engine, "#1")
    hold(engine, OLD)
    with engine.ledger.begin() as connection:
        listed = Holds(engine.ledger).list(connection)
    assert [(one.by, one.query) for one in listed] == [("order", ""), ("query", OLD)]


def test_the_holds_on_one_record_are_its_own_its_persons_and_the_queries_true_of_it(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.shop.order("2", JUST_NOW)
    engine.pull()
    holds = Holds(engine.ledger)
    with engine.ledger.begin() as connection:
        person = holds.add(
            connection,
            HoldTerms(hold=HoldId.REQUEST, reason="request", owner="Disa Demo", review=REVIEW),
            On(digest=engine.keyer("email", "person1@kund.example"), key=engine.key),
        )
    own, asked = hold_order(engine, "#1"), hold(engine, OLD)
    with engine.ledger.begin() as connection:
        found = {
            number: [one.id for one in holds.on_row(connection, row)]
            for number in ("#1", "#2")
            for row in Rows(engine.ledger).find(connection, kind=Kind.ORDER, number=number)
        }
    assert found == {"#1": [person, own, asked], "#2": []}


def test_a_query_that_cannot_be_read_stops_everything_and_can_still_be_released(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.pull()
    number = hold(engine, OLD)
    with engine.ledger.begin() as connection:
        connection.execute(update(schema.hold).values(query="kind=order colour=red"))
    with pytest.raises(LedgerError, match="cannot be read by this version"):
        engine.plan()
    release(engine, number)
    engine.plan()
    assert ("1", "email_address") in engine.steps()


def statements(engine: Engine, query: str) -> int:
    """How many SQL statements it takes to place a hold."""
    counted: list[str] = []
    event.listen(
        engine.ledger.engine, "before_cursor_execute", lambda _c, _cursor, text, *_rest: counted.append(text)
    )
    hold(engine, query)
    return len(counted)


def test_placing_a_hold_costs_no_statement_per_row(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.pull()
    few = statements(engine, OLD)
    for number in range(2, 202):
        engine.shop.order(str(number), LONG_AGO)
    engine.pull()
    assert statements(engine, OLD) == few
