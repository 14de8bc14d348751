"""What absence is held against: records that live, and some that are known to hold a person."""

from collections.abc import Callable
from copy import copy

from msgspec.structs import replace

from connector.ports import Controls
from connector.records import Field, Kind
from connector.services.controls import PERSONS, holding
from tests.engine_support import JUST_NOW, Engine, MemoryShop


class Asking(MemoryShop):
    """A platform that asks what absence is held against."""

    asked: Callable[[Kind], Controls]

    def holding_against(self, controls: Callable[[Kind], Controls]) -> "Asking":
        """The same platform with the question kept."""
        other = copy(self)
        other.asked = controls
        return other


def known(engine: Engine) -> Controls:
    platform = Asking(lambda kind, value: None)
    platform.name = engine.shop.name
    held = holding(lambda: engine.ledger, platform)
    assert isinstance(held, Asking)
    return held.asked(Kind.ORDER)


def test_what_needs_no_controls_is_the_same_platform(engine: Engine) -> None:
    assert holding(lambda: engine.ledger, engine.shop) is engine.shop


def test_a_control_that_holds_a_person_is_one_that_no_step_touches(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("2", JUST_NOW)
    engine.pull()
    assert {ref.id for ref in known(engine).held} == {"1", "2"}
    engine.plan()
    held = known(engine).held
    assert {ref.id for ref in held} == {"2"}
    assert all(bits and not bits & ~PERSONS for bits in held.values())


def test_what_runs_out_is_told_by_its_last_day_and_by_the_newest_that_live(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("2", JUST_NOW)
    engine.pull()
    told = known(engine)
    assert [ref.id for ref in told.newest] == ["2", "1"]
    last = told.last_days([*told.newest, replace(told.newest[0], id="3")])
    facts = engine.shop.of("2").facts
    assert {ref.id for ref in last} == {"1", "2"}
    assert last[told.newest[0]] == max(filter(None, (facts.created, facts.modified)))


def test_a_record_without_a_person_is_no_such_control(engine: Engine) -> None:
    engine.shop.order("1").values = {Field.IP_ADDRESS: "192.0.2.1"}
    engine.pull()
    assert not known(engine).held
