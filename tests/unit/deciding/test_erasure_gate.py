"""Before a platform erases a person with all of their orders, the engine is asked."""

from datetime import date

from connector.deciding.erasure_gate import KEPT, NOT_INDEXED, ON_HOLD, orders_may_go
from connector.ledger.holds import Holds, HoldTerms, On
from connector.ledger.index import Rows
from connector.ledger.unread import Unreads
from connector.ports import Unread
from connector.records import HoldId, Kind, Ref
from tests.engine_support import LAST_YEAR, LONG_AGO, Engine


def _asked(engine: Engine, *ids: str) -> str:
    refs = [Ref(adapter="shop", kind=Kind.ORDER, id=one) for one in ids]
    return orders_may_go(engine.ledger, engine.policy, today=engine.today)(refs)


def test_orders_past_every_floor_may_go(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.pull()
    assert _asked(engine, "1") == ""


def test_one_order_under_its_floor_keeps_the_person(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.shop.order("2", LAST_YEAR)
    engine.pull()
    assert _asked(engine, "1", "2") == KEPT


def test_the_last_day_of_the_floor_still_keeps(engine: Engine) -> None:
    # A calendar year's books of 2018 are kept through 31 December 2025, and through no later day.
    engine.shop.order("1", date(2018, 5, 4))
    engine.pull()
    assert _asked(engine, "1") == ""
    engine.shop.order("2", date(2019, 5, 4))
    engine.pull()
    assert _asked(engine, "2") == KEPT


def test_an_order_that_the_index_has_not_seen_keeps_the_person(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.pull()
    assert _asked(engine, "1", "77") == NOT_INDEXED


def test_an_order_that_could_not_be_read_last_keeps_the_person_whatever_was_known_of_it(
    engine: Engine,
) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.pull()
    lost = Unread(ref=Ref(adapter="shop", kind=Kind.ORDER, id="1"), reason="malformed:refunds")
    with engine.ledger.begin() as connection:
        Unreads(engine.ledger).store(connection, [lost], walk=1)
    assert _asked(engine, "1") == NOT_INDEXED


def test_a_hold_on_one_order_keeps_the_person(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO)
    engine.pull()
    with engine.ledger.begin() as connection:
        [row] = Rows(engine.ledger).find(connection, kind=Kind.ORDER, number="1")
        assert row is not None
        Holds(engine.ledger).add(
            connection,
            HoldTerms(hold=HoldId.LEGAL_CLAIM, reason="claim", owner="Disa Demo", review=engine.today),
            On(record=row.id),
        )
    assert _asked(engine, "1") == ON_HOLD
