"""A begun plan has one way out: what had begun is read back, told of or wiped; the protocol is written."""

import itertools
from pathlib import Path

import pytest

from connector.errors import Exit, RetryLater
from connector.ledger.plans import Plans, StepRow
from connector.records import FIELD_BITS, Field, Kind, Outcome
from connector.stages.abandon import abandon
from tests.engine_support import Crash, Engine, Mortal
from tests.unit.stages.opened import Opened


def begun(engine: Engine, *, after: int) -> Engine:
    """Six orders are being erased when the process ends after so many writes."""
    for number in range(6):
        engine.shop.order(str(number))
    engine.pull()
    engine.plan()
    engine.shop.mortal = dies_after(after)
    with pytest.raises(Crash):
        engine.apply()
    engine.shop.mortal = Mortal()
    return engine


def dies_after(writes: int) -> Mortal:
    written = itertools.count(1)

    class Ends(Mortal):
        def step(self, what: str = "") -> None:
            if what == "after a write" and next(written) == writes:
                raise Crash

    return Ends()


def give_up(engine: Engine) -> tuple[int, int]:
    result = abandon(engine.ledger, engine.outbox, {engine.shop.name: engine.shop})
    return result.done, result.wiped


def steps(engine: Engine, plan_id: int) -> list[StepRow]:
    with engine.ledger.begin() as connection:
        return list(Plans(engine.ledger).steps(connection, plan_id))


def test_what_was_done_of_a_plan_that_is_given_up_is_told_and_the_rest_is_wiped(engine: Engine) -> None:
    begun(engine, after=3)
    plan_id = engine.plan_id
    done, wiped = give_up(engine)
    assert done
    assert wiped
    assert {ref for _, ref, state, _ in engine.deliveries() if state == "ready"} == {"0", "1", "2"}
    assert {(state, sealed) for _, ref, state, sealed in engine.deliveries() if ref in "345"} == {
        ("cancelled", False)
    }
    outcomes = {row.step.ref.id: row.outcome for row in steps(engine, plan_id)}
    assert outcomes == {id: Outcome.DONE if id in "012" else Outcome.STALE for id in "012345"}


def test_what_was_not_done_is_planned_anew_and_what_was_done_is_not(engine: Engine) -> None:
    begun(engine, after=3)
    give_up(engine)
    engine.pull()
    engine.plan()
    assert set(engine.planned()) == {"3", "4", "5"}


def test_of_a_record_half_done_only_what_went_is_told(engine: Engine) -> None:
    engine.shop.keeps = {("1", Field.EMAIL)}
    begun(engine, after=2)
    plan_id = engine.plan_id
    give_up(engine)
    [row] = [r for r in steps(engine, plan_id) if r.step.ref.id == "1" and r.outcome == Outcome.STALE]
    assert row.done & FIELD_BITS[Field.NAME]
    assert not row.done & FIELD_BITS[Field.EMAIL]
    assert [state for _, ref, state, _ in engine.deliveries() if ref == "1"] == ["cancelled"]


def test_a_plan_is_not_given_up_while_a_begun_record_cannot_be_read(engine: Engine) -> None:
    begun(engine, after=3)
    engine.shop.unreadable = {"4"}
    with pytest.raises(RetryLater, match="#4"):
        give_up(engine)
    assert ("mailer", "4", "held", True) in engine.deliveries()
    assert engine.steps()["4", "email_address"][1] == "begun"
    engine.shop.unreadable = set()
    give_up(engine)
    assert not any(state == "held" for _, _, state, _ in engine.deliveries())


def test_a_deletion_that_was_done_stays_done_when_its_plan_is_given_up(engine: Engine) -> None:
    for number in range(3):
        engine.shop.customer(f"9{number}")
    engine.pull()
    engine.plan()
    engine.shop.mortal = dies_after(2)
    with pytest.raises(Crash):
        engine.apply()
    engine.shop.mortal = Mortal()
    plan_id = engine.plan_id
    give_up(engine)
    outcomes = {row.step.ref.id: row.outcome for row in steps(engine, plan_id)}
    assert outcomes == {"90": Outcome.DONE, "91": Outcome.DONE, "92": Outcome.STALE}
    engine.plan()
    assert set(engine.planned()) == {"92"}


def test_giving_up_ends_the_same_wherever_the_process_ended(engine: Engine) -> None:
    begun(engine, after=3)
    engine.shop.mortal = Mortal(1)
    with pytest.raises(Crash):
        give_up(engine)
    engine.shop.mortal = Mortal()
    give_up(engine)
    assert {ref for _, ref, state, _ in engine.deliveries() if state == "ready"} == {"0", "1", "2"}


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    """A shop whose plan has begun, and whose policy has changed since."""
    made = Opened(tmp_path)
    for number in range(4):
        made.memory.order(str(number))
    made.planned()
    made.memory.mortal = dies_after(2)
    with pytest.raises(Crash):
        made.gallra("apply")
    made.memory.mortal = Mortal()
    made.file.write_text(
        made.file.read_text(encoding="utf-8") + '\n[policy.rules."T-09"]\nperiod = "60 days"\n'
    )
    return made


@pytest.mark.parametrize("command", ["apply", "run"])
def test_a_begun_plan_under_another_policy_names_the_way_out(shop: Opened, command: str) -> None:
    said = shop.gallra(command)
    assert said.code == 5
    assert "gallra plan --abandon" in said.err + said.out


def test_a_plan_that_is_given_up_gets_its_protocol_with_what_was_read_back(shop: Opened) -> None:
    said = shop.gallra("plan", "--abandon")
    assert said.code == 0, said.err
    [name] = shop.protocols
    text = (shop.folder / "reports" / name).read_text(encoding="utf-8")
    assert '"clean":2' in text.replace(" ", "")
    assert "abandoned" in text
    assert shop.memory.of("3", Kind.ORDER).values
    assert shop.gallra("run").code in (0, 4)


def test_what_is_left_at_the_read_back_of_a_plan_given_up_is_named_and_gives_the_exit_code(
    tmp_path: Path,
) -> None:
    shop = Opened(tmp_path)
    for number in range(4):
        shop.memory.order(str(number))
    shop.planned()
    shop.memory.fails_after, shop.memory.fault = 1, RetryLater("Busy.", adapter="w", operation="apply")
    shop.memory.before_apply = lambda tasks: None
    assert shop.gallra("apply").code == Exit.TRY_LATER
    [first] = {id for id, *_ in shop.memory.written[:1]}
    shop.memory.of(first).values[Field.EMAIL] = "back@kund.example"
    said = shop.gallra("plan", "--abandon")
    assert said.code == Exit.DATA_LEFT
    assert "still holds something that was erased" in said.err
