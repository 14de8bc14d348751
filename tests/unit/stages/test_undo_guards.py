"""Whom undo leaves alone: persons who objected, and everybody where the subject key is lost or another."""

import base64
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from connector.deciding.guards import must_be_fresh
from connector.errors import PlanStale, SettingsError, WrongKey
from connector.identity import key_fingerprint
from connector.ledger import schema
from connector.ledger.memory import Memory
from connector.ledger.plans import Plans
from connector.ledger.states import PlanState
from connector.records import Facts, Field, Kind
from connector.shop import Sound
from connector.stages.flow import undo_shop
from tests.engine_support import LAST_YEAR, LONG_AGO, Engine
from tests.unit.stages.opened import ENVIRON, Opened
from tests.unit.stages.undoing import carried_out, copies, planned_undo, ran

LEFT = date(2026, 9, 1)
ADDRESS = "disa@kund.example"
OTHER = bytes(range(100, 132))


@pytest.fixture(name="shop")
def _shop(engine: Engine) -> Engine:
    """A shop that has subscribers too, of whom one has objected and whose contact is gone."""
    engine.shop.kinds = (Kind.ORDER, Kind.CUSTOMER, Kind.SUBSCRIBER)
    facts = Facts(status="unsubscribed", subscribed=LONG_AGO, unsubscribed=LEFT)
    engine.shop.put(Kind.SUBSCRIBER, "s1", {Field.EMAIL: ADDRESS}, facts, label="s1")
    engine.whole()
    engine.clock.turn(days=1)
    return engine


def test_of_an_order_whose_person_objected_no_copy_is_made(shop: Engine) -> None:
    shop.shop.order("1", email=ADDRESS)
    code = ran(shop, "2")
    assert Field.EMAIL not in shop.shop.of("1").values
    assert [one.ref.id for one in copies(shop)] == ["2"]
    assert planned_undo(shop, code).without_copy == 1


def test_whoever_is_left_out_by_an_objection_is_known_by_any_spelling_of_the_address(shop: Engine) -> None:
    shop.shop.order("1", email="  Disa@Kund.Example ")
    ran(shop, "2")
    assert [one.ref.id for one in copies(shop)] == ["2"]


def test_under_a_lost_subject_key_nothing_is_copied_and_nothing_touched(shop: Engine) -> None:
    shop.undo_days = 14
    shop.shop.order("1", email=ADDRESS)
    shop.pull()
    shop.plan()
    shop.changed_by_hand = True
    with shop.ledger.engine.begin() as connection:  # as if the objection was made with the key that is lost
        connection.execute(update(schema.objection).values(key=key_fingerprint(OTHER)))
    with pytest.raises(WrongKey, match="Restore that key"):
        shop.apply()
    assert copies(shop) == []
    assert shop.shop.of("1").values[Field.EMAIL] == ADDRESS


def test_what_was_planned_to_be_restored_is_not_restored_under_another_subject_key(engine: Engine) -> None:
    plan = planned_undo(engine, ran(engine, "1")).plan
    with pytest.raises(PlanStale, match="Another subject key"):
        must_be_fresh(
            plan, PlanState.OPEN, policy_digest=plan.policy_digest, key=key_fingerprint(OTHER),
            now=engine.clock(),
        )  # fmt: skip


def why(engine: Engine, code: str) -> list[str]:
    """Why each step of a plan ended as it did."""
    plans = Plans(engine.ledger)
    with engine.ledger.begin() as connection:
        return [row.reason for row in plans.steps(connection, plans.need(connection, code).id)]


def test_who_objects_after_the_run_is_not_restored_and_the_copy_is_forgotten(engine: Engine) -> None:
    engine.shop.order("1", email=ADDRESS)
    code = ran(engine, "2")
    undoing = planned_undo(engine, code)
    contact = engine.shop.put(Kind.SUBSCRIBER, "s1", {Field.EMAIL: ADDRESS}, Facts(unsubscribed=LEFT))
    memory, objecting = Memory(engine.ledger), [engine.shop.record(contact)]
    with engine.ledger.begin() as connection:
        memory.remember_objections(connection, objecting, key=engine.key)
    assert carried_out(engine, undoing) == 1
    assert Field.EMAIL not in engine.shop.of("1").values
    assert engine.shop.of("2").values[Field.EMAIL]
    assert copies(engine) == []
    assert why(engine, undoing.plan.code) == ["objected_since", ""]


def test_who_objects_by_an_address_that_the_run_left_is_not_restored_either(engine: Engine) -> None:
    engine.shop.order("1", LAST_YEAR, email=ADDRESS, ip_address="192.0.2.7")
    code = ran(engine)
    taken = engine.shop.of("1")
    assert (Field.IP_ADDRESS in taken.values, taken.values[Field.EMAIL]) == (False, ADDRESS)
    undoing = planned_undo(engine, code)
    contact = engine.shop.put(Kind.SUBSCRIBER, "s1", {Field.EMAIL: ADDRESS}, Facts(unsubscribed=LEFT))
    with engine.ledger.begin() as connection:
        objecting = [engine.shop.record(contact)]
        Memory(engine.ledger).remember_objections(connection, objecting, key=engine.key)
    assert carried_out(engine, undoing) == 0
    assert Field.IP_ADDRESS not in engine.shop.of("1").values
    assert why(engine, undoing.plan.code) == ["objected_since"]


def test_with_the_subject_key_lost_or_another_no_undo_is_planned(tmp_path: Path) -> None:
    shop = Opened(tmp_path)
    code = shop.ran("1")
    another = {**ENVIRON, "EGG_SUBJECT": base64.urlsafe_b64encode(OTHER).decode()}
    without = {name: value for name, value in ENVIRON.items() if name != "EGG_SUBJECT"}
    for environ, fault in ((without, SettingsError), (another, WrongKey)):
        opened = shop.open(environ=environ)
        sound = Sound(shop.open().written.digest)
        with pytest.raises(fault):
            undo_shop(opened, sound, code)
    assert Field.NAME not in shop.memory.of("1").values
    assert shop.gallra("undo", code).code == 0, "the right key finds the run and its copy as they were"
